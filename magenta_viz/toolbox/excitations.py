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

"""Which of the user's photographs excite each unit most, and which least.

A photograph counts once for a unit: by the unit's maximum over all positions,
in the largest square in the middle of the photograph at the network's own size.
What was found is in one file for a network and a folder of photographs. It is
written anew every few photographs; whatever ends the process, the next one goes
on from there, and so it does where photographs have come in between.
"""

import dataclasses
import hashlib
import io
import json
import os
from pathlib import Path
import time
from typing import (
  Any,
  Callable,
  Dict,
  List,
  Mapping,
  NamedTuple,
  Optional,
  Sequence,
  Tuple,
)

from absl import logging
import numpy as np
import tensorflow as tf

from magenta_viz.files import arrays
from magenta_viz.files import untrusted
from magenta_viz.media import atomic_files
from magenta_viz.media import image_files
from magenta_viz.models import network_loading
from magenta_viz.models import network_protocol
from magenta_viz.toolbox import pictures

# Yosinski et al. 2015 (arXiv 1506.06579) show the nine best crops.
NUM_KEPT = 9

# Of the photographs; units that are active in fewer are rare.
_RARE = 0.01

_VERSION = 1

# Limits the memory: some 40 MB a photograph in GoogLeNet.
_BATCH = 4

# Between two times that the file is written.
_SECONDS = 5.0

_MAX_BYTES = 1 << 30

_ADVICE = 'remove it, and make the index again with --index'

# Of a photograph: not looked at yet; looked at; one that cannot be read.
_WAITING, _SEEN, _PASSED_OVER = range(3)

_ENDS = ('highest', 'lowest')

_Photo = Tuple[str, int, int]


class Excitation(NamedTuple):
  """How much a photograph excites a unit, and where.

  Attributes:
    photo: Number of the photograph in the list of all.
    value: The unit's maximum.
    y: Row in the layer's map.
    x: Column.
  """

  photo: int
  value: float
  y: int
  x: int


@dataclasses.dataclass
class Index:
  """What is known of the units by a list of photographs.

  Attributes:
    layers: Height, width and channels of each layer; a vector has one place.
    status: [photos] int8, whether each was looked at.
    found: Arrays by name, a row a unit, layer after layer: `active`, in how
      many photographs it was more than 0; for each end of the row, with the
      first one first, [units, 9] `_values`, `_photos` and `_places`; no
      photograph is -1.
  """

  layers: Mapping[str, Tuple[int, int, int]]
  status: np.ndarray
  found: Dict[str, Any]

  @property
  def num_photos(self) -> int:
    """How many photographs were looked at."""
    return int(np.sum(self.status == _SEEN))

  @property
  def is_whole(self) -> bool:
    """Whether none is still to be looked at."""
    return not np.any(self.status == _WAITING)

  def highest(self, layer: str, unit: int) -> List[Excitation]:
    """Returns the photographs that excite a unit most, the most first.

    Of equal ones the first in the list are taken.

    Args:
      layer: Name of the layer.
      unit: Channel.

    Returns:
      Nine, or as many as there are.

    Raises:
      ValueError: If there is no such unit.
    """
    return self._end('highest', layer, unit)

  def lowest(self, layer: str, unit: int) -> List[Excitation]:
    """Returns those whose maximum is the lowest, the lowest first, likewise."""
    return self._end('lowest', layer, unit)

  def dead(self, layer: str) -> List[int]:
    """Returns the units that are more than 0 in none of the photographs."""
    return np.flatnonzero(self._active(layer) == 0).tolist()

  def rare(self, layer: str) -> List[int]:
    """Returns those that are so in less than 1 %, but in one at least."""
    active = self._active(layer)
    few = (active > 0) & (active < _RARE * self.num_photos)
    return np.flatnonzero(few).tolist()

  def _active(self, layer: str) -> np.ndarray:
    return self.found['active'][self._rows(layer)]

  def _rows(self, layer: str) -> slice:
    """Returns where the units of a layer are."""
    if layer not in self.layers:
      raise ValueError(
        f"the index has no layer '{layer}'; take one of"
        f' {", ".join(self.layers)}'
      )
    names = list(self.layers)
    before = names[: names.index(layer)]
    start = sum(self.layers[name][2] for name in before)
    return slice(start, start + self.layers[layer][2])

  def _end(self, end: str, layer: str, unit: int) -> List[Excitation]:
    """Returns one end of a unit's photographs."""
    rows = self._rows(layer)
    _, width, channels = self.layers[layer]
    if not 0 <= unit < channels:
      raise ValueError(
        f"layer '{layer}' has no unit {unit}: it has {channels}, from 0"
      )
    values, photos, places = (
      self.found[f'{end}_{name}'][rows.start + unit].tolist()
      for name in ('values', 'photos', 'places')
    )
    return [
      Excitation(photo, value, *divmod(place, width))
      for value, photo, place in zip(values, photos, places)
      if photo >= 0
    ]


