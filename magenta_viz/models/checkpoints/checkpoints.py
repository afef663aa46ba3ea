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

"""Finds and reads weights by variable name, from checkpoints in every format.

Whoever made a file, no library gets to it that trusts its files, and no more is
taken of it than a network can have.
"""

import dataclasses
import hashlib
import os
from pathlib import Path
import re
from typing import Dict, Optional, Tuple

from google.protobuf import text_encoding
import numpy as np

from magenta_viz.files import digests
from magenta_viz.files import places
from magenta_viz.files import untrusted
from magenta_viz.models.checkpoints import checkpoint_v2
from magenta_viz.models.checkpoints import formats
from magenta_viz.models.foreign import model_files

# The networks here have 13 million weights with all of their classifiers, thus
# 215 MB with their averages and what an optimizer knows of each, twice that in
# float64.
MAX_BYTES = 1 << 29

# Some hundred bytes for each of some thousand variables.
_MAX_INDEX_BYTES = 1 << 22

# A name a checkpoint of a long training.
_MAX_STATE_BYTES = 1 << 20

_FORMATS = (
  'a TensorFlow checkpoint (its folder, its prefix, its .index file or, in V1 '
  'format, its one file), a .tar, .tar.gz or .tgz archive of one, .npz, '
  '.caffemodel, .pth or .pkl'
)
_ADVICE = f'fetch or save it again, or give {_FORMATS}'

_STATE_NAME = 'checkpoint'
_MAX_NAME = 200
_STATE = re.compile(rb'model_checkpoint_path:\s*"((?:[^"\\\n]|\\.)*)"')


@dataclasses.dataclass(frozen=True)
class Located:
  """A checkpoint that is there.

  Attributes:
    path: Its file, or the prefix or '.index' file of a TensorFlow checkpoint in
      V2 format.
    files: All files that are read, in the order of their names.
  """

  path: Path
  files: Tuple[Path, ...]

  @property
  def sha256(self) -> str:
    """The SHA-256 of the file, or of a line of those of several files.

    Raises:
      OSError: If they cannot be read.
    """
    return digests.files_sha256(self.files)

  @property
  def prefix(self) -> Optional[str]:
    """The prefix of a TensorFlow checkpoint in V2 format; None of others."""
    index = str(self.files[-1])
    if not index.endswith(checkpoint_v2.INDEX_ENDING):
      return None
    return index[: -len(checkpoint_v2.INDEX_ENDING)]


def locate(path: str) -> Located:
  """Finds the files of a checkpoint, which are not read.

  Args:
    path: As for `read_checkpoint`.

  Raises:
    FileNotFoundError: If there is none.
    ValueError: If it is of a format that is not read, has more than a network
      can have, or a folder names one that is not in it.
    OSError: If it cannot be read.
  """
  kind = _foreign(path)
  if kind:
    raise ValueError(f"'{path}' is {kind}; give {_FORMATS}")
  if os.path.isdir(path):
    return locate(latest(Path(path)))
  is_index = path.endswith(checkpoint_v2.INDEX_ENDING)
  if os.path.isfile(path) and not is_index:
    return _sized(Located(Path(path), (Path(path),)))
  index = Path(path if is_index else path + checkpoint_v2.INDEX_ENDING)
  if not index.is_file():
    raise FileNotFoundError(
      f"there is no checkpoint at '{path}'; give --checkpoint a TensorFlow"
      ' checkpoint, its folder, a .npz, .caffemodel or .pth file'
    )
  data = re.compile(re.escape(index.stem) + r'\.data-[0-9]{5}-of-([0-9]{5})')
  found = list(map(data.fullmatch, sorted(os.listdir(index.parent))))
  shards = {match[0]: match[1] for match in found if match}
  if len(set(shards.values())) > 1:
    raise ValueError(
      f"the data files of '{path}' are of several checkpoints"
      f' ({", ".join(shards)}); remove those that are not its own'
    )
  return _sized(Located(Path(path), (*map(index.with_name, shards), index)))


def _foreign(path: str) -> Optional[str]:
  """Returns what others write and no weights are read of; None of all else."""
  whole = model_files.tell(path)
  if whole is not None:
    return f'{whole.words}, which is not read as weights'
  if not os.path.isfile(path):
    return None
  with open(path, 'rb') as file:
    head = file.read(formats.HEAD_BYTES)
  found, is_certain = formats.tell(path, head)
  if found.parse is not None:
    return None
  if is_certain:
    return f'{found.name}, which is not read'
  fault = 'and does not begin so' if found.is_whole else 'which is not read'
  return f'named as {found.name} is, {fault}'


