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

"""Tests that many runs in one process take no more than a few."""

from pathlib import Path
import subprocess
import sys

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import pytest

from magenta_viz.media import image_files
from magenta_viz.testing import programs

# In a fifth of the runs. If every trace of a channel were kept, it would be
# 120.
_MAX_GROWTH_MB = 10

# A process of its own: pytest's has other tests' memory to give back.
_PROGRAM = """
import ctypes, gc, http.client, sys, threading, urllib.parse
from pathlib import Path
import psutil
from magenta_viz import evaluate, saliency, visualize
from magenta_viz.attribution.methods import METHODS
from magenta_viz.toolbox import server as server_lib
from magenta_viz.toolbox import session as session_lib

def draw(index):
  # Classes share what is traced; a channel is traced anew, and let go.
  subject = {'class_ids': (index,)}
  if index % 2:
    subject = {'objective': f'channel:fire2/concat:{index}'}
  visualize.run(
    visualize.VisualizeConfig(
      **subject,
      models=('squeezenet',),
      image_size=(64, 64),
      overrides={'num_steps': 1},
    )
  )

def explain(index):
  methods = list(METHODS)
  method = methods[index % len(methods)]
  fewest = {
    'smoothgrad_samples': 1,
    'integration_steps': 1,
    'occlusion_stride': 0.2,
    'rise_masks': 8,
  }
  saliency.run(
    saliency.SaliencyConfig(
      image='1.png',
      model='squeezenet',
      class_id=index,
      method=method,
      **{
        name: value
        for name, value in fewest.items()
        if name in METHODS[method].settings
      },
    )
  )

def watch(index, served=[]):
  if not served:
    from magenta_viz.testing import toolbox_server
    networks = toolbox_server.networks(Path('.'))
    session = session_lib.Session([networks])
    server = server_lib.Server(lambda: session)
    threading.Thread(target=server.serve, daemon=True).start()
    served.append(urllib.parse.urlsplit(server.address))
    frames = [toolbox_server.picture(64, 64 + i, 'JPEG') for i in range(9)]
    served.append(frames)
  address, frames = served
  connection = http.client.HTTPConnection(address.netloc)
  layer = ('first', 'second')[index % 2]
  path = f'{address.path}api/frame?layer={layer}&side=64'
  connection.request('POST', path, frames[index % len(frames)])
  response = connection.getresponse()
  assert response.status == 200, response.read()
  response.read()
  connection.close()

def judge(index):
  config = evaluate.EvaluateConfig(input_dir='.', judges=('squeezenet',))
  evaluate.run(config)

run, num_runs = globals()[sys.argv[1]], int(sys.argv[2])
for index in range(num_runs):
  run(index)
  # Each kind of run was there a few times by then.
  if index + 1 in [num_runs * fifths // 5 for fifths in (2, 3, 4, 5)]:
    gc.collect()
    # Else the C library keeps what is free, more or less of it.
    getattr(ctypes.CDLL(None), 'malloc_trim', int)(0)
    print(psutil.Process().memory_info().rss)
"""


class ManyRunsTest(parameterized.TestCase):
  # An evaluation measures photographs each time, which takes a second.
  @parameterized.parameters(
    *(('draw', 100), ('explain', 100), ('judge', 30), ('watch', 2000))
  )
  @pytest.mark.slow
  def test_memory_is_flat_and_nothing_is_traced_in_vain(
    self, run: str, num_runs: int
  ) -> None:
    folder = Path(self.create_tempdir().full_path)
    photo = np.random.default_rng(0).random((64, 72, 3), np.float32)
    image_files.write_png(folder / '1.png', photo)
    done = subprocess.run(
      [sys.executable, '-c', _PROGRAM, run, str(num_runs)],
      cwd=folder,
      env=programs.environment(),
      capture_output=True,
      text=True,
      check=False,
    )
    self.assertEqual(done.returncode, 0, done.stderr)
    # What is kept makes every part grow. One part alone may: when threads
    # are together where they never were, the C library takes more for them.
    growths = np.diff([int(size) for size in done.stdout.split()])
    self.assertLen(growths, 3)
    self.assertLess(growths.min(), _MAX_GROWTH_MB * 1e6)
    self.assertNotIn('retracing', done.stderr)


if __name__ == '__main__':
  absltest.main()
