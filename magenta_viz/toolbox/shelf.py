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

"""Finished pictures in a folder, found by the records beside them.

A record tells which unit or class its picture is of, and the SHA-256 of the
weights of the network that it was drawn from. Nothing is believed that the
files do not say themselves: there is no list of them that could be old.
"""

import collections
import hashlib
import os
from pathlib import Path
import re
import threading
from typing import Any, Dict, List, Mapping, NamedTuple, Tuple

import numpy as np

from magenta_viz.files import untrusted
from magenta_viz.media import records
from magenta_viz.toolbox import pictures as pictures_lib

# In place of a layer's name: its units are the classes.
CLASSES = ''

# Of a picture's file, in bytes.
_MAX_BYTES = 1 << 28

_RECORD = '.json'
_PICTURE = '.png'

# One unit, alone or with what keeps its variations apart.
_UNIT = re.compile(
  r'channel:((?:(?! [+-] ).)+):([0-9]{1,9})'
  r'(?: \+ (?:[0-9.e+-]+\*)?diversity:(?:(?! [+-] ).)+)?',
  re.DOTALL,
)

# Why a record is passed over.
_MISSING = 'without their picture'
_DAMAGED = 'damaged'
_CHANGED = 'changed since they were drawn'
_OUTSIDE = 'links that lead out of the folder'
_OTHER = 'of something else than one unit or class'
_TOGETHER = 'drawn from several networks together'


class PassedOverError(ValueError):
  """A record, or its picture, that does not count.

  Attributes:
    why: What many records may have in common.
  """

  def __init__(self, why: str, words: str):
    """Takes why, and what is to be said of this one."""
    super().__init__(words)
    self.why = why


class Entry(NamedTuple):
  """A picture that a record tells of.

  Attributes:
    path: Of the record.
    stamp: What its files have of time and size.
    network: SHA-256 of the weights of the network that drew it.
    layer: Of the unit; `CLASSES` if it is of a class.
    number: Of the unit, or of the class.
    seed: Of the picture.
  """

  path: str
  stamp: Tuple[int, ...]
  network: str
  layer: str
  number: int
  seed: int

  @property
  def picture(self) -> Path:
    """Path of the picture."""
    return _picture_of(self.path)


class Picture(NamedTuple):
  """A picture that was read.

  Attributes:
    content: Bytes of its file.
    image: [height, width, 3] float32 array in [0, 1].
    record: Of it.
  """

  content: bytes
  image: np.ndarray
  record: Dict[str, Any]


