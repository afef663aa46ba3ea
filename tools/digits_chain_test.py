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
"""The whole way of a user with data of their own: train, then draw.

The README's commands for scikit-learn's digits, with fewer steps.
"""

import json
import os
from pathlib import Path
import subprocess
from typing import List

from absl.testing import absltest
import numpy as np
from PIL import Image
import pytest

from magenta_viz.testing import programs
from tools import digits_folder
from tools import digits_recognition
from tools import readme_test

_ROOT = Path(__file__).resolve().parents[1]

# In place of the README's: flags are given once.
_SHORTER = {
  'image_visualization_train': {'--num_epochs=12': '--num_epochs=6'},
  'image_visualization_visualize': {'--num_steps=128': '--num_steps=64'},
}


def _readme_command(program: str) -> List[str]:
  """Returns the README's words for the digits with one of the programs."""
  readme = (_ROOT / 'README.md').read_text(encoding='utf-8')
  (command,) = (
    words
    for words in readme_test.commands_in(readme)
    if words[0] == program and any('digits_network' in word for word in words)
  )
  return command


@pytest.mark.slow
class DigitsTest(absltest.TestCase):
  def run_readme_command(self, program: str, folder: Path) -> None:
    _, *flags = _readme_command(program)
    shorter = _SHORTER[program]
    self.assertContainsSubset(shorter, flags)
    subprocess.run(
      [
        programs.installed(program),
        *(shorter.get(flag, flag) for flag in flags),
      ],
      cwd=folder,
      env={**os.environ, 'PYTHONPATH': str(_ROOT)},
      check=True,
      capture_output=True,
    )

  def test_learns_and_draws(self) -> None:
    folder = Path(self.create_tempdir().full_path)
    digits_folder.write_folder(folder / 'digits')
    self.run_readme_command('image_visualization_train', folder)
    (record,) = (folder / 'digits_network').glob('model.ckpt-*.json')
    # By chance it would be 0.1.
    self.assertGreater(json.loads(record.read_bytes())['top1'], 0.9)
    self.run_readme_command('image_visualization_visualize', folder)
    paths = sorted((folder / 'digits_pictures').glob('0*.png'))
    pictures = [np.asarray(Image.open(path).convert('RGB')) for path in paths]
    self.assertLen(pictures, 10)
    seen = digits_recognition.recognise(
      digits_recognition.train_svm(), np.stack(pictures) / 255.0
    )
    # By chance it would be 1.
    self.assertGreaterEqual(np.sum(seen == np.arange(10)), 6, seen)


if __name__ == '__main__':
  absltest.main()
