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

"""Tests for training on ImageNet: from its archives to tools of slim."""

from pathlib import Path
import shutil
import tempfile
from typing import Any, Dict
from unittest import mock

from absl.testing import absltest
import numpy as np
import tensorflow as tf
import tf_slim as slim
from tf_slim.nets import inception_v1

from magenta_viz import train
from magenta_viz import visualize
from magenta_viz.models import model_spec
from magenta_viz.models import network_loading
from magenta_viz.models import network_source
from magenta_viz.testing import data_files
from magenta_viz.testing import training_runs
from magenta_viz.training import config as train_config

_WNIDS = ('n01440764', 'n02123045', 'n15075141')
# As small as the network takes them.
_SIZE = 64


def _batch_norm(inputs: tf.Tensor) -> tf.Tensor:
  """Normalizes as slim's layer does, which newer TensorFlow refuses."""
  shape = inputs.shape[-1:]
  with tf.compat.v1.variable_scope('BatchNorm'):
    beta, mean, variance = (
      tf.compat.v1.get_variable(name, shape)
      for name in ('beta', 'moving_mean', 'moving_variance')
    )
  return tf.nn.batch_normalization(inputs, mean, variance, beta, None, 0.001)


class ImagenetTest(absltest.TestCase):
  result: train.Result
  record: Dict[str, Any]

  @classmethod
  def setUpClass(cls) -> None:
    super().setUpClass()
    root = Path(tempfile.mkdtemp())
    cls.addClassCleanup(shutil.rmtree, root)
    (root / 'manual').mkdir()
    data_files.write_imagenet(
      root / 'manual', dict.fromkeys(_WNIDS, 3), num_validation=4
    )
    # TFDS before 4.9 asks for sizes on the net, and then for room for them.
    with mock.patch(
      'tensorflow_datasets.core.utils.gcs_utils.exists', return_value=False
    ):
      cls.result = train.run(
        train_config.TrainConfig.of(
          dataset='imagenet2012',
          data_dir=str(root / 'data'),
          manual_dir=str(root / 'manual'),
          train_dir=str(root / 'train'),
          image_size=_SIZE,
          batch_size=4,
          num_steps=2,
        )
      )
    cls.record = training_runs.record_of(root / 'train', 2)

  def test_record(self) -> None:
    record = self.record
    self.assertEqual(record['model'], 'inception_v1')
    self.assertEqual((record['num_outputs'], record['class_offset']), (1001, 1))
    self.assertLen(record['class_names'], 1000)
    self.assertStartsWith(record['class_names'][281], 'tabby')
    self.assertEqual(record['dataset']['name'], 'imagenet2012:5.1.0')
    self.assertEqual(record['dataset']['num_train'], 9)
    self.assertEqual(record['dataset']['num_eval'], 4)
    self.assertEqual(record['dataset']['corrupt'], {'train': [], 'eval': []})
    published = {
      name: value
      for name, value in model_spec.find_spec('inception_v1').published.items()
      if name not in ('num_epochs', 'batch_size')
    }
    settings = record['settings']
    self.assertEqual(settings['optimizer'], 'rmsprop')
    self.assertEqual({name: settings[name] for name in published}, published)

  def test_tools_of_slim_read_it(self) -> None:
    # slim's own head takes this size only; weights do not depend on it.
    images = np.random.default_rng(0).random((2, 224, 224, 3), np.float32)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
      with slim.arg_scope([slim.conv2d], normalizer_fn=_batch_norm):
        logits, _ = inception_v1.inception_v1(
          tf.constant(images) * 2 - 1,
          num_classes=1001,
          is_training=False,
        )
      tf.compat.v1.train.Saver().restore(session, self.result.checkpoint)
      expected = session.run(logits)
      step = tf.compat.v1.train.load_variable(
        self.result.train_dir, 'global_step'
      )
    self.assertEqual(step, 2)
    source = network_source.choose('auto', self.result.train_dir)
    network = network_loading.load(source, tf.float32)
    found = network(tf.constant(images)).logits.numpy()
    self.assertEqual(found.shape, (2, 1000))
    scale = found.std()
    self.assertGreater(scale, 1e-3)
    # Output 0 is the background.
    np.testing.assert_allclose(
      found / scale, expected[:, 1:] / scale, rtol=0, atol=1e-5
    )

  def test_draws_a_class_of_imagenet(self) -> None:
    (picture,) = visualize.run(
      visualize.VisualizeConfig(
        checkpoints=(self.result.train_dir,),
        class_ids=(281,),
        overrides={'num_steps': 1, 'coarse_size': 64, 'coarse_share': 1.0},
      )
    )
    self.assertStartsWith(picture.record['class_name'], 'tabby')
    self.assertEqual(picture.image.shape, (88, 88, 3))


if __name__ == '__main__':
  absltest.main()
