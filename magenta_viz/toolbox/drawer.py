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
import threading
import time
from typing import Any, Callable, Dict, List, Optional

from absl import logging
import numpy as np

from magenta_viz.ascent import presets
from magenta_viz.files import names
from magenta_viz.media import image_files
from magenta_viz.media import records
from magenta_viz.models import sharing
from magenta_viz.toolbox import turns as turns_lib
from magenta_viz.visualization import config as visualize_config
from magenta_viz.visualization import folder as folder_lib
from magenta_viz.visualization import networks as networks_lib
from magenta_viz.visualization import renderer as renderer_lib
from magenta_viz.visualization import task as task_lib

# Between two pictures of a drawing that somebody watches.
_SECONDS_A_PICTURE = 0.1

# Planned pictures that are kept: what was traced of one takes some 85 MB with
# GoogLeNet.
_NUM_SUBJECTS = 2

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
  """

  state: str
  step: int = 0
  num_steps: int = 0
  png: bytes = b''
  score: Optional[float] = None
  error: Optional[str] = None
  record: Optional[Dict[str, Any]] = None


class Subject:
  """What is drawn: one picture of a class or of a unit."""

  def __init__(
    self,
    networks: networks_lib.Networks,
    config: visualize_config.VisualizeConfig,
  ):
    """Plans the picture.

    Args:
      networks: The network alone.
      config: With a class or an objective, and a folder.

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
    self._folder = folder_lib.PictureFolder(config.output_dir, False)

  def stored(self) -> Optional[Progress]:
    """Returns the picture if it is there; None if it is to be drawn."""
    try:
      if not self._folder.is_drawn(
        self.task, self.renderer.settings(self.task)
      ):
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

  def _done(self, picture: folder_lib.Picture) -> Progress:
    """Returns what is to be said of a finished picture."""
    num_steps = self.renderer.num_steps
    png = image_files.encode_png(picture.image)
    return Progress(DONE, num_steps, num_steps, png, record=picture.record)


class _Drawing:
  """A picture that is being drawn, in a thread of its own."""

  def __init__(self, subject: Subject, turns: turns_lib.Turns):
    """Begins."""
    self._subject = subject
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
        self._progress, state=FAILED, error=' '.join(str(error).split())
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
    self._current: Optional[str] = None
    self._drawing: Optional[_Drawing] = None

  def command(self, layer: str, channel: int) -> Optional[str]:
    """Returns the command that draws a unit; None if no command can."""
    with self._lock:
      subject = self._subject(self.of_unit(layer, channel), None)
    return subject.renderer.command()

  def of_unit(self, layer: str, channel: int) -> str:
    """Returns the objective of a unit."""
    return f'channel:{layer}:{channel}'

  def look(self, objective: Optional[str], class_id: Optional[int]) -> Progress:
    """Returns a finished picture, or that there is none; draws nothing."""
    with self._lock:
      return self._subject(objective, class_id).stored() or Progress(MISSING)

  def watch(
    self,
    objective: Optional[str],
    class_id: Optional[int],
    after: int,
    seconds: float,
  ) -> Progress:
    """Returns how far a picture is, which is begun if nobody did.

    What is being drawn of another one is cancelled.

    Args:
      objective: What to raise; None for a class.
      class_id: The class.
      after: Steps that the one who watches knows of.
      seconds: To wait at most for more.

    Raises:
      ValueError: If there is no such unit or class.
    """
    key = f'{objective} {class_id}'
    with self._lock:
      subject = self._subject(objective, class_id)
      if self._drawing is None or self._current != key or self._is_ended():
        found = subject.stored()
        if found is not None:
          return found
        self.cancel()
        self._current, self._drawing = key, _Drawing(subject, self._turns)
      drawing = self._drawing
    return drawing.wait(after, seconds)

  def cancel(self) -> None:
    """Ends what is being drawn."""
    with self._lock:
      if self._drawing is not None:
        self._drawing.cancel()

  def stored(self, layer: str) -> List[int]:
    """Returns the units of a layer whose pictures are there, in order."""
    folder = self._path(self.of_unit(layer, 0))
    found = []
    for path in folder.glob('*.json'):
      try:
        objective = records.read_record(path).get('objective')
      except (OSError, ValueError):
        continue
      start, _, channel = str(objective).rpartition(':')
      if start == f'channel:{layer}' and channel.isdecimal():
        found.append(int(channel))
    return sorted(found)

  def _is_ended(self) -> bool:
    """Whether the last drawing ended without a picture, or was stored."""
    return self._drawing is not None and self._drawing.is_over

  def _path(self, objective: Optional[str]) -> Path:
    """Returns the folder of pictures: one a layer, and one of all classes."""
    if objective is None:
      return self._folder / 'classes'
    layer = objective.split(':')[1]
    return self._folder / names.slug(layer, kept='_', with_digest=True)

  def _subject(
    self, objective: Optional[str], class_id: Optional[int]
  ) -> Subject:
    """Returns what is to be drawn, planned once."""

    def plan() -> Subject:
      config = visualize_config.VisualizeConfig(
        class_ids=() if class_id is None else (class_id,),
        objective=objective,
        models=self._networks.models,
        checkpoints=self._networks.checkpoints,
        precision=self._networks.precision,
        output_dir=str(self._path(objective)),
        batch_size=1,
        **self._settings,
      )
      return Subject(self._networks, config)

    found: Subject = self._subjects.get((objective, class_id), plan)
    return found
