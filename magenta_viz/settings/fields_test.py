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

"""Tests for settings."""

import dataclasses
import pathlib
from typing import Any, Mapping, Optional, Tuple, Union

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.settings import fields


class HeededTest(absltest.TestCase):
  def test_what_depends_on_a_choice_to_come(self) -> None:
    @dataclasses.dataclass(frozen=True)
    class Settings:
      kind: Optional[str] = fields.choice(None, ('a', 'b'), 'a kind')
      size: Optional[int] = fields.number(
        None, 1, 9, 'of a', fields.When(('kind',), ('a',))
      )

    fields.check_heeded(Settings(size=1), {'size': 1})
    fields.check_heeded(Settings('a', 1), {'kind': 'a', 'size': 1})
    with self.assertRaisesRegex(ValueError, "size does nothing, .* is 'b'"):
      fields.check_heeded(Settings('b', 1), {'kind': 'b', 'size': 1})


class SeveralTest(parameterized.TestCase):
  @dataclasses.dataclass(frozen=True)
  class _Settings:
    kinds: str = fields.choices('a', ('a', 'b', 'c'), 'kinds')
    is_on: bool = fields.switch(False, 'on')
    size: int = fields.number(1, 1, 9, 'of b', fields.When(('kinds',), ('b',)))
    depth: int = fields.number(1, 1, 9, 'of on', fields.When(('is_on',)))

    def __post_init__(self) -> None:
      fields.settle(self)
      fields.check_heeded(self, vars(self))

  def test_one_or_several(self) -> None:
    self.assertEqual(self._Settings(kinds='c,b', size=3).kinds, 'c,b')
    self.assertEqual(fields.split('c,b,c'), ('c', 'b'))
    self.assertEqual(self._Settings(is_on=True, depth=2).depth, 2)

  @parameterized.parameters(
    ({'kinds': 'a,x'}, "^kinds is 'x'; take one of a, b, c$"),
    ({'kinds': 'a,'}, "^kinds is ''; take one of a, b, c$"),
    ({'kinds': 3}, "^kinds is '3'; take one of a, b, c$"),
    (
      {'kinds': 'a,c', 'size': 2},
      "^size does nothing, because kinds is 'a,c'; leave it out, or take"
      ' --kinds=b$',
    ),
    (
      {'depth': 2},
      '^depth does nothing, because is_on is False; leave it out, or take'
      ' --is_on$',
    ),
  )
  def test_refuses(self, settings: Any, message: str) -> None:
    with self.assertRaisesRegex(ValueError, message):
      self._Settings(**settings)


class SettleTest(parameterized.TestCase):
  @dataclasses.dataclass(frozen=True)
  class Settings:
    folder: Optional[str] = fields.path(None, 'a folder')
    here: Optional[str] = fields.path(None, 'a folder', is_here=True)
    ids: Tuple[int, ...] = ()
    size: Optional[Tuple[int, int]] = fields.number(None, 64, 999, 'a size')
    names: Tuple[str, ...] = ('a',)
    count: int = fields.number(1, 1, 9, 'a count')
    share: float = 0.5
    is_new: bool = False
    others: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
      fields.settle(self)

  @parameterized.parameters(
    ('folder', pathlib.Path('a/b'), 'a/b'),
    ('folder', 'C:/a', 'C:/a'),
    ('folder', './gs://a', './gs://a'),
    ('folder', 'a:b/c', 'a:b/c'),
    ('ids', 281, (281,)),
    ('ids', [281, 5], (281, 5)),
    ('ids', range(3), (0, 1, 2)),
    ('ids', np.arange(3), (0, 1, 2)),
    ('ids', np.int64(7), (7,)),
    ('size', 96, (96, 96)),
    ('size', [64, 96], (64, 96)),
    ('size', None, None),
    ('names', 'abc', ('abc',)),
    ('names', [pathlib.Path('a')], ('a',)),
    ('count', np.uint8(9), 9),
    ('share', np.float32(0.25), 0.25),
    ('share', 1, 1),
    ('is_new', np.bool_(True), True),
    ('others', {'a': np.int64(1), 'b': pathlib.Path('c')}, {'a': 1, 'b': 'c'}),
  )
  def test_plain_types(self, name: str, value: Any, expected: Any) -> None:
    found = getattr(self.Settings(**{name: value}), name)
    self.assertEqual(found, expected)
    # As JSON takes them, which takes no NumPy.
    self.assertEqual(repr(found), repr(expected))

  @parameterized.parameters(
    ('folder', 3, 'folder is 3; give it as text'),
    ('folder', b'a', "folder is b'a'; give it as text"),
    ('folder', '', 'folder is empty; give it a value, or leave it out'),
    (
      'folder',
      'file:///a',
      "folder is 'file:///a', an address; take a path on this machine, with"
      ' ./ before it if it is one',
    ),
    ('folder', pathlib.Path('no://bucket/a'), "folder is 'no:/bucket/a', "),
    ('folder', 'zip::S3A://b', "folder is 'zip::S3A://b', "),
    ('here', 's3://b', "here is 's3://b', an address; take a path on this"),
    ('ids', None, 'ids is None; give one, or a tuple'),
    ('ids', 'all', "ids is 'all'; take a whole number"),
    ('ids', (1, 2.0), 'ids is 2.0; take a whole number'),
    ('ids', True, 'ids is True; take a whole number'),
    ('ids', {3}, 'ids is {3}; give one, or a tuple'),
    ('size', (64,), 'size is (64,); give one, or a tuple of 2'),
    ('size', 63, 'size is 63; take a whole number from 64 to 999'),
    ('size', '96', "size is '96'; take a whole number from 64 to 999"),
    ('size', (64, 96.5), 'size is 96.5; take a whole number from 64 to 999'),
    ('names', ('a', 1), 'names is 1; give it as text'),
    ('count', '5', "count is '5'; take a whole number from 1 to 9"),
    ('count', [5], 'count is (5,); take a whole number from 1 to 9'),
    ('share', '0.5', "share is '0.5'; take a number"),
    ('is_new', 1, 'is_new is 1; take True or False'),
    ('others', 5, 'others is 5; give names and their values'),
  )
  def test_refused(self, name: str, value: Any, message: str) -> None:
    with self.assertRaises(ValueError) as caught:
      self.Settings(**{name: value})
    self.assertStartsWith(str(caught.exception), message)


