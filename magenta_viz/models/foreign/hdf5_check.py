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

"""What Keras's weights in HDF5 would read of other files, or claim.

A file in HDF5 may name other files, whose content is then read as if it were
its own, and claim sizes that nothing is stored for.

References:
  HDF5 User's Guide, "External Links", "External Storage", "Virtual Datasets".
"""

from typing import Any, BinaryIO, Iterator, Union

# Keras has one a variable and one a layer.
_MAX_OBJECTS = 100_000


def model_config(
  file: Union[str, BinaryIO], max_bytes: int, max_config_bytes: int
) -> Any:
  """Returns what Keras has written of a model, once its weights are its own.

  Args:
    file: Path of the HDF5 file, or its content as a file.
    max_bytes: The most that all of its arrays may have.
    max_config_bytes: The most that the text may have.

  Returns:
    The text, in bytes; None where there are weights alone.

  Raises:
    ValueError: If the file names others, or claims more than it may have.
    Others: What h5py raises at damaged bytes.
  """
  # Not before such a file is given: nothing else here needs it.
  import h5py

  with h5py.File(file, 'r') as opened:
    num_bytes = sum(_sizes(opened, h5py))
    if num_bytes > max_bytes:
      raise ValueError(
        f'its arrays have {num_bytes} bytes, but may have {max_bytes} at most'
      )
    text = opened.attrs.get('model_config')
  if text is None:
    return None
  data = text.encode() if isinstance(text, str) else bytes(text)
  if len(data) > max_config_bytes:
    raise ValueError(
      f'its model_config has {len(data)} bytes, but may have'
      f' {max_config_bytes} at most'
    )
  return data


def _sizes(root: Any, h5py: Any) -> Iterator[int]:
  """Yields how many bytes each array takes, if all is the file's own."""
  groups, num_objects = [root], 0
  seen = {h5py.h5o.get_info(root.id).addr}
  while groups:
    group = groups.pop()
    for name in group:
      num_objects += 1
      if num_objects > _MAX_OBJECTS:
        raise ValueError(f'it has more than {_MAX_OBJECTS} groups and arrays')
      place = f'{group.name}/{name}'.replace('//', '/')[:200]
      if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        raise ValueError(
          f"its '{place}' is a link to somewhere else, maybe another file"
        )
      found = group[name]
      address = h5py.h5o.get_info(found.id).addr
      if isinstance(found, h5py.Group) and address not in seen:
        groups.append(found)
      elif isinstance(found, h5py.Dataset):
        yield _size(found, place)
      seen.add(address)


def _size(array: Any, place: str) -> int:
  """Returns how many bytes an array takes, if they are the file's own."""
  if array.external or array.is_virtual:
    raise ValueError(f"its '{place}' is kept in another file")
  num_bytes = array.dtype.itemsize
  # In Python's integers, which do not overflow.
  for side in array.shape or ():
    num_bytes *= int(side)
  return num_bytes
