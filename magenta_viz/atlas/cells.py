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

"""Collects the cells of an activation atlas: from photographs to directions.

Before the pipeline begins, and on the machine that it is begun on: there the
photographs are, and to look at them takes minutes where drawing takes hours.
"""

import contextlib
import hashlib
from pathlib import Path
import time
from typing import Any, Dict, Iterator, List, Sequence, Tuple

from absl import logging
import numpy as np
import tensorflow as tf

from magenta_viz import version
from magenta_viz.atlas import cell_files
from magenta_viz.atlas import cell_layout
from magenta_viz.atlas import cell_points
from magenta_viz.atlas import config as atlas_config
from magenta_viz.atlas import plan as plan_lib
from magenta_viz.atlas import units as units_lib
from magenta_viz.files import digests
from magenta_viz.files import places
from magenta_viz.media import image_files
from magenta_viz.media import pages
from magenta_viz.media import records
from magenta_viz.media import still_folders
from magenta_viz.models import network_loading
from magenta_viz.models import network_source
from magenta_viz.process import onednn
from magenta_viz.process import tensorflow_modes
from magenta_viz.visualization import networks as networks_lib

# Of each cell.
_NUM_CLASSES = 5
_NUM_PHOTOGRAPHS = 6

# Of a photograph on the page, in pixels.
_SHOWN_SIDE = 112

_MIN_SIDE = 32

_PACKAGES = ('tensorflow', 'numpy', 'Pillow', 'scikit-learn')


class _Photographs:
  """The photographs of a folder, as a network sees them.

  Attributes:
    names: Of those that could be read, in order.
    passed_over: Why each of the others could not.
  """

  def __init__(self, image: str, left_out: str, side: int):
    """Finds them.

    Args:
      image: The folder, or one photograph.
      left_out: Folder whose pictures are none.
      side: Height and width that the network sees.

    Raises:
      OSError, ValueError: As of `still_folders.find`.
    """
    self._root = places.place(image)
    self._side = side
    self._paths = [self._root]
    if not self._root.is_file():
      self._paths = still_folders.find(image, 'image', left_out)
    self.names: List[str] = []
    self.passed_over: List[str] = []

  def sha256(self) -> str:
    """Returns what all of them are told by."""
    digest = hashlib.sha256()
    for path in self._paths:
      own = ''
      # It is passed over, then.
      with contextlib.suppress(OSError):
        own = digests.file_sha256(path)
      line = f'{self._name(path)} {own}\n'
      digest.update(line.encode(errors='surrogatepass'))
    return digest.hexdigest()

  def __iter__(self) -> Iterator[cell_points.Photograph]:
    """Yields those that can be read, and warns of the others."""
    self.names, self.passed_over = [], []
    for path in self._paths:
      try:
        image = self._read(path)
      except (OSError, ValueError) as error:
        logging.warning('%s; it is passed over', error)
        self.passed_over.append(str(error))
        continue
      self.names.append(self._name(path))
      yield cell_points.Photograph(self.names[-1], image)

  def shown(self, wanted: Sequence[int]) -> Dict[int, str]:
    """Returns addresses that hold some of them, small, by their numbers."""
    paths = {self._name(path): path for path in self._paths}
    found = {}
    for number in wanted:
      image = self._read(paths[self.names[number]])
      small = tf.image.resize(image, [_SHOWN_SIDE] * 2, antialias=True)
      found[number] = pages.shown(np.clip(small.numpy(), 0, 1)).uri
    return found

  def _name(self, path: Path) -> str:
    if path == self._root:
      return path.name
    return path.relative_to(self._root).as_posix()

  def _read(self, path: Path) -> np.ndarray:
    """Returns the middle of a photograph, [side, side, 3] in [0, 1]."""
    image = image_files.read_image(path)
    height, width = image.shape[:2]
    least = min(height, width)
    if least < _MIN_SIDE:
      raise ValueError(
        f"'{path}' is {height} x {width} pixels; both sides must have at least"
        f' {_MIN_SIDE}'
      )
    top, left = (height - least) // 2, (width - least) // 2
    middle = image[top : top + least, left : left + least]
    seen = tf.image.resize(middle, [self._side] * 2, antialias=True)
    return np.clip(seen.numpy(), 0, 1)


def prepare(config: atlas_config.AtlasConfig) -> None:
  """Collects those cells of an atlas that are not there yet.

  Args:
    config: The atlas, with a folder.

  Raises:
    ValueError: If there is no such layer, no photograph or too few of them, or
      the folder has cells of other settings.
    OSError: If a file cannot be read or written, weights be fetched, or
      scikit-learn is missing.
    FloatingPointError: If the network gives what is not a number.
  """
  if not config.cells:
    return
  plan = plan_lib.plan(config)
  wanted = [
    (group, run)
    for group, run in zip(plan.groups, plan.runs)
    if group.kind == units_lib.CELLS
  ]
  with tensorflow_modes.tensorflow_2():
    for group, run in wanted:
      # The same network each time, which is loaded once.
      resolved = network_source.resolve(run.choices, run.foreign)
      networks = networks_lib.load(resolved, run.is_open, run.precision)
      _prepare(config, group, networks.members[0])


