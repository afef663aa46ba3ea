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

"""Tests of names that somebody may have meant."""

from typing import List

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.settings import near_names

_SETTINGS = ('num_steps', 'freeze_steps', 'sweeps', 'image_size', 'class_ids')
_LAYERS = ('Mixed_4b', 'Mixed_4c', 'fire8/squeeze1x1', 'fire8/concat', 'conv1')


class NearNamesTest(parameterized.TestCase):
  @parameterized.parameters(
    ('num_stps', ['num_steps']),
    ('steps', ['num_steps', 'freeze_steps', 'sweeps']),
    ('size', ['image_size']),
    ('Class-IDs', ['class_ids']),
    ('zebra', []),
    ('', []),
    ('---', []),
  )
  def test_settings(self, name: str, expected: List[str]) -> None:
    self.assertEqual(near_names.nearest(name, _SETTINGS), expected)

  def test_words_of_other_tools(self) -> None:
    known = ('blur', 'batch_size', 'learning_rate', 'num_variations')
    self.assertEqual(near_names.nearest('lr', known), ['learning_rate'])
    self.assertEqual(near_names.nearest('batch', known), ['num_variations'])
    self.assertEqual(near_names.nearest('batch', known[:2]), ['batch_size'])

  @parameterized.parameters(
    ('mixed4c', ['Mixed_4c']),
    ('fire8', ['fire8/squeeze1x1', 'fire8/concat']),
    ('fire9/concat', ['fire8/concat']),
  )
  def test_layers(self, name: str, expected: List[str]) -> None:
    found = near_names.nearest(name, _LAYERS)
    self.assertEqual(found[: len(expected)], expected)

  def test_no_more_than_asked_for(self) -> None:
    names = [f'layer{index}' for index in range(9)]
    self.assertLen(near_names.nearest('layer', names, 2), 2)

  def test_question(self) -> None:
    ask = near_names.question
    self.assertEqual(ask('zebra', _SETTINGS), '')
    self.assertEqual(ask('num_stps', _SETTINGS), 'did you mean num_steps?')
    self.assertEqual(
      ask('steps', _SETTINGS, '--'),
      'did you mean --num_steps, --freeze_steps or --sweeps?',
    )


if __name__ == '__main__':
  absltest.main()
