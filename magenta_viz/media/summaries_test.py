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

"""Tests for summaries."""

import os
from typing import List

from absl.testing import absltest
import numpy as np
import tensorflow as tf

from magenta_viz.media import summaries
from magenta_viz.testing import event_files
from magenta_viz.testing import folder_case
from magenta_viz.testing import testdata


class SummariesTest(folder_case.FolderCase):
  def setUp(self) -> None:
    super().setUp()
    self.images = np.random.default_rng(0).random((2, 6, 4, 3), np.float32)

  def _write(self, num_steps: int) -> List[int]:
    """Writes steps and returns those whose images were made."""
    made: List[int] = []
    with summaries.Summaries(
      str(self.folder), ['a_0', 'b_1'], num_steps
    ) as log:
      for step in range(num_steps):

        def images(step: int = step) -> tf.Tensor:
          made.append(step)
          return tf.constant(self.images)

        log.write(step, np.array([step, -step], np.float32), images)
      log.finish(list(self.images[:, ::-1]))
    return made

  def test_scores(self) -> None:
    self._write(25)
    found = event_files.read(self.folder)
    for name, sign in (('a_0', 1), ('b_1', -1)):
      scores = found[f'{name}/score', 'scalars']
      self.assertEqual(scores, {0: 0, 10: sign * 10, 20: sign * 20})

  def test_images(self) -> None:
    made = self._write(40)
    found = event_files.read(self.folder)
    for name, image in zip(('a_0', 'b_1'), self.images):
      pictures = found[f'{name}/picture', 'images']
      self.assertEqual(list(pictures), [*range(0, 40, 4), 40])
      width, height, png = pictures[36]
      self.assertEqual((int(width), int(height)), (4, 6))
      np.testing.assert_allclose(
        tf.io.decode_png(png) / 255, image, atol=1 / 255 + 1e-6
      )
      *_, png = pictures[40]
      np.testing.assert_allclose(
        tf.io.decode_png(png) / 255, image[::-1], atol=1 / 255 + 1e-6
      )
    # The images are made only where they are wanted.
    self.assertEqual(made, [*range(0, 40, 4)])

  def test_few_steps(self) -> None:
    self.assertEqual(self._write(3), [0, 1, 2])

  def test_batches_share_a_folder(self) -> None:
    for name in ('a_0', 'b_0'):
      with summaries.Summaries(str(self.folder), [name], 20) as log:
        log.write(0, np.ones(1), lambda: tf.constant(self.images[:1]))
    self.assertEqual(
      {tag for tag, _ in event_files.read(self.folder)},
      {'a_0/score', 'a_0/picture', 'b_0/score', 'b_0/picture'},
    )

  def test_closes_after_an_error(self) -> None:
    with self.assertRaises(KeyboardInterrupt):
      with summaries.Summaries(str(self.folder), ['a_0'], 20) as log:
        log.write(0, np.ones(1), lambda: tf.constant(self.images[:1]))
        raise KeyboardInterrupt
    self.assertIn(('a_0/score', 'scalars'), event_files.read(self.folder))

  def test_full_disk(self) -> None:
    message = (
      f"^cannot write what TensorBoard shows to '{self.folder}': File too"
      ' large; name a --log_dir that can be written, with room on its disk$'
    )
    # When it is opened, while it is written, and at its end.
    for room, num_steps in ((10, 0), (3000, 5000), (1000, 50)):
      with self.subTest(room=room), testdata.full_disk(room):
        with self.assertRaisesRegex(OSError, message):
          with summaries.Summaries(str(self.folder), ['a_0'], 20) as log:
            for _ in range(num_steps):
              log.write(10, np.ones(1), lambda: tf.zeros([1, 1, 1, 3]))

  def test_of_a_file(self) -> None:
    path = self.folder / 'file'
    path.touch()
    message = f"^cannot write what TensorBoard shows to '{path}': Not a dir"
    make = summaries.Summaries
    self.refuses(message, make, str(path), ['a_0'], 20, kind=OSError)

  def test_none(self) -> None:
    def images() -> tf.Tensor:
      raise AssertionError('images are made that nobody wants')

    before = os.getcwd()
    os.chdir(self.folder)
    try:
      with summaries.Summaries(None, ['a_0'], 20) as log:
        log.write(0, np.ones(1), images)
    finally:
      os.chdir(before)
    self.assertEmpty(list(self.folder.iterdir()))


if __name__ == '__main__':
  absltest.main()
