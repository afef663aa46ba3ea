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

"""Objectives as text: `class:281 + 0.5*channel:Mixed_4c:12`.

  class:ID or class:NAME         a class's logit, centred as the recipe has it
  probability:ID or :NAME        its probability
  layer:LAYER                    all of a layer
  channel:LAYER:CHANNELS         one channel of it, or several, each in
                                 pictures of its own: 12, 0-63, 3,7 or all
  neuron:LAYER:CHANNELS[@ROW,COLUMN]
                                 a channel at one place, or in the middle
  direction:LAYER:FILE.npy[:ROWS]
                                 a direction in the space of channels, or rows
                                 of a file of several, each in pictures of its
                                 own; direction^4: times the cosine to the
                                 fourth
  guide:PHOTO@LAYER              what a photograph has there, anywhere
  content:PHOTO@LAYER            what a photograph has there, in its places
  diversity:LAYER                how unlike the variations are to one another

Terms are joined by + and - with spaces around them; NUMBER* before a term is
its weight. Pictures do not influence one another, but through `diversity`,
which acts between the variations of one class that are drawn in one batch:
`class:281 + 2*diversity:inception_4c/output`.

Where several networks draw, a class is one of all of them, and a LAYER is
written NETWORK@LAYER: `channel:googlenet@inception_4c/output:12 + class:281`.
"""

import functools
import math
import re
from typing import (
  Any,
  Callable,
  Mapping,
  NamedTuple,
  NoReturn,
  Optional,
  Sequence,
  Tuple,
)

import numpy as np

from magenta_viz.ascent.objectives import features as features_lib
from magenta_viz.ascent.objectives import objectives
from magenta_viz.ascent.objectives import terms as objective_terms
from magenta_viz.files import arrays
from magenta_viz.models import imagenet_classes
from magenta_viz.settings import fields

# Layers have some thousand channels at most.
_MAX_DIRECTION_BYTES = 1 << 20
_DIRECTION_ADVICE = 'give a file that numpy.save wrote of a vector of numbers'
# Of several: some thousand of them.
_MAX_ROWS_BYTES = 1 << 26
_ROWS_ADVICE = 'give a file that numpy.save wrote of a matrix of numbers'
# Of a cosine.
_MAX_POWER = 100

# From the path of a photograph and a layer to [height, width, channels], or to
# [channels] of a layer without positions.
Features = Callable[[str, str], np.ndarray]

_MODULES = {'objectives': objectives, 'features': features_lib}

# What is larger drowns all other terms of a score in float32.
_MAX_WEIGHT = 1e9
# Of the number of a class, a channel, a row or a column.
_MAX_DIGITS = 9
# A hundred terms and what is between them; each is a part of the graph.
_MAX_WORDS = 200


class Company(NamedTuple):
  """Which of the networks that draw together an objective is read for.

  Attributes:
    network: Its name; '' for one whose name nobody needs to know.
    others: Names of the others.
    own_id: From a class id of the text to the network's own.
  """

  network: str = ''
  others: Tuple[str, ...] = ()
  own_id: Callable[[int], int] = int


_ALONE = Company()
_LOGIT = objectives.ClassLogit()


def parse(
  text: str,
  class_names: Sequence[str],
  features: Features,
  class_logit: objectives.ClassLogit = _LOGIT,
  company: Company = _ALONE,
  has_units: bool = False,
  directions: Optional[str] = None,
) -> objectives.Objective:
  """Reads an objective.

  Args:
    text: In the language above.
    class_names: Names of the classes, by their ids.
    features: Gives the activations of a photograph.
    class_logit: What is raised of a class.
    company: Which network it is for: terms about layers of others are left out.
    has_units: Whether each picture has a channel of its own, as where the text
      is of `terms.units`; else channels are numbers.
    directions: Path of the file that `terms.DIRECTIONS` stands for.

  Raises:
    ValueError: If the text is none, or has nothing for the network; the message
      points at the character.
    OSError: If a file cannot be read.
  """
  return _Parser(
    text, class_names, features, class_logit, company, has_units, directions
  ).parse()


