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

"""Tests of which pictures differ by their seed alone."""

import dataclasses
import json
from pathlib import Path
from typing import Any, List

from absl.testing import absltest
import numpy as np

from magenta_viz.evaluation import pictures
from magenta_viz.media import image_files
from magenta_viz.testing import picture_records

_record = picture_records.record
_PARTS = picture_records.PARTS


class VariationsTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)

  def write(self, name: str, record: Any = None) -> None:
    """Writes a picture, with a record if there is one."""
    path = self.folder / name
    path.parent.mkdir(exist_ok=True)
    image_files.write_png(path, np.zeros((8, 8, 3)))
    if record is not None:
      path.with_suffix('.json').write_text(json.dumps(record))

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
