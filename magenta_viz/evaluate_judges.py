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

"""The networks that are to judge pictures: which, and whether they can."""

from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

from absl import logging

from magenta_viz.evaluation import class_names
from magenta_viz.evaluation import pictures
from magenta_viz.models import model_spec
from magenta_viz.models import network_source


class Juror(NamedTuple):
  """A network that is to judge.

  Attributes:
    name: What the report calls it, other than all others.
    source: Where its weights are.
    class_names: Names of its classes, in the order of their ids.
    sees_own: Whether it is shown the pictures that it drew itself.
  """

  name: str
  source: network_source.NetworkSource
  class_names: Tuple[str, ...]
  sees_own: bool = False

  def drew(self, entry: pictures.Entry) -> bool:
    """Tells whether a picture is its own, by the record."""
    return entry.weights_sha256 == self.source.sha256


def choose(
  judges: Sequence[str],
  entries: Sequence[pictures.Entry],
  allow_self: bool = False,
) -> List[Juror]:
  """Finds the networks that are to judge some pictures.

  Args:
    judges: Names of networks, for their released weights, or paths of weights.
      None for one that can be had and drew none of the pictures; if there is
      no such, for the one that drew the fewest, and where that is all of them,
      for that one all the same.
    entries: The pictures.
    allow_self: Whether judges are shown pictures that they drew themselves.

  Raises:
    ValueError: If two have the same weights, weights are damaged, or one that
      was asked for drew all pictures itself.
    OSError: If weights are missing or cannot be fetched.
  """
  jurors = _named(judges) if judges else [_default(entries)]
  return [
    juror._replace(sees_own=_sees_own(juror, entries, allow_self, bool(judges)))
    for juror in jurors
  ]


def _default(entries: Sequence[pictures.Entry]) -> Juror:
  """Finds a judge where none is asked for."""

  def num_own(model: str) -> int:
    sha256 = model_spec.MODEL_SPECS[model].weights.sha256
    return sum(entry.weights_sha256 == sha256 for entry in entries)

  # Of equals, first the one whose weights are always at hand.
  models = dict.fromkeys([model_spec.AUTO_MODELS[-1], *model_spec.MODEL_SPECS])
  refusals = []
  for model in sorted(models, key=num_own):
    try:
      source = network_source.choose(model)
    except (OSError, ValueError) as error:
      # What it says to do is for those who draw.
      refusals.append(f'not {model}: {str(error).partition("; ")[0]}')
      continue
    if refusals:
      logging.warning(
        '%s judges (%s); for another, give --judge a path of weights.',
        model,
        '; '.join(refusals),
      )
    return Juror(model, source, source.class_names)
  raise OSError(
    f'there is no judge ({"; ".join(refusals)}); give --judge a path of weights'
  )


def _sees_own(
  juror: Juror,
  entries: Sequence[pictures.Entry],
  allow_self: bool,
  is_asked_for: bool,
) -> bool:
  """Tells whether a judge is shown its own pictures, and says so.

  Raises:
    ValueError: If it may not, but then would see none.
  """
  own = [entry.name for entry in entries if juror.drew(entry)]
  if allow_self or not own:
    return allow_self
  if len(own) < len(entries):
    more = f' and {len(own) - 1} more' if len(own) > 1 else ''
    logging.warning(
      "%s is not shown '%s'%s, drawn by itself.", juror.name, own[0], more
    )
    return False
  if is_asked_for:
    raise ValueError(
      f'{juror.name} drew all of the pictures itself; take another --judge'
      f' ({", ".join(model_spec.MODEL_SPECS)} or a path of weights), or'
      ' --allow_self to see what it says of its own'
    )
  logging.warning(
    '%s drew all of the pictures itself: its word proves little.', juror.name
  )
  return True


