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

"""Tests for cells and cell_files: from a folder of photographs to a page."""

import json
from pathlib import Path
from typing import Any, Dict, List
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image

from magenta_viz.atlas import cell_files
from magenta_viz.atlas import cell_layout
from magenta_viz.atlas import cell_page
from magenta_viz.atlas import cell_points
from magenta_viz.atlas import cells
from magenta_viz.atlas import config as atlas_config
from magenta_viz.atlas import estimate
from magenta_viz.atlas import plan as plan_lib
from magenta_viz.atlas import worker
from magenta_viz.testing import keras_models

_LAYER = 'fire5/concat'
_HOSTILE = '<img src=x onerror=alert(1)>.png'


def write_photographs(folder: Path, count: int = 6) -> None:
  """Writes pictures of few colours and coarse shapes, and one in a folder."""
  generator = np.random.default_rng(0)
  (folder / 'inner').mkdir(parents=True)
  names = [f'{index}.png' for index in range(count - 2)]
  for name in (*names, _HOSTILE, 'inner/0.png'):
    coarse = generator.integers(0, 256, (5, 6, 3)).astype(np.uint8)
    Image.fromarray(coarse).resize((72, 60)).save(folder / name)


class CellsTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.root = Path(self.create_tempdir().full_path)
    self.photos = self.root / 'my photos'
    write_photographs(self.photos)
    self.folder = self.root / 'an atlas/cells/fire5-concat'

  def config(self, **settings: Any) -> atlas_config.AtlasConfig:
    """Returns a small and quick atlas."""
    known = {
      'cells': _LAYER,
      'image': str(self.photos),
      'positions': 10,
      'grid': 3,
      'output_dir': str(self.root / 'an atlas'),
      'models': ('squeezenet',),
      'precision': 'float32',
      'image_size': (64, 64),
      'batch_size': 4,
      'overrides': {'num_steps': 2},
    }
    return atlas_config.AtlasConfig(**{**known, **settings})

  def files(self) -> Dict[str, bytes]:
    """Returns what is in the folder of the cells."""
    return {path.name: path.read_bytes() for path in self.folder.iterdir()}

  def record(self) -> Dict[str, Any]:
    """Returns the record of the cells, without what differs each time."""
    found = dict(cell_files.read(self.folder))
    del found['seconds']
    return found

  def test_collected_and_drawn_once(self) -> None:
    config = self.config()
    self.assertEqual(plan_lib.plan(config).groups[0].numbers, ())
    cells.prepare(config)
    before = self.files()
    directions = np.load(self.folder / 'cells.npy')
    record = self.record()
    self.assertLen(record['cells'], len(directions))
    self.assertEqual(directions.shape[1], 256)
    with np.load(self.folder / 'cells.npz') as points:
      self.assertLen(points['layout'], 60)
      self.assertEqual(points['class_ids'].shape, (60, 5))
      found = cell_layout.cells(points['layout'], 3)
      for told, cell in zip(record['cells'], found):
        self.assertEqual((told['row'], told['column']), cell[:2])
        self.assertLen(cell.points, told['num_points'])
        for each in told['classes']:
          ids = points['class_ids'][cell.points]
          own = points['attributions'][cell.points][ids == each['class_id']]
          self.assertAlmostEqual(
            each['attribution'], own.sum() / len(cell.points), delta=1e-4
          )
    with mock.patch.object(cell_points, 'collect') as collect:
      cells.prepare(config)
    collect.assert_not_called()
    plan = plan_lib.plan(config)
    self.assertEqual(plan.num_pictures, len(directions))
    self.assertEqual(str(plan.groups[0]), f'cells:{_LAYER}:0-{len(found) - 1}')
    self.assertEqual(self.draw(plan), len(directions))
    self.assertEqual(self.draw(plan), 0)
    after = self.files()
    self.assertEqual({name: after[name] for name in before}, before)

  def draw(self, plan: plan_lib.Plan) -> int:
    """Draws what is missing, and returns how much that was."""
    one = worker.Worker(plan)
    outcomes = [one.draw(batch) for batch in plan.batches()]
    self.assertEqual([each.failures for each in outcomes if each.failures], [])
    self.assertEqual(one.num_traces, 1)
    return sum(each.num_drawn for each in outcomes)

  def test_a_part_that_is_lost_comes_again(self) -> None:
    cells.prepare(self.config())
    before, record = self.files(), self.record()
    (self.folder / 'cells.npz').unlink()
    # Nor does the number of pictures drawn at once matter, or where it is.
    moved = self.root / 'moved'
    (self.root / 'an atlas').rename(moved)
    self.folder = moved / 'cells/fire5-concat'
    cells.prepare(self.config(batch_size=1, output_dir=str(moved)))
    after = self.files()
    self.assertEqual(self.record(), record)
    for name in ('cells.npy', 'cells.npz', 'photographs.js'):
      self.assertEqual(after[name], before[name], name)

  @parameterized.parameters(
    ({'grid': 4}, 'grid: 3 there, 4 now'),
    ({'positions': 9}, 'positions: 10 there, 9 now'),
    ({'seed': 1}, 'seed: 0 there, 1 now'),
  )
  def test_of_other_settings(self, other: Any, message: str) -> None:
    cells.prepare(self.config())
    before = self.files()
    with self.assertRaisesRegex(ValueError, f'of other settings .{message}'):
      cells.prepare(self.config(**other))
    self.assertEqual(self.files(), before)
    (self.photos / '1.png').unlink()
    with self.assertRaisesRegex(ValueError, 'the photographs have changed'):
      cells.prepare(self.config())

  def test_changed_files_are_refused(self) -> None:
    cells.prepare(self.config())
    path = self.folder / 'cells.npy'
    path.write_bytes(path.read_bytes()[:-4] + b'1234')
    with self.assertRaisesRegex(ValueError, 'has changed since'):
      cells.prepare(self.config())

  def test_damaged_photographs_are_passed_over(self) -> None:
    (self.photos / '0.png').write_bytes(b'\x89PNG')
    Image.new('RGB', (20, 90)).save(self.photos / '1.png')
    with self.assertLogs('absl', 'WARNING') as logs:
      cells.prepare(self.config())
    self.assertLen(logs.output, 2)
    record = self.record()
    self.assertEqual(record['num_photographs'], 4)
    self.assertLen(record['passed_over'], 2)
    self.assertIn('is 90 x 20 pixels; both', record['passed_over'][1])
    self.assertIn('inner/0.png', record['shown'].values())

  def test_refuses(self) -> None:
    wrong: Any = (
      ({'cells': 'fire99*'}, "no layer is called 'fire99.*'"),
      (
        {'grid': 50, 'positions': 1},
        '^6 points of 6 photographs leave no cell of 50 x 50 with 3; give',
      ),
    )
    for settings, message in wrong:
      with self.subTest(message), self.assertRaisesRegex(ValueError, message):
        cells.prepare(self.config(**settings))
    with self.assertRaisesRegex(FileNotFoundError, 'give --image a folder of'):
      cells.prepare(self.config(image=str(self.root / 'none')))
    self.assertFalse((self.folder / 'cells.json').exists())
    wrong = (
      ({'image': None}, 'give cells and image, of which image is missing'),
      ({'cells': '', 'units': 'class:0'}, 'of which cells is missing'),
      ({'cells': 'a,,b'}, "cells is 'a,,b'; give names of layers"),
      ({'cells': '', 'image': None}, "^units have ''; give class:NUMBERS"),
      ({'grid': 0}, 'grid is 0; take a whole number from 1 to 100'),
    )
    for settings, message in wrong:
      with self.subTest(message), self.assertRaisesRegex(ValueError, message):
        self.config(**settings)

  def test_beside_units(self) -> None:
    config = self.config(
      units=f'class:0, channel:{_LAYER}:3', cells='fire[45]/concat'
    )
    cells.prepare(config)
    plan = plan_lib.plan(config)
    names = [each.folder for each in plan.groups]
    expected = ['classes', 'fire4-concat', 'fire5-concat', 'fire5-concat']
    self.assertEqual([each.split('/')[-1] for each in names], expected)
    self.assertLen(set(names), 4)
    self.assertEqual([each.num_variations for each in plan.runs], [1] * 4)
    costs = estimate.measure(plan)
    self.assertEqual(
      [each.num_pictures for each in costs],
      [1, len(plan.groups[1].numbers), 1, len(plan.groups[3].numbers)]
      if names[1].startswith('cells')
      else [1, 1, 1, 1],
    )

  @parameterized.parameters((4, 'second', 4), (None, 'first', 0))
  def test_a_model_of_others(
    self, num_classes: Any, layer: str, num_told: int
  ) -> None:
    path = self.root / 'model.h5'
    keras_models.cnn((64, 64, 3), num_classes).save(path)
    self.folder = self.root / f'an atlas/cells/{layer}'
    config = self.config(
      cells=layer, models=('auto',), checkpoints=(str(path),)
    )
    cells.prepare(config)
    record = self.record()
    told = {
      each['class_id'] for cell in record['cells'] for each in cell['classes']
    }
    self.assertEqual(bool(told), bool(num_told))
    self.assertLessEqual(len(told), num_told)
    plan = plan_lib.plan(config)
    self.assertEqual(self.draw(plan), len(record['cells']))
    cell_page.write(self.folder, [])

  def test_defaults_of_small_pictures(self) -> None:
    config = self.config(image_size=None, overrides={})
    (run,) = plan_lib.plan(config).runs
    self.assertEqual(run.image_size, (128, 128))
    self.assertEqual(run.overrides, {'num_steps': 128})
    config = self.config(preset='deepdream', image_size=None, overrides={})
    (run,) = plan_lib.plan(config).runs
    self.assertEqual((run.image_size, run.overrides), (None, {}))

  def test_page(self) -> None:
    cells.prepare(self.config())
    pictures = [f'{each}.png' for each in range(len(self.record()['cells']))]
    cell_page.write(self.folder, pictures)
    html = (self.folder / 'index.html').read_text()
    self.assertIn('60 points in 6 photographs', html)
    self.assertNotIn('<img', html)
    data = (self.folder / 'data.js').read_text()
    self.assertNotIn('<', data)
    told = json.loads(data[len('window.CELLS = ') : -2])
    self.assertEqual([each['picture'] for each in told['cells']], pictures)
    self.assertEqual(told['map'], [27, 27])
    self.assertIn(_HOSTILE, told['names'].values())
    shown: List[int] = [
      each['number'] for cell in told['cells'] for each in cell['photographs']
    ]
    script = (self.folder / 'photographs.js').read_text()
    uris = json.loads(script[len('window.PHOTOGRAPHS = ') : -2])
    self.assertEqual(set(uris), set(map(str, shown)))
    for uri in uris.values():
      self.assertStartsWith(uri, 'data:image/jpeg;base64,')


if __name__ == '__main__':
  absltest.main()
