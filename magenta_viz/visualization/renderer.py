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

"""Draws the batches of a run, and says what became of them."""

import dataclasses
import functools
import time
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz import version
from magenta_viz.ascent import drawing
from magenta_viz.ascent import idle
from magenta_viz.ascent import least_size
from magenta_viz.ascent import memory
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.media import memory_images
from magenta_viz.media import records
from magenta_viz.models import long_pictures
from magenta_viz.process import onednn
from magenta_viz.settings import command_line
from magenta_viz.settings import parts
from magenta_viz.visualization import checks
from magenta_viz.visualization import config as visualize_config
from magenta_viz.visualization import filming as filming_lib
from magenta_viz.visualization import networks as networks_lib
from magenta_viz.visualization import objective_reader
from magenta_viz.visualization import task as task_lib

# What a picture's bytes depend on, for the record.
_PACKAGES = ('tensorflow', 'tf_slim', 'numpy', 'scipy', 'Pillow')

PicturesByTask = Dict[task_lib.PictureTask, Tuple[np.ndarray, Dict[str, Any]]]


class Renderer:
  """What draws all batches of a run.

  Attributes:
    image_size: Height and width of the pictures, in pixels.
    num_steps: Steps of gradient ascent a batch.
    settings: All that the pictures depend on.
  """

  def __init__(
    self,
    config: visualize_config.VisualizeConfig,
    networks: networks_lib.Networks,
    image_size: Tuple[int, int],
    image_sha256: Optional[str] = None,
    num_frames: Optional[int] = None,
  ):
    """Takes what to draw from, and how.

    Args:
      config: What is asked for.
      networks: What is drawn from.
      image_size: Height and width of the pictures, in pixels.
      image_sha256: Of what the pictures start from.
      num_frames: Of each series, drawn one by one; None where the pictures are
        no frames.

    Raises:
      ValueError: If the configuration does not fit the networks or the size.
    """
    # What was left open, so that the record's command asks for the same.
    self._config = dataclasses.replace(
      config,
      models=networks.models,
      checkpoints=networks.checkpoints,
      precision=networks.precision,
      foreign=networks.foreign,
    )
    self._networks = networks
    for member in networks.members:
      for class_id in config.class_ids:
        member.own_id(class_id)
    recipes = _recipes(config, networks)
    given = config.objective if self._is_value() else None
    reader = objective_reader.ObjectiveReader(
      networks, given, config.units, config.directions
    )
    objectives_by_octave = [reader.read(recipe) for recipe in recipes]
    self.channels = reader.channels()
    num_subjects = len(config.class_ids or self.channels) or 1
    is_coupled = any(each.is_coupled for each in objectives_by_octave)
    _check(
      config,
      networks,
      recipes,
      image_size,
      is_coupled,
      num_frames,
      num_subjects * config.num_variations,
    )
    # Objectives are values; those that hold features are only equal to
    # themselves. Their texts may be of other channels.
    wordless = [parts.replace(each, objective='') for each in recipes]
    self._drawing = networks.shared(
      ('drawing', *wordless, *objectives_by_octave, tuple(image_size)),
      lambda: drawing.Drawing(
        networks.looking(),
        networks.view_size,
        recipes,
        objectives_by_octave,
        image_size,
      ),
    )
    self.image_size = image_size
    self.num_steps = self._drawing.num_steps
    self._settings = {
      'preset': config.preset,
      'networks': [each.describe() for each in networks.members],
      'image_sha256': image_sha256,
      'image_size': image_size,
      'zoom': config.zoom if config.zoom_frames else None,
      'blend': config.blend if num_frames is not None else None,
      'precision': networks.first.dtype.name,
      'onednn': onednn.told(),
      # Which pictures are compared.
      'company': [config.seed, config.num_variations, config.batch_size]
      if is_coupled
      else None,
      'files_sha256': reader.files,
      **_by_octave(recipes),
    }

  def draw(
    self,
    batch: List[task_lib.PictureTask],
    start: Optional[np.ndarray],
    on_step: Callable[[int, np.ndarray, Callable[[], np.ndarray]], None],
  ) -> PicturesByTask:
    """Returns the image and the record of each picture of a batch.

    Args:
      batch: The pictures.
      start: What they start from; None for what the recipe says.
      on_step: As `drawing.Drawing.run` calls it.
    """
    began = time.monotonic()
    ids = np.array([task.own_id for task in batch], np.int32)
    generators = [task.generator() for task in batch]
    found = self._drawing.run(ids, generators, start, on_step)
    verdicts = [
      self._judge(member, found.images, batch)
      for member in self._networks.members
    ]
    seconds = (time.monotonic() - began) / len(batch)
    member_scores = found.member_scores
    if member_scores is None:
      member_scores = found.scores[..., None]
    drawn = {}
    for index, task in enumerate(batch):
      scores = found.scores[:, index]
      of_picture = [each[index] for each in verdicts]
      record = self._record(
        task,
        networks=[
          {
            **member.describe(),
            'weights': member.source.origin,
            **verdict,
            'scores': _rounded(member_scores[:, index, place]),
          }
          for place, (member, verdict) in enumerate(
            zip(self._networks.members, of_picture)
          )
        ],
        **_least(of_picture),
        warning=idle.warning(scores, float(found.change[index])),
        seconds=round(seconds, 3),
        scores=_rounded(scores),
      )
      drawn[task] = found.images[index], record
    return drawn

  def settings(self, task: task_lib.PictureTask) -> Dict[str, Any]:
    """Returns what a picture's bytes depend on, beside its task."""
    if not self.channels:
      return self._settings
    return {**self._settings, 'objective': task.objective}

  def wanted(self, task: task_lib.PictureTask) -> Dict[str, Any]:
    """Returns what a picture's record says of what was asked for."""
    return {
      'preset': self._config.preset,
      'overrides': dict(self._config.overrides),
      'settings': self.settings(task),
      'command': self.command,
    }

  def _judge(
    self,
    member: networks_lib.Member,
    images: np.ndarray,
    batch: List[task_lib.PictureTask],
  ) -> List[Dict[str, Any]]:
    """Returns what a network makes of finished pictures of classes.

    Returns:
      A mapping a picture: the probability of its class, and the class's rank,
      1 for the first; nothing where it is of no class.
    """
    if batch[0].class_id is None:
      return [{} for _ in batch]
    logits = long_pictures.logits(member.network, images)
    probabilities = tf.nn.softmax(logits).numpy()
    findings = []
    for index, task in enumerate(batch):
      assert task.class_id is not None
      own = member.own_id(task.class_id)
      # Not by the probabilities, of which many can be 0.
      rank = 1 + np.sum(logits[index] > logits[index, own])
      probability = probabilities[index, own]
      findings.append({'probability': float(probability), 'rank': int(rank)})
    return findings

  def _record(
    self, task: task_lib.PictureTask, **findings: Any
  ) -> Dict[str, Any]:
    """Returns the record of a picture."""
    asked = self.wanted(task)
    command = asked.pop('command')
    return {
      **task.describe(),
      **asked,
      **findings,
      'peak_memory_bytes': records.peak_memory_bytes(),
      'versions': {
        'magenta_viz': version.__version__,
        **records.versions(_PACKAGES),
      },
      'command': command,
    }

  def _is_value(self) -> bool:
    """Whether what is raised is an objective itself, and no text."""
    return not isinstance(self._config.objective, (str, type(None)))

  @functools.cached_property
  def command(self) -> Optional[str]:
    """Returns the command that draws the same; None if no command can."""
    members = self._networks.members
    if self._is_value() or any(each.is_given for each in members):
      return None
    if memory_images.is_kept(self._config.image):
      return None
    return onednn.same(command_line.command(self._config), own='on')


