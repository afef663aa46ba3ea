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

"""Tests for parts."""

import dataclasses
from typing import Any, ClassVar, Optional

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.settings import command_line
from magenta_viz.settings import fields
from magenta_viz.settings import parts


class _Paint(parts.Part):
  """What it is painted with."""


@dataclasses.dataclass(frozen=True)
class _Oil(_Paint):
  """A paint that dries slowly."""

  gloss: float = fields.number(0.5, 0.0, 1.0, 'how it shines')
  days: int = fields.number(3, 1, 9, 'to dry', name='drying')


@dataclasses.dataclass(frozen=True)
class _Ink(_Paint):
  """A paint that does not."""

  gloss: float = fields.number(0.5, 0.0, 1.0, 'how it shines')
  flow: int = fields.number(0, 0, 9, 'drops a stroke')
  size: int = fields.number(
    2, 1, 9, 'of a drop', fields.When(('flow',), above=0)
  )


@dataclasses.dataclass(frozen=True)
class _Chalk(_Paint, parts.OpenPart):
  """A paint that is none."""

  grain: int = fields.number(5, 1, 9, 'how rough it is')


@dataclasses.dataclass(frozen=True)
class _Mixed(_Paint):
  """A paint of several."""

  text: str


@dataclasses.dataclass(frozen=True)
class _Frame(parts.Part):
  """What is around."""

  wood: str = fields.choice('oak', ('oak', 'ash'), 'of the frame')


@dataclasses.dataclass(frozen=True)
class _Painting(parts.Part):
  """How to paint."""

  program: ClassVar[str] = 'paint'

  title: str = fields.text('', 'what it is called')
  paint: _Paint = parts.one_of(
    'oil',
    {'oil': _Oil, 'ink': _Ink},
    'what with',
    name='medium',
    otherwise=_Mixed,
  )
  frame: _Frame = parts.part(_Frame)
  ground: Optional[_Oil] = parts.one_of(None, {'oil': _Oil}, 'what is under it')


class PartsTest(parameterized.TestCase):
  def test_settings(self) -> None:
    found = {each.name: each for each in parts.settings(_Painting)}
    self.assertEqual(
      list(found),
      ['title', 'medium', 'gloss', 'drying', 'flow', 'size', 'wood', 'ground'],
    )
    self.assertEqual(found['medium'].default, 'oil')
    self.assertIsNone(found['ground'].default)
    self.assertEqual(found['medium'].group, 'What it is painted with.')
    self.assertEqual(found['flow'].group, 'What it is painted with.')
    self.assertEqual(found['title'].group, '')
    self.assertEqual(found['drying'].metadata['maximum'], 9)

  @parameterized.parameters(
    ({}, _Painting()),
    ({'drying': 5, 'title': 'A'}, _Painting('A', _Oil(days=5))),
    ({'medium': 'ink', 'flow': 2, 'size': 4}, _Painting('', _Ink(0.5, 2, 4))),
    ({'medium': 'half=3'}, _Painting('', _Mixed('half=3'))),
    ({'wood': 'ash'}, _Painting(frame=_Frame('ash'))),
    ({'ground': 'oil'}, _Painting(ground=_Oil())),
    # For a part that is not there.
    ({'medium': 'ink', 'drying': 9}, _Painting('', _Ink())),
  )
  def test_make(self, values: Any, expected: _Painting) -> None:
    self.assertEqual(parts.make(_Painting, values), expected)

  @parameterized.parameters(
    ({'hue': 1}, (), "the _painting has no setting 'hue'; take one of title, "),
    ({'gloss': 2.0}, (), 'gloss is 2.0; take a number from 0.0 to 1.0'),
    ({'drying': 0}, (), 'drying is 0; take a whole number from 1 to 9'),
    ({'ground': 'ink'}, (), "ground is 'ink'; take one of oil"),
    ({'medium': 3}, (), 'medium is 3; give it as text'),
    (
      {'medium': 'ink', 'drying': 5},
      ('drying',),
      "drying does nothing, because medium is 'ink'; leave it out, or take"
      ' --medium=oil',
    ),
    (
      {'medium': 'half=3', 'gloss': 0.1},
      ('gloss',),
      "gloss does nothing, because medium is 'half=3'; leave it out, or take"
      ' --medium=oil or ink',
    ),
    (
      {'medium': 'ink', 'size': 3},
      ('size',),
      'size does nothing, because flow is 0; leave it out, or take --flow above'
      ' 0',
    ),
  )
  def test_refused(self, values: Any, chosen: Any, message: str) -> None:
    with self.assertRaises(ValueError) as caught:
      parts.make(_Painting, values, chosen)
    self.assertStartsWith(str(caught.exception), message)

  def test_what_is_as_by_default_does_no_harm(self) -> None:
    values = {'medium': 'ink', 'drying': 3}
    parts.make(_Painting, values, ('drying',))

  def test_part_of_another_kind(self) -> None:
    with self.assertRaisesRegex(
      ValueError, '^paint is .*Frame.*; take one of _Oil, _Ink, _Mixed$'
    ):
      _Painting(paint=_Frame())  # type: ignore[arg-type]

  def test_flat(self) -> None:
    values = {'medium': 'ink', 'flow': 2}
    flat = parts.flat(parts.make(_Painting, values))
    self.assertEqual(
      flat,
      {
        **{'title': '', 'medium': 'ink', 'gloss': 0.5, 'drying': 3, 'flow': 2},
        **{'size': 2, 'wood': 'oak', 'ground': None},
      },
    )
    self.assertEqual(parts.flat(_Painting('', _Mixed('a')))['medium'], 'a')

  def test_replace(self) -> None:
    painting = parts.make(_Painting, {'gloss': 0.1, 'wood': 'ash'})
    self.assertEqual(
      parts.replace(painting, medium='ink', title='B'),
      _Painting('B', _Ink(0.1), _Frame('ash')),
    )

  def test_open_part(self) -> None:
    @dataclasses.dataclass(frozen=True)
    class Sketch(parts.OpenPart):
      """A drawing."""

      program: ClassVar[str] = 'sketch'

      paint: _Paint = parts.one_of(
        'oil', {'chalk': _Chalk, 'oil': _Oil}, 'what with'
      )
      width: int = fields.number(2, 1, 9, 'of a line')

    settings = {each.name: each for each in parts.settings(Sketch)}
    for name, shown in (('paint', 'oil'), ('width', 2), ('grain', 5)):
      self.assertIsNone(settings[name].default)
      self.assertEqual(settings[name].metadata['shown'], shown)
    self.assertIsNone(parts.flat(Sketch())['grain'])
    self.assertEqual(
      command_line.command(Sketch()), 'sketch --paint=oil --width=2'
    )
    with self.assertRaisesRegex(ValueError, "grain does nothing, .* is 'oil'"):
      parts.make(Sketch, {'grain': 5}, chosen=('grain',))

  def test_command(self) -> None:
    painting = _Painting('a b', _Ink(flow=2), _Frame('ash'))
    self.assertEqual(
      command_line.command(painting),
      "paint '--title=a b' --medium=ink --flow=2 --wood=ash",
    )


if __name__ == '__main__':
  absltest.main()
