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

"""The settings of a class picture, as plain data."""

import dataclasses
from typing import Any, Dict, Mapping


def _setting(default: Any, minimum: float, maximum: float, text: str) -> Any:
  """Returns a field with its range and what `--help` says of it."""
  metadata = {'minimum': minimum, 'maximum': maximum, 'help': text}
  return dataclasses.field(default=default, metadata=metadata)


@dataclasses.dataclass(frozen=True)
class Recipe:
  """How to draw: what is neither about which picture, nor the machine.

  The numbers are the package's own, measured with GoogLeNet on 24 classes
  (docs/recipe.md). A network may want others: `ModelSpec.recipe`.

  Raises:
    ValueError: If a setting is out of its range.
  """

  num_steps: int = _setting(256, 1, 100_000, 'steps of gradient ascent')
  learning_rate: float = _setting(
    0.035, 1e-6, 10.0, 'step of the parameters (Adam), before it falls'
  )
  steady_share: float = _setting(
    2 / 3,
    0.0,
    1.0,
    'share of the steps after which the learning rate falls in a straight'
    ' line to 0',
  )
  decay_power: float = _setting(
    1.2,
    0.0,
    4.0,
    'how steeply fine detail is held back: waves of k cycles a picture are'
    ' weighted with k^-decay_power',
  )
  contrast: float = _setting(
    0.7, 1e-3, 10.0, 'factor of the picture before the sigmoid'
  )
  chroma: float = _setting(
    1.0, 0.0, 10.0, 'factor of the colours, against those of photographs'
  )
  initial_deviation: float = _setting(
    0.01, 0.0, 10.0, 'standard deviation of the parameters at the start'
  )
  min_span: float = _setting(
    0.64, 0.05, 4.0, "least share of the picture's shorter side in a view"
  )
  max_span: float = _setting(
    1.17, 0.05, 4.0, "largest share of the picture's shorter side in a view"
  )
  rotation: float = _setting(
    15.0, 0.0, 180.0, 'largest angle of a view either way, in degrees'
  )
  shift: float = _setting(
    0.06, 0.0, 1.0, 'largest shift of a view either way, in picture sides'
  )
  noise: float = _setting(
    0.0, 0.0, 1.0, 'standard deviation of the noise in a view'
  )
  coarse_share: float = _setting(
    0.5, 0.0, 1.0, 'share of the steps, from the first, with coarse views'
  )
  coarse_size: int = _setting(
    160, 64, 1024, 'height and width of a coarse view, in pixels'
  )
  base_size: int = _setting(
    320, 64, 4096, 'shorter side at which larger pictures are begun, in pixels'
  )
  close_share: float = _setting(
    0.6, 0.0, 1.0, 'share of the steps after which larger pictures get detail'
  )

  def __post_init__(self) -> None:
    """Checks the ranges."""
    for field in dataclasses.fields(self):
      value = getattr(self, field.name)
      low, high = field.metadata['minimum'], field.metadata['maximum']
      kinds = (int,) if field.type is int else (int, float)
      if not isinstance(value, kinds) or not low <= value <= high:
        kind = 'whole number' if field.type is int else 'number'
        raise ValueError(
          f'{field.name} is {value}; take a {kind} from {low} to {high}'
        )
    if self.min_span > self.max_span:
      raise ValueError(
        f'min_span is {self.min_span} and max_span {self.max_span}; take a'
        ' smaller min_span or a larger max_span'
      )

  @classmethod
  def of(cls, *settings: Mapping[str, Any]) -> 'Recipe':
    """Returns the default recipe with other settings, later ones last.

    Raises:
      ValueError: If there is no such setting, or it is out of its range.
    """
    known = [field.name for field in dataclasses.fields(cls)]
    values: Dict[str, Any] = {}
    for each in settings:
      values.update(each)
    for name in values:
      if name not in known:
        raise ValueError(
          f"the recipe has no setting '{name}'; take one of {', '.join(known)}"
        )
    return cls(**values)
