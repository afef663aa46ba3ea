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
import json
from pathlib import Path
import secrets
import threading
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from absl import logging
import numpy as np
from werkzeug import exceptions
from werkzeug import serving
from werkzeug import wrappers

from magenta_viz.media import image_files
from magenta_viz.toolbox import drawer
from magenta_viz.toolbox import looking
from magenta_viz.toolbox import pictures
from magenta_viz.toolbox import session as session_lib

# Answers at a time; who asks for more is told to come again.
_MAX_AT_ONCE = 64

# A browser that says nothing for so long is let go.
_SECONDS = 30

_POLICY = (
  "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:;"
  " style-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none';"
  " frame-ancestors 'none'"
)
_HEADERS: Mapping[str, str] = {
  'Content-Security-Policy': _POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
}

_PAGE = Path(__file__).parent / 'page'

# Files of the page, by their endings.
_KINDS: Mapping[str, str] = {
  'html': 'text/html; charset=utf-8',
  'css': 'text/css; charset=utf-8',
  'js': 'text/javascript; charset=utf-8',
  'svg': 'image/svg+xml',
}

_BINARY = 'application/octet-stream'
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
    """
    length = self._request.content_length
    if length is None:
      raise exceptions.LengthRequired('say how long the picture is')
    if length > pictures.MAX_BYTES:
      raise exceptions.RequestEntityTooLarge(
        f'the picture has {length} bytes; send {pictures.MAX_BYTES} at most'
      )
    return self._request.get_data(cache=False)

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


def _json(value: Any, status: int = 200) -> wrappers.Response:
  """Answers with JSON."""
  return wrappers.Response(
    json.dumps(value), status, content_type='application/json'
  )


def _png(image: np.ndarray) -> wrappers.Response:
  """Answers with a picture."""
  content = image_files.encode_png(image)
  return wrappers.Response(content, content_type='image/png')


def _framed(header: Mapping[str, Any], content: bytes) -> wrappers.Response:
  """Answers with the length of a header, the header as JSON, and bytes."""
  words = json.dumps(header).encode()
  return wrappers.Response(
    len(words).to_bytes(4, 'little') + words + content, content_type=_BINARY
  )


def _maps(maps: session_lib.Maps) -> wrappers.Response:
  """Answers with a layer's maps."""
  return _framed(maps.header, maps.levels.tobytes())


class Application:
  """Answers requests, of WSGI."""

  def __init__(self, session: Callable[[], session_lib.Session], token: str):
    """Takes what answers.

    Args:
      session: Returns the session, once its networks are read.
      token: Of the address.
    """
    self._session = session
    self._token = token.encode()
    self._at_once = threading.BoundedSemaphore(_MAX_AT_ONCE)
    self.hosts: Tuple[str, ...] = ()
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
      ('GET', 'stored'): lambda s, q: _json({'units': s.stored(**q.layer)}),
      ('GET', 'stored.png'): _stored,
    }

  def __call__(self, environ: Any, start_response: Any) -> Any:
    """Answers a request."""
    request = wrappers.Request(environ)
    if not self._at_once.acquire(blocking=False):
      response = _error(503, 'too many requests at a time; come again')
    else:
      try:
        response = self._respond(request)
      finally:
        self._at_once.release()
    response.headers.update(_HEADERS)
    return response(environ, start_response)

  def _respond(self, request: wrappers.Request) -> wrappers.Response:
    """Answers a request, whatever becomes of it."""
    try:
      return self._answer(request)
    except exceptions.HTTPException as error:
      return _error(error.code or 400, str(error.description))
    except KeyError as error:
      return _error(404, str(error.args[0]))
    except (ValueError, FloatingPointError) as error:
      return _error(400, str(error))
    except (OSError, MemoryError) as error:
      return _error(500, str(error))
    # A fault of ours must not end the server; it is told here and there.
    except Exception as error:  # pylint: disable=broad-except
      logging.exception('cannot answer %s', request.path)
      return _error(500, f'{type(error).__name__}: {error}')

  def _answer(self, request: wrappers.Request) -> wrappers.Response:
    """Answers a request of this server's page."""
    if request.host not in self.hosts:
      raise exceptions.Forbidden('this is not the host that is asked for')
    token, _, path = request.path[1:].partition('/')
    if not hmac.compare_digest(token.encode(), self._token):
      raise exceptions.NotFound('open the whole address, as the command says')
    origin = request.headers.get('Origin')
    if origin is not None and origin not in [f'http://{h}' for h in self.hosts]:
      raise exceptions.Forbidden('another site may not ask')
    if path == '' or path.startswith('static/'):
      return _file(path[len('static/') :] or 'index.html')
    answer = self._answers.get((request.method, path[len('api/') :]))
    if answer is None or not path.startswith('api/'):
      raise exceptions.NotFound(f'there is nothing at {path[:80]}')
    found: wrappers.Response = answer(self._session(), _Question(request))
    return found


def _error(status: int, message: str) -> wrappers.Response:
  """Answers that something is wrong, in one sentence."""
  return _json({'error': ' '.join(message.split())[:1000]}, status)


def _file(name: str) -> wrappers.Response:
  """Answers with a file of the page."""
  stem, _, ending = name.rpartition('.')
  # Plain names alone: no folders, and nothing above.
  is_plain = stem.replace('_', 'a').replace('-', 'a').isalnum()
  path = _PAGE / name
  if not is_plain or ending not in _KINDS or not path.is_file():
    raise exceptions.NotFound(f'the page has no file {name[:80]}')
  content = path.read_bytes()
  return wrappers.Response(content, content_type=_KINDS[ending])


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


class _Handler(serving.WSGIRequestHandler):
  """Reads a request, and says nothing of it."""

  timeout = _SECONDS

  def log(self, *unused_args: Any) -> None:
    """Says nothing: a camera asks ten times a second."""


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
    application = Application(session, token)
    self._server = serving.ThreadedWSGIServer(
      host, port, application, handler=_Handler
    )
    shown = f'[{host}]' if ':' in host else host
    named = {shown, 'localhost', '127.0.0.1'}
    application.hosts = tuple(f'{each}:{self._server.port}' for each in named)
    self.address = f'http://{shown}:{self._server.port}/{token}/'

  def serve(self) -> None:
    """Answers until `stop`."""
    self._server.serve_forever()

  def stop(self) -> None:
    """Ends `serve`, and listens no more."""
    self._server.shutdown()
    self._server.server_close()
