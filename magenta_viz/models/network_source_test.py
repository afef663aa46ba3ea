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

"""Tests of the choice of a network, up to the network that runs."""

import dataclasses
import hashlib
import json
import os
from pathlib import Path
import tarfile
from typing import Any, List, Mapping, Sequence
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.files import digests
from magenta_viz.models import imagenet_classes
from magenta_viz.models import model_spec
from magenta_viz.models import network_choice
from magenta_viz.models import network_loading
from magenta_viz.models import network_source
from magenta_viz.models import slim_network
from magenta_viz.models import weights
from magenta_viz.testing import checkpoint_files
from magenta_viz.testing import random_weights
from magenta_viz.testing import testdata
from magenta_viz.testing import trained_checkpoints
from magenta_viz.testing import weight_server

_CONTENT = b'what is expected'
_UNREACHABLE = weights.UnreachableError('there is no connection')


def _resolve(
  *models: str, checkpoints: Sequence[str] = ()
) -> List[network_source.Resolved]:
  return network_source.resolve(network_choice.parse(models, checkpoints))


class WholeWayTest(weight_server.WeightsTestCase):
  def test_from_server_to_logits(self) -> None:
    shapes = Path(testdata.testdata_path('inception_v1_variables.json'))
    values = random_weights.random_weights(json.loads(shapes.read_text()))
    folder = Path(self.create_tempdir().full_path)
    checkpoint_files.save(
      str(folder / 'ckpt'),
      checkpoint_files.VERSIONS.V1,
      {**values, 'global_step': np.array(3)},
    )
    with tarfile.open(folder / 'a.tar.gz', 'w:gz', compresslevel=1) as file:
      file.add(folder / 'ckpt', 'inception_v1.ckpt')
    archive = (folder / 'a.tar.gz').read_bytes()
    self.answers['/w'] = lambda handler: weight_server.send(
      handler, archive, len(archive)
    )
    spec = model_spec.find_spec('inception_v1')
    released = dataclasses.replace(
      spec.weights,
      url=f'{self.address}/w',
      num_bytes=len(archive),
      sha256=hashlib.sha256(archive).hexdigest(),
    )
    specs = {spec.name: dataclasses.replace(spec, weights=released)}
    self.enter_context(mock.patch.dict(model_spec.MODEL_SPECS, specs))
    cache = {weights.CACHE_VARIABLE: str(self.cache)}
    self.enter_context(mock.patch.dict(os.environ, cache))
    # What is in the cache needs no server.
    for model, reason in (
      ('auto', 'the first choice of --model=auto'),
      ('inception_v1', 'as --model asks'),
    ):
      source = network_source.choose(model)
      self.assertEqual(
        source,
        network_source.NetworkSource(
          model='inception_v1',
          path=self.cache / spec.weights.file_name,
          origin=f'{self.address}/w',
          sha256=released.sha256,
          reason=reason,
        ),
      )
    self.assertEqual(self.requests, ['/w'])
    network = network_loading.load(source, tf.float32)
    self.assertEqual(network.class_names, imagenet_classes.load_class_names())
    images = tf.constant(
      np.random.RandomState(0).rand(2, 64, 96, 3), tf.float32
    )
    expected = slim_network.SlimNetwork(spec, values)(images).logits
    self.assertGreater(np.std(expected), 0)
    np.testing.assert_array_equal(network(images).logits, expected)


