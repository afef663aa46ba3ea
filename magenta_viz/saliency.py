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

"""Explains photographs: from a `SaliencyConfig` to maps, masks and boxes."""

import contextlib
import dataclasses
import functools
from pathlib import Path
import time
from typing import (
  Any,
  Callable,
  Dict,
  Generator,
  Iterator,
  List,
  NamedTuple,
  Optional,
  Tuple,
)

from absl import logging
import numpy as np

from magenta_viz.attribution import causal_scores
from magenta_viz.attribution import comparison
from magenta_viz.attribution import config as saliency_config
from magenta_viz.attribution import files as saliency_files
from magenta_viz.attribution import findings
from magenta_viz.attribution import illustrations
from magenta_viz.attribution import layer_gradients
from magenta_viz.attribution import methods
from magenta_viz.attribution import page
from magenta_viz.attribution import photographs
from magenta_viz.attribution import questions
from magenta_viz.attribution import segmentation
from magenta_viz.attribution import views as views_lib
from magenta_viz.media import atomic_files
from magenta_viz.media import image_files
from magenta_viz.media import memory_images
from magenta_viz.models import imagenet_classes
from magenta_viz.models import network_choice
from magenta_viz.models import network_loading
from magenta_viz.models import network_source
from magenta_viz.process import onednn
from magenta_viz.process import tensorflow_modes
from magenta_viz.settings import command_line
from magenta_viz.settings import keywords

Saliency = saliency_files.Saliency
SaliencyConfig = saliency_config.SaliencyConfig

# Told the path of a photograph that cannot be explained, and why.
OnDamaged = Callable[[str, Exception], None]

# Smaller photographs show no object.
_MIN_SIDE = 32


def run(
  config: Optional[saliency_config.SaliencyConfig] = None,
  resolved: Optional[network_source.Resolved] = None,
  *,
  network: Any = None,
  **settings: Any,
) -> Saliency:
  """Explains a photograph.

      saliency.run(image='photo.jpg', method='grad_cam')

  Args:
    config: Which photograph, how, and where to.
    resolved: The network of `config`, where somebody has looked at its
      checkpoint already, as for the names of its classes.
    network: A keras.Model, a tf.Module, or what `models.networks` makes, in
      place of the network of `config`.
    **settings: Of `SaliencyConfig`, in place of those of `config`. `image` may
      be a picture of PIL or an array, [height, width, 3], of uint8 or of float
      in [0, 1], too; `class_name` is a name, in place of `class_id`.

  Returns:
    The map, and what was found by it. If `output_dir` has it already, it is
    read from there.

  Raises:
    TypeError: If there is no such setting.
    ValueError: If the photograph is damaged, too small or too long, the
      network knows no such class or sees nothing of it, the weights are none
      of the network's, `output_dir` has a record of other settings, or more
      than one photograph or method is asked for, which `explain` is for.
    OSError: If a file cannot be read or written, or weights be fetched.
    FloatingPointError: If the network gives what is not a number.
  """
  asked = _asked(config, resolved, network, settings)
  if asked.config.is_several:
    raise ValueError(
      f"image is '{asked.config.image}' and method '{asked.config.method}',"
      ' which are several; give one photograph and one method, or call explain'
    )
  (found,) = tensorflow_modes.in_tensorflow_2(_explain(asked, None))
  return found


def explain(
  config: Optional[saliency_config.SaliencyConfig] = None,
  resolved: Optional[network_source.Resolved] = None,
  on_damaged: Optional[OnDamaged] = None,
  *,
  network: Any = None,
  **settings: Any,
) -> Iterator[Saliency]:
  """Explains each photograph of a folder by each method, one after the other.

  The files of a photograph in an inner folder are in a folder of that name in
  `output_dir`. When all are there, `saliency.html` shows them beside one
  another, in place of an older one; of a single photograph and method there is
  none.

  Args:
    config: As of `run`; `image` may be a folder, and `method` several methods.
    resolved: As of `run`.
    on_damaged: Called for a photograph that cannot be explained, which is
      damaged or of which the network sees nothing, and is then passed over;
      None raises what is wrong.
    network: As of `run`.
    **settings: Likewise.

  Yields:
    What was found in each photograph by each method, as soon as it is there.

  Raises:
    TypeError, ValueError, OSError, FloatingPointError: As of `run`.
  """
  asked = _asked(config, resolved, network, settings)
  return tensorflow_modes.in_tensorflow_2(_explain(asked, on_damaged))


class _Asked(NamedTuple):
  """What a call asks for.

  Attributes:
    config: Which photographs, how, and where to.
    resolved: The network; None for that of `config`.
    shelf: Keeps the photograph, if it was given in memory.
  """

  config: saliency_config.SaliencyConfig
  resolved: Optional[network_source.Resolved]
  shelf: memory_images.Shelf


