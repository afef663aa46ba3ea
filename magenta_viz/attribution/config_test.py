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

"""Tests for config."""

import os
from typing import Any

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.attribution import config as saliency_config
from magenta_viz.attribution import methods


class SaliencyConfigTest(parameterized.TestCase):
  @parameterized.parameters(
    ({'method': 'lime'}, "method is 'lime'; take one of gradient, guided_"),
    ({'method': 'rise,lime'}, "method is 'lime'; take one of gradient, guide"),
    ({'method': ''}, "method is ''; take one of gradient, guided_backprop"),
    (
      {'method': 'rise', 'occlusion_size': 0.3},
      "occlusion_size does nothing, because method is 'rise'; leave it out",
    ),
    (
      {'method': 'occlusion', 'occlusion_stride': 0.3},
      'occlusion_stride is 0.3 and occlusion_size 0.2; take a smaller occlus',
    ),
    (
      {'deletion_value': 0.1},
      'deletion_value does nothing, because scores is False; leave it out, or'
      ' take --scores$',
    ),
    ({'precision': 'int8'}, "precision is 'int8'; take one of auto, float32"),
    ({'class_id': -1}, 'class_id is -1; take an id from 0 on'),
    ({'smoothgrad_samples': 0}, 'smoothgrad_samples is 0; take a whole number'),
    ({'integration_baseline': 1.5}, 'integration_baseline is 1.5; take a numb'),
    ({'smoothness': float('nan')}, 'smoothness is nan; take a number from 0.0'),
    ({'color_components': 33}, 'color_components is 33; take .* from 1 to 32'),
    ({'class_id': '281'}, "class_id is '281'; take a whole number"),
    ({'overwrite': 1}, 'overwrite is 1; take True or False'),
    ({'output_dir': ''}, 'output_dir is empty; give it a value, or leave it'),
    ({'image': 'no://a/x'}, "image is 'no://a/x', "),
    ({'output_dir': 'no://a/x'}, "output_dir is 'no://a/x', "),
    ({'checkpoint': 'no://a/x'}, "checkpoint is 'no://a/x', "),
    (
      {'background_quantile': 0.95},
      'background_quantile is 0.95 and foreground_quantile 0.95; take a small',
    ),
  )
  def test_refuses(self, settings: Any, message: str) -> None:
    with self.assertRaisesRegex(ValueError, f'^{message}'):
      saliency_config.SaliencyConfig(**{'image': 'a.jpg', **settings})

  def test_several_methods_and_one_of_them(self) -> None:
    config = saliency_config.SaliencyConfig(
      image='in',
      output_dir='out',
      method='smoothgrad,grad_cam,rise,grad_cam',
      smoothgrad_samples=3,
      seed=7,
      layer='x',
      rise_masks=5,
      scores=True,
      deletion_value=0.0,
    )
    self.assertEqual(config.methods, ('smoothgrad', 'grad_cam', 'rise'))
    self.assertTrue(config.is_several)
    self.assertEqual(
      str(config.page_path), os.path.join('out', 'saliency.html')
    )
    common: Any = {'image': 'a', 'scores': True, 'deletion_value': 0.0}
    for method, own in (
      ('smoothgrad', {'smoothgrad_samples': 3, 'seed': 7}),
      ('grad_cam', {'layer': 'x'}),
      ('rise', {'rise_masks': 5, 'seed': 7}),
    ):
      single = config.of('a', method, None)
      self.assertEqual(
        single, saliency_config.SaliencyConfig(method=method, **common, **own)
      )
      self.assertFalse(single.is_several)
      self.assertIsNone(single.page_path)

  def test_folder_is_several(self) -> None:
    folder = self.create_tempdir().full_path
    config = saliency_config.SaliencyConfig(image=folder)
    self.assertTrue(config.is_several)
    # No files, no page.
    self.assertIsNone(config.page_path)

  def test_settings_of_other_methods_do_nothing(self) -> None:
    values = {
      'smoothgrad_samples': 3,
      'smoothgrad_noise': 0.5,
      'seed': 1,
      'integration_steps': 8,
      'integration_baseline': 0.5,
      'layer': 'conv1',
      'occlusion_size': 0.3,
      'occlusion_stride': 0.1,
      'hidden_value': 0.0,
      'rise_masks': 10,
      'rise_cells': 5,
      'rise_share': 0.4,
    }
    tried = set()
    for method, (_, _, own, _) in methods.METHODS.items():
      for name, value in values.items():
        tried.add(name)
        settings: Any = {'image': 'a.jpg', 'method': method, name: value}
        if name in own:
          saliency_config.SaliencyConfig(**settings)
          continue
        with self.assertRaisesRegex(
          ValueError,
          f"^{name} does nothing, because method is '{method}'; leave it"
          ' out, or take --method=',
        ):
          saliency_config.SaliencyConfig(**settings)
    self.assertEqual(
      tried,
      {name for each in methods.METHODS.values() for name in each.settings},
    )


if __name__ == '__main__':
  absltest.main()
