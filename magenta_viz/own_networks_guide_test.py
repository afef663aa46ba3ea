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

"""Tests docs/own_networks.md: its code runs as it stands."""

import os
from pathlib import Path
import re
import subprocess
import sys
from typing import List

from absl.testing import absltest
import numpy as np
from PIL import Image

_GUIDE = Path(__file__).resolve().parents[1] / 'docs' / 'own_networks.md'
_BLOCK = re.compile(r'^```(python|bash)\n(.*?)^```$', re.MULTILINE | re.DOTALL)


class OwnNetworksGuideTest(absltest.TestCase):
  def test_runs(self) -> None:
    folder = self.create_tempdir().full_path
    blocks = _BLOCK.findall(_GUIDE.read_text())
    code = ''.join(block for kind, block in blocks if kind == 'python')
    self.run_in(folder, [sys.executable, '-c', code])
    for kind, block in blocks:
      if kind == 'bash':
        for line in block.splitlines():
          program, *flags = line.split()
          self.run_in(
            folder, [sys.executable, '-m', f'magenta_viz.{program}', *flags]
          )

    def pictures(place: str, pattern: str) -> List[Path]:
      return list(Path(folder, place).glob(pattern))

    self.assertLen(pictures('stroke', 'channel-strokes-7_0.png'), 1)
    self.assertLen(pictures('three_not_eight', 'three-not-eight_0.png'), 1)
    self.assertLen(pictures('own_digits', '0*_class-*.png'), 10)
    self.assertLen(pictures('maps_of_three', '*_map.png'), 1)
    self.assertLen(pictures('threes_and_eights', '0*.png'), 4)
    self.assertLen(pictures('occlusion_of_three', '*occlusion_map.png'), 1)
    self.assertGreaterEqual(self.num_recognised(Path(folder, 'own_digits')), 9)

  def num_recognised(self, folder: Path) -> int:
    """Returns how many a machine knows that never saw a drawing."""
    from sklearn import datasets
    from sklearn import svm

    digits = datasets.load_digits()
    machine = svm.SVC().fit(digits.data, digits.target)
    drawn = []
    for digit in range(10):
      (path,) = folder.glob(f'{digit:03}_*_0.png')
      small = Image.open(path).convert('L').resize((8, 8), Image.Resampling.BOX)
      drawn.append(np.asarray(small).ravel() / 255 * 16)
    return int((machine.predict(drawn) == np.arange(10)).sum())

  def run_in(self, folder: str, command: List[str]) -> None:
    """Runs a command in a folder, and shows what it says if it fails."""
    done = subprocess.run(
      command,
      cwd=folder,
      env={**os.environ, 'PYTHONPATH': str(_GUIDE.parents[1])},
      stdout=subprocess.PIPE,
      stderr=subprocess.STDOUT,
      text=True,
      check=False,
    )
    self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == '__main__':
  absltest.main()