def _asked(
  config: Optional[saliency_config.SaliencyConfig],
  resolved: Optional[network_source.Resolved],
  network: Any,
  settings: Dict[str, Any],
) -> _Asked:
  """Returns what a call asks for."""
  shelf = memory_images.Shelf()
  if 'image' in settings:
    settings['image'] = shelf.path_of(settings['image'])
  name = settings.pop('class_name', None)
  if name is not None and settings.get('class_id') is not None:
    raise ValueError('give one of class_id and class_name, not both')
  made = keywords.config_of(
    SaliencyConfig, config, settings, ('network', 'class_name')
  )
  if network is not None:
    resolved = network_source.given(network, made.foreign)
  if name is not None:
    resolved = resolved or _resolve(made)
    class_id = imagenet_classes.find_class(name, resolved.class_names)
    made = dataclasses.replace(made, class_id=class_id)
  return _Asked(made, resolved, shelf)


def _resolve(
  config: saliency_config.SaliencyConfig,
) -> network_source.Resolved:
  """Looks at what the network of a configuration is."""
  (resolved,) = network_source.resolve(
    [network_choice.Choice(config.model, checkpoint=config.checkpoint)],
    config.foreign,
  )
  return resolved


def _explain(
  asked: _Asked, on_damaged: Optional[OnDamaged]
) -> Generator[Saliency, None, None]:
  """Explains as `explain` does, where TensorFlow behaves as version 2 does."""
  config = asked.config
  resolved = asked.resolved or _resolve(config)
  names = resolved.class_names
  if config.class_id is not None:
    imagenet_classes.check_any(len(names))
  if config.class_id is not None and config.class_id >= len(names):
    raise ValueError(
      f'class_id {config.class_id} is unknown; take 0 to {len(names) - 1}, of'
      f' {len(names)} classes'
    )
  with contextlib.closing(asked.shelf):
    explained = _Run(config, resolved, on_damaged)
    for photograph in photographs.find(config.image, config.output_dir):
      yield from explained.photograph(photograph)
    if config.page_path is not None:
      explained.write_page(config.page_path)


class _Sight(NamedTuple):
  """A photograph, and what the network sees in the whole of it.

  Attributes:
    place: Where it is, and where its files are.
    image: [height, width, 3] float32 in [0, 1], RGB.
    views: Its crops and its whole.
    findings: What the record says of the class.
  """

  place: photographs.Photograph
  image: np.ndarray
  views: views_lib.Views
  findings: Dict[str, Any]


