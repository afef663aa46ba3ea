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

"""What a named recipe is; `presets` has them."""

import dataclasses
from typing import Any, List, Mapping, Tuple

from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.models import model_spec
from magenta_viz.settings import parts

# The package's own.
DEFAULT = 'default'


@dataclasses.dataclass(frozen=True)
class Preset:
  """A recipe with a name.

  Attributes:
    name: As given to `--preset`.
    summary: What it does, in one line.
    source: Where its numbers are from.
    settings: By their names in `recipe.Recipe`, where they differ from its own.
    features: Likewise, where what is raised is no class, but channels, layers
      and the like.
    variations: Likewise, of several pictures of one class.
    octaves: What differs from `settings` in each octave, over and over.
    image_size: Height and width of its pictures, in pixels, without a
      photograph.
    least_side: The least height and width of its pictures, in pixels, for a
      network of the usual size.
  """

  name: str
  summary: str
  source: str
  settings: Mapping[str, Any]
  features: Mapping[str, Any] = dataclasses.field(default_factory=dict)
  variations: Mapping[str, Any] = dataclasses.field(default_factory=dict)
  octaves: Tuple[Mapping[str, Any], ...] = ({},)
  image_size: Tuple[int, int] = (224, 224)
  least_side: int = model_spec.MIN_SIZE

  @property
  def objectives(self) -> Tuple[str, ...]:
    """What it raises by itself; nothing where that is up to the user."""
    found = [
      {**self.settings, **each}.get('objective') for each in self.octaves
    ]
    return tuple(text for text in found if text)

  def default_size(self, view_size: int) -> Tuple[int, int]:
    """Returns the size of pictures where nothing else says it, in pixels.

    Args:
      view_size: Height and width that the network was trained at, in pixels.
    """
    height, width = self.image_size
    if view_size == model_spec.USUAL_SIZE:
      return height, width

    def scaled(side: int) -> int:
      eighths = round(side * view_size / model_spec.USUAL_SIZE / 8)
      return max(model_spec.MIN_SIZE, 8 * eighths)

    return scaled(height), scaled(width)

  def plan(
    self,
    network_settings: Mapping[str, Any],
    overrides: Mapping[str, Any],
    is_feature: bool = False,
    num_variations: int = 1,
  ) -> List[recipe_lib.Recipe]:
    """Returns the recipe of each octave.

    Args:
      network_settings: What the network wants otherwise than the package's own
        recipe; of no concern to the recipes of others.
      overrides: What the user wants otherwise, in all octaves.
      is_feature: Whether what is raised is no class.
      num_variations: Pictures of each class.

    Raises:
      ValueError: If there is no such setting, or it is out of its range.
    """
    if self.name != DEFAULT:
      network_settings = {}
    settings = dict(self.settings)
    if is_feature:
      settings.update(self.features)
    elif num_variations > 1:
      settings.update({**self.variations, **network_settings})
    base = parts.make(
      recipe_lib.Recipe,
      {**network_settings, **settings, **overrides},
      chosen=overrides,
    )
    return [
      recipe_lib.Recipe.of(
        network_settings,
        settings,
        self.octaves[octave % len(self.octaves)],
        overrides,
      )
      for octave in range(base.octaves.count)
    ]