def _prepare(
  config: atlas_config.AtlasConfig,
  group: units_lib.Group,
  chosen: network_loading.ChosenNetwork,
) -> None:
  """Collects the cells of a layer."""
  folder = places.place(str(config.output_dir)) / group.folder
  network = chosen.network
  photographs = _Photographs(
    str(config.image), str(config.output_dir), network.image_size
  )
  settings = _settings(config, group.layer, chosen, photographs)
  if cell_files.are_there(folder, settings):
    return
  # Before minutes of looking.
  cell_layout.load_manifold()
  began = time.monotonic()
  points = cell_points.collect(
    network, group.layer, photographs, config.positions, config.seed
  )
  layout = cell_layout.lay_out(points.activations, config.seed)
  names = photographs.names
  cells, directions = _cells(config, points, layout, len(names))
  told = [
    _told(cell, points, direction, network.class_names)
    for cell, direction in zip(cells, directions)
  ]
  shown = {each['number'] for cell in told for each in cell['photographs']}
  seconds = time.monotonic() - began
  logging.info(
    '%s: %d points of %d photographs are in %d cells, after %.0f s.',
    group.layer,
    len(layout),
    len(names),
    len(cells),
    seconds,
  )
  cell_files.write(
    folder,
    directions,
    {'layout': layout, **_arrays(points)},
    photographs.shown(sorted(shown)),
    {
      'settings': settings,
      'image': config.image,
      'num_points': len(layout),
      'map': (network.layers[group.layer][:-1] or (1, 1)),
      'num_photographs': len(names),
      'shown': {str(number): names[number] for number in sorted(shown)},
      'passed_over': photographs.passed_over,
      'cells': told,
      'seconds': round(seconds, 3),
      'versions': {
        'magenta_viz': version.__version__,
        **records.versions(_PACKAGES),
      },
    },
  )


def _settings(
  config: atlas_config.AtlasConfig,
  layer: str,
  chosen: network_loading.ChosenNetwork,
  photographs: _Photographs,
) -> Dict[str, Any]:
  """Returns what the cells of a layer depend on."""
  return {
    'network': chosen.describe(),
    'precision': chosen.network.dtype.name,
    'onednn': onednn.told(),
    'layer': layer,
    'photographs_sha256': photographs.sha256(),
    'positions': config.positions,
    'grid': config.grid,
    'seed': config.seed,
    'least_points': cell_layout.LEAST_POINTS,
  }


def _cells(
  config: atlas_config.AtlasConfig,
  points: cell_points.Points,
  layout: np.ndarray,
  num_photographs: int,
) -> Tuple[List[cell_layout.Cell], np.ndarray]:
  """Returns the cells, and the [cells, channels] directions of their means.

  Raises:
    ValueError: If there is none.
  """
  found = []
  for cell in cell_layout.cells(layout, config.grid):
    mean = points.activations[cell.points].mean(axis=0)
    # Where nothing is active, nothing can be drawn.
    if mean.any():
      found.append((cell, mean))
  if not found:
    raise ValueError(
      f'{len(layout)} points of {num_photographs} photographs leave no cell of'
      f' {config.grid} x {config.grid} with {cell_layout.LEAST_POINTS}; give'
      ' --image more photographs, or take more --positions or a smaller --grid'
    )
  cells, means = zip(*found)
  return list(cells), np.stack(means)


def _arrays(points: cell_points.Points) -> Dict[str, np.ndarray]:
  """Returns what is kept of points: all but the activations themselves."""
  return {
    name: array
    for name, array in points._asdict().items()
    if name != 'activations'
  }


def _told(
  cell: cell_layout.Cell,
  points: cell_points.Points,
  direction: np.ndarray,
  class_names: Sequence[str],
) -> Dict[str, Any]:
  """Returns what the record says of a cell."""
  ids = points.class_ids[cell.points]
  sums = np.zeros(len(class_names))
  np.add.at(sums, ids, points.attributions[cell.points])
  means = sums / len(cell.points)
  best = np.argsort(-means, kind='stable')[:_NUM_CLASSES]
  photographs = points.photographs[cell.points]
  return {
    'row': cell.row,
    'column': cell.column,
    'num_points': len(cell.points),
    'num_photographs': len(np.unique(photographs)),
    'classes': [
      {
        'class_id': int(each),
        'class_name': class_names[each],
        'attribution': round(float(means[each]), 4),
      }
      for each in best
      if means[each] > 0
    ],
    'photographs': _nearest(cell, points, direction),
  }


def _nearest(
  cell: cell_layout.Cell, points: cell_points.Points, direction: np.ndarray
) -> List[Dict[str, Any]]:
  """Returns the photographs whose points are most like the mean of a cell."""
  own = points.activations[cell.points]
  cosines = own @ direction
  cosines /= np.linalg.norm(own, axis=1) * np.linalg.norm(direction) + 1e-12
  found: Dict[int, Dict[str, Any]] = {}
  for each in np.argsort(-cosines, kind='stable'):
    point = cell.points[each]
    number = int(points.photographs[point])
    row, column = points.places[point].tolist()
    found.setdefault(
      number,
      {
        'number': number,
        'row': row,
        'column': column,
        'cosine': round(float(cosines[each]), 4),
      },
    )
    if len(found) == _NUM_PHOTOGRAPHS:
      break
  return list(found.values())
