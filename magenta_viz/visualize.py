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

import contextlib
from typing import Any, Callable, Generator, Iterator, List, Optional, Sequence

from absl import logging
import numpy as np
import tqdm

from magenta_viz.ascent import presets
from magenta_viz.media import atomic_files
from magenta_viz.media import films
from magenta_viz.media import summaries
from magenta_viz.models import network_source
from magenta_viz.process import tensorflow_modes
from magenta_viz.visualization import config as visualize_config
from magenta_viz.visualization import folder as picture_folder
from magenta_viz.visualization import networks as networks_lib
from magenta_viz.visualization import renderer
from magenta_viz.visualization import source_images as starts_lib
from magenta_viz.visualization import task as picture_task

VisualizeConfig = visualize_config.VisualizeConfig
Picture = picture_folder.Picture


def run(
  config: visualize_config.VisualizeConfig, show_progress: bool = False
) -> List[Picture]:
  """Draws pictures of classes, layers and more, as a preset has it.

  Args:
    config: Which pictures, from what, and where to.
    show_progress: Whether to show a progress bar.

  Returns:
    A picture a class, seed and frame, in this order. Those that `output_dir`
    has already are read from there.

  Raises:
    ValueError: If the configuration does not fit the network, the weights are
      no weights of it, or `output_dir` has pictures of other settings.
    OSError: If a file cannot be read or written, or weights be fetched.
    FloatingPointError: If the ascent gives what is not a number.
  """
  return list(draw(config, show_progress))


def draw(
  config: visualize_config.VisualizeConfig,
  show_progress: bool = False,
  resolved: Optional[Sequence[network_source.Resolved]] = None,
) -> Iterator[Picture]:
  """Draws as `run` does, and yields each picture as soon as it is there.

  Args:
    config: As of `run`.
    show_progress: Likewise.
    resolved: The networks of `config.choices`, where somebody has looked at
      their checkpoints already, as for the names of their classes.
  """
  return tensorflow_modes.in_tensorflow_2(
    _draw(config, show_progress, resolved)
  )


def _draw(
  config: visualize_config.VisualizeConfig,
  show_progress: bool,
  resolved: Optional[Sequence[network_source.Resolved]],
) -> Generator[Picture, None, None]:
  """Draws as `draw` does, where TensorFlow behaves as version 2 does."""
  if config.num_workers > 1 and config.worker is None:
    raise ValueError(
      f'num_workers is {config.num_workers}, but this process draws alone; give'
      f' each of {config.num_workers} its worker, from 0 on, or leave it to'
      f' image_visualization_visualize --num_workers={config.num_workers}'
    )
  with starts_lib.Starts(config) as starts:
    if resolved is None:
      resolved = network_source.resolve(config.choices)
    tasks = picture_task.plan(
      config, resolved[0].class_names, starts.num_frames
    )
    if starts.num_frames is not None and config.num_workers > 1:
      raise ValueError(
        f'num_workers is {config.num_workers}, but frames are drawn one after'
        ' the other; take --num_workers=1'
      )
    default = visualize_config.VisualizeConfig.batch_size
    if starts.num_frames is not None and config.batch_size not in (1, default):
      raise ValueError(
        f'batch_size is {config.batch_size}, but frames are drawn one after the'
        ' other; leave it out'
      )
    if config.animate is not None:
      films.check_codec(config.animate)
    networks = networks_lib.load(resolved, config.is_open, config.precision)
    size = (
      starts.size
      or config.image_size
      or presets.find_preset(config.preset).default_size(networks.view_size)
    )
    studio = renderer.Studio(
      config,
      networks,
      size,
      image_sha256=starts.sha256,
      num_frames=starts.num_frames,
    )
    folder = picture_folder.PictureFolder(
      config.output_dir, config.overwrite, config.animate
    )
    logging.info('Drawing from %s.', networks)
    yield from _Run(config, starts, studio, folder).draw(tasks, show_progress)


