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

"""Makes a report of what was found of each picture."""

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
from magenta_viz.evaluation import pictures
from magenta_viz.evaluation import rates
from magenta_viz.evaluation import report


@dataclasses.dataclass(frozen=True)
class Subject:
  """The class that a picture shows.

  Attributes:
    key: What tells the pictures of one class.
    class_id: As the report has it.
    class_name: All names of the class.
  """

  key: Hashable
  class_id: Optional[int]
  class_name: str


@dataclasses.dataclass(frozen=True, eq=False)
class Opinion:
  """What a judge found of a picture.

  Attributes:
    class_id: Of the picture's class among the judge's; None if it is of none.
    rank: Place of the picture's class, from 1; None if it is of no class.
    probability: Of its class, in [0, 1]; None if it is of no class.
    is_self: Whether the judge had a part in it.
    guesses: The likeliest classes, likeliest first.
    features: [channels] float.
    noise: Distance of two noisy copies of it; None where it was not needed.
  """

  class_id: Optional[int]
  rank: Optional[int]
  probability: Optional[float]
  is_self: bool
  guesses: Tuple[report.Guess, ...]
  features: np.ndarray
  noise: Optional[float] = None


@dataclasses.dataclass(frozen=True, eq=False)
class Finding:
  """All that was found of a picture.

  Attributes:
    entry: The picture.
    subject: Its class; None if it is of no known class.
    naturalness: Its figures.
    opinions: Of the judges that were shown it, by their names.
  """

  entry: pictures.Entry
  subject: Optional[Subject]
  naturalness: naturalness.Naturalness
  opinions: Mapping[str, Opinion]

  @property
  def class_key(self) -> Hashable:
    """What tells pictures of one class; None if it is of no known class."""
    return None if self.subject is None else self.subject.key


def make(
  input_dir: str,
  judges: Sequence[report.Judge],
  findings: Sequence[Finding],
  photographs: Optional[naturalness.Summary],
  versions: Mapping[str, str],
) -> report.Report:
  """Returns the report on some pictures.

  Args:
    input_dir: Folder of the pictures.
    judges: The networks that judged.
    findings: A finding a picture, one or more; the opinions have noise where
      `pictures.variations` has the picture.
    photographs: As in `report.Report`.
    versions: As in `report.Report`.
  """
  sets = [
    [findings[place] for place in places]
    for places in pictures.variations(
      [finding.entry for finding in findings],
      [finding.class_key for finding in findings],
    )
  ]
  names = [judge.name for judge in judges]
  groups = [
    _group(kind, name, members, sets, names)
    for kind, name, members in _grouped(findings)
  ]
  in_order = sorted(findings, key=_order)
  return report.Report(
    input_dir,
    tuple(judges),
    tuple(groups),
    photographs,
    tuple(_picture(finding, names) for finding in in_order),
    versions,
  )


def _grouped(
  findings: Sequence[Finding],
) -> List[Tuple[str, str, List[Finding]]]:
  """Returns kind, name and pictures of each group."""
  groups = [('all', 'all', list(findings))]
  if not any(finding.entry.networks for finding in findings):
    return groups
  for kind in ('preset', 'drawn_by'):
    found: Dict[str, List[Finding]] = {}
    for finding in findings:
      name = getattr(finding.entry, kind) or report.UNKNOWN
      found.setdefault(name, []).append(finding)
    names = sorted(found, key=lambda name: (name == report.UNKNOWN, name))
    groups += [(kind, name, found[name]) for name in names]
  return groups


def _group(
  kind: str,
  name: str,
  members: List[Finding],
  sets: List[List[Finding]],
  judges: List[str],
) -> report.Group:
  """Returns the figures of a group, which has all pictures of a set or none."""
  of_class = [member for member in members if member.subject is not None]
  chosen = set(members)
  inside = [each for each in sets if each[0] in chosen]
  seconds = [member.entry.seconds for member in members]
  known = [each for each in seconds if each is not None]
  return report.Group(
    kind,
    name,
    num_pictures=len(members),
    num_classes=len({member.class_key for member in of_class}),
    num_without_class=len(members) - len(of_class),
    judges={judge: _judgement(judge, of_class, inside) for judge in judges},
    own=_own_word(of_class),
    naturalness=naturalness.summarize([m.naturalness for m in members]),
    seconds=rates.mean(known) if known else None,
  )


