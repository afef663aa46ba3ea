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

"""The JSON record beside each picture: what made it, and how it went."""

import functools
import importlib.metadata
import json
import math
import os
from pathlib import Path
from pathlib import PurePath
import platform
import sys
from typing import Any, Dict, Iterable, Mapping, Optional, Sequence

import numpy as np

from magenta_viz.files import digests
from magenta_viz.files import places
from magenta_viz.files import untrusted
from magenta_viz.media import atomic_files
from magenta_viz.media import record_words

# The score of each step is a line of some twenty bytes, and there are 100,000
# steps at most in each of some ten octaves.
_MAX_BYTES = 1 << 25


def write_record(
  path: atomic_files.PathLike, record: Mapping[str, Any]
) -> None:
  """Writes a record as a JSON file, whole or not at all.

  The keys stay in the order in which they are given.

  Args:
    path: The file; replaced if it exists.
    record: Strings, booleans, numbers, None, paths, NumPy scalars and arrays,
      and sequences and mappings of these; the keys of mappings are strings.

  Raises:
    OSError: If the file cannot be written.
    ValueError: If a value is infinite, NaN or of another type.
  """
  text = to_json(record, indent=2)
  atomic_files.write_file(path, (text + '\n').encode('ascii'))


def to_json(record: Mapping[str, Any], indent: Optional[int] = None) -> str:
  """Returns a record as JSON, in ASCII.

  Args:
    record: As `write_record` takes it.
    indent: As `json.dumps` takes it.

  Raises:
    ValueError: As `write_record`.
  """
  # Escapes keep paths that are not valid UTF-8 writable.
  return json.dumps(_plain(record, ''), indent=indent, ensure_ascii=True)


# What to do where a program has no --overwrite.
WITHOUT_OVERWRITE = 'take another --output_dir or the same settings'


class OtherPictureError(ValueError):
  """A record is there, but of other settings or of another subject.

  Attributes:
    fault: What is wrong, without what to do.
  """

  def __init__(self, fault: str, advice: str = ''):
    """Takes what is wrong, and what to do."""
    super().__init__(f'{fault}; {advice}' if advice else fault)
    self.fault = fault


def read_record(path: atomic_files.PathLike) -> Dict[str, Any]:
  """Reads a record.

  Args:
    path: File that `write_record` wrote.

  Returns:
    The record as JSON has it: sequences are lists.

  Raises:
    FileNotFoundError: If there is no such file.
    OSError: If it cannot be read.
    ValueError: If it is not a whole record, or has a number that none has; it
      names the field.
  """
  path = places.place(path)
  content = untrusted.read_bytes(
    path,
    _MAX_BYTES,
    'the record',
    'without it, its picture is made again',
  )
  with untrusted.guard(
    f"record '{path}' is damaged",
    'delete it, and the same command makes its picture again',
  ):
    record = untrusted.parse_json(content)
    if not isinstance(record, dict):
      raise ValueError('it holds no JSON object')
  return record


def differences(
  old: Mapping[str, Any], new: Mapping[str, Any]
) -> Dict[str, str]:
  """Compares the settings of an old record with those wanted now.

  Args:
    old: Settings as read from a record.
    new: Settings wanted now.

  Returns:
    How each setting differs that does, such as '256 there, 320 now', with
    values in JSON. Lists equal tuples, and 1 equals 1.0, because JSON does not
    tell them apart.

  Raises:
    ValueError: If a value is one that `write_record` refuses.
  """
  there = _plain(old, '')
  now = _plain(new, '')
  found = {}
  for key in dict.fromkeys([*now, *there]):
    if key in there and key in now and there[key] == now[key]:
      continue
    before = f'{json.dumps(there[key])} there' if key in there else 'not there'
    after = f'{json.dumps(now[key])} now' if key in now else 'not known now'
    found[key] = f'{before}, {after}'
  return found


def check_settings(
  record: Mapping[str, Any], wanted: Mapping[str, Any], what: str, advice: str
) -> None:
  """Checks that a record is of the settings that are wanted.

  Args:
    record: As read.
    wanted: What the new one would say: 'settings', all of which count, and, for
      the message, what `record_words.told` takes.
    what: What the record is of, for messages.
    advice: What to do, likewise.

  Raises:
    OtherPictureError: If it is of other settings.
  """
  there = record.get('settings')
  found = differences(
    there if isinstance(there, dict) else {}, wanted['settings']
  )
  if found:
    how = record_words.told(record, _plain(wanted, ''), found)
    raise OtherPictureError(f'{what} of other settings ({how})', advice)


def is_recorded(
  path: atomic_files.PathLike,
  wanted: Mapping[str, Any],
  advice: str = 'use --overwrite, another --output_dir or the same settings',
) -> bool:
  """Tells whether there is a record, which then is of these settings.

  Args:
    path: Of the record.
    wanted: As of `check_settings`.
    advice: Likewise.

  Raises:
    OtherPictureError: If it is of other settings.
    ValueError: If it is damaged.
    OSError: If it cannot be read.
  """
  try:
    record = read_record(path)
  except (FileNotFoundError, NotADirectoryError):
    return False
  check_settings(record, wanted, f"'{path}' is", advice)
  return True


