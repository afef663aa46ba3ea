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

import dataclasses
import itertools
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
from magenta_viz.evaluation import record_reader
from magenta_viz.media import image_files
from magenta_viz.media import picture_text
from magenta_viz.models import model_spec
from magenta_viz.testing import picture_records

_GREY = np.full((8, 8, 3), 0.5, np.float32)

_record = picture_records.record
_PARTS = picture_records.PARTS
_PART = _PARTS[0]


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


def _read(settings: Any) -> Tuple[networks.Network, ...]:
  return networks.read(record_reader.Reader(Path('a.json'), settings))


class FindTest(_TestCase):
  def test_record(self) -> None:
    # The name says otherwise.
    self.write('finch/999_x_0.png', _record())
    (picture,) = pictures.find(str(self.folder))
    drawn_by = (
      networks.Network('googlenet', 'ab', 1.0),
      networks.Network('squeezenet', 'cd', 0.5),
    )
    expected = {
      'path': self.folder / 'finch/999_x_0.png',
      'name': 'finch/999_x_0.png',
      'labels': (),
      'class_id': 281,
      'class_name': 'tabby, tabby cat',
      'seed': 7,
      'preset': 'lucid',
      'networks': drawn_by,
      'seconds': 12.5,
      'own_rank': 2,
      'own_probability': 0.75,
    }
    self.assertEqual(vars(picture), {**vars(picture), **expected})
    self.assertEqual(picture.drawn_by, 'googlenet + squeezenet:0.5')
    self.assertTrue(picture.is_by('cd'))
    self.assertFalse(picture.is_by('ef'))

  def test_record_inside(self) -> None:
    self.write('beside.png', _record())
    record = _record()
    text = picture_text.of_record('tabby', record)
    image_files.write_png(self.folder / 'inside.png', _GREY, text)
    self.write('damaged.png')
    image_files.write_png(
      self.folder / 'damaged.png', _GREY, {picture_text.RECORD: '{'}
    )
    found = self.find()
    beside = vars(found['beside.png'])
    # Nothing that another run would have otherwise.
    own = {'path': self.folder / 'inside.png', 'name': 'inside.png'}
    self.assertEqual(
      vars(found['inside.png']), {**beside, **own, 'seconds': None}
    )
    self.assertEmpty(found['damaged.png'].networks)

  def test_record_of_an_objective_is_of_no_class(self) -> None:
    record = _record(objective='layer:conv1', rank=None, class_name=None)
    del record['class_id'], record['probability']
    self.write('3_x.png', record)
    picture = self.find()['3_x.png']
    self.assertIsNone(picture.class_id)
    self.assertIsNone(picture.own_rank)
    self.assertLen(picture.networks, 2)

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


