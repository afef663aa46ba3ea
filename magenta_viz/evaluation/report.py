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

"""What judges say of pictures, in figures: of each, and of groups of them."""

import dataclasses
from typing import Any, Dict, List, Mapping, Optional, Tuple

from magenta_viz.evaluation import naturalness
from magenta_viz.evaluation import rates

# Preset and networks of pictures without a record.
UNKNOWN = 'none'

# Field names that JSON has otherwise: Python has a meaning for 'self'.
_JSON_NAMES = {'own': 'self'}


@dataclasses.dataclass(frozen=True)
class Judge:
  """A network that judged, as the report has it.

  Attributes:
    name: What it is called here.
    model: Its name in `model_spec`.
    weights: Where they are from.
    weights_sha256: In hexadecimal.
    num_classes: That it tells apart.
    num_own: Pictures that it had a part in.
    sees_own: Whether it was shown them.
  """

  name: str
  model: str
  weights: str
  weights_sha256: str
  num_classes: int
  num_own: int = 0
  sees_own: bool = False

  @property
  def note(self) -> Optional[str]:
    """What is to be known of its predictions, after its name; None: nothing."""
    if not self.num_own:
      return None
    one = self.num_own == 1
    part = f'had a part in {self.num_own} picture{"" if one else "s"}'
    if self.sees_own:
      return f'{part}: of {"it" if one else "them"} its word proves little'
    return f'{part}, and was not shown {"it" if one else "them"}'


@dataclasses.dataclass(frozen=True)
class Ranks:
  """Places of the pictures' classes, from 1: their mean, median and worst."""

  mean: float
  median: float
  worst: int


@dataclasses.dataclass(frozen=True)
class Recognition:
  """How often a network names the classes of pictures.

  Of several pictures of a class, the mean is one value: `Rate.count` is classes
  and the intervals are over classes.

  Attributes:
    first: Share of the pictures whose class is the first guess.
    first_five: Share of those whose class is among the first five.
    probability: Mean probability of the pictures' classes.
  """

  first: rates.Rate
  first_five: rates.Rate
  probability: rates.Rate


@dataclasses.dataclass(frozen=True)
class JudgeSummary(Recognition):
  """What a judge says of a group of pictures.

  Attributes:
    num_pictures: Of how many: those of classes that it knows, less those that
      it was not shown.
    is_self: Whether the judge had a part in some of them.
    rank: Over the pictures, not the classes.
    diversity: Mean distance of the pictures of a class that differ by their
      seed alone, a value a class; None where there are none.
    noise: As `diversity`, of two noisy copies of each of these pictures.
  """

  num_pictures: int
  is_self: bool
  rank: Ranks
  diversity: Optional[rates.Rate]
  noise: Optional[rates.Rate]


@dataclasses.dataclass(frozen=True)
class Group:
  """Figures of all pictures, of those of a preset, or of some networks.

  Attributes:
    kind: 'all', 'preset' or 'drawn_by', for which networks drew them.
    name: 'all', or of the preset, or `Picture.drawn_by`; `UNKNOWN` without a
      record.
    num_pictures: How many there are.
    num_classes: Number of classes that they show.
    num_without_class: Pictures of no class, which the judges' figures leave
      out.
    judges: By the judges' names; None where there is no picture of a class
      for one to judge.
    own: What the networks that drew them said of their own pictures, by the
      records, of several the least sure one; None where none said anything.
    naturalness: Figures of all pictures of the group.
    seconds: Mean seconds to draw a picture, over pictures; None if unknown.
  """

  kind: str
  name: str
  num_pictures: int
  num_classes: int
  num_without_class: int
  judges: Dict[str, Optional[JudgeSummary]]
  own: Optional[Recognition]
  naturalness: naturalness.Summary
  seconds: Optional[rates.Rate]


@dataclasses.dataclass(frozen=True)
class Report:
  """What an evaluation found.

  Attributes:
    input_dir: Folder of the pictures.
    judges: The networks that judged.
    groups: All pictures; then, if there are records, those of each preset and
      of each set of networks that drew.
    photographs: Naturalness of photographs; None if there were none to measure.
    pictures: All pictures, in the plain types of JSON: the best first, by the
      mean of the judges' ranks, then of their probabilities; those of no class,
      or that no judge was shown, last. None is what a judge that was not shown
      a picture says of it.
    versions: Of the package and of what the figures depend on.
  """

  input_dir: str
  judges: Tuple[Judge, ...]
  groups: Tuple[Group, ...]
  photographs: Optional[naturalness.Summary]
  pictures: Tuple[Dict[str, Any], ...]
  versions: Mapping[str, str]

  def as_json(self) -> Dict[str, Any]:
    """Returns the report in plain types; what the records say is 'self'."""
    return dataclasses.asdict(self, dict_factory=_renamed)


def _renamed(items: List[Tuple[str, Any]]) -> Dict[str, Any]:
  return {_JSON_NAMES.get(name, name): value for name, value in items}
