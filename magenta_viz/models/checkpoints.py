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


"""Reads weights by variable name from checkpoints in every format."""

import glob
import gzip
import io
import os
from pathlib import Path
import pickle
import shutil
import tarfile
import tempfile
from typing import (
  Any,
  Callable,
  Dict,
  Iterator,
  Literal,
  Mapping,
  Optional,
  Tuple,
)
import zipfile
import zlib

import numpy as np

from magenta_viz.models import caffe_model

_FORMATS = (
  'a TensorFlow checkpoint (its folder, its prefix, its .index file or, in V1 '
  'format, its one file), a .tar, .tar.gz or .tgz archive of one, .npz, '
  '.caffemodel or .pkl'
)

# The last eight bytes of an SSTable, in which format TensorFlow writes its V1
# checkpoints and the .index files of its V2 ones: kTableMagicNumber in
# tensorflow/core/lib/io/format.h (in later releases tsl/lib/io/format.h).
_TABLE_MAGIC = (0xDB4775248B80FB57).to_bytes(8, 'little')

# What an object-based checkpoint (tf.train.Checkpoint) adds to the names.
_OBJECT_SUFFIX = '/.ATTRIBUTES/VARIABLE_VALUE'


def read_checkpoint(path: str) -> Dict[str, np.ndarray]:
  """Returns all numbers in a checkpoint, by variable name.

  Args:
    path: One of
      - a TensorFlow checkpoint: a folder, of which the latest is taken; a
        prefix or its '.index' file (V2); a single file of any name (V1). Where
        tf.train.Checkpoint wrote it, a name is the path of attributes that
        leads to the variable.
      - a .tar, .tar.gz or .tgz archive that holds one TensorFlow checkpoint,
      - an .npz file, whose names are taken as they are,
      - a .caffemodel file: see `caffe_model.read_caffemodel`,
      - a .pkl file of a dict, layer name to (kernel, biases), that become
        '<layer>/weights' and '<layer>/biases'.

  Returns:
    Every variable, in the shape and dtype that the file gives it; not only
    weights, but a global step or an optimizer's state too.

  Raises:
    FileNotFoundError: If there is no such file, or no checkpoint in the folder.
    ValueError: If the file is damaged, or none of the above.
    OSError: If the file cannot be read, or an archive not be unpacked.
  """
  if os.path.isfile(path + '.index'):
    return _read_tensorflow(path)
  if os.path.isdir(path):
    return _read_folder(path)
  if not os.path.isfile(path):
    raise FileNotFoundError(f"no checkpoint '{path}'; give {_FORMATS}")
  if path.endswith('.index'):
    return _read_tensorflow(path[: -len('.index')])
  for suffix, read in _READERS.items():
    if path.lower().endswith(suffix):
      return read(path)
  if _is_table(Path(path)):
    return _read_tensorflow(path)
  raise ValueError(
    f'{path} is damaged, cut short or of an unknown format; give {_FORMATS}'
  )


def _damaged(path: str, error: BaseException) -> ValueError:
  """Returns the error to raise if `path` cannot be read because of `error`."""
  reason = ' '.join(str(error).split()) or type(error).__name__
  return ValueError(
    f'cannot read {path}: it is damaged or not what its name says ({reason}); '
    f'fetch or save it again, or give {_FORMATS}'
  )


def _is_table(path: Path) -> bool:
  """Whether the file is an SSTable that was written to its end."""
  with path.open('rb') as file:
    file.seek(max(0, path.stat().st_size - len(_TABLE_MAGIC)))
    return file.read() == _TABLE_MAGIC


def _read_folder(path: str) -> Dict[str, np.ndarray]:
  # TensorFlow takes seconds to import, which no other format should cost.
  import tensorflow as tf

  prefix = tf.train.latest_checkpoint(path)
  if prefix is None:
    raise FileNotFoundError(
      f"the folder {path} has no file 'checkpoint' that names a checkpoint in "
      "it; give the checkpoint's own path, or another folder"
    )
  return _read_tensorflow(prefix)


def _read_tensorflow(
  prefix: str, archive: Optional[str] = None
) -> Dict[str, np.ndarray]:
  """Reads a TensorFlow checkpoint in either format.

  Args:
    prefix: The checkpoint.
    archive: What errors name instead, if `prefix` is a temporary copy.
  """
  import tensorflow as tf  # As in `_read_folder`.

  # TensorFlow takes the path of a V1 file for a pattern.
  is_v2 = os.path.isfile(prefix + '.index')
  pattern = prefix if is_v2 else glob.escape(prefix)
  try:
    reader = tf.train.load_checkpoint(pattern)
    values = {}
    for name, dtype in reader.get_variable_to_dtype_map().items():
      if dtype.is_floating or dtype.is_integer:
        if name.endswith(_OBJECT_SUFFIX):
          values[name[: -len(_OBJECT_SUFFIX)]] = reader.get_tensor(name)
        else:
          values[name] = reader.get_tensor(name)
  # The reader is C++ and tells some of its errors apart by their text only.
  except (tf.errors.OpError, IndexError, RuntimeError, ValueError) as error:
    raise _damaged(archive or prefix, error) from error
  # A number without axes comes as a NumPy scalar.
  return {name: np.asarray(value) for name, value in values.items()}


