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

"""Tests for part_language."""

import dataclasses
import re
from typing import Any, Iterator, Tuple

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.ascent import filters
from magenta_viz.ascent import part_language
from magenta_viz.ascent import penalties
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent.views import covers
from magenta_viz.ascent.views import crops_and_tiles
from magenta_viz.ascent.views import tints
from magenta_viz.ascent.views import transforms
from magenta_viz.settings import schedules

_LIMITS = ((-1.0, -2.0, -3.0), (4.0, 5.0, 6.0))


def _help_texts(settings: Any) -> Iterator[Tuple[str, str]]:
  """Yields names of settings and their help, those of parts too."""
  for field in dataclasses.fields(settings):
    said = field.metadata
    yield said.get('name') or field.name, said.get('help', '')
    for part in (said.get('part'), *said.get('kinds', {}).values()):
      if part is not None:
        yield from _help_texts(part)


_HELP = dict(_help_texts(recipe_lib.Recipe))


def _stages(text: str) -> Tuple[transforms.Stage, ...]:
  return part_language.parse_transforms(text, 224).stages


class TransformsTest(parameterized.TestCase):
  @parameterized.parameters(
    ('pad=12', transforms.Pad(12)),
    ('pad=12,0.25', transforms.Pad(12, 0.25)),
    ('shift=8', transforms.Shift(8)),
    ('roll=112', transforms.Roll(112)),
    ('zoom=0.9,1.1', transforms.Zoom(0.9, 1.1)),
    ('rotate=10', transforms.Rotate(10.0)),
    ('flip', transforms.Flip(0.5)),
    ('flip=0.25', transforms.Flip(0.25)),
    ('noise=0.08', transforms.Noise(0.08)),
    ('noise=0.08,0.04', transforms.Noise(0.08, 0.04)),
    ('crops=32,0.5,0.05,0.15', crops_and_tiles.Crops(32, 224, 0.5, 0.05, 0.15)),
    ('tiles=224,112', crops_and_tiles.Tiles(224, 112)),
    ('brightness=0.1', tints.Tint(brightness=0.1)),
    ('contrast=0.3', tints.Tint(contrast=0.3)),
    ('gains=0.15', tints.Tint(gains=0.15)),
    ('grey=0.2', tints.Tint(grey=0.2)),
    ('cover=0.35', covers.Cover(0.35)),
    ('roll=48..4', transforms.Roll(schedules.Linear(48, 4))),
    ('noise=0.08,0..0.4', transforms.Noise(0.08, schedules.Linear(0, 0.4))),
    ('grey=0.4..0', tints.Tint(grey=schedules.Linear(0.4, 0))),
    ('cover=0.9..0', covers.Cover(schedules.Linear(0.9, 0))),
    (
      'crops=32,0.5..0.05,0.05,0.1..0.2',
      crops_and_tiles.Crops(
        32,
        224,
        schedules.Linear(0.5, 0.05),
        0.05,
        schedules.Linear(0.1, 0.2),
      ),
    ),
  )
  def test_words(self, text: str, expected: transforms.Stage) -> None:
    self.assertEqual(_stages(text), (expected,))

  def test_order_of_words(self) -> None:
    text = ' pad=12 shift=8\tzoom=0.9,1.1  rotate=10\nshift=4 '
    expected = (
      transforms.Pad(12),
      transforms.Shift(8),
      transforms.Zoom(0.9, 1.1),
      transforms.Rotate(10.0),
      transforms.Shift(4),
    )
    self.assertEqual(_stages(text), expected)

  @parameterized.parameters('', '  ')
  def test_none(self, text: str) -> None:
    self.assertEqual(_stages(text), ())

  @parameterized.parameters(
    ('zom=1,2', 1, "unknown name 'zom', perhaps zoom; take one of pad, shift,"),
    ('flip =3', 6, "unknown name ''; take one of pad, "),
    ('flip xxxxx', 6, "unknown name 'xxxxx'; take one of pad, "),
    ('decay=0.1', 1, "unknown name 'decay'"),
    ('flip zoom=1', 6, 'expected zoom=LOW,HIGH'),
    ('zoom', 1, 'expected zoom=LOW,HIGH'),
    ('zoom=1,2,3', 1, 'expected zoom=LOW,HIGH'),
    ('pad=1,2,3', 1, 'expected pad=MARGIN[,VALUE]'),
    ('flip=1,2', 1, 'expected flip[=PROBABILITY]'),
    (
      'crops=32',
      1,
      'expected crops=COUNT,SPAN,SPAN_DEVIATION,CENTER_DEVIATION',
    ),
    ('pad=', 5, "MARGIN of pad is ''; take a whole number"),
    ('pad=1.5', 5, "MARGIN of pad is '1.5'; take a whole number"),
    ('flip zoom=1,x', 13, "HIGH of zoom is 'x'; take a number, or START..END"),
    ('zoom=1..,2', 6, "LOW of zoom is '1..'; take a number, or START..END"),
    ('zoom=1,inf', 8, "HIGH of zoom is 'inf'; take a number"),
    ('rotate=nan..1', 8, "DEGREES of rotate is 'nan..1'; take a number"),
    ('roll=inf', 6, "REACH of roll is 'inf'; take a whole number"),
    ('roll=4..0.5', 6, "REACH of roll is '4..0.5'; take a whole number, or"),
    ('shift=8..4', 7, "REACH of shift is '8..4', but cannot change over the"),
    ('flip zoom=1.2,1', 6, 'zoom is from 1.2 to 1.0; take two factors above 0'),
    ('roll=-1', 1, 'roll reach is -1; take a number 0 or more'),
    ('roll=4..-4', 1, 'roll reach is -4; take a number 0 or more'),
    ('zoom=1..2,1.5', 1, 'zoom is from 2.0 to 1.5'),
    ('crops=1,0.5..0,0,0', 1, 'crops span is 0.0; take a number from 0.05'),
    ('pad=999999999999', 5, "MARGIN of pad is '999999999999'; take numbers fr"),
    ('flip pad=65536', 10, "MARGIN of pad is '65536'; take numbers from -1e+"),
    ('pad=1,1e999', 7, "VALUE of pad is '1e999'; take a number"),
    ('pad=1,2', 1, 'pad value is 2.0; take a number from 0 to 1'),
    ('shift=65536', 7, "REACH of shift is '65536'; take numbers from"),
    ('roll=1..65536', 6, "REACH of roll is '1..65536'; take numbers from"),
    ('roll=65536..1', 6, "REACH of roll is '65536..1'; take numbers from"),
    ('zoom=0.009,1', 6, "LOW of zoom is '0.009'; take numbers from 0.01 to"),
    ('zoom=1,101', 8, "HIGH of zoom is '101'; take numbers from 0.01 to 100"),
    ('shift=-1', 1, 'shift reach is -1; take a number 0 or more'),
    ('pad=-1', 1, 'pad margin is -1; take a number 0 or more'),
    ('noise=-0.1', 1, 'noise deviation is -0.1; take a number 0 or more'),
    ('noise=0,0..-1', 1, 'noise reach is -1.0; take a number 0 or more'),
    ('cover=-0.1', 1, 'cover share is -0.1; take a number from 0 to 0.9'),
    ('crops=0,0.5,0,0', 1, 'crops count is 0; take a number 1 or more'),
    ('crops=1,0.5,-1,0', 1, 'crops span deviation is -1.0; take a number 0 or'),
    ('crops=1,0.5,0,-1', 1, 'crops center deviation is -1.0; take a number 0'),
    ('tiles=32,0', 1, 'tiles stride is 0; take a number 1 or more'),
    ('rotate=181', 1, 'rotate degrees is 181.0; take a number from 0 to 180'),
    ('flip=1.1', 1, 'flip probability is 1.1; take a number from 0 to 1'),
    ('noise=1001', 7, "DEVIATION of noise is '1001'; take numbers from"),
    ('noise=0,1e30', 9, "REACH of noise is '1e30'; take numbers from"),
    ('crops=1025,0.5,0,0', 7, "COUNT of crops is '1025'; take numbers from"),
    ('crops=1,1.1,0,0', 1, 'crops span is 1.1; take a number from 0.05 to 1'),
    ('crops=1,1,1e9,0', 11, "SPAN_DEVIATION of crops is '1e9'; take numbers"),
    ('crops=1,1,0,1e9', 13, "CENTER_DEVIATION of crops is '1e9'; take num"),
    ('tiles=31,8', 7, "SIZE of tiles is '31'; take numbers from 32 to 65535"),
    ('tiles=65536,1', 7, "SIZE of tiles is '65536'; take numbers from"),
    ('tiles=32,65536', 10, "STRIDE of tiles is '65536'; take numbers from"),
    ('contrast', 1, 'expected contrast=REACH'),
    ('cover=0.3,2', 1, 'expected cover=SHARE'),
    ('cover=0.91', 1, 'cover share is 0.91; take a number from 0 to 0.9'),
    ('cover=0..1', 1, 'cover share is 1.0; take a number from 0 to 0.9'),
    ('grey=x', 6, "SHARE of grey is 'x'; take a number, or START..END"),
    ('grey=1.1', 1, 'grey share is 1.1; take a number from 0 to 1'),
    ('flip gains=-1', 6, 'gains reach is -1.0; take a number from 0 to 1'),
    ('contrast=2', 1, 'contrast reach is 2.0; take a number from 0 to 1'),
    ('brightness=2', 1, 'brightness reach is 2.0; take a number from 0 to 1'),
    ('flip ' * 101, 501, 'these are 101 words; take 100 at most'),
  )
  def test_errors(self, text: str, character: int, why: str) -> None:
    with self.assertRaises(ValueError) as caught:
      part_language.parse_transforms(text, 224)
    message = str(caught.exception)
    expected = f"transforms '{text}', character {character}: {why}"
    self.assertStartsWith(message, expected)

  def test_message_is_one_line(self) -> None:
    with self.assertRaises(ValueError) as caught:
      part_language.parse_transforms('flip\nzoom', 224)
    self.assertEqual(
      str(caught.exception),
      "transforms 'flip\\nzoom', character 6: expected zoom=LOW,HIGH",
    )


