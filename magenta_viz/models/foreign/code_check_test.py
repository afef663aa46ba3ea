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

"""Tests for code_check, and what it has of files in HDF5."""

import io
import json
from pathlib import Path
from typing import Any, Callable, Dict, Optional
from unittest import mock
import zipfile

from absl.testing import absltest
from absl.testing import parameterized
import h5py
import numpy as np
import tensorflow as tf

from magenta_viz.models.foreign import code_check
from magenta_viz.models.foreign import hdf5_check
from magenta_viz.models.foreign import model_files
from magenta_viz.testing import model_files_case
from magenta_viz.testing import mutations

keras: Any = tf.keras
layers: Any = keras.layers

_NUM_COPIES = 200
_ENDINGS = ('.keras', '.h5')


class _Twice(layers.Layer):
  def call(self, inputs: Any) -> Any:
    return inputs * 2


def _own_activation(values: Any) -> Any:
  return values


def _model(*own: Any) -> Any:
  """Returns a small network with some layers of one's own in it."""
  images = keras.Input([8, 8, 3])
  net = layers.Conv2D(2, 3, activation='relu', kernel_regularizer='l2')(images)
  for layer in own:
    net = layer(net)
  net = layers.GlobalAveragePooling2D()(net)
  return keras.Model(images, layers.Dense(2, activation='softmax')(net))


def _lambda() -> Any:
  return layers.Lambda(lambda values: values + 1, name='scale')


def _nested() -> Any:
  return keras.Sequential([layers.ReLU(), _lambda()], name='inner')


def _expressions() -> Any:
  """Returns a network of operations that are no layers."""
  images = keras.Input([8, 8, 3])
  ops = getattr(keras, 'ops', None) or tf
  nn = getattr(keras, 'ops', None) or tf.nn
  net = nn.relu6(images)[:, 1:, :] * 2.0 + 1.0
  net = ops.transpose(net, [0, 2, 1, 3])
  return keras.Model(images, layers.Flatten()(net))