class _Run:
  """Draws what is missing of a run's pictures, batch by batch."""

  def __init__(
    self,
    config: visualize_config.VisualizeConfig,
    starts: starts_lib.Starts,
    studio: renderer.Studio,
    folder: picture_folder.PictureFolder,
  ):
    self._config = config
    self._starts = starts
    self._studio = studio
    self._folder = folder

  def draw(
    self, tasks: picture_task.Plan, show_progress: bool
  ) -> Iterator[Picture]:
    """Yields the picture of each task, in order."""
    is_series = self._starts.num_frames is not None
    # A frame may start from the one before.
    batch_size = 1 if is_series else self._config.batch_size
    firsts = range(0, len(tasks), batch_size)
    if self._config.worker is not None:
      firsts = firsts[self._config.worker :: self._config.num_workers]
    # All records before the first picture, not after hours of drawing.
    num_missing = len(firsts)
    if self._folder.has_records():
      num_missing = sum(
        bool(self._missing(tasks[first : first + batch_size]))
        for first in firsts
      )
    # Not before all else is known to be right, for errors to leave no trace.
    self._folder.prepare()
    if self._config.log_dir is not None:
      atomic_files.prepare_folder(self._config.log_dir)
    num_steps = self._studio.num_steps * num_missing
    before: Optional[np.ndarray] = None
    with tqdm.tqdm(
      total=num_steps, unit='step', disable=not show_progress
    ) as bar:
      for first in firsts:
        batch = tasks[first : first + batch_size]
        wanted = self._missing(batch)
        if not batch[0].frame:
          before = None
        # The batch is always drawn whole: another size of batch is rounded
        # otherwise, and a run that is resumed shall end with the same bytes.
        drawn = {}
        if wanted:
          drawn = self._draw_batch(batch, wanted, before, bar)
        for task in batch:
          if task in wanted:
            picture = self._folder.write(task, *drawn[task])
            _warn(task, picture)
          else:
            picture = self._folder.read(task)
          if is_series:
            before = starts_lib.as_written(picture.image)
          yield picture
    if is_series:
      self._folder.write_films(tasks, self._starts.milliseconds)
    elif self._config.worker is None:
      self._folder.write_sheet(tasks)

  def _missing(
    self, batch: List[picture_task.PictureTask]
  ) -> List[picture_task.PictureTask]:
    """Returns what is not drawn of a batch.

    Raises:
      ValueError: If a picture of it is there with other settings.
    """
    settings = self._studio.settings
    return [task for task in batch if not self._folder.is_drawn(task, settings)]

  def _draw_batch(
    self,
    batch: List[picture_task.PictureTask],
    wanted: List[picture_task.PictureTask],
    before: Optional[np.ndarray],
    bar: tqdm.tqdm,
  ) -> renderer.PicturesByTask:
    """Draws a batch, with its summaries and the films of those wanted."""
    photo = self._starts.of(batch[0], before)
    with contextlib.ExitStack() as stack:
      log = stack.enter_context(
        summaries.Summaries(self._config.log_dir, [t.stem for t in batch])
      )
      reels = [
        self._reel(task, stack) if task in wanted else None for task in batch
      ]

      def on_step(
        index: int, scores: np.ndarray, images: Callable[[], np.ndarray]
      ) -> None:
        bar.set_postfix(score=f'{scores.mean():.4g}', refresh=False)
        bar.update()
        log.write(index, scores, images)
        if any(reels):
          for reel, image in zip(reels, images()):
            if reel is not None:
              reel.write(image)

      drawn = self._studio.draw(batch, photo, on_step)
      # Films take their places at the end of this block.
      self._folder.clear(wanted)
      return drawn

  def _reel(
    self, task: picture_task.PictureTask, stack: contextlib.ExitStack
  ) -> Any:
    """Returns what films the ascent of a picture; None for nothing."""
    path = self._folder.film_path(task)
    if path is None or task.frame is not None:
      return None
    return stack.enter_context(films.FilmWriter(path, self._studio.image_size))


def _warn(task: picture_task.PictureTask, picture: Picture) -> None:
  """Tells of a picture that was not drawn by what it was to show."""
  warning = picture.record.get('warning')
  if warning is not None:
    # On a line of its own, and not in the progress bar's.
    with tqdm.tqdm.external_write_mode():
      logging.warning('%s: %s.', task.stem, warning)
