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

"""Pictures that grow before one's eyes while they are drawn, in a notebook."""

import base64
import io
import time
from typing import Any, Callable, ContextManager

import numpy as np
from PIL import Image

from magenta_viz.media import contact_sheet
from magenta_viz.media import image_files
from magenta_viz.process import notebook

# Seconds between two looks, and how many times as long as a look takes: of
# large pictures, too, looks are 3 % of the time. Of a picture of 320 pixels,
# which takes 9 s on two cores, they are less than measurements differ by.
_PAUSE = 0.5
_TIMES = 30

# Of a single picture, in pixels: what a cell's output shows well.
_MAX_SIDE = 384
# Of JPEG, of 100: a glance, soon replaced.
_QUALITY = 85


class Growing(ContextManager['Growing']):
  """Shows the pictures of one batch after the other, and nothing at the end.

  A context manager; entering it takes the place in the cell's output, above
  what is written from then on, and leaving it takes the last look away, for the
  cell to keep its result alone.
  """

  def __init__(self, is_shown: bool):
    """Takes no place yet.

    Args:
      is_shown: Whether to show anything; where no notebook is, nothing shows.
    """
    self._is_shown = is_shown and notebook.is_here()
    self._output = notebook.Output()
    self._due = time.monotonic() + _PAUSE

  def __enter__(self) -> 'Growing':
    """Takes its place."""
    if self._is_shown:
      self._output.clear()
    return self

  def __exit__(self, *unused_error: Any) -> None:
    """Takes the pictures away."""
    if self._is_shown:
      self._output.clear()

  def look(self, images: Callable[[], np.ndarray]) -> None:
    """Shows pictures, if the last look was long ago.

    Args:
      images: Makes the [batch, height, width, 3] images in [0, 1].
    """
    if not self._is_shown:
      return
    start = time.monotonic()
    if start < self._due:
      return
    content = base64.b64encode(_glance(images())).decode('ascii')
    self._output.show({'image/jpeg': content})
    end = time.monotonic()
    self._due = end + max(_PAUSE, _TIMES * (end - start))


def _glance(images: np.ndarray) -> bytes:
  """Returns a small sheet of pictures as the bytes of a JPEG file."""
  if len(images) == 1:
    glance = Image.fromarray(image_files.to_uint8(images[0]))
    glance.thumbnail((_MAX_SIDE, _MAX_SIDE))
  else:
    labelled = (('', each) for each in images)
    sheet = contact_sheet.contact_sheet(labelled, len(images))
    glance = Image.fromarray(image_files.to_uint8(sheet))
  file = io.BytesIO()
  glance.save(file, 'JPEG', quality=_QUALITY)
  return file.getvalue()
