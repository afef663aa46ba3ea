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

"""Tests of program_flags: what may be given again, in every program."""

from typing import Any, List

from absl.testing import absltest
from absl.testing import flagsaver
from absl.testing import parameterized

from magenta_viz import common_flags
from magenta_viz import image_visualization_evaluate
from magenta_viz import image_visualization_saliency
from magenta_viz import image_visualization_train
from magenta_viz import image_visualization_visualize
from magenta_viz import visualize
from magenta_viz.testing import programs

# Tests define none; these read those of the programs.
flags = common_flags.flags

_PROGRAMS = (
  image_visualization_evaluate,
  image_visualization_saliency,
  image_visualization_train,
  image_visualization_visualize,
)
_MANY = ('checkpoint', 'class_id', 'class_name', 'judge')


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
    config = programs.config_of(
      image_visualization_visualize.console_entry_point,
      visualize,
      'draw',
      *('image_visualization_visualize', '--output_dir=a', *words),
    )
    self.assertEqual(config.class_ids, expected)


if __name__ == '__main__':
  absltest.main()
