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

"""Draws classes: from a `VisualizeConfig` to pictures and their records."""

import dataclasses
from pathlib import Path
import time
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

from absl import logging
import numpy as np
import tensorflow as tf
import tqdm

from magenta_viz import command_line
from magenta_viz import version
from magenta_viz import visualize_config
from magenta_viz.ascent import ascend
from magenta_viz.ascent import objectives
from magenta_viz.ascent import octaves
from magenta_viz.ascent import optimizers
from magenta_viz.ascent import parameterizations
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.media import atomic_files
from magenta_viz.media import contact_sheet
from magenta_viz.media import image_files
from magenta_viz.media import records
from magenta_viz.media import summaries
from magenta_viz.models import checkpoints
from magenta_viz.models import imagenet_classes
from magenta_viz.models import model_spec
from magenta_viz.models import network_source
from magenta_viz.models import precision
from magenta_viz.models import slim_network

VisualizeConfig = visualize_config.VisualizeConfig

# What a picture's bytes depend on, for the record.
_PACKAGES = ('tensorflow', 'tf_slim', 'numpy', 'Pillow')


class Picture(NamedTuple):
  """A picture of a class.

  Attributes:
    image: [height, width, 3] float32 in [0, 1].
    record: What made it and what became of it, as in the JSON file.
    path: Of its PNG file; None if none was written.
  """

  image: np.ndarray
  record: Dict[str, Any]
  path: Optional[Path]


@dataclasses.dataclass(frozen=True)
class _Task:
  """One picture to draw."""

  class_id: int
  name: str
  seed: int

  @property
  def stem(self) -> str:
    """Name of the picture's files, without their endings."""
    slug = imagenet_classes.slug(imagenet_classes.short_name(self.name))
    return f'{self.class_id:03}_{slug}_{self.seed}'

  @property
  def generator(self) -> np.random.Generator:
    """What all random draws of this picture come from."""
    return np.random.default_rng([self.seed, self.class_id])


def run(
  config: visualize_config.VisualizeConfig, show_progress: bool = False
) -> List[Picture]:
  """Draws pictures of classes.

  Args:
    config: Which pictures, from what, and where to.
    show_progress: Whether to show a progress bar.

  Returns:
    A picture a class and seed, in the order of the classes. Those that
    `output_dir` has already are read from there.

  Raises:
    ValueError: If the configuration does not fit the network, the weights are
      no weights of it, or `output_dir` has pictures of other settings.
    OSError: If a file cannot be read or written, or weights be fetched.
    FloatingPointError: If the ascent gives what is not a number.
  """
  return list(draw(config, show_progress))


def draw(
  config: visualize_config.VisualizeConfig, show_progress: bool = False
) -> Iterator[Picture]:
  """Draws as `run` does, and yields each picture as soon as it is there."""
  tasks = _tasks(config)
  source = network_source.choose(config.model, config.checkpoint)
  network = _load(source, precision.resolve_dtype(config.precision))
  studio = _Studio(config, source, network)
  batches = [
    tasks[start : start + config.batch_size]
    for start in range(0, len(tasks), config.batch_size)
  ]
  # All records before the first picture, not after hours of drawing.
  missing = [
    [task for task in batch if not studio.is_drawn(task)] for batch in batches
  ]
  # Not before all else is known to be right, for errors to leave no trace.
  for folder in (config.output_dir, config.log_dir):
    if folder is not None:
      atomic_files.prepare_folder(folder)
  logging.info(
    'Drawing from %s in %s, weights from %s (%s).',
    network.spec.name,
    network.dtype.name,
    source.origin,
    source.reason,
  )
  num_steps = studio.recipe.num_steps * sum(map(bool, missing))
  with tqdm.tqdm(
    total=num_steps, unit='step', disable=not show_progress
  ) as bar:
    for batch, wanted in zip(batches, missing):
      drawn = studio.draw(batch, wanted, bar) if wanted else {}
      for task in batch:
        yield drawn[task] if task in drawn else studio.read(task)
  if config.output_dir is not None and len(tasks) > 1:
    _write_sheet(Path(config.output_dir), tasks)


def _tasks(config: visualize_config.VisualizeConfig) -> List[_Task]:
  """Returns the pictures to draw, in order."""
  names = imagenet_classes.load_class_names()
  for class_id in config.class_ids:
    if not 0 <= class_id < len(names):
      raise ValueError(
        f'class_id {class_id} is unknown; take 0 to {len(names) - 1}'
        ' (--list_classes shows them)'
      )
  return [
    _Task(class_id, names[class_id], config.seed + variation)
    for class_id in config.class_ids
    for variation in range(config.num_variations)
  ]


def _load(
  source: network_source.NetworkSource, dtype: tf.DType
) -> slim_network.SlimNetwork:
  """Reads a network's weights, which tell which network it is if need be."""
  values = checkpoints.read_checkpoint(str(source.path))
  if source.model is None:
    spec = slim_network.recognize(values)
  else:
    spec = model_spec.find_spec(source.model)
  return slim_network.SlimNetwork(spec, values, dtype)


