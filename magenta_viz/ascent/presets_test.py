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

"""Tests for presets: what they say, not what they draw."""

import re
from typing import Any, Dict, List, Tuple

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.ascent import presets
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.settings import parts

_NAMES = list(presets.PRESETS)
# The side of pictures, and what the tests that draw by a preset override, and
# so do not see.
_PUBLISHED: Dict[str, Tuple[int, Dict[str, Any]]] = {
  'default': (
    320,
    {'num_steps': 200, 'base_size': 320, 'coarse_size': 160, 'sweeps': 8},
  ),
  'simonyan': (224, {}),
  # The rate of yosinski_d is so large that it never mattered to the pictures.
  'yosinski_a': (224, {'num_steps': 500, 'learning_rate': 100.0}),
  'yosinski_b': (224, {'num_steps': 750, 'learning_rate': 100.0}),
  'yosinski_c': (224, {'num_steps': 1000, 'learning_rate': 100.0}),
  'yosinski_d': (224, {'num_steps': 1000, 'learning_rate': 1e8}),
  'mcdonald_class': (224, {'num_steps': 256}),
  # From 224 pixels, the size of GoogLeNet's input, by 1.2 once and again.
  'deepdraw': (323, {'num_steps': [190, 150, 150, 10]}),
  'deepdraw_coherent': (269, {'num_steps': [190, 450]}),
  'tyka': (269, {'num_steps': [190, 450]}),
  'magenta_2017': (
    858,
    {
      'num_steps': [190, 150, 150, 10],
      'transforms': ['roll=112 tiles=224,112'] * 4,
      'regularizers': [
        'l2=6.643e-09,0 bilateral=0.44..0.304,0.44..0.304,5,constant'
      ]
      * 4,
    },
  ),
  'lucid': (128, {'num_steps': 512}),
  'maco': (512, {'num_steps': 256}),
}
_LAYERS = [f'layer:inception_{block}/output' for block in ('3b', '4c', '4d')]


def _preset(*octaves: Dict[str, Any], **settings: Any) -> presets.Preset:
  return presets.Preset(
    name='own',
    summary='for a test',
    source='nowhere',
    settings=settings,
    features={'blur': 0.5, 'num_steps': 3},
    variations={'noise': 0.3, 'blur': 0.9},
    octaves=octaves or ({},),
  )


def _of_octaves(recipes: List[recipe_lib.Recipe], setting: str) -> List[Any]:
  return [parts.flat(recipe)[setting] for recipe in recipes]


class PresetsTest(parameterized.TestCase):
  def test_order_of_the_list(self) -> None:
    # By year, but for the package's own.
    self.assertEqual(
      ' '.join(_NAMES),
      'default simonyan yosinski_a yosinski_b yosinski_c yosinski_d deepdream'
      ' deepdream_guided mcdonald_class mcdonald_layers deepdraw'
      ' deepdraw_coherent tyka magenta_2017 lucid maco',
    )

  @parameterized.parameters(_NAMES)
  def test_names_and_texts(self, name: str) -> None:
    preset = presets.find_preset(name)
    self.assertEqual(preset.name, name)
    self.assertRegex(name, '^[a-z0-9_]+$')
    for text in (preset.summary, preset.source):
      self.assertBetween(len(text), 10, 119)
      self.assertNotRegex(text, r'\n|  |^\s|\s$|\.$')
    for side in preset.image_size:
      self.assertBetween(side, 64, 4096)

  def test_texts_tell_them_apart(self) -> None:
    every = presets.PRESETS.values()
    self.assertLen({each.summary for each in every}, len(_NAMES))
    # One method has one recipe.
    plans = [repr(each.plan({}, {})) for each in every]
    self.assertLen(set(plans), len(_NAMES))

  @parameterized.parameters(_NAMES)
  def test_plan(self, name: str) -> None:
    preset = presets.find_preset(name)
    recipes = preset.plan({}, {})
    self.assertLen(recipes, recipes[0].octaves.count)
    # Each row of its table is used.
    self.assertGreaterEqual(len(recipes), len(preset.octaves))
    for index, recipe in enumerate(recipes):
      settings = {
        **preset.settings,
        **preset.octaves[index % len(preset.octaves)],
      }
      self.assertEqual(recipe, recipe_lib.Recipe.of(settings))

  @parameterized.parameters(*_PUBLISHED)
  def test_published_numbers(self, name: str) -> None:
    side, settings = _PUBLISHED[name]
    preset = presets.find_preset(name)
    self.assertEqual(preset.image_size, (side, side))
    for setting, value in settings.items():
      found = _of_octaves(preset.plan({}, {}), setting)
      self.assertEqual(found, value if isinstance(value, list) else [value])

  def test_methods_of_others_raise_logits_as_they_are(self) -> None:
    for name, preset in presets.PRESETS.items():
      found = set(_of_octaves(preset.plan({}, {}), 'centring'))
      self.assertEqual(found, {1.0 if name == presets.DEFAULT else 0.0}, name)

  @parameterized.parameters('', 'Default', 'deepdreams', ' maco')
  def test_unknown_preset(self, name: str) -> None:
    with self.assertRaisesRegex(
      ValueError,
      f"^unknown preset '{re.escape(name)}'; take one of {', '.join(_NAMES)}"
      r'( \(did you mean .*\?\))?$',
    ):
      presets.find_preset(name)


