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

from magenta_viz.models import model_spec

_SPECS = tuple(model_spec.MODEL_SPECS.items())


class ModelSpecTest(parameterized.TestCase):
  def test_the_networks(self) -> None:
    self.assertCountEqual(
      model_spec.MODEL_SPECS, ('inception_v1', 'googlenet', 'squeezenet')
    )

  @parameterized.named_parameters(*_SPECS)
  def test_find_spec(self, spec: model_spec.ModelSpec) -> None:
    self.assertIs(model_spec.find_spec(spec.name), spec)

  @parameterized.parameters('vgg', '', 'auto', 'InceptionV1')
  def test_unknown_network(self, name: str) -> None:
    with self.assertRaises(ValueError) as caught:
      model_spec.find_spec(name)
    self.assertEqual(
      str(caught.exception),
      f"unknown network '{name}'; take one of inception_v1, googlenet,"
      ' squeezenet',
    )

  @parameterized.named_parameters(*_SPECS)
  def test_classes_are_those_of_ilsvrc(
    self, spec: model_spec.ModelSpec
  ) -> None:
    self.assertEqual(spec.num_classes, 1000)
    self.assertEqual(spec.class_offset + 1000, spec.num_outputs)

  @parameterized.named_parameters(*_SPECS)
  def test_description_is_one_line(self, spec: model_spec.ModelSpec) -> None:
    self.assertNotEmpty(spec.description)
    self.assertNotIn('\n', spec.description)

  @parameterized.named_parameters(*_SPECS)
  def test_weights_can_be_checked(self, spec: model_spec.ModelSpec) -> None:
    source = spec.weights
    self.assertRegex(source.sha256, r'^[0-9a-f]{64}$')
    self.assertGreater(source.num_bytes, 1_000_000)
    self.assertNotEmpty(source.licence)
    self.assertLen([each for each in (source.url, source.package) if each], 1)

  def test_hashes_differ(self) -> None:
    hashes = {spec.weights.sha256 for _, spec in _SPECS}
    self.assertLen(hashes, len(_SPECS))

  def test_origin(self) -> None:
    source = model_spec.WeightSource(
      'a/b.pkl', 1, '0' * 64, 'MIT', url='http://127.0.0.1/b.pkl'
    )
    self.assertEqual(source.origin, 'http://127.0.0.1/b.pkl')
    source = dataclasses.replace(source, url=None, package='c')
    self.assertEqual(source.origin, 'package c, a/b.pkl')

  def test_auto_ends_with_what_needs_no_network_connection(self) -> None:
    self.assertEqual(model_spec.AUTO_MODELS, ('inception_v1', 'squeezenet'))
    last = model_spec.find_spec(model_spec.AUTO_MODELS[-1])
    self.assertIsNotNone(last.weights.package)

  def test_is_frozen(self) -> None:
    spec = model_spec.find_spec('squeezenet')
    for each in (spec, spec.weights):
      with self.assertRaises(dataclasses.FrozenInstanceError):
        each.name = 'other'  # type: ignore[union-attr,misc]


if __name__ == '__main__':
  absltest.main()