def pictures_sha256(paths: Iterable[Path]) -> Dict[str, str]:
  """Returns what the record of pictures says of their files, by their names.

  Raises:
    OSError: If one cannot be read.
  """
  return {path.name: digests.file_sha256(path) for path in paths}


def check_pictures(path: atomic_files.PathLike, paths: Iterable[Path]) -> None:
  """Checks that pictures are those that a record tells of.

  Args:
    path: Of the record, whose 'pictures_sha256' is of `pictures_sha256`; those
      of old versions have none and are believed.
    paths: Of the pictures.

  Raises:
    ValueError: If one is not, as after a copy that was broken off.
    OSError: If a file cannot be read.
  """
  told = read_record(path).get('pictures_sha256')
  if not isinstance(told, dict):
    return
  for picture in paths:
    if told.get(picture.name) != digests.file_sha256(picture):
      raise ValueError(
        f"'{picture}' is not the picture that '{path}' tells of: it has changed"
        ' since; put it back, or delete it for it to be made again'
      )


def check_subject(
  path: atomic_files.PathLike,
  subject: Mapping[str, Any],
  image_sha256: Optional[str],
) -> None:
  """Checks that a record, if there is one, is of what is to take its place.

  Names of files do not tell all subjects apart: of photographs in two folders,
  or of names that differ by signs that no name of a file may have.

  Args:
    path: Of the record; a damaged one is of nothing.
    subject: What is to take its place, of which the class's name, the objective
      and the photograph's path count.
    image_sha256: Of the photograph, which may lie elsewhere by now.

  Raises:
    OtherPictureError: If it is of another subject.
  """
  try:
    record = read_record(path)
  except (OSError, ValueError):
    return
  for name in ('class_name', 'objective', 'image'):
    there, now = record.get(name), subject.get(name)
    if there is None or there == now:
      continue
    if name == 'image' and _is_same_image(record, now, image_sha256):
      continue
    raise OtherPictureError(
      f"'{path}' is of the {name} {there!r}, which gives files the same names"
      f' as {now!r}',
      'take another --output_dir, or move them',
    )


def _is_same_image(
  record: Mapping[str, Any], path: Any, sha256: Optional[str]
) -> bool:
  """Tells whether a record is of an image, by its path or by its bytes."""
  settings = record.get('settings')
  if isinstance(settings, dict) and sha256 is not None:
    if settings.get('image_sha256') == sha256:
      return True
  return os.path.normpath(str(record['image'])) == os.path.normpath(str(path))


def _plain(value: Any, key: str) -> Any:
  """Returns a value in the types that JSON reads back, all of them equal.

  Args:
    value: Any value.
    key: Where in the record it stands, for messages.

  Raises:
    ValueError: If it cannot be stored.
  """
  if isinstance(value, (np.ndarray, np.generic)):
    value = value.tolist()
  if value is None or isinstance(value, (bool, int, str)):
    return value
  if isinstance(value, float):
    if math.isfinite(value):
      return value
    raise ValueError(
      f"record's {key or 'value'} is {value}, not a finite number"
    )
  if isinstance(value, PurePath):
    return str(value)
  if isinstance(value, (list, tuple)):
    return [_plain(item, f'{key}[{i}]') for i, item in enumerate(value)]
  if isinstance(value, Mapping) and all(isinstance(k, str) for k in value):
    return {
      name: _plain(item, f'{key}.{name}' if key else name)
      for name, item in value.items()
    }
  raise ValueError(
    f"record's {key or 'value'} is a {type(value).__name__}; it may be text, a "
    'number, true or false, None, a path, an array, or a list or a mapping by '
    'text of these'
  )


def peak_memory_bytes() -> Optional[int]:
  """Returns the most memory that this process has had in RAM so far.

  Linux hands a parent's peak on to the program that it starts, so the value
  can be too high if a program with more memory started this one.

  Returns:
    Bytes; None on a system that does not count them (Windows).
  """
  try:
    import resource
  except ImportError:
    return None
  peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
  # getrusage(2): bytes on macOS, KiB on Linux and the BSDs.
  return peak if sys.platform == 'darwin' else peak * 1024


def versions(packages: Sequence[str]) -> Dict[str, str]:
  """Returns the versions of Python and of packages.

  Args:
    packages: Names of distributions, as pip has them.

  Returns:
    'python' and each of `packages` -> version, or 'not installed'.
  """
  return {
    'python': platform.python_version(),
    **{package: _version(package) for package in packages},
  }


# Else a file is read and parsed, 5 ms, for each picture that is recorded.
@functools.lru_cache(maxsize=None)
def _version(package: str) -> str:
  """Returns the version of a package, or 'not installed'."""
  try:
    return importlib.metadata.version(package)
  except importlib.metadata.PackageNotFoundError:
    return 'not installed'
