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

"""Tests for records."""

import math
import os
from pathlib import Path
import platform
import sys
from typing import Any, Dict, List
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.media import records
from magenta_viz.testing import folder_case
from magenta_viz.testing import mutations


class _Case(folder_case.FolderCase):
  def setUp(self) -> None:
    super().setUp()
    self.path = self.folder / 'a.json'


class RecordTest(_Case):
  def test_text_of_the_file(self) -> None:
    records.write_record(
      self.path, {'z': 1, 'a': {'y': [], 'b': 'é\ud800'}, 'm': (1, 2.5)}
    )
    self.assertEqual(
      self.path.read_bytes().decode(),
      '{\n  "z": 1,\n  "a": {\n    "y": [],\n    "b": "\\u00e9\\ud800"\n  },\n'
      '  "m": [\n    1,\n    2.5\n  ]\n}\n',
    )
    self.assertEqual(os.listdir(self.folder), ['a.json'])

  def test_converts(self) -> None:
    # What is written, and what is read.
    pairs = {
      'float32': (np.float32(0.5), 0.5),
      'int64': (np.int64(2**40), 2**40),
      'bool': (np.bool_(True), True),
      'array': (np.array([[1, 2], [3, 4.5]], np.float32), [[1, 2], [3, 4.5]]),
      'scalar array': (np.array(7), 7),
      'names': (np.array(['a', 'b']), ['a', 'b']),
      'path': (Path('a') / 'b', os.path.join('a', 'b')),
      'nested': ([{'tuple': (np.uint8(255), None)}], [{'tuple': [255, None]}]),
      'yes': (True, True),
    }
    record = {name: written for name, (written, _) in pairs.items()}
    records.write_record(self.path, record)
    read = records.read_record(self.path)
    self.assertEqual(read, {name: found for name, (_, found) in pairs.items()})
    self.assertIs(read['bool'], True)
    self.assertEqual(list(read), list(record))
    self.assertEmpty(records.differences(read, record))

  @parameterized.parameters(
    ({'score': math.nan}, "record's score is nan, not a finite number"),
    ({'a': {'b': [1, math.inf]}}, r"record's a\.b\[1\] is inf, not a finite"),
    (
      {'s': np.array([[0, -np.inf]], np.float32)},
      r"record's s\[0\]\[1\] is -inf",
    ),
    ({'when': {1, 2}}, "record's when is a set; it may be"),
    ({'a': {1: 2}}, "record's a is a dict; it may be .* mapping by text"),
    ({'a': b'x'}, "record's a is a bytes"),
    ({'a': np.array([object()])}, r"record's a\[0\] is a object"),
    ({'a': 1j}, "record's a is a complex"),
  )
  def test_refuses(self, record: Dict[str, Any], message: str) -> None:
    self.refuses(message, records.write_record, self.path, record)
    self.assertFalse(self.path.exists())

  @parameterized.parameters(
    *(
      (
        data,
        r'damaged \(.*\); delete it, and the same command',
      )
      for data in (b'', b'{"a": 1', b'{"a": 1}}', b'[1]', b'3', b'\xff\xfe\xff')
    ),
    (b'{"seconds": 1e999}', 'seconds: 1e999 is too large for a number'),
    (b'{"seconds": [-Infinity]}', r'seconds\[0\]: -Infinity is no JSON number'),
    (b'{"seconds": %s' % (b'[' * 90_000), 'nested too deeply'),
    (b'"%s"' % (b'x' * (1 << 25)), 'more than 33554432 bytes'),
  )
  def test_damaged(self, data: bytes, reason: str) -> None:
    self.path.write_bytes(data)
    message = f"record '{self.path}'.*{reason}"
    self.refuses(message, records.read_record, self.path)

  def test_damaged_copies(self) -> None:
    records.write_record(
      self.path,
      {'seed': 3, 'settings': {'size': (64, 80)}, 'scores': [0.5, -1e-7]},
    )
    good = self.path.read_bytes()
    for copy in mutations.all_mutated(good, 1000):
      self.path.write_bytes(copy)
      try:
        found = records.read_record(self.path)
      except ValueError as error:
        self.assertRegex(str(error), f"^record '{self.path}' is damaged .*$")
      else:
        # What is read can be compared and written.
        records.differences(found, {'seed': 3})

  def test_every_cut_of_a_record_is_noticed(self) -> None:
    records.write_record(self.path, {'a': [1, 20], 'b': {'c': 'd'}})
    data = self.path.read_bytes()
    # The last byte is the end of the line, without which nothing is missing.
    for length in range(len(data) - 1):
      self.path.write_bytes(data[:length])
      with self.assertRaisesRegex(ValueError, 'is damaged'):
        records.read_record(self.path)

  def test_missing(self) -> None:
    message = "^cannot read the record '.*': (No such file|Is a dir|Permission)"
    for path in (self.path, self.folder):
      self.refuses(message, records.read_record, path, kind=OSError)