class CheckTest(parameterized.TestCase):
  @parameterized.parameters(
    (None, Optional[int], {'minimum': 1, 'maximum': 9}),
    (9, Optional[int], {'minimum': 1, 'maximum': 9}),
    (1, Optional[float], {'minimum': 1, 'maximum': 9}),
    (None, Optional[str], {'choices': ('a', 'b')}),
    ('b', Optional[str], {'choices': ('a', 'b')}),
    (None, Optional[str], {}),
    ('a', Optional[str], {}),
    (None, Optional[bool], {}),
    (False, Optional[bool], {}),
    (True, bool, {}),
    ('3..1', Union[float, str], {'minimum': 1, 'maximum': 9}),
  )
  def test_allowed(self, value: Any, kind: Any, metadata: Any) -> None:
    fields.check('it', value, kind, metadata)

  @parameterized.parameters(
    (None, int, {'minimum': 1, 'maximum': 9}, 'it is None; take a whole num'),
    (10, Optional[int], {'minimum': 1, 'maximum': 9}, 'it is 10; take a whole'),
    (1.5, Optional[int], {'minimum': 1, 'maximum': 9}, 'it is 1.5; take a wh'),
    ('5', Optional[int], {'minimum': 1, 'maximum': 9}, "it is '5'; take a wh"),
    ('5', Optional[float], {'minimum': 1, 'maximum': 9}, "it is '5'; take a n"),
    (True, Optional[float], {'minimum': 1, 'maximum': 9}, 'it is True; take a'),
    (
      float('nan'),
      Optional[float],
      {'minimum': 1, 'maximum': 9},
      'it is nan; take a number from 1 to 9',
    ),
    (
      'c',
      Optional[str],
      {'choices': ('a', 'b')},
      "it is 'c'; take one of a, b",
    ),
    (None, str, {'choices': ('a', 'b')}, 'it is None; take one of a, b'),
    (None, str, {}, 'it is None; give it as text'),
    (1, Optional[str], {}, 'it is 1; give it as text'),
    (1, Optional[bool], {}, 'it is 1; take True or False'),
    (None, bool, {}, 'it is None; take True or False'),
    ('3..0', Union[float, str], {'minimum': 1, 'maximum': 9}, "it is '3..0'; "),
  )
  def test_refused(
    self, value: Any, kind: Any, metadata: Any, message: str
  ) -> None:
    with self.assertRaises(ValueError) as caught:
      fields.check('it', value, kind, metadata)
    self.assertStartsWith(str(caught.exception), message)


class ColourTest(parameterized.TestCase):
  def test_colour(self) -> None:
    self.assertEqual(fields.parse_colour('10, 90.5,255'), (10, 90.5, 255))

  @parameterized.parameters(
    '', 'red', '1,2', '1,2,3,4', '1,2,256', '-1,2,3', 'nan,1,2'
  )
  def test_no_colour(self, text: str) -> None:
    with self.assertRaisesRegex(
      ValueError,
      f"^init is '{text}'; take grey, mean, tint, clouds, or a colour as R,G,B",
    ):
      fields.parse_colour(text)


if __name__ == '__main__':
  absltest.main()
