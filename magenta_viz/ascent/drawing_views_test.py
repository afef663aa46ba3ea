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

"""Tests that objectives of whole pictures get whole pictures."""

from typing import Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.ascent import drawing
from magenta_viz.ascent import presets
from magenta_viz.ascent.objectives import features as feature_objectives
from magenta_viz.ascent.objectives import objectives
from magenta_viz.testing import tiny_network

_CONTENT = feature_objectives.Content('conv', np.ones((3, 4, 5), np.float32))
_DIVERSITY = objectives.Diversity('conv')


def _draw(
  objective: objectives.Objective, transforms: str, size: Tuple[int, int]
) -> drawing.Drawing:
  overrides = {'transforms': transforms, 'num_steps': 1}
  recipes = presets.find_preset('default').plan({}, overrides)
  return drawing.Drawing(tiny_network.network, 32, recipes, [objective], size)


class ViewsTest(parameterized.TestCase):
  @parameterized.parameters(
    (_CONTENT, 'views', (40, 48)),
    (0.5 * _CONTENT + objectives.ClassLogit(0), 'views', (40, 48)),
    (_CONTENT, 'crops=3,0.5,0.05,0.1', (40, 48)),
    (_DIVERSITY, 'roll=8 tiles=32,16', (40, 48)),
    # What is larger is cut into tiles.
    (_DIVERSITY, 'roll=8', (1024, 1025)),
  )
  def test_parts(
    self,
    objective: objectives.Objective,
    transforms: str,
    size: Tuple[int, int],
  ) -> None:
    with self.assertRaisesRegex(
      ValueError,
      f"^transforms '{transforms}' show parts of a picture of {size[0]} x"
      f' {size[1]} pixels, but content: and diversity: compare whole ones;',
    ):
      _draw(objective, transforms, size)

  @parameterized.parameters(
    (_CONTENT, 'roll=8 noise=0.1', (40, 48)),
    (_CONTENT, '', (40, 48)),
    (_DIVERSITY, 'views', (40, 48)),
    (objectives.Layer('conv'), 'crops=3,0.5,0.05,0.1', (40, 48)),
  )
  def test_whole_or_of_no_matter(
    self,
    objective: objectives.Objective,
    transforms: str,
    size: Tuple[int, int],
  ) -> None:
    self.assertEqual(_draw(objective, transforms, size).num_steps, 1)

  def test_large_pictures_are_not_compared(self) -> None:
    with self.assertRaisesRegex(
      ValueError,
      '^a picture of 47 x 50 pixels gets its detail by itself, but diversity:'
      ' compares pictures; take --image_size=46$',
    ):
      _draw(_DIVERSITY, 'views', (47, 50))
    found = _draw(objectives.Layer('conv'), 'views', (47, 50))
    self.assertEqual(found.num_steps, 1 + 8)


class ProbabilityTest(absltest.TestCase):
  def test_is_the_softmax(self) -> None:
    images = np.random.default_rng(0).uniform(size=(2, 8, 6, 3))
    outputs = tiny_network.network(images.astype(np.float32))
    found = objectives.Probability(1).score(outputs, np.array([0, 0]))
    exponentials = np.exp(outputs.logits.numpy().astype(np.float64))
    expected = exponentials[:, 1] / exponentials.sum(axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-9)


if __name__ == '__main__':
  absltest.main()