class _Studio:
  """What draws all batches of a run."""

  def __init__(
    self,
    config: visualize_config.VisualizeConfig,
    source: network_source.NetworkSource,
    network: slim_network.SlimNetwork,
  ):
    """Takes what to draw from, and how."""
    self.recipe = recipe_lib.Recipe(
      **{**network.spec.recipe, **config.overrides}
    )
    # What 'auto' stood for, so that the record's command asks for the same.
    self._config = dataclasses.replace(
      config, model=network.spec.name, precision=network.dtype.name
    )
    self._source = source
    self._network = network
    self._ascent = _ascent(network, self.recipe, config.image_size)
    self._settings = {
      'model': network.spec.name,
      'weights_sha256': source.sha256,
      'image_size': config.image_size,
      'precision': network.dtype.name,
      **dataclasses.asdict(self.recipe),
    }

  def is_drawn(self, task: _Task) -> bool:
    """Tells whether a picture is there, with the settings of this run.

    Raises:
      ValueError: If it is there with other settings.
    """
    if self._config.output_dir is None or self._config.overwrite:
      return False
    path = self._path(task, '.json')
    if not path.exists():
      return False
    settings = records.read_record(path).get('settings', {})
    differences = records.differences(settings, self._settings)
    if differences:
      raise ValueError(
        f"'{path}' is of other settings ({'; '.join(differences)}); use"
        ' --overwrite, another --output_dir or the same settings'
      )
    return self._path(task, '.png').exists()

  def read(self, task: _Task) -> Picture:
    """Returns a picture that is drawn."""
    path = self._path(task, '.png')
    record = records.read_record(self._path(task, '.json'))
    return Picture(image_files.read_image(path), record, path)

  def draw(
    self, batch: List[_Task], wanted: List[_Task], bar: tqdm.tqdm
  ) -> Dict[_Task, Picture]:
    """Draws a batch, and writes those of its pictures that are wanted.

    The batch is always drawn whole: another size of batch is rounded
    otherwise, and a run that is resumed shall end with the same bytes.
    """
    start = time.monotonic()
    class_ids = np.array([task.class_id for task in batch], np.int32)
    log = summaries.Summaries(
      self._config.log_dir, [task.stem for task in batch]
    )

    def on_step(index: int, scores: np.ndarray, images: ascend.Images) -> None:
      bar.set_postfix(score=f'{scores.mean():.4g}', refresh=False)
      bar.update()
      log.write(index, scores, images)

    with log:
      images, scores = self._ascent.run(
        class_ids, [task.generator for task in batch], on_step
      )
    probabilities, ranks = self._judge(images, class_ids)
    seconds = (time.monotonic() - start) / len(batch)
    drawn = {}
    for index, task in enumerate(batch):
      if task not in wanted:
        continue
      record = self._record(
        task,
        probability=float(probabilities[index]),
        rank=int(ranks[index]),
        seconds=round(seconds, 3),
        scores=[round(float(score), 4) for score in scores[:, index]],
      )
      drawn[task] = self._finish(task, images[index], record)
    return drawn

  def _finish(
    self, task: _Task, image: np.ndarray, record: Dict[str, Any]
  ) -> Picture:
    """Writes a picture; the record comes last and says that it is whole."""
    if self._config.output_dir is None:
      return Picture(image, record, None)
    path = self._path(task, '.png')
    image_files.write_png(path, image)
    records.write_record(self._path(task, '.json'), record)
    return Picture(image, record, path)

  def _path(self, task: _Task, suffix: str) -> Path:
    assert self._config.output_dir is not None
    return Path(self._config.output_dir, task.stem + suffix)

  def _judge(
    self, images: np.ndarray, class_ids: np.ndarray
  ) -> Tuple[np.ndarray, np.ndarray]:
    """Returns what the network makes of finished pictures.

    Returns:
      The probability of each picture's class, and its rank, 1 for the first.
    """
    height, width = images.shape[1:3]
    scale = self._network.spec.image_size / min(height, width)
    size = [round(height * scale), round(width * scale)]
    views = tf.image.resize(images, size, antialias=True)
    logits = self._network(views).logits.numpy()
    own = np.arange(len(class_ids)), class_ids
    # Not by the probabilities, of which many can be 0.
    ranks = 1 + np.sum(logits > logits[own][:, None], axis=1)
    return tf.nn.softmax(logits).numpy()[own], ranks

  def _record(self, task: _Task, **findings: Any) -> Dict[str, Any]:
    """Returns the record of a picture."""
    return {
      'class_id': task.class_id,
      'class_name': task.name,
      'seed': task.seed,
      'weights': self._source.origin,
      'settings': self._settings,
      **findings,
      'peak_memory_bytes': records.peak_memory_bytes(),
      'versions': {
        'magenta_viz': version.__version__,
        **records.versions(_PACKAGES),
      },
      'command': command_line.visualize_command(self._config),
    }


def _ascent(
  network: slim_network.SlimNetwork,
  recipe: recipe_lib.Recipe,
  image_size: Tuple[int, int],
) -> ascend.Ascent:
  """Puts the parts together as the recipe says."""
  height, width = image_size
  return ascend.Ascent(
    network=network,
    parameterization=parameterizations.Fourier(
      height=height,
      width=width,
      decay_power=recipe.decay_power,
      contrast=recipe.contrast,
      chroma=recipe.chroma,
      initial_deviation=recipe.initial_deviation,
    ),
    objective=objectives.ClassLogit().score,
    optimizer=optimizers.Adam(),
    views=octaves.plan_views(recipe, image_size, network.spec.image_size),
    learning_rates=octaves.plan_learning_rates(recipe),
  )


def _write_sheet(output_dir: Path, tasks: List[_Task]) -> None:
  """Lays the pictures of a run out on one sheet."""
  pictures = (
    (
      f'{task.class_id} {imagenet_classes.short_name(task.name)}',
      image_files.read_image(output_dir / f'{task.stem}.png'),
    )
    for task in tasks
  )
  sheet = contact_sheet.contact_sheet(pictures, len(tasks))
  image_files.write_png(output_dir / 'sheet.png', sheet)
