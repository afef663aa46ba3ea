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

"""Tests for loading and foreign_source."""

import inspect
from pathlib import Path
from typing import Any, Optional
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.files import digests
from magenta_viz.models.foreign import foreign_network
from magenta_viz.models.foreign import foreign_settings
from magenta_viz.models.foreign import foreign_source
from magenta_viz.models.foreign import function_model
from magenta_viz.models.foreign import loading
from magenta_viz.models.foreign import model_files

keras: Any = tf.keras
layers: Any = keras.layers

_IMAGES = np.random.RandomState(0).rand(2, 64, 64, 3).astype(np.float32)
_SETTINGS = foreign_settings.ForeignSettings()


def _model() -> Any:
  return keras.Sequential(
    [
      keras.Input([64, 64, 3]),
      layers.Rescaling(1 / 255),
      layers.Conv2D(4, 3, 4, activation='relu', name='conv'),
      layers.GlobalAveragePooling2D(),
      layers.Dense(3, activation='softmax', name='classes'),
    ],
    name='mine',
  )


class LoadingTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    loading.forget()
    self.folder = Path(self.create_tempdir().full_path)

  def saved(self, ending: str, model: Optional[Any] = None) -> Any:
    """Returns the file that a model is saved in."""
    load = inspect.signature(keras.models.load_model).parameters
    if ending == '.keras' and 'safe_mode' not in load:
      self.skipTest('This Keras has no such files.')
    path = str(self.folder / f'm{ending}')
    (model or _model()).save(path)
    return model_files.tell(path)

  @parameterized.parameters('.keras', '.h5')
  def test_files(self, ending: str) -> None:
    model = _model()
    file = self.saved(ending, model)
    network = loading.of_file(file, _SETTINGS)
    self.assertEqual(network.name, 'mine')
    self.assertEqual(network.sha256, digests.file_sha256(file.path))
    self.assertEqual(network.describe()['input']['range'], (0, 255))
    np.testing.assert_allclose(
      tf.nn.softmax(network(_IMAGES).logits),
      model.predict(255 * _IMAGES, verbose=0),
      1e-4,
    )
    # The same content, by whatever name.
    again = self.folder / f'other{ending}'
    again.write_bytes(file.path.read_bytes())
    found = model_files.tell(str(again))
    assert found is not None
    self.assertIs(loading.of_file(found, _SETTINGS), network)
    other = foreign_settings.ForeignSettings(input_range=(0, 1))
    self.assertIsNot(loading.of_file(file, other), network)
    loading.forget()
    self.assertIsNot(loading.of_file(file, _SETTINGS), network)

  def test_another_file_is_another_network(self) -> None:
    first = loading.of_file(self.saved('.h5'), _SETTINGS)
    second = loading.of_file(self.saved('.h5'), _SETTINGS)
    self.assertNotEqual(first.sha256, second.sha256)
    self.assertIsNot(first, second)

  def test_damaged(self) -> None:
    file = self.saved('.h5')
    content = file.path.read_bytes()
    file.path.write_bytes(content[: len(content) // 2])
    found = model_files.tell(str(file.path))
    assert found is not None
    with self.assertRaises(ValueError) as caught:
      loading.of_file(found, _SETTINGS)
    self.assertIn(str(file.path), str(caught.exception))
    self.assertNotIn('\n', str(caught.exception))

  def test_is_written_meanwhile(self) -> None:
    file = self.saved('.h5')
    read = keras.models.load_model

    def load(path: str, **kwargs: Any) -> Any:
      found = read(path, **kwargs)
      _model().save(path)
      return found

    with mock.patch.object(
      loading, '_keras', lambda file, *_: load(str(file.path))
    ):
      with self.assertRaisesRegex(ValueError, 'is no longer what it was when'):
        loading.of_file(file, _SETTINGS)

  def test_models_in_this_process(self) -> None:
    model = _model()
    network = loading.of_model(model, _SETTINGS)
    self.assertIs(loading.of_model(model, _SETTINGS), network)
    self.assertIs(loading.of_model(network, _SETTINGS), network)
    self.assertIsNot(loading.of_model(_model(), _SETTINGS), network)
    named = loading.of_model(model, _SETTINGS, ['a', 'b', 'c'])
    self.assertEqual(named.class_names, ('a', 'b', 'c'))
    function = function_model.FunctionModel(
      lambda images: images[:, 0, 0], 'f', (64, 64, 3), False, tf.float32
    )
    self.assertEqual(loading.of_model(function, _SETTINGS).name, 'f')

  def test_a_model_that_is_trained_again(self) -> None:
    model = _model()
    model.compile('sgd', 'sparse_categorical_crossentropy')
    network = loading.of_model(model, _SETTINGS)
    before = network.sha256, network(_IMAGES).logits.numpy()
    model.fit(255 * _IMAGES, np.array([0, 1]), verbose=0)
    self.assertIs(loading.of_model(model, _SETTINGS), network)
    self.assertNotEqual(network.sha256, before[0])
    after = network(_IMAGES).logits
    self.assertGreater(np.abs(after - before[1]).max(), 1e-6)
    np.testing.assert_allclose(
      tf.nn.softmax(after), model.predict(255 * _IMAGES, verbose=0), 1e-4
    )

  @parameterized.parameters(
    (b'cat\ndog\nh\xc3\xa9ron\n', ('cat', 'dog', 'h\u00e9ron')),
    (b' cat \r\ndog\r\ncow', ('cat', 'dog', 'cow')),
    # As some editors begin a file.
    (b'\xef\xbb\xbfcat\ndog\ncow\n', ('cat', 'dog', 'cow')),
  )
  def test_class_names(self, content: bytes, expected: Any) -> None:
    path = self.folder / 'names.txt'
    path.write_bytes(content)
    settings = foreign_settings.ForeignSettings(class_names=str(path))
    network = loading.of_model(_model(), settings)
    self.assertEqual(network.class_names, expected)

  @parameterized.parameters(
    (
      b'cat\ndog\n',
      "^there are 2 names of classes, but the model 'mine' has 3",
    ),
    (b'', '^there are 0 names of classes'),
    (b'cat\n\ncow\n', "'' is no name of a class; it may have 1 to .*; give a "),
    (b'cat\nd\x1bog\ncow\n', "'d.x1bog' is no name of a class; it may have"),
    (
      b'\xff\xfec\x00',
      "^cannot read '.*names.txt' .*utf-8.*; give a text file",
    ),
    (
      b'a' * 5000 + b'\nb\nc',
      r"^cannot read '.*' \('aaaa.* \.\.\.\); give a t",
    ),
  )
  def test_damaged_class_names(self, content: bytes, message: str) -> None:
    path = self.folder / 'names.txt'
    path.write_bytes(content)
    settings = foreign_settings.ForeignSettings(class_names=str(path))
    with self.assertRaisesRegex(ValueError, message) as caught:
      loading.of_model(_model(), settings)
    self.assertNotIn('\n', str(caught.exception))

  def test_no_class_names(self) -> None:
    path = str(self.folder / 'none.txt')
    settings = foreign_settings.ForeignSettings(class_names=path)
    with self.assertRaisesRegex(
      FileNotFoundError, "cannot read the names of the classes '.*none.txt': "
    ):
      loading.of_model(_model(), settings)

  def test_class_names_from_python(self) -> None:
    for name in ('a\nb', '', '\x1b[2J'):
      with self.assertRaisesRegex(ValueError, 'is no name of a class'):
        loading.of_model(_model(), _SETTINGS, [name, 'b', 'c'])
    names: Any = np.array(['a', 'b', 'c'])
    found = loading.of_model(_model(), _SETTINGS, names)
    self.assertEqual(found.class_names, ('a', 'b', 'c'))


class ForeignSourceTest(absltest.TestCase):
  def test_is_made_once_and_late(self) -> None:
    model = _model()
    with mock.patch.object(
      loading, 'of_model', side_effect=loading.of_model
    ) as make:
      source = foreign_source.ForeignSource(_SETTINGS, given=model)
      make.assert_not_called()
      self.assertEqual(source.class_names, ('class 0', 'class 1', 'class 2'))
      self.assertIsInstance(source.network, foreign_network.ForeignNetwork)
      make.assert_called_once_with(model, _SETTINGS)

  def test_of_a_file(self) -> None:
    path = f'{self.create_tempdir().full_path}/m.h5'
    _model().save(path)
    file = model_files.tell(path)
    source = foreign_source.ForeignSource(_SETTINGS, file)
    self.assertEqual(source.network.name, 'mine')
    # It is another one, even of the same file.
    self.assertNotEqual(source, foreign_source.ForeignSource(_SETTINGS, file))


if __name__ == '__main__':
  absltest.main()
