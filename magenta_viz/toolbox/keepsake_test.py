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

"""Tests for keepsake."""

import json
import shlex

from absl.testing import absltest

from magenta_viz.testing import toolbox_sessions
from magenta_viz.toolbox import keepsake
from magenta_viz.toolbox import looking


class KeepsakeTest(toolbox_sessions.TestCase):
  def test_record(self) -> None:
    unit = self.session.unit(0, 'second', 3, 'photo-0')
    found = keepsake.record(
      self.session, 0, 'second', 3, 'photo-0', address='#network=0'
    )
    self.assertEqual(json.loads(json.dumps(found))['address'], '#network=0')
    self.assertEqual(found['network']['model'], 'small')
    self.assertEqual(found['picture'], 'photo.png')
    self.assertEqual(found['maximum'], unit['maximum'])
    self.assertLen(found['classes'], 4)
    # Of a model in this process no command can be.
    self.assertIsNone(found['command'])
    off = keepsake.record(
      self.session, 0, 'second', 3, 'photo-0', [looking.Unit('second', 3)]
    )
    self.assertEqual(off['off'], ['second:3'])
    self.assertEqual(off['maximum'], 0)

  def test_page(self) -> None:
    found = keepsake.record(self.session, 0, 'second', 3, 'photo-0')
    text = keepsake.page(self.session, found, 0, 'photo-0')
    self.assertEqual(text.count('<img src="data:image/jpeg'), 5)
    self.assertIn('photo.png: its maximum is', text)
    for each in found['classes']:
      self.assertIn(f'<li>{each["class_name"]}', text)
    self.assertNotIn('What it wants to see', text)
    self.watch(layer='second', channel=3)
    text = keepsake.page(self.session, found, 0, 'photo-0')
    self.assertIn('What it wants to see', text)
    hostile = {**found, 'picture': '<script>', 'command': shlex.quote('<b>')}
    text = keepsake.page(self.session, hostile, 0, 'photo-0')
    self.assertNotIn('<script', text)
    self.assertNotIn('<b>', text)


if __name__ == '__main__':
  absltest.main()
