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

"""Tests of image_visualization_atlas with cells, as its users start it."""

import json
from pathlib import Path
import subprocess

from absl.testing import absltest
import numpy as np
import pytest

from magenta_viz.media import image_files
from magenta_viz.testing import programs

pytest.importorskip('apache_beam', reason='Beam needs Python 3.10')


class CellsTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.root = Path(self.create_tempdir().full_path)
    (self.root / 'my photos').mkdir()
    generator = np.random.default_rng(0)
    for name in ('a', 'b', 'c', 'd'):
      coarse = generator.random((5, 6, 3)).repeat(12, 0).repeat(12, 1)
      image_files.write_png(self.root / f'my photos/{name}.png', coarse)

  def start(self, *flags: str) -> 'subprocess.CompletedProcess[str]':
    """Runs the program in a folder of its own."""
    small = ('--precision=float32', '--num_steps=2', '--image_size=64')
    return subprocess.run(
      [
        programs.installed('image_visualization_atlas'),
        '--model=squeezenet',
        *small,
        '--num_workers=1',
        *flags,
      ],
      env=programs.environment(),
      cwd=self.root,
      capture_output=True,
      text=True,
      timeout=500,
      check=False,
    )

  def test_photographs_become_a_map(self) -> None:
    asked = (
      '--cells=fire4/concat,fire6/c*',
      '--image=my photos',
      '--positions=8',
      '--grid=2',
    )
    told = self.start('--dry_run', *asked)
    self.assertEqual(told.returncode, 0, told.stderr)
    self.assertRegex(told.stdout, r'(?m)^cells:fire4/concat:0-[0-3] +[1-4] ')
    self.assertRegex(told.stdout, r'(?m)^cells:fire6/concat:0-[0-3] +[1-4] ')
    self.assertEqual([path.name for path in self.root.iterdir()], ['my photos'])
    done = self.start(*asked, '--output_dir=an atlas')
    self.assertEqual(done.returncode, 0, done.stderr)
    folders = sorted((self.root / 'an atlas/cells').iterdir())
    self.assertEqual(
      [each.name for each in folders], ['fire4-concat', 'fire6-concat']
    )
    count = 0
    for folder in folders:
      record = json.loads((folder / 'cells.json').read_text())
      self.assertEqual(record['num_points'], 32)
      for number in range(len(record['cells'])):
        (path,) = folder.glob(f'*directions-{number}_0.png')
        self.assertEqual(image_files.read_image(path).shape, (64, 64, 3))
      count += len(record['cells'])
      self.assertTrue((folder / 'index.html').exists())
    self.assertIn(f'{count} pictures of {count} are in', done.stdout)
    again = self.start(*asked, '--output_dir=an atlas')
    self.assertIn('an atlas, 0 of them new', again.stdout, again.stderr)

  def test_what_is_wrong_is_one_line(self) -> None:
    for flags, message in (
      ((), 'give --units, or --cells'),
      (('--cells=fire4/concat',), 'of which image is missing'),
      (('--cells=none', '--image=my photos'), "no layer is called 'none'"),
    ):
      with self.subTest(message):
        ended = self.start('--output_dir=out', *flags)
        self.assertNotEqual(ended.returncode, 0)
        self.assertIn(message, ended.stderr)
        self.assertNotIn('Traceback', ended.stderr)
    self.assertFalse((self.root / 'out').exists())


if __name__ == '__main__':
  absltest.main()
