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
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

from absl import logging

from magenta_viz.evaluation import config as evaluate_config
from magenta_viz.evaluation import pictures as pictures_lib
from magenta_viz.models import class_matching
from magenta_viz.models import model_spec
from magenta_viz.models import network_source
from magenta_viz.models import weights
from magenta_viz.models.foreign import foreign_settings


class ChosenJudge(NamedTuple):
  """A network that is to judge.

  Attributes:
    name: What the report calls it, other than all others.
    source: Where its weights are.
    class_names: Names of its classes, in the order of their ids.
    sees_own: Whether it is shown the pictures that it had a part in.
  """

  name: str
  source: network_source.NetworkSource
  class_names: Tuple[str, ...]
  sees_own: bool = False

  def drew(self, picture: pictures_lib.Picture) -> bool:
    """Tells whether it had any part in a picture, by the record."""
    return picture.is_by(self.source.sha256)

  def sees(self, picture: pictures_lib.Picture) -> bool:
    """Tells whether it is shown a picture."""
    return self.sees_own or not self.drew(picture)


def choose(
  judges: Sequence[str],
  pictures: Sequence[pictures_lib.Picture],
  allow_self: bool = False,
  settings: foreign_settings.ForeignSettings = foreign_settings.NOTHING,
  given: Sequence[Any] = (),
) -> List[ChosenJudge]:
  """Finds the networks that are to judge some pictures.

  Args:
    judges: Names of networks, for their released weights, or paths of weights;
      or 'auto' alone, for the best network at hand that had no part in the
      pictures. If there is no such, it means the one that had a part in the
      fewest, and where that is all of them, that one all the same.
    pictures: The pictures, of which those of classes count if there are any.
    allow_self: Whether judges are shown pictures that they had a part in.
    settings: What is to be known of judges that are none of the package's.
    given: Models in this process, who judge before the others, and alone where
      'auto' is the only other.

  Raises:
    ValueError: If two have the same weights, weights are damaged, or one that
      was asked for had a part in all pictures.
    OSError: If weights are missing or cannot be fetched.
  """
  is_auto = evaluate_config.AUTO in judges
  # What is of no class, such as a layer's, is in no figure of a judge's.
  pictures = [
    picture
    for picture in pictures
    if picture.labels or picture.class_id is not None
  ] or pictures
  if given:
    judges, is_auto = () if is_auto else judges, False
  chosen = [_best(pictures)] if is_auto else _named(judges, settings, given)
  return [
    judge._replace(sees_own=_sees_own(judge, pictures, allow_self, not is_auto))
    for judge in chosen
  ]


def _best(pictures: Sequence[pictures_lib.Picture]) -> ChosenJudge:
  """Finds the best network at hand that had no part in pictures, and says why.

  Or else in the fewest; of equals, first those that need no download, which
  may be of 50 MB; of these, who is right about photographs most often.
  """
  refusals = []
  for spec in sorted(
    model_spec.MODEL_SPECS.values(),
    key=lambda spec: (
      _num_parts(spec, pictures),
      not weights.is_at_hand(spec.weights),
      -spec.top1,
    ),
  ):
    try:
      source = network_source.choose(spec.name)
    except (OSError, ValueError) as error:
      # What it says to do is for those who draw.
      refusals.append(f'not {spec.name}: {str(error).partition("; ")[0]}')
      continue
    judge = ChosenJudge(spec.name, source, source.class_names)
    _say_why(judge, sum(map(judge.drew, pictures)), refusals)
    return judge
  raise OSError(
    f'there is no judge ({"; ".join(refusals)}); give --judge a path of weights'
  )


def _num_parts(
  spec: model_spec.ModelSpec, pictures: Sequence[pictures_lib.Picture]
) -> int:
  """Returns how many pictures a network had a part in, or one of its name.

  Of its name is the same network from a file of another format, such as BVLC's
  GoogLeNet as .npz.
  """
  return sum(
    any(
      spec.name == network.model
      or spec.weights.sha256 == network.weights_sha256
      for network in picture.networks
    )
    for picture in pictures
  )


def _say_why(judge: ChosenJudge, num_own: int, refusals: Sequence[str]) -> None:
  """Says why a network judges that nobody asked for."""
  if num_own:
    why = f'had a part in {num_own} of the pictures, as few as any'
  else:
    why = 'is the best at hand of those that had no part in the pictures'
  if refusals:
    logging.warning(
      '%s judges: it %s (%s); for another, give --judge a path of weights.',
      judge.name,
      why,
      '; '.join(refusals),
    )
  else:
    logging.info('%s judges: it %s.', judge.name, why)


def _sees_own(
  judge: ChosenJudge,
  pictures: Sequence[pictures_lib.Picture],
  allow_self: bool,
  is_asked_for: bool,
) -> bool:
  """Tells whether a judge is shown its own pictures, and says so.

  Raises:
    ValueError: If it may not, but then would see none.
  """
  own = [picture.name for picture in pictures if judge.drew(picture)]
  if allow_self or not own:
    return allow_self
  if len(own) < len(pictures):
    more = f' and {len(own) - 1} more' if len(own) > 1 else ''
    logging.warning(
      "%s passes over '%s'%s, which it had a part in.", judge.name, own[0], more
    )
    return False
  if is_asked_for:
    raise ValueError(
      f'{judge.name} had a part in all of the pictures; take another --judge'
      f' ({", ".join(model_spec.MODEL_SPECS)} or a path of weights), or'
      ' --allow_self to see what it says of its own'
    )
  logging.warning(
    '%s had a part in all of the pictures: its word proves little.', judge.name
  )
  return True


