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

"""Tests of weights when a download fails, is stopped, or is one of two."""

import contextlib
import http.server
import os
from pathlib import Path
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any, Callable, Iterator
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.models import model_spec
from magenta_viz.models import weights
from magenta_viz.testing import testdata
from magenta_viz.testing import weight_server

_SHORT_SECONDS = 0.5

_ROOT = Path(weights.__file__).resolve().parents[2]

# Runs `fetch` in a process of its own, as two people at once would. A shell
# that starts the tests in the background lets them ignore Ctrl-C.
_FETCH_PROGRAM = """
import pathlib
import signal
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from magenta_viz.models import model_spec
from magenta_viz.models import weights
url, num_bytes, sha256, folder = sys.argv[1:]
source = model_spec.WeightSource('w.bin', int(num_bytes), sha256, 'none', url)
path = weights.fetch(source, pathlib.Path(folder))
assert path.read_bytes().endswith(b'end')
assert 'tensorflow' not in sys.modules
"""


_Handler = http.server.BaseHTTPRequestHandler
_Answer = Callable[[weight_server.WeightsTestCase, _Handler], None]


def _status(status: int) -> _Answer:
  return lambda test, handler: handler.send_error(status)


def _redirect(seconds: float) -> _Answer:
  """Leads back to itself, after a while."""

  def answer(test: weight_server.WeightsTestCase, handler: _Handler) -> None:
    test.over.wait(seconds)
    handler.send_response(302)
    handler.send_header('Location', '/bad')
    handler.end_headers()

  return answer


def _not_http(test: weight_server.WeightsTestCase, handler: _Handler) -> None:
  handler.wfile.write(b'hello\n')


def _mute(test: weight_server.WeightsTestCase, handler: _Handler) -> None:
  test.over.wait()


def _drip(test: weight_server.WeightsTestCase, handler: _Handler) -> None:
  """Writes headers: no wait is long enough for a socket's own time-out."""
  handler.wfile.write(b'HTTP/1.0 200 OK\r\n')
  while not test.over.wait(0.1):
    handler.wfile.write(b'X-More: 1\r\n')


def _stall(test: weight_server.WeightsTestCase, handler: _Handler) -> None:
  weight_server.send(handler, weight_server.CONTENT[: 1 << 17])
  test.over.wait()


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

  @parameterized.parameters(
    (_status(404), 'HTTP status 404'),
    (_status(503), 'HTTP status 503'),
    # Without end.
    (_redirect(0), 'HTTP status 302'),
    (_not_http, ''),
  )
  def test_bad_answer(self, answer: _Answer, words: str) -> None:
    self.answers['/bad'] = lambda handler: answer(self, handler)
    message = self.assert_unreachable(
      weight_server.source(self.address + '/bad')
    )
    self.assertIn(words, message)

  @parameterized.parameters(
    (_mute, 'time limit 0.5 s'),
    (_drip, ''),
    (_redirect(0.3), ''),
    (_stall, f'after {1 << 17} of {len(weight_server.CONTENT)} bytes'),
  )
  def test_answer_that_hangs(self, answer: _Answer, words: str) -> None:
    self.answers['/bad'] = lambda handler: answer(self, handler)
    with self.assert_soon():
      message = self.assert_unreachable(
        weight_server.source(self.address + '/bad')
      )
    self.assertIn(words, message)

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
    with weight_server.black_hole() as (host, port), self.assert_soon():
      message = self.assert_unreachable(
        weight_server.source(f'http://{host}:{port}/w')
      )
    self.assertIn('time limit 0.5 s', message)

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
    with testdata.full_disk(100_000), self.assertRaises(OSError) as caught:
      self.fetch('/good')
    self.assertNotIsInstance(caught.exception, weights.UnreachableError)
    self.assert_one_line(
      caught.exception,
      str(self.cache / 'w.bin'),
      'File too large',
      f'make room for {len(weight_server.CONTENT)} bytes',
      'set MAGENTA_VIZ_CACHE',
    )
    self.assert_cache_holds()


class ProcessesTest(weight_server.WeightsTestCase):
  def start(self, path: str) -> 'subprocess.Popen[str]':
    source = weight_server.source(self.address + path)
    arguments = (source.origin, str(source.num_bytes), source.sha256)
    process = subprocess.Popen(
      [sys.executable, '-c', _FETCH_PROGRAM, *arguments, str(self.cache)],
      env={**os.environ, 'PYTHONPATH': str(_ROOT)},
      stderr=subprocess.PIPE,
      text=True,
    )
    self.addCleanup(process.communicate)
    self.addCleanup(process.kill)
    return process

  def wait_for_partial_files(self, number: int) -> None:
    limit = time.monotonic() + 60
    while len(list(self.cache.glob('*.part'))) < number:
      self.assertLess(time.monotonic(), limit)
      time.sleep(0.02)

  def test_two_at_once(self) -> None:
    # Each is held in the middle of its download until the other is there too.
    def slow(handler: http.server.BaseHTTPRequestHandler) -> None:
      weight_server.send(handler, weight_server.CONTENT[:100_000])
      self.wait_for_partial_files(2)
      both.wait(60)
      handler.wfile.write(weight_server.CONTENT[100_000:])

    both = threading.Barrier(2)
    self.answers['/slow'] = slow
    processes = [self.start('/slow'), self.start('/slow')]
    for process in processes:
      _, stderr = process.communicate(timeout=60)
      self.assertEqual(0, process.returncode, stderr)
    self.assertEqual(['/slow', '/slow'], self.requests)
    self.assertEqual(weight_server.CONTENT, (self.cache / 'w.bin').read_bytes())
    self.assert_cache_holds('w.bin')

  def test_stopped_by_control_c(self) -> None:
    def stall(handler: http.server.BaseHTTPRequestHandler) -> None:
      weight_server.send(handler, weight_server.CONTENT[: 1 << 17])
      self.over.wait()

    self.answers['/stall'] = stall
    process = self.start('/stall')
    self.wait_for_partial_files(1)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    self.assertIn('KeyboardInterrupt', stderr)
    self.assertNotEqual(0, process.returncode)
    self.assert_cache_holds()


if __name__ == '__main__':
  absltest.main()
