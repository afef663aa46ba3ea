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

"""Tests for recipe."""

import dataclasses
import re
from typing import Any, Dict, List, Mapping, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.ascent import presets
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent import recipe_parts
from magenta_viz.models import class_recipes
from magenta_viz.settings import parts

_FIELDS = {each.name: each for each in parts.settings(recipe_lib.Recipe)}


def _named(*, data: str = '', kind: Any = None) -> List[str]:
  """Returns the settings whose metadata have `data`, or of a type."""
  return [
    name
    for name, field in _FIELDS.items()
    if data in field.metadata or (kind is not None and field.kind is kind)
  ]


_RANGED = _named(data='minimum')
_CHOSEN = _named(data='choices')
_TEXTS = [name for name in _FIELDS if name not in _RANGED + _CHOSEN]


_CROP = {'window': 'crop', 'parameterization': 'pixels', 'optimizer': 'plain'}
# The kinds of parts that take what those by default do not.
_TAKERS: Mapping[str, Mapping[str, str]] = {
  'phases': {'parameterization': 'maco'},
  'pyramid_levels': {'parameterization': 'pyramid'},
  'progress': {'optimizer': 'progress'},
  'late_progress': {'optimizer': 'progress01'},
  'display_percentile': {'display': 'stretch'},
  'laplacian_levels': {'parameterization': 'pixels'},
}


def _recipe(name: str, value: Any) -> recipe_lib.Recipe:
  """Returns a recipe with one setting, which fits the others."""
  settings: Dict[str, Any] = {name: value}
  # Each is to stay on its own side of the other.
  if name == 'min_span':
    settings['max_span'] = 4.0
  if name == 'max_span':
    settings['min_span'] = 0.05
  if value == 'crop':
    settings.update(_CROP)
  settings.update(_TAKERS.get(name, {}))
  return recipe_lib.Recipe.of(settings)


def _value(recipe: recipe_lib.Recipe, name: str) -> Any:
  return parts.flat(recipe)[name]


class FieldsTest(parameterized.TestCase):
  def test_every_field_is_checked(self) -> None:
    self.assertLen(_RANGED + _CHOSEN + _TEXTS, len(_FIELDS))
    for name in _TEXTS:
      self.assertIs(_FIELDS[name].kind, str, name)

  def test_every_field_has_a_flag_but_the_objective(self) -> None:
    # The program has a flag of its own for that.
    no_help = [
      name for name, each in _FIELDS.items() if not each.metadata['help']
    ]
    self.assertEqual(no_help, ['objective'])

  def test_help_is_one_line_without_an_end(self) -> None:
    for name, field in _FIELDS.items():
      self.assertNotRegex(field.metadata['help'], r'\n|  |\.$|^\s|\s$', name)

  @parameterized.parameters(_RANGED)
  def test_range(self, name: str) -> None:
    data = _FIELDS[name].metadata
    low, high = data['minimum'], data['maximum']
    is_whole = _FIELDS[name].kind is int
    for good in (low, high):
      self.assertEqual(_value(_recipe(name, good), name), good)
    below, above = low - 1, high + 1
    if not is_whole:
      below, above = np.nextafter([low, high], [-np.inf, np.inf]).tolist()
    what = 'whole number' if is_whole else 'number'
    for bad in (below, above):
      with self.assertRaisesRegex(
        ValueError,
        re.escape(f'{name} is {bad}; take a {what} from {low} to {high}') + '$',
      ):
        _recipe(name, bad)

  @parameterized.parameters(_CHOSEN)
  def test_choices(self, name: str) -> None:
    choices = _FIELDS[name].metadata['choices']
    self.assertIn(_FIELDS[name].default, choices)
    self.assertLen(set(choices), len(choices))
    for choice in choices:
      self.assertEqual(_value(_recipe(name, choice), name), choice)
    with self.assertRaisesRegex(
      ValueError, f"^{name} is 'wrong'; take one of {', '.join(choices)}$"
    ):
      _recipe(name, 'wrong')

  @parameterized.parameters(_TEXTS)
  def test_texts(self, name: str) -> None:
    text = '1,2,3' if name == 'init' else 'anything'
    self.assertEqual(_value(_recipe(name, text), name), text)
    with self.assertRaisesRegex(ValueError, f'^{name} is 3; give it as text$'):
      _recipe(name, 3)


