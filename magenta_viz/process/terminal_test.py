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

"""Tests of what programs say."""

import errno
import io
import logging as python_logging
import os
import sys
from typing import Any, List, TextIO
from unittest import mock

from absl import logging
from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.process import terminal


class HarmlessTest(parameterized.TestCase):
  @parameterized.parameters(
    ('', ''),
    ('a\\b  c.png', 'a\\b  c.png'),
    ('фото 猫 हिन्दी é 🐈', 'фото 猫 हिन्दी é 🐈'),
    # Of macOS, in names of screenshots.
    ('9.41\u202fAM\u3000', '9.41\u202fAM\u3000'),
    ('a\nb\r\tc', r'a\nb\r\tc'),
    ('\x1b[2J\x9b1m\x07\x7f', r'\x1b[2J\x9b1m\x07\x7f'),
    ('\u2028\u2029\x85\x0b', r'\u2028\u2029\x85\x0b'),
    # Turns what follows: 'exe.png' would be shown for 'gnp.exe'.
    ('\u202egnp.exe\u2066', r'\u202egnp.exe\u2066'),
    ('\udcff\ud800', r'\udcff\ud800'),
    ('\ufeff\u200b\U000e0041', r'\ufeff\u200b\U000e0041'),
  )
  def test_escapes(self, text: str, expected: str) -> None:
    self.assertEqual(terminal.harmless(text), expected)

  def test_every_character(self) -> None:
    shown = terminal.harmless(''.join(map(chr, range(sys.maxunicode + 1))))
    self.assertLen((shown + '.').splitlines(), 1)
    shown.encode()
    for code in (*range(32), *range(127, 160)):
      shown = terminal.harmless(chr(code))
      self.assertTrue(shown.isascii() and shown.isprintable())


class LineFormatterTest(absltest.TestCase):
  def test_a_record_is_a_line(self) -> None:
    record = python_logging.LogRecord(
      'absl', logging.INFO, 'a.py', 1, 'Looking for %s.', ('a\nI forged',), None
    )
    self.assertEqual(
      terminal.LineFormatter().format(record), r'Looking for a\nI forged.'
    )


class _Broken(io.StringIO):
  """A stream that fails, as one whose reader has gone."""

  def __init__(self, number: int, descriptor: int):
    super().__init__()
    self.number = number
    self.descriptor = descriptor
    self.calls = 0

  def write(self, text: str) -> int:
    self.calls += 1
    raise OSError(self.number, os.strerror(self.number))

  def fileno(self) -> int:
    return self.descriptor


class LastingStreamTest(parameterized.TestCase):
  def _broken(self, number: int) -> Any:
    with open(os.path.join(self.create_tempdir().full_path, 'a'), 'w') as file:
      descriptor = os.dup(file.fileno())
    self.addCleanup(os.close, descriptor)
    return _Broken(number, descriptor)

  def test_whole(self) -> None:
    file = io.StringIO()
    stream: Any = terminal.LastingStream(file)
    print('a', file=stream)
    stream.check()
    self.assertEqual(file.getvalue(), 'a\n')
    self.assertFalse(stream.isatty())

  def test_what_an_encoding_lacks(self) -> None:
    data = io.BytesIO()
    stream: Any = terminal.LastingStream(io.TextIOWrapper(data, 'cp1252'))
    print('é 猫', file=stream)
    stream.check()
    self.assertEqual(data.getvalue().split(), [b'\xe9', rb'\u732b'])

  @parameterized.parameters(errno.EPIPE, errno.ENOSPC)
  def test_lost(self, number: int) -> None:
    file = self._broken(number)
    stream: Any = terminal.LastingStream(file)
    for _ in range(3):
      print('a', file=stream)
      stream.flush()
    self.assertEqual(file.calls, 1)
    # Others write there, too.
    os.write(file.descriptor, b'a')
    self.assertEqual(os.fstat(file.descriptor).st_size, 0)
    if number == errno.EPIPE:
      stream.check()
    else:
      with self.assertRaisesRegex(
        OSError, '^cannot write to the standard output: No space left on devi'
      ):
        stream.check()

  def test_streams_of_the_process(self) -> None:
    before: List[TextIO] = [sys.stdout, sys.stderr]
    handler = logging.get_absl_handler().python_handler
    log_stream = handler.stream
    files = [io.StringIO(), self._broken(errno.EPIPE)]
    with mock.patch.multiple(sys, stdout=files[0], stderr=files[1]):
      with terminal.lasting_streams() as stdout:
        terminal.say('a\nb')
        sys.stderr.write('c')
        logging.error('d')
        stdout.check()
      self.assertIs(sys.stdout, files[0])
    self.assertEqual(files[0].getvalue(), 'a\\nb\n')
    self.assertEqual(files[1].calls, 1)
    self.assertIs(handler.stream, log_stream)
    self.assertEqual([sys.stdout, sys.stderr], before)

  def test_closed(self) -> None:
    with mock.patch.multiple(sys, stdout=None, stderr=None):
      with terminal.lasting_streams() as stdout:
        terminal.say('a')
        sys.stderr.write('c')
        logging.error('d')
        stdout.check()


if __name__ == '__main__':
  absltest.main()