class _Parser:
  """Reads one text."""

  def __init__(
    self,
    text: str,
    class_names: Sequence[str],
    features: Features,
    class_logit: objectives.ClassLogit,
    company: Company,
    has_units: bool,
    directions: Optional[str],
  ):
    self._has_units = has_units
    self._directions = directions
    self._class_logit = class_logit
    self._company = company
    self._text = text
    self._class_names = class_names
    self._features = features

  def parse(self) -> objectives.Objective:
    """Returns the objective."""
    words = list(re.finditer(r'\S+', self._text))
    if len(words) > _MAX_WORDS:
      self._fail(
        words[_MAX_WORDS].start(),
        f'there are {len(words)} words; take {_MAX_WORDS} at most',
      )
    if not words:
      self._fail(0, 'there is nothing to raise')
    total: Optional[objectives.Objective] = None
    sign = 1.0
    wants_term = is_first = True
    for word in words:
      if not wants_term:
        if word.group() not in ('+', '-'):
          self._fail(word.start(), "expected ' + ' or ' - ' between two terms")
        sign = 1.0 if word.group() == '+' else -1.0
      elif word.group() == '-' and is_first:
        sign = -sign
        continue
      else:
        term = self._term(word)
        if term is not None:
          total = sign * term if total is None else total + sign * term
      is_first = False
      wants_term = not wants_term
    if wants_term:
      self._fail(len(self._text), 'a term is missing')
    if total is None:
      self._fail(
        0,
        f'there is nothing for {self._company.network} to raise; leave that'
        ' network out, or give it a term',
      )
    return total

  def _term(self, word: 're.Match[str]') -> Optional[objectives.Objective]:
    """Returns one term with its weight; None if it is of another network."""
    start = word.start()
    match = objective_terms.TERM.fullmatch(word.group())
    assert match is not None  # All of it may be empty.
    weight = self._weight(match['weight'], start)
    name, rest = match['kind'], match['rest']
    kind = objective_terms.KINDS.get(name)
    if kind is None or not match['colon']:
      is_kind = match['colon'] or not rest
      what = (
        f"unknown kind '{name}'" if is_kind else f"'{name}{rest}' has no kind"
      )
      self._fail(
        start + match.start('kind'),
        f'{what}; {fields.one_of(name, list(objective_terms.KINDS))}, with a'
        ' colon, such as layer:LAYER or channel:LAYER:12',
      )
    place = start + match.start('rest')
    if not rest:
      self._fail(place, f'{name}: of what?')
    if not kind.is_of_class:
      before, network, rest = objective_terms.split_network(kind, rest)
      if not self._is_own(network, place + len(before)):
        return None
      place += len(network) + 1 if network and not before else 0
      rest = before + rest
    module, _, made = kind.objective.partition('.')
    make = getattr(_MODULES[module], made)
    read: Mapping[objective_terms.Of, Callable[..., Tuple[Any, ...]]] = {
      objective_terms.Of.CLASS: self._class_id,
      objective_terms.Of.LAYER: self._layer,
      objective_terms.Of.CHANNEL: self._channel,
      objective_terms.Of.NEURON: self._neuron,
      objective_terms.Of.FILE: self._vector,
      objective_terms.Of.PHOTO: functools.partial(self._photo, name),
    }
    settings = read[kind.of](rest, place)
    heeded = {each: getattr(self._class_logit, each) for each in kind.heeds}
    if match['power'] is not None:
      heeded['power'] = self._power(kind, name, match['power'], start)
    try:
      return weight * make(*settings, **heeded)
    except ValueError as error:
      # Of what comes after the layer.
      self._fail(place + len(str(settings[0])) + 1, str(error))

  def _is_own(self, network: str, place: int) -> bool:
    """Tells whether a term about a layer is for this network.

    Args:
      network: That the layer is said to be of; '' where nothing is said.
      place: Of the layer.
    """
    own, others, _ = self._company
    if network in others:
      return False
    if network and network != own:
      names = ', '.join((own, *others))
      self._fail(
        place,
        f'{network} has no part; take one of {names}, or name it in model too',
      )
    if others and not network:
      self._fail(
        place,
        'this layer is of which network? Write one of'
        f' {", ".join((own, *others))}, and @, before it',
      )
    return True

  def _weight(self, text: Optional[str], place: int) -> float:
    """Returns the weight before a '*', 1 without one."""
    try:
      weight = 1.0 if text is None else float(text)
    except ValueError:
      weight = math.nan
    if not math.isfinite(weight):
      self._fail(place, f"'{text}' before * is no number")
    if abs(weight) > _MAX_WEIGHT:
      self._fail(
        place, f"'{text}' before * is too large; take {_MAX_WEIGHT:g} at most"
      )
    return weight

  def _power(
    self, kind: objective_terms.Kind, name: str, text: str, place: int
  ) -> float:
    """Returns the power after a '^'."""
    if not kind.takes_power:
      self._fail(place, f'{name} takes no power; leave ^{text} out')
    if not re.fullmatch(r'\d{1,3}(\.\d{1,9})?', text) or (
      float(text) > _MAX_POWER
    ):
      self._fail(place, f"'{text}' after ^ is no power; take 0 to {_MAX_POWER}")
    return float(text)

  def _class_id(self, rest: str, place: int) -> Tuple[int]:
    """Returns the id of a class that is given by id or name."""
    try:
      imagenet_classes.check_any(len(self._class_names))
    except ValueError as error:
      self._fail(place, str(error))
    if not rest.isdecimal():
      try:
        class_id = imagenet_classes.find_class(rest, self._class_names)
      except ValueError as error:
        self._fail(place, str(error))
    elif len(rest) > _MAX_DIGITS or int(rest) >= len(self._class_names):
      last = len(self._class_names) - 1
      self._fail(place, f'class {rest} is unknown; take 0 to {last}')
    else:
      class_id = int(rest)
    try:
      return (self._company.own_id(class_id),)
    except ValueError as error:
      self._fail(place, str(error))

  def _layer(self, rest: str, place: int) -> Tuple[str]:
    """Returns a layer."""
    del place
    return (rest,)

  def _channel(self, rest: str, place: int) -> Tuple[str, Optional[int]]:
    """Returns a layer and the number of a channel, None for the pictures'."""
    layer, _, channel = rest.rpartition(':')
    if not layer:
      self._fail(place, 'expected LAYER:CHANNEL')
    if self._has_units:
      return layer, None
    return layer, self._number(channel, place + len(layer) + 1, 'channel')

  def _neuron(self, rest: str, place: int) -> Tuple[Any, ...]:
    """Returns a layer, a channel and, where there is one, a place."""
    unit, at, position = rest.partition('@')
    found = self._channel(unit, place)
    if not at:
      return found
    row, comma, column = position.partition(',')
    here = place + len(unit) + 1
    return (
      *found,
      (
        self._number(row, here, 'row'),
        self._number(column, here + len(row + comma), 'column'),
      ),
    )

  def _vector(self, rest: str, place: int) -> Tuple[Any, ...]:
    """Returns a layer, a file's numbers, and if pictures have rows of it."""
    layer, colon, path = rest.partition(':')
    if not (layer and colon and path):
      self._fail(place, 'expected LAYER:FILE.npy')
    here = place + len(layer) + 1
    named, rows = objective_terms.split_rows(path)
    path = named
    if path == objective_terms.DIRECTIONS:
      if not self._directions:
        self._fail(here, f'{path} is a file; give it as --directions=FILE.npy')
      path = self._directions
    self._check_path(path, here)
    try:
      vector = arrays.read_npy(
        path,
        _MAX_ROWS_BYTES if rows else _MAX_DIRECTION_BYTES,
        'the directions' if rows else 'the direction',
        _ROWS_ADVICE if rows else _DIRECTION_ADVICE,
      )
    except (OSError, ValueError) as error:
      self._fail(here, str(error))
    if not rows or self._has_units:
      return layer, vector, bool(rows)
    here += len(named) + 1
    row = self._number(rows, here, 'row')
    if vector.ndim != 2 or row >= len(vector):
      self._fail(here, f'there is no row {row}: the file is of {vector.shape}')
    return layer, vector[row]

  def _photo(self, role: str, rest: str, place: int) -> Tuple[str, np.ndarray]:
    """Returns the layer and a photograph's features there."""
    path, _, layer = rest.rpartition('@')
    if not path or not layer:
      self._fail(place, 'expected PHOTO@LAYER')
    self._check_path(path, place)
    features = self._features(path, layer)
    # None at all, or nothing but zeros, with which nothing can agree.
    if not np.any(features):
      self._fail(
        place,
        f'the {role} {path} has no active features in {layer}; take a larger'
        ' photograph or another layer',
      )
    # A layer without positions has one, as `spatial_activations` has it.
    return layer, features[None, None] if features.ndim == 1 else features

  def _check_path(self, path: str, place: int) -> None:
    try:
      fields.check_path('the file', path)
    except ValueError as error:
      self._fail(place, str(error))

  def _number(self, text: str, place: int, what: str) -> int:
    if not text.isdecimal():
      self._fail(place, f"expected the number of a {what}, not '{text}'")
    if len(text) > _MAX_DIGITS:
      self._fail(place, f'no layer has a {what} of {len(text)} digits')
    return int(text)

  def _fail(self, place: int, why: str) -> NoReturn:
    """Raises the error for the character at `place`."""
    raise ValueError(f"objective '{self._text}', character {place + 1}: {why}")
