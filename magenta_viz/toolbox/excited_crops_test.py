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

"""Tests for excited_crops."""

from pathlib import Path

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.media import image_files
from magenta_viz.models import network_loading
from magenta_viz.models import network_source
from magenta_viz.models.foreign import foreign_settings
from magenta_viz.testing import keras_models
from magenta_viz.toolbox import backward as backward_lib
from magenta_viz.toolbox import excitations
from magenta_viz.toolbox import excited_crops
from magenta_viz.toolbox import pictures
from magenta_viz.toolbox import receptive_fields


class ExcitedCropsTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    folder = self.create_tempdir().full_path
    generator = np.random.default_rng(0)
    self._photos = []
    for number in range(11):
      path = Path(folder, f'{number:02}.png')
      image_files.write_png(path, generator.random((80, 64 + number, 3)))
      self._photos.append(path)
    chosen = network_loading.choose(
      network_source.given(
        keras_models.cnn((64, 64, 3)), foreign_settings.ForeignSettings()
      ),
      'float32',
    )
    self._network = chosen.network
    self._fields = receptive_fields.ReceptiveFields(chosen.network)
    self._backward = backward_lib.Backward(chosen.network)
    self._index = excitations.index(
      chosen, self._photos, self.create_tempdir().full_path
    )
    self._crops = excited_crops.ExcitedCrops(
      self._index, self._photos, self._fields, self._backward, 64
    )

  def test_unit_is_as_excited_by_its_crop_alone(self) -> None:
    # What is black but for the crop excites the place as the photograph does.
    for end, found in self._crops.describe('second', 3).items():
      self.assertLen(found, 9)
      values = [each['value'] for each in found]
      self.assertEqual(values, sorted(values, reverse=end == 'highest'))
      for rank, each in enumerate(found):
        self.assertEqual(each['name'], self._photos[each['photo']].name)
        top, left, bottom, right = (
          round(64 * each['box'][side])
          for side in ('top', 'left', 'bottom', 'right')
        )
        self.assertEqual((bottom - top, right - left), (5, 5))
        image = np.zeros((1, 64, 64, 3), np.float32)
        crop = self._crops.crop('second', 3, end, rank)
        image[0, top:bottom, left:right] = crop
        y, x = each['position']
        value = self._network(image).end_points['second'][0, y, x, 3]
        np.testing.assert_allclose(value, each['value'], 1e-4, 1e-5)

  @parameterized.parameters('deconvnet', 'guided')
  def test_backward_is_all_inside_the_crop(self, show: str) -> None:
    best = self._index.highest('second', 3)[0]
    image = pictures.square(
      image_files.read_image(self._photos[best.photo]), 64
    )
    whole = self._backward(image, 'second', 3, show, (best.y, best.x))
    top, left, bottom, right = self._fields.box('second', best.y, best.x)
    inside = whole[top:bottom, left:right]
    self.assertGreater(np.abs(inside).max(), 0)
    np.testing.assert_allclose(np.abs(inside).sum(), np.abs(whole).sum(), 1e-5)
    found = self._crops.crop('second', 3, 'highest', 0, show)
    expected = backward_lib.shown(inside, 'raw')
    np.testing.assert_allclose(found, expected, 0, 1e-5)

  def test_vectors_see_all(self) -> None:
    self.assertEqual(
      self._crops.describe('classes', 1)['lowest'][2]['box'],
      # The second convolution's stride leaves out a row and a column.
      {'top': 0, 'left': 0, 'bottom': 63 / 64, 'right': 63 / 64},
    )

  def test_what_there_is_not(self) -> None:
    for end, rank, show in (
      ('middle', 0, 'crop'),
      ('highest', 9, 'crop'),
      ('lowest', -1, 'crop'),
      ('lowest', 0, 'plain'),
    ):
      with self.assertRaisesRegex(ValueError, 'is .*; take '):
        self._crops.crop('second', 3, end, rank, show)
    path = self._photos[self._index.highest('second', 3)[0].photo]
    path.unlink()
    with self.assertRaisesRegex(
      ValueError, f"cannot read the picture '{path.name}'"
    ):
      self._crops.crop('second', 3, 'highest', 0)


if __name__ == '__main__':
  absltest.main()
