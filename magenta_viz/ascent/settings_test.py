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
from typing import Any, Dict, Mapping, Optional, Tuple, Union

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.ascent import preset as preset_lib
from magenta_viz.ascent import presets
from magenta_viz.ascent import settings


class HeededTest(parameterized.TestCase):
  @parameterized.parameters(
    (
      'deepdream',
      {'decay_power': 2.0},
      "decay_power does nothing, because parameterization is 'pixels'; leave it"
      ' out, or take --parameterization=fourier',
    ),
    (
      'lucid',
      {'min_span': 0.3},
      "min_span does nothing, because transforms is 'pad=12,0.5 shift=8"
      " zoom=0.9,1.1 rotate=10 shift=4'; leave it out, or take"
      ' --transforms=views',
    ),
    (
      'default',
      {'progress': 3.0},
      "progress does nothing, because optimizer is 'adam'; leave it out, or"
      ' take --optimizer=progress or progress01',
    ),
    (
      'default',
      {'facet_layer': 'inception_4c/output'},
      'facet_layer does nothing, because facet is 0.0; leave it out, or take'
      ' --facet above 0',
    ),
    (
      'default',
      {'coarse_size': 128, 'coarse_share': 0},
      'coarse_size does nothing, because coarse_share is 0; leave it out, or'
      ' take --coarse_share above 0',
    ),
    (
      'lucid',
      {'coarse_size': 128},
      "coarse_size does nothing, because transforms is 'pad=12,0.5 shift=8"
      " zoom=0.9,1.1 rotate=10 shift=4'; leave it out, or take"
      ' --transforms=views',
    ),
    (
      'default',
      {'cover': 0.35, 'transforms': 'roll=8'},
      "cover does nothing, because transforms is 'roll=8'; leave it out, or"
      ' take --transforms=views',
    ),
    (
      'default',
      {'detail': 0.1, 'sweeps': 0},
      'detail does nothing, because sweeps is 0; leave it out, or take --sweeps'
      ' above 0',
    ),
    (
      'lucid',
      {'octave_scale': 1.3},
      'octave_scale does nothing, because octaves is 1; leave it out, or take'
      ' --octaves above 1',
    ),
    (
      'lucid',
      {'zoom_order': 3},
      'zoom_order does nothing, because octaves is 1; leave it out, or take'
      ' --octaves or --start_scale above 1',
    ),
    (
      'lucid',
      {'carry': 'detail'},
      'carry does nothing, because octaves is 1; leave it out, or take'
      ' --octaves or --start_scale above 1',
    ),
    (
      'deepdream',
      {'start_scale': 2.0},
      "start_scale does nothing, because carry is 'detail'; leave it out, or"
      ' take --carry=picture',
    ),
    (
      'maco',
      {'initial_deviation': 0.5},
      "initial_deviation does nothing, because parameterization is 'maco';"
      ' leave it out, or take --parameterization=fourier or pixels or pyramid',
    ),
  )
  def test_what_does_nothing(
    self, name: str, overrides: Dict[str, Any], message: str
  ) -> None:
    with self.assertRaises(ValueError) as caught:
      presets.find_preset(name).plan({}, overrides)
    self.assertEqual(str(caught.exception), message)

  @parameterized.parameters(
    ('deepdream', {'decay_power': 2.0, 'parameterization': 'fourier'}),
    ('default', {'decay_power': 2.0, 'min_span': 0.3, 'chroma': 0.5}),
    ('yosinski_a', {'progress': 3.0}),
    ('yosinski_a', {'decay_power': 1.2}),
    ('default', {'facet_layer': 'inception_4c/output', 'facet': 1}),
    ('default', {'coarse_size': 128}),
    ('lucid', {'zoom_order': 3, 'start_scale': 2.0}),
    ('deepdream', {'octave_scale': 1.3, 'zoom_order': 3}),
  )
  def test_what_counts_or_is_as_by_default(
    self, name: str, overrides: Dict[str, Any]
  ) -> None:
    recipe = _first(presets.find_preset(name), overrides)
    for key, value in overrides.items():
      self.assertEqual(getattr(recipe, key), value)

  def test_what_depends_on_a_choice_to_come(self) -> None:
    @dataclasses.dataclass(frozen=True)
    class Settings:
      kind: Optional[str] = settings.choice(None, ('a', 'b'), 'a kind')
      size: Optional[int] = settings.number(
        None, 1, 9, 'of a', settings.When(('kind',), ('a',))
      )

    settings.check_heeded(Settings(size=1), {'size': 1})
    settings.check_heeded(Settings('a', 1), {'kind': 'a', 'size': 1})
    with self.assertRaisesRegex(ValueError, "size does nothing, .* is 'b'"):
      settings.check_heeded(Settings('b', 1), {'kind': 'b', 'size': 1})


