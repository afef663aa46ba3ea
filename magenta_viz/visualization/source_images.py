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

"""Source images: photographs and frames that pictures start from."""

import hashlib
from pathlib import Path
from typing import Any, ContextManager, Optional, Tuple

import numpy as np
import scipy.ndimage

from magenta_viz.files import digests
from magenta_viz.files import places
from magenta_viz.media import frames
from magenta_viz.media import image_files
from magenta_viz.visualization import config as visualize_config
from magenta_viz.visualization import task as task_lib


class SourceImages(ContextManager['SourceImages']):
  """What each picture of a run starts from; a context manager.

  That is nothing, a photograph, a frame of a film, or the finished frame
  before.

  Attributes:
    num_frames: Pictures of each series; None where there are no series.
    milliseconds: How long each frame is shown; None where there are none of
      their own.
    size: Height and width of the images, in pixels; None where there are none.
    sha256: Of the file or the files; None where there are none.
  """

  def __init__(self, config: visualize_config.VisualizeConfig):
    """Opens what the configuration names.

    Raises:
      OSError: If it cannot be read.
      ValueError: If it is no picture, film or folder of pictures, or settings
        do not go together with it.
    """
    self._zoom = config.zoom
    self._blend = config.blend
    self._photo: Optional[np.ndarray] = None
    self._frames: Optional[frames.Frames] = None
    self.num_frames = config.zoom_frames or None
    is_film = config.image is not None and frames.is_sequence(config.image)
    if config.blend and not is_film:
      raise ValueError(
        f'blend is {config.blend}, but there are no frames to blend; give a'
        ' film or a folder as --image, or leave it out'
      )
    self.milliseconds: Optional[Tuple[float, ...]] = None
    self.size: Optional[Tuple[int, int]] = None
    self.sha256: Optional[str] = None
    if config.image is None:
      return
    if is_film:
      if config.zoom_frames:
        raise ValueError(
          f"'{config.image}' has frames of its own; give a single picture with"
          ' --zoom_frames'
        )
      self._frames = frames.open_frames(config.image)
      self.num_frames = self._frames.num_frames
      self.milliseconds = self._frames.milliseconds
      self.size = self._frames.size
    else:
      self._photo = image_files.read_image(config.image)
      height, width = self._photo.shape[:2]
      self.size = (height, width)
    if config.image_size is not None:
      raise ValueError(
        f"image_size is {config.image_size}, but '{config.image}' keeps its own"
        f' size {self.size}; leave one out'
      )
    if config.class_ids:
      # The network is to say what it makes of the finished picture.
      image_files.check_aspect(config.image, *self.size)
    path = places.place(config.image)
    if (
      config.output_dir
      and path.resolve() == places.place(config.output_dir).resolve()
    ):
      raise ValueError(
        f"'{config.image}' is both --image and --output_dir; take another"
        ' folder for the pictures'
      )
    self.sha256 = _sha256(path)

  def __exit__(self, *unused_error: Any) -> None:
    """Closes the film."""
    if self._frames is not None:
      self._frames.close()

  def start_of(
    self, task: task_lib.PictureTask, before: Optional[np.ndarray]
  ) -> Optional[np.ndarray]:
    """Returns what a picture starts from, [height, width, 3] in [0, 1].

    Args:
      task: The picture.
      before: The finished frame before it, of the same shape.
    """
    if self._frames is not None:
      assert task.frame is not None
      frame = self._frames.read(task.frame)
      if before is None or not self._blend:
        return frame
      return self._blend * before + (1 - self._blend) * frame
    if task.frame is not None and before is not None:
      return zoomed(before, self._zoom)
    return self._photo


def zoomed(image: np.ndarray, share: float) -> np.ndarray:
  """Enlarges the middle of a picture to its whole size, bilinearly.

  Args:
    image: [height, width, 3] float array.
    share: Of the sides that is lost; 0.05 in google/deepdream, dream.ipynb.
  """
  middle = [side * share / 2 for side in image.shape[:2]]
  # Older versions of SciPy warn of the diagonal alone.
  matrix = np.diag([1 - share, 1 - share, 1])
  return scipy.ndimage.affine_transform(image, matrix, [*middle, 0], order=1)


def _sha256(path: Path) -> str:
  """Returns the SHA-256 of a file, or of all pictures in a folder."""
  if not path.is_dir():
    return digests.file_sha256(path)
  digest = hashlib.sha256()
  for file in frames.pictures_in(path):
    digest.update(f'{file.name} {digests.file_sha256(file)}'.encode())
  return digest.hexdigest()


def as_written(image: np.ndarray) -> np.ndarray:
  """Returns a picture as its file has it, for a resumed run to be the same."""
  return image_files.to_uint8(image).astype(np.float32) / np.float32(255)