class LearningRateTest(parameterized.TestCase):
  @parameterized.parameters(0.5, 3, '0.5', '3..1.5', '1e9..0')
  def test_number_or_line(self, rate: Any) -> None:
    recipe = _recipe('learning_rate', rate)
    self.assertEqual(_value(recipe, 'learning_rate'), rate)

  @parameterized.parameters(
    '-0.1', '-1', 'nan', 'inf', '-1..1', '1..2e9', 'nan..1', '1..nan'
  )
  def test_range(self, rate: str) -> None:
    with self.assertRaisesRegex(
      ValueError,
      rf'^learning_rate is \'{re.escape(rate)}\'; take a number from 0.0 to '
      r'1000000000\.0$',
    ):
      _recipe('learning_rate', rate)

  @parameterized.parameters('', 'fast', '1..', '1,2')
  def test_text_that_is_neither(self, rate: str) -> None:
    with self.assertRaisesRegex(
      ValueError, f"^learning_rate is '{re.escape(rate)}'; give a number, or"
    ):
      _recipe('learning_rate', rate)


class WavesTest(parameterized.TestCase):
  @parameterized.parameters('fourier', 'pixels', 'pyramid', 'maco')
  def test_of_an_enlargement_are_those_that_the_network_wants(
    self, parameterization: str
  ) -> None:
    recipe = recipe_lib.Recipe.of(
      class_recipes.GENERAL, {'parameterization': parameterization}
    )
    enlargement = recipe.views.enlargement
    assert enlargement is not None
    waves = recipe.parameterization.waves(enlargement)
    found = waves.decay_power, waves.chroma
    wanted = tuple(class_recipes.GENERAL[x] for x in ('decay_power', 'chroma'))
    self.assertEqual(found, wanted)
    for name, value in zip(('decay_power', 'chroma'), wanted):
      self.assertEqual(_value(recipe, name), value)

  def test_of_the_picture_come_first(self) -> None:
    own = recipe_parts.Fourier(decay_power=2.0)
    recipe = recipe_lib.Recipe(parameterization=own)
    assert recipe.views.enlargement is not None
    self.assertIs(recipe.parameterization.waves(recipe.views.enlargement), own)
    self.assertEqual(_value(recipe, 'decay_power'), 2.0)


class ConflictsTest(parameterized.TestCase):
  @parameterized.parameters(
    (
      {'min_span': 0.8, 'max_span': 0.7},
      'min_span is 0.8 and max_span 0.7; take a smaller min_span or a larger'
      ' max_span',
    ),
    *(
      (
        {'window': 'crop', 'parameterization': kind, 'optimizer': 'plain'},
        f'window=crop changes pixels, but parameterization is {kind}; take'
        ' --parameterization=pixels',
      )
      for kind in ('fourier', 'pyramid', 'maco')
    ),
    *(
      (
        {**_CROP, 'optimizer': kind},
        f'window=crop is another crop at each step, but {kind} looks back at'
        ' earlier ones; take --optimizer=mean_absolute',
      )
      for kind in ('adam', 'nadam')
    ),
    (
      {**_CROP, 'alpha_percentile': 80.0},
      'alpha_percentile needs the influence of the whole picture, but'
      ' window=crop sees a part; take --alpha_percentile=0',
    ),
    (
      {'laplacian_levels': 4},
      'laplacian_levels works on pixels, but parameterization is fourier; take'
      ' --laplacian_levels=0',
    ),
    (
      {'parameterization': 'maco', 'octaves': 2},
      'standardised phases cannot be those of a smaller picture; take'
      ' --phases=free, or --octaves=1 and --start_scale=1',
    ),
    (
      {'init': '1,2'},
      "init is '1,2'; take grey, mean, tint, clouds, or a colour as R,G,B with"
      ' numbers from 0 to 255',
    ),
  )
  def test_what_does_not_go_together(
    self, settings: Dict[str, Any], message: str
  ) -> None:
    with self.assertRaises(ValueError) as caught:
      recipe_lib.Recipe.of(settings)
    self.assertEqual(str(caught.exception), message)

  @parameterized.parameters(
    {'min_span': 0.7, 'max_span': 0.7},
    *({**_CROP, 'optimizer': kind} for kind in ('plain', 'progress01')),
  )
  def test_what_goes_together(self, **settings: Any) -> None:
    recipe_lib.Recipe.of(settings)


