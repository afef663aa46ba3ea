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

"""Tests of how small a picture may be."""

from typing import Any

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.ascent import least_size
from magenta_viz.ascent import presets
from magenta_viz.models import model_spec

_USUAL = model_spec.USUAL_SIZE


class PresetsTest(parameterized.TestCase):
  @parameterized.parameters(*presets.PRESETS)
  def test_say_their_least_side(self, name: str) -> None:
    preset = presets.find_preset(name)
    recipes = preset.plan({}, {})
    side = preset.least_side
    least_size.check(recipes, (side, side + 50), _USUAL)
    if side > model_spec.MIN_SIZE:
      with self.assertRaises(ValueError):
        least_size.check(recipes, (side + 50, side - 1), _USUAL)
    self.assertGreaterEqual(min(preset.image_size), side)


class CheckTest(parameterized.TestCase):
  @parameterized.parameters(
    (
      'tyka',
      {},
      'in octave 1 of 2 it has 107 x 133, and needs 224 for its crops'
      r' \(--window=crop\); take one whose sides have 269 or more, or fewer'
      ' --octaves',
    ),
    (
      'magenta_2017',
      {},
      "in octave 1 of 4 it has 46 x 58, and needs more for 'roll=112"
      r" tiles=224,112' \(no tile of 224 x 224 pixels fits 46 x 58\); take one"
      ' whose sides have 613 or more, or fewer --octaves',
    ),
    (
      'tyka',
      {'octaves': 1},
      r'it has 128 x 160, and needs 224 for its crops \(--window=crop\); take'
      ' one whose sides have 224 or more',
    ),
  )
  def test_says_what_is_needed(
    self, name: str, overrides: Any, message: str
  ) -> None:
    recipes = presets.find_preset(name).plan({}, overrides)
    with self.assertRaisesRegex(
      ValueError, f'^a picture of 128 x 160 pixels is too small: {message}$'
    ):
      least_size.check(recipes, (128, 160), _USUAL)

  def test_no_picture_is_large_enough(self) -> None:
    preset = presets.find_preset('lucid')
    recipes = preset.plan({}, {'transforms': 'tiles=40000,40000'})
    self.assertIsNone(least_size.least_side(recipes, _USUAL))
    with self.assertRaisesRegex(ValueError, 'take other --transforms$'):
      least_size.check(recipes, (128, 160), _USUAL)


if __name__ == '__main__':
  absltest.main()
