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

"""Tests of records: whether they are of what a run is about to write."""

import os
from pathlib import Path
from typing import Any

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.media import records


class IsRecordedTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.path = os.path.join(self.create_tempdir().full_path, 'record.json')

  def test_no_record(self) -> None:
    self.assertFalse(records.is_recorded(self.path, {'num_steps': 3}))

  def test_the_same_settings(self) -> None:
    records.write_record(self.path, {'seed': 1, 'settings': {'size': (3, 4)}})
    self.assertTrue(records.is_recorded(self.path, {'size': [3, 4]}))

  @parameterized.parameters(
    ({'settings': {'num_steps': 2}}, 'num_steps: 2 there, 3 now'),
    ({'settings': 3}, 'num_steps: not there, 3 now'),
    ({}, 'num_steps: not there, 3 now'),
  )
  def test_other_settings(self, record: Any, difference: str) -> None:
    records.write_record(self.path, record)
    with self.assertRaises(ValueError) as caught:
      records.is_recorded(self.path, {'num_steps': 3})
    self.assertEqual(
      str(caught.exception),
      f"'{self.path}' is of other settings ({difference}); use --overwrite,"
      ' another --output_dir or the same settings',
    )


class CheckPicturesTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    folder = Path(self.create_tempdir().full_path)
    self.path = folder / 'a.json'
    self.pictures = [folder / 'a.png', folder / 'b.png']
    for picture in self.pictures:
      picture.write_bytes(picture.name.encode())

  def test_as_they_were(self) -> None:
    told = records.pictures_sha256(self.pictures)
    self.assertEqual(list(told), ['a.png', 'b.png'])
    records.write_record(self.path, {'pictures_sha256': told})
    records.check_pictures(self.path, self.pictures)

  def test_changed(self) -> None:
    told = records.pictures_sha256(self.pictures)
    for hashes in (told, {'a.png': told['a.png']}, {}):
      records.write_record(self.path, {'pictures_sha256': hashes})
      self.pictures[1].write_bytes(b'other')
      with self.assertRaisesRegex(
        ValueError,
        "'(.*)[ab].png' is not the picture that '\\1a.json' tells of: it has",
      ):
        records.check_pictures(self.path, self.pictures)

  def test_of_old_versions(self) -> None:
    for record in ({}, {'pictures_sha256': 'a'}):
      records.write_record(self.path, record)
      records.check_pictures(self.path, self.pictures)


class CheckSubjectTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.path = Path(self.create_tempdir().full_path) / 'a.json'

  @parameterized.parameters(
    ({}, {'class_name': 'a', 'image': 'b'}, None),
    ({'class_name': 'a'}, {'class_name': 'a', 'image': None}, None),
    ({'image': 'b/a.png'}, {'image': './b/c/../a.png'}, None),
    (
      {'image': 'b/a.png', 'settings': {'image_sha256': '01'}},
      {'image': 'a.jpg'},
      '01',
    ),
  )
  def test_same(self, record: Any, subject: Any, sha256: Any) -> None:
    records.check_subject(self.path, subject, sha256)
    records.write_record(self.path, record)
    records.check_subject(self.path, subject, sha256)
    self.path.write_bytes(b'damaged')
    records.check_subject(self.path, subject, sha256)

  @parameterized.parameters(
    ('class_name', 'a b', 'a-b', None),
    ('objective', 'layer:a/b', 'layer:a-b', None),
    ('image', 'b/a.png', 'c/a.png', None),
    ('image', 'a.png', 'a.jpg', '01'),
    # Names of which a system sees one.
    ('image', 'a.png', 'A.png', '01'),
  )
  def test_another(self, name: str, there: str, now: str, sha256: Any) -> None:
    settings = {'image_sha256': '02'}
    records.write_record(self.path, {name: there, 'settings': settings})
    with self.assertRaisesRegex(
      ValueError,
      f"^'{self.path}' is of the {name} '{there}', which gives files the same"
      f" names as '{now}'; take another --output_dir, or move them$",
    ):
      records.check_subject(self.path, {name: now}, sha256)


if __name__ == '__main__':
  absltest.main()
