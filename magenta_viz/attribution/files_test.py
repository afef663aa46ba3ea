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

"""Tests of the names and the wholeness of the files of `saliency`."""

from pathlib import Path

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.attribution import config as saliency_config
from magenta_viz.attribution import files as saliency_files
from magenta_viz.attribution import segmentation

_SETTINGS = {'image_sha256': '01'}
_WANTED = {'settings': _SETTINGS}


class SaliencyFilesTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.root = Path(self.create_tempdir().full_path)

  def _files(
    self, image: str, class_name: str = 'tabby', overwrite: bool = False
  ) -> saliency_files.SaliencyFiles:
    config = saliency_config.SaliencyConfig(
      image=image,
      class_id=281,
      output_dir=str(self.root),
      overwrite=overwrite,
    )
    return saliency_files.SaliencyFiles(config, class_name)

  def _write(self, image: str, class_name: str = 'tabby') -> None:
    levels = np.linspace(0.1, 0.9, 16, dtype=np.float32).reshape(4, 4)
    photo = np.repeat(levels[..., None], 3, axis=2)
    files = self._files(image, class_name)
    box = segmentation.Box(0, 0, 2, 2)
    files.write(
      photo,
      levels,
      levels > 0.5,
      box,
      {
        'image': image,
        'class_name': class_name,
        'settings': _SETTINGS,
        'box': box._asdict(),
      },
    )

  @parameterized.parameters(
    ('My Cats/Cat Photo.JPG', 'Cat Photo_281_tabby_gradient_map.png'),
    ('фото.png', 'фото_281_tabby_gradient_map.png'),
    ('a\nb.png', 'a-b-7e18f737_281_tabby_gradient_map.png'),
  )
  def test_names(self, image: str, name: str) -> None:
    self._write(image)
    self.assertEqual(self._files(image).paths['map'].name, name)
    self.assertTrue(self._files(image).are_written(_WANTED))
    self.assertFalse(self._files(image, overwrite=True).are_written(_WANTED))

  @parameterized.parameters('a', '猫')
  def test_long_names(self, letter: str) -> None:
    name = 245 * letter
    self._write(name, name)
    self.assertTrue(self._files(name, name).are_written(_WANTED))

  @parameterized.parameters(False, True)
  def test_no_photograph_takes_the_place_of_another(
    self, overwrite: bool
  ) -> None:
    self._write('a/cat.png')
    with self.assertRaisesRegex(
      ValueError, "is of the image 'a/cat.png', which gives files the same name"
    ):
      self._files('b/cat.jpg', overwrite=overwrite).are_written(
        {'settings': {'image_sha256': '02'}}
      )

  def test_picture_that_has_changed(self) -> None:
    self._write('cat.png')
    for path in self._files('cat.png').paths.values():
      whole = path.read_bytes()
      path.write_bytes(whole[:-9])
      with self.assertRaisesRegex(
        ValueError, f"^'{path}' is not the picture that '.*' tells of"
      ):
        self._files('cat.png').are_written(_WANTED)
      path.write_bytes(whole)
    self.assertTrue(self._files('cat.png').are_written(_WANTED))


if __name__ == '__main__':
  absltest.main()
