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

"""Tests that files tell the truth of each other when their writer is killed."""

import contextlib
import os
from pathlib import Path
import shutil
import tempfile
from typing import Any, Dict, List, Optional
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz import evaluate
from magenta_viz.attribution import config as saliency_config
from magenta_viz.attribution import files as saliency_files
from magenta_viz.attribution import segmentation
from magenta_viz.evaluation import page
from magenta_viz.media import records
from magenta_viz.testing import grey_runs
from magenta_viz.testing import killed
from magenta_viz.visualization import config as visualize_config
from magenta_viz.visualization import filming
from magenta_viz.visualization import folder as folder_lib
from magenta_viz.visualization import task as task_lib

# Nothing that these tests look at.
_BOX = segmentation.Box(0, 0, 2, 2)


def _draw(
  folder: Path, grey: float, num_frames: Optional[int], overwrite: bool
) -> None:
  """Draws two pictures or frames, with a film of each or all, and a sheet."""
  class_ids = (0, 1) if num_frames is None else (0,)
  config = visualize_config.VisualizeConfig(
    class_ids, output_dir=str(folder), overwrite=overwrite, batch_size=1
  )
  run = grey_runs.run(
    config,
    task_lib.plan(config, ('tench', 'goldfish'), num_frames),
    grey,
    num_frames,
    filming.Filming('gif', None, 0.0),
  )
  for _ in run.draw(False):
    pass


def draw_again(folder: Path) -> None:
  """Draws other pictures in place of those that are there."""
  _draw(folder, 1.0, None, overwrite=True)


def draw_frames_again(folder: Path) -> None:
  """Draws other frames in place of those that are there."""
  _draw(folder, 1.0, 2, overwrite=True)


def _explain(folder: Path, grey: float) -> None:
  config = saliency_config.SaliencyConfig(
    image='cat.png', class_id=281, output_dir=str(folder), overwrite=True
  )
  files = saliency_files.SaliencyFiles(config, 'tabby')
  files.prepare()
  levels = np.linspace(grey, 1 - grey, 16, dtype=np.float32).reshape(4, 4)
  photo = np.repeat(levels[..., None], 3, axis=2)
  record = {'settings': {'grey': grey}}
  files.write(photo, levels, levels > 0.5, _BOX, record)


def explain_again(folder: Path) -> None:
  """Writes other pictures and another record in place of those there."""
  _explain(folder, 1.0)


def _report(folder: Path, grey: float) -> None:
  report: Any = mock.Mock()
  report.as_json.return_value = {'settings': {'grey': grey}}
  config = evaluate.EvaluateConfig(input_dir=str(folder))
  with mock.patch.object(page, 'page', return_value=f'<{grey}>'):
    evaluate._write(report, config, [])


def report_again(folder: Path) -> None:
  """Writes another page and other figures in place of those there."""
  _report(folder, 1.0)


def _contents(folder: Path) -> Dict[str, bytes]:
  """Returns the files of a folder, but for those that a killed writer left."""
  return {
    path.name: path.read_bytes()
    for path in folder.iterdir()
    if not path.name.startswith('.')
  }


@absltest.skipUnless(hasattr(os, 'fork'), 'needs processes that fork')
class KilledTest(parameterized.TestCase):
  root: Path

  @classmethod
  def setUpClass(cls) -> None:
    super().setUpClass()
    cls.root = Path(tempfile.mkdtemp())
    cls.addClassCleanup(shutil.rmtree, cls.root)
    _draw(cls.root / 'draw_again' / 'start', 0.0, None, overwrite=False)
    _draw(cls.root / 'draw_frames_again' / 'start', 0.0, 2, overwrite=False)
    _explain(cls.root / 'explain_again' / 'start', 0.0)
    (cls.root / 'report_again' / 'start').mkdir(parents=True)
    _report(cls.root / 'report_again' / 'start', 0.0)
    killed.run(__name__, cls.root)

  def _states(self, writer: str) -> List[Dict[str, bytes]]:
    """Returns what a writer leaves; first what was there, last all of it."""
    folders = list((self.root / writer).iterdir())
    states = []
    for number in range(len(folders) - 1):
      folder = self.root / writer / str(number)
      states.append(_contents(folder))
      for name in states[-1]:
        if name.endswith('.json'):
          # It is whole.
          records.read_record(folder / name)
    self.assertGreater(len(states), 10)
    return states

  def _assert_belong_together(
    self, teller: str, told: List[str], states: List[Dict[str, bytes]]
  ) -> None:
    """Checks that a file is never there beside files of another time."""
    old, new = states[0], states[-1]
    for name in (teller, *told):
      self.assertNotEqual(old[name], new[name])
    for state in states:
      if teller in state:
        time = old if state[teller] == old[teller] else new
        for name in (teller, *told):
          self.assertEqual(state.get(name), time[name], name)

  @parameterized.parameters('draw_again', 'draw_frames_again')
  def test_pictures(self, function: str) -> None:
    num_frames = None if function == 'draw_again' else 2
    states = self._states(function)
    pictures = [name for name in states[0] if name.endswith('_0.png')]
    if num_frames:
      pictures = ['000_tench_0_00000.png', '000_tench_0_00001.png']
      self._assert_belong_together('000_tench_0_frames.gif', pictures, states)
    else:
      self.assertLen(pictures, 2)
      self._assert_belong_together('sheet.png', pictures, states)
    for name in pictures:
      stem = name[:-4]
      told = [name] if num_frames else [name, f'{stem}.gif']
      self._assert_belong_together(f'{stem}.json', told, states)

    # The same command makes all as it is to be, and so does the old one with
    # --overwrite; without, it takes nothing of the new one for its own.
    # Takes most of the time, and tells of no process's death.
    self.enter_context(mock.patch.object(os, 'fsync'))
    for index in range(len(states)):
      folder = self.root / function / str(index)
      with contextlib.suppress(ValueError):
        _draw(folder, 0.0, num_frames, overwrite=False)
        self.assertEqual(_contents(folder), states[0])
      _draw(folder, 1.0, num_frames, overwrite=True)
      self.assertEqual(_contents(folder), states[-1])

  def test_saliency(self) -> None:
    states = self._states('explain_again')
    (record,) = (name for name in states[0] if name.endswith('.json'))
    told = [name for name in states[0] if name.endswith('.png')]
    self.assertLen(told, 4)
    self._assert_belong_together(record, told, states)

  def test_evaluation(self) -> None:
    states = self._states('report_again')
    self._assert_belong_together('evaluation.json', ['evaluation.html'], states)


class FilmTest(absltest.TestCase):
  def test_of_another_picture_is_not_kept(self) -> None:
    folder = Path(self.create_tempdir().full_path)
    _draw(folder, 0.0, None, overwrite=False)
    with mock.patch.object(folder_lib.PictureFolder, 'film_path') as path:
      path.return_value = None
      _draw(folder, 1.0, None, overwrite=True)
    self.assertEmpty(list(folder.glob('*.gif')))


if __name__ == '__main__':
  absltest.main()
