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

"""Tests of the choice of a network that is a model of others."""

from pathlib import Path
from typing import Any, List, Sequence

from absl.testing import absltest
from absl.testing import parameterized
import tensorflow as tf

from magenta_viz.files import digests
from magenta_viz.models import network_choice
from magenta_viz.models import network_loading
from magenta_viz.models import network_source
from magenta_viz.models.foreign import foreign_settings


def _resolve(
  *models: str, checkpoints: Sequence[str] = ()
) -> List[network_source.Resolved]:
  return network_source.resolve(network_choice.parse(models, checkpoints))


class ForeignTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    keras: Any = tf.keras
    self.model = keras.Sequential(
      [
        keras.Input([64, 64, 3]),
        keras.layers.Conv2D(4, 3, 4, name='conv'),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(2, name='classes'),
      ],
      name='mine',
    )
    self.path = Path(self.create_tempdir().full_path) / 'm.h5'
    self.model.save(str(self.path))

  @parameterized.parameters('auto', 'other')
  def test_file(self, model: str) -> None:
    (resolved,) = _resolve(model, checkpoints=(str(self.path),))
    self.assertIsNone(resolved.located)
    self.assertIsNone(resolved.trained)
    self.assertEqual(resolved.name, 'mine' if model == 'auto' else model)
    self.assertEqual(resolved.class_names, ('class 0', 'class 1'))
    (source,) = network_source.find([resolved])
    self.assertEqual(
      source,
      network_source.NetworkSource(
        model=None if model == 'auto' else model,
        path=self.path,
        origin=str(self.path),
        sha256=digests.file_sha256(self.path),
        reason='as --checkpoint asks',
        checkpoint=str(self.path),
        foreign=resolved.foreign,
      ),
    )
    self.assertEqual(source.class_names, ('class 0', 'class 1'))
    network = network_loading.load(source, tf.float32)
    self.assertEqual(network.name, 'mine')
    # Names of settings are those of flags.
    chosen = network_source.choose(
      model, str(self.path), foreign_settings.ForeignSettings(output='none')
    )
    self.assertEqual(chosen.class_names, ())

  def test_beside_others(self) -> None:
    first, second = _resolve(
      'squeezenet', 'mine:2', checkpoints=(f'mine={self.path}',)
    )
    self.assertIsNone(first.foreign)
    sources = network_source.find([first, second])
    self.assertEqual([each.model for each in sources], ['squeezenet', 'mine'])
    self.assertEqual([each.weight for each in sources], [0.5, 2.0])
    network_source.check_settings(
      foreign_settings.ForeignSettings(input_range=(-1, 1)), sources
    )

  def test_name_of_ours(self) -> None:
    with self.assertRaises(ValueError) as caught:
      _resolve('squeezenet', checkpoints=(str(self.path),))
    message = str(caught.exception)
    self.assertStartsWith(
      message, f"model is squeezenet, but '{self.path}' is "
    )
    self.assertEndsWith(
      message,
      ', a whole network of its own; leave --model out, or give it another'
      ' name',
    )

  def test_name_without_a_model(self) -> None:
    path = self.path.with_name('w.npz')
    path.write_bytes(b'weights')
    with self.assertRaisesRegex(
      ValueError, "^unknown network 'mine'; take one"
    ):
      _resolve('mine', checkpoints=(str(path),))

  def test_given(self) -> None:
    settings = foreign_settings.ForeignSettings(input_range=(-1, 1))
    resolved = network_source.given(self.model, settings)
    self.assertEqual(resolved.name, 'mine')
    source = resolved.find()
    self.assertIsNone(source.model)
    self.assertEqual(source.origin, 'this process')
    self.assertEqual(source.reason, 'given from Python')
    self.assertEqual(source.path, Path())
    self.assertIsNone(source.checkpoint)
    before = source.sha256
    again = network_source.given(self.model, settings).find()
    self.assertEqual(again.sha256, before)
    assert again.foreign is not None and source.foreign is not None
    self.assertIs(again.foreign.network, source.foreign.network)
    weights_ = [each + 1 for each in self.model.get_weights()]
    self.model.set_weights(weights_)
    self.assertNotEqual(resolved.find().sha256, before)

  @parameterized.parameters(
    {'input_range': (-1, 1)},
    {'input_size': 96},
    {'output': 'none'},
    {'class_names': 'names.txt'},
    {'allow_code': True},
  )
  def test_settings_without_a_model(self, **settings: Any) -> None:
    (name,) = settings
    found = foreign_settings.ForeignSettings(**settings)
    with self.assertRaises(ValueError) as caught:
      network_source.resolve(network_choice.parse(('squeezenet',)), found)
    self.assertEqual(
      str(caught.exception),
      f'{name} does nothing, because all networks are of this package; leave it'
      ' out, or give a model, such as a .keras file, as --checkpoint',
    )
    choices = network_choice.parse(('auto',), (str(self.path),))
    (resolved,) = network_source.resolve(choices, found)
    assert resolved.foreign is not None
    self.assertEqual(resolved.foreign.settings, found)


if __name__ == '__main__':
  absltest.main()
