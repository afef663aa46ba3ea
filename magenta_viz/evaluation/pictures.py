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

"""The pictures in a folder, and what is known and said of each."""

import dataclasses
import json
from pathlib import Path
import re
from typing import (
  Any,
  Dict,
  Hashable,
  List,
  Mapping,
  Optional,
  Sequence,
  Tuple,
)

from magenta_viz.evaluation import naturalness as naturalness_lib
from magenta_viz.evaluation import networks as networks_lib
from magenta_viz.evaluation import predictions as predictions_lib
from magenta_viz.evaluation import record_reader
from magenta_viz.files import places
from magenta_viz.media import picture_text
from magenta_viz.media import records
from magenta_viz.media import still_folders

# Not the 3 of '3d.png'.
_LEADING_ID = re.compile(r'[0-9]+(?![0-9A-Za-z])')
_ID = re.compile(r'[0-9]+')

# No network has so many classes: such numbers are dates, times and the like.
_MAX_ID = 99_999

# No record has a larger whole number: seeds end here.
_MAX_WHOLE = 2**31 - 1

# Thirty years.
_MAX_SECONDS = 1e9

# In a record, what pictures that differ by their seed alone have in common.
_IN_COMMON = ('class_id', 'objective', 'image', 'frame', 'settings')


@dataclasses.dataclass(frozen=True, eq=False)
class Picture:
  """A picture that is judged: what is known of it, and what judges say.

  Attributes:
    path: Of its file.
    name: Path inside the folder that was searched, with '/' between its parts.
    labels: Names that may be those of a class or, digits, its id, as `find`
      says; the likeliest first. None where there is a record.
    class_id: Of what it shows; None if that is no class, or unknown.
    class_name: All names of the class: of the record, or of a judge's class.
    seed: Of what was random in it; this and those up to `likeness` are of the
      record.
    preset: Recipe that it was drawn with.
    networks: All that drew it, in the order that `networks.read` gives them.
    seconds: That it took to draw.
    own_rank: Place of the class with the network that drew it, from 1; of
      several, the worst.
    own_probability: Of the class, with the network that drew it, in [0, 1]; of
      several, the least.
    likeness: Equal of pictures that differ by their seed alone; of no meaning
      but that.
    class_key: Equal of pictures of one class; None if no judge knows its class.
    naturalness: Its figures; None before it was measured.
    predictions: Of the judges that were shown it, by their names.
  """

  path: Path
  name: str
  labels: Tuple[str, ...] = ()
  class_id: Optional[int] = None
  class_name: Optional[str] = None
  seed: Optional[int] = None
  preset: Optional[str] = None
  networks: Tuple[networks_lib.Network, ...] = ()
  seconds: Optional[float] = None
  own_rank: Optional[int] = None
  own_probability: Optional[float] = None
  likeness: str = ''
  class_key: Hashable = None
  naturalness: Optional[naturalness_lib.Naturalness] = None
  predictions: Mapping[str, predictions_lib.Prediction] = dataclasses.field(
    default_factory=dict
  )

  @property
  def drawn_by(self) -> Optional[str]:
    """Its networks' labels: 'squeezenet + googlenet'; None if it has none."""
    return ' + '.join(network.label for network in self.networks) or None

  def is_by(self, weights_sha256: str) -> bool:
    """Tells whether a network had any part in it, by the record."""
    return any(
      network.weights_sha256 == weights_sha256 for network in self.networks
    )


def find(input_dir: str) -> List[Picture]:
  """Finds the pictures in a folder and its subfolders.

  Which are left out, `still_folders.find` says.

  A picture with a record of `visualize` beside it shows what that says. Another
  one shows what its folders and its name tell, which its `labels` are for: the
  class that the nearest folder is called by ('finch/a.jpg'), or else its own
  name, with a number behind it or without ('finch_3.jpg'); or else the class
  whose id its name begins with ('281.png', '281_tabby.jpg', '0281-1.png'), or
  else the nearest folder that is nothing but digits ('281/a.png'); or else no
  known class. Which names a class has, each judge knows for itself
  (`class_matching.ClassNames`).

  Args:
    input_dir: The folder.

  Returns:
    The pictures, at least one, folder by folder, in natural order.

  Raises:
    FileNotFoundError: If there is no such folder.
    OSError: If a folder or a record cannot be read.
    ValueError: If there are no pictures, or a record is damaged.
  """
  root = places.place(input_dir)
  return [
    _picture(path, root) for path in still_folders.find(input_dir, 'input_dir')
  ]