class PlanTest(parameterized.TestCase):
  def test_octaves_go_over_and_over(self) -> None:
    preset = _preset({'noise': 0.1}, {'num_steps': 7}, {}, octaves=3, noise=0.2)
    recipes = preset.plan({}, {'octaves': 7})
    self.assertEqual(
      _of_octaves(recipes, 'noise'), [0.1, 0.2, 0.2, 0.1, 0.2, 0.2, 0.1]
    )
    self.assertEqual(
      _of_octaves(recipes, 'num_steps'), [200, 7, 200, 200, 7, 200, 200]
    )
    self.assertEqual(_of_octaves(recipes, 'octaves'), [7] * 7)

  @parameterized.parameters(1, 2, 3)
  def test_fewer_octaves_are_the_first_ones(self, num_octaves: int) -> None:
    preset = presets.find_preset('deepdraw')
    all_heads = ['logits', 'logits', 'loss2/classifier', 'loss1/classifier']
    self.assertEqual(_of_octaves(preset.plan({}, {}), 'head'), all_heads)
    recipes = preset.plan({}, {'octaves': num_octaves})
    self.assertEqual(_of_octaves(recipes, 'head'), all_heads[:num_octaves])

  def test_octaves_of_an_octave_do_not_count(self) -> None:
    preset = _preset({'octaves': 5}, octaves=2)
    self.assertLen(preset.plan({}, {}), 2)

  def test_overrides_count_most(self) -> None:
    overrides = {'head': 'logits', 'num_steps': 4, 'octave_scale': 1.1}
    recipes = presets.find_preset('deepdraw').plan({}, overrides)
    self.assertLen(recipes, 4)
    for setting, value in overrides.items():
      self.assertEqual(_of_octaves(recipes, setting), [value] * 4)
    # What they say nothing of stays.
    self.assertEqual(
      _of_octaves(recipes, 'learning_rate'), [11.0, 6.0, '6..3', 3.0]
    )
    self.assertEqual(overrides['num_steps'], 4)

  def test_what_the_network_wants_is_of_the_default(self) -> None:
    wants: Any = {'contrast': 0.3, 'num_steps': 99}
    (recipe,) = presets.find_preset('default').plan(wants, {})
    self.assertEqual(recipe, recipe_lib.Recipe.of(wants))
    (recipe,) = presets.find_preset('default').plan(wants, {'num_steps': 5})
    expected = recipe_lib.Recipe.of(wants, {'num_steps': 5})
    self.assertEqual(recipe, expected)

  def test_features_have_settings_of_their_own(self) -> None:
    preset = _preset({'blur': 0.7}, {}, octaves=2, num_steps=9, noise=0.1)
    recipes = preset.plan({}, {'chroma': 0.2}, is_feature=True)
    self.assertEqual(_of_octaves(recipes, 'blur'), [0.7, 0.5])
    self.assertEqual(_of_octaves(recipes, 'num_steps'), [3, 3])
    self.assertEqual(_of_octaves(recipes, 'noise'), [0.1, 0.1])
    overridden = preset.plan({}, {'num_steps': 4}, is_feature=True)
    self.assertEqual(_of_octaves(overridden, 'num_steps'), [4, 4])
    self.assertEqual(_of_octaves(preset.plan({}, {}), 'num_steps'), [9, 9])

  def test_variations_have_settings_of_their_own(self) -> None:
    preset = _preset({'blur': 0.7}, {}, octaves=2, num_steps=9, noise=0.1)
    recipes = preset.plan({}, {'chroma': 0.2}, num_variations=2)
    self.assertEqual(_of_octaves(recipes, 'noise'), [0.3, 0.3])
    self.assertEqual(_of_octaves(recipes, 'blur'), [0.7, 0.9])
    for plain in (
      preset.plan({}, {}),
      preset.plan({}, {'noise': 0.1}, num_variations=2),
    ):
      self.assertEqual(_of_octaves(plain, 'noise'), [0.1, 0.1])
    # What a network wants comes before what suits most.
    suited = presets.find_preset(presets.DEFAULT).plan(
      {'init': '1,2,3', 'facet': 0.0}, {}, num_variations=2
    )
    self.assertEqual(suited[0].parameterization.init, '1,2,3')
    self.assertEqual(suited[0].objective.facet, 0)
    # Of features as of one.
    self.assertEqual(
      preset.plan({}, {}, is_feature=True),
      preset.plan({}, {}, is_feature=True, num_variations=2),
    )

  @parameterized.parameters(
    {'is_feature': True}, {'num_variations': 2}, {'num_variations': 1}
  )
  def test_start_gives_way_to_maco(self, **kwargs: Any) -> None:
    preset = presets.find_preset('default')
    recipes = preset.plan({}, {'parameterization': 'maco'}, **kwargs)
    self.assertEqual(_of_octaves(recipes, 'parameterization'), ['maco'])
    self.assertEqual(_of_octaves(recipes, 'init'), ['grey'])
    with self.assertRaisesRegex(ValueError, "^init does.* is 'maco'; leave"):
      preset.plan({}, {'parameterization': 'maco', 'init': 'tint'}, **kwargs)

  def test_features_of_the_default(self) -> None:
    wants = {'chroma': 0.3, 'blur': 2.5}
    recipes = presets.find_preset('default').plan(wants, {}, is_feature=True)
    for setting, value in (
      ('blur', 0.0),
      ('init', 'clouds'),
      ('min_span', 0.9),
      ('chroma', 0.3),
    ):
      self.assertEqual(_of_octaves(recipes, setting), [value])

  @parameterized.parameters(name for name in _NAMES if name != 'default')
  def test_what_the_network_wants_is_no_concern_of_others(
    self, name: str
  ) -> None:
    preset = presets.find_preset(name)
    wants = {'contrast': 0.3, 'num_steps': 99, 'noise': 0.7}
    self.assertEqual(preset.plan(wants, {}), preset.plan({}, {}))

  @parameterized.parameters(_NAMES)
  def test_settings_that_do_not_exist_or_fit(self, name: str) -> None:
    preset = presets.find_preset(name)
    with self.assertRaisesRegex(
      ValueError, "no setting 'steps'; did you mean num_steps "
    ):
      preset.plan({}, {'steps': 3})
    with self.assertRaisesRegex(ValueError, '^octaves is 101; take a whole'):
      preset.plan({}, {'octaves': 101})

  def test_conflict_with_the_preset(self) -> None:
    with self.assertRaisesRegex(ValueError, 'take --parameterization=pixels$'):
      presets.find_preset('deepdraw').plan({}, {'parameterization': 'fourier'})


class ObjectivesTest(parameterized.TestCase):
  @parameterized.parameters(_NAMES)
  def test_published(self, name: str) -> None:
    expected = {
      'deepdream': ('layer:inception_4c/output',),
      'deepdream_guided': ('guide:{guide}@inception_3b/output',),
      'mcdonald_layers': tuple(_LAYERS),
    }
    preset = presets.find_preset(name)
    self.assertEqual(preset.objectives, expected.get(name, ()))

  def test_an_octave_without_its_own_has_that_of_all(self) -> None:
    preset = _preset({'objective': 'layer:a'}, {}, objective='layer:b')
    self.assertEqual(preset.objectives, ('layer:a', 'layer:b'))

  def test_an_octave_that_raises_the_class(self) -> None:
    preset = _preset({'objective': 'layer:a'}, {})
    self.assertEqual(preset.objectives, ('layer:a',))

  def test_octaves_have_them_in_turn(self) -> None:
    recipes = presets.find_preset('mcdonald_layers').plan({}, {})
    self.assertEqual(_of_octaves(recipes, 'objective'), _LAYERS * 3)


if __name__ == '__main__':
  absltest.main()