# Config of what a hostile file has for a layer, and what is said of it.
_HOSTILE: Dict[str, Any] = {
  'CVE-2024-3660, marshalled code': (
    {
      'module': 'keras.layers',
      'class_name': 'Lambda',
      'config': {
        'name': 'scale',
        'function': {'class_name': '__lambda__', 'config': {'value': '4wEA'}},
      },
    },
    "a Lambda layer, 'scale', which is code of whoever",
  ),
  'marshalled code as an activation': (
    {
      'module': 'keras.layers',
      'class_name': 'Dense',
      'config': {
        'name': 'd',
        'units': 1,
        'activation': {'class_name': '__lambda__', 'config': {'code': '4wEA'}},
      },
    },
    "a Lambda layer, 'd', which is code of whoever",
  ),
  'CVE-2025-1550, any module': (
    {'module': 'os', 'class_name': 'system', 'config': {'command': 'id'}},
    "a class not Keras's own, 'system' of 'os'",
  ),
  'CVE-2025-1550, as a function': (
    {
      'module': 'os',
      'class_name': 'function',
      'config': 'system',
      'registered_name': 'system',
    },
    "a function not Keras's own, 'system'",
  ),
  "CVE-2025-8747, Keras's own function": (
    {
      'module': 'keras.utils',
      'class_name': 'get_file',
      'config': {'fname': 'x', 'origin': 'http://localhost', 'extract': True},
    },
    "a class not Keras's own, 'get_file' of 'keras.utils'",
  ),
  'CVE-2025-8747, by the name of a function': (
    {
      'module': 'keras.utils',
      'class_name': 'function',
      'config': 'get_file',
      'registered_name': 'function',
    },
    "a function not Keras's own, 'get_file'",
  ),
  'unsafe mode turned on': (
    {
      'module': 'keras.config',
      'class_name': 'enable_unsafe_deserialization',
      'config': {},
    },
    "'enable_unsafe_deserialization' of 'keras.config'",
  ),
  'CVE-2025-12058, a file for a vocabulary': (
    {
      'module': 'keras.layers',
      'class_name': 'StringLookup',
      'config': {'name': 'words', 'vocabulary': '/etc/passwd'},
    },
    "a layer, 'words', whose words are in another file, '/etc/passwd'",
  ),
  'another library': (
    {
      'module': 'keras.layers',
      'class_name': 'TorchModuleWrapper',
      'config': {'module': 'gASV'},
    },
    "a class not Keras's own, 'TorchModuleWrapper'",
  ),
  'another model': (
    {
      'module': 'keras.layers',
      'class_name': 'TFSMLayer',
      'config': {'filepath': '/tmp/model'},
    },
    "a class not Keras's own, 'TFSMLayer'",
  ),
  "a module beside Keras's": (
    {'module': 'keras_evil.layers', 'class_name': 'Dense', 'config': {}},
    "a class not Keras's own, 'Dense' of 'keras_evil.layers'",
  ),
  'a registered name over a known one': (
    {
      'module': 'keras.layers',
      'class_name': 'Dense',
      'config': {},
      'registered_name': 'evil>Dense',
    },
    "a class not Keras's own, 'evil>Dense'",
  ),
  'an operation that calls': (
    {'module': 'keras.src.ops.core', 'class_name': 'Map', 'config': {}},
    "a class not Keras's own, 'Map'",
  ),
  'a module of what computes': (
    {'module': 'keras.src.ops.numpy', 'class_name': 'np', 'config': {}},
    "a class not Keras's own, 'np'",
  ),
  "Keras 2's way to TensorFlow": (
    {
      'class_name': 'TFOpLambda',
      'config': {'name': 'w', 'function': 'io.write_file'},
    },
    "a layer, 'w', that calls 'io.write_file' of TensorFlow",
  ),
  "Keras 2's way round": (
    {
      'class_name': 'TFOpLambda',
      'config': {'name': 'w', 'function': 'nn._sys.modules'},
    },
    "a layer, 'w', that calls 'nn._sys.modules' of TensorFlow",
  ),
  "Keras 2's way to another module": (
    {
      'module': 'antigravity',
      'class_name': 'TFOpLambda',
      'config': {'name': 'w', 'function': 'nn.relu'},
    },
    "a layer, 'w', with a class not Keras's own, 'TFOpLambda' of 'antigravity'",
  ),
  "Keras 2's method": (
    {'class_name': 'ClassMethod', 'config': {'cls_ref': 'tf.io'}},
    "a class not Keras's own, 'ClassMethod'",
  ),
  'a class that is no name': (
    {'class_name': ['Dense'], 'config': {}},
    "a class not Keras's own, ['Dense']",
  ),
  'braces in a key': (
    {'class_name': 'Dense', 'config': {'name': 'd', '{1}activation': '{2}'}},
    "a layer, 'd', whose activation is not Keras's own, '(2)'",
  ),
  'braces': (
    {'class_name': '{0.__class__}', 'config': {'name': '{}', '{0}': 1}},
    "a layer, '{}', with a class not Keras's own, '(0.__class__)'",
  ),
}


