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

"""How much memory pictures take, to be known before they are begun.

The numbers are fitted to the peak memory of runs with GoogLeNet and SqueezeNet
on a processor, of 320 to 8192 pixels, and lie somewhat above it
(docs/performance.md).
"""

from typing import NamedTuple, Tuple

import numpy as np

from magenta_viz.ascent import octaves
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.files import free_memory
from magenta_viz.models import model_spec

_Size = Tuple[int, int]

# TensorFlow, a network and its graph.
_FIXED_BYTES = 0.85e9
# A network's activations and their gradients for a pixel of what it sees, and
# how many pixels it sees at a time at most.
_VIEW_BYTES = 1200
# Those of each further network, which is at work beside it, as a share.
_FURTHER = 0.5
_MAX_VIEW_PIXELS = 1024 * 1024
# Of a picture in float32.
_PIXEL_BYTES = 3 * 4
# Pictures that are in memory at a time: of those that are enlarged tile by
# tile, some for the one at work, and some for each of the batch.
_AT_WORK, _ENLARGED = 2, 4
# Pixels that are changed crop by crop, or all at once, and other parameters.
_CROPPED, _PIXELS, _OTHERS = 8, 20, 48
# Of the waves of a side, for each pixel and wave.
_WAVE_BYTES = 18
# What a transform makes larger than the picture.
_STAGE = 4
# Of a GIF, which is kept whole, and once more as it is written.
_GIF_BYTES = 2.5
# Of a sheet: pixels of a picture with its label, and of the largest sheet.
_SHEET_BYTES = 20
_CELL_PIXELS, _MAX_SHEET_PIXELS = 234 * 256, 23_000_000


class Whole(NamedTuple):
  """What a run does besides the steps.

  Attributes:
    num_networks: Those that look at the same views.
    is_coupled: Whether the network sees all pictures of a batch at a time.
    gif_frames: Of a picture's film, which are kept until its end.
    sheet_pictures: Those of the run, which are laid out on one sheet.
  """

  num_networks: int = 1
  is_coupled: bool = False
  gif_frames: int = 0
  sheet_pictures: int = 0


_NOTHING_ELSE = Whole()


def estimate(
  recipe: recipe_lib.Recipe,
  image_size: _Size,
  view_size: int,
  batch_size: int,
  whole: Whole = _NOTHING_ELSE,
) -> float:
  """Returns about how many bytes it takes to draw a batch of pictures.

  Args:
    recipe: Of the last octave.
    image_size: Height and width of the pictures, in pixels.
    view_size: Height and width that the network was trained at.
    batch_size: Number of pictures.
    whole: What else the run does.

  Raises:
    ValueError: If the transforms leave nothing to be seen.
  """
  first_size, *larger = octaves.plan_enlargement(recipe, image_size, view_size)
  first = first_size[0] * first_size[1]
  is_cropped = recipe.steps.window == 'crop'
  if is_cropped:
    each = _CROPPED
    first_size = (view_size, view_size)
  elif recipe.parameterization.are_pixels:
    each = _PIXELS
  else:
    each = _OTHERS
  copies = each * batch_size * first
  finished = image_size[0] * image_size[1]
  if larger:
    copies += (_AT_WORK + _ENLARGED * batch_size) * finished
  seen, extra = octaves.seen_pixels(recipe, first_size, view_size)
  copies += _STAGE * batch_size * extra
  seen *= batch_size
  if not whole.is_coupled:
    seen = min(seen, _MAX_VIEW_PIXELS)
  view_bytes = _VIEW_BYTES * (1 + _FURTHER * (whole.num_networks - 1))
  drawing: float = view_bytes * seen + _PIXEL_BYTES * copies
  if recipe.parameterization.are_waves:
    drawing += _WAVE_BYTES * (first_size[0] ** 2 + first_size[1] ** 2)
  drawing += _GIF_BYTES * whole.gif_frames * batch_size * finished
  sheet = min(whole.sheet_pictures * _CELL_PIXELS, _MAX_SHEET_PIXELS)
  # The sheet is made when all else is done.
  return _FIXED_BYTES + max(drawing, _SHEET_BYTES * sheet)


def check(
  recipe: recipe_lib.Recipe,
  image_size: _Size,
  view_size: int,
  batch_size: int,
  whole: Whole = _NOTHING_ELSE,
) -> None:
  """Raises ValueError if pictures do not fit in the memory that is free.

  Args:
    recipe: As `estimate` takes it.
    image_size: Likewise.
    view_size: Likewise.
    batch_size: Likewise.
    whole: Likewise.
  """
  free = free_memory.free_bytes()

  def fits(size: _Size, batch: int, whole: Whole = whole) -> bool:
    return estimate(recipe, size, view_size, batch, whole) <= free

  if fits(image_size, batch_size):
    return
  needed = estimate(recipe, image_size, view_size, batch_size, whole)
  # The largest size of the same shape, in steps of a twentieth.
  smaller = [
    (round(image_size[0] * share), round(image_size[1] * share))
    for share in np.arange(0.95, 0.04, -0.05)
  ]
  hints = ['--batch_size=1'] if batch_size > 1 and fits(image_size, 1) else []
  if fits(image_size, batch_size, whole._replace(gif_frames=0)):
    hints.append('--animate=mp4')
  hints += [
    f'--image_size={size[0]}x{size[1]}'
    for size in smaller
    if min(size) >= model_spec.MIN_SIZE and fits(size, batch_size)
  ][:1]
  raise ValueError(
    f'{batch_size} at a time of {image_size[0]} x {image_size[1]} pixels need'
    f' about {needed / 1e9:.1f} GB of memory, of which {free / 1e9:.1f} GB are'
    f' free; take {" or ".join(hints) or "a machine with more"}'
  )
