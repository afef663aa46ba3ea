# Copyright 2026 The magenta_viz Authors.
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""Puts a session on HTTP, for the page and nobody else.

Whoever knows the token in the address may ask; no other site may, whatever a
browser is told: the Host must be this server's, there are no CORS headers, and
the page's own policy lets in nothing from elsewhere.
"""

import hmac
import http.server
import json
from pathlib import Path
import secrets
import socket
import threading
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from absl import logging
import numpy as np
from werkzeug import exceptions
from werkzeug import wrappers

from magenta_viz.media import image_files
from magenta_viz.media import pages
from magenta_viz.toolbox import drawer
from magenta_viz.toolbox import keepsake
from magenta_viz.toolbox import listening
from magenta_viz.toolbox import looking
from magenta_viz.toolbox import pictures
from magenta_viz.toolbox import session as session_lib

# Answers at a time; who asks for more is told to come again.
_MAX_AT_ONCE = 64

# Between two looks whether to end, in seconds.
_GLANCE = 0.1

_PAGE = Path(__file__).parent / 'page'

# Files of the page, by their endings.
_KINDS: Mapping[str, str] = {
  'html': 'text/html; charset=utf-8',
  'css': 'text/css; charset=utf-8',
  'js': 'text/javascript; charset=utf-8',
  'svg': 'image/svg+xml',
}

_BINARY = 'application/octet-stream'

# Where the answers and the page's files are.
_API = 'api/'
_STATIC = 'static/'

_MAX_TEXT = 400


class _Question:
  """What a request asks for."""

  def __init__(self, request: wrappers.Request):
    """Takes the request."""
    self._request = request
    self._args = request.args

  @property
  def content(self) -> bytes:
    """The bytes that were sent.

    Raises:
      RequestEntityTooLarge, LengthRequired: If they are too many, or nobody
        says how many.
      RequestTimeout: If not all of them come.
    """
    length = self._request.content_length
    if length is None:
      raise exceptions.LengthRequired('say how long the picture is')
    if length > pictures.MAX_BYTES:
      raise exceptions.RequestEntityTooLarge(
        f'the picture has {length} bytes; send {pictures.MAX_BYTES} at most'
      )
    try:
      return self._request.get_data(cache=False)
    except (exceptions.ClientDisconnected, socket.timeout) as error:
      message = 'the picture did not come whole'
      raise exceptions.RequestTimeout(message) from error

  def text(self, name: str, default: Optional[str] = None) -> str:
    """Returns a parameter."""
    found = self._args.get(name, default)
    if found is None or len(found) > _MAX_TEXT:
      raise ValueError(f'the parameter {name} is missing or too long')
    return found

  def number(self, name: str, default: Optional[int] = None) -> int:
    """Returns a parameter that is a whole number from 0 on."""
    found = self._args.get(name)
    if found is None and default is not None:
      return default
    if found is None or not (found.isascii() and found.isdecimal()):
      raise ValueError(f'the parameter {name} must be a whole number from 0 on')
    if len(found) > 9:
      raise ValueError(f'the parameter {name} is too large')
    return int(found)

  def has(self, name: str) -> bool:
    """Tells whether there is a parameter."""
    return name in self._args

  @property
  def address(self) -> str:
    """What the page's own address ends with, to see the same."""
    return '#' + self._request.query_string.decode('utf-8', 'replace')

  @property
  def position(self) -> Optional[Tuple[int, int]]:
    """Row and column of a map, if they are asked for."""
    if not self.has('y') and not self.has('x'):
      return None
    return self.number('y'), self.number('x')

  @property
  def off(self) -> List[looking.Unit]:
    """The units that are switched off: LAYER:UNIT,LAYER:UNIT."""
    found = []
    for word in filter(None, self._args.get('off', '').split(',')):
      layer, _, channel = word.rpartition(':')
      if not (channel.isascii() and channel.isdecimal() and len(channel) < 10):
        raise ValueError(f"off has '{word[:80]}'; give LAYER:UNIT")
      found.append(looking.Unit(layer, int(channel)))
    return found

  @property
  def unit(self) -> Dict[str, Any]:
    """Network, layer and channel."""
    return {
      'network': self.number('network', 0),
      'layer': self.text('layer'),
      'channel': self.number('unit'),
    }

  @property
  def layer(self) -> Dict[str, Any]:
    """Network and layer."""
    return {
      'network': self.number('network', 0),
      'layer': self.text('layer'),
    }


def _text(value: Any) -> str:
  """Returns JSON, which knows no number that is not finite.

  Raises:
    FloatingPointError: If there is one.
  """
  try:
    return json.dumps(value, allow_nan=False)
  except ValueError as error:
    raise FloatingPointError(
      'what the network makes of it is not finite; take --precision=float32,'
      ' or other weights'
    ) from error


def _json(value: Any, status: int = 200) -> wrappers.Response:
  """Answers with JSON."""
  return wrappers.Response(
    _text(value), status, content_type='application/json'
  )


