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

"""Which units an atlas is of: from a text to groups that are drawn together."""

import dataclasses
import fnmatch
import re
from typing import Any, Dict, List, Mapping, NamedTuple, Sequence, Tuple

from magenta_viz.files import names
from magenta_viz.models import imagenet_classes
from magenta_viz.settings import near_names
from magenta_viz.settings import number_lists

CLASSES = 'class'
# Of an activation atlas: directions in a layer, not known before it is
# collected.
CELLS = 'cells'
# The file of a group's directions, in its folder.
DIRECTIONS = 'cells.npy'
_KINDS = (CLASSES, 'channel', 'neuron')
_FORMS = (
  'class:NUMBERS, channel:LAYERS:NUMBERS or neuron:LAYERS:NUMBERS@ROW,COLUMN,'
  ' where NUMBERS are such as 0-63 or all, and * in LAYERS stands for any text'
)

# Of the cosine, as in the notebook of Carter et al. 2019; docs/atlas.md has
# what other powers make.
_CELLS_POWER = 2

# Of the classes, of the page's files, and of an activation atlas.
_OTHER_FOLDERS = ('classes', 'page', CELLS)

# Before each term but the first; inside of one are numbers alone.
_BETWEEN = re.compile(r',\s*(?=[a-z]+:)')


class Term(NamedTuple):
  """Units as they are asked for.

  Attributes:
    kind: 'class', 'channel', 'neuron' or 'cells'.
    layers: Pattern of names; '' of classes.
    numbers: As `number_lists` reads them.
    place: '@ROW,COLUMN' of a neuron, or ''.
  """

  kind: str
  layers: str
  numbers: str
  place: str


@dataclasses.dataclass(frozen=True)
class Group:
  """Units that one trace serves: classes, or channels of one layer.

  Attributes:
    kind: As of its term.
    layer: Name of the layer; '' of classes.
    numbers: Of the classes, channels or cells.
    place: As of its term.
    folder: Name of the folder of its pictures.
  """

  kind: str
  layer: str
  numbers: Tuple[int, ...]
  place: str
  folder: str

  @property
  def subject(self) -> Dict[str, Any]:
    """What a `VisualizeConfig` has of it."""
    if self.kind == CLASSES:
      return {'class_ids': self.numbers}
    written = number_lists.write(self.numbers)
    if self.kind == CELLS:
      kind = f'direction^{_CELLS_POWER}'
      return {'objective': f'{kind}:{self.layer}:{{directions}}:{written}'}
    return {'objective': f'{self.kind}:{self.layer}:{written}{self.place}'}

  def __str__(self) -> str:
    """Returns the group as `--units` has it."""
    if self.kind == CLASSES:
      return f'{CLASSES}:{number_lists.write(self.numbers)}'
    if self.kind == CELLS:
      return f'{CELLS}:{self.layer}:{number_lists.write(self.numbers)}'
    return str(self.subject['objective'])


def parse(text: str) -> Tuple[Term, ...]:
  """Reads what is asked for.

  Args:
    text: Terms with commas between: 'class:all, channel:inception_4*:0-63'.

  Raises:
    ValueError: If it is none.
  """
  return tuple(_term(word.strip()) for word in _BETWEEN.split(text))


def parse_cells(text: str) -> Tuple[Term, ...]:
  """Reads of which layers an activation atlas is asked for.

  Args:
    text: Names, or patterns of them, with commas between; '' for none.

  Raises:
    ValueError: If one is empty.
  """
  layers = [word.strip() for word in text.split(',')] if text else []
  if not all(layers):
    raise ValueError(
      f"cells is '{text}'; give names of layers with commas between, where *"
      ' stands for any text'
    )
  return tuple(Term(CELLS, each, '', '') for each in layers)


def groups(
  terms: Sequence[Term],
  layers: Mapping[str, int],
  class_names: Sequence[str],
) -> Tuple[Group, ...]:
  """Returns the groups of the units, each unit once.

  Args:
    terms: What is asked for.
    layers: Number of channels of each layer of the network, in its order.
    class_names: Of its classes.

  Raises:
    ValueError: If the network has no such layer, channel or class.

  Groups of cells have no numbers yet.
  """
  # Of all layers, so that a run of others calls folders the same.
  slugs = [names.slug(layer, kept='_') for layer in layers]
  # In the network's order, not in that of the terms.
  found: Dict[Tuple[str, str, str], Dict[int, None]] = {}
  for term in terms:
    if term.kind == CLASSES:
      imagenet_classes.check_any(len(class_names))
      wanted = {'': len(class_names)}
    else:
      wanted = {
        layer: count
        for layer, count in layers.items()
        if fnmatch.fnmatchcase(layer, term.layers)
      }
    if not wanted:
      close = near_names.nearest(term.layers, layers) or list(layers)[:3]
      raise ValueError(
        f"no layer is called '{term.layers}'; take one such as"
        f' {", ".join(close)}, or a pattern such as'
        f' {next(iter(layers), "conv")[:4]}* (--list_layers shows them all)'
      )
    for layer, count in wanted.items():
      what = 'class id' if term.kind == CLASSES else 'channel'
      whose = f"layer '{layer}'" if layer else 'this network'
      numbers: Tuple[int, ...] = ()
      if term.kind != CELLS:
        numbers = number_lists.parse(term.numbers, count, what, whose)
      key = (term.kind, layer, term.place)
      found.setdefault(key, {}).update(dict.fromkeys(numbers))
  order = ['', *layers]
  return tuple(
    Group(
      kind, layer, tuple(numbers), place, _folder(kind, layer, place, slugs)
    )
    for (kind, layer, place), numbers in sorted(
      found.items(), key=lambda item: order.index(item[0][1])
    )
  )


def _term(word: str) -> Term:
  """Reads one term."""
  kind, colon, rest = word.partition(':')
  layers = place = ''
  if kind != CLASSES:
    layers, _, rest = rest.rpartition(':')
  if kind == 'neuron':
    rest, at, place = rest.partition('@')
    place = at + place
  is_whole = kind in _KINDS and colon and rest and (layers or kind == CLASSES)
  if not is_whole or not re.fullmatch(r'(@\d+,\d+)?', place):
    raise ValueError(f"units have '{word}'; give {_FORMS}")
  return Term(kind, layers, rest, place)


def _folder(kind: str, layer: str, place: str, slugs: List[str]) -> str:
  """Returns the name of a group's folder, no other group's."""
  if kind == CLASSES:
    return 'classes'
  slug = names.slug(layer, kept='_')
  # Also of a layer that is called as another folder of an atlas is.
  is_taken = slugs.count(slug) > 1 or slug in _OTHER_FOLDERS
  folder = names.slug(layer, kept='_', with_digest=is_taken)
  if kind == CELLS:
    return f'{CELLS}/{folder}'
  if kind == 'neuron':
    folder += '_at_' + (place[1:].replace(',', '_') or 'middle')
  return folder
