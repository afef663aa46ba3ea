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

"""Tests for units."""

from typing import List, Tuple

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.atlas import units

_LAYERS = {'conv1': 64, 'mixed/1': 8, 'mixed/2': 4, 'mixed-2': 4, 'classes': 3}
_NAMES = ('tench', 'goldfish', 'shark')


def _groups(text: str) -> Tuple[units.Group, ...]:
  return units.groups(units.parse(text), _LAYERS, _NAMES)


class UnitsTest(parameterized.TestCase):
  @parameterized.parameters(
    ('class:all', ['class:0-2']),
    ('class:2,0', ['class:2,0']),
    ('channel:conv1:3, channel:conv1:3,4', ['channel:conv1:3-4']),
    (
      'channel:mixed?[12]:all,class:all',
      [
        'class:0-2',
        'channel:mixed/1:0-7',
        'channel:mixed/2:0-3',
        'channel:mixed-2:0-3',
      ],
    ),
    (
      'neuron:conv1:0-1@3,4, neuron:conv1:1',
      ['neuron:conv1:0-1@3,4', 'neuron:conv1:1'],
    ),
  )
  def test_reads(self, text: str, expected: List[str]) -> None:
    self.assertEqual([str(each) for each in _groups(text)], expected)

  def test_folders_are_of_one_group_each(self) -> None:
    text = 'class:0, channel:*:0, neuron:mixed*:0@1,2, neuron:mixed*:0'
    folders = [each.folder for each in _groups(text)]
    self.assertLen(set(folders), len(folders))
    self.assertEqual(folders[:2], ['classes', 'conv1'])
    # Whatever else is asked for.
    (alone,) = _groups('channel:mixed/2:3')
    self.assertIn(alone.folder, folders)

  @parameterized.parameters(
    ('', "^units have ''; give class:NUMBERS, channel:LAYERS:NUMBERS or neu"),
    ('layer:conv1', "units have 'layer:conv1'; give"),
    ('channel:conv1', "units have 'channel:conv1'; give"),
    ('channel:conv1:0@1,2', 'is no channel; give whole numbers'),
    ('neuron:conv1:0@1', "units have 'neuron:conv1:0@1'; give"),
    ('class:', "units have 'class:'; give"),
    ('class:0,channel', "'channel' is no class id"),
    ('channel:conv2*:all', "no layer is called 'conv2.*'; take one such as co"),
    ('channel:conv1:64', "channel 64 in '64' is out of range; layer 'conv1' h"),
    (
      'channel:mixed/*:0-2,7, class:1',
      "channel 7 .*; layer 'mixed/2' has channels 0 to 3$",
    ),
    ('class:3', "class id 3 in '3' is out of range; this network has class i"),
  )
  def test_errors(self, text: str, message: str) -> None:
    with self.assertRaisesRegex(ValueError, message) as caught:
      _groups(text)
    self.assertNotIn('\n', str(caught.exception))


if __name__ == '__main__':
  absltest.main()
