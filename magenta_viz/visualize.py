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

"""Draws classes or other objectives: from a config to pictures and records."""

import dataclasses
import time
from typing import Any, Dict, Iterator, List, Tuple

from absl import logging
import numpy as np
import tensorflow as tf
import tqdm

from magenta_viz import command_line
from magenta_viz import picture_folder
from magenta_viz import picture_task
from magenta_viz import version
from magenta_viz import visualize_config
from magenta_viz.ascent import ascend
from magenta_viz.ascent import objective_language
from magenta_viz.ascent import objectives
from magenta_viz.ascent import octaves
from magenta_viz.ascent import optimizers
from magenta_viz.ascent import parameterizations
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.media import atomic_files
from magenta_viz.media import image_files
from magenta_viz.media import records
from magenta_viz.media import summaries
from magenta_viz.models import imagenet_classes
from magenta_viz.models import network_loading
from magenta_viz.models import network_source
from magenta_viz.models import precision
from magenta_viz.models import slim_network

VisualizeConfig = visualize_config.VisualizeConfig
Picture = picture_folder.Picture

# What a picture's bytes depend on, for the record.
_PACKAGES = ('tensorflow', 'tf_slim', 'numpy', 'Pillow')


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
  tasks = picture_task.plan(config)
  source = network_source.choose(config.model, config.checkpoint)
  network = network_loading.load(
    source, precision.resolve_dtype(config.precision)
  )
  studio = _Studio(config, source, network)
  folder = picture_folder.PictureFolder(config.output_dir, config.overwrite)
  batches = [
    tasks[start : start + config.batch_size]
    for start in range(0, len(tasks), config.batch_size)
  ]
  # All records before the first picture, not after hours of drawing.
  missing = [
    [task for task in batch if not folder.is_drawn(task, studio.settings)]
    for batch in batches
  ]
  # Not before all else is known to be right, for errors to leave no trace.
  folder.prepare()
  if config.log_dir is not None:
    atomic_files.prepare_folder(config.log_dir)
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
      # The batch is always drawn whole: another size of batch is rounded
      # otherwise, and a run that is resumed shall end with the same bytes.
      drawn = studio.draw(batch, bar) if wanted else {}
      for task in batch:
        if task in wanted:
          yield folder.write(task, *drawn[task])
        else:
          yield folder.read(task)
  folder.write_sheet(tasks)


class _Studio:
  """What draws all batches of a run."""

  def __init__(
    self,
    config: visualize_config.VisualizeConfig,
    source: network_source.NetworkSource,
    network: slim_network.SlimNetwork,
  ):
    """Takes what to draw from, and how."""
    self.recipe = recipe_lib.Recipe.of(network.spec.recipe, config.overrides)
    # What 'auto' stood for, so that the record's command asks for the same.
    self._config = dataclasses.replace(
      config, model=network.spec.name, precision=network.dtype.name
    )
    self._source = source
    self._network = network
    self._ascent = _ascent(
      network, self.recipe, config.image_size, self._objective()
    )
    self.settings = {
      'model': network.spec.name,
      'weights_sha256': source.sha256,
      'image_size': config.image_size,
      'precision': network.dtype.name,
      **dataclasses.asdict(self.recipe),
    }
    if config.objective is not None:
      self.settings['objective'] = config.objective

  def draw(
    self, batch: List[picture_task.PictureTask], bar: tqdm.tqdm
  ) -> Dict[picture_task.PictureTask, Tuple[np.ndarray, Dict[str, Any]]]:
    """Returns the image and the record of each picture of a batch."""
    start = time.monotonic()
    class_ids = np.array([task.class_id or 0 for task in batch], np.int32)
    log = summaries.Summaries(
      self._config.log_dir, [task.stem for task in batch]
    )

    def on_step(index: int, scores: np.ndarray, images: ascend.Images) -> None:
      bar.set_postfix(score=f'{scores.mean():.4g}', refresh=False)
      bar.update()
      log.write(index, scores, images)

    with log:
      images, scores = self._ascent.run(
        class_ids, [task.generator() for task in batch], on_step
      )
    findings = self._judge(images, batch)
    seconds = (time.monotonic() - start) / len(batch)
    drawn = {}
    for index, task in enumerate(batch):
      record = self._record(
        task,
        **findings[index],
        seconds=round(seconds, 3),
        scores=[round(float(score), 4) for score in scores[:, index]],
      )
      drawn[task] = images[index], record
    return drawn

  def _judge(
    self, images: np.ndarray, batch: List[picture_task.PictureTask]
  ) -> List[Dict[str, Any]]:
    """Returns what the network makes of finished pictures of classes.

    Returns:
      A mapping a picture: the probability of its class, and the class's rank,
      1 for the first; nothing where it is of no class.
    """
    if batch[0].class_id is None:
      return [{} for _ in batch]
    logits = self._network.look_at(images).logits.numpy()
    probabilities = tf.nn.softmax(logits).numpy()
    findings = []
    for index, task in enumerate(batch):
      # Not by the probabilities, of which many can be 0.
      rank = 1 + np.sum(logits[index] > logits[index, task.class_id])
      probability = probabilities[index, task.class_id]
      findings.append({'probability': float(probability), 'rank': int(rank)})
    return findings

  def _objective(self) -> objectives.Objective:
    """Returns what the run raises, known to fit the network.

    Raises:
      ValueError: If it does not.
    """
    text = self._config.objective
    if text is None:
      return objectives.ClassLogit()
    names = imagenet_classes.load_class_names()
    objective = objective_language.parse(text, names, self._features)
    size = self._network.spec.image_size
    views = tf.TensorSpec([1, size, size, 3])
    tf.function(
      lambda views: objective.score(self._network(views), tf.constant([0])),
      autograph=False,
    ).get_concrete_function(views)
    return objective

  def _features(self, path: str, layer: str) -> np.ndarray:
    """Returns a layer's activations for a photograph."""
    photo = image_files.read_image(path)[None]
    outputs = self._network.look_at(photo)
    return objectives.activations(outputs, layer)[0].numpy()

  def _record(
    self, task: picture_task.PictureTask, **findings: Any
  ) -> Dict[str, Any]:
    """Returns the record of a picture."""
    return {
      **task.describe(),
      'weights': self._source.origin,
      'settings': self.settings,
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
  objective: objectives.Objective,
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
    objective=objective.score,
    optimizer=optimizers.Adam(),
    views=octaves.plan_views(recipe, image_size, network.spec.image_size),
    learning_rates=octaves.plan_learning_rates(recipe),
  )
