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

"""The folder that a run's pictures and records go to."""

import itertools
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence

from absl import logging
import numpy as np

from magenta_viz.files import places
from magenta_viz.media import atomic_files
from magenta_viz.media import films
from magenta_viz.media import image_files
from magenta_viz.media import picture_text
from magenta_viz.media import records
from magenta_viz.visualization import config as visualize_config
from magenta_viz.visualization import filming as filming_lib
from magenta_viz.visualization import pictures
from magenta_viz.visualization import task as task_lib

_SHEET = 'sheet.png'

# With more, a sheet of the greatest width would grow in height alone, and with
# it the memory that it takes (`ascent.memory`).
_MAX_ON_SHEET = 5000


class PictureFolder:
  """Keeps pictures with their records, or nothing without a folder.

  Attributes:
    filming: What the films beside the pictures are like; None for no films.
  """

  def __init__(
    self,
    output_dir: Optional[str],
    overwrite: bool,
    filming: Optional[filming_lib.Filming] = None,
  ):
    """Takes the folder.

    Args:
      output_dir: Its path; None keeps nothing.
      overwrite: Whether pictures that are there count as not drawn.
      filming: As of the attributes.
    """
    self._root = None if output_dir is None else places.place(output_dir)
    self._overwrite = overwrite
    self.filming = filming

  def prepare(self) -> None:
    """Makes the folder, and proves that it is writable.

    Raises:
      OSError: If it is not.
    """
    if self._root is not None:
      atomic_files.prepare_folder(self._root)

  def has_records(self) -> bool:
    """Tells whether there may be pictures that count as drawn."""
    if self._root is None or self._overwrite:
      return False
    return any(self._root.glob('*.json'))

  def is_drawn(
    self, task: task_lib.PictureTask, wanted: Mapping[str, Any]
  ) -> bool:
    """Tells whether a picture is there, with the settings of this run.

    Args:
      task: The picture.
      wanted: What its record would say, as of `records.check_settings`.

    Raises:
      ValueError: If it is there with other settings, has changed since, or
        another one has its name.
    """
    if self._root is None:
      return False
    png, path = self._paths(task)
    subject = task.describe()
    image_sha256 = wanted['settings'].get('image_sha256')
    records.check_subject(path, subject, image_sha256)
    if self._overwrite:
      return False
    if not records.is_recorded(path, wanted) or not png.exists():
      return False
    records.check_pictures(path, [png])
    return self._is_filmed(task)

  def _is_filmed(self, task: task_lib.PictureTask) -> bool:
    """Tells whether the film of an ascent is there, if one is wanted."""
    film, filming = self.film_path(task), self.filming
    # Films of frames are made of these each time.
    if film is None or filming is None or task.frame is not None:
      return True
    if not film.exists():
      return False
    told = records.read_record(self._paths(task)[1]).get('film')
    # Those of old versions tell nothing, and are believed.
    found = told and records.differences(told, filming.described())
    if not found:
      return True
    # Its frames are nowhere else.
    logging.log_first_n(
      logging.INFO,
      "Films that are there go otherwise, such as '%s' (%s); they are drawn"
      ' again.',
      1,
      film,
      '; '.join(f'{name}: {how}' for name, how in found.items()),
    )
    return False

  def read(self, task: task_lib.PictureTask) -> pictures.Picture:
    """Returns a picture that is drawn.

    Raises:
      OSError: If it cannot be read.
      ValueError: If it is damaged.
    """
    png, path = self._paths(task)
    record = records.read_record(path)
    try:
      return pictures.Picture(image_files.read_image(png), record, png)
    except ValueError as error:
      raise ValueError(
        f"'{png}' is damaged; delete it, and the same command draws it again"
        f' ({error})'
      ) from error

  def clear(self, tasks: List[task_lib.PictureTask]) -> None:
    """Makes room for pictures, before any of their files is written.

    What tells of the pictures that they replace goes: their records, their
    films and the sheet.
    """
    if self._root is None:
      return
    for task in tasks:
      png, path = self._paths(task)
      atomic_files.remove_file(path)
      if png.exists():
        for kind in visualize_config.FILM_KINDS:
          atomic_files.remove_file(self._film_path(task, kind))
        atomic_files.remove_file(self._root / _SHEET)

  def write(
    self,
    task: task_lib.PictureTask,
    image: np.ndarray,
    record: Dict[str, Any],
  ) -> pictures.Picture:
    """Writes a picture, after `clear`.

    The record comes last and says that it is whole.
    """
    if self._root is None:
      return pictures.Picture(image, record, None)
    png, path = self._paths(task)
    title = pictures.Picture(image, record, png).label
    image_files.write_png(png, image, picture_text.of_record(title, record))
    record = {**record, 'pictures_sha256': records.pictures_sha256([png])}
    if self.filming is not None and task.frame is None:
      record['film'] = self.filming.described()
    records.write_record(path, record)
    return pictures.Picture(image, record, png)

  def write_sheet(self, tasks: Sequence[task_lib.PictureTask]) -> None:
    """Lays pictures of a run out on one sheet, if they are several.

    All of them, or some at even distances where they are too many.
    """
    if self._root is None or len(tasks) < 2:
      return
    every = -(-len(tasks) // _MAX_ON_SHEET)
    shown = tasks[::every]
    # Seeds change faster than subjects.
    has_seeds = tasks[0].seed != tasks[-1].seed
    sheet = pictures.on_sheet(map(self.read, shown), len(shown), has_seeds)
    path = self._root / _SHEET
    command = self.read(tasks[0]).record.get('command')
    text = picture_text.texts(
      f'{len(shown)} pictures', command and picture_text.anywhere(command)
    )
    image_files.write_png(path, sheet, text)
    which = 'All' if every == 1 else f'Every {every}th'
    logging.info('%s on one sheet: %s.', which, path)

  def film_path(self, task: task_lib.PictureTask) -> Optional[Path]:
    """Returns the path of the film of a picture, or of its series."""
    if self._root is None or self.filming is None:
      return None
    return self._film_path(task, self.filming.kind)

  def write_films(
    self,
    tasks: Sequence[task_lib.PictureTask],
    milliseconds: Optional[Sequence[float]],
  ) -> None:
    """Makes a film of the pictures of each series, where films are wanted.

    Args:
      tasks: All pictures of the first series, then those of the second.
      milliseconds: How long each frame of a series is shown; None if they have
        no times of their own.
    """
    for path, series in itertools.groupby(tasks, self.film_path):
      if path is None or self.filming is None:
        return
      times = self.filming.milliseconds(milliseconds)
      first = next(series)
      size = self.read(first).image.shape[:2]
      with films.FilmWriter(path, size, times, self.filming.hold) as film:
        for task in itertools.chain([first], series):
          film.write(self.read(task).image)
      logging.info('The film is %s.', path)

  def _film_path(self, task: task_lib.PictureTask, kind: str) -> Path:
    """Returns the path of a film of a kind."""
    assert self._root is not None
    frames = '' if task.frame is None else '_frames'
    return self._root / f'{task.series}{frames}.{kind}'

  def _paths(self, task: task_lib.PictureTask) -> List[Path]:
    """Returns the paths of a picture and of its record."""
    assert self._root is not None
    return [self._root / f'{task.stem}{ending}' for ending in ('.png', '.json')]
