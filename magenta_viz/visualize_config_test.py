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

"""Tests for visualize_config."""

import dataclasses
from typing import Any

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz import visualize_config


class VisualizeConfigTest(parameterized.TestCase):
  def test_only_the_classes_must_be_given(self) -> None:
    config = visualize_config.VisualizeConfig(class_ids=(281, 0))
    self.assertEqual(config.class_ids, (281, 0))
    self.assertIsNone(config.output_dir)
    self.assertEqual(config.model, 'auto')
    self.assertEmpty(config.overrides)

  def test_is_frozen(self) -> None:
    config = visualize_config.VisualizeConfig(class_ids=(281,))
    with self.assertRaises(dataclasses.FrozenInstanceError):
      config.seed = 1  # type: ignore[misc]

  @parameterized.parameters(
    ('image_size', (64, 4096)),
    ('batch_size', 1),
    ('batch_size', 1024),
    ('seed', 0),
    ('seed', 2**31 - 1),
    ('num_variations', 1),
    ('precision', 'bfloat16'),
  )
  def test_ends_of_the_ranges(self, name: str, value: Any) -> None:
    config = visualize_config.VisualizeConfig(class_ids=(0,), **{name: value})
    self.assertEqual(getattr(config, name), value)

  @parameterized.parameters(
    (
      'class_ids',
      (),
      'give either class_ids, with at least one class, or an objective',
    ),
    (
      'class_ids',
      (1, 2, 1),
      'class_ids names a class twice; name each once',
    ),
    (
      'image_size',
      (63, 320),
      'image_size is 63; take a whole number from 64 to 4096',
    ),
    (
      'image_size',
      (320, 4097),
      'image_size is 4097; take a whole number from 64 to 4096',
    ),
    ('batch_size', 0, 'batch_size is 0; take a whole number from 1 to 1024'),
    ('seed', -1, 'seed is -1; take a whole number from 0 to 2147483647'),
    (
      'num_variations',
      0,
      'num_variations is 0; take a whole number from 1 to 100000',
    ),
    (
      'precision',
      'float16',
      "precision is 'float16'; take one of auto, float32, bfloat16",
    ),
  )
  def test_out_of_range(self, name: str, value: Any, message: str) -> None:
    settings = {'class_ids': (0,), name: value}
    with self.assertRaises(ValueError) as caught:
      visualize_config.VisualizeConfig(**settings)
    self.assertEqual(str(caught.exception), message)


class ParseImageSizeTest(parameterized.TestCase):
  @parameterized.parameters(
    ('320', (320, 320)),
    ('320x480', (320, 480)),
    ('320X480', (320, 480)),
    (' 320 x 480 ', (320, 480)),
    ('0', (0, 0)),
  )
  def test_sizes(self, text: str, size: Any) -> None:
    self.assertEqual(visualize_config.parse_image_size(text), size)

  @parameterized.parameters(
    '', 'x', '320x', 'x320', '1x2x3', '3.5', '-64', '320,480', 'big', '²'
  )
  def test_others(self, text: str) -> None:
    with self.assertRaises(ValueError) as caught:
      visualize_config.parse_image_size(text)
    self.assertEqual(
      str(caught.exception),
      f"image_size is '{text}'; give N or HxW in pixels, such as 320 or"
      ' 320x480',
    )


if __name__ == '__main__':
  absltest.main()
