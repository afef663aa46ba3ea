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
from pathlib import Path
import secrets
import threading
from typing import Any, Callable, List, Mapping

from absl import logging
from werkzeug import exceptions
from werkzeug import wrappers

from magenta_viz.toolbox import answers
from magenta_viz.toolbox import listening
from magenta_viz.toolbox import question
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

# Where the answers and the page's files are.
_API = 'api/'
_STATIC = 'static/'


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
    answer = answers.ANSWERS[method, path[len(_API) :]]
    session, asked = self._session(), question.Question(request)
    if asked.step is not None:
      session = session.at(asked.number('network', 0), asked.step)
    found: wrappers.Response = answer(session, asked)
    return found

  def _methods(self, path: str) -> List[str]:
    """Returns the methods by which something may be asked for."""
    if path.startswith(_API):
      name = path[len(_API) :]
      return [method for method, each in answers.ANSWERS if each == name]
    return ['GET'] if not path or path.startswith(_STATIC) else []


def _file(name: str) -> wrappers.Response:
  """Answers with a file of the page."""
  # One of those that are there: what is asked for never becomes a path.
  files = {path.name: path for path in _PAGE.iterdir() if path.is_file()}
  kind = _KINDS.get(name.rpartition('.')[-1])
  if name not in files or kind is None:
    raise exceptions.NotFound(f"the page has no file '{name[:80]}'")
  return wrappers.Response(files[name].read_bytes(), content_type=kind)


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
