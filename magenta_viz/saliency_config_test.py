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

"""Tests for saliency_config."""

from typing import Any

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz import saliency_config


class SaliencyConfigTest(parameterized.TestCase):
  @parameterized.parameters(
    ({'method': 'lime'}, "method is 'lime'; take one of gradient, guided_"),
    ({'precision': 'int8'}, "precision is 'int8'; take one of auto, float32"),
    ({'class_id': -1}, 'class_id is -1; take an id from 0 on'),
    ({'smoothgrad_samples': 0}, 'smoothgrad_samples is 0; take a number from'),
    ({'integration_baseline': 1.5}, 'integration_baseline is 1.5; take a numb'),
    ({'smoothness': float('nan')}, 'smoothness is nan; take a number from 0.0'),
    ({'color_components': 33}, 'color_components is 33; take .* from 1 to 32'),
    (
      {'background_quantile': 0.95},
      'background_quantile is 0.95 and foreground_quantile 0.95; take a small',
    ),
  )
  def test_refuses(self, settings: Any, message: str) -> None:
    with self.assertRaisesRegex(ValueError, f'^{message}'):
      saliency_config.SaliencyConfig(image='a.jpg', **settings)

  def test_settings_are_fields(self) -> None:
    config = saliency_config.SaliencyConfig(image='a.jpg')
    for method, names in saliency_config.METHODS.items():
      self.assertTrue(method)
      for name in names + saliency_config.SEGMENTATION:
        self.assertTrue(hasattr(config, name), name)


class CommandTest(absltest.TestCase):
  def test_defaults_are_left_out(self) -> None:
    config = saliency_config.SaliencyConfig(
      image='a b.jpg', output_dir='c', class_id=0, seed=3, overwrite=True
    )
    self.assertEqual(
      saliency_config.command(config),
      "image_visualization_saliency '--image=a b.jpg' --output_dir=c"
      ' --class_id=0 --seed=3',
    )


if __name__ == '__main__':
  absltest.main()
