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

"""Decides which network to draw from, and finds its weights."""

import dataclasses
import glob
import hashlib
import os
from pathlib import Path
from typing import Optional, Tuple

from magenta_viz.models import model_spec
from magenta_viz.models import weights


@dataclasses.dataclass(frozen=True)
class NetworkSource:
  """Where a network's weights are.

  Attributes:
    model: The network's name; None if the weights are to tell.
    path: File or folder to read.
    origin: Address, package or path, for the record.
    sha256: Of the weights' file, in hexadecimal; of a checkpoint in several
      files, of the line of their own ones in the order of the files' names.
    reason: Why these, in one line.
  """

  model: Optional[str]
  path: Path
  origin: str
  sha256: str
  reason: str


def choose(model: str, checkpoint: Optional[str] = None) -> NetworkSource:
  """Finds the weights that `--model` and `--checkpoint` ask for.

  Args:
    model: A network's name, or 'auto'.
    checkpoint: Path of the user's own weights.

  Returns:
    The checkpoint if there is one. Else the released weights of `model`,
    downloaded where they must be; for 'auto', of the first of
    `model_spec.AUTO_MODELS` that can be had.

  Raises:
    ValueError: If there is no such network, or its weights are damaged.
    OSError: If the weights are missing or cannot be fetched.
  """
  if model != 'auto':
    model_spec.find_spec(model)
  if checkpoint is not None:
    return _given(None if model == 'auto' else model, checkpoint)
  if model != 'auto':
    return _released(model, 'as --model asks')
  refusals = []
  for name in model_spec.AUTO_MODELS[:-1]:
    try:
      return _released(name, 'the first choice of --model=auto')
    except (OSError, ValueError) as error:
      refusals.append(f'not {name}: {error}')
  return _released(model_spec.AUTO_MODELS[-1], '; '.join(refusals))


def _released(name: str, reason: str) -> NetworkSource:
  """Returns the released weights of a network."""
  source = model_spec.find_spec(name).weights
  path = weights.fetch(source)
  return NetworkSource(name, path, source.origin, source.sha256, reason)


def _given(model: Optional[str], checkpoint: str) -> NetworkSource:
  """Returns the user's own weights."""
  # Leaves the '~' of an unknown user as it is, where pathlib would raise a
  # RuntimeError.
  path = Path(os.path.expanduser(checkpoint))
  sha256, *more = [weights.file_sha256(file) for file in _files(path)]
  if more:
    line = ''.join([sha256, *more])
    sha256 = hashlib.sha256(line.encode()).hexdigest()
  return NetworkSource(model, path, str(path), sha256, 'as --checkpoint asks')


def _files(path: Path) -> Tuple[Path, ...]:
  """Returns the files of a checkpoint: itself, a prefix's or a folder's."""
  is_index = path.suffix == '.index'
  if path.is_file() and not is_index:
    return (path,)
  if path.is_dir():
    parts = path.iterdir()
  else:
    prefix = path.stem if is_index else path.name
    parts = path.parent.glob(f'{glob.escape(prefix)}.*')
  files = tuple(sorted(part for part in parts if part.is_file()))
  if not files:
    raise FileNotFoundError(
      f"there is no checkpoint at '{path}'; give --checkpoint a TensorFlow"
      ' checkpoint, its folder, a .npz or a .caffemodel file'
    )
  return files