class ReleasedTest(parameterized.TestCase):
  def patch_fetch(self, **errors: Exception) -> None:
    """Lets networks' weights be fetched without a server, or raise errors."""
    fetch = weights.fetch
    self.asked: List[str] = []

    def fetch_or_not(source: model_spec.WeightSource) -> Path:
      (name,) = (
        name
        for name, spec in model_spec.MODEL_SPECS.items()
        if spec.weights is source
      )
      self.asked.append(name)
      if name in errors:
        raise errors[name]
      at_hand = source.package is not None
      return fetch(source) if at_hand else Path('/nowhere', source.file_name)

    self.enter_context(mock.patch.object(weights, 'fetch', fetch_or_not))

  @parameterized.parameters(_UNREACHABLE, ValueError('it is damaged'))
  def test_falls_back(self, error: Exception) -> None:
    self.patch_fetch(inception_v1=error)
    source = network_source.choose('auto')
    spec = model_spec.find_spec('squeezenet')
    self.assertEqual(source.model, 'squeezenet')
    self.assertEqual(source.origin, spec.weights.origin)
    self.assertEqual(source.sha256, spec.weights.sha256)
    self.assertEqual(digests.file_sha256(source.path), source.sha256)
    self.assertEqual(source.reason, f'not inception_v1: {error}')
    with self.assertRaisesRegex(type(error), str(error)):
      network_source.choose('inception_v1')

  def test_says_what_is_at_hand(self) -> None:
    self.patch_fetch(googlenet=_UNREACHABLE)
    with self.assertRaisesRegex(
      weights.UnreachableError,
      f'^{_UNREACHABLE}; at hand are .*--model=squeezenet and'
      ' --model=efficientnet_lite0$',
    ):
      network_source.choose('googlenet')

  def test_flags_of_other_programs(self) -> None:
    own = {'--checkpoint': '--judge'}
    with self.assertRaisesRegex(FileNotFoundError, 'a; give --judge a file'):
      with network_source.flags_called(own):
        raise FileNotFoundError('there is no a; give --checkpoint a file')
    system = OSError(28, 'No space left on device')
    with self.assertRaises(OSError) as caught:
      with network_source.flags_called(own):
        raise system
    self.assertIs(caught.exception, system)

  def test_nothing_can_be_had(self) -> None:
    self.patch_fetch(
      inception_v1=_UNREACHABLE, squeezenet=FileNotFoundError('not installed')
    )
    with self.assertRaisesRegex(FileNotFoundError, 'not installed'):
      network_source.choose('auto')
    # Those that come with the package must be there.
    with self.assertRaisesRegex(FileNotFoundError, 'not installed'):
      network_source.find(_resolve('auto'))

  @parameterized.parameters(None, '/dev/null')
  def test_unknown(self, checkpoint: Any) -> None:
    with self.assertRaisesRegex(ValueError, "unknown network 'vgg'; take one"):
      network_source.choose('vgg', checkpoint)

  @parameterized.parameters(
    (
      {'inception_v1': _UNREACHABLE},
      ('squeezenet', 'efficientnet_lite0'),
      '; not inception_v1: there is no connection',
    ),
    # Of those that are downloaded it takes the small one.
    ({}, ('inception_v1', 'squeezenet', 'efficientnet_lite0'), ''),
  )
  def test_auto_together(
    self, errors: Mapping[str, Exception], names: Sequence[str], refusal: str
  ) -> None:
    self.patch_fetch(**errors)
    found = network_source.find(_resolve('auto'))
    self.assertSequenceEqual([each.model for each in found], names)
    for each in found:
      self.assertEqual(
        each.reason, f'all that are at hand, as --model=auto has it{refusal}'
      )
      assert each.model is not None
      self.assertEqual(each.weight, model_spec.find_spec(each.model).weight)
    self.assertCountEqual(self.asked, {*names, *errors})

  def test_auto_where_there_can_be_but_one(self) -> None:
    self.patch_fetch(inception_v1=_UNREACHABLE)
    (found,) = network_source.find(_resolve('auto'), is_open=False)
    self.assertEqual(found.model, 'squeezenet')

  def test_names_bring_no_others(self) -> None:
    self.patch_fetch()
    found = network_source.find(
      _resolve('efficientnet_lite0:0.5', 'squeezenet')
    )
    self.assertEqual(
      [(each.model, each.weight) for each in found],
      [('efficientnet_lite0', 0.5), ('squeezenet', 0.5)],
    )
    self.assertEqual(self.asked, ['efficientnet_lite0', 'squeezenet'])


class CheckpointTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)
    no_fetch = AssertionError('a checkpoint needs no released weights')
    self.enter_context(
      mock.patch.object(weights, 'fetch', side_effect=no_fetch)
    )

  def write(self, contents: Mapping[str, bytes]) -> None:
    for name, content in contents.items():
      path = self.folder / 'given' / name
      path.parent.mkdir(exist_ok=True)
      path.write_bytes(content)

  def choose(self, name: str, model: str = 'auto') -> str:
    """Returns the SHA-256 of the checkpoint, all else checked."""
    path = self.folder / 'given' / name
    source = network_source.choose(model, str(path))
    self.assertEqual(source.path, path)
    self.assertEqual(source.origin, str(path))
    self.assertEqual(source.model, None if model == 'auto' else model)
    self.assertEqual(source.reason, 'as --checkpoint asks')
    self.assertEqual(source.checkpoint, str(path))
    self.assertIsNone(source.trained)
    return source.sha256

  @parameterized.parameters('auto', 'googlenet')
  def test_file(self, model: str) -> None:
    self.write({'w.npz': _CONTENT, 'w.npz.index': b'other'})
    sha256 = self.choose('w.npz', model)
    self.assertEqual(sha256, hashlib.sha256(_CONTENT).hexdigest())

  @parameterized.parameters('model.ckpt-1', 'model.ckpt-1.index')
  def test_several_files(self, name: str) -> None:
    # Written in another order than that of their names.
    names = ('model.ckpt-1.index', 'model.ckpt-1.data-00000-of-00001')
    self.write({each: each.encode() for each in names})
    # What is not read does not count.
    others = ('model.ckpt-10.index', 'model.ckpt-1.meta', 'checkpoint')
    self.write(dict.fromkeys(others, b''))
    line = ''.join(
      hashlib.sha256(each.encode()).hexdigest() for each in sorted(names)
    )
    sha256 = self.choose(name)
    self.assertEqual(sha256, hashlib.sha256(line.encode()).hexdigest())
    self.write({names[1]: b'changed'})
    self.assertNotEqual(self.choose(name), sha256)

  def test_folder_means_what_its_file_names(self) -> None:
    state = (
      b'model_checkpoint_path: "m\\303\\251-1"\n'
      b'all_model_checkpoint_paths: "m-2"\n'
    )
    files = {'m\u00e9-1.index': b'1', 'm-2.index': b'2', 'checkpoint': state}
    self.write(files)
    folder = self.folder / 'given'
    for given in (str(folder), f'{folder}{os.sep}'):
      source = network_source.choose('auto', given)
      self.assertEqual(source.sha256, hashlib.sha256(b'1').hexdigest())
      self.assertEqual(source.path, folder / 'm\u00e9-1')
      self.assertEqual(source.checkpoint, str(folder / 'm\u00e9-1'))

  @parameterized.parameters(
    '{0}/else/m', '../else/m', '{0}/given/../else/m', 'link/m', '..', ''
  )
  def test_folder_that_names_others(self, name: str) -> None:
    (self.folder / 'else').mkdir()
    (self.folder / 'else' / 'm.index').touch()
    name = name.format(self.folder)
    content = f'model_checkpoint_path: "{name}"\n'.encode()
    self.write({'checkpoint': content})
    (self.folder / 'given' / 'link').symlink_to(self.folder / 'else')
    state = str(self.folder / 'given' / 'checkpoint')
    with self.assertRaises(ValueError) as caught:
      network_source.choose('auto', str(self.folder / 'given'))
    self.assertEqual(
      str(caught.exception),
      f"'{state}' names {name!r}, which is not in its folder; give the path of"
      ' the checkpoint that you mean',
    )

  @parameterized.parameters(
    b'',
    b'model_checkpoint_path: "gone"',
    b'\xff' * 99,
    b'model_checkpoint_path',
  )
  def test_folder_that_names_none(self, content: bytes) -> None:
    self.write({'other': b''})
    with self.assertRaisesRegex(FileNotFoundError, "has no file 'checkpoint'"):
      network_source.choose('auto', str(self.folder / 'given'))
    self.write({'checkpoint': content})
    with self.assertRaisesRegex(FileNotFoundError, "has no file 'checkpoint'"):
      network_source.choose('auto', str(self.folder / 'given'))

  def test_is_looked_at_before_it_is_asked(self) -> None:
    with self.assertRaisesRegex(FileNotFoundError, "no checkpoint at 'typo'"):
      _resolve('auto', checkpoints=('typo',))
    self.write({'w.keras': b''})
    with self.assertRaisesRegex(
      ValueError, 'Keras.*, and does not begin so; g'
    ):
      _resolve('auto', checkpoints=(str(self.folder / 'given' / 'w.keras'),))

  def test_open_choice_is_what_the_checkpoint_is(self) -> None:
    self.write({'w.npz': _CONTENT})
    path = self.folder / 'given' / 'w.npz'
    (found,) = network_source.find(_resolve('auto', checkpoints=(str(path),)))
    self.assertEqual(found, network_source.choose('auto', str(path)))

  def test_is_not_hashed_if_it_is_too_large(self) -> None:
    files = ('w.npz', 'w.index', 'w.data-00000-of-00001')
    self.write(dict.fromkeys(files, b''))
    for path in (self.folder / 'given').iterdir():
      os.truncate(path, 1 << 40)
    for name in ('w.npz', 'w'):
      with self.assertRaisesRegex(ValueError, 'weights have 536870912 '):
        self.choose(name)

  def test_data_files_of_several(self) -> None:
    endings = ('index', 'data-00000-of-00001', 'data-00000-of-00002')
    self.write({f'w.{ending}': b'' for ending in endings})
    with self.assertRaisesRegex(ValueError, 'are of several checkpoints'):
      self.choose('w')

  def test_prefix_is_no_pattern(self) -> None:
    self.write({'w[1].index': _CONTENT, 'w1.index': b'other'})
    sha256 = self.choose('w[1]')
    self.assertEqual(sha256, hashlib.sha256(_CONTENT).hexdigest())

  def test_home_folder(self) -> None:
    self.write({'w.npz': _CONTENT})
    with mock.patch.dict(os.environ, {'HOME': str(self.folder)}):
      source = network_source.choose('auto', '~/given/w.npz')
    self.assertEqual(source.path, self.folder / 'given' / 'w.npz')

  @parameterized.parameters(
    'none.npz', 'none', 'none/w.npz', 'none.index', '~no_such_user/w'
  )
  def test_missing(self, name: str) -> None:
    path = name if name.startswith('~') else str(self.folder / name)
    with self.assertRaises(FileNotFoundError) as caught:
      network_source.choose('auto', path)
    self.assertEqual(
      str(caught.exception),
      f"there is no checkpoint at '{path}'; give --checkpoint a TensorFlow"
      ' checkpoint, its folder, a .npz, .caffemodel or .pth file',
    )


class TrainedTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path) / 'train'
    for step, top1 in ((5, 0.5), (50, 0.9), (500, 0.8)):
      trained_checkpoints.write(self.folder, step, top1=top1)

  @parameterized.parameters(
    ('', 50),
    ('model.ckpt-50', 50),
    ('model.ckpt-5', 5),
    ('model.ckpt-500.index', 500),
  )
  def test_source(self, name: str, step: int) -> None:
    source = network_source.choose('auto', str(self.folder / name))
    prefix = str(self.folder / f'model.ckpt-{step}')
    line = ''.join(
      hashlib.sha256(Path(prefix + ending).read_bytes()).hexdigest()
      for ending in ('.data-00000-of-00001', '.index')
    )
    assert source.trained is not None
    self.assertEqual(source.trained.step, step)
    self.assertEqual(
      source,
      network_source.NetworkSource(
        model='squeezenet',
        path=Path(prefix),
        origin=prefix,
        sha256=hashlib.sha256(line.encode()).hexdigest(),
        reason='as --checkpoint asks',
        checkpoint=prefix,
        trained=source.trained,
      ),
    )
    self.assertEqual(source.class_names, trained_checkpoints.CLASS_NAMES)
    (resolved,) = _resolve('auto', checkpoints=(str(self.folder / name),))
    self.assertEqual(resolved.class_names, source.class_names)
    self.assertEqual(resolved.model, 'squeezenet')

  def test_sha256_is_of_the_weights_alone(self) -> None:
    first = network_source.choose('auto', str(self.folder)).sha256
    trained_checkpoints.write(self.folder, 50, top1=1.0, note='changed')
    trained_checkpoints.write(self.folder, 600)
    (self.folder / 'checkpoint').touch()
    second = network_source.choose('squeezenet', str(self.folder)).sha256
    self.assertEqual(first, second)
    (self.folder / 'model.ckpt-50.data-00000-of-00001').write_text('changed')
    third = network_source.choose('auto', str(self.folder)).sha256
    self.assertNotEqual(first, third)

  def test_of_another_network(self) -> None:
    (resolved,) = _resolve('googlenet', checkpoints=(str(self.folder),))
    # For --list_classes, which is of no model.
    self.assertEqual(resolved.class_names, trained_checkpoints.CLASS_NAMES)
    with self.assertRaises(ValueError) as caught:
      resolved.find()
    self.assertEqual(
      str(caught.exception),
      f"model is googlenet, but the network in '{self.folder}' is squeezenet;"
      ' leave --model out, or give another --checkpoint',
    )

  def test_classes_of_other_weights(self) -> None:
    expected = imagenet_classes.load_class_names()
    (self.folder / 'model.ckpt-5.json').unlink()
    for checkpoints in ((), (str(self.folder / 'model.ckpt-5'),)):
      (resolved,) = _resolve('auto', checkpoints=checkpoints)
      self.assertEqual(resolved.class_names, expected)
      self.assertIsNone(resolved.model)

  def test_damaged_record(self) -> None:
    prefix = str(self.folder / 'model.ckpt-5')
    Path(f'{prefix}.json').write_text('{}')
    with self.assertRaisesRegex(ValueError, 'ckpt-5.json. cannot be used'):
      _resolve('auto', checkpoints=(prefix,))


if __name__ == '__main__':
  absltest.main()
