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

"""Makes a report of what judges said of pictures."""

import dataclasses
from typing import (
  Any,
  Callable,
  Dict,
  Hashable,
  Iterable,
  List,
  Mapping,
  Optional,
  Sequence,
  Tuple,
)

import numpy as np

from magenta_viz.evaluation import diversity
from magenta_viz.evaluation import naturalness
from magenta_viz.evaluation import pictures as pictures_lib
from magenta_viz.evaluation import predictions
from magenta_viz.evaluation import rates
from magenta_viz.evaluation import report

Prediction = predictions.Prediction

# Pictures that differ by their seed alone.
_Set = Tuple[pictures_lib.Picture, ...]


def make(
  input_dir: str,
  judges: Sequence[report.Judge],
  pictures: Sequence[pictures_lib.Picture],
  photographs: Optional[naturalness.Summary],
  versions: Mapping[str, str],
) -> report.Report:
  """Returns the report on some pictures.

  Args:
    input_dir: Folder of the pictures.
    judges: The networks that judged.
    pictures: One or more, measured and judged; the predictions have noise where
      `pictures.variations` has the picture.
    photographs: As in `report.Report`.
    versions: As in `report.Report`.
  """
  sets = pictures_lib.variations(pictures)
  return report.Report(
    input_dir,
    tuple(judges),
    tuple(
      _group(kind, name, members, sets, judges)
      for kind, name, members in _grouped(pictures)
    ),
    photographs,
    tuple(
      _as_json(picture, judges) for picture in sorted(pictures, key=_order)
    ),
    versions,
  )


def _grouped(
  pictures: Sequence[pictures_lib.Picture],
) -> List[Tuple[str, str, List[pictures_lib.Picture]]]:
  """Returns kind, name and pictures of each group."""
  groups = [('all', 'all', list(pictures))]
  if not any(picture.networks for picture in pictures):
    return groups
  for kind in ('preset', 'drawn_by'):
    found: Dict[str, List[pictures_lib.Picture]] = {}
    for picture in pictures:
      name = getattr(picture, kind) or report.UNKNOWN
      found.setdefault(name, []).append(picture)
    names = sorted(found, key=lambda name: (name == report.UNKNOWN, name))
    groups += [(kind, name, found[name]) for name in names]
  return groups


def _group(
  kind: str,
  name: str,
  members: Sequence[pictures_lib.Picture],
  sets: Sequence[_Set],
  judges: Sequence[report.Judge],
) -> report.Group:
  """Returns the figures of a group, which has all pictures of a set or none."""
  of_class = [each for each in members if each.class_key is not None]
  chosen = set(members)
  inside = [each for each in sets if each[0] in chosen]
  seconds = [each.seconds for each in members if each.seconds is not None]
  own = [
    (each.class_key, each.own_rank, each.own_probability)
    for each in of_class
    if None not in (each.own_rank, each.own_probability)
  ]
  return report.Group(
    kind,
    name,
    num_pictures=len(members),
    num_classes=len({each.class_key for each in of_class}),
    num_without_class=len(members) - len(of_class),
    judges={each.name: _summary(each, of_class, inside) for each in judges},
    own=_recognition(own) if own else None,
    naturalness=naturalness.summarize(
      [each.naturalness for each in members if each.naturalness is not None]
    ),
    seconds=rates.mean(seconds) if seconds else None,
  )


def _summary(
  judge: report.Judge,
  of_class: Sequence[pictures_lib.Picture],
  sets: Sequence[_Set],
) -> Optional[report.JudgeSummary]:
  """Returns what a judge says of pictures of classes; None of none."""
  name = judge.name
  judged = [
    each
    for each in of_class
    if name in each.predictions and each.predictions[name].rank is not None
  ]
  if not judged:
    return None
  said = [(each.class_key, each.predictions[name]) for each in judged]
  ranks = np.array([prediction.rank for _, prediction in said])
  recognition = _recognition(
    [(key, each.rank, each.probability) for key, each in said]
  )

  def distances(function: Callable[[List[Prediction]], float]) -> Any:
    """Returns the mean of a function of each set; None where there are none."""
    values = [
      (each[0].class_key, function([one.predictions[name] for one in each]))
      for each in sets
      # Of the same networks: a judge is shown all of them or none.
      if name in each[0].predictions
    ]
    return _mean_of_classes(values) if values else None

  return report.JudgeSummary(
    **vars(recognition),
    num_pictures=len(judged),
    is_self=any(each.is_by(judge.weights_sha256) for each in judged),
    rank=report.Ranks(
      float(ranks.mean()), float(np.median(ranks)), int(ranks.max())
    ),
    diversity=distances(
      lambda each: diversity.between(np.stack([p.features for p in each]))
    ),
    noise=distances(lambda each: float(np.mean([p.noise for p in each]))),
  )


def _recognition(
  said: Sequence[Tuple[Hashable, Any, Any]],
) -> report.Recognition:
  """Returns the rates of pictures, of each the class, rank and probability."""
  return report.Recognition(
    _mean_of_classes((key, rank <= 1) for key, rank, _ in said),
    _mean_of_classes((key, rank <= 5) for key, rank, _ in said),
    _mean_of_classes((key, probability) for key, _, probability in said),
  )


def _mean_of_classes(values: Iterable[Tuple[Any, float]]) -> rates.Rate:
  """Returns the mean over classes of the mean value of each."""
  of_class: Dict[Any, List[float]] = {}
  for class_id, value in values:
    of_class.setdefault(class_id, []).append(float(value))
  return rates.mean([np.mean(each) for each in of_class.values()])


def _order(picture: pictures_lib.Picture) -> Tuple[bool, float, float, str]:
  """Returns what pictures are sorted by, the best first."""
  said = [p for p in picture.predictions.values() if p.rank is not None]
  if not said:
    return True, 0.0, 0.0, picture.name
  rank = np.mean([prediction.rank for prediction in said])
  probability = np.mean([prediction.probability for prediction in said])
  return False, float(rank), -float(probability), picture.name


def _as_json(
  picture: pictures_lib.Picture, judges: Sequence[report.Judge]
) -> Dict[str, Any]:
  """Returns what the report says of a picture."""
  own = {'rank': picture.own_rank, 'probability': picture.own_probability}
  said: Dict[str, Any] = {judge.name: None for judge in judges}
  for judge in judges:
    prediction = picture.predictions.get(judge.name)
    if prediction is not None:
      said[judge.name] = {
        'class_id': prediction.class_id,
        'rank': prediction.rank,
        'probability': prediction.probability,
        'is_self': picture.is_by(judge.weights_sha256),
        'guesses': [dataclasses.asdict(each) for each in prediction.guesses],
      }
  return {
    'name': picture.name,
    'class_id': picture.class_id,
    'class_name': picture.class_name,
    'seed': picture.seed,
    'preset': picture.preset,
    'drawn_by': picture.drawn_by,
    'networks': [dataclasses.asdict(network) for network in picture.networks],
    'seconds': picture.seconds,
    'self': None if None in own.values() else own,
    'naturalness': picture.naturalness
    and dataclasses.asdict(picture.naturalness),
    'judges': said,
  }
