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

"""Tests for feeds."""

from pathlib import Path
from typing import Any, Dict, List
from unittest import mock

from absl.testing import absltest
import numpy as np
import tensorflow as tf

from magenta_viz.atlas import config as atlas_config
from magenta_viz.atlas import feeds
from magenta_viz.atlas import plan as plan_lib
from magenta_viz.atlas import shown_units
from magenta_viz.atlas import units
from magenta_viz.attribution import effects
from magenta_viz.models import networks
from magenta_viz.testing import atlas_folders

_WEIGHTS = np.array([[2.0, -1.0], [0.0, 0.0], [-4.0, 3.0]], np.float32)
_LAYERS = {'first': 3, 'second': 2}


def _network() -> Any:
  def small(images: tf.Tensor) -> Any:
    first = images * 2
    second = first @ _WEIGHTS
    return tf.reduce_mean(second, [1, 2]), {'first': first, 'second': second}

  return networks.from_function(small, 64, class_names=('tench, Tinca', 'cock'))


class FeedsTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.root = Path(self.create_tempdir().full_path)
    config = atlas_config.AtlasConfig(
      'class:0, channel:first:all, neuron:first:0',
      str(self.root),
      num_variations=2,
    )
    groups = units.groups(config.terms, _LAYERS, ('tench',))
    runs = tuple(map(config.of, groups))
    self.plan = plan_lib.Plan(groups, runs, ('tench',), _LAYERS)
    for number, group in enumerate(groups):
      for task in self.plan.tasks(number):
        atlas_folders.write_whole(self.root / group.folder, task)
    self.enter_context(
      mock.patch.object(feeds.Feeds, '_network', lambda *_: _network())
    )

  def of(
    self, group: int, known: Any = (), drawn: Any = ('first',)
  ) -> Dict[str, Any]:
    """Returns what a group feeds."""
    shown = shown_units.read(
      self.plan.groups[group],
      self.root,
      _LAYERS,
      self.plan.tasks(group),
      {},
    )
    one = feeds.Feeds(self.plan)
    return one.of(group, shown, self.root, drawn, dict(known))

  def test_what_the_weights_say(self) -> None:
    found = self.of(1)
    # The second layer has as many channels as there are classes.
    self.assertEqual(found['layers'], {})
    classes = found['classes']
    levels = [
      np.mean(
        [
          2 * atlas_folders.picture(unit, 24, 20)[2:22, :, unit].mean()
          for _ in range(2)
        ]
      )
      for unit in range(3)
    ]
    for unit, signs in ((0, [0, 1]), (2, [1, 0])):
      told = classes['units'][str(unit)]
      self.assertEqual(told[::2], signs)
      change = levels[unit] * (_WEIGHTS[unit] - _WEIGHTS[unit].mean())
      np.testing.assert_allclose(told[1::2], change[signs], rtol=0.05)
    self.assertEqual(classes['units']['1'], [])
    self.assertEqual(classes['things']['0'][::2], [0, 2])
    self.assertEqual(classes['things']['1'][::2], [2, 0])
    self.assertEqual(found['names'], {'0': 'tench', '1': 'cock'})

  def test_is_measured_once(self) -> None:
    found = self.of(1)
    measured: List[str] = []
    measure = effects.Effects.measure

    def count(self: Any, images: Any, layer: str, *args: Any) -> Any:
      measured.append(layer)
      return measure(self, images, layer, *args)

    with mock.patch.object(effects.Effects, 'measure', count):
      self.assertEqual(self.of(1, found), found)
      self.assertEqual(measured, [])
      # Other layers are drawn, or another picture.
      again = self.of(1, found, ('first', 'second'))
      self.assertEqual(again['classes'], found['classes'])
      self.assertEqual(measured, ['first'])
      task = self.plan.tasks(1)[0]
      atlas_folders.write(
        self.root / 'first',
        task.stem,
        task.objective,
        np.ones((64, 64, 3), np.float32),
        settings={'networks': [{}], 'image_size': [64, 64]},
        scores=[1.0],
      )
      self.assertNotEqual(self.of(1, found)['key'], found['key'])
      self.assertEqual(measured, ['first', 'first'])

  def test_of_channels_alone(self) -> None:
    self.assertEqual(self.of(0), {})
    self.assertEqual(self.plan.groups[2].kind, 'neuron')
    self.assertEqual(self.of(2), {})

  def test_what_cannot_be_measured_is_not_there(self) -> None:
    with mock.patch.object(
      effects.Effects,
      'measure',
      side_effect=tf.errors.InternalError(None, None, 'x'),
    ):
      self.assertEqual(self.of(1), {})
    with mock.patch.object(
      effects.Effects, 'measure', side_effect=OSError(28, 'No space')
    ), self.assertRaises(OSError):
      self.of(1)


if __name__ == '__main__':
  absltest.main()