_WORDS = {**part_language.TRANSFORMS, **part_language.REGULARIZERS}


def _parse(word: str, text: str) -> Any:
  if word in part_language.TRANSFORMS:
    return part_language.parse_transforms(text, 224).stages
  return sum(part_language.parse_regularizers(text, _LIMITS), ())


class TablesTest(parameterized.TestCase):
  @parameterized.parameters(*_WORDS)
  def test_examples(self, name: str) -> None:
    word = _WORDS[name]
    (part,) = _parse(name, word.example)
    self.assertEqual(type(part), word.make)
    # As the help of the command line has them.
    setting = (
      'transforms' if name in part_language.TRANSFORMS else 'regularizers'
    )
    described = _HELP[setting].split()
    self.assertIn(word.example, described)

  @parameterized.parameters('transforms', 'regularizers')
  def test_help_has_no_other_words(self, setting: str) -> None:
    names = re.findall(r'([a-z_0-9]+)=[0-9]', _HELP[setting])
    self.assertNotEmpty(names)
    self.assertContainsSubset(names, _WORDS)

  def test_every_number_has_a_bound(self) -> None:
    for name, word in _WORDS.items():
      for index, value in enumerate(word.values):
        if value.choices:
          continue
        with self.subTest(f'{name} {value.name}'):
          texts = ['1'] * sum(not each.choices for each in word.values)
          texts[index] = '2000000000'
          with self.assertRaisesRegex(ValueError, '2000000000|2e'):
            _parse(name, f'{name}={",".join(texts)}')