class SettleTest(parameterized.TestCase):
  @dataclasses.dataclass(frozen=True)
  class Settings:
    folder: Optional[str] = settings.path(None, 'a folder')
    ids: Tuple[int, ...] = ()
    size: Optional[Tuple[int, int]] = settings.number(None, 64, 999, 'a size')
    names: Tuple[str, ...] = ('a',)
    count: int = settings.number(1, 1, 9, 'a count')
    share: float = 0.5
    is_new: bool = False
    others: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
      settings.settle(self)

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
      'gs://bucket/a',
      "folder is 'gs://bucket/a', an address; take a path on this machine, with"
      ' ./ before it if it is one',
    ),
    ('folder', pathlib.Path('gs://bucket/a'), "folder is 'gs:/bucket/a', an "),
    ('folder', 'file:///a', "folder is 'file:///a', an address"),
    ('folder', 'S3A://b', "folder is 'S3A://b', an address"),
    ('ids', None, 'ids is None; give a tuple'),
    ('ids', 'all', "ids is 'all'; take a whole number"),
    ('ids', (1, 2.0), 'ids is 2.0; take a whole number'),
    ('ids', True, 'ids is True; take a whole number'),
    ('ids', {3}, 'ids is {3}; give a tuple'),
    ('size', (64,), 'size is (64,); give one, or a tuple of 2'),
    ('size', 63, 'size is 63; take a whole number from 64 to 999'),
    ('size', '96', 'size is 96; take a whole number from 64 to 999'),
    ('size', (64, 96.5), 'size is 96.5; take a whole number from 64 to 999'),
    ('names', ('a', 1), 'names is 1; give it as text'),
    ('count', '5', 'count is 5; take a whole number from 1 to 9'),
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
    settings.check('it', value, kind, metadata)

  @parameterized.parameters(
    (None, int, {'minimum': 1, 'maximum': 9}, 'it is None; take a whole num'),
    (10, Optional[int], {'minimum': 1, 'maximum': 9}, 'it is 10; take a whole'),
    (1.5, Optional[int], {'minimum': 1, 'maximum': 9}, 'it is 1.5; take a wh'),
    ('5', Optional[int], {'minimum': 1, 'maximum': 9}, 'it is 5; take a whole'),
    ('5', Optional[float], {'minimum': 1, 'maximum': 9}, 'it is 5; take a num'),
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
    (None, str, {'choices': ('a', 'b')}, "it is 'None'; take one of a, b"),
    (None, str, {}, 'it is None; give it as text'),
    (1, Optional[str], {}, 'it is 1; give it as text'),
    (1, Optional[bool], {}, 'it is 1; take True or False'),
    (None, bool, {}, 'it is None; take True or False'),
    ('3..0', Union[float, str], {'minimum': 1, 'maximum': 9}, 'it is 3..0; ta'),
  )
  def test_refused(
    self, value: Any, kind: Any, metadata: Any, message: str
  ) -> None:
    with self.assertRaises(ValueError) as caught:
      settings.check('it', value, kind, metadata)
    self.assertStartsWith(str(caught.exception), message)


class ColourTest(parameterized.TestCase):
  def test_colour(self) -> None:
    self.assertEqual(settings.parse_colour('10, 90.5,255'), (10, 90.5, 255))

  @parameterized.parameters(
    '', 'red', '1,2', '1,2,3,4', '1,2,256', '-1,2,3', 'nan,1,2'
  )
  def test_no_colour(self, text: str) -> None:
    with self.assertRaisesRegex(
      ValueError,
      f"^init is '{text}'; take grey, mean, tint, clouds, or a colour as R,G,B",
    ):
      settings.parse_colour(text)


def _first(preset: preset_lib.Preset, overrides: Dict[str, Any]) -> Any:
  """Returns the recipe of the first octave."""
  return preset.plan({}, overrides)[0]


if __name__ == '__main__':
  absltest.main()
