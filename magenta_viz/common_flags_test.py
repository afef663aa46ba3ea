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

"""Tests for common_flags; the errors' are with the programs'."""

import contextlib
import dataclasses
import logging
import os
import sys
import tempfile
import types
from typing import (
  Any,
  Callable,
  Dict,
  Iterator,
  List,
  Optional,
  Union,
)
from unittest import mock

from absl.testing import absltest
from absl.testing import flagsaver
from absl.testing import parameterized

from magenta_viz import common_flags
from magenta_viz.process import tensorflow_start


@contextlib.contextmanager
def _written_to_stderr() -> Iterator[List[bytes]]:
  """Collects what is written to the file descriptor of the standard error."""
  written: List[bytes] = []
  sys.stderr.flush()
  with tempfile.TemporaryFile() as file:
    before = os.dup(2)
    os.dup2(file.fileno(), 2)
    try:
      yield written
    finally:
      sys.stderr.flush()
      os.dup2(before, 2)
      os.close(before)
      file.seek(0)
      written.append(file.read())


class StartTensorflowTest(parameterized.TestCase):
  def _start(self, list_devices: Callable[[], Any], **environment: str) -> None:
    """Starts a TensorFlow that is only there to remark on the machine."""
    config = types.SimpleNamespace(list_physical_devices=list_devices)
    self.logger = logging.getLogger(self.id())
    tensorflow = types.SimpleNamespace(
      config=config, get_logger=lambda: self.logger
    )
    modules = {'tensorflow': tensorflow, 'tf_slim': types.SimpleNamespace()}
    with mock.patch.dict(sys.modules, modules), mock.patch.dict(
      os.environ, environment
    ):
      if not environment:
        os.environ.pop('TF_CPP_MIN_LOG_LEVEL', None)
      tensorflow_start.start()
      self.level = os.environ['TF_CPP_MIN_LOG_LEVEL']

  def _remark(self) -> None:
    os.write(2, b'No drivers.\n')

  def test_holds_remarks_back(self) -> None:
    with _written_to_stderr() as written:
      self._start(self._remark)
      os.write(2, b'Later.\n')
    self.assertEqual(written, [b'Later.\n'])
    self.assertEqual(self.level, '2')
    self.assertEqual(self.logger.level, logging.WARNING)

  @parameterized.parameters(('0', b'No drivers.\n'), ('1', b''), ('3', b''))
  def test_level_that_the_user_set(self, level: str, shown: bytes) -> None:
    with _written_to_stderr() as written:
      self._start(self._remark, TF_CPP_MIN_LOG_LEVEL=level)
    self.assertEqual(written, [shown])
    self.assertEqual(self.level, level)
    self.assertEqual(self.logger.level == logging.NOTSET, level == '0')

  def test_shows_them_after_an_error(self) -> None:
    def fail() -> None:
      self._remark()
      raise ImportError('no such library')

    with _written_to_stderr() as written:
      with self.assertRaisesRegex(ImportError, '^no such library$'):
        self._start(fail)
      os.write(2, b'Later.\n')
    self.assertEqual(written, [b'No drivers.\nLater.\n'])

  def test_not_after_an_interrupt(self) -> None:
    def stop() -> None:
      self._remark()
      raise KeyboardInterrupt

    with _written_to_stderr() as written:
      with self.assertRaises(KeyboardInterrupt):
        self._start(stop)
      os.write(2, b'Later.\n')
    self.assertEqual(written, [b'Later.\n'])


def _field(default: Any, text: str, **metadata: Any) -> Any:
  return dataclasses.field(default=default, metadata={'help': text, **metadata})


@dataclasses.dataclass(frozen=True)
class _Settings:
  probe_required: str = dataclasses.field(metadata={'help': 'a name'})
  probe_whole: int = _field(3, 'a count', minimum=1, maximum=9)
  probe_share: float = _field(2 / 3, 'a share', minimum=0.0, maximum=1.0)
  probe_line: Union[float, str] = _field(
    0.5, 'a line', minimum=0.0, maximum=9.0
  )
  probe_choice: str = _field('a', 'a choice', choices=('a', 'b'))
  probe_text: str = _field('', 'a text')
  probe_hidden: str = _field('', '')
  probe_open: Optional[int] = _field(None, 'open', minimum=0, maximum=9)
  probe_filled: Optional[float] = _field(None, 'full', minimum=0.0, maximum=1.0)
  probe_either: Optional[str] = _field(None, 'either', choices=('a', 'b'))
  probe_path: Optional[str] = _field(None, 'a path')
  probe_on: Optional[bool] = _field(None, 'a switch')
  probe_off: bool = _field(False, 'another')


class SettingsTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.enter_context(flagsaver.flagsaver())
    common_flags.define_settings(
      _Settings, 'in tests', {'probe_filled': 0.25, 'probe_on': True}
    )
    self.flags = common_flags.flags.FLAGS
    self.names = [name for name in self.flags if name.startswith('probe_')]
    for name in self.names:
      self.addCleanup(delattr, self.flags, name)

  def _given(self, *words: str) -> Dict[str, Any]:
    self.flags(['program', *words])
    return common_flags.given_settings(_Settings)

  def test_none_is_given(self) -> None:
    self.assertEqual(self._given(), {})

  def test_help_tells_default_and_range(self) -> None:
    self.assertEqual(
      {name: self.flags[name].help for name in self.names},
      {
        'probe_required': 'a name',
        'probe_whole': 'a count; 3 in tests; 1 to 9',
        'probe_share': 'a share; 0.6667 in tests; 0.0 to 1.0',
        'probe_line': 'a line; 0.5 in tests',
        'probe_choice': '<a|b>: a choice; a in tests',
        'probe_text': 'a text; none in tests',
        'probe_open': 'open; 0 to 9',
        'probe_filled': 'full; 0.25 in tests; 0.0 to 1.0',
        'probe_either': '<a|b>: either',
        'probe_path': 'a path',
        'probe_on': 'a switch; yes in tests',
        'probe_off': 'another; no in tests',
      },
    )

  @parameterized.parameters(
    ('probe_whole', '9', 9),
    ('probe_share', '1', 1.0),
    ('probe_share', '0', 0.0),
    ('probe_line', '2', 2.0),
    ('probe_line', '1e-3', 0.001),
    ('probe_line', '2..1', '2..1'),
    # For the recipe to refuse, which knows what a line is.
    ('probe_line', 'steep', 'steep'),
    ('probe_choice', 'b', 'b'),
    ('probe_text', '', ''),
    ('probe_text', '12', '12'),
    ('probe_open', '0', 0),
    ('probe_filled', '0', 0.0),
    ('probe_either', 'a', 'a'),
    ('probe_path', '1.5', '1.5'),
    ('probe_on', 'false', False),
    ('probe_off', 'true', True),
  )
  def test_given(self, name: str, text: str, value: Any) -> None:
    given = self._given(f'--{name}={text}')
    self.assertEqual(given, {name: value})
    self.assertIs(type(given[name]), type(value))

  @parameterized.parameters(
    ('probe_whole', '0'),
    ('probe_whole', '10'),
    ('probe_whole', '1.5'),
    ('probe_share', '1.1'),
    ('probe_share', 'half'),
    ('probe_choice', 'c'),
    ('probe_choice', ''),
    ('probe_open', '-1'),
    ('probe_open', '1.0'),
    ('probe_filled', '2'),
    ('probe_either', 'c'),
    ('probe_on', '2'),
  )
  def test_refused(self, name: str, text: str) -> None:
    with self.assertRaisesRegex(
      common_flags.flags.IllegalFlagValueError, f'^flag --{name}={text}: '
    ):
      self._given(f'--{name}={text}')


class SharedNamesTest(absltest.TestCase):
  def test_flags_of_several_programs(self) -> None:
    """A program may have a flag that another one has otherwise."""

    @dataclasses.dataclass(frozen=True)
    class First:
      probe_same: str = _field('a', 'a text', choices=('a', 'b'))

    @dataclasses.dataclass(frozen=True)
    class Second:
      probe_same: int = _field(3, 'a count', minimum=1, maximum=9)

    all_flags = common_flags.flags.FLAGS
    with flagsaver.flagsaver():
      for settings, text, value in (
        (First, 'b', 'b'),
        (Second, '4', 4),
        (First, 'a', 'a'),
      ):
        with flagsaver.flagsaver():
          common_flags.define_settings(settings, 'here', {})
          all_flags(['program', f'--probe_same={text}'])
          given = common_flags.given_settings(settings)
          self.assertEqual(given, {'probe_same': value})
    self.assertNotIn('probe_same', all_flags)


if __name__ == '__main__':
  absltest.main()
