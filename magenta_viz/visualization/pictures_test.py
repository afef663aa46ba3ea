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


"""Tests for pictures."""

import io
import json
from pathlib import Path
import shutil
from typing import Any, Dict, List
from unittest import mock

from absl.testing import absltest
import numpy as np
from PIL import Image

from magenta_viz.media import contact_sheet
from magenta_viz.media import image_files
from magenta_viz.media import picture_text
from magenta_viz.media import records
from magenta_viz.visualization import pictures


def _picture(seed: int = 0) -> pictures.Picture:
  record = {
    'class_id': 281,
    'class_name': 'tabby, tabby cat',
    'seed': seed,
    'probability': 0.5,
  }
  image = np.full([8, 12, 3], 0.2 * seed, np.float32)
  return pictures.Picture(image, record, None)


def _opened(content: bytes) -> Image.Image:
  return Image.open(io.BytesIO(content))


class PictureTest(absltest.TestCase):
  def test_says_what_it_shows(self) -> None:
    self.assertEqual(repr(_picture()), '<Picture of 281 tabby, seed 0, 12 x 8>')
    drawn = pictures.Picture(
      np.zeros([4, 4, 3]), {'objective': 'layer:a'}, Path('b', 'a.png')
    )
    self.assertEqual(repr(drawn), '<Picture of layer:a, 4 x 4, b/a.png>')

  def test_shows_itself_in_a_notebook(self) -> None:
    image = _opened(_picture(3)._repr_png_())
    np.testing.assert_array_equal(np.asarray(image), np.full([8, 12, 3], 153))

  def test_shows_itself_elsewhere(self) -> None:
    with mock.patch.object(Image.Image, 'show') as show:
      _picture().show()
    show.assert_called_once_with('281 tabby, seed 0')

  def test_saves_with_its_record(self) -> None:
    folder = Path(self.create_tempdir().full_path)
    picture = _picture(2)
    picture.save(folder / 'cat.png')
    with Image.open(folder / 'cat.png') as image:
      inside = json.loads(image.info[picture_text.RECORD])
    self.assertEqual(inside, picture.record)
    beside = records.read_record(folder / 'cat.json')
    records.check_pictures(folder / 'cat.json', [folder / 'cat.png'])
    self.assertEqual({**beside, **inside}, beside)
    read = image_files.read_image(folder / 'cat.png')
    np.testing.assert_allclose(read, picture.image, atol=1 / 510)

  def test_is_opened_again(self) -> None:
    folder = Path(self.create_tempdir().full_path)
    saved = _picture(2)
    saved.save(folder / 'cat.png')
    (folder / 'sent').mkdir()
    shutil.copy(folder / 'cat.png', folder / 'sent')
    for path in (folder / 'cat.png', folder / 'sent' / 'cat.png'):
      picture = pictures.Picture.open(path)
      self.assertEqual({**picture.record, **saved.record}, picture.record)
      np.testing.assert_allclose(picture.image, saved.image, atol=1 / 510)
      self.assertEqual(picture.path, path)
    image_files.write_png(folder / 'other.png', saved.image)
    with self.assertRaisesRegex(ValueError, "other.png' has no record.*; take"):
      pictures.Picture.open(folder / 'other.png')
    image_files.write_png(
      folder / 'list.png', saved.image, {picture_text.RECORD: '[1]'}
    )
    with self.assertRaisesRegex(
      ValueError, "list.png' is damaged .*no JSON object"
    ):
      pictures.Picture.open(folder / 'list.png')

  def test_saves_png_alone(self) -> None:
    with self.assertRaisesRegex(ValueError, "'cat.jpg' is no name of a PNG"):
      _picture().save('cat.jpg')


class PicturesTest(absltest.TestCase):
  def test_says_what_they_show(self) -> None:
    several = pictures.Pictures([_picture(0), _picture(1)])
    self.assertIn('  <Picture of 281 tabby, seed 1, 12 x 8>,\n', repr(several))
    self.assertEqual(repr(pictures.Pictures()), '[]')

  def labels(self, *asked: Dict[str, Any]) -> List[str]:
    """Returns the labels on a sheet of tabbies that settings tell apart."""
    several = pictures.Pictures(
      _picture()._replace(record={**_picture().record, **each})
      for each in asked
    )
    with mock.patch.object(contact_sheet, 'contact_sheet') as lay_out:
      several.sheet()
    labelled, count = lay_out.call_args[0]
    labels = [label for label, _ in labelled]
    self.assertLen(labels, count)
    return labels

  def test_labels_tell_pictures_apart(self) -> None:
    self.assertEqual(
      self.labels({'seed': 1}, {'seed': 2}),
      ['281 tabby · seed 1', '281 tabby · seed 2'],
    )
    self.assertEqual(
      self.labels(
        {'overrides': {'blur': 0.0, 'num_steps': 8}},
        {'overrides': {'blur': 0.0}},
        {'overrides': {'blur': 0.0}, 'preset': 'lucid'},
      ),
      [
        '281 tabby · preset None, num_steps 8',
        '281 tabby · preset None, num_steps as usual',
        '281 tabby · preset lucid, num_steps as usual',
      ],
    )
    self.assertEqual(
      self.labels({'class_id': 1, 'overrides': {'blur': 0.0}}, {}),
      ['1 tabby', '281 tabby'],
    )

  def test_slices_are_pictures(self) -> None:
    several = pictures.Pictures([_picture(seed) for seed in range(4)])
    self.assertIsInstance(several[1:], pictures.Pictures)
    self.assertIsInstance(several[1], pictures.Picture)

  def test_shows_a_sheet(self) -> None:
    several = pictures.Pictures([_picture(seed) for seed in range(4)])
    size = _opened(several._repr_png_() or b'').size
    self.assertGreater(size[0], 2 * 100)
    one = _opened(several[:1]._repr_png_())
    self.assertEqual(one.size, (12, 8))
    self.assertIsNone(several[:0]._repr_png_())

  def test_saves_the_sheet(self) -> None:
    path = Path(self.create_tempdir().full_path, 'sheet.png')
    several = pictures.Pictures([_picture(seed) for seed in range(4)])
    several.save(path)
    np.testing.assert_allclose(
      image_files.read_image(path), several.sheet(), atol=1 / 510
    )
    with mock.patch.object(Image.Image, 'show') as show:
      several.show()
    show.assert_called_once_with()


if __name__ == '__main__':
  absltest.main()
