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

"""Tests of drawing with a model of others that is known to be right."""

from pathlib import Path
from typing import Any

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz import visualize
from magenta_viz.models import class_recipes
from magenta_viz.models import networks
from magenta_viz.models.architectures import squeezenet_spec
from magenta_viz.testing import keras_squeezenet

# All that either wants.
_STEPS = {
  **class_recipes.GENERAL,
  **squeezenet_spec.SPEC.recipe,
  'num_steps': 4,
}


def _config(**settings: Any) -> visualize.VisualizeConfig:
  settings = {'class_ids': (281,), 'overrides': _STEPS, **settings}
  return visualize.VisualizeConfig(**settings)


class SameNetworkTest(parameterized.TestCase):
  model: Any
  wanted: visualize.Picture

  @classmethod
  def setUpClass(cls) -> None:
    super().setUpClass()
    cls.model = keras_squeezenet.make()
    cls.wanted = visualize.run(
      _config(models=('squeezenet',), precision='float32')
    )[0]

  def assert_same(self, picture: visualize.Picture) -> None:
    difference = np.abs(picture.image - self.wanted.image).max()
    self.assertLess(difference, 1e-4)
    for name in ('probability', 'rank'):
      self.assertAlmostEqual(
        picture.record[name], self.wanted.record[name], places=4
      )

  def test_from_memory(self) -> None:
    network = networks.from_keras(self.model, **keras_squeezenet.SETTINGS)
    self.assert_same(visualize.run(_config(), network=network)[0])

  @parameterized.parameters('.h5', '.keras', '')
  def test_from_file(self, ending: str) -> None:
    path = str(Path(self.create_tempdir().full_path, f'model{ending}'))
    if ending == '.keras' and not hasattr(tf.keras.Model, 'get_compile_config'):
      self.skipTest('This Keras writes no .keras files.')
    if ending:
      self.model.save(path)
    else:
      tf.saved_model.save(self.model, path)
    config = _config(
      checkpoints=(path,),
      foreign=networks.Settings(**keras_squeezenet.SETTINGS),
    )
    self.assert_same(visualize.run(config)[0])

  def test_layer_by_a_function(self) -> None:
    (wanted,) = visualize.run(
      _config(
        class_ids=(),
        objective='channel:fire5/concat:7',
        models=('squeezenet',),
        precision='float32',
      )
    )
    network = networks.from_keras(self.model, **keras_squeezenet.SETTINGS)
    found = networks.from_function(
      lambda images: (
        network(images).logits,
        {'fire5/concat': network(images).end_points['fire5_concat']},
      ),
      is_any_size=True,
    )
    (picture,) = visualize.run(
      _config(class_ids=(), objective='channel:fire5/concat:7'),
      network=found,
    )
    np.testing.assert_allclose(picture.image, wanted.image, atol=1e-4)


if __name__ == '__main__':
  absltest.main()
