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

"""A run of drawings, ready to begin: what is drawn, by what and where to."""

import contextlib
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence

from absl import logging
import numpy as np
import tqdm

from magenta_viz.ascent import presets
from magenta_viz.media import atomic_files
from magenta_viz.media import films
from magenta_viz.media import summaries
from magenta_viz.models import network_source
from magenta_viz.process import progress
from magenta_viz.visualization import checks
from magenta_viz.visualization import config as visualize_config
from magenta_viz.visualization import filming as filming_lib
from magenta_viz.visualization import folder as folder_lib
from magenta_viz.visualization import growing as growing_lib
from magenta_viz.visualization import networks as networks_lib
from magenta_viz.visualization import pictures
from magenta_viz.visualization import renderer as renderer_lib
from magenta_viz.visualization import source_images
from magenta_viz.visualization import task as task_lib
from magenta_viz.visualization import worker_progress

# Told of a step: the scores before it, and what makes the images after it.
OnStep = Callable[[np.ndarray, Callable[[], np.ndarray]], None]


@contextlib.contextmanager
def opened(
  config: visualize_config.VisualizeConfig,
  resolved: Optional[Sequence[network_source.Resolved]] = None,
  networks: Optional[networks_lib.Networks] = None,
) -> Iterator['Run']:
  """Makes a run ready: all but the folder of the pictures.

  Args:
    config: Which pictures, from what, and where to.
    resolved: The networks of `config.choices`, where somebody has looked at
      their checkpoints already.
    networks: The same, where they are loaded.

  Yields:
    The run.

  Raises:
    ValueError, OSError: As of `visualize.run`.
  """
  with source_images.SourceImages(config) as sources:
    if resolved is None:
      resolved = networks_lib.resolve(config)
    task_lib.check_classes(config, resolved[0].class_names)
    if sources.num_frames is not None:
      checks.check_frames(config)
    if config.animate is not None:
      films.check_codec(config.animate)
    if networks is None:
      networks = networks_lib.load(resolved, config.is_open, config.precision)
    size = (
      sources.size
      or config.image_size
      or presets.find_preset(config.preset).default_size(networks.view_size)
    )
    renderer = renderer_lib.Renderer(
      config, networks, size, sources.sha256, sources.num_frames
    )
    tasks = task_lib.plan(
      config, networks.class_names, sources.num_frames, renderer.channels
    )
    filming = filming_lib.of(config, sources.num_frames is not None)
    folder = folder_lib.PictureFolder(
      config.output_dir, config.overwrite, filming
    )
    logging.info('Drawing from %s.', networks)
    yield Run(config, tasks, sources, renderer, folder)


