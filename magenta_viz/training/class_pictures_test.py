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

"""Tests of the pictures of a network in the middle of its training."""

from pathlib import Path
from typing import Dict
from unittest import mock

from absl.testing import absltest
import numpy as np
from PIL import Image

from magenta_viz.models import slim_network
from magenta_viz.testing import trainer
from magenta_viz.training import class_pictures

# Two with the same first name, as in ImageNet.
_NAMES = ('crane', 'crane, machine', 'Été/summer')


def _draw(
  num_classes: int, values: Dict[str, np.ndarray]
) -> Dict[str, np.ndarray]:
  spec = trainer.spec_of('tiny')
  # In steps of a sixteenth of the usual.
  with mock.patch.object(class_pictures, '_NUM_STEPS', 4):
    network = slim_network.SlimNetwork(spec, values, class_names=_NAMES)
    return class_pictures.draw(network, num_classes)


class DrawTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.spec = trainer.spec_of('tiny')
    self.values = trainer.weights_of(self.spec).values

  def test_classes(self) -> None:
    for num_classes, expected in (
      (1, ['0 crane']),
      (2, ['0 crane', '1 crane']),
      # More than there are.
      (9, ['0 crane', '1 crane', '2 Été/summer']),
    ):
      images = _draw(num_classes, self.values)
      self.assertEqual(list(images), expected)
      for image in images.values():
        self.assertEqual(image.dtype, np.float32)
        # In the scale of 64 to 224 pixels, in eights.
        height, width, channels = image.shape
        self.assertEqual((height % 8, width % 8, channels), (0, 0, 3))
        self.assertBetween(height, 64, 224)
        self.assertBetween(image.min(), 0, 1)
        self.assertBetween(image.max(), 0, 1)
        self.assertGreater(image.std(), 0.01)

  def test_pictures_are_of_their_classes(self) -> None:
    network = slim_network.SlimNetwork(
      self.spec, self.values, class_names=_NAMES
    )
    images = list(class_pictures.draw(network, 3).values())
    grey = np.full_like(images[0], 0.5)
    *logits, of_grey = network.look_at(np.stack([*images, grey])).logits.numpy()
    for class_id, found in enumerate(logits):
      # What sets the class apart from the others.
      risen = found - of_grey
      others = np.mean(np.delete(risen, class_id))
      self.assertGreater(risen[class_id], others + 0.2)
    # Classes 0 and 2 are much alike here; class 1 is not.
    self.assertEqual(np.argmax(np.array(logits)[:, 1]), 1)
    self.assertEqual(np.argmax(logits[1]), 1)

  def test_same_network_is_drawn_the_same(self) -> None:
    first, second = _draw(2, self.values), _draw(2, self.values)
    for name, image in first.items():
      np.testing.assert_array_equal(image, second[name])
    crane, machine = first.values()
    self.assertFalse(np.array_equal(crane, machine))

  def test_network_that_is_lost(self) -> None:
    lost = dict(self.values)
    lost['head/conv/biases'] = np.array([0, np.nan, 0], np.float32)
    with self.assertRaisesRegex(ValueError, 'head/conv/biases holds what is'):
      _draw(2, lost)


class WriteTest(absltest.TestCase):
  def test_sheet(self) -> None:
    folder = Path(self.create_tempdir().full_path)
    images = {
      f'{i} Été/summer': np.full((88, 88, 3), shade, np.float32)
      for i, shade in enumerate((0.25, 0.5, 0.75))
    }
    class_pictures.write(folder, 500, images)
    class_pictures.write(folder, 123_456_789, images)
    names = sorted(path.name for path in (folder / 'pictures').iterdir())
    self.assertEqual(names, ['step_00000500.png', 'step_123456789.png'])
    with Image.open(folder / 'pictures' / names[0]) as sheet:
      pixels = np.asarray(sheet.convert('RGB')).reshape(-1, 3)
    # All three are there, on white.
    for shade in (64, 128, 191):
      self.assertGreater(np.sum((pixels == shade).all(axis=1)), 80 * 80)
    self.assertIn([255, 255, 255], pixels.tolist())

  def test_folder_that_is_none(self) -> None:
    folder = Path(self.create_tempdir().full_path)
    (folder / 'pictures').write_text('a file')
    image = np.zeros((88, 88, 3), np.float32)
    with self.assertRaises(OSError):
      class_pictures.write(folder, 500, {'0 crane': image})


if __name__ == '__main__':
  absltest.main()
