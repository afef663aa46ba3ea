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

import dataclasses
from typing import Any, Dict, List, Optional, Union

from absl import app
from absl.testing import absltest
from absl.testing import flagsaver
from absl.testing import parameterized

from magenta_viz import common_flags
from magenta_viz import image_visualization_evaluate
from magenta_viz import image_visualization_saliency
from magenta_viz import image_visualization_toolbox
from magenta_viz import image_visualization_train
from magenta_viz import image_visualization_visualize
from magenta_viz.testing import programs

# Tests define none; these read those of the programs.
flags = common_flags.flags

_PROGRAMS = (
  image_visualization_evaluate,
  image_visualization_saliency,
  image_visualization_toolbox,
  image_visualization_train,
  image_visualization_visualize,
)
_MANY = ('checkpoint', 'class_id', 'class_name', 'judge')


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
  # As a setting of an open part says what it is where nothing suits better.
  probe_filled: Optional[float] = _field(
    None, 'full', minimum=0.0, maximum=1.0, shown=0.25
  )
  probe_either: Optional[str] = _field(None, 'either', choices=('a', 'b'))
  probe_path: Optional[str] = _field(None, 'a path')
  probe_on: Optional[bool] = _field(None, 'a switch', shown=True)
  probe_off: bool = _field(False, 'another')


class SettingsTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.enter_context(flagsaver.flagsaver())
    common_flags.define_settings(_Settings, 'in tests')
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
      {name: common_flags.described(self.flags[name]) for name in self.names},
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
      common_flags.Error, f"^--{name} is '{text}'; take "
    ):
      common_flags.parse(['program', f'--{name}={text}'])

  @parameterized.parameters(
    ('probe_whole', '10', 'a whole number from 1 to 9'),
    ('probe_share', 'half', r'a number from 0\.0 to 1\.0'),
    ('probe_choice', 'A', r'one of a, b \(did you mean a\?\)'),
    ('probe_on', '2', 'true or false'),
  )
  def test_says_what_is_allowed(self, name: str, text: str, what: str) -> None:
    with self.assertRaisesRegex(
      common_flags.Error, f"^--{name} is '{text}'; take {what}$"
    ):
      common_flags.parse(['program', f'--{name}={text}'])

  @parameterized.parameters(
    ('whole', r'did you mean --probe_whole\?'),
    ('zebra', '--help lists those that there are'),
  )
  def test_unknown_flags(self, name: str, advice: str) -> None:
    with self.assertRaisesRegex(
      common_flags.Error, f'^there is no flag --{name}; {advice}$'
    ):
      common_flags.parse(['program', f'--{name}=3'])


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
          common_flags.define_settings(settings, 'here')
          all_flags(['program', f'--probe_same={text}'])
          given = common_flags.given_settings(settings)
          self.assertEqual(given, {'probe_same': value})
    self.assertNotIn('probe_same', all_flags)


def _flags_of(module: Any) -> List[Any]:
  """Returns all flags of a program."""
  if hasattr(module, 'define_flags'):
    module.define_flags()
  modules = [
    module.__name__,
    'magenta_viz.common_flags',
  ]
  return [
    flag
    for each in modules
    for flag in flags.FLAGS.get_key_flags_for_module(each)
  ]


def _value(flag: Any) -> str:
  """Returns a value that a flag can have."""
  choices = getattr(flag.parser, 'enum_values', None)
  if choices:
    return str(choices[0])
  if isinstance(flag, flags.BooleanFlag):
    return 'true'
  low = getattr(flag.parser, 'lower_bound', None)
  return str(0 if low is None else low)


def _parse(*words: str) -> None:
  with flagsaver.flagsaver():
    common_flags.parse(['program', *words])


class GivenTwiceTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    # What the program defines goes with the test.
    self.enter_context(flagsaver.flagsaver())
    image_visualization_visualize.define_flags()

  @parameterized.parameters(*_PROGRAMS)
  def test_every_flag(self, program: Any) -> None:
    # What the program defines goes with the test.
    self.enter_context(flagsaver.flagsaver())
    found = _flags_of(program)
    self.assertGreater(len(found), 5)
    for flag in found:
      with self.subTest(flag.name):
        word = f'--{flag.name}={_value(flag)}'
        _parse(word)
        if flag.name in _MANY:
          _parse(word, word)
          continue
        with self.assertRaises(flags.Error) as caught:
          _parse(word, word)
        self.assertEqual(
          str(caught.exception), f'--{flag.name} is given 2 times; give it once'
        )

  @parameterized.parameters(
    ('--seed=1', '--seed', '2'),
    ('--overwrite', '--nooverwrite'),
    ('--nooverwrite', '--nooverwrite'),
    ('--seed=1', '--flagfile=FILE'),
    ('--flagfile=FILE', '--flagfile=FILE'),
    ('-v=1', '--verbosity=1'),
  )
  def test_other_ways(self, *words: str) -> None:
    path = self.create_tempfile(content='--seed=3\n').full_path
    with self.assertRaisesRegex(flags.Error, 'is given 2 times; give it once$'):
      _parse(*(word.replace('FILE', path) for word in words))

  def test_other_runs_in_one_process_do_not_count(self) -> None:
    for _ in range(2):
      _parse('--seed=3')
    with flagsaver.flagsaver():
      for _ in range(2):
        common_flags.parse(['program', '--seed=3'])

  def test_status(self) -> None:
    for module in _PROGRAMS:
      name = module.__name__.rpartition('.')[2]
      ended = programs.run(
        module.console_entry_point, name, '--batch_size=1', '--batch_size=1'
      )
      self.assertEqual(ended.status, 2)
      self.assertIn(f'{name}: --batch_size is given 2 times', ended.stderr)


class ClassesTest(parameterized.TestCase):
  @parameterized.parameters(
    (('--class_id=1', '--class_id=2'), (1, 2)),
    (('--class_id=3,1', '--class_id=0-2'), (3, 1, 0, 2)),
    (('--class_name=tabby', '--class_name=tench'), (281, 0)),
    (('--class_name=tench', '--class_name=tench'), (0,)),
  )
  def test_add_up(self, words: Any, expected: Any) -> None:
    config = programs.visualize_config('--output_dir=a', *words)
    self.assertEqual(config.class_ids, expected)


class NetworkFlagsTest(parameterized.TestCase):
  def _parse(self, *words: str) -> None:
    self.enter_context(flagsaver.flagsaver())
    # As programs do that come one after the other in a process.
    for _ in range(2):
      common_flags.define_networks()
    flags.FLAGS(['program', *words])

  def test_networks(self) -> None:
    self._parse('--checkpoint=a.npz')
    self.assertEqual(
      common_flags.networks(),
      {'models': ('auto',), 'checkpoints': ('a.npz',), 'precision': 'auto'},
    )
    self.assertEqual(
      common_flags.one_network(),
      {'model': 'auto', 'checkpoint': 'a.npz', 'precision': 'auto'},
    )

  def test_several_networks(self) -> None:
    self._parse(
      '--model=googlenet,squeezenet:0.5',
      '--checkpoint=squeezenet=a',
      '--checkpoint=googlenet=b',
    )
    self.assertEqual(
      common_flags.network_choices(),
      (('googlenet', 1.0, 'b'), ('squeezenet', 0.5, 'a')),
    )
    with self.assertRaisesRegex(
      ValueError, '^model is googlenet,squeezenet, but this is for one network'
    ):
      common_flags.one_network()

  @parameterized.parameters(
    ('--checkpoint=no://bucket/a', ValueError, "^checkpoint is 'no:.*address"),
    ('--model=squeezenet,vgg', app.UsageError, "^unknown network 'vgg'; "),
  )
  def test_refuses(self, word: str, kind: type, message: str) -> None:
    self._parse(word)
    with self.assertRaisesRegex(kind, message):
      common_flags.networks()


if __name__ == '__main__':
  absltest.main()
