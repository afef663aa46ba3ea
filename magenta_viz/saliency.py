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

"""Explains photographs: from a `SaliencyConfig` to a map, a mask and a box."""

import dataclasses
import functools
from pathlib import Path
import time
from typing import (
  Any,
  Dict,
  Optional,
  Sequence,
  Tuple,
)

from absl import logging
import numpy as np
import tensorflow as tf

from magenta_viz import version
from magenta_viz.attribution import attributions
from magenta_viz.attribution import class_gradients
from magenta_viz.attribution import config as saliency_config
from magenta_viz.attribution import crops
from magenta_viz.attribution import files as saliency_files
from magenta_viz.attribution import illustrations
from magenta_viz.attribution import methods
from magenta_viz.attribution import segmentation
from magenta_viz.files import digests
from magenta_viz.media import image_files
from magenta_viz.media import records
from magenta_viz.models import network_choice
from magenta_viz.models import network_loading
from magenta_viz.models import network_protocol
from magenta_viz.models import network_source
from magenta_viz.process import onednn
from magenta_viz.process import tensorflow_modes
from magenta_viz.settings import command_line

Saliency = saliency_files.Saliency
SaliencyConfig = saliency_config.SaliencyConfig

# What the files' bytes depend on, for the record.
_PACKAGES = ('tensorflow', 'tf_slim', 'numpy', 'scipy', 'Pillow')

# Smaller photographs show no object.
_MIN_SIDE = 32


@tensorflow_modes.tensorflow_2()
def run(
  config: saliency_config.SaliencyConfig,
  resolved: Optional[network_source.Resolved] = None,
  *,
  network: Any = None,
) -> Saliency:
  """Explains a photograph.

  Args:
    config: Which photograph, how, and where to.
    resolved: The network of `config`, where somebody has looked at its
      checkpoint already, as for the names of its classes.
    network: A keras.Model, or what `models.networks` makes of any other, in
      place of the network of `config`.

  Returns:
    The map, and what was found by it. If `output_dir` has it already, it is
    read from there.

  Raises:
    ValueError: If the photograph is damaged, too small or too long, the
      network knows no such class or sees nothing of it, the weights are none
      of the network's, or `output_dir` has a record of other settings.
    OSError: If a file cannot be read or written, or weights be fetched.
    FloatingPointError: If the network gives what is not a number.
  """
  start = time.monotonic()
  if network is not None:
    resolved = network_source.given(network, config.foreign)
  elif resolved is None:
    (resolved,) = network_source.resolve(
      [network_choice.Choice(config.model, checkpoint=config.checkpoint)],
      config.foreign,
    )
  names = resolved.class_names
  if config.class_id is not None and config.class_id >= len(names):
    raise ValueError(
      f'class_id {config.class_id} is unknown; take 0 to {len(names) - 1}, of'
      f' {len(names)} classes'
    )
  photo = image_files.read_image(config.image)
  _check_size(config.image, *photo.shape[:2])
  chosen = network_loading.choose(resolved, config.precision)
  views = _Views(photo, chosen.network)
  findings = _find_class(config.class_id, views.probabilities(), names)
  # What was left open, so that the record's command asks for the same.
  config = dataclasses.replace(
    config,
    class_id=findings['class_id'],
    model=chosen.asked,
    checkpoint=chosen.source.checkpoint,
    precision=chosen.precision,
  )
  settings = _settings(config, chosen)
  files = saliency_files.SaliencyFiles(config, findings['class_name'])
  if files.are_written(settings):
    return files.read()
  # Not before all else is known to be right, for errors to leave no trace.
  files.prepare()
  logging.info(
    "Looking for '%s' with %s in %s, weights from %s (%s).",
    findings['class_name'],
    chosen.name,
    chosen.network.dtype.name,
    chosen.source.origin,
    chosen.source.reason,
  )
  levels, mask = _explain(config, findings['class_id'], photo, views)
  box = segmentation.bounding_box(mask)
  files.write_pictures(photo, levels, mask, box)
  record = {
    'image': config.image,
    'image_size': photo.shape[:2],
    **findings,
    'box': box._asdict(),
    'mask_share': round(float(mask.mean()), 4),
    'weights': chosen.source.origin,
    'settings': settings,
    'seconds': round(time.monotonic() - start, 3),
    **_machine(),
    'command': None
    if chosen.is_given
    else onednn.same(command_line.command(config), own='default'),
  }
  record = files.write_record(record)
  return Saliency(levels, mask, box, record, files.paths)


