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

"""The networks that are to judge pictures: whether they may, and can."""

from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

from magenta_viz.evaluation import pictures
from magenta_viz.models import model_spec
from magenta_viz.models import network_source


class Juror(NamedTuple):
  """A network that is to judge.

  Attributes:
    name: What the report calls it, other than all others.
    source: Where its weights are.
    class_names: Names of its classes, in the order of their ids.
  """

  name: str
  source: network_source.NetworkSource
  class_names: Tuple[str, ...]

  def drew(self, entry: pictures.Entry) -> bool:
    """Tells whether a picture is its own, by the record."""
    return entry.weights_sha256 == self.source.sha256


def choose(judges: Sequence[str]) -> List[Juror]:
  """Finds the networks that `--judge` asks for.

  Args:
    judges: Names of networks, for their released weights, or paths of weights.

  Raises:
    ValueError: If two have the same weights, or weights are damaged.
    OSError: If weights are missing or cannot be fetched.
  """
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


def refuse_own(
  jurors: Sequence[Juror], entries: Sequence[pictures.Entry]
) -> None:
  """Checks that nobody judges pictures of its own.

  Raises:
    ValueError: If somebody would.
  """
  for juror in jurors:
    own = [entry.name for entry in entries if juror.drew(entry)]
    if own:
      more = f' and {len(own) - 1} more' if len(own) > 1 else ''
      raise ValueError(
        f"{juror.name} drew '{own[0]}'{more} itself; take another --judge"
        f' ({", ".join(model_spec.MODEL_SPECS)} or a path of weights), or'
        ' --allow_self to see what it says of its own'
      )


def class_ids(
  juror: Juror, entries: Sequence[pictures.Entry]
) -> List[Optional[int]]:
  """Returns the class of each picture among the judge's.

  An id counts the judge's classes if the record does not say its class's name;
  if it does, the name decides.

  Raises:
    ValueError: If the judge does not know a picture's class.
  """
  found: Dict[Tuple[Optional[int], Optional[str]], Optional[int]] = {}
  for entry in entries:
    key = (entry.class_id, entry.class_name)
    if key not in found:
      found[key] = _class_id(juror, entry)
  return [found[entry.class_id, entry.class_name] for entry in entries]


def _class_id(juror: Juror, entry: pictures.Entry) -> Optional[int]:
  """Returns the class of one picture."""
  class_id, names = entry.class_id, juror.class_names
  if class_id is None:
    return None
  if entry.class_name is None:
    if class_id < len(names):
      return class_id
    raise ValueError(
      f"'{entry.name}' is of class {class_id} by its name, but {juror.name}"
      f' has the classes 0 to {len(names) - 1}; rename it, or take another'
      ' --judge'
    )
  # There are two cranes among ImageNet's classes.
  if class_id < len(names) and names[class_id] == entry.class_name:
    return class_id
  wanted = _synonyms(entry.class_name)
  same = [i for i, name in enumerate(names) if _synonyms(name) & wanted]
  if len(same) == 1:
    return same[0]
  problem = 'knows no such class'
  if same:
    problem = f'has {len(same)} such classes'
  raise ValueError(
    f"'{entry.name}' shows '{entry.class_name}', but {juror.name} {problem};"
    ' leave it out, or take another --judge'
  )


def _synonyms(class_name: str) -> Set[str]:
  """Returns the names in the line of a class, made equal in case."""
  return {name.strip() for name in class_name.casefold().split(', ')}


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
