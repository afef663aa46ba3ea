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

"""Checkpoints at addresses, whose files are fetched before they are read."""

import os
from pathlib import Path
from typing import Iterator, List

from magenta_viz.files import copies
from magenta_viz.files import places
from magenta_viz.models import trained_network
from magenta_viz.models.checkpoints import checkpoint_v2
from magenta_viz.models.checkpoints import checkpoints
from magenta_viz.models.foreign import model_files

_INDEX = checkpoint_v2.INDEX_ENDING


def fetched(checkpoint: str) -> str:
  """Returns the path on this machine of what `--checkpoint` means.

  Args:
    checkpoint: A path, which is returned as it is, or an address: of a file, of
      a SavedModel's folder, or of a folder or a prefix of checkpoints, of which
      the files of one are fetched.

  Raises:
    FileNotFoundError: If there is nothing.
    ValueError: If it is too large, or a record is damaged.
    OSError: If it cannot be fetched.
  """
  if not places.is_address(checkpoint):
    return checkpoint
  path = places.place(checkpoint)
  if path.name == model_files.SAVED_MODEL_NAME and path.is_file():
    path = path.parent
  if path.is_dir():
    if (path / model_files.SAVED_MODEL_NAME).is_file():
      return _copy(path, list(_tree(path)))
    trained = trained_network.find(checkpoint)
    prefix = checkpoints.latest(path) if trained is None else trained.prefix
    path = places.place(prefix)
  if path.is_file() and path.suffix != _INDEX:
    return os.path.join(_copy(path.parent, [path.name]), path.name)
  stem = path.stem if path.suffix == _INDEX else path.name
  names = [each.name for each in path.parent.glob(f'{stem}.*')]
  if f'{stem}{_INDEX}' not in names:
    raise FileNotFoundError(
      f"there is no checkpoint at '{checkpoint}'; give --checkpoint the address"
      ' of a file, of a folder or of the prefix of a checkpoint'
    )
  return os.path.join(_copy(path.parent, names), path.name)


def _copy(folder: Path, names: List[str]) -> str:
  return str(copies.files(folder, names, model_files.MAX_BYTES))


def _tree(folder: Path) -> Iterator[str]:
  """Yields the names of all files in a folder and in those inside it."""
  for inner, _, names in places.walk(folder):
    for name in names:
      yield (places.place(inner) / name).relative_to(folder).as_posix()
