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

"""Pictures by presets of a tiny network, for tests to compare with others."""

from typing import Any, Callable, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from magenta_viz.ascent import ascend
from magenta_viz.ascent import drawing
from magenta_viz.ascent import presets
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent.objectives import objectives
from magenta_viz.testing import tiny_network

# Of the two pictures of a batch.
SEEDS = (7, 8)
CLASSES = (tiny_network.STRONG, tiny_network.WEAK)


class Expected(NamedTuple):
  """One picture, as a reference draws it.

  Attributes:
    result: [height, width, 3] array in [0, 1].
    after: Likewise, after each step; as many as are known.
    scores: Before each step; none if they are not known.
  """

  result: np.ndarray
  after: Sequence[np.ndarray] = ()
  scores: Sequence[float] = ()


class Found(NamedTuple):
  """A batch as it was drawn, and its images after each step."""

  drawn: drawing.Drawn
  after: List[np.ndarray]

  def assert_equal(
    self, expected: Sequence[Expected], atol: float = 1e-5
  ) -> None:
    """Raises AssertionError where the batch is not as a reference has it."""
    assert self.drawn.images.dtype == np.float32
    for index, each in enumerate(expected):
      result = self.drawn.images[index]
      np.testing.assert_allclose(result, each.result, atol=atol, rtol=0)
      assert len(self.after) >= len(each.after)
      for images, picture in zip(self.after, each.after):
        np.testing.assert_allclose(images[index], picture, atol=atol, rtol=0)
      scores = self.drawn.scores[: len(each.scores), index]
      reach = np.abs(each.scores).max(initial=0)
      np.testing.assert_allclose(scores, each.scores, atol=1e-5 * reach, rtol=0)


def class_logit(recipe: recipe_lib.Recipe) -> objectives.Objective:
  """Returns what raises the class of each picture."""
  return objectives.ClassLogit(head=recipe.objective.head)


def draw(
  name: str,
  size: Tuple[int, int],
  view_size: int = 224,
  *,
  class_ids: Sequence[int] = CLASSES,
  seeds: Sequence[int] = SEEDS,
  photo: Optional[np.ndarray] = None,
  network: ascend.Network = tiny_network.network,
  raised: Callable[[recipe_lib.Recipe], objectives.Objective] = class_logit,
  **overrides: Any,
) -> Found:
  """Draws two pictures by a preset.

  Args:
    name: Of the preset.
    size: Height and width, in pixels.
    view_size: That the network was trained at.
    class_ids: One a picture.
    seeds: Likewise.
    photo: To start from.
    network: What sees them.
    raised: From the recipe of an octave to its objective.
    **overrides: Of the recipe.
  """
  recipes = presets.find_preset(name).plan({}, overrides)
  raises = [raised(recipe) for recipe in recipes]
  after: List[np.ndarray] = []
  drawn = drawing.Drawing(network, view_size, recipes, raises, size).run(
    np.array(class_ids, np.int32),
    [np.random.default_rng(seed) for seed in seeds],
    photo,
    lambda index, scores, images: after.append(images()),
  )
  return Found(drawn, after)