def index(
  chosen: network_loading.ChosenNetwork,
  photos: Sequence[Path],
  folder: atomic_files.PathLike,
  on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Index:
  """Looks at photographs, but at those that it has looked at already.

  One that cannot be read is passed over, with a warning.

  Args:
    chosen: The network.
    photos: Their files, as of `still_folders.find`.
    folder: Where the index is kept; made if need be.
    on_progress: Called with how many of them are done, and of how many.

  Raises:
    FloatingPointError: If a layer has what is not a finite number.
    OSError: If the folder cannot be written.
  """
  atomic_files.prepare_folder(folder)
  path = _path(chosen, photos, folder)
  present = [_stat(each) for each in photos]
  look, layers = _looker(chosen.network)
  found = _begun(path, present, layers)
  waiting = np.flatnonzero(found.status == _WAITING).tolist()
  written = time.monotonic()
  for start in range(0, len(waiting), _BATCH):
    batch = waiting[start : start + _BATCH]
    _look_at(found, look, {each: photos[each] for each in batch}, chosen)
    on_progress(int(np.sum(found.status != _WAITING)), len(photos))
    if time.monotonic() - written > _SECONDS:
      _write(path, found, present)
      written = time.monotonic()
  if waiting:
    _write(path, found, present)
  return found


def read(
  chosen: network_loading.ChosenNetwork,
  photos: Sequence[Path],
  folder: atomic_files.PathLike,
) -> Index:
  """Reads the index of photographs, whole or not.

  Args:
    chosen: The network.
    photos: The photographs' files; those that have come since then are waiting.
    folder: Where it is kept.

  Raises:
    FileNotFoundError: If there is none.
    OSError: If it cannot be read.
    ValueError: If it is damaged, or some photographs have changed or are gone.
  """
  path = _path(chosen, photos, folder)
  found, known = _read(path)
  adapted = _adapted(found, known, [_stat(each) for each in photos])
  if adapted is None:
    raise ValueError(
      f"the index '{path}' is of photographs of which some have changed or are"
      ' gone; make it again with --index'
    )
  return adapted


def _path(
  chosen: network_loading.ChosenNetwork,
  photos: Sequence[Path],
  folder: atomic_files.PathLike,
) -> Path:
  """Returns the file of an index: one a network and folder of photographs."""
  where = os.path.commonpath([each.resolve().parent for each in photos])
  key = json.dumps(
    [chosen.describe(), chosen.precision, chosen.network.image_size, where],
    sort_keys=True,
    default=str,
  )
  digest = hashlib.sha256(key.encode()).hexdigest()
  return Path(folder, f'excitations_{digest[:16]}.npz')


def _stat(path: Path) -> _Photo:
  """Returns what tells a photograph: name, size and time of its last change."""
  try:
    stat = path.stat()
  except OSError:
    # Which reading it will say.
    return str(path.absolute()), -1, -1
  return str(path.absolute()), stat.st_size, stat.st_mtime_ns


def _begun(
  path: Path,
  present: Sequence[_Photo],
  layers: Mapping[str, Tuple[int, int, int]],
) -> Index:
  """Returns the index of photographs as far as it is made."""
  try:
    known = _adapted(*_read(path), present)
    if known is not None and known.layers == layers:
      return known
    logging.info('photographs have changed: the index begins anew')
  except FileNotFoundError:
    pass
  except ValueError as error:
    logging.warning('%s; it begins anew', error)
  num_units = sum(each[2] for each in layers.values())
  found = {'active': np.zeros(num_units, np.int32)}
  for end, value in zip(_ENDS, (-np.inf, np.inf)):
    shape = (num_units, NUM_KEPT)
    found[f'{end}_values'] = np.full(shape, value, np.float32)
    found[f'{end}_photos'] = np.full(shape, -1, np.int32)
    found[f'{end}_places'] = np.zeros(shape, np.int32)
  return Index(layers, np.full(len(present), _WAITING, np.int8), found)


def _adapted(
  found: Index, known: Sequence[_Photo], present: Sequence[_Photo]
) -> Optional[Index]:
  """Returns an index with the numbers that its photographs have now.

  Args:
    found: As it was written.
    known: Its photographs.
    present: Those that there are now.

  Returns:
    None if it hangs on some that are no longer there as they were.
  """
  numbers = {photo: number for number, photo in enumerate(present)}
  status = np.full(len(present), _WAITING, np.int8)
  now = np.full(len(known) + 1, -1, np.int32)
  for before, photo in enumerate(known):
    number = numbers.get(photo, -1)
    if number < 0 and found.status[before] == _SEEN:
      return None
    if number >= 0:
      status[number] = found.status[before]
      now[before] = number
  # The last one stands for -1.
  changed = {
    name: now[array] if name.endswith('_photos') else array
    for name, array in found.found.items()
  }
  return Index(found.layers, status, changed)


def _looker(
  network: network_protocol.Network,
) -> Tuple[Any, Dict[str, Tuple[int, int, int]]]:
  """Returns what looks at pictures, and the layers that it sees.

  The former returns the maxima of all units, [batch, units] float32, and their
  places, int32.
  """
  side = network.image_size
  layers: Dict[str, Tuple[int, int, int]] = {}

  def look(images: tf.Tensor) -> Any:
    maxima, places = [], []
    for name, net in network(images).end_points.items():
      *sides, channels = net.shape[1:].as_list()
      height, width = sides or (1, 1)
      layers[name] = (height, width, channels)
      flat = tf.reshape(net, [-1, height * width, channels])
      flat = tf.cast(flat, tf.float32)
      # A maximum alone hides what is no number.
      maxima.append(tf.reduce_max(flat, 1) + 0 * tf.reduce_sum(flat, 1))
      places.append(tf.argmax(flat, 1, tf.int32))
    return tf.concat(maxima, 1), tf.concat(places, 1)

  spec = tf.TensorSpec([None, side, side, 3], tf.float32)
  traced = tf.function(look, input_signature=[spec], autograph=False)
  return traced.get_concrete_function(), layers


def _look_at(
  found: Index,
  look: Any,
  batch: Mapping[int, Path],
  chosen: network_loading.ChosenNetwork,
) -> None:
  """Adds some photographs to an index."""
  images: Dict[int, np.ndarray] = {}
  for number, path in batch.items():
    try:
      image = image_files.read_image(path)
      images[number] = pictures.square(image, chosen.network.image_size)
    except (OSError, ValueError) as error:
      logging.warning('%s; it is passed over', error)
      found.status[number] = _PASSED_OVER
  if not images:
    return
  stacked = np.stack(list(images.values())).astype(np.float32)
  maxima, places = (each.numpy() for each in look(tf.constant(stacked)))
  if not np.isfinite(maxima).all():
    names = ', '.join(batch[number].name for number in images)
    raise FloatingPointError(
      f'{chosen.name} gives what is not a finite number for one of {names}; use'
      ' --precision=float32 or other weights'
    )
  numbers = list(images)
  found.found['active'] += np.sum(maxima > 0, 0, dtype=np.int32)
  for end, sign in zip(_ENDS, (-1, 1)):
    _merge(found.found, end, sign, (maxima, numbers, places))
  found.status[numbers] = _SEEN


def _merge(
  found: Dict[str, np.ndarray], end: str, sign: int, new: Tuple[Any, ...]
) -> None:
  """Keeps the first of those that there were and some more."""
  names = [f'{end}_{name}' for name in ('values', 'photos', 'places')]
  shape = (len(found[names[0]]), len(new[1]))
  all_of = [
    np.concatenate([found[name], np.broadcast_to(np.transpose(each), shape)], 1)
    for name, each in zip(names, new)
  ]
  # The first of equal ones, in whatever order they were looked at.
  order = np.lexsort((all_of[1], sign * all_of[0]), axis=1)[:, :NUM_KEPT]
  for name, each in zip(names, all_of):
    kept = np.take_along_axis(each, order, 1)
    found[name] = kept.astype(found[name].dtype)


def _write(path: Path, found: Index, photos: Sequence[_Photo]) -> None:
  """Writes an index, whole or not at all."""
  about = {
    'version': _VERSION,
    'layers': list(found.layers),
    'photos': [photo[0] for photo in photos],
  }
  file = io.BytesIO()
  np.savez(
    file,
    about=np.frombuffer(json.dumps(about).encode(), np.uint8),
    shapes=np.array(list(found.layers.values()), np.int32).reshape(-1, 3),
    stats=np.array([photo[1:] for photo in photos], np.int64).reshape(-1, 2),
    status=found.status,
    **found.found,
  )
  atomic_files.write_file(path, file.getvalue())


def _read(path: Path) -> Tuple[Index, List[_Photo]]:
  """Reads an index, and the photographs that it was made for.

  Raises:
    As `read`.
  """
  what = 'the index'
  data = untrusted.read_bytes(path, _MAX_BYTES, what, _ADVICE)
  with untrusted.guard(f"cannot read {what} '{path}'", _ADVICE):
    found = arrays.parse_npz(data, _MAX_BYTES)
    about = untrusted.parse_json(found.pop('about').tobytes())
    if about['version'] != _VERSION:
      raise ValueError(f'its version is {about["version"]}, not {_VERSION}')
    shapes, stats = found.pop('shapes'), found.pop('stats')
    names, paths = about['layers'], about['photos']
    status = found.pop('status')
    _check(status, 'status', (len(paths),), np.int8, _PASSED_OVER)
    _check(stats, 'stats', (len(paths), 2), np.int64)
    _check(shapes, 'shapes', (len(names), 3), np.int32)
    layers = {
      str(name): (int(shape[0]), int(shape[1]), int(shape[2]))
      for name, shape in zip(names, shapes)
    }
    num_units = int(shapes[:, 2].sum())
    _check(found['active'], 'active', (num_units,), np.int32, len(paths))
    num_places = np.repeat(shapes[:, 0] * shapes[:, 1], shapes[:, 2])
    for end in _ENDS:
      shape = (num_units, NUM_KEPT)
      _check(found[f'{end}_values'], 'values', shape, np.float32)
      photos = found[f'{end}_photos']
      _check(photos, 'photos', shape, np.int32, len(paths) - 1, least=-1)
      places = found[f'{end}_places']
      _check(places, 'places', shape, np.int32, num_places[:, None] - 1)
    known = [
      (str(path), int(size), int(changed))
      for path, (size, changed) in zip(paths, stats)
    ]
  return Index(layers, status, found), known


def _check(
  array: np.ndarray,
  name: str,
  shape: Tuple[int, ...],
  dtype: Any,
  most: Any = None,
  least: int = 0,
) -> None:
  """Raises ValueError if an array is not as it was written."""
  if array.shape != shape or array.dtype != dtype:
    raise ValueError(f'its {name} are {array.dtype.name} of {array.shape}')
  if most is not None and not ((least <= array) & (array <= most)).all():
    raise ValueError(f'its {name} are not from {least} on to their last')
