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

from typing import Any, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.ascent import filters as regularizers
from magenta_viz.ascent import part_language
from magenta_viz.ascent import part_words
from magenta_viz.ascent import penalties
from magenta_viz.ascent.views import covers
from magenta_viz.ascent.views import crops_and_tiles
from magenta_viz.ascent.views import tints
from magenta_viz.ascent.views import transforms
from magenta_viz.settings import schedules

_LIMITS = ((-1.0, -2.0, -3.0), (4.0, 5.0, 6.0))


def _settings(stages: Any) -> Any:
  """Returns kinds and settings: what is not compared counts too."""
  return [(type(stage), vars(stage)) for stage in stages]


def _stages(
  text: str, index: int = 0, num_steps: int = 10
) -> Tuple[transforms.Stage, ...]:
  plan = part_language.parse_transforms(text, 224)
  return plan.at(index, num_steps).stages


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
  )
  def test_words(self, text: str, expected: transforms.Stage) -> None:
    self.assertEqual(_settings(_stages(text)), _settings([expected]))

  def test_order_of_words(self) -> None:
    text = ' pad=12 shift=8\tzoom=0.9,1.1  rotate=10\nshift=4 '
    expected = (
      transforms.Pad(12),
      transforms.Shift(8),
      transforms.Zoom(0.9, 1.1),
      transforms.Rotate(10.0),
      transforms.Shift(4),
    )
    self.assertEqual(_settings(_stages(text)), _settings(expected))

  @parameterized.parameters('', '  ')
  def test_none(self, text: str) -> None:
    self.assertEqual(_stages(text), ())

  @parameterized.parameters(
    # As in Python 2: 48 + (4 - 48) * i / n, of whole numbers.
    ('roll=48..4', 256),
    ('roll=4..48', 7),
    ('roll=32..16', 10),
    ('roll=49..0', 49),
    ('roll=0..49', 49),
  )
  def test_whole_numbers_are_rounded_down(self, text: str, num: int) -> None:
    start, end = map(int, text[5:].split('..'))
    for i in range(num):
      (roll,) = _stages(text, i, num)
      reach = start + (end - start) * i // num
      self.assertEqual(vars(roll), {'reach': reach})
      self.assertIs(type(vars(roll)['reach']), int)

  def test_lines(self) -> None:
    crops, noise = _stages(
      'crops=32,0.5..0.05,0.05,0.1..0.2 noise=0.08,0..0.4', 5
    )
    self.assertAlmostEqual(vars(crops)['span'], 0.275)
    self.assertEqual(vars(crops)['span_deviation'], 0.05)
    self.assertAlmostEqual(vars(crops)['center_deviation'], 0.15)
    self.assertEqual(vars(noise), {'deviation': 0.08, 'reach': 0.2})

  def test_lines_of_tints_and_covers(self) -> None:
    text = 'brightness=0..0.2 contrast=0..1 gains=1..0 grey=0.4..0 cover=0.9..0'
    *light, cover = _stages(text, 5)
    expected = [
      tints.Tint(brightness=0.1),
      tints.Tint(contrast=0.5),
      tints.Tint(gains=0.5),
      tints.Tint(grey=0.2),
    ]
    self.assertEqual(_settings(light), _settings(expected))
    self.assertEqual(vars(cover), {'share': 0.45})
    # One graph for all strengths.
    self.assertEqual(_stages(text, 0), _stages(text, 9))

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


class BoundsTest(absltest.TestCase):
  def test_every_number_has_one(self) -> None:
    words = {
      **part_words.transforms(224),
      **part_words.filters(_LIMITS),
      **part_words.PENALTIES,
    }
    for name, signature in words.items():
      for index, value in enumerate(signature.values):
        if value.choices:
          continue
        with self.subTest(f'{name} {value.name}'):
          texts = ['1'] * len(signature.values)
          if value.choices or signature.values[-1].choices:
            texts = texts[: len(signature.values) - 1]
          texts[index] = '2000000000'
          text = f'{name}={",".join(texts)}'
          is_transform = name in part_words.transforms(224)
          with self.assertRaisesRegex(ValueError, '2000000000|2e'):
            if is_transform:
              part_language.parse_transforms(text, 224)
            else:
              part_language.parse_regularizers(text, _LIMITS)


class RegularizersTest(parameterized.TestCase):
  @parameterized.parameters(
    ('decay=0.0001', regularizers.Decay(0.0001)),
    ('blur=1', regularizers.GaussianBlur(1.0)),
    ('blur=1,4', regularizers.GaussianBlur(1.0, 4)),
    (
      'blur=2.5..0.78',
      regularizers.GaussianBlur(schedules.Linear(2.5, 0.78, endpoint=False)),
    ),
    (
      'bilateral=0.44..0.304,0.5,7,symmetric',
      regularizers.Bilateral(
        schedules.Linear(0.44, 0.304), 0.5, 7, 'symmetric', _LIMITS[0]
      ),
    ),
    ('bilateral=0.4,2', regularizers.Bilateral(0.4, 2.0, black=_LIMITS[0])),
    ('clip_norm=20', regularizers.ClipNorm(20.0)),
    ('clip_contribution=90', regularizers.ClipContribution(90.0)),
    ('clip', regularizers.ClipRange(*_LIMITS)),
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
    clip = regularizers.ClipRange(*_LIMITS)
    blur = regularizers.GaussianBlur(1.0, 4)
    self.assertEqual(found.filters, (clip, blur, regularizers.Decay(0.5), clip))
    self.assertEqual(
      found.penalties, (penalties.TotalVariation(1.0), penalties.L2(2.0))
    )

  def test_filters_work(self) -> None:
    found = part_language.parse_regularizers('decay=0.5 blur=0,4 clip', _LIMITS)
    params = np.full([2, 4, 6, 3], 20.0, np.float32)
    for each in found.filters:
      params = each.apply(params, np.zeros_like(params), 0, 10)
    np.testing.assert_array_equal(params[1, 2, 3], _LIMITS[1])

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
    'decay=0.1',
    'blur=1',
    'bilateral=1,2',
    'clip_norm=1',
    'clip_contribution=9',
    'clip',
  )
  def test_filters_need_pixels(self, text: str) -> None:
    word = text.partition('=')[0]
    with self.assertRaises(ValueError) as caught:
      part_language.parse_regularizers(f'l2=1 {text}', None)
    self.assertEqual(
      str(caught.exception),
      f"regularizers 'l2=1 {text}', character 6: {word} works on pixels; take"
      ' --parameterization=pixels',
    )


if __name__ == '__main__':
  absltest.main()
