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

"""Tests for text of any script."""

from typing import Any
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image
from PIL import ImageDraw
from PIL import ImageFont
from PIL import features

from magenta_viz.media import lettering

_NAMES = {
  'Latin': 'ñandú Ærø',
  'Greek': 'Τιγρέ γάτα',
  'Cyrillic': 'Полосатая кошка',
  'Arabic': 'قطة مخططة',
  'Hebrew': 'חתול מנומר',
  'Devanagari': 'धारीदार बिल्ली',
  'Thai': 'แมวลายเสือ',
  'Chinese': '虎斑猫',
  'Japanese': 'ぶち猫とトラ猫',
  'Korean': '얼룩 고양이',
  'Tamil': 'பூனைக்குட்டி',
  'emoji': '🐱🐾',
}


def _drawn(letters: lettering.Lettering, text: str) -> np.ndarray:
  """Returns where a line is dark, [height, width] bool."""
  picture = Image.new('L', (600, 40), 'white')
  letters.draw(ImageDraw.Draw(picture), (20, 10), text)
  return np.asarray(picture) < 128


class LetteringTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.letters = lettering.Lettering(13)

  @parameterized.parameters(*_NAMES)
  def test_scripts(self, script: str) -> None:
    text = f'7 {_NAMES[script]} · seed 1'
    dark = _drawn(self.letters, text)
    self.assertEmpty(self.letters.missing)
    # Letters of their own, and no boxes of a font that lacks them.
    boxes = _drawn(self.letters, f'7 {len(_NAMES[script]) * "?"} · seed 1')
    self.assertTrue((dark != boxes).any())
    columns = np.nonzero(dark.any(axis=0))[0]
    self.assertBetween(columns[0], 18, 22)
    width = self.letters.length(text)
    self.assertAlmostEqual(columns[-1], 20 + width, delta=6)

  @parameterized.parameters(
    ('a\ue000b', 'a?b'),
    ('a\udce9b', 'a?b'),
    ('a\x07b', 'a?b'),
    # Which would turn the text round.
    ('a\u202eb', 'a?b'),
  )
  def test_what_no_font_has(self, text: str, shown: str) -> None:
    dark = _drawn(self.letters, text)
    self.assertEqual(self.letters.missing, {text[1]})
    np.testing.assert_array_equal(dark, _drawn(self.letters, shown))

  @absltest.skipUnless(features.check('raqm'), 'needs libraqm')
  def test_words_from_right_to_left_stay_together(self) -> None:
    one, two = 'קטן', 'חתול'
    together = _drawn(self.letters, f'7 {one} {two} a')
    number, first, second, letter = (
      _drawn(self.letters, each) for each in ('7 ', one, two, 'a')
    )
    counts = [
      np.count_nonzero(each) for each in (number, second, first, letter)
    ]
    # By the gaps between words: the second stands left of the first.
    dark = together.any(axis=0)
    columns = np.nonzero(dark)[0]
    gaps = np.nonzero(np.diff(columns) > 3)[0]
    edges = [0, *(columns[gaps] + 1), together.shape[1]]
    found = [
      np.count_nonzero(together[:, a:b]) for a, b in zip(edges, edges[1:])
    ]
    self.assertLen(found, 4)
    np.testing.assert_allclose(found, counts, rtol=0.2)
    self.assertNotEqual(counts[1], counts[2])

  @parameterized.parameters('a long name of a class', '虎斑猫' * 9, 'குட்டி' * 9)
  def test_shortens(self, text: str) -> None:
    whole = self.letters.length(text)
    self.assertEqual(self.letters.shorten(text, whole), text)
    end = ' · seed 1'
    for width in range(self.letters.length(f'{text[0]}...{end}') + 9, whole, 7):
      found = self.letters.shorten(text, width, end)
      self.assertLessEqual(self.letters.length(found), width)
      self.assertEndsWith(found, f'...{end}')
      kept = found[: -len(f'...{end}')]
      self.assertStartsWith(text, kept)
      # The whole of a letter, with its vowel.
      self.assertFalse(lettering._is_part(text[len(kept)]))
    # With room for less than a letter of it.
    self.assertEqual(
      self.letters.shorten(text, self.letters.length(end), end), end
    )
    self.assertEqual(self.letters.shorten(text, 2), '')

  def test_without_fonts(self) -> None:
    lettering._fonts.cache_clear()
    self.addCleanup(lettering._fonts.cache_clear)
    with mock.patch.object(lettering, '_PACKAGES', ('no_such_package',)):
      letters = lettering.Lettering(13)
      self.assertFalse(lettering.has_fonts())
    self.assertTrue(_drawn(letters, 'tabby').any())
    self.assertEmpty(letters.missing)
    _drawn(letters, '猫')
    self.assertEqual(letters.missing, {'猫'})

  def test_font_of_old_versions_of_pillow(self) -> None:
    load = ImageFont.load_default
    old: Any = getattr(ImageFont, 'load_default_imagefont', load)()
    with mock.patch.object(lettering, '_fonts', return_value=(old,)):
      letters = lettering.Lettering(13)
    dark = _drawn(letters, 'café 猫')
    self.assertEqual(letters.missing, {'猫'})
    np.testing.assert_array_equal(dark, _drawn(letters, 'café ?'))


if __name__ == '__main__':
  absltest.main()