def _read_archive(path: str) -> Dict[str, np.ndarray]:
  """Reads the one checkpoint in an archive."""
  with tempfile.TemporaryDirectory(prefix='magenta_viz_') as name:
    folder = Path(name).resolve()
    try:
      _unpack(path, folder)
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as error:
      raise _damaged(path, error) from error
    except OSError as error:
      raise OSError(
        f'cannot unpack {path} into {folder} ({error.strerror}); make room '
        'there, or set TMPDIR to another folder'
      ) from error
    tables = [file for file in folder.rglob('*') if file.is_file()]
    tables = sorted(file for file in tables if _is_table(file))
    if len(tables) != 1:
      names = ', '.join(str(table.relative_to(folder)) for table in tables)
      raise ValueError(
        f'{path} holds {names or "no TensorFlow checkpoint"}; give an archive '
        'of exactly one TensorFlow checkpoint'
      )
    prefix = str(tables[0])
    if prefix.endswith('.index'):
      prefix = prefix[: -len('.index')]
    return _read_tensorflow(prefix, path)


def _unpack(path: str, folder: Path) -> None:
  """Unpacks an archive's plain files and folders; refuses all else.

  tarfile's own extraction follows links and '..' out of the folder in Pythons
  without its filters, and sets modes and owners, which nobody needs here.

  Args:
    path: The archive.
    folder: Where to, with all links resolved.

  Raises:
    ValueError: If a member is no plain file, or belongs outside `folder`.
  """
  mode: Literal['r:', 'r:gz'] = (
    'r:' if path.lower().endswith('.tar') else 'r:gz'
  )
  with tarfile.open(path, mode) as archive:
    for member in archive:
      target = Path(os.path.normpath(folder / member.name))
      is_inside = target == folder or folder in target.parents
      if not is_inside or not (member.isfile() or member.isdir()):
        raise ValueError(
          f'{path} holds {member.name!r}, which is no plain file inside its '
          'folder; give an archive of plain files'
        )
      content = archive.extractfile(member)
      if content is None:  # A folder.
        continue
      target.parent.mkdir(parents=True, exist_ok=True)
      with content, target.open('wb') as file:
        shutil.copyfileobj(content, file)


def _read_npz(path: str) -> Dict[str, np.ndarray]:
  # From memory, so that what then fails is the content and not the disk.
  content = io.BytesIO(Path(path).read_bytes())
  try:
    archive = np.load(content, allow_pickle=False)
    if not isinstance(archive, np.lib.npyio.NpzFile):
      raise ValueError('it holds one array without a name')
    with archive:
      values = {name: archive[name] for name in archive.files}
  # RuntimeError: what zipfile makes of a damaged flag or compression method.
  except (
    EOFError,
    RuntimeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
  ) as error:
    raise _damaged(path, error) from error
  for name, value in values.items():
    if not isinstance(value, np.ndarray):
      raise ValueError(f"{path} holds '{name}', which is no array; remove it")
  return values


class _PickledDtype:
  """Stands in for `numpy.dtype`: a type code, and then the byte order."""

  def __init__(self, code: str, *unused_args: Any):
    self._code = code

  def __setstate__(self, state: Tuple[Any, ...]) -> None:
    self.dtype = np.dtype(state[1] + self._code)


class _PickledArray:
  """Stands in for `numpy.ndarray`: made empty, and then given its content."""

  def __init__(self, *unused_args: Any):
    pass

  def __setstate__(self, state: Tuple[Any, ...]) -> None:
    _, shape, pickled_dtype, is_fortran, content = state
    # Refuses objects, and content that does not fill the shape.
    values = np.frombuffer(content, pickled_dtype.dtype)
    self.array = values.reshape(shape, order='F' if is_fortran else 'C').copy()


class _ArrayUnpickler(pickle.Unpickler):
  """Unpickles NumPy arrays, as `_PickledArray`, and plain data.

  NumPy's own classes trust a pickle's word on what its bytes are, objects in
  memory included. They are known by the names that the file has, which NumPy
  has moved since.
  """

  _GLOBALS: Mapping[Tuple[str, str], Any] = {
    ('numpy.core.multiarray', '_reconstruct'): _PickledArray,
    ('numpy', 'ndarray'): _PickledArray,
    ('numpy', 'dtype'): _PickledDtype,
  }

  def find_class(self, module: str, name: str) -> Any:
    """Returns the stand-in of one of NumPy's three globals.

    Raises:
      UnpicklingError: If the pickle wants any other.
    """
    if (module, name) not in self._GLOBALS:
      raise pickle.UnpicklingError(
        f"it wants to call '{module}.{name}', and only arrays are allowed"
      )
    return self._GLOBALS[module, name]


def _read_pickle(path: str) -> Dict[str, np.ndarray]:
  with open(path, 'rb') as file:
    try:
      layers = _ArrayUnpickler(file).load()
      return dict(_name_arrays(layers))
    # What a damaged pickle makes of itself, by the documentation of pickle.
    except (
      pickle.UnpicklingError,
      AttributeError,
      EOFError,
      ImportError,
      LookupError,
      MemoryError,
      OverflowError,
      TypeError,
      ValueError,
    ) as error:
      raise _damaged(path, error) from error


def _name_arrays(layers: Any) -> Iterator[Tuple[str, np.ndarray]]:
  if not isinstance(layers, dict):
    raise ValueError('it is no dict, layer name to (kernel, biases)')
  for layer, arrays in layers.items():
    kernel, biases = arrays
    for kind, array in (('weights', kernel), ('biases', biases)):
      if not isinstance(array, _PickledArray):
        raise ValueError(f'the {kind} of layer {layer!r} are no array')
      yield f'{layer}/{kind}', array.array


_READERS: Mapping[str, Callable[[str], Dict[str, np.ndarray]]] = {
  '.tar': _read_archive,
  '.tar.gz': _read_archive,
  '.tgz': _read_archive,
  '.npz': _read_npz,
  '.caffemodel': caffe_model.read_caffemodel,
  '.pkl': _read_pickle,
}
