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

"""Where the server listens, what it is called there, and what all answers have.

Whatever comes is answered in the same form, be it no request at all.
"""

import http
import ipaddress
import json
import socket
from typing import Any, Mapping, Optional

from absl import logging
from werkzeug import serving
from werkzeug import wrappers

# A browser that says nothing for so long is let go.
_SECONDS = 30

_POLICY = (
  "default-src 'self'; img-src 'self' blob: data:; style-src 'self';"
  " media-src 'self' blob:; script-src 'self'; object-src 'none';"
  " base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
  'Content-Security-Policy': _POLICY,
  'X-Content-Type-Options': 'nosniff',
  # Not 'no-referrer', by which a browser would hide that we ask ourselves.
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
}

# Hosts that mean every name and number of this machine.
_ALL = ('0.0.0.0', '::')


class Hosts:
  """What browsers call this server: names and numbers of one port."""

  def __init__(self, host: str, port: int):
    """Takes where it listens."""
    name = socket.gethostname()
    own = [name, f'{name}.local'] if host in _ALL else [host]
    self._names = {each.lower() for each in (*own, 'localhost', '127.0.0.1')}
    self._port = str(port)
    self._is_any_number = host in _ALL

  def has(self, host: str) -> bool:
    """Tells whether a Host means this server."""
    name, _, port = host.rpartition(':')
    if not name or host.endswith(']'):
      name, port = host, '80'
    name = name.strip('[]').lower()
    if port != self._port:
      return False
    return name in self._names or (self._is_any_number and _is_number(name))


def _is_number(name: str) -> bool:
  """Tells whether a host is a number, of which no other site can be a name."""
  try:
    ipaddress.ip_address(name)
  except ValueError:
    return False
  return True


def refusal(status: int, message: str) -> wrappers.Response:
  """Answers that something is wrong, in one sentence."""
  words = json.dumps({'error': ' '.join(message.split())[:1000]})
  return wrappers.Response(words, status, content_type='application/json')


class Handler(serving.WSGIRequestHandler):
  """Reads a request, and says nothing of it."""

  timeout = _SECONDS

  def log(self, *unused_args: Any) -> None:
    """Says nothing: a camera asks ten times a second."""

  def version_string(self) -> str:
    """Returns no version: nobody needs to know what is listening."""
    return 'magenta_viz'

  def send_error(
    self,
    code: int,
    message: Optional[str] = None,
    explain: Optional[str] = None,
  ) -> None:
    """Answers what is no request, as all else is answered."""
    del message, explain
    # Of HTTP 0.9, which has no headers, is all that has no version.
    self.request_version = self.protocol_version
    response = refusal(
      code, f'this is no request: {http.HTTPStatus(code).phrase}'
    )
    response.headers.update({**HEADERS, 'Connection': 'close'})
    self.send_response(code)
    for name, value in response.headers.items():
      self.send_header(name, value)
    self.end_headers()
    self.wfile.write(response.get_data())


class Listener(serving.ThreadedWSGIServer):
  """Answers each request in a thread of its own."""

  # Who goes away or falls silent is no news; what fails here is told before.

  def log(self, kind: str, message: str, *args: Any) -> None:
    """Says what became of a connection, to who asks for all of the log."""
    del kind
    logging.debug(message, *args)

  def handle_error(self, *unused_args: Any) -> None:
    """Says that a connection broke off."""
    logging.debug('a connection broke off', exc_info=True)


def listen(host: str, port: int) -> socket.socket:
  """Returns a socket that listens.

  Raises:
    OSError: If nobody may listen there, or somebody does.
  """
  family = socket.AF_INET6 if ':' in host else socket.AF_INET
  try:
    return socket.create_server((host, port), family=family, backlog=128)
  except (OSError, UnicodeError) as error:
    words = getattr(error, 'strerror', None) or error
    raise OSError(
      f"cannot listen at host '{host}', port {port}: {words}; give another"
      ' --host, or --port=0 for a free one'
    ) from error


def reached_at(host: str) -> str:
  """Returns what others call this machine where all of its names will do."""
  if host not in _ALL:
    return host
  family, anywhere = socket.AF_INET, '192.0.2.1'
  if ':' in host:
    family, anywhere = socket.AF_INET6, '2001:db8::1'
  with socket.socket(family, socket.SOCK_DGRAM) as probe:
    try:
      # Sends nothing; it only chooses the way.
      probe.connect((anywhere, 9))
      return str(probe.getsockname()[0])
    except OSError:
      return socket.gethostname()
