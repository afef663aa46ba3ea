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

"""Tests of what is said of an old record and a new one that differ."""

from typing import Any, Dict

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz import version
from magenta_viz.media import record_words
from magenta_viz.media import records

_VISUALIZE = 'image_visualization_visualize --class_id=281 --output_dir=x'


def _told(there: Dict[str, Any], now: Dict[str, Any]) -> str:
  changed = records.differences(there['settings'], now['settings'])
  return record_words.told(there, now, changed)


def _record(command: Any = None, **settings: Any) -> Dict[str, Any]:
  if command is not None:
    command = f'{_VISUALIZE} {command}'
  return {
    'settings': settings,
    'command': command,
    'versions': {'magenta_viz': version.__version__},
  }


class ToldTest(parameterized.TestCase):
  def test_a_preset_stands_for_all_that_it_brings(self) -> None:
    there = _record('', preset='default', chroma=1.0, cover=0.3, noise=0.0)
    now = _record(
      '--preset=lucid', preset='lucid', chroma=2.0, cover=0.0, noise=0.5
    )
    self.assertEqual(_told(there, now), 'preset: default there, lucid now')

  def test_networks_are_named_as_the_command_does(self) -> None:
    there = _record('--model=squeezenet', networks=[{'sha': '1'}], chroma=0.3)
    now = _record('--model=googlenet', networks=[{'sha': '2'}], chroma=1.0)
    self.assertEqual(
      _told(there, now), 'model: squeezenet there, googlenet now'
    )

  def test_what_was_given_and_what_came_of_nothing_given(self) -> None:
    there = _record('', num_steps=320, noise=0.0, image_size=[224, 224])
    now = _record(
      '--num_steps=40 --noise=0.5 --image_size=128x96',
      num_steps=40,
      noise=0.5,
      image_size=[128, 96],
    )
    self.assertEqual(
      _told(there, now),
      'num_steps: 320 there, 40 now; noise: 0.0 there, 0.5 now; image_size:'
      ' [224, 224] there, 128x96 now',
    )

  def test_what_only_says_which_picture_or_where_is_no_reason(self) -> None:
    there = _record('--output_dir=a --num_workers=2 --seed=3', noise=0.0)
    now = _record('--output_dir=b --overwrite --noise=1.0', noise=1.0)
    self.assertEqual(_told(there, now), 'noise: 0.0 there, 1.0 now')

  def test_pictures_in_company(self) -> None:
    there = _record('', company=None, cover=0.0)
    now = _record('--num_variations=4', company=[0, 4, 8], cover=0.4)
    self.assertEqual(
      _told(there, now), 'num_variations: not given there, 4 now'
    )

  def test_a_photograph_that_has_changed_is_not_the_presets_doing(self) -> None:
    there = _record('--image=a.jpg', image_sha256='0' * 64, noise=0.0)
    now = _record('--image=a.jpg --noise=1', image_sha256='1' * 64, noise=1.0)
    self.assertEqual(
      _told(there, now),
      'noise: 0.0 there, 1 now; the photograph has changed',
    )

  def test_flags_that_are_there_or_not(self) -> None:
    there = _record('--mirror', mirror=True)
    now = _record('--nomirror', mirror=False)
    self.assertEqual(_told(there, now), 'mirror: yes there, no now')

  def test_from_python(self) -> None:
    there = {**_record(noise=0.0, a=1), 'preset': 'default', 'overrides': {}}
    now = {
      **_record(noise=0.5, a=2),
      'preset': 'maco',
      'overrides': {'noise': 0.5},
    }
    self.assertEqual(
      _told(there, now),
      'preset: default there, maco now; noise: 0.0 there, 0.5 now',
    )

  @parameterized.parameters(
    ({'onednn': 'on'}, {'onednn': 'off'}, 'onednn: "on" there, "off" now'),
    ({'weights_sha256': 'a'}, {'weights_sha256': 'b'}, 'the weights have'),
    (
      {name: 0 for name in 'abcdef'},
      {name: 1 for name in 'abcdef'},
      'a: 0 there, 1 now; b: 0 there, 1 now; c: 0 there, 1 now; d: 0 there, 1'
      ' now; and 2 more',
    ),
  )
  def test_what_nobody_asked_for(
    self, there: Any, now: Any, expected: str
  ) -> None:
    for command in ('', None):
      found = _told(_record(command, **there), _record(command, **now))
      self.assertStartsWith(found, expected)

  def test_other_versions_have_other_settings(self) -> None:
    there = _record('', chroma=1.0)
    there['versions'] = {'magenta_viz': '0.1.0'}
    now = _record('', chroma=1.0, max_cycles=0, bands=3)
    self.assertEqual(
      _told(there, now),
      f'magenta_viz: 0.1.0 there, {version.__version__} now',
    )

  @parameterized.parameters(
    {'command': "--preset='maco"},
    {'command': 3, 'preset': 7, 'overrides': [1]},
    {'versions': 'x'},
    {'settings': [3]},
  )
  def test_records_of_strangers(self, **others: Any) -> None:
    there = {**_record('', noise=0.0), **others}
    now = _record('', noise=1.0)
    found = record_words.told(there, now, {'noise': '0.0 there, 1.0 now'})
    self.assertIn(' there, ', found)


if __name__ == '__main__':
  absltest.main()
