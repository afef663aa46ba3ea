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

"""The pictures in a folder, and what is known of each."""

import contextlib
import dataclasses
import json
import os
from pathlib import Path
import re
from typing import Any, Dict, List, NoReturn, Optional, Sequence, Tuple, Union

from magenta_viz.media import frames
from magenta_viz.media import records

# The contact sheet that a run of `visualize` writes beside its pictures.
_SHEET = 'sheet.png'

# Not the 3 of '3d.png'. No network has ids of more digits.
_LEADING_ID = re.compile(r'[0-9]{1,18}(?![0-9A-Za-z])')
_ID = re.compile(r'[0-9]{1,18}')

# In a record, what pictures that differ by their seed alone have in common.
_SUBJECT = ('class_id', 'objective', 'image', 'frame', 'settings')


@dataclasses.dataclass(frozen=True)
class Entry:
  """A picture, with what its record says, or else its name.

  Attributes:
    path: Of its file.
    name: Path inside the folder that was searched, with '/' between its parts.
    class_id: Of what it shows; None if that is no class, or unknown.
    class_name: All names of the class, of the record.
    seed: Of what was random in it; this and all below are of the record.
    preset: Recipe that it was drawn with.
    model: Network that drew it.
    weights_sha256: Of the network that drew it.
    seconds: That it took to draw.
    own_rank: Place of the class with the network that drew it, from 1.
    own_probability: Of the class, with the network that drew it, in [0, 1].
    likeness: Equal of pictures that differ by their seed alone; of no meaning
      but that.
  """

  path: Path
  name: str
  class_id: Optional[int] = None
  class_name: Optional[str] = None
  seed: Optional[int] = None
  preset: Optional[str] = None
  model: Optional[str] = None
  weights_sha256: Optional[str] = None
  seconds: Optional[float] = None
  own_rank: Optional[int] = None
  own_probability: Optional[float] = None
  likeness: str = ''


def find(input_dir: str) -> List[Entry]:
  """Finds the pictures in a folder and its subfolders.

  Films, hidden files and folders, and the contact sheets `sheet.png` are left
  out. Links to folders are not followed.

  A picture with a record of `visualize` beside it shows what that says. Another
  one shows the class whose id its name begins with ('281.png', '281_tabby.jpg',
  '0281-1.png'), or else the name of the nearest folder around it that is
  nothing but digits ('281/a.png'); or else no known class.

  Args:
    input_dir: The folder.

  Returns:
    The pictures, at least one, folder by folder, in natural order.

  Raises:
    FileNotFoundError: If there is no such folder.
    OSError: If a folder or a record cannot be read.
    ValueError: If there are no pictures, or a record is damaged.
  """
  root = Path(input_dir)
  paths = []
  for folder, subfolders, _ in os.walk(root, onerror=_refuse):
    # As os.walk goes on with them.
    subfolders[:] = sorted(n for n in subfolders if not n.startswith('.'))
    # Raised where there are none.
    with contextlib.suppress(ValueError):
      paths += frames.pictures_in(Path(folder))
  entries = [
    _entry(path, root)
    for path in paths
    if path.name != _SHEET and not frames.is_sequence(path)
  ]
  if not entries:
    raise ValueError(
      f"folder '{input_dir}' has no pictures, not counting films and"
      f' {_SHEET}; give --input_dir a folder of PNG, JPEG or other still'
      ' pictures'
    )
  return entries


def variations(entries: Sequence[Entry]) -> List[Tuple[int, ...]]:
  """Finds the pictures of classes that differ from others by their seed alone.

  Without records, those of one class in one folder are taken for such.

  Returns:
    Places in `entries` of each set of them, of two or more seeds, each once.
  """
  sets: Dict[str, Dict[Union[int, str], int]] = {}
  for index, entry in enumerate(entries):
    if entry.class_id is not None:
      seed = entry.name if entry.seed is None else entry.seed
      # The same picture may be there twice, in two folders.
      sets.setdefault(entry.likeness, {}).setdefault(seed, index)
  return [tuple(found.values()) for found in sets.values() if len(found) > 1]


def _refuse(error: OSError) -> NoReturn:
  """Raises the error for a folder that cannot be read."""
  raise type(error)(
    f"cannot read the folder '{error.filename}': {error.strerror}; give"
    ' --input_dir a folder of pictures'
  ) from error


def _entry(path: Path, root: Path) -> Entry:
  """Returns what is known of a picture."""
  place = path.relative_to(root)
  record_path = path.with_suffix('.json')
  if record_path.is_file():
    record = records.read_record(record_path)
    # Else it is another program's.
    if 'seed' in record and 'settings' in record:
      return _recorded(path, place.as_posix(), _Reader(record_path, record))
  class_id = _named_class(place)
  likeness = json.dumps([str(place.parent), class_id])
  return Entry(path, place.as_posix(), class_id, likeness=likeness)


def _named_class(place: Path) -> Optional[int]:
  """Returns the class that the names of a picture and its folders tell."""
  match = _LEADING_ID.match(place.stem)
  if match:
    return int(match[0])
  for folder in reversed(place.parts[:-1]):
    if _ID.fullmatch(folder):
      return int(folder)
  return None


def _recorded(path: Path, name: str, reader: '_Reader') -> Entry:
  """Returns what the record beside a picture says."""
  settings = _Reader(reader.path, reader.get('settings', dict) or {})
  subject = {key: reader.record.get(key) for key in _SUBJECT}
  return Entry(
    path,
    name,
    class_id=reader.whole('class_id', 0),
    class_name=reader.get('class_name', str),
    seed=reader.whole('seed', 0),
    preset=reader.get('preset', str),
    model=settings.get('model', str),
    weights_sha256=settings.get('weights_sha256', str),
    seconds=reader.get('seconds', int, float),
    own_rank=reader.whole('rank', 1),
    own_probability=reader.get('probability', int, float),
    likeness=json.dumps(subject, sort_keys=True),
  )


@dataclasses.dataclass(frozen=True)
class _Reader:
  """Reads a record's values, or a part's, each of which may be missing."""

  path: Path
  record: Dict[str, Any]

  def get(self, key: str, *types: type) -> Any:
    """Returns a value; None if it is missing or null.

    Raises:
      ValueError: If it is of none of the types.
    """
    value = self.record.get(key)
    # To Python, true and false are numbers.
    is_bool = isinstance(value, bool)
    if value is None or (isinstance(value, types) and not is_bool):
      return value
    raise self._damaged(key, value)

  def whole(self, key: str, least: int) -> Optional[int]:
    """Returns a whole number; None if it is missing or null.

    Raises:
      ValueError: If it is none, or below `least`.
    """
    value = self.get(key, int)
    if value is not None and value < least:
      raise self._damaged(key, value)
    return value

  def _damaged(self, key: str, value: Any) -> ValueError:
    """Returns the error for a value that no record has."""
    return ValueError(
      f"record '{self.path}' is damaged ({key} is {json.dumps(value)[:40]});"
      ' delete it, or draw its picture again'
    )