def _named(
  judges: Sequence[str],
  settings: foreign_settings.ForeignSettings,
  given: Sequence[Any],
) -> List[ChosenJudge]:
  """Finds the networks that `--judge` asks for, and those of this process."""
  models = [network_source.given(model, settings) for model in given]
  found = [(each.name, each.find()) for each in models]
  found += [(judge, _source(judge, settings)) for judge in judges]
  network_source.check_settings(settings, [source for _, source in found])
  names = [_name(judge) for judge, _ in found]
  chosen: List[ChosenJudge] = []
  for (judge, source), name in zip(found, names):
    if not source.class_names:
      raise ValueError(
        f"judge '{judge}' has no classes to know pictures by; take another"
        ' --judge'
      )
    for other in chosen:
      if other.source.sha256 == source.sha256:
        raise ValueError(
          f"judge '{judge}' has the weights that {other.name} has; give each"
          ' --judge once'
        )
    if names.count(name) > 1:
      name = judge
    chosen.append(ChosenJudge(name, source, source.class_names))
  return chosen


def class_ids(
  judge: ChosenJudge, pictures: Sequence[pictures_lib.Picture]
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
  names = class_matching.ClassNames(judge.class_names)
  found: Dict[Tuple[object, ...], Optional[int]] = {}
  vague: Dict[str, int] = {}
  for picture in pictures:
    key = (picture.labels, picture.class_id, picture.class_name)
    if key not in found:
      label, same = _labelled(names, picture)
      found[key] = _class_id(judge, names, same, picture)
      if len(same) > 1 and found[key] is None:
        vague[label] = len(same)
  for label, num_classes in vague.items():
    logging.warning(
      "'%s' may be any of %d classes of %s: pictures that are called so are of"
      ' no known class, unless their names begin with its id.',
      label,
      num_classes,
      judge.name,
    )
  return [
    found[picture.labels, picture.class_id, picture.class_name]
    for picture in pictures
  ]


def _labelled(
  names: class_matching.ClassNames, picture: pictures_lib.Picture
) -> Tuple[str, Set[int]]:
  """Returns a picture's first label that is a class's, and these classes."""
  for label in picture.labels:
    same = names.find([label])
    if same:
      return label, same
  return '', set()


def _class_id(
  judge: ChosenJudge,
  names: class_matching.ClassNames,
  same: Set[int],
  picture: pictures_lib.Picture,
) -> Optional[int]:
  """Returns the class of a picture whose label is that of some classes."""
  class_id, num_classes = picture.class_id, len(judge.class_names)
  if same:
    one = min(same) if len(same) == 1 else class_id
    return one if one in same else None
  if class_id is None or (picture.labels and names.has_numbers):
    return None
  if picture.class_name is not None:
    return _recorded_class(judge, names, picture)
  if class_id < num_classes:
    return class_id
  raise ValueError(
    f"'{picture.name}' is of class {class_id} by its name, but {judge.name} has"
    f' the classes 0 to {num_classes - 1}; rename it, or take another --judge'
  )


def _recorded_class(
  judge: ChosenJudge,
  names: class_matching.ClassNames,
  picture: pictures_lib.Picture,
) -> int:
  """Returns the class of a picture whose record names it."""
  class_id, class_name = picture.class_id, picture.class_name
  assert class_id is not None and class_name is not None
  # There are two cranes among ImageNet's classes.
  if judge.class_names[class_id : class_id + 1] == (class_name,):
    return class_id
  same = names.find(class_matching.synonyms(class_name))
  if len(same) == 1:
    return same.pop()
  problem = f'has {len(same)} such classes' if same else 'knows no such class'
  raise ValueError(
    f"'{picture.name}' shows '{class_name}', but {judge.name} {problem}; leave"
    ' it out, or take another --judge'
  )


def _name(judge: str) -> str:
  """Returns what to call a judge if no other is called so."""
  return judge if judge in model_spec.MODEL_SPECS else Path(judge).name or judge


def _source(
  judge: str, settings: foreign_settings.ForeignSettings
) -> network_source.NetworkSource:
  """Finds the weights of a judge."""
  if judge in model_spec.MODEL_SPECS:
    own = {'--checkpoint': '--judge', '--model': '--judge'}
    with network_source.flags_called(own):
      return network_source.choose(judge)
  try:
    with network_source.flags_called({'--checkpoint': '--judge'}):
      return network_source.choose('auto', judge, settings)
  except FileNotFoundError as error:
    raise FileNotFoundError(
      f"judge '{judge}' is neither a network"
      f' ({", ".join(model_spec.MODEL_SPECS)}) nor a path of weights; give'
      ' --judge one of these'
    ) from error