def _check_size(path: str, height: int, width: int) -> None:
  """Checks that a photograph has a size that a network can make sense of."""
  if min(height, width) < _MIN_SIDE:
    raise ValueError(
      f"'{path}' is {height} x {width} pixels; both sides must have at least"
      f' {_MIN_SIDE}'
    )
  image_files.check_aspect(path, height, width)


def _find_class(
  class_id: Optional[int], probabilities: np.ndarray, names: Sequence[str]
) -> Dict[str, Any]:
  """Returns what the record says of the class, the first choice for None."""
  first = int(np.argmax(probabilities))
  if class_id is None:
    class_id = first
  return {
    'class_id': class_id,
    'class_name': names[class_id],
    'probability': float(probabilities[class_id]),
    'rank': 1 + int(np.sum(probabilities > probabilities[class_id])),
    'first_choice': names[first],
  }


def _settings(
  config: saliency_config.SaliencyConfig,
  chosen: network_loading.ChosenNetwork,
) -> Dict[str, Any]:
  """Returns all that the files depend on."""
  names = (
    'class_id',
    'method',
    *methods.METHODS[config.method].settings,
    *saliency_config.SEGMENTATION,
  )
  return {
    'image_sha256': digests.file_sha256(Path(config.image)),
    **chosen.describe(),
    'precision': chosen.network.dtype.name,
    'onednn': onednn.told(),
    **_values(config, names),
  }


def _values(
  config: saliency_config.SaliencyConfig, names: Sequence[str]
) -> Dict[str, Any]:
  """Returns some fields of the configuration, by their names."""
  return {name: getattr(config, name) for name in names}


def _machine() -> Dict[str, Any]:
  """Returns what the record says of memory and versions."""
  return {
    'peak_memory_bytes': records.peak_memory_bytes(),
    'versions': {
      'magenta_viz': version.__version__,
      **records.versions(_PACKAGES),
    },
  }


class _Views:
  """A photograph's crops and mirrors, and what a network says of them."""

  def __init__(self, photo: np.ndarray, network: network_protocol.Network):
    """Cuts the photograph up."""
    self._network = network
    self._side = network.image_size
    height, width = photo.shape[:2]
    self._size = crops.scaled_size(height, width, self._side)
    self._corners = crops.corners(*self._size, self._side)
    self._scaled = segmentation.resize(photo, self._size)
    self._crops = crops.cut(self._scaled, self._corners, self._side)

  def probabilities(self) -> np.ndarray:
    """Returns the probability of each class, for the whole photograph.

    It is squeezed into the network's square, which is how the training set of
    BVLC's networks was made, and leaves nothing out.
    """
    whole = segmentation.resize(self._scaled, (self._side, self._side))
    logits = self._network(tf.constant(whole[None])).logits
    return tf.nn.softmax(logits).numpy()[0]

  def saliency(
    self, config: saliency_config.SaliencyConfig, class_id: int
  ) -> np.ndarray:
    """Returns the map of a class, [height, width] of the scaled photograph."""
    method = methods.METHODS[config.method]
    of_classes = self._network.shared.get(
      ('gradient', method.rule),
      lambda: class_gradients.ClassGradient(
        self._network, self._side, method.rule
      ),
    )
    found = method.attribute(
      functools.partial(of_classes, class_id=class_id),
      self._crops,
      **_values(config, method.settings),
    )
    maps = attributions.saliency_map(found)
    return crops.assemble(maps, self._corners, self._size)


def _explain(
  config: saliency_config.SaliencyConfig,
  class_id: int,
  photo: np.ndarray,
  views: _Views,
) -> Tuple[np.ndarray, np.ndarray]:
  """Returns map and mask, as in `Saliency`."""
  saliency = views.saliency(config, class_id)
  if not saliency.any():
    raise ValueError(
      f"nothing in '{config.image}' changes the score of class"
      f' {class_id} in {config.model}; take another --class_id or'
      ' --model'
    )
  mask = segmentation.segment(
    photo, saliency, **_values(config, saliency_config.SEGMENTATION)
  )
  levels = illustrations.normalize(saliency)[..., None]
  return segmentation.resize(levels, photo.shape[:2])[..., 0], mask
