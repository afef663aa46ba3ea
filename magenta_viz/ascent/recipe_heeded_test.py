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

"""Tests of settings of a recipe that do nothing beside the others."""

from typing import Any, Dict

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.ascent import preset as preset_lib
from magenta_viz.ascent import presets
from magenta_viz.settings import parts


class HeededTest(parameterized.TestCase):
  @parameterized.parameters(
    (
      'deepdream',
      {'decay_power': 2.0},
      "decay_power does nothing, because parameterization is 'pixels'; leave it"
      ' out, or take --parameterization=fourier',
    ),
    (
      'lucid',
      {'min_span': 0.3},
      "min_span does nothing, because transforms is 'pad=12,0.5 shift=8"
      " zoom=0.9,1.1 rotate=10 shift=4'; leave it out, or take"
      ' --transforms=views',
    ),
    (
      'default',
      {'progress': 3.0},
      "progress does nothing, because optimizer is 'adam'; leave it out, or"
      ' take --optimizer=progress or progress01',
    ),
    (
      'default',
      {'facet_layer': 'inception_4c/output'},
      'facet_layer does nothing, because facet is 0.0; leave it out, or take'
      ' --facet above 0',
    ),
    (
      'default',
      {'coarse_size': 128, 'coarse_share': 0},
      'coarse_size does nothing, because coarse_share is 0; leave it out, or'
      ' take --coarse_share above 0',
    ),
    (
      'lucid',
      {'coarse_size': 128},
      "coarse_size does nothing, because transforms is 'pad=12,0.5 shift=8"
      " zoom=0.9,1.1 rotate=10 shift=4'; leave it out, or take"
      ' --transforms=views',
    ),
    (
      'default',
      {'cover': 0.35, 'transforms': 'roll=8'},
      "cover does nothing, because transforms is 'roll=8'; leave it out, or"
      ' take --transforms=views',
    ),
    (
      'default',
      {'detail': 0.1, 'sweeps': 0},
      'detail does nothing, because sweeps is 0; leave it out, or take --sweeps'
      ' above 0',
    ),
    (
      'lucid',
      {'octave_scale': 1.3},
      'octave_scale does nothing, because octaves is 1; leave it out, or take'
      ' --octaves above 1',
    ),
    (
      'lucid',
      {'zoom_order': 3},
      'zoom_order does nothing, because octaves is 1; leave it out, or take'
      ' --octaves or --start_scale above 1',
    ),
    (
      'lucid',
      {'carry': 'detail'},
      'carry does nothing, because octaves is 1; leave it out, or take'
      ' --octaves or --start_scale above 1',
    ),
    (
      'deepdream',
      {'start_scale': 2.0},
      "start_scale does nothing, because carry is 'detail'; leave it out, or"
      ' take --carry=picture',
    ),
    (
      'maco',
      {'initial_deviation': 0.5},
      "initial_deviation does nothing, because parameterization is 'maco';"
      ' leave it out, or take --parameterization=fourier or pixels or pyramid',
    ),
  )
  def test_what_does_nothing(
    self, name: str, overrides: Dict[str, Any], message: str
  ) -> None:
    with self.assertRaises(ValueError) as caught:
      presets.find_preset(name).plan({}, overrides)
    self.assertEqual(str(caught.exception), message)

  @parameterized.parameters(
    ('deepdream', {'decay_power': 2.0, 'parameterization': 'fourier'}),
    ('default', {'decay_power': 2.0, 'min_span': 0.3, 'chroma': 0.5}),
    ('yosinski_a', {'progress': 3.0}),
    ('yosinski_a', {'decay_power': 1.2}),
    ('default', {'facet_layer': 'inception_4c/output', 'facet': 1}),
    ('default', {'coarse_size': 128}),
    ('lucid', {'zoom_order': 3, 'start_scale': 2.0}),
    ('deepdream', {'octave_scale': 1.3, 'zoom_order': 3}),
  )
  def test_what_counts_or_is_as_by_default(
    self, name: str, overrides: Dict[str, Any]
  ) -> None:
    recipe = _first(presets.find_preset(name), overrides)
    for key, value in overrides.items():
      self.assertEqual(parts.flat(recipe)[key], value)


def _first(preset: preset_lib.Preset, overrides: Dict[str, Any]) -> Any:
  """Returns the recipe of the first octave."""
  return preset.plan({}, overrides)[0]


if __name__ == '__main__':
  absltest.main()
