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

"""Tests of visualize: what is refused or known before the first picture."""

import dataclasses
from pathlib import Path
import tracemalloc
from typing import Any, List
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import tensorflow as tf

from magenta_viz import visualize
from magenta_viz.models import model_spec
from magenta_viz.models import network_loading
from magenta_viz.models import sharing
from magenta_viz.models import slim_network
from magenta_viz.visualization import objective_reader
from magenta_viz.visualization import renderer

_EMBEDDED = 'squeezenet'


class _Network:
  """Stands in for a network with its weights."""

  spec = dataclasses.replace(
    model_spec.find_spec(_EMBEDDED), image_size=80, recipe={}
  )
  dtype = tf.float32

  def __init__(self) -> None:
    self.shared = sharing.Shared(1)

  look_at = slim_network.SlimNetwork.look_at

  def __call__(self, images: tf.Tensor) -> slim_network.Outputs:
    kernel = tf.random.stateless_normal([3, 1000], (1, 2))
    logits = tf.reduce_mean(images, [1, 2]) @ kernel
    return slim_network.Outputs(logits, {'fire8/concat': images})


class _TestCase(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.enter_context(
      mock.patch.object(network_loading, 'load', return_value=_Network())
    )
    self.folder = Path(self.create_tempdir().full_path) / 'pictures'

  def config(self, **settings: Any) -> visualize.VisualizeConfig:
    """Returns the configuration of small and quick pictures."""
    overrides = {'num_steps': 1, **settings.pop('overrides', {})}
    return visualize.VisualizeConfig(
      **{
        'models': (_EMBEDDED,),
        'image_size': 64,
        'output_dir': str(self.folder),
        'overrides': overrides,
        **({} if 'objective' in settings else {'class_ids': 281}),
        **settings,
      }
    )


class RefusedTest(_TestCase):
  @parameterized.parameters(
    (
      {'num_workers': 4},
      'num_workers is 4, but this process draws alone; give each of 4 its'
      ' worker, from 0 on, or leave it to image_visualization_visualize'
      ' --num_workers=4',
    ),
    (
      {'objective': 'layer:fire8/concat', 'overrides': {'head': 'fire8'}},
      "head does nothing, because 'layer:fire8/concat' is of no class; leave it"
      ' out',
    ),
    (
      {'objective': 'probability:3', 'overrides': {'centring': 0.5}},
      "centring does nothing, because 'probability:3' is of no class's logit;"
      ' leave it out',
    ),
    (
      {'overrides': {'sweeps': 3}},
      'sweeps does nothing, because a picture of 64 x 64 pixels is drawn at'
      ' once, and not enlarged; leave it out',
    ),
    (
      {'zoom_frames': 3, 'batch_size': 4},
      'batch_size is 4, but frames are drawn one after the other; leave it out',
    ),
    ({'overrides': {'detail': 1.0}}, 'detail does nothing, because a picture'),
    (
      {'overrides': {'base_size': 200}},
      'base_size does nothing, because a picture of 64 x 64',
    ),
    (
      {'overrides': {'colours': 'plain', 'parameterization': 'pixels'}},
      'colours does nothing, because a picture of 64 x 64 pixels is drawn at'
      ' once in pixels',
    ),
  )
  def test_what_does_nothing(self, settings: Any, message: str) -> None:
    with self.assertRaises(ValueError) as caught:
      visualize.run(self.config(**settings))
    self.assertStartsWith(str(caught.exception), message)
    self.assertFalse(self.folder.exists())

  @parameterized.parameters(
    {'num_workers': 4, 'worker': 0},
    {'image_size': 128, 'overrides': {'sweeps': 1, 'detail': 0.1}},
    # That keeps it from being enlarged.
    {'image_size': 128, 'overrides': {'base_size': 400}},
    {'overrides': {'colours': 'plain'}},
    {'objective': 'class:3', 'overrides': {'head': 'fire8'}},
  )
  def test_what_counts(self, **settings: Any) -> None:
    with mock.patch.object(
      renderer.Studio, 'draw', side_effect=KeyboardInterrupt
    ), mock.patch.object(objective_reader.ObjectiveReader, 'read') as read:
      read.return_value.is_coupled = False
      read.return_value.is_whole = False
      with self.assertRaises(KeyboardInterrupt):
        visualize.run(self.config(**settings))


class WarningTest(_TestCase):
  def warning(self, **settings: Any) -> Any:
    """Returns what the record warns of, which is logged once."""
    overrides = {'num_steps': 3, **settings.pop('overrides', {})}
    config = self.config(overrides=overrides, **settings)
    with self.assertLogs(level='INFO') as logs:
      (picture,) = visualize.run(config)
    lines = [line for line in logs.output if line.startswith('WARNING:absl')]
    found = picture.record['warning']
    if found is None:
      self.assertEmpty(lines)
    else:
      self.assertEqual(
        lines, [f'WARNING:absl:{Path(str(picture.path)).stem}: {found}.']
      )
    return found

  def test_what_goes_well(self) -> None:
    self.assertIsNone(self.warning())

  def test_silent_unit(self) -> None:
    def silent(network: Any, images: tf.Tensor) -> slim_network.Outputs:
      units = tf.pad(images, [[0, 0], [0, 0], [0, 0], [0, 1]])
      return slim_network.Outputs(
        tf.zeros([images.shape[0], 1000]), {'a': units}
      )

    with mock.patch.object(_Network, '__call__', silent):
      found = self.warning(
        objective='neuron:a:3', preset='deepdream', overrides={'octaves': 2}
      )
    self.assertStartsWith(found, 'the score stayed 0 in all 6 steps: ')

  def test_score_without_influence(self) -> None:
    def constant(network: Any, images: tf.Tensor) -> slim_network.Outputs:
      logits = tf.zeros([images.shape[0], 1000]) + 2.5
      return slim_network.Outputs(logits + 0 * images[:, :1, 0, 0], {})

    with mock.patch.object(_Network, '__call__', constant):
      found = self.warning(preset='lucid')
    self.assertStartsWith(found, 'no step changed the picture: its score has')
    with mock.patch.object(_Network, '__call__', constant):
      found = self.warning(
        preset='yosinski_b', class_ids=3, overrides={'keep': 'last'}
      )
    self.assertStartsWith(found, 'the score stayed 2.5 in all 3 steps: ')


class PlanTest(_TestCase):
  def first_of_many(self, **settings: Any) -> List[str]:
    """Draws the first of a hundred million pictures."""
    config = self.config(
      class_ids=range(1000), num_variations=100_000, batch_size=1, **settings
    )
    return [next(visualize.draw(config)).record['class_name']]

  def test_is_made_as_it_is_drawn(self) -> None:
    # What TensorFlow and others keep is kept from here on.
    visualize.run(self.config(output_dir=None))
    tracemalloc.start()
    self.addCleanup(tracemalloc.stop)
    self.assertLen(self.first_of_many(), 1)
    _, peak = tracemalloc.get_traced_memory()
    self.assertLess(peak, 10e6)

  def test_records_are_looked_at_before(self) -> None:
    config = self.config(class_ids=range(5), batch_size=2)
    visualize.run(dataclasses.replace(config, class_ids=(4,)))
    with self.assertRaisesRegex(ValueError, 'num_steps: 1 there, 2 now'):
      next(
        visualize.draw(dataclasses.replace(config, overrides={'num_steps': 2}))
      )
    self.assertLen(list(self.folder.glob('*.json')), 1)

  def test_films_of_several_series(self) -> None:
    visualize.run(
      self.config(
        class_ids=(3, 5), num_variations=2, zoom_frames=2, animate='gif'
      )
    )
    self.assertLen(list(self.folder.glob('*_frames.gif')), 4)


if __name__ == '__main__':
  absltest.main()
