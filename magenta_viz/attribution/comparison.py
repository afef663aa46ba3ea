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

"""How good the maps of several methods are, beside one another."""

from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Tuple

import numpy as np

# Characters of a column of the table.
_WIDTH = 22


class Mean(NamedTuple):
  """The mean scores of a method's maps, as of `causal_scores`.

  Attributes:
    method: Its name.
    deletion: The lower the better.
    insertion: The higher the better.
    num_photographs: Of how many it is the mean.
  """

  method: str
  deletion: float
  insertion: float
  num_photographs: int


def means(records: Iterable[Mapping[str, Any]]) -> List[Mean]:
  """Returns the mean scores of each method, in the order of the first records.

  Args:
    records: Of maps; those without scores do not count.
  """
  scores: Dict[str, List[Tuple[float, float]]] = {}
  for record in records:
    if 'insertion' in record:
      of_method = scores.setdefault(record['settings']['method'], [])
      of_method.append((record['deletion'], record['insertion']))
  return [
    Mean(
      method,
      float(np.mean([deletion for deletion, _ in pairs])),
      float(np.mean([insertion for _, insertion in pairs])),
      len(pairs),
    )
    for method, pairs in scores.items()
  ]


def table(of_methods: Iterable[Mean]) -> List[str]:
  """Returns mean scores as lines for a terminal; none of no scores."""
  rows = [
    (
      mean.method,
      f'{mean.deletion:.3f}',
      f'{mean.insertion:.3f}',
      f'{mean.num_photographs}',
    )
    for mean in of_methods
  ]
  if not rows:
    return []
  heading = ('method', 'deletion (low)', 'insertion (high)', 'photographs')
  return [
    ''.join(f'{cell:{_WIDTH}}' for cell in row).rstrip()
    for row in (heading, *rows)
  ]
