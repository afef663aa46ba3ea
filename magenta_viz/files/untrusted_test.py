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

"""Tests of untrusted."""

import os
from pathlib import Path
import resource
import tracemalloc

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.files import untrusted


class ReadBytesTest(parameterized.TestCase):
  def read(self, path: untrusted.PathLike) -> bytes:
    return untrusted.read_bytes(path, 100, 'the list', 'give another')

  def test_reads_a_plain_file(self) -> None:
    path = self.create_tempfile(content=b'x' * 100, mode='wb').full_path
    self.assertEqual(self.read(path), b'x' * 100)

  def test_refuses_more_bytes_than_it_may_have(self) -> None:
    path = self.create_tempfile(content=b'x' * 101, mode='wb').full_path
    with self.assertRaisesRegex(
      ValueError, f"cannot read the list '{path}': it has more than 100 bytes"
    ):
      self.read(path)

  def test_does_not_read_a_large_file_to_refuse_it(self) -> None:
    path = Path(self.create_tempdir(), 'large')
    with path.open('wb') as file:
      file.truncate(2**40)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with self.assertRaisesRegex(ValueError, 'more than 100 bytes'):
      self.read(path)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    self.assertLess(after - before, 10_000)

  def test_makes_no_room_for_all_that_a_file_may_have(self) -> None:
    path = self.create_tempfile(content=b'x', mode='wb').full_path
    tracemalloc.start()
    self.addCleanup(tracemalloc.stop)
    untrusted.read_bytes(path, 1 << 30, 'the list', 'give another')
    self.assertLess(tracemalloc.get_traced_memory()[1], 1 << 20)

  def test_reads_a_file_whose_size_is_not_known(self) -> None:
    self.assertIn(
      b'MemTotal', untrusted.read_bytes('/proc/meminfo', 9999, '', '')
    )

  def test_does_not_wait_for_a_pipe(self) -> None:
    path = os.path.join(self.create_tempdir(), 'pipe')
    os.mkfifo(path)
    with self.assertRaisesRegex(ValueError, 'it is no plain file; give anot'):
      self.read(path)

  def test_refuses_a_device(self) -> None:
    with self.assertRaisesRegex(ValueError, "'/dev/zero': it is no plain file"):
      self.read('/dev/zero')

  def test_says_what_the_system_says(self) -> None:
    with self.assertRaisesRegex(
      FileNotFoundError, "cannot read the list 'none': No such file"
    ):
      self.read('none')
    with self.assertRaisesRegex(OSError, "'.+': (Is a directory|Permission)"):
      self.read(self.create_tempdir().full_path)


class GuardTest(parameterized.TestCase):
  @parameterized.parameters(
    KeyError, RuntimeError, AttributeError, RecursionError, EOFError, OSError
  )
  def test_makes_one_sentence_of_any_error(self, kind: type) -> None:
    with self.assertRaises(ValueError) as caught:
      with untrusted.guard("cannot read 'a'", 'give another'):
        raise kind('two\nlines')
    text = str(caught.exception)
    self.assertRegex(text, r"cannot read 'a' \('?two.{1,2}lines'?\); give anot")
    self.assertNotIn('\n', text)
    self.assertIsInstance(caught.exception.__cause__, kind)

  def test_names_an_error_without_words(self) -> None:
    with self.assertRaisesRegex(ValueError, r'\(EOFError\)'):
      with untrusted.guard('', ''):
        raise EOFError

  def test_shortens_long_words(self) -> None:
    with self.assertRaisesRegex(ValueError, r'^ \(x{200} \.\.\.\); $'):
      with untrusted.guard('', ''):
        raise ValueError('x' * 10_000)

  def test_leaves_memory_and_interrupts_alone(self) -> None:
    for kind in (MemoryError, KeyboardInterrupt):
      with self.assertRaises(kind):
        with untrusted.guard('', ''):
          raise kind


class ParseJsonTest(parameterized.TestCase):
  def test_parses(self) -> None:
    self.assertEqual(
      untrusted.parse_json(b'{"a": [1, -2.5, null, true, "x"]}'),
      {'a': [1, -2.5, None, True, 'x']},
    )
    largest = 2**63 - 1
    self.assertEqual(untrusted.parse_json(b'%d' % largest), largest)

  @parameterized.parameters(
    (b'[' * 100_000, 'nested too deeply'),
    (b'{"a":' * 100_000, 'nested too deeply'),
    (b'NaN', 'NaN is no JSON number'),
    (b'[-Infinity]', '-Infinity is no JSON number'),
    (b'1e999', '^1e999 is too large'),
    (b'{"a": {"b": [0, 1e999]}}', r'^a\.b\[1\]: 1e999 is too large'),
    (b'[{"a": NaN, "a": 1}]', '^NaN is no JSON number'),
    (b'[' + b'[],' * 100_000 + b'[]]', 'more than 100000 lists'),
    (b'-1e999', '-1e999 is too large'),
    (b'1' + b'0' * 400, '10{39} is too large'),
    (b'1' + b'0' * 40_000, '10{39} is too large'),
    (b'{', 'Expecting'),
    (b'', 'Expecting'),
    (b'\xff\xfe\xff', 'decode'),
  )
  def test_refuses(self, data: bytes, message: str) -> None:
    with self.assertRaisesRegex(ValueError, message):
      untrusted.parse_json(data)


if __name__ == '__main__':
  absltest.main()
