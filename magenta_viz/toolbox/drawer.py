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

"""Draws what a unit or a class wants to see, while somebody watches.

What is finished stays in a folder, with the records that
`image_visualization_visualize` writes.
"""

import dataclasses
from pathlib import Path
import re
import threading
import time
from typing import Any, Callable, Dict, Optional, Tuple

from absl import logging
import numpy as np

from magenta_viz.ascent import presets
from magenta_viz.files import names
from magenta_viz.media import image_files
from magenta_viz.models import sharing
from magenta_viz.toolbox import shelf as shelf_lib
from magenta_viz.toolbox import turns as turns_lib
from magenta_viz.visualization import config as visualize_config
from magenta_viz.visualization import folder as folder_lib
from magenta_viz.visualization import networks as networks_lib
from magenta_viz.visualization import pictures
from magenta_viz.visualization import renderer as renderer_lib
from magenta_viz.visualization import task as task_lib

# Between two pictures of a drawing that somebody watches.
_SECONDS_A_PICTURE = 0.1

# Planned pictures that are kept: what was traced of one takes some 85 MB with
# GoogLeNet.
_NUM_SUBJECTS = 2

# Where the commands that draw the same write to: the cache is the toolbox's.
_USERS_FOLDER = 'drawings'

DRAWING = 'drawing'
DONE = 'done'
CANCELLED = 'cancelled'
FAILED = 'failed'
MISSING = 'missing'


class _CancelledError(Exception):
  """A drawing that nobody wants any more."""


@dataclasses.dataclass(frozen=True)
class Progress:
  """How far a drawing is.

  Attributes:
    state: `DRAWING`, `DONE`, `CANCELLED`, `FAILED` or `MISSING`.
    step: Steps that are done.
    num_steps: Of all.
    png: The picture after that step; empty before the first.
    score: Before that step.
    error: What went wrong.
    record: Of the finished picture.
    command: That draws the same; None if no command can.
    file: Name of the picture in an atlas; None of one that was drawn here.
    variation: Which of the finished pictures of a unit or class it is.
    num_variations: How many of these there are.
  """

  state: str
  step: int = 0
  num_steps: int = 0
  png: bytes = b''
  score: Optional[float] = None
  error: Optional[str] = None
  record: Optional[Dict[str, Any]] = None
  command: Optional[str] = None
  file: Optional[str] = None
  variation: int = 0
  num_variations: int = 0

  def among(self, variation: int, num_variations: int) -> 'Progress':
    """Returns it as one of several finished pictures."""
    return dataclasses.replace(
      self, variation=variation, num_variations=num_variations
    )


class Subject:
  """What is drawn: one picture of a class or of a unit."""

  def __init__(
    self,
    networks: networks_lib.Networks,
    config: visualize_config.VisualizeConfig,
    folder: Path,
  ):
    """Plans the picture.

    Args:
      networks: The network alone.
      config: With a class or an objective.
      folder: Of the picture.

    Raises:
      ValueError: If there is no such class or objective.
    """
    preset = presets.find_preset(config.preset)
    size = config.image_size or preset.default_size(networks.view_size)
    task_lib.check_classes(config, networks.class_names)
    self.renderer = renderer_lib.Renderer(config, networks, size)
    (self.task,) = task_lib.plan(
      config, networks.class_names, channels=self.renderer.channels
    )
    self._folder = folder_lib.PictureFolder(str(folder), False)

  def stored(self) -> Optional[Progress]:
    """Returns the picture if it is there; None if it is to be drawn."""
    try:
      if not self._folder.is_drawn(self.task, self.renderer.wanted(self.task)):
        return None
      picture = self._folder.read(self.task)
    except ValueError as error:
      # Of other settings, or changed since: a cache, which is made again.
      logging.info('drawing anew: %s', error)
      return None
    return self._done(picture)

  def draw(self, on_step: Callable[..., None]) -> Progress:
    """Draws the picture, and stores it."""
    found = self.renderer.draw([self.task], None, on_step)
    self._folder.prepare()
    self._folder.clear([self.task])
    return self._done(self._folder.write(self.task, *found[self.task]))

  def _done(self, picture: pictures.Picture) -> Progress:
    """Returns what is to be said of a finished picture."""
    num_steps = self.renderer.num_steps
    return Progress(
      DONE,
      num_steps,
      num_steps,
      image_files.encode_png(picture.image),
      record=picture.record,
      command=self.renderer.command,
    )


