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

"""Tests of weights in several processes, and in one that is stopped."""

import http.server
import os
from pathlib import Path
import signal
import subprocess
import sys
import threading
import time

from absl.testing import absltest

from magenta_viz.models import weights
from magenta_viz.testing import weight_server

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