def _named(judges: Sequence[str]) -> List[Juror]:
  """Finds the networks that `--judge` asks for."""
  names = [_name(judge) for judge in judges]
  jurors: List[Juror] = []
  for judge, name in zip(judges, names):
    source = _source(judge)
    for other in jurors:
      if other.source.sha256 == source.sha256:
        raise ValueError(
          f"judge '{judge}' has the weights that {other.name} has; give each"
          ' --judge once'
        )
    if names.count(name) > 1:
      name = judge
    jurors.append(Juror(name, source, source.class_names))
  return jurors


def class_ids(
  juror: Juror, entries: Sequence[pictures.Entry]
) -> List[Optional[int]]:
  """Returns the class of each picture among the judge's.

  An id counts the judge's classes if no name says the class: that in the
  record, or the first of the picture's labels that is a class's; if one does,
  the name decides. For a judge that has classes called by numbers, numbers are
  names and never ids. A label that several classes have means the one of them
  that the id says, or none.

  Raises:
    ValueError: If the judge does not know the class of a record or an id.
  """
  names = class_names.ClassNames(juror.class_names)
  found: Dict[Tuple[object, ...], Optional[int]] = {}
  vague: Dict[str, int] = {}
  for entry in entries:
    key = (entry.labels, entry.class_id, entry.class_name)
    if key not in found:
      label, same = _labelled(names, entry)
      found[key] = _class_id(juror, names, same, entry)
      if len(same) > 1 and found[key] is None:
        vague[label] = len(same)
  for label, num_classes in vague.items():
    logging.warning(
      "'%s' may be any of %d classes of %s: pictures that are called so are of"
      ' no known class, unless their names begin with its id.',
      label,
      num_classes,
      juror.name,
    )
  return [
    found[entry.labels, entry.class_id, entry.class_name] for entry in entries
  ]


def _labelled(
  names: class_names.ClassNames, entry: pictures.Entry
) -> Tuple[str, Set[int]]:
  """Returns a picture's first label that is a class's, and these classes."""
  for label in entry.labels:
    same = names.find([label])
    if same:
      return label, same
  return '', set()


def _class_id(
  juror: Juror,
  names: class_names.ClassNames,
  same: Set[int],
  entry: pictures.Entry,
) -> Optional[int]:
  """Returns the class of a picture whose label is that of some classes."""
  class_id, num_classes = entry.class_id, len(juror.class_names)
  if same:
    one = min(same) if len(same) == 1 else class_id
    return one if one in same else None
  if class_id is None or (entry.labels and names.has_numbers):
    return None
  if entry.class_name is not None:
    return _recorded_class(juror, names, entry)
  if class_id < num_classes:
    return class_id
  raise ValueError(
    f"'{entry.name}' is of class {class_id} by its name, but {juror.name} has"
    f' the classes 0 to {num_classes - 1}; rename it, or take another --judge'
  )


def _recorded_class(
  juror: Juror, names: class_names.ClassNames, entry: pictures.Entry
) -> int:
  """Returns the class of a picture whose record names it."""
  class_id, class_name = entry.class_id, entry.class_name
  assert class_id is not None and class_name is not None
  # There are two cranes among ImageNet's classes.
  if juror.class_names[class_id : class_id + 1] == (class_name,):
    return class_id
  same = names.find(class_names.synonyms(class_name))
  if len(same) == 1:
    return same.pop()
  problem = f'has {len(same)} such classes' if same else 'knows no such class'
  raise ValueError(
    f"'{entry.name}' shows '{class_name}', but {juror.name} {problem}; leave it"
    ' out, or take another --judge'
  )


def _name(judge: str) -> str:
  """Returns what to call a judge if no other is called so."""
  return judge if judge in model_spec.MODEL_SPECS else Path(judge).name or judge


def _source(judge: str) -> network_source.NetworkSource:
  """Finds the weights of a judge."""
  if judge in model_spec.MODEL_SPECS:
    return network_source.choose(judge)
  try:
    return network_source.choose('auto', judge)
  except FileNotFoundError as error:
    raise FileNotFoundError(
      f"judge '{judge}' is neither a network"
      f' ({", ".join(model_spec.MODEL_SPECS)}) nor a path of weights; give'
      ' --judge one of these'
    ) from error
