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

"""Tests of what weights does when a download fails."""

import contextlib
import http.server
import resource
import socket
import time
from typing import Any, Iterator
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.models import model_spec
from magenta_viz.models import weights
from magenta_viz.testing import weight_server

_SHORT_SECONDS = 0.5


class UnreachableTest(weight_server.WeightsTestCase):
  @contextlib.contextmanager
  def assert_soon(self) -> Iterator[None]:
    """What hangs in these tests hangs for good: any end is the time limit's."""
    start = time.monotonic()
    yield
    self.assertBetween(
      time.monotonic() - start, 0.8 * _SHORT_SECONDS, 6 * _SHORT_SECONDS
    )

  def assert_unreachable(self, source: model_spec.WeightSource) -> str:
    with self.assertRaises(weights.UnreachableError) as caught:
      weights.fetch(source, self.cache, _SHORT_SECONDS, progress=False)
    self.assert_one_line(
      caught.exception, source.origin, 'give it to --checkpoint'
    )
    self.assert_cache_holds()
    return str(caught.exception)

  @parameterized.parameters(404, 500, 503)
  def test_error_status_is_named(self, status: int) -> None:
    self.answers['/bad'] = lambda handler: handler.send_error(status)
    message = self.assert_unreachable(
      weight_server.source(self.address + '/bad')
    )
    self.assertIn(f'HTTP status {status}', message)

  def test_redirects_without_end(self) -> None:
    def redirect(handler: http.server.BaseHTTPRequestHandler) -> None:
      handler.send_response(302)
      handler.send_header('Location', '/loop')
      handler.end_headers()

    self.answers['/loop'] = redirect
    message = self.assert_unreachable(
      weight_server.source(self.address + '/loop')
    )
    self.assertIn('HTTP status 302', message)

  def test_refused_connection(self) -> None:
    with socket.socket() as unused_port:
      unused_port.bind(('127.0.0.1', 0))
      port = unused_port.getsockname()[1]
      message = self.assert_unreachable(
        weight_server.source(f'http://127.0.0.1:{port}/w')
      )
    self.assertIn('Connection refused', message)

  def test_unknown_host(self) -> None:
    with mock.patch.object(
      socket,
      'getaddrinfo',
      side_effect=socket.gaierror(-2, 'Name or service not known'),
    ):
      message = self.assert_unreachable(
        weight_server.source('http://no.such.host/w')
      )
    self.assertIn('Name or service not known', message)

  def test_answer_that_is_not_http(self) -> None:
    def greet(handler: http.server.BaseHTTPRequestHandler) -> None:
      handler.wfile.write(b'hello\n')

    self.answers['/bad'] = greet
    self.assert_unreachable(weight_server.source(self.address + '/bad'))

  def test_name_look_up_that_hangs(self) -> None:
    def look_up(*unused_args: Any, **unused_kwargs: Any) -> None:
      self.over.wait()
      raise socket.gaierror(-2, 'Name or service not known')

    with mock.patch.object(socket, 'getaddrinfo', look_up):
      with self.assert_soon():
        message = self.assert_unreachable(
          weight_server.source('http://some.host/w')
        )
    self.assertIn('time limit 0.5 s', message)

  def test_connection_that_hangs(self) -> None:
    # A full backlog leaves further connections waiting.
    with contextlib.ExitStack() as stack:
      listener = stack.enter_context(socket.socket())
      listener.bind(('127.0.0.1', 0))
      listener.listen(0)
      for _ in range(4):
        client = stack.enter_context(socket.socket())
        client.setblocking(False)
        client.connect_ex(listener.getsockname())
      port = listener.getsockname()[1]
      with self.assert_soon():
        message = self.assert_unreachable(
          weight_server.source(f'http://127.0.0.1:{port}/w')
        )
    self.assertIn('time limit 0.5 s', message)

  def test_server_that_never_answers(self) -> None:
    def wait(unused_handler: http.server.BaseHTTPRequestHandler) -> None:
      self.over.wait()

    self.answers['/mute'] = wait
    with self.assert_soon():
      message = self.assert_unreachable(
        weight_server.source(self.address + '/mute')
      )
    self.assertIn('time limit 0.5 s', message)

  def test_headers_that_drip(self) -> None:
    # No single wait is long enough for a socket's own time-out.
    def drip(handler: http.server.BaseHTTPRequestHandler) -> None:
      handler.wfile.write(b'HTTP/1.0 200 OK\r\n')
      while not self.over.wait(0.1):
        handler.wfile.write(b'X-More: 1\r\n')

    self.answers['/drip'] = drip
    with self.assert_soon():
      self.assert_unreachable(weight_server.source(self.address + '/drip'))

  def test_redirects_that_drag_on(self) -> None:
    def redirect(handler: http.server.BaseHTTPRequestHandler) -> None:
      self.over.wait(0.3)
      handler.send_response(302)
      handler.send_header('Location', f'/slow{len(self.requests)}')
      handler.end_headers()

    self.answers = {f'/slow{i}': redirect for i in range(20)}
    with self.assert_soon():
      self.assert_unreachable(weight_server.source(self.address + '/slow0'))

  def test_stall_in_the_middle(self) -> None:
    def stall(handler: http.server.BaseHTTPRequestHandler) -> None:
      weight_server.send(handler, weight_server.CONTENT[: 1 << 17])
      self.over.wait()

    self.answers['/stall'] = stall
    with self.assert_soon():
      message = self.assert_unreachable(
        weight_server.source(self.address + '/stall')
      )
    self.assertIn(
      f'after {1 << 17} of {len(weight_server.CONTENT)} bytes', message
    )

  def test_slow_but_steady_is_no_stall(self) -> None:
    def trickle(handler: http.server.BaseHTTPRequestHandler) -> None:
      weight_server.send(handler, b'')
      step = len(weight_server.CONTENT) // 7
      for start in range(0, len(weight_server.CONTENT), step):
        handler.wfile.write(weight_server.CONTENT[start : start + step])
        self.over.wait(0.15)

    self.answers['/slow'] = trickle
    path = self.fetch('/slow', timeout_seconds=_SHORT_SECONDS)
    self.assertEqual(weight_server.CONTENT, path.read_bytes())


class DiskTest(weight_server.WeightsTestCase):
  def test_folder_that_cannot_be_made(self) -> None:
    self.cache.parent.mkdir(parents=True)
    self.cache.write_bytes(b'a file, not a folder')
    with self.assertRaises(OSError) as caught:
      self.fetch('/good')
    self.assertNotIsInstance(caught.exception, weights.UnreachableError)
    self.assert_one_line(
      caught.exception, str(self.cache), 'set MAGENTA_VIZ_CACHE'
    )
    self.assertEqual([], self.requests)

  def test_full_disk(self) -> None:
    # The system refuses to write past the limit, as it does on a full disk.
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
      with self.assertRaises(OSError) as caught:
        self.fetch('/good')
    finally:
      resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    self.assertNotIsInstance(caught.exception, weights.UnreachableError)
    self.assert_one_line(
      caught.exception,
      str(self.cache / 'w.bin'),
      'File too large',
      f'make room for {len(weight_server.CONTENT)} bytes',
      'set MAGENTA_VIZ_CACHE',
    )
    self.assert_cache_holds()


if __name__ == '__main__':
  absltest.main()
