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

"""Tests for picture_statistics."""

import json
import math
from typing import Any, Mapping

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.models import picture_statistics

_GREY = picture_statistics.PictureStatistics(
  colour=(0.2, 0.2, 0.2),
  covariance=((6.0,) * 3, (6.0,) * 3, (6.0,) * 3),
  slope=-4.0,
)
# As much brightness as each of two contrasts.
_COLOURFUL = picture_statistics.PictureStatistics(
  colour=(0.5, 0.4, 0.6),
  covariance=((0.5, 0.0, 0.0), (0.0, 0.5, 0.0), (0.0, 0.0, 0.5)),
  slope=-3.0,
)


def _with(**others: Any) -> Mapping[str, Any]:
  return {**_GREY.record(), **others}


class RecipeTest(parameterized.TestCase):
  def test_grey_pictures_are_drawn_grey(self) -> None:
    recipe = _GREY.recipe()
    self.assertEqual(recipe['chroma'], 0)
    self.assertEqual(recipe['init'], '51.0,51.0,51.0')
    # 0.6 more than the square root of the power's 4.
    self.assertEqual(recipe['decay_power'], 2.6)

  def test_colours_are_those_of_the_pictures(self) -> None:
    recipe = _COLOURFUL.recipe()
    self.assertEqual(recipe['init'], '127.5,102.0,153.0')
    self.assertEqual(recipe['decay_power'], 2.1)
    # Two variances of 1, of contrasts 0.276 and 0.133 long against 1.
    self.assertAlmostEqual(
      recipe['chroma'], math.sqrt(2 / (0.276**2 + 0.133**2)), delta=0.02
    )


class RecordTest(parameterized.TestCase):
  def test_there_and_back(self) -> None:
    record = json.loads(json.dumps(_COLOURFUL.record()))
    self.assertTrue(picture_statistics.is_record(record))
    self.assertEqual(picture_statistics.from_record(record), _COLOURFUL)
    self.assertTrue(picture_statistics.is_record(None))
    self.assertIsNone(picture_statistics.from_record(None))

  @parameterized.parameters(
    ([],),
    ('grey',),
    ({},),
    (_with(colour=[0.1, 0.2]),),
    (_with(colour=[0.1, 0.2, 1.1]),),
    (_with(colour=[0.1, 0.2, True]),),
    (_with(colour=0.1),),
    (_with(covariance=[[1, 0, 0], [0, 1, 0]]),),
    (_with(covariance=[[1, 0, 0], [0, 1, 0], [0, 0, float('nan')]]),),
    (_with(covariance=[[1, 0, 0], [0, 1, 0], [0, 0, 1e9]]),),
    (_with(covariance=[1, 0, 0]),),
    (_with(slope='steep'),),
    (_with(slope=-1e9),),
    ({name: _with()[name] for name in ('colour', 'covariance')},),
  )
  def test_what_a_stranger_may_write(self, record: Any) -> None:
    self.assertFalse(picture_statistics.is_record(record))


if __name__ == '__main__':
  absltest.main()
