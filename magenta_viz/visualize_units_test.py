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

"""Tests for visualize with channels of a layer, each in pictures of its own."""

from typing import Any, ClassVar
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent.objectives import objectives
from magenta_viz.models import network_loading
from magenta_viz.models import network_source
from magenta_viz.testing import drawings
from magenta_viz.visualization import task


def _generator(unused_task: task.PictureTask) -> np.random.Generator:
  """Returns what all pictures' noise is to come from."""
  return np.random.default_rng(0)


_SETTINGS: Any = {'image_size': (64, 64)}


class UnitsTest(drawings.TestCase):
  settings: ClassVar[Any] = _SETTINGS
  overrides: ClassVar[Any] = {'num_steps': 3}

  def test_each_in_a_picture_of_its_own(self) -> None:
    layer = 'fire5/concat'
    pictures = self.draw(objective=f'channel:{layer}:7,0-1', num_variations=2)
    texts = [each.record['objective'] for each in pictures]
    self.assertEqual(
      texts, [f'channel:{layer}:{unit}' for unit in (7, 7, 0, 0, 1, 1)]
    )
    for each in pictures:
      record = each.record
      self.assertEqual(record['settings']['objective'], record['objective'])
      self.assertIn(f'--objective=channel:{layer}:7,0-1 ', record['command'])
    self.assertIn('channel-fire5-concat-7_1.png', self.names())
    self.assertIn('sheet.png', self.names())
    # Each is of its own channel: no other picture excites that more.
    network = network_loading.load(
      network_source.choose(drawings.EMBEDDED), tf.float32
    )
    images = np.stack([each.image for each in pictures])
    net = network.look_at(images).end_points[layer].numpy().mean((1, 2))
    rises = net[:, [7, 0, 1]] / net[:, [7, 0, 1]].mean(0)
    self.assertEqual((rises.argmax(0) // 2).tolist(), [0, 1, 2])

  def test_as_alone(self) -> None:
    """And as of a number that is fixed."""
    text = 'neuron:fire3/concat:{}@4,5 - 0.1*layer:fire3/concat'
    several = self.draw(
      objective=text.format('3,9'), batch_size=1, output_dir=None
    )
    alone = self.draw(objective=text.format('9'))
    np.testing.assert_array_equal(several[1].image, alone[0].image)
    neuron = objectives.Neuron('fire3/concat', 9, (4, 5))
    fixed = neuron - 0.1 * objectives.Layer('fire3/concat')
    with mock.patch.object(type(fixed), '__str__', lambda _: text.format(9)):
      (expected,) = self.draw(objective=fixed, output_dir=None)
    np.testing.assert_allclose(
      alone[0].record['scores'], expected.record['scores'], rtol=1e-4
    )
    np.testing.assert_allclose(alone[0].image, expected.image, atol=1e-3)

  def test_rows_of_directions(self) -> None:
    folder = self.create_tempdir().full_path
    path = f'{folder}/my rows.npy'
    rows = np.random.default_rng(0).random((5, 128)).astype(np.float32)
    np.save(path, rows)
    np.save(f'{folder}/row.npy', rows[3])
    text = 'direction^2:fire2/concat:{directions}:'
    several = self.draw(objective=f'{text}2-3', directions=path)
    self.assertLen(several, 2)
    record = several[1].record
    self.assertEqual(record['objective'], f'{text}3')
    self.assertIn("my rows.npy'", record['command'])
    self.assertIn('direction-2-fire2-concat-directions-3_0.png', self.names())
    # The words of an objective decide on the noise.
    named = f'direction^2:fire2/concat:{folder}/row.npy'
    with mock.patch.object(task.PictureTask, 'generator', _generator):
      (alone,) = self.draw(objective=named, output_dir=None)
      together = self.draw(
        objective=f'{text}all', directions=path, output_dir=None
      )
    self.assertLen(together, 5)
    np.testing.assert_allclose(together[3].image, alone.image, atol=2e-3)
    before = self.files()
    np.save(path, rows * 2)
    with self.assertRaisesRegex(ValueError, 'the files of directions'):
      self.draw(objective=f'{text}2', directions=path)
    self.assertEqual(self.files(), before)

  def test_what_is_there_is_not_drawn_again(self) -> None:
    self.draw(objective='channel:fire2/concat:2')
    before = self.files()
    pictures = self.draw(objective='channel:fire2/concat:0-3')
    self.assertLen(pictures, 4)
    after = self.files()
    for name in before:
      self.assertEqual(after[name], before[name])

  @parameterized.parameters(
    (
      'channel:fire2/concat:0-128',
      "objective 'channel:fire2/concat:0-128', character 22: channel 128 in"
      " '0-128' is out of range; layer 'fire2/concat' has channels 0 to 127",
    ),
    (
      'layer:pool1 + neuron:pool1:9-2@0,0',
      "objective 'layer:pool1 + neuron:pool1:9-2@0,0', character 28: range"
      " '9-2' runs backwards; the smaller number comes first: 2-9",
    ),
    (
      'channel:fire2/concat:',
      "objective 'channel:fire2/concat:', character...",
    ),
    (
      'channel:fire2/concat:x',
      "objective 'channel:fire2/concat:x', charact...",
    ),
    ('channel:fire2/cuncat:all', "unknown layer 'fire2/cuncat'; take one..."),
    ('channel:all', "objective 'channel:all', character 9: expected LAYER..."),
    (
      'direction:pool1:{directions}:0',
      "objective 'direction:pool1:{directions}:0', character 17: {directions}"
      ' is a file; give it as --directions=FILE.npy',
    ),
    (
      'channel:pool1:0-3 + channel:pool1:7',
      "objective 'channel:pool1:0-3 + channel:pool1:7', character 15: expec...",
    ),
  )
  def test_errors(self, text: str, message: str) -> None:
    self.assert_refused(message, objective=text)


class TracesTest(drawings.TestCase):
  settings: ClassVar[Any] = _SETTINGS

  def test_one_trace_for_all_rows(self) -> None:
    network = self.use_network(drawings.Network())
    path = f'{self.create_tempdir().full_path}/rows.npy'
    size = 5
    np.save(path, np.eye(size)[[0, 1, 0, 1]] + 1)
    text = f'direction:conv:{path}:'
    self.draw(objective=f'{text}0-1', batch_size=2, output_dir=None)
    traced = len(network.traced)
    # Of another run; and its second batch costs none.
    self.draw(objective=f'{text}all', batch_size=2, output_dir=None)
    self.assertLen(network.traced, 2 * traced)

  def test_one_trace_for_all_channels_of_a_layer(self) -> None:
    network = self.use_network(drawings.Network())
    self.draw(objective='channel:conv:0-1', batch_size=2)
    traced = len(network.traced)
    self.draw(objective='channel:conv:2-3', batch_size=2, output_dir=None)
    # That it fits is asked anew of a text; nothing else is.
    self.assertEqual(network.traced[traced:], [(1, 32, 32, 3)])
    self.draw(objective='channel:conv:0-3', batch_size=2, output_dir=None)
    self.assertLen(network.traced, traced + 2)


if __name__ == '__main__':
  absltest.main()