class Shelf:
  """The pictures of units and classes in a folder and its folders.

  Threads may ask while one of them reads.
  """

  def __init__(self, folder: Path):
    """Takes the folder, which need not be there yet."""
    self.folder = folder
    self._root = os.path.realpath(folder)
    self._lock = threading.Lock()
    self._reading = threading.Lock()
    # By the path of the record: its stamp, and what it is if it counts.
    self._known: Dict[str, Tuple[Tuple[int, ...], Any]] = {}
    self._found: Dict[Tuple[str, str], Dict[int, Dict[str, Entry]]] = {}

  def read(self) -> List[PassedOverError]:
    """Reads what is new or has changed, the newest first; forgets what is gone.

    Returns:
      Why some of what was read does not count.
    """
    errors: List[PassedOverError] = []
    with self._reading:
      there = self._scan()
      with self._lock:
        for path in set(self._known).difference(there):
          self._forget(path)
      # Time comes first in a stamp.
      for path in sorted(there, key=lambda each: there[each], reverse=True):
        stamp = there[path]
        if self._known.get(path, ((), None))[0] == stamp:
          continue
        entry = None
        try:
          entry = self._read(path, stamp)
        except PassedOverError as error:
          errors.append(error)
        with self._lock:
          self._forget(path)
          self._take(path, stamp, entry)
    return errors

  def units(self, network: str, layer: str) -> Dict[int, List[Entry]]:
    """Returns what is known so far of a layer's units.

    Args:
      network: SHA-256 of its weights.
      layer: Its name, or `CLASSES`.

    Returns:
      Pictures by the number of the unit or class, those of lower seeds first.
    """
    with self._lock:
      found = self._found.get((network, layer), {})
      return {unit: _ordered(several) for unit, several in found.items()}

  def unit(self, network: str, layer: str, number: int) -> List[Entry]:
    """Returns these pictures of one unit or class."""
    with self._lock:
      return _ordered(self._found.get((network, layer), {}).get(number, {}))

  def counts(self) -> Mapping[str, int]:
    """Returns how many pictures are known so far, by the network."""
    with self._lock:
      return collections.Counter(
        entry.network for _, entry in self._known.values() if entry is not None
      )

  def picture(self, entry: Entry) -> Picture:
    """Returns a picture as its record tells of it.

    One that is not does not count any more, until its files change.

    Raises:
      PassedOverError: If it, or its record, is missing, damaged, changed since
        it was drawn, or leads out of the folder.
    """
    try:
      return self._open(entry)
    except PassedOverError:
      with self._lock:
        self._forget(entry.path)
        self._take(entry.path, entry.stamp, None)
      raise

  def _open(self, entry: Entry) -> Picture:
    """Reads a picture and its record."""
    path = entry.picture
    name = self.name(entry.path)
    self._check_inside(entry.path)
    self._check_inside(os.fspath(path))
    try:
      record = records.read_record(entry.path)
      content = untrusted.read_bytes(
        path, _MAX_BYTES, 'the picture', 'draw it again'
      )
    except FileNotFoundError as error:
      raise PassedOverError(_MISSING, f'{name}: {error}') from error
    except (OSError, ValueError) as error:
      raise PassedOverError(_DAMAGED, f'{name}: {error}') from error
    told = record.get('pictures_sha256')
    digest = hashlib.sha256(content).hexdigest()
    # Records of old versions have none, and are believed.
    if isinstance(told, dict) and told.get(path.name) != digest:
      words = f'{name}: its picture has changed since'
      raise PassedOverError(_CHANGED, words)
    try:
      image = pictures_lib.decode(content)
    except (ValueError, MemoryError) as error:
      raise PassedOverError(_DAMAGED, f'{name}: {error}') from error
    return Picture(content, image, record)

  def name(self, path: str) -> str:
    """Returns what to call a record: its path in the folder."""
    return os.path.relpath(path, self.folder)

  def _check_inside(self, path: str) -> None:
    """Refuses what links lead to elsewhere."""
    real = os.path.realpath(path)
    if os.path.commonpath([real, self._root]) != self._root:
      words = f'{self.name(path)}: it leads out of the folder'
      raise PassedOverError(_OUTSIDE, words)

  def _scan(self) -> Dict[str, Tuple[int, ...]]:
    """Returns the stamp of each record: of it, and of its picture if any."""
    found: Dict[str, Tuple[int, ...]] = {}
    folders = [os.fspath(self.folder)]
    while folders:
      files, inner = _listed(folders.pop())
      folders += inner
      for path, stamp in files.items():
        if path.endswith(_RECORD):
          beside = os.fspath(_picture_of(path))
          found[path] = stamp + files.get(beside, ())
    return found

  def _read(self, path: str, stamp: Tuple[int, ...]) -> Entry:
    """Reads what a record tells."""
    name = self.name(path)
    self._check_inside(path)
    try:
      record = records.read_record(path)
    except FileNotFoundError as error:
      raise PassedOverError(_MISSING, f'{name}: {error}') from error
    except (OSError, ValueError) as error:
      raise PassedOverError(_DAMAGED, f'{name}: {error}') from error
    layer, number = _subject(record, name)
    networks = _networks(record)
    if not networks:
      raise PassedOverError(_OTHER, f'{name}: it names no network')
    if len(networks) > 1:
      raise PassedOverError(_TOGETHER, f'{name}: of {len(networks)} networks')
    self._check_inside(os.fspath(_picture_of(path)))
    if len(stamp) < 4:
      raise PassedOverError(_MISSING, f'{name}: its picture is missing')
    seed = record.get('seed')
    seed = seed if isinstance(seed, int) else 0
    return Entry(path, stamp, networks[0], layer, number, seed)

  def _take(self, path: str, stamp: Tuple[int, ...], entry: Any) -> None:
    """Knows a record from now on; None for one that does not count."""
    self._known[path] = (stamp, entry)
    if entry is not None:
      units = self._found.setdefault((entry.network, entry.layer), {})
      units.setdefault(entry.number, {})[path] = entry

  def _forget(self, path: str) -> None:
    """Knows a record no more."""
    _, entry = self._known.pop(path, ((), None))
    if entry is None:
      return
    units = self._found[entry.network, entry.layer]
    del units[entry.number][path]
    if not units[entry.number]:
      del units[entry.number]


def _picture_of(path: str) -> Path:
  """Returns the path of the picture that is beside a record."""
  return Path(path[: -len(_RECORD)] + _PICTURE)


def _ordered(several: Mapping[str, Entry]) -> List[Entry]:
  """Returns pictures of a unit, those of lower seeds first."""
  return sorted(several.values(), key=lambda each: (each.seed, each.path))


def _listed(folder: str) -> Tuple[Dict[str, Tuple[int, ...]], List[str]]:
  """Returns the records and pictures of a folder, and the folders in it.

  Hidden ones are left out; links to folders are not followed. A folder that
  cannot be read has nothing.
  """
  files: Dict[str, Tuple[int, ...]] = {}
  inner: List[str] = []
  try:
    with os.scandir(folder) as found:
      for each in found:
        if each.name.startswith('.'):
          continue
        if each.is_dir(follow_symlinks=False):
          inner.append(each.path)
        elif each.name.endswith((_RECORD, _PICTURE)):
          try:
            stat = each.stat()
          except OSError:
            # A link that leads nowhere.
            continue
          files[each.path] = (stat.st_mtime_ns, stat.st_size)
  except OSError:
    pass
  return files, inner


def _subject(record: Mapping[str, Any], name: str) -> Tuple[str, int]:
  """Returns the layer and number of what a picture is of."""
  class_id, objective = record.get('class_id'), record.get('objective')
  # What is drawn into a photograph, or is one of a series, is more than that.
  if record.get('image') is None and record.get('frame') is None:
    if isinstance(class_id, int) and 0 <= class_id < 10**9:
      return CLASSES, class_id
    found = _UNIT.fullmatch(objective) if isinstance(objective, str) else None
    if found is not None:
      return found[1], int(found[2])
  raise PassedOverError(_OTHER, f'{name}: it is of no one unit or class')


def _networks(record: Mapping[str, Any]) -> List[str]:
  """Returns the SHA-256 of each network's weights that a record names."""
  networks = record.get('networks')
  if not isinstance(networks, list):
    return []
  found = [
    each.get('weights_sha256') if isinstance(each, dict) else None
    for each in networks
  ]
  return [each for each in found if isinstance(each, str)]
