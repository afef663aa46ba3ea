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

"""Tests for pages; evaluation/page_test.py has more, on a whole page."""

from pathlib import Path

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.media import pages


class PartsTest(parameterized.TestCase):
  @parameterized.parameters(
    (0.0, 0, '0'),
    (1e-9, 0, '<1'),
    (0.0049, 0, '<1'),
    (0.0051, 0, '1'),
    (0.5, 0, '50'),
    (0.9949, 0, '99'),
    (0.996, 0, '>99'),
    (1.0, 0, '100'),
    (0.0004, 1, '<0.1'),
    (0.9996, 1, '>99.9'),
    (0.1234, 1, '12.3'),
  )
  def test_percent(self, share: float, decimals: int, text: str) -> None:
    self.assertEqual(pages.percent(share, decimals), f'{text}\u00a0%')
    self.assertEqual(
      pages.percents(0.002, share, decimals),
      f'{pages.percent(0.002, decimals)[:-2]} to {text}\u00a0%',
    )

  def test_seconds(self) -> None:
    self.assertEqual(pages.seconds(8.04), '8.0\u00a0s')
    self.assertEqual(pages.seconds(1234.6), '1235\u00a0s')

  def test_strip(self) -> None:
    strip = pages.template(Path('none'), 'parts.html').module.strip
    self.assertEqual(
      strip(pages.Scale(-3, -1), -1.5, between=(-2, -1), band=(-9, -2.5)),
      '<span class="strip" aria-hidden="true">'
      '<i class="band" style="left:0.0%;width:25.0%"></i>'
      '<i class="range" style="left:50.0%;width:50.0%"></i>'
      '<b style="left:75.0%"></b></span>',
    )
    # A scale without length.
    text = strip(pages.Scale(2, 2), 2)
    self.assertIn('<b style="left:50.0%"></b>', text)

  def test_own_template_stands_for_the_common_one(self) -> None:
    folder = self.create_tempdir()
    folder.create_file('style.css', 'own {{ value }}')
    style = pages.template(Path(folder.full_path), 'style.css', value='<1')
    self.assertEqual(style.render(), 'own &lt;1')
    common = pages.template(Path('none'), 'style.css').render()
    self.assertIn('.card', common)


if __name__ == '__main__':
  absltest.main()
