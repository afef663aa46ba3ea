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

"""Tests of the four programs as their users start them, one after the other.

In the process of a test, TensorFlow is there before the program is; installed
programs import it after their start, and some versions mind that.
"""

import json
from pathlib import Path
import shlex
import subprocess
import sys
import tempfile
from typing import List

from absl.testing import absltest

from magenta_viz.testing import programs
from magenta_viz.testing import testdata
from magenta_viz.testing import training_runs

_SMALL = ('--precision=float32', '--num_steps=2', '--image_size=64')

_FROM_PYTHON = """
from magenta_viz import visualize
visualize.run(visualize.VisualizeConfig(
  class_ids=(281,), models=('squeezenet',), precision='float32',
  image_size=(64, 64), overrides={'num_steps': 2}, output_dir='pictures',
))
"""


class InstalledTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.enter_context(tempfile.TemporaryDirectory()))

  def start(self, command: List[str]) -> str:
    """Returns what a command prints, which ends with status 0."""
    environment = programs.environment()
    environment.pop('TF_ENABLE_ONEDNN_OPTS', None)
    done = subprocess.run(
      command,
      env=environment,
      cwd=self.folder,
      capture_output=True,
      text=True,
      timeout=training_runs.LIMIT,
      check=False,
    )
    self.assertEqual(done.returncode, 0, done.stderr)
    self.assertNotIn('Traceback', done.stderr)
    return done.stdout

  def run_program(self, name: str, *flags: str) -> str:
    """Returns what a program prints, which ends with status 0."""
    program = programs.installed(f'image_visualization_{name}')
    return self.start([program, *flags])

  def test_pictures_are_drawn_and_judged(self) -> None:
    flags = ('--model=squeezenet', '--class_id=281,388', *_SMALL)
    printed = self.run_program('visualize', *flags, '--output_dir=pictures')
    self.assertEqual(
      printed.splitlines(),
      ['pictures/281_tabby_0.png', 'pictures/388_giant-panda_0.png'],
    )
    record = json.loads((self.folder / 'pictures/281_tabby_0.json').read_text())
    self.assertLen(record['scores'], 2)
    printed = self.run_program(
      'evaluate', '--input_dir=pictures', '--judge=squeezenet', '--allow_self'
    )
    self.assertIn('squeezenet', printed)

  def test_a_photograph_is_explained(self) -> None:
    photo = testdata.testdata_path('photo_48x32.png')
    printed = self.run_program(
      'saliency',
      *(f'--image={photo}', '--output_dir=maps', '--model=squeezenet'),
      '--precision=float32',
    )
    paths = [self.folder / path for path in printed.splitlines()]
    self.assertLen(paths, 4)
    for path in paths:
      self.assertTrue(path.is_file(), path)

  def test_a_network_is_trained_and_drawn(self) -> None:
    training_runs.write_pictures(self.folder / 'birds')
    flags = [f'--{name}={value}' for name, value in training_runs.SMALL.items()]
    self.run_program(
      'train',
      *flags,
      '--data_dir=birds',
      '--num_steps=2',
      '--train_dir=birds_1',
    )
    printed = self.run_program(
      'visualize',
      *('--checkpoint=birds_1', '--class_name=wren', '--output_dir=pictures'),
      *_SMALL,
    )
    self.assertEqual(printed, 'pictures/002_wren_0.png\n')

  def test_python_and_its_records_command_draw_the_same(self) -> None:
    self.start([sys.executable, '-c', _FROM_PYTHON])
    picture = self.folder / 'pictures/281_tabby_0.png'
    record = json.loads(picture.with_suffix('.json').read_text())
    self.assertEqual(record['settings']['onednn'], 'default')
    drawn = picture.read_bytes()
    picture.unlink()
    variable, program, *flags = shlex.split(record['command'])
    words = [programs.installed(program), *flags, '--overwrite']
    self.start(['env', variable, *words])
    self.assertEqual(picture.read_bytes(), drawn)
    again = json.loads(picture.with_suffix('.json').read_text())
    self.assertEqual(again['settings'], record['settings'])
    self.assertEqual(again['command'], record['command'])

  def test_python_draws_what_the_program_does(self) -> None:
    flags = ('--model=squeezenet', '--class_id=281', *_SMALL)
    self.run_program('visualize', *flags, '--output_dir=by_program')
    variable = 'import os; os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"\n'
    self.start([sys.executable, '-c', variable + _FROM_PYTHON])
    records, pictures = [], []
    for folder in ('by_program', 'pictures'):
      path = self.folder / folder / '281_tabby_0.json'
      records.append(json.loads(path.read_text()))
      pictures.append(path.with_suffix('.png').read_bytes())
    self.assertEqual(*pictures)
    self.assertEqual(*(record['settings'] for record in records))
    self.assertEqual(records[0]['settings']['onednn'], 'on')


if __name__ == '__main__':
  absltest.main()