class RegularizersTest(parameterized.TestCase):
  @parameterized.parameters(
    ('decay=0.0001', filters.Decay(0.0001)),
    ('blur=1', filters.GaussianBlur(1.0)),
    ('blur=1,4', filters.GaussianBlur(1.0, 4)),
    (
      'blur=2.5..0.78',
      filters.GaussianBlur(schedules.Linear(2.5, 0.78, endpoint=False)),
    ),
    (
      'bilateral=0.44..0.304,0.5,7,symmetric',
      filters.Bilateral(
        schedules.Linear(0.44, 0.304), 0.5, 7, 'symmetric', _LIMITS[0]
      ),
    ),
    ('bilateral=0.4,2', filters.Bilateral(0.4, 2.0, black=_LIMITS[0])),
    ('clip_norm=20', filters.ClipNorm(20.0)),
    ('clip_contribution=90', filters.ClipContribution(90.0)),
    ('clip', filters.ClipRange(*_LIMITS)),
  )
  def test_filters(self, text: str, expected: Any) -> None:
    found = part_language.parse_regularizers(text, _LIMITS)
    self.assertEqual(found, ((expected,), ()))

  @parameterized.parameters(
    ('l2=0.001', penalties.L2(0.001)),
    ('l2=0.001,0', penalties.L2(0.001, 0.0)),
    ('total_variation=0.25', penalties.TotalVariation(0.25)),
    ('squared_variation=0.5', penalties.SquaredVariation(0.5)),
  )
  def test_penalties(self, text: str, expected: Any) -> None:
    for limits in (_LIMITS, None):
      found = part_language.parse_regularizers(text, limits)
      self.assertEqual(found, ((), (expected,)))

  def test_order_of_words(self) -> None:
    found = part_language.parse_regularizers(
      'clip total_variation=1 blur=1,4 l2=2 decay=0.5 clip', _LIMITS
    )
    clip = filters.ClipRange(*_LIMITS)
    blur = filters.GaussianBlur(1.0, 4)
    self.assertEqual(found.filters, (clip, blur, filters.Decay(0.5), clip))
    self.assertEqual(
      found.penalties, (penalties.TotalVariation(1.0), penalties.L2(2.0))
    )

  @parameterized.parameters('', '\n ')
  def test_none(self, text: str) -> None:
    found = part_language.parse_regularizers(text, None)
    self.assertEqual(found, ((), ()))

  @parameterized.parameters(
    ('clp', 1, "unknown name 'clp', perhaps clip; take one of decay, blur,"),
    ('roll=4', 1, "unknown name 'roll'; take one of decay, "),
    ('clip=1', 1, 'expected clip'),
    ('clip blur', 6, 'expected blur=SIGMA[,EVERY]'),
    (
      'bilateral=1',
      1,
      'expected bilateral=SIGMA_COLOR,SIGMA_SPACE[,WINDOW][,EDGE]',
    ),
    (
      'bilateral=1,2,5,round',
      17,
      "EDGE of bilateral is 'round'; take one of c",
    ),
    ('bilateral=1,2,4', 1, 'bilateral window is 4; take an odd number'),
    ('decay=2', 1, 'decay rate is 2.0; take a number from 0 to 1'),
    ('l2=0..1', 4, "WEIGHT of l2 is '0..1', but cannot change over the"),
    ('blur=1,0', 1, 'blur every 0 steps; take 1 or more'),
    ('bilateral=-1,1', 1, 'bilateral sigma_color is -1.0; take 0 or more'),
    ('bilateral=1,1..-2', 1, 'bilateral sigma_space is -2.0; take 0 or more'),
    ('total_variation=-1', 1, 'total_variation weight is -1.0; take a number'),
    ('squared_variation=-1', 1, 'squared_variation weight is -1.0; take a num'),
    ('blur=1..-1', 1, 'blur sigma is -1.0; take 0 or more'),
    ('blur=1,1.5', 8, "EVERY of blur is '1.5'; take a whole number"),
    ('clip l2=-1', 6, 'l2 weight is -1.0; take a number of 0 or more'),
    ('l2=1e10', 4, "WEIGHT of l2 is '1e10'; take numbers from -1e+09 to"),
    ('l2=1,-1e10', 6, "CENTER of l2 is '-1e10'; take numbers from"),
    ('total_variation=1e10', 17, "WEIGHT of total_variation is '1e10'; take"),
    ('squared_variation=1e10', 19, "WEIGHT of squared_variation is '1e10'; "),
    ('decay=1..1.1', 1, 'decay rate is 1.1; take a number from 0 to 1'),
    ('blur=201', 6, "SIGMA of blur is '201'; take numbers from"),
    ('blur=1,100001', 8, "EVERY of blur is '100001'; take numbers from"),
    ('bilateral=1001,2', 11, "SIGMA_COLOR of bilateral is '1001'; take num"),
    ('bilateral=1,1e9', 13, "SIGMA_SPACE of bilateral is '1e9'; take num"),
    ('bilateral=1,2,103', 15, "WINDOW of bilateral is '103'; take numbers"),
    ('clip_norm=101', 1, 'norm percentile is 101.0; take a number from 0'),
    ('clip_contribution=101', 1, 'contribution percentile is 101.0; take a'),
  )
  def test_errors(self, text: str, character: int, why: str) -> None:
    with self.assertRaises(ValueError) as caught:
      part_language.parse_regularizers(text, _LIMITS)
    message = str(caught.exception)
    expected = f"regularizers '{text}', character {character}: {why}"
    self.assertStartsWith(message, expected)

  @parameterized.parameters(
    *(name for name, word in _WORDS.items() if word.is_filter)
  )
  def test_filters_need_pixels(self, word: str) -> None:
    text = _WORDS[word].example
    with self.assertRaises(ValueError) as caught:
      part_language.parse_regularizers(f'l2=1 {text}', None)
    self.assertEqual(
      str(caught.exception),
      f"regularizers 'l2=1 {text}', character 6: {word} works on pixels; take"
      ' --parameterization=pixels',
    )


if __name__ == '__main__':
  absltest.main()
