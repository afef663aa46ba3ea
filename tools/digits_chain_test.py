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

The commands of docs/training.md for scikit-learn's digits, with fewer steps.
"""

import io
import json
import os
from pathlib import Path
import subprocess
from typing import List

from absl.testing import absltest
import numpy as np
from PIL import Image
import pytest
from sklearn import svm

from magenta_viz.testing import programs
from tools import digits_folder
from tools import readme_test

_ROOT = Path(__file__).resolve().parents[1]

# In place of the page's: flags are given once.
_SHORTER = {
  'image_visualization_train': {'--num_epochs=12': '--num_epochs=6'},
  'image_visualization_visualize': {'--num_steps=128': '--num_steps=64'},
}


def _command(program: str) -> List[str]:
  """Returns the page's words for the digits with one of the programs."""
  page = (_ROOT / 'docs' / 'training.md').read_text(encoding='utf-8')
  (command,) = (
    words
    for words in readme_test.commands_in(page)
    if words[0] == program and any('digits_network' in word for word in words)
  )
  return command


def recognise(pictures: np.ndarray) -> np.ndarray:
  """Returns the digits that pictures look like to someone else.

  That is a support-vector machine that knows nothing but scikit-learn's digits
  of 8 x 8 pixels, with the setting of scikit-learn's own example on them.

  Args:
    pictures: [n, height, width, 3] float array in [0, 1], white on black.

  Returns:
    [n] int array, 0 to 9.
  """
  digits = digits_folder.load_splits()['train']
  machine = svm.SVC(gamma=0.001)
  machine.fit(digits.images.reshape(len(digits.images), -1), digits.labels)
  seen = []
  for grey in pictures.mean(axis=3, dtype=np.float32):
    small = Image.fromarray(grey).resize((8, 8), Image.Resampling.BOX)
    values = np.asarray(small, np.float64).ravel()
    # The median handwritten digit has 31 pixels of value 0 and 6 of value 16:
    # so paper may be anything from black to grey.
    low, high = np.percentile(values, [25.0, 95.0])
    shares = np.clip((values - low) / max(high - low, 1e-6), 0.0, 1.0)
    seen.append(shares * digits_folder.MAX_VALUE)
  return np.asarray(machine.predict(seen))


def _read(data: bytes) -> np.ndarray:
  with Image.open(io.BytesIO(data)) as file:
    return np.asarray(file.convert('RGB'), np.float32) / 255


class RecogniseTest(absltest.TestCase):
  def test_held_out_digits(self) -> None:
    digits = digits_folder.load_splits()['eval']
    pictures = np.stack(
      [_read(digits_folder.encode_png(image)) for image in digits.images]
    )
    labels = recognise(0.2 + 0.5 * pictures)
    self.assertGreater(np.mean(labels == digits.labels), 0.97)
    # It looks at the drawing.
    mirrored = recognise(pictures[:, :, ::-1])
    self.assertLess(np.mean(mirrored == digits.labels), 0.7)


@pytest.mark.slow
class DigitsTest(absltest.TestCase):
  def run_command(self, program: str, folder: Path) -> None:
    _, *flags = _command(program)
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
    digits_folder.main([f'--output_dir={folder}/digits'])
    self.run_command('image_visualization_train', folder)
    (record,) = (folder / 'digits_network').glob('model.ckpt-*.json')
    # By chance it would be 0.1.
    self.assertGreater(json.loads(record.read_bytes())['top1'], 0.9)
    self.run_command('image_visualization_visualize', folder)
    paths = sorted((folder / 'digits_pictures').glob('0*.png'))
    self.assertLen(paths, 10)
    seen = recognise(np.stack([_read(path.read_bytes()) for path in paths]))
    # By chance it would be 1.
    self.assertGreaterEqual(np.sum(seen == np.arange(10)), 6, seen)


if __name__ == '__main__':
  absltest.main()
