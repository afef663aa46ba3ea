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

"""Tests of what TensorBoard is shown of a training."""

import os
from pathlib import Path
from typing import Any

from absl.testing import absltest
import numpy as np
import tensorflow as tf

from magenta_viz.testing import event_files
from magenta_viz.training import summaries as summaries_lib


class SummariesTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)
    self.images = np.random.default_rng(0).random((10, 6, 4, 3), np.float32)

  def assert_picture(self, summary: Any, expected: np.ndarray) -> None:
    """Compares a summary's pictures, after width and height."""
    width, height, *pictures = summary
    self.assertEqual((int(width), int(height)), (4, 6))
    self.assertLen(pictures, len(expected))
    for png, image in zip(pictures, expected):
      np.testing.assert_allclose(
        tf.io.decode_png(png) / 255, image, atol=1 / 255 + 1e-6
      )

  def test_scalars(self) -> None:
    with summaries_lib.Summaries(str(self.folder)) as log:
      log.scalars(10, {'train/loss': 1.5, 'train/learning_rate': 0.25})
      log.scalars(10, {'eval/top1': 0.5})
    # A run that goes on shares the folder, and closes its file after an error.
    with self.assertRaises(FloatingPointError):
      with summaries_lib.Summaries(str(self.folder)) as log:
        # In float16, where a step is left out.
        log.scalars(2**40, {'train/loss': 0.5, 'train/gradient_norm': np.inf})
        raise FloatingPointError
    self.assertEqual(
      event_files.read(self.folder),
      {
        ('train/loss', 'scalars'): {10: 1.5, 2**40: 0.5},
        ('train/learning_rate', 'scalars'): {10: 0.25},
        ('train/gradient_norm', 'scalars'): {2**40: np.inf},
        ('eval/top1', 'scalars'): {10: 0.5},
      },
    )

  def test_pictures(self) -> None:
    with summaries_lib.Summaries(str(self.folder)) as log:
      log.inputs(3, self.images)
      log.inputs(4, self.images[:2])
      log.pictures(
        500, {'tabby': self.images[0], 'house finch': self.images[1]}
      )
      log.pictures(1000, {'tabby': self.images[2]})
    found = event_files.read(self.folder)
    expected = {
      'inputs': {3: self.images[:8], 4: self.images[:2]},
      'classes/tabby': {500: self.images[:1], 1000: self.images[2:3]},
      'classes/house finch': {500: self.images[1:2]},
    }
    self.assertCountEqual(found, [(tag, 'images') for tag in expected])
    for tag, steps in expected.items():
      self.assertEqual(list(found[tag, 'images']), list(steps))
      for step, images in steps.items():
        self.assert_picture(found[tag, 'images'][step], images)

  def test_run_that_goes_on_shares_the_folder(self) -> None:
    for step in (0, 10):
      with summaries_lib.Summaries(str(self.folder)) as log:
        log.scalars(step, {'train/loss': float(step)})
    found = event_files.read(self.folder)
    self.assertEqual(found, {('train/loss', 'scalars'): {0: 0, 10: 10}})

  def test_none(self) -> None:
    before = os.getcwd()
    self.addCleanup(os.chdir, before)
    os.chdir(self.folder)
    with summaries_lib.Summaries(None) as log:
      log.scalars(0, {'train/loss': 1.0})
      log.inputs(0, self.images)
      log.pictures(0, {'tabby': self.images[0]})
    self.assertEmpty(list(self.folder.iterdir()))


if __name__ == '__main__':
  absltest.main()