def _sized(located: Located) -> Located:
  """Returns what is located, if it can be read: before it is hashed."""
  num_bytes = sum(file.stat().st_size for file in located.files)
  if num_bytes > MAX_BYTES:
    raise ValueError(
      f"'{located.path}' has {num_bytes} bytes, but a network's weights have"
      f' {MAX_BYTES} at most; give {_FORMATS}'
    )
  return located


def latest(folder: Path) -> str:
  """Returns the checkpoint that a folder's file `checkpoint` names first.

  Args:
    folder: On this machine, or at an address.

  Raises:
    FileNotFoundError: If there is none.
    ValueError: If it is not in the folder.
  """
  missing = FileNotFoundError(
    f"the folder {folder} has no file 'checkpoint' that names a checkpoint in"
    " it; give the checkpoint's own path, or another folder"
  )
  state = folder / _STATE_NAME
  if not state.is_file():
    raise missing
  content = untrusted.read_bytes(
    state, _MAX_STATE_BYTES, "a folder's list of checkpoints", _ADVICE
  )
  match = _STATE.search(content)
  if not match:
    raise missing
  with untrusted.guard(f"cannot read '{state}'", "give the checkpoint's path"):
    name = os.fsdecode(text_encoding.CUnescape(match[1].decode()))
    path = (folder / name).resolve()
  if folder.resolve() not in path.parents:
    raise ValueError(
      f"'{state}' names {name[:_MAX_NAME]!r}, which is not in its folder;"
      ' give the path of the checkpoint that you mean'
    )
  if not path.is_file() and not places.is_file(
    f'{path}{checkpoint_v2.INDEX_ENDING}'
  ):
    raise missing
  return str(folder / name)


def read_checkpoint(
  path: str, sha256: Optional[str] = None
) -> Dict[str, np.ndarray]:
  """Returns all numbers in a checkpoint, by variable name.

  Args:
    path: One of
      - a TensorFlow checkpoint: a folder, of which the latest is taken; a
        prefix or its '.index' file (V2); a single file of any name (V1). Where
        tf.train.Checkpoint wrote it, a name is the path of attributes that
        leads to the variable.
      - a .tar, .tar.gz or .tgz archive that holds one TensorFlow checkpoint,
      - an .npz file, whose names are taken as they are,
      - a .caffemodel file: see `caffe_model.parse`,
      - a .pth or .pt file, or one of any name that torch.save wrote: see
        `torch_checkpoint.parse`,
      - a .pkl file of a dict, layer name to (kernel, biases), that become
        '<layer>/weights' and '<layer>/biases'.
    sha256: What `Located.sha256` was; None if nobody has asked.

  Returns:
    Every variable, in the shape and dtype that the file gives it; not only
    weights, but a global step or an optimizer's state too. They may be of one
    memory, so are not to be written to.

  Raises:
    FileNotFoundError: If there is no such file, or no checkpoint in the folder.
    ValueError: If the file is damaged, or none of the above, has more than a
      network can have, or is not what it was.
    OSError: If the file cannot be read.
  """
  located = locate(path)
  contents = _contents(located)
  if sha256 is not None:
    found = [hashlib.sha256(each).hexdigest() for each in contents.values()]
    if digests.joined(found) != sha256:
      raise ValueError(
        f"'{located.path}' is no longer what it was when this run began; start"
        ' again when nobody writes to it'
      )
  with untrusted.guard(
    f'cannot read {located.path}: it is damaged or not what its name says',
    _ADVICE,
  ):
    if located.prefix is not None:
      return checkpoint_v2.parse_files(located.prefix, contents)
    content = contents[str(located.path)]
    known, _ = formats.tell(located.path.name, content[: formats.HEAD_BYTES])
    # `locate` has refused all others.
    assert known.parse is not None
    return known.parse(content, MAX_BYTES)


def _contents(located: Located) -> Dict[str, bytes]:
  """Returns the content of each file by its path."""
  contents: Dict[str, bytes] = {}
  room = MAX_BYTES
  for file in located.files:
    is_index = file.suffix == checkpoint_v2.INDEX_ENDING
    most = _MAX_INDEX_BYTES if is_index else room
    content = untrusted.read_bytes(file, most, 'the checkpoint', _ADVICE)
    room -= len(content)
    contents[str(file)] = content
  return contents
