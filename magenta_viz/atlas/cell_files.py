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

"""The files of an activation atlas of photographs, beside its pictures.

`cells.npy` has the directions that are drawn, `cells.npz` the points that they
are made of, `photographs.js` the photographs that the page shows, and
`cells.json`, written last, tells of all.
"""

import io
import json
from pathlib import Path
from typing import Any, Dict, Mapping

import numpy as np

from magenta_viz.atlas import units as units_lib
from magenta_viz.media import atomic_files
from magenta_viz.media import records

POINTS = 'cells.npz'
PHOTOGRAPHS = 'photographs.js'
RECORD = 'cells.json'

_FILES = (units_lib.DIRECTIONS, POINTS, PHOTOGRAPHS)


def are_there(folder: Path, settings: Mapping[str, Any]) -> bool:
  """Tells whether the cells of these settings are there.

  Raises:
    ValueError: If they are of other settings, or have changed since.
    OSError: If a file cannot be read.
  """
  path = folder / RECORD
  wanted = {'settings': settings}
  if not records.is_recorded(path, wanted, records.WITHOUT_OVERWRITE):
    return False
  files = [folder / name for name in _FILES]
  if not all(each.exists() for each in files):
    return False
  records.check_pictures(path, files)
  return True


def write(
  folder: Path,
  directions: np.ndarray,
  points: Mapping[str, np.ndarray],
  photographs: Mapping[int, str],
  record: Mapping[str, Any],
) -> None:
  """Writes the cells; their record comes last.

  Args:
    folder: Made, if it is not there.
    directions: [cells, channels] float32.
    points: Arrays of what they are made of, by name.
    photographs: Addresses that hold those that are shown, by their numbers.
    record: What tells of them, with 'settings' and 'cells'.

  Raises:
    OSError: If a file cannot be written.
  """
  atomic_files.prepare_folder(folder)
  atomic_files.remove_file(folder / RECORD)
  table, archive = io.BytesIO(), io.BytesIO()
  arrays: Dict[str, Any] = dict(points)
  np.save(table, directions)
  np.savez(archive, **arrays)
  contents = (
    table.getvalue(),
    archive.getvalue(),
    script('PHOTOGRAPHS', photographs),
  )
  for name, content in zip(_FILES, contents):
    atomic_files.write_file(folder / name, content)
  sha256 = records.pictures_sha256([folder / name for name in _FILES])
  records.write_record(folder / RECORD, {**record, 'pictures_sha256': sha256})


def read(folder: Path) -> Dict[str, Any]:
  """Returns the record of cells.

  Raises:
    OSError, ValueError: If there is none.
  """
  return records.read_record(folder / RECORD)


def count(folder: Path) -> int:
  """Returns how many cells there are; 0 if they are not yet collected."""
  if not (folder / RECORD).exists():
    return 0
  return len(read(folder).get('cells', ()))


def script(name: str, value: Any) -> bytes:
  """Returns a classic script that gives a value a name."""
  text = json.dumps(value, ensure_ascii=True, separators=(',', ':'))
  # No text of a stranger ends the script, wherever it is put.
  text = text.replace('<', '\\u003c')
  return f'window.{name} = {text};\n'.encode('ascii')