class NetworksTest(parameterized.TestCase):
  @parameterized.parameters(
    (1.0, 'x'),
    (1, 'x'),
    (None, 'x'),
    (0.5, 'x:0.5'),
    (2, 'x:2'),
    (0, 'x:0'),
    (1 / 3, 'x:0.333333'),
  )
  def test_label(self, weight: Optional[float], label: str) -> None:
    (network,) = _read(
      {'networks': [{**_PART, 'model': 'x', 'weight': weight}]}
    )
    self.assertEqual(network.label, label)

  def test_order_does_not_matter(self) -> None:
    known = list(model_spec.MODEL_SPECS)
    parts = [{**_PART, 'model': name} for name in (*known, 'a', 'b')]
    parts += [{**parts[-1], 'weight': 2}, {**parts[-1], 'weights_sha256': 'e'}]
    expected = _read({'networks': parts})
    self.assertEqual(
      [network.model for network in expected], [*known, 'a', 'b', 'b', 'b']
    )
    self.assertLen(set(expected), len(parts))
    for order in itertools.permutations(parts[-4:]):
      mixed = [*order, *parts[:-4][::-1]]
      self.assertEqual(_read({'networks': mixed}), expected)

  def test_old_record(self) -> None:
    old = {'model': 'a', 'weights_sha256': 'ab', 'num_steps': 3}
    self.assertEqual(_read(old), (networks.Network('a', 'ab', 1.0),))
    # One of both kinds is of the new one.
    (network,) = _read({**old, 'networks': [_PART]})
    self.assertEqual(network.model, 'squeezenet')

  def test_record_that_does_not_say(self) -> None:
    for settings in ({}, {'networks': None}, {'preset': 'x'}):
      self.assertEqual(_read(settings), ())


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
    ('settings', {'model': 3}, '3', '.model'),
    ('settings', {'model': 'a'}, 'null', '.weights_sha256'),
    ('settings', {'weights_sha256': 'ab'}, 'null', '.model'),
    ('networks', 'squeezenet', '"squeezenet"', ''),
    ('networks', {'model': 'a'}, '{"model": "a"}', ''),
    ('networks', True, 'true', ''),
    ('networks', [], r'\[\]', ''),
    ('networks', [_PART] * 33, r'\[{"model": "squeezenet", .*', ''),
    ('networks', [_PART, 'squeezenet'], '"squeezenet"', r'\[1\]'),
    ('networks', [None], 'null', r'\[0\]'),
    ('networks', [{}], 'null', r'\[0\].model'),
    ('networks', [{**_PART, 'model': ''}], '""', r'\[0\].model'),
    ('networks', [{**_PART, 'model': 'a' * 1001}], '"a+', r'\[0\].model'),
    (
      *('networks', [_PART, {'model': 'a'}]),
      *('null', r'\[1\].weights_sha256'),
    ),
    ('networks', [{**_PART, 'weight': '1'}], '"1"', r'\[0\].weight'),
    ('networks', [{**_PART, 'weight': True}], 'true', r'\[0\].weight'),
    ('networks', [{**_PART, 'weight': -1}], '-1', r'\[0\].weight'),
    ('networks', [{**_PART, 'weight': 1e7}], '10000000.0', r'\[0\].weight'),
  )
  def test_value_that_no_record_has(
    self, key: str, value: Any, shown: str, place: str = ''
  ) -> None:
    named = f'{key}{place}'
    if key == 'networks':
      key, value, named = 'settings', {key: value}, f'settings.{named}'
    self.write('a.png', _record(**{key: value}))
    with self.assertRaisesRegex(
      ValueError,
      f"^record '.*a.json' is damaged \\({named} is {shown}\\); delete"
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


class VariationsTest(_TestCase):
  def sets(self) -> List[List[str]]:
    """Returns the names of what differs by its seed alone."""
    found = [
      dataclasses.replace(picture, class_key=picture.class_id)
      for picture in pictures.find(str(self.folder))
    ]
    return [
      [each.name for each in alike] for alike in pictures.variations(found)
    ]

  def test_seeds_of_one_kind(self) -> None:
    other = dict(_record()['settings'], chroma=0.5)
    for seed in range(3):
      self.write(f'a{seed}.png', _record(seed=seed))
    for seed in range(2):
      self.write(f'b{seed}.png', _record(seed=seed, settings=other))
    self.write('c.png', _record(class_id=3))
    self.write('d.png', _record(frame=1))
    self.write('e.png', _record(image='photo.jpg'))
    self.assertEqual(
      self.sets(), [['a0.png', 'a1.png', 'a2.png'], ['b0.png', 'b1.png']]
    )

  def test_of_the_same_networks(self) -> None:
    others = [_PARTS[:1], [{**_PARTS[0], 'weight': 1.0}, _PARTS[1]]]
    for place, parts in enumerate([_PARTS, *others]):
      settings = dict(_record()['settings'], networks=parts)
      for seed in range(2):
        self.write(f'{place}{seed}.png', _record(seed=seed, settings=settings))
    self.assertEqual(
      self.sets(), [[f'{place}0.png', f'{place}1.png'] for place in range(3)]
    )

  def test_same_seed_in_two_folders_is_the_same_picture(self) -> None:
    for name, seed in (('a/x.png', 0), ('b/x.png', 0), ('b/y.png', 1)):
      self.write(name, _record(seed=seed))
    self.assertEqual(self.sets(), [['a/x.png', 'b/y.png']])

  def test_without_records_those_of_one_folder(self) -> None:
    for name in ('281_a.png', '281_b.png', '3.png', 'x/281.png', '7/a.png'):
      self.write(name)
    self.write('7/b.png')
    self.assertEqual(
      self.sets(), [['281_a.png', '281_b.png'], ['7/a.png', '7/b.png']]
    )

  def test_not_of_objectives(self) -> None:
    for seed in range(2):
      record = _record(seed=seed, objective='layer:conv1')
      del record['class_id']
      self.write(f'a{seed}.png', record)
    self.write('b.png')
    self.write('c.png')
    self.assertEqual(self.sets(), [])


if __name__ == '__main__':
  absltest.main()
