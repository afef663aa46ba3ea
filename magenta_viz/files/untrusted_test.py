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
import resource
import tracemalloc

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.files import untrusted
from magenta_viz.testing import folder_case


class ReadBytesTest(folder_case.FolderCase):
  def read(self, path: untrusted.PathLike) -> bytes:
    return untrusted.read_bytes(path, 100, 'the list', 'give another')

  def test_reads_a_plain_file_of_so_many_bytes(self) -> None:
    path = self.folder / 'a'
    path.write_bytes(b'x' * 100)
    self.assertEqual(self.read(path), b'x' * 100)
    path.write_bytes(b'x' * 101)
    message = f"cannot read the list '{path}': it has more than 100 bytes"
    self.refuses(message, self.read, path)

  def test_does_not_read_a_large_file_to_refuse_it(self) -> None:
    path = self.folder / 'large'
    with path.open('wb') as file:
      file.truncate(2**40)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    self.refuses('more than 100 bytes', self.read, path)
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

  def test_refuses_what_is_no_plain_file(self) -> None:
    pipe = self.folder / 'pipe'
    os.mkfifo(pipe)
    for path, message, kind in (
      (pipe, 'it is no plain file; give another', ValueError),
      ('/dev/zero', 'it is no plain file', ValueError),
      ('none', 'No such file', FileNotFoundError),
      (self.folder, '(Is a directory|Permission)', OSError),
    ):
      message = f"cannot read the list '{path}': {message}"
      self.refuses(message, self.read, path, kind=kind)


class GuardTest(parameterized.TestCase):
  @parameterized.parameters(
    *(
      (kind('two\nlines'), r"'?two.{1,2}lines'?")
      for kind in (KeyError, RuntimeError, AttributeError, EOFError, OSError)
    ),
    (RecursionError(), 'RecursionError'),
    (ValueError('x' * 10_000), r'x{200} \.\.\.'),
  )
  def test_makes_one_sentence_of_any_error(
    self, error: Exception, words: str
  ) -> None:
    with self.assertRaises(ValueError) as caught:
      with untrusted.guard("cannot read 'a'", 'give another'):
        raise error
    message = rf"^cannot read 'a' \({words}\); give another$"
    self.assertRegex(str(caught.exception), message)
    self.assertIs(caught.exception.__cause__, error)

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