class _Drawing:
  """A picture that is being drawn, in a thread of its own."""

  def __init__(
    self,
    subject: Subject,
    turns: turns_lib.Turns,
    words: Callable[[Exception], str],
  ):
    """Begins.

    Args:
      subject: To be drawn.
      turns: Who computes when.
      words: Says what went wrong.
    """
    self._subject = subject
    self._words = words
    self._turns = turns
    self._changed = threading.Condition()
    self._is_wanted = True
    self._latest = 0.0
    self._progress = Progress(DRAWING, num_steps=subject.renderer.num_steps)
    threading.Thread(target=self._run, daemon=True).start()

  def cancel(self) -> None:
    """Ends it after the step that is being computed; says so at once."""
    self._is_wanted = False
    self._tell(dataclasses.replace(self._progress, state=CANCELLED))

  def wait(self, after: int, seconds: float) -> Progress:
    """Returns how far it is, once that is more than `after` steps."""
    with self._changed:
      self._changed.wait_for(
        lambda: self._progress.state != DRAWING or self._progress.step > after,
        seconds,
      )
      return self._progress

  @property
  def is_over(self) -> bool:
    """Whether nothing more comes."""
    return self._progress.state != DRAWING

  def _run(self) -> None:
    """Draws."""
    try:
      with self._turns.in_between():
        progress = self._subject.draw(self._on_step)
    except _CancelledError:
      return
    # Whatever it is, who watches must be told.
    except Exception as error:  # pylint: disable=broad-except
      logging.warning('cannot draw: %s', error)
      progress = dataclasses.replace(
        self._progress, state=FAILED, error=self._words(error)
      )
    self._tell(progress)

  def _on_step(
    self, index: int, scores: np.ndarray, images: Callable[[], np.ndarray]
  ) -> None:
    """Tells of a step, and lets others have their turn."""
    now = time.monotonic()
    if now - self._latest >= _SECONDS_A_PICTURE and self._is_wanted:
      self._latest = now
      num_steps = self._subject.renderer.num_steps
      png = image_files.encode_png(images()[0])
      self._tell(Progress(DRAWING, index + 1, num_steps, png, float(scores[0])))
    self._turns.pause()
    if not self._is_wanted:
      raise _CancelledError

  def _tell(self, progress: Progress) -> None:
    """Tells those who wait; nothing after it was cancelled."""
    with self._changed:
      if self._progress.state == DRAWING:
        self._progress = progress
        self._changed.notify_all()


class Drawer:
  """Draws units and classes of one network, one at a time."""

  def __init__(
    self,
    networks: networks_lib.Networks,
    folder: Path,
    turns: turns_lib.Turns,
    **settings: Any,
  ):
    """Takes what all drawings have in common.

    Args:
      networks: The network alone.
      folder: Of finished pictures; made when the first one is finished.
      turns: Who computes when.
      **settings: Of `VisualizeConfig`.
    """
    self._networks = networks
    self._folder = folder
    self._turns = turns
    self._settings = settings
    self._lock = threading.RLock()
    self._subjects = sharing.Shared(_NUM_SUBJECTS)
    self._shelves: Dict[Path, shelf_lib.Shelf] = {}
    self._current: Optional[Tuple[str, int]] = None
    self._drawing: Optional[_Drawing] = None

  def command(self, layer: str, channel: int) -> Optional[str]:
    """Returns the command that draws a unit; None if no command can."""
    with self._lock:
      return self._subject(layer, channel).renderer.command

  def look(self, layer: str, number: int) -> Progress:
    """Returns a finished picture, or that there is none; draws nothing.

    Args:
      layer: Name of the unit's, or `shelf.CLASSES`.
      number: Of the unit, or the class.
    """
    with self._lock:
      return self._subject(layer, number).stored() or Progress(MISSING)

  def watch(
    self, layer: str, number: int, after: Optional[int], seconds: float
  ) -> Progress:
    """Returns how far a picture is.

    Who asks for the first time has it drawn; what is being drawn of another is
    cancelled. Who goes on watching has nothing drawn: two that watch different
    pictures would cancel one another's for ever.

    Args:
      layer: As of `look`.
      number: Likewise.
      after: Steps that the one who goes on watching knows of; None for the
        first time.
      seconds: To wait at most for more.

    Raises:
      ValueError: If there is no such unit or class.
    """
    key = (layer, number)
    with self._lock:
      drawing = self._drawing if self._current == key else None
      if drawing is None or (after is None and drawing.is_over):
        subject = self._subject(layer, number)
        found = subject.stored()
        if found is not None:
          return found
        if after is not None:
          return Progress(CANCELLED)
        self.cancel()
        drawing = _Drawing(subject, self._turns, self._words)
        self._current, self._drawing = key, drawing
    return drawing.wait(after or 0, seconds)

  def cancel(self) -> None:
    """Ends what is being drawn."""
    with self._lock:
      if self._drawing is not None:
        self._drawing.cancel()

  def shelf(self, layer: str) -> shelf_lib.Shelf:
    """Returns where the finished pictures of a layer, or of classes, are."""
    folder = self._path(layer)
    # At once: the lock is held while a drawing is planned.
    return self._shelves.setdefault(folder, shelf_lib.Shelf(folder))

  def _words(self, error: Exception) -> str:
    """Returns what went wrong, with the user's own folder for those in it."""
    inner = re.escape(str(self._folder)) + "[^']*"
    text = re.sub(inner, lambda _: str(self._folder.parent), str(error))
    return ' '.join(text.split())

  def _path(self, layer: str) -> Path:
    """Returns the folder of pictures: one a layer, and one of all classes."""
    if layer == shelf_lib.CLASSES:
      return self._folder / 'classes'
    return self._folder / names.slug(layer, kept='_', with_digest=True)

  def _subject(self, layer: str, number: int) -> Subject:
    """Returns what is to be drawn, planned once."""
    is_class = layer == shelf_lib.CLASSES

    def plan() -> Subject:
      config = visualize_config.VisualizeConfig(
        class_ids=(number,) if is_class else (),
        objective=None if is_class else f'channel:{layer}:{number}',
        models=self._networks.models,
        checkpoints=self._networks.checkpoints,
        precision=self._networks.precision,
        output_dir=_USERS_FOLDER,
        batch_size=1,
        **self._settings,
      )
      return Subject(self._networks, config, self._path(layer))

    found: Subject = self._subjects.get((layer, number), plan)
    return found