def _png(image: np.ndarray) -> wrappers.Response:
  """Answers with a picture."""
  content = image_files.encode_png(image)
  return wrappers.Response(content, content_type='image/png')


def _framed(header: Mapping[str, Any], content: bytes) -> wrappers.Response:
  """Answers with the length of a header, the header as JSON, and bytes."""
  words = _text(header).encode()
  return wrappers.Response(
    len(words).to_bytes(4, 'little') + words + content, content_type=_BINARY
  )


def _maps(maps: session_lib.Maps) -> wrappers.Response:
  """Answers with a layer's maps."""
  return _framed(maps.header, maps.levels.tobytes())


class Application:
  """Answers requests, of WSGI."""

  def __init__(
    self,
    session: Callable[[], session_lib.Session],
    token: str,
    hosts: listening.Hosts,
  ):
    """Takes what answers.

    Args:
      session: Returns the session, once its networks are read.
      token: Of the address.
      hosts: That the address may have.
    """
    self._session = session
    self._token = token.encode()
    self._hosts = hosts
    self._at_once = threading.BoundedSemaphore(_MAX_AT_ONCE)
    self._answers: Mapping[Tuple[str, str], Callable[..., Any]] = {
      ('GET', 'start'): lambda s, q: _json(s.start()),
      ('POST', 'pictures'): _add_picture,
      ('GET', 'picture'): lambda s, q: _png(
        s.picture(q.number('network', 0), q.text('picture'))
      ),
      ('POST', 'frame'): lambda s, q: _maps(
        s.frame(
          **q.layer, content=q.content, side=q.number('side', 64), off=q.off
        )
      ),
      ('GET', 'maps'): lambda s, q: _maps(
        s.maps(
          **q.layer,
          picture=q.text('picture'),
          side=q.number('side', 64),
          off=q.off,
        )
      ),
      ('GET', 'unit'): lambda s, q: _json(
        s.unit(
          **q.unit, picture=q.text('picture'), position=q.position, off=q.off
        )
      ),
      ('GET', 'field'): lambda s, q: _json(
        s.field(**q.unit, position=(q.number('y'), q.number('x')))
      ),
      ('GET', 'backward'): lambda s, q: _png(
        s.backward(
          **q.unit,
          picture=q.text('picture'),
          rule=q.text('rule', 'plain'),
          show=q.text('show', 'raw'),
          position=q.position,
        )
      ),
      ('GET', 'drawing'): _drawing,
      ('POST', 'drawing/cancel'): _cancel,
      ('GET', 'tops'): lambda s, q: _json(s.tops(**q.unit)),
      ('GET', 'top.png'): lambda s, q: _png(
        s.top(
          **q.unit,
          end=q.text('end'),
          rank=q.number('rank'),
          show=q.text('show', 'crop'),
        )
      ),
      ('GET', 'dead'): lambda s, q: _json(s.dead(**q.layer)),
      ('GET', 'record'): lambda s, q: _json(_record(s, q)),
      ('GET', 'export'): _export,
      ('GET', 'stored'): lambda s, q: _json({'units': s.stored(**q.layer)}),
      ('GET', 'stored.png'): _stored,
    }

  def __call__(self, environ: Any, start_response: Any) -> Any:
    """Answers a request."""
    request = wrappers.Request(environ)
    if not self._at_once.acquire(blocking=False):
      response = listening.refusal(
        503, 'too many requests at a time; come again'
      )
    else:
      try:
        response = self._respond(request)
      finally:
        self._at_once.release()
    response.headers.update(listening.HEADERS)
    return response(environ, start_response)

  def _respond(self, request: wrappers.Request) -> wrappers.Response:
    """Answers a request, whatever becomes of it."""
    try:
      return self._answer(request)
    except exceptions.HTTPException as error:
      response = listening.refusal(error.code or 400, str(error.description))
      for name, value in error.get_headers():
        if name == 'Allow':
          response.headers[name] = value
      return response
    except KeyError as error:
      return listening.refusal(404, str(error.args[0] if error.args else error))
    except (ValueError, FloatingPointError) as error:
      return listening.refusal(400, str(error))
    except MemoryError:
      return listening.refusal(
        503, 'there is no memory left for it; send less at a time'
      )
    # A fault of ours must not end the server, and files here are nobody else's.
    except Exception:  # pylint: disable=broad-except
      logging.exception('cannot answer what is asked')
      return listening.refusal(
        500, 'it failed here; the program tells why where it runs'
      )

  def _answer(self, request: wrappers.Request) -> wrappers.Response:
    """Answers a request of this server's page."""
    host = request.headers.get('Host', '')
    if not self._hosts.has(host):
      raise exceptions.Forbidden('this is not the host that is asked for')
    token, slash, path = request.path[1:].partition('/')
    is_ours = hmac.compare_digest(token.encode(), self._token)
    if not is_ours or not slash:
      raise exceptions.NotFound('open the whole address, as the command says')
    if request.headers.get('Origin', f'http://{host}') != f'http://{host}':
      raise exceptions.Forbidden('another site may not ask')
    method = 'GET' if request.method == 'HEAD' else request.method
    methods = self._methods(path)
    if not methods:
      raise exceptions.NotFound(f"there is nothing at '{path[:80]}'")
    if method not in methods:
      allowed = ' or '.join(methods)
      raise exceptions.MethodNotAllowed(methods, f'ask for it by {allowed}')
    if not path.startswith(_API):
      return _file(path[len(_STATIC) :] if path else 'index.html')
    answer = self._answers[method, path[len(_API) :]]
    found: wrappers.Response = answer(self._session(), _Question(request))
    return found

  def _methods(self, path: str) -> List[str]:
    """Returns the methods by which something may be asked for."""
    if path.startswith(_API):
      name = path[len(_API) :]
      return [method for method, each in self._answers if each == name]
    return ['GET'] if not path or path.startswith(_STATIC) else []


