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

"""Tests of the toolbox's server with an atlas, over HTTP."""

import io
import os
from pathlib import Path
import time
from typing import Any, ClassVar, Dict, List

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image

from magenta_viz.testing import atlas_folders
from magenta_viz.testing import toolbox_server
from magenta_viz.toolbox import atlas as atlas_lib
from magenta_viz.toolbox import thumbnails

_UNIT: Dict[str, Any] = {'layer': 'second', 'unit': 3}


class AtlasTest(toolbox_server.ServerCase):
  of_unit: ClassVar[List[Path]]
  of_class: ClassVar[Path]

  @classmethod
  def setUpClass(cls) -> None:
    super().setUpClass()
    folder = cls.folder / 'atlas'
    (view,) = cls.session.views
    cls.of_unit = [
      atlas_folders.write(
        folder / 'deep',
        f'unit_{seed}',
        'channel:second:3',
        atlas_folders.picture(seed),
        view.sha256,
        seed=seed,
      )
      for seed in range(2)
    ]
    cls.of_class = atlas_folders.write(
      folder,
      'class',
      None,
      atlas_folders.picture(5),
      view.sha256,
      class_id=2,
      class_name='third',
    )
    outside = atlas_folders.write(
      cls.folder, 'outside', 'channel:second:4', None, view.sha256
    )
    for ending in ('.json', '.png'):
      (folder / f'link{ending}').symlink_to(outside.with_suffix(ending))
    atlas_folders.write(
      folder,
      os.fsdecode(b'\xff<b>'),
      'channel:second:6',
      None,
      view.sha256,
      command=['no', 'text'],
    )
    atlas = atlas_lib.Atlas(folder)
    # As the session does where it is given one at first.
    cls.session.atlas = view._atlas = atlas
    view.__dict__.pop('stored', None)
    atlas.begin({view.sha256: view.name})
    until = time.monotonic() + 60
    while atlas.is_reading and time.monotonic() < until:
      time.sleep(0.01)

  def test_start(self) -> None:
    self.assertTrue(self.ask('api/start').json['has_atlas'])

  def test_stored(self) -> None:
    found = self.ask('api/stored', layer='second').json
    # Not what a link leads to.
    self.assertEqual(found['units'], [3, 6])
    self.assertLen(found['versions'], 2)
    self.assertIn('is_reading', found)
    self.assertEqual(self.ask('api/stored').json['units'], [2])
    self.assertEqual(self.ask('api/stored', layer='first').json['units'], [])

  @parameterized.parameters(0, 1)
  def test_whole(self, variation: int) -> None:
    given = {**_UNIT, 'variation': variation}
    header, png = self.ask('api/drawing', **given, stored=1).framed
    path = self.of_unit[variation]
    self.assertEqual(png, path.with_suffix('.png').read_bytes())
    self.assertEqual(
      {name: header[name] for name in ('state', 'file', 'variation')},
      {
        'state': 'done',
        'file': f'deep/unit_{variation}.png',
        'variation': variation,
      },
    )
    self.assertEqual(header['variations'], 2)
    self.assertIn('--objective=channel:second:3', header['command'])
    picture = self.ask('api/stored.png', **given)
    self.assertEqual(picture.headers['Content-Type'], 'image/png')
    self.assertEqual(picture.content, png)
    record = self.ask('api/stored.json', **given).json
    self.assertEqual(record['seed'], variation)
    self.assertEqual(record['objective'], 'channel:second:3')

  def test_of_a_class(self) -> None:
    header, png = self.ask('api/drawing', class_id=2, stored=1).framed
    self.assertEqual((header['state'], header['file']), ('done', 'class.png'))
    self.assertEqual(png, self.of_class.with_suffix('.png').read_bytes())

  def test_names_and_records_of_others(self) -> None:
    given = {**_UNIT, 'unit': 6}
    header, png = self.ask('api/drawing', **given, stored=1).framed
    self.assertEqual(header['file'], os.fsdecode(b'\xff<b>.png'))
    self.assertIsNone(header['command'])
    self.assertNotEmpty(png)

  def test_thumbnails(self) -> None:
    header, png = self.ask(
      'api/thumbnails', layer='second', units='5,3,4,6'
    ).framed
    side = thumbnails.SIDE
    self.assertEqual(
      header,
      {
        'seen': 4,
        'units': [3, 6],
        'side': side,
        'columns': thumbnails.COLUMNS,
      },
    )
    found = np.asarray(Image.open(io.BytesIO(png)))
    self.assertEqual(found.shape, (side, side * thumbnails.COLUMNS, 3))
    expected = thumbnails.reduced(atlas_folders.picture(0))
    np.testing.assert_array_equal(found[:, :side], expected)
    header, png = self.ask('api/thumbnails', units='2').framed
    self.assertEqual(header['units'], [2])
    header, png = self.ask('api/thumbnails', layer='first', units='1').framed
    self.assertEqual((header['units'], png), ([], b''))

  @parameterized.parameters(
    *('', ',', '1,', ',1', '1,,2', '-1', '1;2', '1 2', '1, 2', '1.5', 'x'),
    *('9' * 10, '\u0661', '%00', '../1', '1,' * 300 + '1'),
  )
  def test_thumbnails_of_what_is_no_number(self, value: str) -> None:
    places: List[Dict[str, Any]] = [{'layer': 'second'}, {}]
    for place in places:
      answer = self.ask('api/thumbnails', **place, units=value)
      self.assert_refused(answer, 400, 'the parameter units ')

  @parameterized.parameters(
    ({'layer': 'second'}, 400, 'the parameter units '),
    ({'layer': '../atlas', 'units': '1'}, 404, 'no layer'),
    ({'layer': 'second', 'units': '3,999'}, 404, 'no unit 999'),
    ({'layer': 'second', 'units': ','.join(['3'] * 65)}, 400, 'take 64 at'),
    ({'units': '5'}, 400, 'no class 5; take 0 to 4'),
    ({'network': '1', 'units': '1'}, 404, 'no network 1'),
  )
  def test_thumbnails_that_are_not_there(
    self, given: Dict[str, Any], status: int, words: str
  ) -> None:
    self.assert_refused(self.ask('api/thumbnails', **given), status, words)

  @parameterized.parameters('-1', '1.5', 'x', '9' * 10, '')
  def test_variations_that_are_no_numbers(self, value: str) -> None:
    for path in ('api/drawing', 'api/stored.png', 'api/stored.json'):
      answer = self.ask(path, **_UNIT, stored=1, variation=value)
      self.assert_refused(answer, 400, 'the parameter variation ')

  def test_what_is_not_stored(self) -> None:
    for path in ('api/stored.png', 'api/stored.json'):
      answer = self.ask(path, layer='second', unit=4)
      self.assert_refused(answer, 404, 'not drawn yet')
    answer = self.ask('api/stored', layer='third')
    self.assert_refused(answer, 404, "no layer 'third'")


class WatchTest(toolbox_server.ServerCase):
  def test_two_pages_do_not_cancel_one_another_for_ever(self) -> None:
    (view,) = self.session.views
    view.drawer._settings.update(overrides={'num_steps': 5000}, image_size=64)
    one: Dict[str, Any] = {'layer': 'second', 'unit': 1}
    other: Dict[str, Any] = {'layer': 'second', 'unit': 2}
    self.assertEqual(
      self.ask('api/drawing', **one).framed[0]['state'], 'drawing'
    )
    first, _ = self.ask('api/drawing', **other).framed
    self.assertEqual(first['state'], 'drawing')
    for after in (0, 1, 7):
      told, png = self.ask('api/drawing', **one, after=after).framed
      self.assertEqual((told['state'], png), ('cancelled', b''))
      later, _ = self.ask('api/drawing', **other, after=first['step']).framed
      self.assertEqual(later['state'], 'drawing')
      self.assertGreater(later['step'], first['step'])
    self.ask('api/drawing/cancel', 'POST')


if __name__ == '__main__':
  absltest.main()
