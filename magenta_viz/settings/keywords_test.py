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


"""Tests for keywords."""

import dataclasses
from typing import Any, Mapping, Tuple

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.settings import fields
from magenta_viz.settings import keywords
from magenta_viz.settings import parts


@dataclasses.dataclass(frozen=True)
class _Brush(parts.Part):
  """The brush."""

  width: int = fields.number(4, 1, 9, 'width')


@dataclasses.dataclass(frozen=True)
class _Recipe(parts.Part):
  """The recipe."""

  num_layers: int = fields.number(3, 1, 9, 'layers')
  varnish: int = fields.number(0, 0, 9, 'varnish')


@dataclasses.dataclass(frozen=True)
class _Painting:
  """A painting."""

  subject: str = fields.required_text('what it shows')
  colours: Tuple[str, ...] = fields.written((), 'colour')
  brush: _Brush = parts.part(_Brush)
  overrides: Mapping[str, Any] = dataclasses.field(
    default_factory=dict, metadata={'settings_of': _Recipe}
  )

  def __post_init__(self) -> None:
    fields.settle(self)


def _made(config: Any = None, **settings: Any) -> _Painting:
  return keywords.config_of(_Painting, config, settings, ('frame',))


class KeywordsTest(parameterized.TestCase):
  def test_own_settings_those_of_parts_and_those_of_the_recipe(self) -> None:
    made = _made(subject='cat', colours='red', width=2, num_layers=5)
    self.assertEqual(made.subject, 'cat')
    self.assertEqual(made.colours, ('red',))
    self.assertEqual(made.brush, _Brush(2))
    self.assertEqual(made.overrides, {'num_layers': 5})

  def test_in_place_of_those_of_a_configuration(self) -> None:
    before = _made(subject='cat', width=2, num_layers=5)
    made = _made(before, subject='dog', varnish=1)
    self.assertEqual(made.subject, 'dog')
    self.assertEqual(made.brush, _Brush(2))
    self.assertEqual(made.overrides, {'num_layers': 5, 'varnish': 1})
    self.assertIs(_made(before), before)

  @parameterized.parameters(
    ('widht', "there is no setting 'widht'; did you mean width?"),
    ('num_layer', "there is no setting 'num_layer'; did you mean num_layers?"),
    ('colour', "there is no setting 'colour'; did you mean colours?"),
    ('frames', "there is no setting 'frames'; did you mean frame?"),
    ('xyz', "there is no setting 'xyz'; help() lists all"),
  )
  def test_unknown_ones(self, name: str, words: str) -> None:
    with self.assertRaises(TypeError) as caught:
      _made(subject='cat', **{name: 1})
    self.assertEqual(str(caught.exception), words)

  def test_what_is_missing(self) -> None:
    with self.assertRaisesRegex(TypeError, 'subject is missing; give subject='):
      _made(width=2)

  def test_out_of_range(self) -> None:
    with self.assertRaisesRegex(ValueError, 'width is 10; take a whole number'):
      _made(subject='cat', width=10)

  def test_a_configuration_of_another_kind(self) -> None:
    with self.assertRaisesRegex(TypeError, 'give a _Painting, or settings by'):
      _made('cat')


if __name__ == '__main__':
  absltest.main()