class DifferencesTest(parameterized.TestCase):
  @parameterized.parameters(
    ({'num_steps': 256}, {'num_steps': 320}, ['num_steps: 256 there, 320 now']),
    (
      {'model': 'googlenet', 'a': 1},
      {'a': 1, 'model': '1'},
      ['model: "googlenet" there, "1" now'],
    ),
    ({'a': None}, {}, ['a: null there, not known now']),
    ({}, {'a': None}, ['a: not there, null now']),
    (
      {'x': [1, 2], 'old': 1, 'y': 1},
      {'y': 2, 'x': (1, 3)},
      [
        'y: 1 there, 2 now',
        'x: [1, 2] there, [1, 3] now',
        'old: 1 there, not known now',
      ],
    ),
    ({'a': {'b': [1]}}, {'a': {'b': (2,)}}, ['a: {"b": [1]} there, ']),
  )
  def test_names_each(
    self, old: Dict[str, Any], new: Dict[str, Any], expected: List[str]
  ) -> None:
    found = records.differences(old, new)
    self.assertLen(found, len(expected))
    for text, beginning in zip(map(': '.join, found.items()), expected):
      self.assertStartsWith(text, beginning)

  def test_what_json_does_not_tell_apart(self) -> None:
    old = {'a': {'b': 1, 'c': 2}, 'one': 1}
    self.assertEmpty(
      records.differences(old, {'one': 1.0, 'a': {'c': 2, 'b': 1}})
    )


class PeakMemoryBytesTest(absltest.TestCase):
  @absltest.skipIf(sys.platform == 'win32', 'not counted there')
  def test_counts_what_is_used(self) -> None:
    block = np.ones(64_000_000, np.uint8)
    peak = records.peak_memory_bytes()
    assert peak is not None
    self.assertGreater(peak, block.nbytes)
    del block
    after = records.peak_memory_bytes()
    assert after is not None
    self.assertGreaterEqual(after, peak)

  def test_unit_of_each_system(self) -> None:
    fake = mock.Mock()
    fake.getrusage.return_value.ru_maxrss = 2048
    with mock.patch.dict(sys.modules, {'resource': fake}):
      for name, expected in (('linux', 2048 * 1024), ('darwin', 2048)):
        with mock.patch.object(sys, 'platform', name):
          self.assertEqual(records.peak_memory_bytes(), expected)

  def test_system_that_does_not_count(self) -> None:
    with mock.patch.dict(sys.modules, {'resource': None}):
      self.assertIsNone(records.peak_memory_bytes())


class VersionsTest(absltest.TestCase):
  def test_versions(self) -> None:
    found = records.versions(['numpy', 'no-such-package-zz'])
    self.assertEqual(
      list(found.items()),
      [
        ('python', platform.python_version()),
        ('numpy', np.__version__),
        ('no-such-package-zz', 'not installed'),
      ],
    )


def _wanted(**settings: Any) -> Dict[str, Any]:
  return {'settings': settings}


class IsRecordedTest(_Case):
  def test_no_record(self) -> None:
    self.assertFalse(records.is_recorded(self.path, _wanted(num_steps=3)))

  def test_the_same_settings(self) -> None:
    records.write_record(self.path, {'seed': 1, 'settings': {'size': (3, 4)}})
    self.assertTrue(records.is_recorded(self.path, _wanted(size=[3, 4])))

  @parameterized.parameters(
    ({'settings': {'num_steps': 2}}, 'num_steps: 2 there, 3 now'),
    ({'settings': 3}, 'num_steps: not there, 3 now'),
    ({}, 'num_steps: not there, 3 now'),
  )
  def test_other_settings(self, record: Any, difference: str) -> None:
    records.write_record(self.path, record)
    self.refuses(
      rf"^'{self.path}' is of other settings \({difference}\); use --overwrite,"
      ' another --output_dir or the same settings$',
      records.is_recorded,
      self.path,
      _wanted(num_steps=3),
    )


class CheckPicturesTest(_Case):
  def setUp(self) -> None:
    super().setUp()
    self.pictures = [self.folder / 'a.png', self.folder / 'b.png']
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
      self.refuses(
        "'(.*)[ab].png' is not the picture that '\\1a.json' tells of: it has",
        records.check_pictures,
        self.path,
        self.pictures,
      )

  def test_of_old_versions(self) -> None:
    for record in ({}, {'pictures_sha256': 'a'}):
      records.write_record(self.path, record)
      records.check_pictures(self.path, self.pictures)


class CheckSubjectTest(_Case):
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
    self.refuses(
      f"^'{self.path}' is of the {name} '{there}', which gives files the same"
      f" names as '{now}'; take another --output_dir, or move them$",
      records.check_subject,
      self.path,
      {name: now},
      sha256,
    )


if __name__ == '__main__':
  absltest.main()
