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


"""Tests of the networks' data."""

import dataclasses

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.models import model_spec
from magenta_viz.models import slim_network
from magenta_viz.testing import random_weights

_SPECS = tuple(model_spec.MODEL_SPECS.items())
_OTHERS = tuple((name, spec) for name, spec in _SPECS if name != 'googlenet')
# What presets name.
_PRESET_LAYERS = (
  'inception_3a/output',
  'inception_3b/5x5_reduce',
  'inception_3b/output',
  'inception_4a/output',
  'inception_4b/output',
  'inception_4c/output',
  'inception_4d/output',
  'inception_4e/output',
  'inception_5a/output',
  'inception_5b/output',
)


class ModelSpecTest(parameterized.TestCase):
  def test_the_networks(self) -> None:
    self.assertCountEqual(
      model_spec.MODEL_SPECS,
      ('inception_v1', 'googlenet', 'squeezenet', 'efficientnet_lite0'),
    )
    hashes = {spec.weights.sha256 for _, spec in _SPECS}
    self.assertLen(hashes, len(_SPECS))
    # What needs no network connection comes last.
    last = model_spec.find_spec(model_spec.AUTO_MODELS[-1])
    self.assertIsNotNone(last.weights.package)

  @parameterized.parameters('vgg', '', 'auto', 'InceptionV1')
  def test_unknown_network(self, name: str) -> None:
    with self.assertRaises(ValueError) as caught:
      model_spec.find_spec(name)
    self.assertEqual(
      str(caught.exception),
      f"unknown network '{name}'; take one of inception_v1, googlenet,"
      ' squeezenet, efficientnet_lite0',
    )

  @parameterized.named_parameters(*_SPECS)
  def test_each(self, spec: model_spec.ModelSpec) -> None:
    self.assertIs(model_spec.find_spec(spec.name), spec)
    # Those of ILSVRC.
    self.assertEqual(spec.num_classes, 1000)
    self.assertEqual(spec.class_offset + 1000, spec.num_outputs)
    self.assertNotEmpty(spec.description)
    self.assertNotIn('\n', spec.description)
    # Of what is published of networks of this kind.
    self.assertBetween(spec.top1, 0.5, 0.95)
    source = spec.weights
    self.assertRegex(source.sha256, r'^[0-9a-f]{64}$')
    self.assertGreater(source.num_bytes, 1_000_000)
    self.assertNotEmpty(source.licence)
    self.assertLen([each for each in (source.url, source.package) if each], 1)

  def test_origin(self) -> None:
    source = model_spec.WeightSource(
      'a/b.pkl', 1, '0' * 64, 'MIT', url='http://127.0.0.1/b.pkl'
    )
    self.assertEqual(source.origin, 'http://127.0.0.1/b.pkl')
    source = dataclasses.replace(source, url=None, package='c')
    self.assertEqual(source.origin, 'package c, a/b.pkl')


class LayersTest(parameterized.TestCase):
  def test_googlenet_has_the_layers_itself(self) -> None:
    spec = model_spec.find_spec('googlenet')
    self.assertEmpty(spec.layers)
    self.assertContainsSubset(_PRESET_LAYERS, slim_network.layer_shapes(spec))

  @parameterized.named_parameters(*_OTHERS)
  def test_each_is_a_layer_of_the_network(
    self, spec: model_spec.ModelSpec
  ) -> None:
    self.assertSequenceEqual(tuple(spec.layers), _PRESET_LAYERS)
    layers = list(slim_network.layer_shapes(spec))
    # Deeper for a deeper one; `index` fails where there is no such layer.
    depths = [layers.index(layer) for layer in spec.layers.values()]
    self.assertSequenceEqual(depths, sorted(depths))

  def test_inception_v1_has_the_same_modules(self) -> None:
    spec = model_spec.find_spec('inception_v1')
    shapes = slim_network.layer_shapes(spec)
    theirs = slim_network.layer_shapes(model_spec.find_spec('googlenet'))
    for layer, own in spec.layers.items():
      if layer.endswith('/output'):
        self.assertEqual(shapes[own], theirs[layer], layer)

  @parameterized.parameters(
    ('inception_4c/output', 'Mixed_4d'),
    ('layer:inception_3b/5x5_reduce', 'layer:Mixed_3c'),
    ('0.5*channel:inception_4c/output:12', '0.5*channel:Mixed_4d:12'),
    ('neuron:inception_5b/output:1@3,4', 'neuron:Mixed_5c:1@3,4'),
    (
      '- guide:a.jpg@inception_3a/output + 2*diversity:inception_4a/output',
      '- guide:a.jpg@Mixed_3b + 2*diversity:Mixed_4b',
    ),
    (
      'direction:inception_3b/output:inception_3a/output',
      'direction:Mixed_3c:inception_3a/output',
    ),
    (
      'content:inception_3a/output@inception_3a/output',
      'content:inception_3a/output@Mixed_3b',
    ),
  )
  def test_own_layers(self, text: str, expected: str) -> None:
    spec = model_spec.find_spec('inception_v1')
    self.assertEqual(spec.own_layers(text), expected)
    # Those of GoogLeNet are GoogLeNet's, and one's own are one's own.
    self.assertEqual(model_spec.find_spec('googlenet').own_layers(text), text)
    self.assertEqual(spec.own_layers(expected), expected)

  @parameterized.parameters(
    '',
    'class:281',
    'class:tabby + layer:Mixed_4c',
    'layer:inception_4c/outputs',
    'layer:my/inception_4c/output',
    'layer:inception_4c/1x1  -  layer:conv1/7x7_s2',
    'guide:inception_3a/output.jpg@Mixed_3b',
    'guide:a@inception_3a/output@Mixed_3b',
  )
  def test_other_text_stays(self, text: str) -> None:
    for spec in model_spec.MODEL_SPECS.values():
      self.assertEqual(spec.own_layers(text), text)

  @parameterized.named_parameters(*_SPECS)
  def test_classifier_reads_them(self, spec: model_spec.ModelSpec) -> None:
    values = random_weights.of_network(spec)
    kernel, biases = (values[name] for name in values if spec.is_head(name))
    images = np.random.RandomState(0).rand(2, 97, 64, 3).astype(np.float32)
    logits, end_points = slim_network.SlimNetwork(spec, values)(images)
    scores = end_points[spec.features] @ kernel[0, 0] + biases
    # At each position; what SqueezeNet averages is never negative.
    if spec.name == 'squeezenet':
      scores = np.maximum(scores, 0)
    expected = np.mean(scores, axis=(1, 2))[:, spec.class_offset :]
    self.assertGreater(np.std(expected), 0.01)
    np.testing.assert_allclose(logits, expected, rtol=1e-3, atol=1e-4)


if __name__ == '__main__':
  absltest.main()
