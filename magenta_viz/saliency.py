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
  Sequence,
  Tuple,
)

from absl import logging
import numpy as np

from magenta_viz import version
from magenta_viz.attribution import causal_scores
from magenta_viz.attribution import comparison
from magenta_viz.attribution import config as saliency_config
from magenta_viz.attribution import files as saliency_files
from magenta_viz.attribution import illustrations
from magenta_viz.attribution import layer_gradients
from magenta_viz.attribution import methods
from magenta_viz.attribution import page
from magenta_viz.attribution import photographs
from magenta_viz.attribution import questions
from magenta_viz.attribution import segmentation
from magenta_viz.attribution import views as views_lib
from magenta_viz.files import digests
from magenta_viz.files import places
from magenta_viz.media import atomic_files
from magenta_viz.media import image_files
from magenta_viz.media import records
from magenta_viz.models import imagenet_classes
from magenta_viz.models import network_choice
from magenta_viz.models import network_loading
from magenta_viz.models import network_source
from magenta_viz.process import onednn
from magenta_viz.process import tensorflow_modes
from magenta_viz.settings import command_line

Saliency = saliency_files.Saliency
SaliencyConfig = saliency_config.SaliencyConfig

# Told the path of a photograph that cannot be explained, and why.
OnDamaged = Callable[[str, Exception], None]

# What the files' bytes depend on, for the record.
_PACKAGES = ('tensorflow', 'tf_slim', 'numpy', 'scipy', 'Pillow')

# Smaller photographs show no object.
_MIN_SIDE = 32


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
    network: A keras.Model, a tf.Module, or what `models.networks` makes, in
      place of the network of `config`.

  Returns:
    The map, and what was found by it. If `output_dir` has it already, it is
    read from there.

  Raises:
    ValueError: If the photograph is damaged, too small or too long, the
      network knows no such class or sees nothing of it, the weights are none
      of the network's, `output_dir` has a record of other settings, or more
      than one photograph or method is asked for, which `explain` is for.
    OSError: If a file cannot be read or written, or weights be fetched.
    FloatingPointError: If the network gives what is not a number.
  """
  if config.is_several:
    raise ValueError(
      f"image is '{config.image}' and method '{config.method}', which are"
      ' several; give one photograph and one method, or call explain'
    )
  (found,) = explain(config, resolved, network=network)
  return found


def explain(
  config: saliency_config.SaliencyConfig,
  resolved: Optional[network_source.Resolved] = None,
  on_damaged: Optional[OnDamaged] = None,
  *,
  network: Any = None,
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

  Yields:
    What was found in each photograph by each method, as soon as it is there.

  Raises:
    ValueError, OSError, FloatingPointError: As of `run`.
  """
  if network is not None:
    resolved = network_source.given(network, config.foreign)
  return tensorflow_modes.in_tensorflow_2(
    _explain(config, resolved, on_damaged)
  )


def _explain(
  config: saliency_config.SaliencyConfig,
  resolved: Optional[network_source.Resolved],
  on_damaged: Optional[OnDamaged],
) -> Generator[Saliency, None, None]:
  """Explains as `explain` does, where TensorFlow behaves as version 2 does."""
  if resolved is None:
    (resolved,) = network_source.resolve(
      [network_choice.Choice(config.model, checkpoint=config.checkpoint)],
      config.foreign,
    )
  names = resolved.class_names
  if config.class_id is not None:
    imagenet_classes.check_any(len(names))
  if config.class_id is not None and config.class_id >= len(names):
    raise ValueError(
      f'class_id {config.class_id} is unknown; take 0 to {len(names) - 1}, of'
      f' {len(names)} classes'
    )
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
    findings = _find_class(
      self._config.class_id, views.probabilities(), self._resolved.class_names
    )
    sight = _Sight(place, image, views, findings)
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
    settings = _settings(config, self._chosen)
    files = saliency_files.SaliencyFiles(config, sight.findings['class_name'])
    if files.are_written(settings):
      there = files.read()
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
      _values(config, methods.METHODS[method].settings),
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
    files.write_pictures(sight.image, levels, mask, box)
    record = {
      'image': config.image,
      'image_size': sight.image.shape[:2],
      **sight.findings,
      'box': box._asdict(),
      'mask_share': round(float(mask.mean()), 4),
      **self._scores(config, sight, saliency),
      'weights': self._chosen.source.origin,
      'settings': settings,
      'seconds': round(time.monotonic() - start, 3),
      **_machine(),
      'command': None
      if self._chosen.is_given
      else onednn.same(command_line.command(config), own='default'),
    }
    record = files.write_record(record)
    return Saliency(levels, mask, box, record, files.paths)

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


def _find_class(
  class_id: Optional[int], probabilities: np.ndarray, names: Sequence[str]
) -> Dict[str, Any]:
  """Returns what the record says of the class, the first choice for None."""
  if not probabilities.size:
    raise ValueError(
      'the network has no classes, of one of which a map would be; give one'
      ' that tells classes apart'
    )
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
    'image_sha256': digests.file_sha256(places.place(config.image)),
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
    image, saliency, **_values(config, saliency_config.SEGMENTATION)
  )
  levels = illustrations.normalize(saliency)[..., None]
  return segmentation.resize(levels, image.shape[:2])[..., 0], mask
