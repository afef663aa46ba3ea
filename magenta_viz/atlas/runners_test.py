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

"""Tests that atlases are drawn on clusters, with workers started elsewhere."""

import contextlib
import io
from pathlib import Path
import socket
import subprocess
import sys
import time
from typing import Callable, Dict, Iterator, List

from absl.testing import absltest
from PIL import Image
import psutil
import pytest

from magenta_viz.testing import atlas_runs
from magenta_viz.testing import programs

pytest.importorskip('apache_beam', reason='Beam needs Python 3.10')

_DASK = 'apache_beam.runners.dask.dask_runner.DaskRunner'

_PATIENCE = 120.0


@contextlib.contextmanager
def _service(module: str, *flags: str) -> Iterator[psutil.Process]:
  """Runs a module until the end, with all processes that it starts."""
  process = psutil.Popen(
    [sys.executable, '-m', module, *flags],
    env=programs.environment(TF_NUM_INTRAOP_THREADS='1'),
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
  )
  try:
    yield process
  finally:
    family = [process, *process.children(recursive=True)]
    for each in family:
      with contextlib.suppress(psutil.NoSuchProcess):
        each.kill()
    psutil.wait_procs(family)


def _free_port() -> int:
  """Returns a port that nobody listens at."""
  with socket.socket() as found:
    found.bind(('127.0.0.1', 0))
    return int(found.getsockname()[1])


def _wait(is_so: Callable[[], object]) -> None:
  """Waits until something is so.

  Raises:
    TimeoutError: If it does not come about.
  """
  end = time.monotonic() + _PATIENCE
  while not is_so():
    if time.monotonic() > end:
      raise TimeoutError
    time.sleep(0.05)


def _listens(port: int) -> bool:
  """Tells whether somebody listens at a port."""
  with socket.socket() as found:
    return not found.connect_ex(('127.0.0.1', port))


def _pixels(folder: Path) -> Dict[str, bytes]:
  """Returns the pixels of an atlas's pictures, by their paths."""
  found = {}
  for name, content in atlas_runs.contents(folder).items():
    with Image.open(io.BytesIO(content)) as picture:
      found[name] = picture.tobytes()
  return found


class RunnersTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.root = Path(self.create_tempdir().full_path)

  def test_a_cluster_one_of_whose_workers_is_killed(self) -> None:
    pytest.importorskip('distributed')
    file, alive = self.root / 'scheduler.json', self.root / 'alive'
    shared = (f'--scheduler-file={file}', '--no-dashboard')
    with _service(
      'distributed.cli.dask_scheduler', '--port=0', *shared
    ), _service(
      'distributed.cli.dask_worker',
      *('--nworkers=2', '--nthreads=1', *shared),
      f'--local-directory={alive}',
    ) as nannies:
      folder = self.root / 'dask'
      process = atlas_runs.start(
        folder,
        '--num_steps=8',
        f'--runner={_DASK}',
        f'--pipeline_options=--dask_scheduler_file={file}'
        ' --dask_partition_size=1',
      )
      killed: List[int] = []
      with process:
        _wait(lambda: atlas_runs.contents(folder) or process.poll() is not None)
        for each in nannies.children():
          if not killed and 'spawn_main' in ' '.join(each.cmdline()):
            killed.append(each.pid)
            each.kill()
        stdout, stderr = process.communicate()
    self.assertEqual(process.returncode, 0, stderr)
    self.assertLen(killed, 1)
    self.assertEqual(stdout, f'12 pictures of 12 are in {folder}\n')
    atlas_runs.draw(self.root / 'here', '--num_steps=8')
    there, here = map(_pixels, (folder, self.root / 'here'))
    # Files tell, too, that Dask's workers leave oneDNN to TensorFlow.
    self.assertEqual(there, here)

  def test_a_job_service_with_a_pool_of_workers(self) -> None:
    # As Flink's and Spark's, which are no packages of Python.
    runners = 'apache_beam.runners'
    jobs, pool = _free_port(), _free_port()
    flags = (
      '--runner=PortableRunner',
      f'--pipeline_options=--job_endpoint=127.0.0.1:{jobs}'
      f' --environment_type=EXTERNAL --environment_config=127.0.0.1:{pool}',
    )
    with _service(
      f'{runners}.portability.local_job_service_main',
      *(f'--port={jobs}', f'--staging_dir={self.root / "staging"}'),
    ), _service(f'{runners}.worker.worker_pool_main', f'--service_port={pool}'):
      _wait(lambda: _listens(jobs) and _listens(pool))
      folder = self.root / 'atlas'
      stdout = atlas_runs.draw(folder, *flags)
      self.assertIn(f'12 pictures of 12 are in {folder}, 12 of them', stdout)
      before = atlas_runs.contents(folder)
      self.assertLen(before, 12 + 2)
      # What a step of it says is told as it is.
      with atlas_runs.start(folder, '--num_steps=3', *flags) as process:
        _, stderr = process.communicate()
    self.assertEqual(process.returncode, 1)
    self.assertRegex(
      stderr.splitlines()[-1], r"^image_visualization_atlas: '\S+' is of other "
    )
    self.assertEqual(atlas_runs.contents(folder), before)


if __name__ == '__main__':
  absltest.main()
