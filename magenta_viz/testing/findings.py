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

"""What judges found of pictures, for the tests of figures."""

from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np

from magenta_viz.evaluation import figures
from magenta_viz.evaluation import naturalness
from magenta_viz.evaluation import networks
from magenta_viz.evaluation import pictures
from magenta_viz.evaluation import report as report_lib

NETWORKS = (networks.Network('m', 'ab'), networks.Network('n', 'cd', 0.25))
RIGHT, UP = np.array([1.0, 0.0]), np.array([0.0, 1.0])
_GUESSES = (report_lib.Guess(3, 'ox', 0.5), report_lib.Guess(0, 'owl', 0.25))


def opinion(
  class_id: Optional[int], rank: Optional[int], **others: Any
) -> figures.Opinion:
  """Returns an opinion; the probability is 1 over the rank, if not given."""
  values: Dict[str, Any] = {
    'probability': None if rank is None else 1 / rank,
    'is_self': False,
    'guesses': _GUESSES,
    'features': RIGHT,
    'noise': 0.125,
    **others,
  }
  return figures.Opinion(class_id, rank, **values)


def finding(
  name: str,
  opinions: Sequence[Optional[figures.Opinion]],
  level: float = 0.5,
  **known: Any,
) -> figures.Finding:
  """Returns a finding, with opinions of the judges 'a', 'b', ..."""
  given = {key: each for key, each in zip('abc', opinions) if each is not None}
  subjects = [
    figures.Subject((key, each.class_id), each.class_id, f'{each.class_id}')
    for key, each in given.items()
    if each.class_id is not None
  ]
  return figures.Finding(
    pictures.Entry(Path(name), name, **{'likeness': name, **known}),
    subjects[0] if subjects else None,
    naturalness.Naturalness(level, None, level, level, level, level),
    given,
  )


def seen(
  ranks: Sequence[Tuple[Optional[int], Optional[int]]], **known: Any
) -> List[figures.Finding]:
  """Returns findings of one judge, of classes and ranks."""
  return [
    finding(f'{place}.png', [opinion(*each)], **known)
    for place, each in enumerate(ranks)
  ]


def report(
  findings: Sequence[figures.Finding], names: str = ''
) -> report_lib.Report:
  """Returns a report, of the first finding's judges if there are no others."""
  judges = [
    report_lib.Judge(name, 'squeezenet', 'somewhere', 'ab', 4)
    for name in names or findings[0].opinions
  ]
  return figures.make('in', judges, findings, None, {'python': '3'})


def group(
  report: report_lib.Report, kind: str = 'all', name: str = 'all'
) -> report_lib.Group:
  """Returns a group of a report."""
  (group,) = [g for g in report.groups if (g.kind, g.name) == (kind, name)]
  return group


def judgement(group: report_lib.Group) -> report_lib.Judgement:
  """Returns what the judge 'a' says of a group."""
  said = group.judges['a']
  assert said is not None
  return said
