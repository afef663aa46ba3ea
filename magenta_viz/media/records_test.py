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

import json
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
from magenta_viz.testing import mutations


class RecordTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)
    self.path = self.folder / 'a.json'

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
    record = {
      'float32': np.float32(0.5),
      'int64': np.int64(2**40),
      'bool': np.bool_(True),
      'array': np.array([[1, 2], [3, 4.5]], np.float32),
      'scalar array': np.array(7),
      'names': np.array(['a', 'b']),
      'path': Path('a') / 'b',
      'nested': [{'tuple': (np.uint8(255), None)}],
      'yes': True,
    }
    records.write_record(self.path, record)
    read = records.read_record(self.path)
    self.assertEqual(
      read,
      {
        'float32': 0.5,
        'int64': 2**40,
        'bool': True,
        'array': [[1, 2], [3, 4.5]],
        'scalar array': 7,
        'names': ['a', 'b'],
        'path': os.path.join('a', 'b'),
        'nested': [{'tuple': [255, None]}],
        'yes': True,
      },
    )
    self.assertIs(read['bool'], True)
    self.assertEqual(list(read), list(record))

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
    with self.assertRaisesRegex(ValueError, message) as caught:
      records.write_record(self.path, record)
    self.assertNotIn('\n', str(caught.exception))
    self.assertFalse(self.path.exists())

  @parameterized.parameters(
    b'',
    b'{"a": 1',
    b'{"a": 1}}',
    b'[1]',
    b'3',
    b'\xff\xfe\xff',
    b'{"a": NaN}',
    b'\0' * 100,
  )
  def test_damaged(self, data: bytes) -> None:
    self.path.write_bytes(data)
    with self.assertRaises(ValueError) as caught:
      records.read_record(self.path)
    message = str(caught.exception)
    self.assertStartsWith(message, f"record '{self.path}' is damaged (")
    self.assertEndsWith(
      message, '); delete it, or draw its picture again with --overwrite'
    )
    self.assertNotIn('\n', message)

  @parameterized.parameters(
    ('1e999', 'seconds: 1e999 is too large for a number'),
    (
      '1' + '0' * 400,
      'seconds: 1000000000000000000000000000000000000000 is to',
    ),
    ('[-Infinity]', r'seconds[0]: -Infinity is no JSON number'),
    ('[' * 90_000, 'nested too deeply'),
    ('[' * 110_000, 'nested too deeply'),
    ('"' + 'x' * (1 << 25) + '"', 'more than 33554432 bytes'),
  )
  def test_values_that_no_record_has(self, value: str, reason: str) -> None:
    self.path.write_text(f'{{"seed": 0, "seconds": {value}}}')
    with self.assertRaises(ValueError) as caught:
      records.read_record(self.path)
    self.assertIn(f"record '{self.path}'", str(caught.exception))
    self.assertIn(reason, str(caught.exception))
    self.assertNotIn('\n', str(caught.exception))

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
        self.assertStartsWith(str(error), f"record '{self.path}' is damaged (")
        self.assertNotIn('\n', str(error))
      else:
        # What is read can be compared and written.
        records.differences(found, {'seed': 3})

  def test_every_cut_of_a_record_is_noticed(self) -> None:
    records.write_record(self.path, {'a': [1, 20], 'b': {'c': 'd'}})
    data = self.path.read_bytes()
    # The last byte is the end of the line, without which nothing is missing.
    for length in range(len(data) - 1):
      self.path.write_bytes(data[:length])
      with self.assertRaises(ValueError):
        records.read_record(self.path)

  def test_missing(self) -> None:
    with self.assertRaisesRegex(
      FileNotFoundError,
      f"^cannot read the record '{self.path}': No such file or directory; ",
    ):
      records.read_record(self.path)

  def test_folder(self) -> None:
    with self.assertRaisesRegex(OSError, '^cannot read the record '):
      records.read_record(self.folder)


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
    for text, beginning in zip(found, expected):
      self.assertStartsWith(text, beginning)

  def test_none_after_a_way_through_a_file(self) -> None:
    settings = {
      'size': (224, 320),
      'rate': np.float32(0.1),
      'path': Path('a/b'),
      'ids': np.arange(3),
      'recipe': {'zoom': (0.1, 1 / 3)},
      'one': 1.0,
    }
    path = Path(self.create_tempdir().full_path) / 'a.json'
    records.write_record(path, settings)
    read = json.loads(path.read_text(encoding='utf-8'))
    self.assertEmpty(records.differences(read, settings))
    self.assertEmpty(records.differences({'one': 1}, {'one': 1.0}))

  def test_order_of_keys_does_not_matter(self) -> None:
    self.assertEmpty(
      records.differences({'a': {'b': 1, 'c': 2}}, {'a': {'c': 2, 'b': 1}})
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


if __name__ == '__main__':
  absltest.main()
