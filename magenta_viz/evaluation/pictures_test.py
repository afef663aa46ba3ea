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

import json
import os
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image

from magenta_viz.evaluation import networks
from magenta_viz.evaluation import pictures
from magenta_viz.media import image_files
from magenta_viz.testing import picture_records

_GREY = np.full((8, 8, 3), 0.5, np.float32)


_record = picture_records.record
_PARTS = picture_records.PARTS


class _TestCase(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)

  def write(self, name: str, record: Any = None) -> None:
    """Writes a picture, with a record if there is one."""
    path = self.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == '.png':
      image_files.write_png(path, _GREY)
    else:
      Image.new('RGB', (8, 8)).save(path)
    if record is not None:
      path.with_suffix('.json').write_text(json.dumps(record))

  def find(self) -> Dict[str, pictures.Picture]:
    """Returns what is found, by name."""
    found = pictures.find(str(self.folder))
    return {picture.name: picture for picture in found}


class FindTest(_TestCase):
  def test_record(self) -> None:
    # The name says otherwise.
    self.write('999_x_0.png', _record())
    (picture,) = pictures.find(str(self.folder))
    self.assertEqual(picture.path, self.folder / '999_x_0.png')
    self.assertEqual(picture.name, '999_x_0.png')
    self.assertEqual(picture.class_id, 281)
    self.assertEqual(picture.class_name, 'tabby, tabby cat')
    self.assertEqual(picture.seed, 7)
    self.assertEqual(picture.preset, 'lucid')
    self.assertEqual(
      picture.networks,
      (
        networks.Network('googlenet', 'ab', 1.0),
        networks.Network('squeezenet', 'cd', 0.5),
      ),
    )
    self.assertEqual(picture.drawn_by, 'googlenet + squeezenet:0.5')
    self.assertEqual(picture.seconds, 12.5)
    self.assertEqual(picture.own_rank, 2)
    self.assertEqual(picture.own_probability, 0.75)

  def test_record_of_an_objective_is_of_no_class(self) -> None:
    record = _record(objective='layer:conv1', rank=None, class_name=None)
    del record['class_id'], record['probability']
    self.write('3_x.png', record)
    picture = self.find()['3_x.png']
    self.assertIsNone(picture.class_id)
    self.assertIsNone(picture.own_rank)
    self.assertLen(picture.networks, 2)

  def test_record_of_an_early_version(self) -> None:
    record = _record(
      settings={'model': 'a', 'weights_sha256': 'b'}, weights='somewhere'
    )
    del record['preset'], record['networks']
    self.write('a.png', record)
    picture = self.find()['a.png']
    self.assertIsNone(picture.preset)
    self.assertEqual(picture.networks, (networks.Network('a', 'b', 1.0),))
    self.assertEqual(picture.drawn_by, 'a')

  @parameterized.parameters(
    ('281.png', 281),
    ('281_tabby.jpg', 281),
    ('0281-x.png', 281),
    ('000.webp', 0),
    ('7 b.BMP', 7),
    ('3d.png', None),
    ('a281.png', None),
    ('12345678901234567890.png', None),
    ('281/a.png', 281),
    ('281/b/a.png', 281),
    ('7/281/a.png', 281),
    # A date is no id.
    ('20260501_1.png', None),
    ('7/20260501.png', 7),
    ('7/2026050112/a.png', 7),
    ('7/281_x/a.png', 7),
    ('5/281.png', 281),
    ('n02123045/a.png', None),
    # Arabic-Indic digits.
    ('\u0661/\u0661.png', None),
  )
  def test_class_without_a_record(
    self, name: str, class_id: Optional[int]
  ) -> None:
    self.write(name)
    picture = self.find()[name]
    self.assertEqual(picture.class_id, class_id)
    self.assertIsNone(picture.class_name)
    self.assertIsNone(picture.seed)
    self.assertEqual(picture.networks, ())

  @parameterized.parameters(
    ('finch.png', ('finch',)),
    ('finch_3.png', ('finch_3', 'finch')),
    ('house finch (12).jpg', ('house finch (12)', 'house finch')),
    ('finch3.png', ('finch3', 'finch')),
    ('a/Finch/0001.png', ('Finch', 'a', '0001')),
    ('3_0001.png', ('3_0001', '3')),
    ('3-a.png', ('3-a', '3')),
    ('281_tabby_2.png', ('281_tabby_2', '281_tabby', '281')),
  )
  def test_labels(self, name: str, labels: Tuple[str, ...]) -> None:
    self.write(name)
    self.assertEqual(self.find()[name].labels, labels)

  def test_record_leaves_no_labels(self) -> None:
    self.write('finch/a.png', _record())
    self.assertEqual(self.find()['finch/a.png'].labels, ())

  def test_name_of_the_folder_itself_says_nothing(self) -> None:
    self.folder = self.folder / '281'
    self.write('a.png')
    self.assertIsNone(self.find()['a.png'].class_id)

  @parameterized.parameters([{}], [{'prompt': 'a cat', 'seed': 1}])
  def test_json_of_another_program_says_nothing(self, record: Any) -> None:
    self.write('281.png', record)
    picture = self.find()['281.png']
    self.assertEqual(picture.class_id, 281)
    self.assertIsNone(picture.seed)

  def test_folder_by_folder_in_natural_order(self) -> None:
    names = ['2.png', '10.png', 'a/9.png', 'b/1.jpg', 'b/c/1.png', 'b/c/3.png']
    for name in reversed(names):
      self.write(name)
    self.assertEqual(list(self.find()), names)

  def test_leaves_out_what_is_no_picture(self) -> None:
    self.write('1.png')
    for name in (
      *('sheet.png', 'a/sheet.png', '.2.png', '.a/3.png'),
      *('__MACOSX/1.png', 'a/__MACOSX/2.png', 'a/._1.png'),
    ):
      self.write(name)
    os.mkfifo(self.folder / '9.png')
    (self.folder / '10.png').symlink_to('no such file')
    (self.folder / '11.png').mkdir()
    (self.folder / 'b').symlink_to(self.folder)
    for name in ('4.txt', 'evaluation.html', 'evaluation.json', '5.mp4'):
      (self.folder / name).write_text('{}')
    frames = [Image.new('L', (8, 8), level) for level in (0, 255)]
    for name in ('281_0.gif', '6.webp', '7.png'):
      frames[0].save(
        self.folder / name, save_all=True, append_images=frames[1:]
      )
    # Of a single frame, it is as good as any.
    frames[0].save(self.folder / '8.gif')
    self.assertEqual(list(self.find()), ['1.png', '8.gif'])

  def test_film_of_the_ascent_beside_its_picture(self) -> None:
    self.write('281_tabby_0.png', _record())
    frames = [Image.new('L', (8, 8), level) for level in (0, 255)]
    frames[0].save(
      self.folder / '281_tabby_0.gif', save_all=True, append_images=frames[1:]
    )
    self.assertEqual(list(self.find()), ['281_tabby_0.png'])