def _file(name: str) -> wrappers.Response:
  """Answers with a file of the page."""
  # One of those that are there: what is asked for never becomes a path.
  files = {path.name: path for path in _PAGE.iterdir() if path.is_file()}
  kind = _KINDS.get(name.rpartition('.')[-1])
  if name not in files or kind is None:
    raise exceptions.NotFound(f"the page has no file '{name[:80]}'")
  return wrappers.Response(files[name].read_bytes(), content_type=kind)


def _add_picture(
  session: session_lib.Session, question: _Question
) -> wrappers.Response:
  """Takes a picture."""
  key, (height, width) = session.pictures.add(question.content)
  return _json({'picture': key, 'height': height, 'width': width})


def _subject(question: _Question) -> Dict[str, Any]:
  """Returns what is to be drawn."""
  if question.has('class_id'):
    return {
      'network': question.number('network', 0),
      'class_id': question.number('class_id'),
    }
  return question.unit


def _drawing(
  session: session_lib.Session, question: _Question
) -> wrappers.Response:
  """Tells how far a drawing is."""
  found = session.drawing(
    **_subject(question),
    after=question.number('after', 0),
    stored=question.has('stored'),
  )
  header = {
    'state': found.state,
    'step': found.step,
    'num_steps': found.num_steps,
    'score': found.score,
    'error': found.error,
    'command': found.record and found.record.get('command'),
  }
  return _framed(header, found.png)


def _record(
  session: session_lib.Session, question: _Question
) -> Dict[str, Any]:
  """Returns the record of what is seen."""
  return keepsake.record(
    session,
    **question.unit,
    picture=question.text('picture'),
    off=question.off,
    address=question.address,
  )


def _export(
  session: session_lib.Session, question: _Question
) -> wrappers.Response:
  """Answers with what is seen as a page to keep."""
  found = _record(session, question)
  network = question.number('network', 0)
  text = keepsake.page(session, found, network, question.text('picture'))
  response = wrappers.Response(
    pages.unicode(text), content_type='text/html; charset=utf-8'
  )
  response.headers['Content-Disposition'] = (
    'attachment; filename="toolbox.html"'
  )
  return response


def _cancel(
  session: session_lib.Session, unused_question: _Question
) -> wrappers.Response:
  """Ends what is being drawn."""
  session.cancel()
  return _json({})


def _stored(
  session: session_lib.Session, question: _Question
) -> wrappers.Response:
  """Answers with a finished drawing."""
  found = session.drawing(**_subject(question), stored=True)
  if found.state != drawer.DONE:
    raise exceptions.NotFound('it is not drawn yet')
  return wrappers.Response(found.png, content_type='image/png')


class Server:
  """Listens, and answers from threads.

  Attributes:
    address: Of the page, with its token.
  """

  def __init__(
    self,
    session: Callable[[], session_lib.Session],
    host: str = '127.0.0.1',
    port: int = 0,
  ):
    """Begins to listen.

    Args:
      session: Returns the session, once its networks are read.
      host: Name or number of this machine to listen at.
      port: To listen at; 0 for any that is free.

    Raises:
      OSError: If nobody may listen there, or somebody does.
    """
    token = secrets.token_urlsafe(16)
    # Werkzeug would end the program where it cannot listen.
    with listening.listen(host, port) as listener:
      port = listener.getsockname()[1]
      application = Application(session, token, listening.Hosts(host, port))
      self._server = listening.Listener(
        host, port, application, handler=listening.Handler, fd=listener.fileno()
      )
    shown = listening.reached_at(host)
    shown = f'[{shown}]' if ':' in shown else shown
    self.address = f'http://{shown}:{port}/{token}/'

  def serve(self) -> None:
    """Answers until `stop`."""
    # Werkzeug's own looks but twice a second whether it is to end.
    http.server.HTTPServer.serve_forever(self._server, _GLANCE)

  def stop(self) -> None:
    """Ends `serve`, and listens no more."""
    self._server.shutdown()
    self._server.server_close()
