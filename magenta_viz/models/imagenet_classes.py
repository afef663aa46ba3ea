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

"""The names of the classes, and the ways in which a user may ask for them.

A class id is ILSVRC-2012's 0-based id: a line's number, counted from 0, in
`imagenet_classes.txt`.
"""

import difflib
from pathlib import Path
import re
from typing import Dict, Iterable, List, Sequence, Tuple, Union

_FILE_NAME = 'imagenet_classes.txt'

# So many classes are listed in an error message, which has to stay readable.
_MAX_LISTED = 12


def class_names_path() -> Path:
  """Returns the file with ImageNet's class names.

  A wheel carries it inside the package; in a checkout it stands beside the
  package, at the top level.

  Raises:
    FileNotFoundError: If it is in neither place.
  """
  package_dir = Path(__file__).resolve().parents[1]
  for folder in (package_dir, package_dir.parent):
    path = folder / _FILE_NAME
    if path.is_file():
      return path
  raise FileNotFoundError(
    f"no {_FILE_NAME} in '{package_dir}' or the folder above it; install the "
    'package again'
  )


def load_class_names() -> Tuple[str, ...]:
  """Returns the names of ImageNet's 1000 classes, in the order of their ids.

  Returns:
    One string a class, its synonyms with ', ' between them, such as 'tabby,
    tabby cat'.

  Raises:
    FileNotFoundError: If the file that has them is missing.
  """
  return tuple(class_names_path().read_text(encoding='utf-8').splitlines())


def check_any(num_classes: int) -> None:
  """Raises ValueError if a class is asked for of a network without classes."""
  if not num_classes:
    raise ValueError(
      'this network has no classes; take an objective of its layers, such as'
      ' layer:NAME (--list_layers shows them)'
    )


def find_classes(
  wanted: Union[str, Iterable[str]], names: Sequence[str]
) -> Tuple[int, ...]:
  """Finds the classes that a user means by a name, or by several.

  Args:
    wanted: Each as of `find_class`.
    names: Likewise.

  Returns:
    The class ids, each once.

  Raises:
    ValueError: As of `find_class`.
  """
  each_wanted = wanted if isinstance(wanted, Iterable) else [wanted]
  each_wanted = [wanted] if isinstance(wanted, str) else each_wanted
  found = [find_class(name, names) for name in each_wanted]
  return tuple(dict.fromkeys(found))


def find_class(name: str, names: Sequence[str]) -> int:
  """Finds the one class that a user means by a name.

  Upper and lower case, spaces, '-' and '_' make no difference. The class that
  has `name` as a synonym, or as its whole line, is meant if there is just one;
  otherwise every class counts that has all words of `name` in one synonym.

  Args:
    name: Name, or some words of it, such as 'tabby' or 'golden retriever'.
    names: Names of the classes, as of `load_class_names`.

  Returns:
    The class id.

  Raises:
    ValueError: If no class or several classes match; it lists them, or those
      that are spelled nearly so.
  """
  check_any(len(names))
  if not isinstance(name, str):
    raise ValueError(
      f'class name {name!r} is no text; give a name such as'
      f' {short_name(names[0])!r}, or an id in place of a name'
    )
  wanted = _words(name)
  if not wanted:
    raise ValueError(
      f'{name!r} is no class name; give a name such as {short_name(names[0])!r}'
    )
  exact = []
  containing = []
  for class_id, line in enumerate(names):
    synonyms = [_words(synonym) for synonym in line.split(', ')]
    if wanted in synonyms or wanted == _words(line):
      exact.append(class_id)
    if any(set(wanted) <= set(synonym) for synonym in synonyms):
      containing.append(class_id)
  if len(exact) == 1:
    return exact[0]
  if len(containing) == 1:
    return containing[0]
  if containing:
    raise ValueError(
      f'class name {name!r} fits {len(containing)} classes: '
      f'{_list_classes(containing, names)}; give more of the name, or the id'
    )
  similar = _similar_classes(name, names)
  hint = f'; similar: {_list_classes(similar, names)}' if similar else ''
  if ',' in name:
    hint += '; name several one by one'
  raise ValueError(
    f'no class is called {name!r}{hint}; --list_classes shows all names'
  )


def _words(text: str) -> Tuple[str, ...]:
  """Returns the words of a text, made equal in case, in their order."""
  return tuple(re.findall(r'[^\W_]+', text.casefold()))


def _similar_classes(name: str, names: Sequence[str]) -> List[int]:
  """Returns the ids of some classes with a name spelled nearly as `name`."""
  ids_of: Dict[str, List[int]] = {}
  for class_id, line in enumerate(names):
    for synonym in line.split(', '):
      ids_of.setdefault(synonym.casefold(), []).append(class_id)
  similar = difflib.get_close_matches(name.casefold(), ids_of, n=3)
  return list(dict.fromkeys(i for synonym in similar for i in ids_of[synonym]))


def _list_classes(ids: Sequence[int], names: Sequence[str]) -> str:
  """Returns 'id name' of each class, cut after `_MAX_LISTED` of them."""
  listed = ', '.join(f'{i} {short_name(names[i])}' for i in ids[:_MAX_LISTED])
  if len(ids) > _MAX_LISTED:
    listed += f' and {len(ids) - _MAX_LISTED} more'
  return listed


def short_name(names_line: str) -> str:
  """Returns the first of a class's synonyms."""
  return names_line.split(', ')[0]
