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

"""Tests for network_loading."""

import json
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.files import digests
from magenta_viz.models import model_spec
from magenta_viz.models import network_choice
from magenta_viz.models import network_loading
from magenta_viz.models import network_source
from magenta_viz.models import slim_network
from magenta_viz.models.checkpoints import checkpoints
from magenta_viz.testing import random_weights
from magenta_viz.testing import trained_checkpoints

_SPEC = model_spec.find_spec('squeezenet')


def _values(seed: int = 0) -> Dict[str, np.ndarray]:
  """Returns weights of SqueezeNet."""
  return random_weights.of_network(_SPEC, seed=seed)


def _resolve(checkpoint: Optional[str]) -> network_source.Resolved:
  choice = network_choice.Choice('auto', checkpoint=checkpoint)
  (resolved,) = network_source.resolve([choice])
  return resolved


class LoadTest(parameterized.TestCase):
  def _source(
    self,
    model: Optional[str],
    values: Optional[Mapping[str, np.ndarray]] = None,
  ) -> network_source.NetworkSource:
    path = Path(self.create_tempdir().full_path) / 'weights.npz'
    arrays: Dict[str, Any] = dict(_values() if values is None else values)
    np.savez(path, **arrays)
    sha256 = digests.file_sha256(path)
    return network_source.NetworkSource(model, path, 'here', sha256, 'a test')

  @parameterized.parameters(None, 'squeezenet')
  def test_network_with_its_weights(self, model: Optional[str]) -> None:
    network = network_loading.load(self._source(model), tf.float32)
    self.assertEqual(network.name, 'squeezenet')
    images = tf.ones([1, 64, 80, 3]) / 3
    expected = slim_network.SlimNetwork(_SPEC, _values())(images).logits
    np.testing.assert_array_equal(network(images).logits, expected)

  def test_weights_that_were_replaced_meanwhile(self) -> None:
    source = self._source(None)
    arrays: Dict[str, Any] = dict(_values(seed=1))
    np.savez(source.path, **arrays)
    with self.assertRaisesRegex(ValueError, 'is no longer what it was when'):
      network_loading.load(source, tf.float32)

  def test_precision(self) -> None:
    network = network_loading.load(self._source(None), tf.bfloat16)
    self.assertEqual(network.dtype, tf.bfloat16)

  def test_last_four_are_kept(self) -> None:
    network_loading.forget()
    sources = [self._source(None, _values(seed=seed)) for seed in range(4)]
    first, second, *_ = (
      network_loading.load(source, tf.float32) for source in sources
    )
    self.assertIs(network_loading.load(sources[0], tf.float32), first)
    other = network_loading.load(sources[0], tf.bfloat16)
    self.assertEqual(other.dtype, tf.bfloat16)
    self.assertIs(network_loading.load(sources[0], tf.float32), first)
    # The one that was not asked for the longest has made room.
    self.assertIsNot(network_loading.load(sources[1], tf.float32), second)
    network_loading.forget()
    self.assertIsNot(network_loading.load(sources[0], tf.float32), first)

  def test_same_weights_of_other_classes(self) -> None:
    folder = Path(self.create_tempdir().full_path)
    trained_checkpoints.write_network(folder, 5, num_outputs=4, class_offset=1)
    record = trained_checkpoints.record(
      5, num_outputs=4, class_names=['a', 'b', 'c', 'd']
    )
    sizes = []
    for _ in range(2):
      source = network_source.choose('squeezenet', str(folder))
      network = network_loading.load(source, tf.float32)
      sizes.append(network(tf.ones([1, 64, 64, 3])).logits.shape[1])
      (folder / 'model.ckpt-5.json').write_text(json.dumps(record))
    self.assertEqual(sizes, [3, 4])

  @parameterized.parameters(None, 'squeezenet')
  def test_averages_take_the_place_of_values(
    self, model: Optional[str]
  ) -> None:
    values, averages = _values(), _values(seed=1)
    # A checkpoint may have averages alone, or none of some variables.
    del values['conv10/biases']
    del averages['conv1/weights']
    expected = {**_values(), **averages}
    values.update(
      {f'{name}/ExponentialMovingAverage': averages[name] for name in averages}
    )
    values['conv1/weights/Momentum'] = np.ones(3)
    network = network_loading.load(self._source(model, values), tf.float32)
    images = tf.ones([1, 64, 80, 3]) / 3
    np.testing.assert_array_equal(
      network(images).logits,
      slim_network.SlimNetwork(_SPEC, expected)(images)[0],
    )

  def test_trained_network(self) -> None:
    folder = Path(self.create_tempdir().full_path)
    for step, top1 in ((5, 0.5), (6, 0.9), (7, 0.8)):
      trained_checkpoints.write_network(folder, step, top1=top1)
    chosen = network_loading.choose(_resolve(str(folder)), 'float32')
    assert chosen.source.trained is not None
    self.assertEqual(chosen.name, 'squeezenet')
    self.assertEqual(chosen.network.image_size, 64)
    self.assertEqual(
      chosen.network.class_names, trained_checkpoints.CLASS_NAMES
    )
    images = tf.ones([2, 64, 80, 3]) / 3
    logits = chosen.network(images).logits
    self.assertEqual(logits.shape, (2, 3))
    values = checkpoints.read_checkpoint(str(folder / 'model.ckpt-6'))
    expected = slim_network.SlimNetwork(chosen.source.trained.spec(), values)
    np.testing.assert_array_equal(logits, expected(images).logits)

  def test_architecture(self) -> None:
    folder = Path(self.create_tempdir().full_path)
    trained_checkpoints.write_network(folder, 5)
    found = network_loading.architecture(_resolve(str(folder)))
    self.assertEqual((found.name, found.image_size), ('squeezenet', 64))
    self.assertEqual(found.layers['pool10'], (3,))
    with self.assertRaisesRegex(ValueError, "unknown network 'auto'"):
      network_loading.architecture(_resolve(None))

  @parameterized.parameters(
    ('googlenet', None, '^the checkpoint lacks '),
    ('auto', [*'abcd'], "^the checkpoint's conv10/weights "),
  )
  def test_weights_of_another(
    self, model: str, names: Optional[List[str]], message: str
  ) -> None:
    folder = Path(self.create_tempdir().full_path)
    prefix = trained_checkpoints.write_network(folder, 5)
    record = Path(f'{prefix}.json')
    if names is None:
      record.unlink()
    else:
      other = trained_checkpoints.record(5, num_outputs=4, class_names=names)
      record.write_text(json.dumps(other))
    source = network_source.choose(model, prefix)
    with self.assertRaisesRegex(ValueError, message):
      network_loading.load(source, tf.float32)


if __name__ == '__main__':
  absltest.main()
