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

"""Files of whole models, each told by what it begins with.

A whole model says what it computes and not only with which numbers; files of
weights alone are `checkpoints`' to read. Nothing here needs TensorFlow.
"""

import dataclasses
import os
from pathlib import Path
import re
from typing import Callable, Iterator, NamedTuple, Optional, Tuple

from magenta_viz.files import digests
from magenta_viz.files import untrusted
from magenta_viz.models.checkpoints import protobuf_wire

# The most that a protobuf may have, as a graph is; the largest networks of
# keras.applications have 1.4 GB.
MAX_BYTES = 1 << 31

SAVED_MODEL_NAME = 'saved_model.pb'
_KERAS_METADATA_NAME = 'keras_metadata.pb'
# Which TensorFlow would read in its place.
_CHUNKED_NAME = 'saved_model.cpb'

_HEAD_BYTES = 1024
_MAX_FILES = 10_000

# The members of Keras's zip file, in any order.
_KERAS_MEMBERS = (b'metadata.json', b'config.json', b'model.weights.h5')

_NODE_NAME = re.compile(rb'[A-Za-z0-9.][\w.\\/>-]*')
_OPERATION = re.compile(rb'[A-Za-z_]\w*')

_ADVICE = 'fetch or save it again'


def _is_keras(head: bytes) -> bool:
  """Tells Keras's zip file by how its first member's name ends."""
  name = head[30 : 30 + int.from_bytes(head[26:28], 'little')]
  return head.startswith(b'PK\x03\x04') and name.endswith(_KERAS_MEMBERS)


def _is_hdf5(head: bytes) -> bool:
  return head.startswith(b'\x89HDF\r\n\x1a\n')


def _is_graph(head: bytes) -> bool:
  """Tells a graph by its first node, which has a name and an operation."""
  if not head.startswith(b'\n'):
    return False
  texts = []
  try:
    _, place = protobuf_wire.read_varint(memoryview(head), 1)
    for tag in (b'\n', b'\x12'):
      if not head.startswith(tag, place):
        return False
      size, place = protobuf_wire.read_varint(memoryview(head), place + 1)
      texts.append(head[place : place + size])
      place += size
  except ValueError:
    return False
  name, operation = texts
  return bool(_NODE_NAME.fullmatch(name) and _OPERATION.fullmatch(operation))


class Kind(NamedTuple):
  """A kind of files of whole models.

  Attributes:
    name: What the package calls it.
    words: What such a file is, for messages.
    endings: Of the names that such files have, in lower case; () of folders.
    is_one: Tells a file by its beginning, whatever its name.
  """

  name: str
  words: str
  endings: Tuple[str, ...] = ()
  is_one: Callable[[bytes], bool] = lambda head: False


KERAS = Kind('keras', 'a model of Keras (.keras)', ('.keras',), _is_keras)
KERAS_H5 = Kind(
  'keras_h5',
  'an HDF5 file, as Keras writes its .h5',
  ('.h5', '.hdf5'),
  _is_hdf5,
)
SAVED_MODEL = Kind('saved_model', 'a SavedModel of TensorFlow')
FROZEN_GRAPH = Kind(
  'frozen_graph', 'a graph of TensorFlow (.pb)', ('.pb',), _is_graph
)

KINDS: Tuple[Kind, ...] = (KERAS, KERAS_H5, SAVED_MODEL, FROZEN_GRAPH)


@dataclasses.dataclass(frozen=True)
class ModelFile:
  """A file or a folder of a whole model that is there.

  Attributes:
    path: The file, or the folder of a SavedModel.
    kind: The name of its kind, of `KINDS`.
    files: All files that are read, in the order of their names.
  """

  path: Path
  kind: str
  files: Tuple[Path, ...]

  @property
  def words(self) -> str:
    """What it is, for messages."""
    return next(each.words for each in KINDS if each.name == self.kind)

  @property
  def sha256(self) -> str:
    """The SHA-256 of the file, or of a line of those of several files.

    Raises:
      OSError: If they cannot be read.
    """
    return digests.files_sha256(self.files)

  @property
  def is_keras(self) -> bool:
    """Whether Keras wrote it; of a SavedModel, Keras 2's `model.save`.

    Nothing is read of what Keras itself puts beside a SavedModel.
    """
    if self.kind != SAVED_MODEL.name:
      return self.kind in (KERAS.name, KERAS_H5.name)
    return (self.path / _KERAS_METADATA_NAME).is_file()


def tell(path: str) -> Optional[ModelFile]:
  """Returns the whole model at a path; None if there is none.

  Args:
    path: Of a file of any name, of a SavedModel's folder or of the
      saved_model.pb in it. '~' is the user's own folder.

  Raises:
    ValueError: If it has more bytes or files than a model can have.
    OSError: If it cannot be read.
  """
  # Leaves the '~' of an unknown user as it is.
  place = os.path.expanduser(path)
  if os.path.basename(place) == SAVED_MODEL_NAME and os.path.isfile(place):
    place = os.path.dirname(place) or os.curdir
  if os.path.isfile(os.path.join(place, SAVED_MODEL_NAME)):
    return _sized(_saved_model(Path(place)))
  if not os.path.isfile(place):
    return None
  with untrusted.open_plain(place, 'the model', _ADVICE) as file:
    head = file.read(_HEAD_BYTES)
  for kind in KINDS:
    if kind.is_one(head):
      return _sized(ModelFile(Path(place), kind.name, (Path(place),)))
  return None


def _saved_model(folder: Path) -> ModelFile:
  """Returns the SavedModel in a folder."""
  if (folder / _CHUNKED_NAME).exists():
    raise ValueError(
      f"'{folder}' has a {_CHUNKED_NAME} beside its {SAVED_MODEL_NAME}, two"
      ' models in one folder; remove the one that you do not mean'
    )
  files = []
  for file in _files(folder):
    files.append(file)
    if len(files) > _MAX_FILES:
      raise ValueError(
        f"'{folder}' has more than {_MAX_FILES} files, the most that a model"
        ' may have; give a smaller one'
      )
  return ModelFile(folder, SAVED_MODEL.name, tuple(sorted(files)))


def _files(folder: Path) -> Iterator[Path]:
  """Yields the files of a SavedModel that are read."""
  yield folder / SAVED_MODEL_NAME
  for part in ('variables', 'assets'):
    # Which follows no links to folders, that may lead round.
    for place, _, names in os.walk(folder / part):
      yield from filter(Path.is_file, (Path(place, name) for name in names))


def _sized(found: ModelFile) -> ModelFile:
  """Returns what is found, if it can be read: before it is hashed."""
  num_bytes = sum(file.stat().st_size for file in found.files)
  if num_bytes > MAX_BYTES:
    raise ValueError(
      f"'{found.path}' has {num_bytes} bytes, but a model may have"
      f' {MAX_BYTES} at most; give a smaller one'
    )
  return found