class RefusesTest(_TestCase):
  def test_no_folder(self) -> None:
    with self.assertRaisesRegex(
      FileNotFoundError,
      "^cannot read the folder '.*/none': No such file or directory; give"
      ' --input_dir a folder of pictures$',
    ):
      pictures.find(str(self.folder / 'none'))

  def test_a_file(self) -> None:
    self.write('a.png')
    with self.assertRaisesRegex(NotADirectoryError, "folder '.*a.png': Not a"):
      pictures.find(str(self.folder / 'a.png'))

  @parameterized.parameters([[]], [['sheet.png']], [['.a.png', 'sheet.png']])
  def test_no_pictures(self, names: List[str]) -> None:
    for name in names:
      self.write(name)
    with self.assertRaisesRegex(
      ValueError, r"^folder '.*' has no pictures, not counting films and sheet"
    ):
      self.find()

  def test_damaged_record(self) -> None:
    self.write('b/281_tabby_0.png')
    path = self.folder / 'b' / '281_tabby_0.json'
    path.write_text('{"seed": 0, "sett')
    with self.assertRaisesRegex(ValueError, f"^record '{path}' is damaged"):
      self.find()

  @parameterized.parameters(
    ('class_id', -1, '-1'),
    ('class_id', 1.5, '1.5'),
    ('class_id', True, 'true'),
    ('class_name', 7, '7'),
    ('seed', 'x', '"x"'),
    ('seed', 2**31, '2147483648'),
    ('rank', 0, '0'),
    ('probability', 1.5, '1.5'),
    ('seconds', -1, '-1'),
    ('probability', False, 'false'),
    ('seconds', 'long', '"long"'),
    ('preset', [], r'\[\]'),
    ('settings', [1], r'\[1\]'),
    ('class_name', 'x' * 1001, '"x+'),
    ('settings', {'model': 3}, '3', 'settings.model'),
    (
      *('settings', {'model': 'a', 'weights_sha256': 3}),
      *('3', 'settings.weights_sha256'),
    ),
    (
      *('settings', {'networks': [_PARTS[0], {'model': 'a'}]}),
      *('null', r'settings.networks\[1\].weights_sha256'),
    ),
  )
  def test_value_that_no_record_has(
    self, key: str, value: Any, shown: str, named: Optional[str] = None
  ) -> None:
    self.write('a.png', _record(**{key: value}))
    with self.assertRaisesRegex(
      ValueError,
      f"^record '.*a.json' is damaged \\({named or key} is {shown}\\); delete"
      ' it, or draw its picture again$',
    ):
      self.find()

  @parameterized.parameters('class_id', 'rank', 'seconds')
  def test_number_of_many_digits(self, key: str) -> None:
    self.write('a.png', _record(**{key: 10**400}))
    with self.assertRaisesRegex(
      ValueError,
      f"^record '.*a.json' is damaged \\({key}: 10+ is too large for a number",
    ):
      self.find()

  @parameterized.parameters('1e999', '-1e999', '9' * 5000, 'NaN')
  def test_number_that_is_none(self, text: str) -> None:
    self.write('b.png', _record(seconds=0))
    path = self.folder / 'b.json'
    path.write_text(
      path.read_text().replace('"seconds": 0', f'"seconds": {text}')
    )
    with self.assertRaisesRegex(ValueError, f"^record '{path}' is damaged \\("):
      self.find()


if __name__ == '__main__':
  absltest.main()