def _judgement(
  judge: str, of_class: List[Finding], sets: List[List[Finding]]
) -> Optional[report.Judgement]:
  """Returns what a judge says of pictures of classes; None of none."""
  judged = [
    (member.class_key, member.opinions[judge])
    for member in of_class
    if judge in member.opinions and member.opinions[judge].rank is not None
  ]
  if not judged:
    return None
  ranks = np.array([opinion.rank for _, opinion in judged])
  word = _word(
    (key, opinion.rank, opinion.probability) for key, opinion in judged
  )

  def distances(function: Callable[[List[Opinion]], float]) -> Any:
    """Returns the mean of a function of each set; None where there are none."""
    values = [
      (each[0].class_key, function([member.opinions[judge] for member in each]))
      for each in sets
      # Of the same networks: a judge is shown all of them or none.
      if judge in each[0].opinions
    ]
    return _mean_of_classes(values) if values else None

  return report.Judgement(
    **vars(word),
    num_pictures=len(judged),
    is_self=any(opinion.is_self for _, opinion in judged),
    rank=report.Ranks(
      float(ranks.mean()), float(np.median(ranks)), int(ranks.max())
    ),
    diversity=distances(
      lambda each: diversity.between(np.stack([o.features for o in each]))
    ),
    noise=distances(lambda each: float(np.mean([o.noise for o in each]))),
  )


def _own_word(of_class: List[Finding]) -> Optional[report.Word]:
  """Returns what the networks that drew pictures of classes said of them."""
  told = [
    (member.class_key, member.entry.own_rank, member.entry.own_probability)
    for member in of_class
    if None not in (member.entry.own_rank, member.entry.own_probability)
  ]
  return _word(told) if told else None


def _word(told: Iterable[Tuple[Any, Any, Any]]) -> report.Word:
  """Returns the rates of pictures, of each the class, rank and probability."""
  told = list(told)
  return report.Word(
    _mean_of_classes((class_id, rank <= 1) for class_id, rank, _ in told),
    _mean_of_classes((class_id, rank <= 5) for class_id, rank, _ in told),
    _mean_of_classes(
      (class_id, probability) for class_id, _, probability in told
    ),
  )


def _mean_of_classes(values: Iterable[Tuple[Any, float]]) -> rates.Rate:
  """Returns the mean over classes of the mean value of each."""
  of_class: Dict[Any, List[float]] = {}
  for class_id, value in values:
    of_class.setdefault(class_id, []).append(float(value))
  return rates.mean([np.mean(each) for each in of_class.values()])


def _order(finding: Finding) -> Tuple[bool, float, float, str]:
  """Returns what pictures are sorted by, the best first."""
  name = finding.entry.name
  opinions = [o for o in finding.opinions.values() if o.rank is not None]
  if not opinions:
    return True, 0.0, 0.0, name
  rank = np.mean([opinion.rank for opinion in opinions])
  probability = np.mean([opinion.probability for opinion in opinions])
  return False, float(rank), -float(probability), name


def _picture(finding: Finding, judges: Sequence[str]) -> Dict[str, Any]:
  """Returns what the report says of a picture."""
  entry, subject = finding.entry, finding.subject
  own = {'rank': entry.own_rank, 'probability': entry.own_probability}
  said: Dict[str, Any] = dict.fromkeys(judges)
  for name, opinion in finding.opinions.items():
    said[name] = {
      'class_id': opinion.class_id,
      'rank': opinion.rank,
      'probability': opinion.probability,
      'is_self': opinion.is_self,
      'guesses': [dataclasses.asdict(guess) for guess in opinion.guesses],
    }
  return {
    'name': entry.name,
    'class_id': subject and subject.class_id,
    'class_name': subject and subject.class_name,
    'seed': entry.seed,
    'preset': entry.preset,
    'drawn_by': entry.drawn_by,
    'networks': [dataclasses.asdict(network) for network in entry.networks],
    'seconds': entry.seconds,
    'self': None if None in own.values() else own,
    'naturalness': dataclasses.asdict(finding.naturalness),
    'judges': said,
  }