class CodeCheckTest(model_files_case.ModelFilesCase):
  def saved(self, model: Any, ending: str) -> Path:
    path = self.folder / f'm{ending}'
    model.save(str(path))
    return path

  def zipped(self, config: Any, **more: bytes) -> Path:
    """Writes Keras's zip file with a configuration made by hand."""
    weights = io.BytesIO()
    with h5py.File(weights, 'w') as file:
      file['a'] = np.ones(3)
    members = {
      'metadata.json': b'{}',
      'config.json': json.dumps(config).encode(),
      'model.weights.h5': weights.getvalue(),
      **more,
    }
    path = self.folder / 'm.keras'
    with zipfile.ZipFile(path, 'w') as archive:
      for name, content in members.items():
        archive.writestr(name, content)
    return path

  @parameterized.product(
    ending=_ENDINGS,
    make=(
      _model,
      lambda: keras.applications.MobileNetV2(
        (32, 32, 3), weights=None, classes=3, alpha=0.35
      ),
      lambda: _model(
        layers.Activation('gelu'),
        layers.LeakyReLU(),
        layers.BatchNormalization(),
        layers.Rescaling(2.0, dtype='float16'),
        layers.DepthwiseConv2D(3, depthwise_constraint='max_norm'),
        keras.Sequential([layers.Dropout(0.5), layers.Reshape([-1, 4])]),
        layers.Bidirectional(layers.LSTM(3, return_sequences=True)),
        layers.Reshape([-1, 2, 3]),
      ),
    ),
  )
  def test_keras_own(self, ending: str, make: Callable[[], Any]) -> None:
    model = make()
    model.compile('adam', 'mse')
    self.check(self.saved(model, ending))

  def test_operations(self) -> None:
    self.check(self.saved(_expressions(), '.keras'))

  @parameterized.product(
    ending=_ENDINGS,
    case=(
      (_lambda, "a Lambda layer, 'scale', which is code of whoever made"),
      (_nested, "a Lambda layer, 'scale', which is code of whoever made"),
      (
        lambda: _Twice(name='twice'),
        "a layer, 'twice', with a class not Keras's own, ",
      ),
      (
        lambda: layers.Dense(2, activation=_own_activation, name='d'),
        "a layer, 'd', with a function not Keras's own, '_own_activation'",
        "a layer, 'd', whose activation is not Keras's own, '_own_activation'",
      ),
    ),
  )
  def test_code(self, ending: str, case: Any) -> None:
    path = self.saved(_model(case[0]()), ending)
    with self.assertRaises(ValueError) as caught:
      self.check(path)
    said = [f"'{path}' has {each}" for each in case[1:]]
    self.assertTrue(str(caught.exception).startswith(tuple(said)))
    self.check(path, allow_code=True)

  def test_how_it_was_trained_is_not_looked_at(self) -> None:
    model = _model()
    model.compile('adam', _own_activation)
    with mock.patch.dict(keras.utils.get_custom_objects()):
      self.check(self.saved(model, '.keras'))

  @parameterized.named_parameters(
    (name, *case) for name, case in _HOSTILE.items()
  )
  def test_hostile(self, layer: Any, said: str) -> None:
    config = {
      'module': 'keras',
      'class_name': 'Sequential',
      'config': {'name': 's', 'layers': [layer]},
    }
    for hostile in (config, {**config, 'config': {'layers': [config]}}, layer):
      path = self.zipped(hostile)
      with self.refused(str(path), said, '--allow_code'):
        self.check(path)
      self.check(path, allow_code=True)
    path = self.folder / 'm.h5'
    with h5py.File(path, 'w') as file:
      file.attrs['model_config'] = json.dumps(config)
    with self.refused(str(path), said):
      self.check(path)

  def test_in_a_nested_compile_config(self) -> None:
    inner = {
      'class_name': 'Sequential',
      'config': {'layers': []},
      'compile_config': {
        'loss': {'module': 'os', 'class_name': 'function', 'config': 'system'}
      },
    }
    with self.refused("a function not Keras's own, 'system'"):
      self.check(
        self.zipped({'class_name': 'Sequential', 'config': {'layers': [inner]}})
      )

  @parameterized.parameters(
    ([], 'it names no model'),
    ({'config': {}}, 'it names no model'),
    ('NaN', 'it names no model'),
  )
  def test_no_model(self, config: Any, said: str) -> None:
    with self.refused('m.keras', said, 'save it again'):
      self.check(self.zipped(config), allow_code=True)

  @parameterized.parameters(
    ('../x', "it has '../x' twice, or outside"),
    ('/x', "it has '/x' twice, or outside"),
    ('a\\..\\x', 'twice, or outside'),
    ('C:/x', 'twice, or outside'),
  )
  def test_member_outside(self, name: str, said: str) -> None:
    path = self.zipped(
      {'class_name': 'Sequential', 'config': {}}, **{name: b''}
    )
    with self.refused(str(path), said):
      self.check(path, allow_code=True)

  def test_members_missing_or_twice(self) -> None:
    path = self.zipped({'class_name': 'Sequential', 'config': {}})
    self.check(path)
    with self.assertWarns(UserWarning), zipfile.ZipFile(path, 'a') as archive:
      archive.writestr('config.json', '{}')
    with self.refused("it has 'config.json' twice"):
      self.check(path)
    with zipfile.ZipFile(path, 'w') as archive:
      archive.writestr('config.json', '{}')
    with self.refused('it lacks its model.weights.h5'):
      self.check(path)

  def test_zip_bomb(self) -> None:
    path = self.folder / 'm.keras'
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as archive:
      archive.writestr('config.json', bytes(1 << 22))
    with mock.patch.object(model_files, 'MAX_BYTES', 1 << 21):
      with self.refused('more than 2097152 bytes'):
        self.check(path)

  def test_weights_alone(self) -> None:
    path = self.folder / 'm.weights.h5'
    _model().save_weights(str(path))
    with self.refused(
      f"'{path}' has weights without the model", "model.save('model.keras')"
    ):
      self.check(path)

  def test_hdf5_of_other_files(self) -> None:
    def linked(file: Any) -> None:
      file['g/a'] = h5py.ExternalLink('/etc/other.h5', '/a')

    def soft(file: Any) -> None:
      file['g/a'] = h5py.SoftLink('/g')

    def external(file: Any) -> None:
      file.create_dataset(
        'g/a', (3,), 'u1', external=[('/etc/passwd', 0, h5py.h5f.UNLIMITED)]
      )

    def virtual(file: Any) -> None:
      layout = h5py.VirtualLayout((3,), 'f4')
      layout[:] = h5py.VirtualSource('/etc/other.h5', 'a', (3,))
      file.create_virtual_dataset('g/a', layout)

    for make, said in (
      (linked, "its '/g/a' is a link to somewhere else"),
      (soft, "its '/g/a' is a link to somewhere else"),
      (external, "its '/g/a' is kept in another file"),
      (virtual, "its '/g/a' is kept in another file"),
    ):
      path = self.folder / 'm.h5'
      with h5py.File(path, 'w') as file:
        file.attrs['model_config'] = '{"class_name": "Sequential"}'
        make(file)
      with self.refused(str(path), said):
        self.check(path, allow_code=True)
      zipped = self.zipped({}, **{'model.weights.h5': path.read_bytes()})
      with self.refused(str(zipped), said):
        self.check(zipped, allow_code=True)

  def test_hdf5_that_claims_too_much(self) -> None:
    path = self.folder / 'm.h5'
    with h5py.File(path, 'w') as file:
      # Nothing is stored of it.
      file.create_dataset('a', (1 << 40,), 'f4', chunks=(1 << 10,))
      file.attrs['model_config'] = '{}'
    with self.refused(
      str(path), 'its arrays have 4398046511104 bytes, but may'
    ):
      self.check(path)

  def test_hdf5_in_a_circle(self) -> None:
    path = self.folder / 'm.h5'
    with h5py.File(path, 'w') as file:
      file.create_group('a/b')
      file['a/b/c'] = file['a']
      file['a/b/d'] = file['/']
      file['x'] = np.ones(2, np.float32)
      file.attrs['model_config'] = 'text'
    self.assertEqual(hdf5_check.model_config(str(path), 8, 4), b'text')
    with self.refused('has 4 bytes, but may have 3'):
      hdf5_check.model_config(str(path), 8, 3)
    with self.refused('have 8 bytes, but may have 7'):
      hdf5_check.model_config(str(path), 7, 4)

  @parameterized.parameters(*_ENDINGS)
  def test_damaged(self, ending: str) -> None:
    path = self.saved(_model(layers.ReLU()), ending)
    self.check(path)
    num_refused = 0
    for seed, copy in enumerate(
      mutations.all_mutated(path.read_bytes(), _NUM_COPIES)
    ):
      path.write_bytes(copy)
      try:
        self.assert_told(path)
      except (ValueError, OSError) as error:
        num_refused += 1
        self.assertNotIn('\n', str(error))
        self.assertIn(str(path), str(error))
        self.assertLess(len(str(error)), 1000)
      except BaseException as error:
        error.args += (f'seed {seed}',)
        raise
    self.assertGreater(num_refused, _NUM_COPIES // 10)

  def assert_told(self, path: Path) -> None:
    found: Optional[model_files.ModelFile] = model_files.tell(str(path))
    if found is None:
      raise ValueError(f'{path} is none')
    code_check.check(found)


if __name__ == '__main__':
  absltest.main()
