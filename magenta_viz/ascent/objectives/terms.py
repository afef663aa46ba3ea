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

"""How the terms of an objective are written; `language` reads them.

Apart from it, because it needs TensorFlow, which takes seconds to import.
"""

import enum
import re
from typing import Iterator, Mapping, NamedTuple, Optional, Tuple

TERM = re.compile(
  r'(?:(?P<weight>[^*:]*)\*)?(?P<kind>[a-z]*)(?:\^(?P<power>[^:]*))?'
  r'(?P<colon>:?)(?P<rest>\S*)'
)

# Stands for the file of --directions, whose path may have blanks.
DIRECTIONS = '{directions}'

# A file of several directions, and which of them.
_ROWS = re.compile(r'(\S*(?:\.npy|\{directions\})):([^:/\\]+)')


class Of(enum.Enum):
  """What a term is of: what comes after its kind."""

  CLASS = 'CLASS'
  LAYER = 'LAYER'
  CHANNEL = 'LAYER:NUMBERS'
  NEURON = 'LAYER:NUMBERS@ROW,COLUMN'
  FILE = 'LAYER:FILE.npy'
  PHOTO = 'PHOTO@LAYER'


class Kind(NamedTuple):
  """A kind of term.

  Attributes:
    of: What it is of.
    objective: What it becomes: a module beside this one, and its class.
    heeds: Settings that say more of it.
    takes_power: Whether a '^' and a number may come after its name.
  """

  of: Of
  objective: str
  heeds: Tuple[str, ...] = ()
  takes_power: bool = False

  @property
  def is_of_class(self) -> bool:
    """Whether it is of a class; the others are about layers."""
    return self.of is Of.CLASS


KINDS: Mapping[str, Kind] = {
  'class': Kind(Of.CLASS, 'objectives.ClassLogit', ('head', 'centring')),
  'probability': Kind(Of.CLASS, 'objectives.Probability', ('head',)),
  'layer': Kind(Of.LAYER, 'objectives.Layer'),
  'channel': Kind(Of.CHANNEL, 'objectives.Channel'),
  'neuron': Kind(Of.NEURON, 'objectives.Neuron'),
  'direction': Kind(Of.FILE, 'features.Direction', takes_power=True),
  'guide': Kind(Of.PHOTO, 'features.Guide'),
  'content': Kind(Of.PHOTO, 'features.Content'),
  'diversity': Kind(Of.LAYER, 'objectives.Diversity'),
}

# Of those that take the place of a class, as help shows them.
FORMS = ', '.join(
  f'{name}:{kind.of.value}'
  for name, kind in KINDS.items()
  if not kind.is_of_class
)


def names_class(text: str) -> bool:
  """Tells whether a class is among what an objective raises.

  Args:
    text: An objective, right or wrong.
  """
  return any(kind.is_of_class for kind, _ in _terms(text))


def names_layer(text: str) -> bool:
  """Tells whether a layer is, of whatever network."""
  return any(not kind.is_of_class for kind, _ in _terms(text))


def heeds(text: str, setting: str) -> bool:
  """Tells whether a setting says more of what an objective raises."""
  return any(setting in kind.heeds for kind, _ in _terms(text))


def files(text: str) -> Iterator[str]:
  """Yields the paths of files, other than photographs, that terms are of."""
  for kind, rest in _terms(text):
    if kind.of is Of.FILE:
      yield split_rows(rest.partition(':')[2])[0]


def split_rows(rest: str) -> Tuple[str, str]:
  """Splits FILE.npy:ROWS at its last colon; ROWS is '' where there are none."""
  match = _ROWS.fullmatch(rest)
  return (match[1], match[2]) if match else (rest, '')


class Units(NamedTuple):
  """Channels of a layer, each of which an objective raises in its own pictures.

  Or directions in a file, its rows. As a class is: what is traced for one is
  traced for all.

  Attributes:
    before: What the text has before their numbers, ending with 'LAYER:', or of
      directions with 'LAYER:FILE.npy:'.
    numbers: Theirs, as `number_lists` reads them.
    after: What it has after them.
  """

  before: str
  numbers: str
  after: str

  @property
  def what(self) -> str:
    """What they are numbers of."""
    return 'row' if self._kind.of is Of.FILE else 'channel'

  @property
  def whose(self) -> str:
    """What has them: the layer, with the name of its network or without."""
    place = self.before.split()[-1].split(':', 1)[1][:-1]
    if self._kind.of is Of.FILE:
      return f"file '{place.partition(':')[2]}'"
    return f"layer '{place}'"

  @property
  def _kind(self) -> Kind:
    match = TERM.fullmatch(self.before.split()[-1])
    assert match is not None
    return KINDS[match['kind']]

  def text(self, number: int) -> str:
    """Returns the objective of one of them."""
    return f'{self.before}{number}{self.after}'


def units(text: str) -> Optional[Units]:
  """Returns the channels that an objective is of; None if it has no such term.

  Nor has it where there are several, each of which is of one channel alone.
  """
  found = []
  for word in re.finditer(r'\S+', text):
    match = TERM.fullmatch(word.group())
    kind = KINDS.get(match['kind']) if match and match['colon'] else None
    if not (match and kind):
      continue
    has_rows = kind.of is Of.FILE and split_rows(match['rest'])[1]
    if has_rows or kind.of in (Of.CHANNEL, Of.NEURON):
      # Of a neuron, its place comes after an '@', and a network before a layer.
      layer, colon, rest = match['rest'].rpartition(':')
      start = word.start() + match.start('rest') + len(layer + colon)
      end = start + len(rest.partition('@')[0])
      found.append(Units(text[:start], text[start:end], text[end:]))
  return found[0] if len(found) == 1 else None


def _terms(text: str) -> Iterator[Tuple[Kind, str]]:
  """Yields each term's kind, and what it is of."""
  for match in map(TERM.fullmatch, text.split()):
    if match and match['kind'] in KINDS:
      yield KINDS[match['kind']], match['rest']


def split_network(kind: Kind, rest: str) -> Tuple[str, str, str]:
  """Splits what a term about a layer is of, at the network that it names.

  Args:
    kind: Of the term.
    rest: What comes after it: NETWORK@LAYER or PHOTO@NETWORK@LAYER and the
      like, or the same without NETWORK@.

  Returns:
    What is before the network, its name, '' where none is named, and what
    comes after its '@'.
  """
  start = 0
  if kind.of is Of.PHOTO:
    start = rest.rpartition('@')[0].rfind('@') + 1
    if not start:
      return '', '', rest
  network, at, after = rest[start:].partition('@')
  # Of a neuron, its place comes after an '@', too.
  if at and ':' not in network:
    return rest[:start], network, after
  return '', '', rest


def kind_of(word: str) -> Optional[Kind]:
  """Returns the kind of a term; None for a layer alone."""
  match = TERM.fullmatch(word)
  return KINDS.get(match['kind']) if match and match['colon'] else None


def in_network(word: str, network: str) -> str:
  """Returns a term about a layer, or a layer alone, with NETWORK@ put in."""
  kind = kind_of(word)
  is_of_photo = kind is not None and kind.of is Of.PHOTO
  start = 1 + (word.rfind('@') if is_of_photo else word.find(':'))
  return f'{word[:start]}{network}@{word[start:]}'