def _rounded(scores: np.ndarray) -> List[float]:
  """Returns scores as a record has them."""
  return [round(float(score), 4) for score in scores]


def _least(verdicts: Sequence[Mapping[str, Any]]) -> Dict[str, Any]:
  """Returns the verdict that all networks agree on: the least of theirs."""
  if not verdicts[0]:
    return {}
  return {
    'probability': min(each['probability'] for each in verdicts),
    'rank': max(each['rank'] for each in verdicts),
  }


def _check(
  config: visualize_config.VisualizeConfig,
  networks: networks_lib.Networks,
  recipes: List[recipe_lib.Recipe],
  image_size: Tuple[int, int],
  is_coupled: bool,
  num_frames: Optional[int],
  num_pictures: int,
) -> None:
  """Raises ValueError if settings do not go together, or need too much."""
  is_series = num_frames is not None
  if is_coupled:
    checks.check_company(config, is_series)
  if is_series or config.image is not None:
    checks.check_starts(recipes[0])
  if config.image is not None:
    checks.check_noise(config)
  checks.check_classes(config, recipes)
  checks.check_enlarged(config, recipes[-1], image_size, networks.view_size)
  least_size.check(recipes, image_size, networks.view_size)
  num_steps = sum(each.steps.num_steps for each in recipes)
  filming = filming_lib.of(config, is_series)
  gif_frames = 0
  if filming is not None and filming.kind == 'gif':
    gif_frames = num_frames or filming.num_frames(num_steps)
  memory.check(
    recipes[-1],
    image_size,
    networks.view_size,
    1 if is_series else min(config.batch_size, num_pictures),
    memory.Whole(
      num_networks=len(networks.members),
      is_coupled=is_coupled,
      # Of the series, or else of the ascent.
      gif_frames=gif_frames,
      sheet_pictures=0 if is_series else num_pictures,
    ),
  )


def _by_octave(recipes: Sequence[recipe_lib.Recipe]) -> Dict[str, Any]:
  """Returns the first octave's settings, and what later ones have else."""
  first, *later = map(parts.flat, recipes)
  return {
    **first,
    'later_octaves': [
      {name: each[name] for name in each if each[name] != first[name]}
      for each in later
    ],
  }


def _recipes(
  config: visualize_config.VisualizeConfig, networks: networks_lib.Networks
) -> List[recipe_lib.Recipe]:
  """Returns the recipe of each octave, for these networks."""
  recipes = config.plan(networks.recipe)
  # A preset names layers as GoogLeNet does.
  of_preset = {'objective', 'facet_layer'} - set(config.overrides)
  if config.objective is not None:
    of_preset.remove('objective')
  return [
    recipe_lib.Recipe.of(
      settings,
      {name: networks.own_layers(settings[name]) for name in of_preset},
    )
    for settings in map(parts.flat, recipes)
  ]
