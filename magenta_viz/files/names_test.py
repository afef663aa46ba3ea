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

"""Tests of names of files."""

import unicodedata

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.files import names


class SlugTest(parameterized.TestCase):
  @parameterized.parameters(
    ('tabby', 'tabby'),
    ('golden retriever', 'golden-retriever'),
    ("jack-o'-lantern", 'jack-o-lantern'),
    ('Granny Smith', 'granny-smith'),
    (' -- a//b\\c..  ', 'a-b-c'),
    ('Crème Brûlée №5', 'creme-brulee-no5'),
    ('Straße', 'strasse'),
    ('İ', 'i'),
    ('a_b\nc\x1b[2J\u202ed', 'a-b-c-2j-d'),
    ('a中b', 'a中b'),
    ('лес', 'лес'),
    ('Йод', 'йод'),
    ('がぎ', 'がぎ'),
    ('한국어', '한국어'),
    ('हिन्दी', 'हिन्दी'),
    ('עִבְרִית', 'עִבְרִית'),
    ('٣ ४', '٣-४'),
    # A mark alone shows nothing.
    ('❤️ a', 'a'),
  )
  def test_letters_of_every_script(self, text: str, expected: str) -> None:
    for form in ('NFC', 'NFD'):
      found = names.slug(unicodedata.normalize(form, text))
      self.assertEqual(found, unicodedata.normalize('NFC', expected))

  def test_without_a_letter(self) -> None:
    texts = ('', '..', '🐈', '🐕', '\ud800', '\udcff', '!')
    found = {names.slug(text) for text in texts}
    self.assertLen(found, len(texts))
    for name in found:
      self.assertRegex(name, '^unnamed-[0-9a-f]{8}$')

  def test_is_cut_to_bytes(self) -> None:
    self.assertEqual(names.slug('a' * 100), 'a' * 100)
    self.assertRegex(names.slug('a' * 101), '^a{100}-[0-9a-f]{8}$')
    self.assertRegex(names.slug('猫' * 34), '^猫{33}-[0-9a-f]{8}$')
    self.assertNotEqual(names.slug('猫' * 34), names.slug('猫' * 35))
    self.assertRegex(names.slug('abc', max_bytes=2), '^ab-[0-9a-f]{8}$')

  def test_more_than_letters(self) -> None:
    self.assertEqual(names.slug('A_b:c', kept='_'), 'a_b-c')
    sums = {names.slug(text, with_digest=True) for text in ('a + b', 'a - b')}
    self.assertLen(sums, 2)


class PartTest(parameterized.TestCase):
  @parameterized.parameters(
    'Cat Photo (1)', '.hidden', 'Été', '写真 🐈', '9.41\u202fAM', 'a' * 100
  )
  def test_stays(self, text: str) -> None:
    self.assertEqual(names.part(text), text)

  @parameterized.parameters(
    ('', 'unnamed'),
    ('a\nb', 'a-b'),
    ('a\x1b[2J', 'a-2j'),
    ('\u202egnp', 'gnp'),
    ('a\udcff', 'a'),
    ('a:b?', 'a-b'),
    ('A' * 101, 'a' * 100),
  )
  def test_changes(self, text: str, start: str) -> None:
    self.assertRegex(names.part(text), f'^{start}-[0-9a-f]{{8}}$')


if __name__ == '__main__':
  absltest.main()