def variations(pictures: Sequence[Picture]) -> List[Tuple[Picture, ...]]:
  """Finds the pictures of classes that differ from others by their seed alone.

  Without records, those of one class in one folder are taken for such.

  Args:
    pictures: With their class keys.

  Returns:
    Each set of them, of two or more seeds, each once.
  """
  sets: Dict[Hashable, Dict[Hashable, Picture]] = {}
  for each in pictures:
    if each.class_key is not None:
      seed = each.name if each.seed is None else each.seed
      # The same picture may be there twice, in two folders.
      alike = sets.setdefault((each.likeness, each.class_key), {})
      alike.setdefault(seed, each)
  return [tuple(found.values()) for found in sets.values() if len(found) > 1]


def _picture(path: Path, root: Path) -> Picture:
  """Returns what is known of a picture."""
  place = path.relative_to(root)
  record_path = path.with_suffix('.json')
  if record_path.is_file():
    record: Mapping[str, Any] = records.read_record(record_path)
  else:
    record_path, record = path, _inside(path)
  # Else it is another program's.
  if 'seed' in record and 'settings' in record:
    reader = record_reader.Reader(record_path, dict(record))
    return _recorded(path, place.as_posix(), reader)
  return Picture(
    path,
    place.as_posix(),
    labels=_labels(place),
    class_id=_named_id(place),
    likeness=str(place.parent),
  )


def _inside(path: Path) -> Mapping[str, Any]:
  """Returns the record in a picture's own file; an empty one for none."""
  if path.suffix.lower() != '.png':
    return {}
  try:
    return picture_text.record_in(path) or {}
  except (OSError, ValueError):
    # Whoever reads the picture says what is wrong with it.
    return {}


def _labels(place: Path) -> Tuple[str, ...]:
  """Returns the names of a picture and its folders that may be a class's.

  The folders come first: in one that is called by its class, the files have
  numbers, or the names of those who took them.
  """
  number = _LEADING_ID.match(place.stem)
  labels = (
    *reversed(place.parts[:-1]),
    place.stem,
    re.sub(r'[\W_]*[0-9]+[\W_]*$', '', place.stem),
    number[0] if number else '',
  )
  return tuple(dict.fromkeys(label for label in labels if label))


def _named_id(place: Path) -> Optional[int]:
  """Returns the id that the names of a picture and its folders tell."""
  leading = _LEADING_ID.match(place.stem)
  numbers = [leading[0]] if leading else []
  numbers += filter(_ID.fullmatch, reversed(place.parts[:-1]))
  for digits in numbers:
    # Not of thousands of digits, which Python does not read.
    if len(digits) <= 18 and int(digits) <= _MAX_ID:
      return int(digits)
  return None


def _recorded(path: Path, name: str, reader: record_reader.Reader) -> Picture:
  """Returns what the record beside a picture says."""
  settings = record_reader.Reader(
    reader.path, reader.get('settings', dict) or {}, 'settings.'
  )
  common = {key: reader.record.get(key) for key in _IN_COMMON}
  return Picture(
    path,
    name,
    class_id=reader.number('class_id', 0, _MAX_WHOLE, int),
    class_name=reader.get('class_name', str),
    seed=reader.number('seed', 0, _MAX_WHOLE, int),
    preset=reader.get('preset', str),
    networks=networks_lib.read(settings),
    seconds=reader.number('seconds', 0, _MAX_SECONDS, int, float),
    own_rank=reader.number('rank', 1, _MAX_WHOLE, int),
    own_probability=reader.number('probability', 0, 1, int, float),
    likeness=json.dumps(common, sort_keys=True),
  )
