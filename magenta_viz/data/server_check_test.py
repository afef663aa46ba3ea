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

"""Tests of servers that cannot be reached."""

import contextlib
import http.server
import os
import socket
import threading
import time
from typing import Any, Iterator, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import requests

from magenta_viz.data import server_check
from magenta_viz.testing import weight_server

_SECONDS = 0.5


@contextlib.contextmanager
def _closed_port() -> Iterator[Tuple[str, int]]:
  """An address of this machine that refuses connections."""
  with socket.socket() as bound:
    bound.bind(('127.0.0.1', 0))
    yield bound.getsockname()


def _get(url: str, **kwargs: Any) -> str:
  """Downloads as TFDS does: a session, and an adapter that tries again."""
  with requests.Session() as session:
    session.mount('http://', requests.adapters.HTTPAdapter(max_retries=10))
    with session.get(url, stream=True, **kwargs) as response:
      return str(response.text)


class CheckedTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.enter_context(mock.patch.dict(os.environ, {'no_proxy': '127.0.0.1'}))

  @parameterized.parameters(
    (_closed_port, 'Connection refused'), (weight_server.black_hole, '')
  )
  def test_is_told_once_and_soon(self, place: Any, reason: str) -> None:
    start = time.monotonic()
    with place() as (host, port), server_check.checked(_SECONDS):
      for _ in range(3):
        with self.assertRaisesRegex(
          server_check.UnreachableError,
          rf'^no connection to 127\.0\.0\.1 \(.*{reason}.*\)$',
        ):
          _get(f'http://{host}:{port}/file')
    self.assertLess(time.monotonic() - start, 4 * _SECONDS)

  def test_a_name_that_is_looked_up_for_ever(self) -> None:
    over = threading.Event()
    self.addCleanup(over.set)
    with mock.patch.object(
      socket, 'getaddrinfo', side_effect=lambda *_, **__: over.wait()
    ), server_check.checked(_SECONDS):
      with self.assertRaisesRegex(OSError, 'no connection to some.where'):
        _get('http://some.where/file')

  def test_a_proxy_is_what_is_to_be_reached(self) -> None:
    with _closed_port() as (host, port), server_check.checked(_SECONDS):
      for proxy in (f'http://{host}:{port}', f'{host}:{port}'):
        with self.assertRaisesRegex(OSError, 'no connection to 127'):
          _get('http://some.where/file', proxies={'http': proxy})

  def test_slow_servers_keep_their_time(self) -> None:
    class Handler(http.server.BaseHTTPRequestHandler):
      def do_GET(self) -> None:
        time.sleep(3 * _SECONDS)
        self.send_response(200)
        self.send_header('Content-Length', '5')
        self.end_headers()
        self.wfile.write(b'there')

      def log_message(self, *unused_args: Any) -> None:
        pass

    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler) as server:
      threading.Thread(target=server.serve_forever, args=(0.05,)).start()
      self.addCleanup(server.shutdown)
      with server_check.checked(_SECONDS):
        url = f'http://127.0.0.1:{server.server_port}/file'
        self.assertEqual(_get(url), 'there')
      server.shutdown()

  def test_all_is_as_before_afterwards(self) -> None:
    before = requests.adapters.HTTPAdapter.send
    with self.assertRaises(KeyError), server_check.checked():
      self.assertIsNot(requests.adapters.HTTPAdapter.send, before)
      raise KeyError
    self.assertIs(requests.adapters.HTTPAdapter.send, before)


if __name__ == '__main__':
  absltest.main()