class Run:
  """Draws what is missing of a run's pictures, batch by batch."""

  def __init__(
    self,
    config: visualize_config.VisualizeConfig,
    tasks: task_lib.Plan,
    sources: source_images.SourceImages,
    renderer: renderer_lib.Renderer,
    folder: folder_lib.PictureFolder,
  ):
    """Takes its parts.

    Args:
      config: What is asked for.
      tasks: The pictures.
      sources: What they start from.
      renderer: Draws them.
      folder: Keeps them.
    """
    self.tasks = tasks
    self._config = config
    self._sources = sources
    self._renderer = renderer
    self._folder = folder
    self._is_series = sources.num_frames is not None

  def draw(
    self, show_progress: Optional[bool], worker: Optional[int] = None
  ) -> Iterator[pictures.Picture]:
    """Yields each picture, in order.

    Args:
      show_progress: As of `visualize.run`.
      worker: Which of `num_workers` this process is, from 0: it draws every
        `num_workers`-th batch, and no sheet; None draws all.
    """
    tasks = self.tasks
    # A frame may start from the one before.
    size = 1 if self._is_series else self._config.batch_size
    firsts = range(0, len(tasks), size)
    firsts = firsts[worker or 0 :: self._config.num_workers]

    def batches() -> Iterator[List[task_lib.PictureTask]]:
      return (tasks[first : first + size] for first in firsts)

    # All records before the first picture, not after hours of drawing.
    num_missing = len(firsts)
    if self._folder.has_records():
      num_missing = sum(bool(self.missing(batch)) for batch in batches())
    if not num_missing and worker is None:
      logging.info('All pictures are there, with these settings.')
    # Not before all else is known to be right, for errors to leave no trace.
    self.prepare()
    if self._config.log_dir is not None:
      atomic_files.prepare_folder(self._config.log_dir)
    num_steps = self._renderer.num_steps * num_missing
    is_growing = bool(num_missing) and progress.is_shown(show_progress)
    with growing_lib.Growing(is_growing) as growing, _progress(
      num_steps, show_progress, worker
    ) as bar:
      yield from self._pictures(batches(), bar, growing)
    if self._is_series:
      self._folder.write_films(tasks, self._sources.milliseconds)
    elif worker is None:
      self._folder.write_sheet(tasks)

  def _pictures(
    self,
    batches: Iterator[List[task_lib.PictureTask]],
    bar: Any,
    growing: growing_lib.Growing,
  ) -> Iterator[pictures.Picture]:
    """Yields the pictures of batches, read where they are there, or drawn."""

    def on_step(scores: np.ndarray, images: Callable[[], np.ndarray]) -> None:
      bar.set_postfix(score=f'{scores.mean():.4g}', refresh=False)
      bar.update()
      growing.look(images)

    before: Optional[np.ndarray] = None
    for batch in batches:
      wanted = self.missing(batch)
      if not batch[0].frame:
        before = None
      # The batch is always drawn whole: another size of batch is rounded
      # otherwise, and a run that is resumed shall end with the same bytes.
      drawn = self._drawn(batch, wanted, before, on_step) if wanted else {}
      for task in batch:
        if task in wanted:
          picture = self._write(task, *drawn[task])
        else:
          picture = self._folder.read(task)
        if self._is_series:
          before = source_images.as_written(picture.image)
        yield picture

  def missing(
    self, batch: List[task_lib.PictureTask]
  ) -> List[task_lib.PictureTask]:
    """Returns what is not drawn of a batch.

    Raises:
      ValueError: If a picture of it is there with other settings.
    """
    return [
      task
      for task in batch
      if not self._folder.is_drawn(task, self._renderer.wanted(task))
    ]

  def prepare(self) -> None:
    """Makes the folder of the pictures.

    Raises:
      OSError: If it is not writable.
    """
    self._folder.prepare()

  def draw_missing(
    self,
    batch: List[task_lib.PictureTask],
    of: List[task_lib.PictureTask],
  ) -> None:
    """Draws what is missing of some pictures of a batch, and keeps it."""
    wanted = self.missing(of)
    if wanted:
      drawn = self._drawn(batch, wanted, None, lambda *unused: None)
      for task in wanted:
        self._write(task, *drawn[task])

  def draw_batch(
    self,
    batch: List[task_lib.PictureTask],
    told: OnStep,
  ) -> renderer_lib.PicturesByTask:
    """Draws a batch, and keeps nothing.

    Args:
      batch: Pictures of the run.
      told: Called after each step.
    """
    return self._drawn(batch, [], None, told)

  def _drawn(
    self,
    batch: List[task_lib.PictureTask],
    wanted: List[task_lib.PictureTask],
    before: Optional[np.ndarray],
    told: OnStep,
  ) -> renderer_lib.PicturesByTask:
    """Draws a batch, with its summaries and the films of those wanted."""
    start = self._sources.start_of(batch[0], before)
    with contextlib.ExitStack() as stack:
      log = stack.enter_context(
        summaries.Summaries(
          self._config.log_dir,
          [task.stem for task in batch],
          self._renderer.num_steps,
        )
      )
      filming = self._folder.filming
      reels = [
        self._reel(task, stack) if task in wanted else None for task in batch
      ]

      def on_step(
        index: int, scores: np.ndarray, images: Callable[[], np.ndarray]
      ) -> None:
        told(scores, images)
        log.write(index, scores, images)
        is_shown = filming and filming.shows(index, self._renderer.num_steps)
        if is_shown and any(reels):
          for reel, image in zip(reels, images()):
            if reel is not None:
              reel.write(image)

      drawn = self._renderer.draw(batch, start, on_step)
      for task, reel in zip(batch, reels):
        if reel is not None:
          # Which is not always what the last step makes.
          reel.write(drawn[task][0])
      log.finish([drawn[task][0] for task in batch])
      # Films take their places at the end of this block.
      self._folder.clear(wanted)
      return drawn

  def _write(
    self, task: task_lib.PictureTask, image: np.ndarray, record: Dict[str, Any]
  ) -> pictures.Picture:
    """Keeps a picture, and tells what else is to be known of it.

    That is its film, and whether it was not drawn by what it was to show.
    """
    picture = self._folder.write(task, image, record)
    film, warning = self._folder.film_path(task), record.get('warning')
    # On lines of their own, and not in the progress bar's.
    with tqdm.tqdm.external_write_mode():
      if film is not None and task.frame is None:
        logging.info('The film is %s.', film)
      if warning is not None:
        logging.warning('%s: %s.', task.stem, warning)
    return picture

  def _reel(
    self, task: task_lib.PictureTask, stack: contextlib.ExitStack
  ) -> Any:
    """Returns what films the ascent of a picture; None for nothing."""
    path, filming = self._folder.film_path(task), self._folder.filming
    if path is None or filming is None or task.frame is not None:
      return None
    return stack.enter_context(
      films.FilmWriter(
        path,
        self._renderer.image_size,
        filming.milliseconds(),
        filming.hold,
      )
    )


def _progress(
  num_steps: int, show_progress: Optional[bool], worker: Optional[int]
) -> Any:
  """Returns what shows the steps of a run, or tells of them as a worker."""
  if worker is not None:
    return worker_progress.Teller(num_steps)
  return progress.bar(wanted=show_progress, total=num_steps, unit='step')
