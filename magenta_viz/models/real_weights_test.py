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

"""Tests of networks with their released weights, and a photograph."""

from typing import Dict

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image
import tensorflow as tf

from magenta_viz.models import network_loading
from magenta_viz.models import network_source
from magenta_viz.testing import precisions
from magenta_viz.testing import testdata

_BICUBIC, _BILINEAR = Image.Resampling.BICUBIC, Image.Resampling.BILINEAR


class RealWeightsTest(parameterized.TestCase):
  # With 8 bits a number, how the kernels sum differs from one TensorFlow to
  # the next. Classes 207 and 208 are golden and Labrador retriever; PyTorch
  # gives 0.61 for EfficientNet-Lite0.
  @parameterized.parameters(
    ('googlenet', tf.float32, _BICUBIC, {207: 0.615, 208: 0.344}, 0.02),
    ('googlenet', tf.bfloat16, _BICUBIC, {207: 0.615, 208: 0.344}, 0.05),
    ('squeezenet', tf.float32, _BILINEAR, {207: 0.78}, 0.02),
    ('squeezenet', tf.bfloat16, _BILINEAR, {207: 0.78}, 0.05),
    ('efficientnet_lite0', tf.float32, _BILINEAR, {208: 0.61}, 0.005),
    ('efficientnet_lite0', tf.bfloat16, _BILINEAR, {208: 0.61}, 0.03),
    ('efficientnet_lite0', tf.float16, _BILINEAR, {208: 0.61}, 0.02),
  )
  def test_photo(
    self,
    name: str,
    dtype: tf.DType,
    resampling: Image.Resampling,
    expected: Dict[int, float],
    delta: float,
  ) -> None:
    if dtype == tf.bfloat16:
      precisions.need_bfloat16()
    path = testdata.googlenet_weights_path() if name == 'googlenet' else None
    network = network_loading.load(network_source.choose(name, path), dtype)
    photo = Image.open(testdata.photo_path('dog_cat.jpg')).convert('RGB')
    image = np.asarray(photo.resize((224, 224), resampling), np.float32) / 255
    logits = network(tf.constant(image[None])).logits
    probabilities = tf.nn.softmax(logits)[0].numpy()
    self.assertEqual(probabilities.argmax(), next(iter(expected)))
    for class_id, probability in expected.items():
      self.assertAlmostEqual(probabilities[class_id], probability, delta=delta)


if __name__ == '__main__':
  absltest.main()
