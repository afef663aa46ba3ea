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

"""Tests that docs/methods.md tells of every part that there is."""

from pathlib import Path
import re
from typing import Iterable

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.ascent import part_language
from magenta_viz.ascent import presets
from magenta_viz.ascent import recipe_parts
from magenta_viz.ascent.objectives import terms
from magenta_viz.attribution import methods

_PAGE = Path(__file__).resolve().parents[1] / 'docs' / 'methods.md'


class MethodsPageTest(parameterized.TestCase):
  @parameterized.named_parameters(
    ('objectives', terms.KINDS),
    ('optimizers', recipe_parts.OPTIMIZERS),
    ('parameterizations', recipe_parts.PARAMETERIZATIONS),
    ('presets', presets.PRESETS),
    ('regularizers', part_language.REGULARIZERS),
    ('saliency', methods.METHODS),
    ('transforms', part_language.TRANSFORMS),
  )
  def test_tells_of_all(self, parts: Iterable[str]) -> None:
    text = _PAGE.read_text(encoding='utf-8')
    # As code, with what is said behind it, or a paragraph of its own.
    told = re.findall(
      r'`(\w+)[\^:=`]|^\*\*(\w+)\*\* \(|^(\w+)   +M', text, re.M
    )
    self.assertEmpty(set(parts) - {name for each in told for name in each})


if __name__ == '__main__':
  absltest.main()