class _Run:
  """Explains photographs with one network, of which each trace is made once."""

  def __init__(
    self,
    config: saliency_config.SaliencyConfig,
    resolved: network_source.Resolved,
    on_damaged: Optional[OnDamaged],
  ):
    self._config = config
    self._resolved = resolved
    self._on_damaged = on_damaged
    self._answers: Dict[str, Any] = {}
    self._shown: List[page.Row] = []
    self._passed_over: List[str] = []

  @functools.cached_property
  def _chosen(self) -> network_loading.ChosenNetwork:
    """The network; its weights are not fetched for damaged photographs."""
    return network_loading.choose(self._resolved, self._config.precision)

  def photograph(self, place: photographs.Photograph) -> Iterator[Saliency]:
    """Yields what each method finds in a photograph."""
    image = self._own(place.path, lambda: _read(place.path))
    if image is None:
      return
    views = views_lib.Views(image, self._chosen.network)
    of_class = findings.of_class(
      self._config.class_id, views.probabilities(), self._resolved.class_names
    )
    sight = _Sight(place, image, views, of_class)
    row = page.Row(place.path, place.name, {})
    for method in self._config.methods:
      found = self._found(sight, method)
      if found is not None:
        row.found[method] = (found.record, found.paths)
        yield found
    if row.found:
      self._shown.append(row)

  def write_page(self, path: Path) -> None:
    """Writes the page of all that was found."""
    records_of_all = [
      record for row in self._shown for record, _ in row.found.values()
    ]
    html = page.page(
      self._config.image,
      self._shown,
      comparison.means(records_of_all),
      self._passed_over,
      image_files.read_image,
    )
    atomic_files.prepare_folder(path.parent)
    atomic_files.write_file(path, html.encode('utf-8'))

  def _own(self, path: str, make: Callable[[], Any]) -> Any:
    """Returns what is made of a photograph; None where it is passed over."""
    try:
      return make()
    except (OSError, ValueError) as error:
      if self._on_damaged is None:
        raise
      self._on_damaged(path, error)
      self._passed_over.append(str(error))
      return None

  def _found(self, sight: _Sight, method: str) -> Optional[Saliency]:
    """Explains a photograph by a method, or reads what is there."""
    start = time.monotonic()
    config = self._settled(sight, method)
    asked = {
      'settings': findings.settings(config, self._chosen),
      'command': None
      if self._chosen.is_given or memory_images.is_kept(config.image)
      else onednn.same(command_line.command(config), own='default'),
    }
    files = saliency_files.SaliencyFiles(config, sight.findings['class_name'])
    if files.are_written(asked):
      there = files.read(sight.image)
      if not config.scores or _has_scores(there.record, config):
        return there
    # Not before all else is known to be right, for errors to leave no trace.
    files.prepare()
    logging.info(
      "Looking for '%s' with %s in %s, weights from %s (%s).",
      sight.findings['class_name'],
      self._chosen.name,
      self._chosen.network.dtype.name,
      self._chosen.source.origin,
      self._chosen.source.reason,
    )
    saliency = sight.views.saliency(
      method,
      findings.values(config, methods.METHODS[method].settings),
      self._answer(methods.METHODS[method].asks),
      sight.findings['class_id'],
    )
    found = self._own(
      config.image, lambda: _object(config, sight.image, saliency)
    )
    if found is None:
      return None
    levels, mask = found
    box = segmentation.bounding_box(mask)
    record = {
      'image': memory_images.told(config.image),
      'image_size': sight.image.shape[:2],
      **sight.findings,
      'box': box._asdict(),
      'mask_share': round(float(mask.mean()), 4),
      **self._scores(config, sight, saliency),
      'weights': self._chosen.source.origin,
      'seconds': round(time.monotonic() - start, 3),
      **findings.machine(),
      **asked,
    }
    record = files.write(sight.image, levels, mask, box, record)
    return Saliency(levels, mask, box, record, files.paths, sight.image)

  def _settled(
    self, sight: _Sight, method: str
  ) -> saliency_config.SaliencyConfig:
    """Returns the configuration of one photograph and method alone.

    What was left open is settled, so that the record's command asks for the
    same.
    """
    config = dataclasses.replace(
      self._config.of(sight.place.path, method, sight.place.output_dir),
      class_id=sight.findings['class_id'],
      model=self._chosen.asked,
      checkpoint=self._chosen.source.checkpoint,
      precision=self._chosen.precision,
    )
    if 'layer' not in methods.METHODS[method].settings:
      return config
    layer = layer_gradients.choose_layer(
      self._chosen.network, sight.views.outputs, config.layer
    )
    return dataclasses.replace(config, layer=layer)

  def _answer(self, question: str) -> Any:
    """Returns what answers a question; the network itself keeps but a few."""
    if question not in self._answers:
      self._answers[question] = questions.answerer(
        self._chosen.network, question
      )
    return self._answers[question]

  def _scores(
    self,
    config: saliency_config.SaliencyConfig,
    sight: _Sight,
    saliency: np.ndarray,
  ) -> Dict[str, float]:
    """Returns what the record says of how good a map is."""
    if not config.scores:
      return {}
    found = causal_scores.measure(
      functools.partial(
        self._answer('probability'), class_id=sight.findings['class_id']
      ),
      sight.views.whole,
      sight.views.of_whole(saliency),
      config.deletion_value,
    )
    scores = {name: round(each, 6) for name, each in found._asdict().items()}
    return {**scores, 'deletion_value': config.deletion_value}


def _has_scores(
  record: Dict[str, Any], config: saliency_config.SaliencyConfig
) -> bool:
  """Tells whether a record has the scores that are asked for."""
  return record.get('deletion_value') == config.deletion_value


def _read(path: str) -> np.ndarray:
  """Reads a photograph of a size that a network can make sense of."""
  image = image_files.read_image(path)
  _check_size(path, *image.shape[:2])
  return image


def _check_size(path: str, height: int, width: int) -> None:
  """Checks that a photograph has a size that a network can make sense of."""
  if min(height, width) < _MIN_SIDE:
    raise ValueError(
      f"'{path}' is {height} x {width} pixels; both sides must have at least"
      f' {_MIN_SIDE}'
    )
  image_files.check_aspect(path, height, width)


def _object(
  config: saliency_config.SaliencyConfig,
  image: np.ndarray,
  saliency: np.ndarray,
) -> Tuple[np.ndarray, np.ndarray]:
  """Returns map and mask, as in `Saliency`."""
  if not saliency.any():
    others = '--class_id or --model'
    if config.layer is not None:
      others = '--class_id, --model or --layer'
    raise ValueError(
      f"nothing in '{config.image}' changes the score of class"
      f' {config.class_id} in {config.model}; take another {others}'
    )
  mask = segmentation.segment(
    image, saliency, **findings.values(config, saliency_config.SEGMENTATION)
  )
  levels = illustrations.normalize(saliency)[..., None]
  return segmentation.resize(levels, image.shape[:2])[..., 0], mask
