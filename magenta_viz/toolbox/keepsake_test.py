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

import base64
import io
import json
import re
import shlex

from absl.testing import absltest
import numpy as np
from PIL import Image

from magenta_viz.attribution import looking
from magenta_viz.media import image_files
from magenta_viz.testing import toolbox_sessions
from magenta_viz.toolbox import keepsake


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

  def test_stretched_and_at_a_place(self) -> None:
    image = np.random.RandomState(2).rand(64, 96, 3).astype(np.float32)
    key, _ = self.session.pictures.add(image_files.encode_png(image))
    found = keepsake.record(
      self.session, 0, 'second', 3, key, fit='stretch', position=(2, 5)
    )
    unit = self.session.unit(0, 'second', 3, key, (2, 5), fit='stretch')
    self.assertEqual(found['fit'], 'stretch')
    for name in ('maximum', 'position', 'value'):
      self.assertEqual(found[name], unit[name])
    crop = keepsake.record(self.session, 0, 'second', 3, key)
    self.assertEqual(crop['fit'], 'crop')
    self.assertNotEqual(crop['maximum'], found['maximum'])
    self.assertNotEqual(crop['classes'], found['classes'])
    pages = [
      keepsake.page(self.session, each, 0, key, each['fit'])
      for each in (found, crop)
    ]
    self.assertIn(', stretched: its maximum is', pages[0])
    self.assertNotIn('stretched', pages[1])
    pictures = [re.findall('data:image/jpeg[^"]*', each) for each in pages]
    for one, other in zip(*pictures):
      self.assertNotEqual(one, other)

  def test_units_that_are_off_are_dark(self) -> None:
    off = [looking.Unit('second', 3)]
    found = keepsake.record(self.session, 0, 'second', 3, 'photo-0', off)
    dark, light = (
      keepsake.page(self.session, found, 0, 'photo-0', off=units)
      for units in (off, ())
    )
    self.assertLess(self.brightness(dark), 0.1 * 255)
    self.assertGreater(self.brightness(light), 0.1 * 255)

  def brightness(self, page: str) -> float:
    """Returns the mean of the picture that is dark where nothing is active."""
    _, lit, *_ = re.findall('data:image/jpeg;base64,([^"]*)', page)
    image = Image.open(io.BytesIO(base64.b64decode(lit)))
    return float(np.asarray(image).mean())

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