class OfTest(parameterized.TestCase):
  def test_nothing_is_the_default(self) -> None:
    self.assertEqual(recipe_lib.Recipe.of(), recipe_lib.Recipe())
    self.assertEqual(recipe_lib.Recipe.of({}, {}), recipe_lib.Recipe())

  def test_later_settings_count(self) -> None:
    first = {'num_steps': 5, 'noise': 0.5}
    recipe = recipe_lib.Recipe.of(first, {'num_steps': 7}, {'chroma': 0.3})
    merged = {'num_steps': 7, 'noise': 0.5, 'chroma': 0.3}
    self.assertEqual(recipe, recipe_lib.Recipe.of(merged))
    self.assertEqual(first, {'num_steps': 5, 'noise': 0.5})

  def test_conflicts_that_a_later_setting_mends_are_none(self) -> None:
    recipe = recipe_lib.Recipe.of({'min_span': 3.0}, {'max_span': 4.0})
    self.assertEqual(_value(recipe, 'min_span'), 3)
    self.assertEqual(_value(recipe, 'max_span'), 4)

  @parameterized.parameters((({'steps': 3},),), (({}, {'steps': 3}),))
  def test_unknown_setting(self, settings: Tuple[Dict[str, Any], ...]) -> None:
    with self.assertRaisesRegex(
      ValueError,
      "^the recipe has no setting 'steps'; did you mean num_steps or"
      r' sweeps\?$',
    ):
      recipe_lib.Recipe.of(*settings)

  def test_ranges_are_checked(self) -> None:
    with self.assertRaisesRegex(ValueError, '^octaves is 0; take a whole'):
      recipe_lib.Recipe.of({'octaves': 0})

  def test_cannot_be_changed(self) -> None:
    recipe = recipe_lib.Recipe()
    with self.assertRaises(dataclasses.FrozenInstanceError):
      recipe.steps.num_steps = 3  # type: ignore[misc]


# What is not of views.
_LUCID = "transforms is 'pad=12,0.5 shift=8 zoom=0.9,1.1 rotate=10 shift=4'"


class HeededTest(parameterized.TestCase):
  @parameterized.parameters(
    (
      'deepdream',
      {'decay_power': 2.0},
      "parameterization is 'pixels'",
      '--parameterization=fourier',
    ),
    ('lucid', {'coarse_size': 128}, _LUCID, '--transforms=views'),
    (
      'lucid',
      {'carry': 'detail'},
      'octaves is 1',
      '--octaves or --start_scale above 1',
    ),
    ('lucid', {'min_span': 0.3}, _LUCID, '--transforms=views'),
    (
      'default',
      {'progress': 3.0},
      "optimizer is 'adam'",
      '--optimizer=progress or progress01',
    ),
    (
      'default',
      {'facet_layer': 'inception_4c/output'},
      'facet is 0.0',
      '--facet above 0',
    ),
    (
      'default',
      {'coarse_size': 128, 'coarse_share': 0},
      'coarse_share is 0',
      '--coarse_share above 0',
    ),
    (
      'default',
      {'detail': 0.1, 'sweeps': 0},
      'sweeps is 0',
      '--sweeps above 0',
    ),
    ('lucid', {'octave_scale': 1.3}, 'octaves is 1', '--octaves above 1'),
    (
      'lucid',
      {'zoom_order': 3},
      'octaves is 1',
      '--octaves or --start_scale above 1',
    ),
    ('deepdream', {'start_scale': 2.0}, "carry is 'detail'", '--carry=picture'),
    (
      'maco',
      {'initial_deviation': 0.5},
      "parameterization is 'maco'",
      '--parameterization=fourier or pixels or pyramid',
    ),
  )
  def test_what_does_nothing(
    self, name: str, overrides: Dict[str, Any], because: str, wanted: str
  ) -> None:
    with self.assertRaises(ValueError) as caught:
      presets.find_preset(name).plan({}, overrides)
    self.assertEqual(
      str(caught.exception),
      f'{next(iter(overrides))} does nothing, because {because}; leave it out,'
      f' or take {wanted}',
    )

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
    recipe = presets.find_preset(name).plan({}, overrides)[0]
    for key, value in overrides.items():
      self.assertEqual(_value(recipe, key), value)


if __name__ == '__main__':
  absltest.main()
