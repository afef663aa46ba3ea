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

"""Detail for pictures that are larger than a network can look at.

A picture grows in octaves, each at most twice as large as the one before. Each
octave is swept several times: the network looks at the picture tile by tile,
and then all of it takes a step along the gradient of all tiles, which fade into
each other. In another sweep the tiles are elsewhere. So the memory is that of
the picture and its gradient, whatever its size.
"""

import functools
import itertools
from typing import Iterator, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.ascent import ascend
from magenta_viz.ascent import ensemble
from magenta_viz.ascent import octaves
from magenta_viz.ascent import protocols
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent import step_results
from magenta_viz.ascent import tiling
from magenta_viz.ascent.objectives import objectives
from magenta_viz.ascent.parameterizations import fourier
from magenta_viz.models import conv_gradient
from magenta_viz.models import image_gradient
from magenta_viz.settings import schedules

_Size = Tuple[int, int]

# A tile fades into the next over a quarter of its side.
_FADE = 4
# Tiles that are looked at at a time.
_BATCH = 8
# Waves of fewer cycles a tile are not drawn in an enlargement. With 4 there are
# small cats all over a cat's ground, with 24 there is hardly more than fur.
_LEAST_CYCLES = 12
# Rows whose colours are computed at a time: in float64, of a large picture.
_BAND = 256


class Enlarged(NamedTuple):
  """A batch of pictures that have grown.

  Attributes:
    images: [batch, height, width, 3] float32 array in [0, 1].
    scores: A sweep each, the means of the tiles before it, as
      `ascend.Result.scores` has them of a step.
  """

  images: np.ndarray
  scores: List[np.ndarray]


class Enlargement:
  """Enlarges one picture after another, and gives each its detail.

  The picture is a canvas: what `fourier.to_rgb` turns into colours.

  Attributes:
    num_sweeps: Sweeps of a picture.
  """

  def __init__(
    self,
    network: ascend.Network,
    objective: ascend.Objective,
    views: protocols.Views,
    waves: fourier.Fourier,
    sizes: Sequence[_Size],
    rates: Sequence[float],
    least_cycles: int,
  ):
    """Takes the parts.

    Args:
      network: From [batch, height, width, 3] views in [0, 1] to its outputs.
      objective: As `ascend.Ascent` takes it.
      views: What the network sees of a tile.
      waves: How strongly each wave of a tile follows the gradient, and in what
        colours; height and width, which are equal, are those of a tile.
      sizes: Height and width of each octave, in pixels, at least a tile's.
      rates: Root mean square of each sweep's change of the canvas.
      least_cycles: Waves of fewer cycles a tile stay as they are: they were
        drawn in the octave before.
    """
    self._network = network
    self._objective = objective
    self._views = views
    self._waves = waves
    self._sizes = sizes
    self._rates = rates
    cycles = (np.arange(waves.height) + 1) // 2
    is_fine = np.maximum(cycles[:, None], cycles) >= least_cycles
    self._is_fine = is_fine[..., None].astype(np.float32)
    # As in `ascend.Ascent`.
    self._traced_look = tf.function(
      functools.partial(self._look), autograph=False
    )
    self.num_sweeps = len(sizes) * len(rates)

  def run(
    self,
    images: np.ndarray,
    targets: np.ndarray,
    generators: Sequence[np.random.Generator],
    photo: Optional[np.ndarray] = None,
    on_sweep: Optional[step_results.OnStep] = None,
  ) -> Enlarged:
    """Enlarges a batch of pictures.

    Args:
      images: [batch, height, width, 3] array in [0, 1].
      targets: As `ascend.Ascent.run` has them.
      generators: One a picture; all that is random in it is drawn from it.
      photo: [height, width, 3] array in [0, 1], of any size, that was drawn
        into; None for none.
      on_sweep: Called after each sweep with its index, the scores before it and
        a function that makes the images after it.

    Raises:
      FloatingPointError: If a score or a gradient is not finite.
    """
    canvases = [self._to_canvas(image) for image in images]
    all_scores: List[np.ndarray] = []
    before = images.shape[1:3]
    for size in self._sizes:
      # What was drawn grows; the photo under it is at every size its own.
      self._add(canvases, photo, before, -1)
      for index, canvas in enumerate(canvases):
        canvases[index] = resized(canvas, size)
      self._add(canvases, photo, size, 1)
      before = size
      for rate in self._rates:
        scores = []
        for canvas, target, generator in zip(canvases, targets, generators):
          score, change = self.gradient(canvas, target, generator)
          change *= rate / _root_mean_square(change)
          canvas += change
          is_finite = np.isfinite(change.sum())
          scores.append(score if is_finite else np.full_like(score, np.nan))
        all_scores.append(np.array(scores, np.float32))
        step_results.check_finite(all_scores[-1], len(all_scores) - 1)
        if on_sweep is not None:
          on_sweep(
            len(all_scores) - 1,
            ensemble.of_all(all_scores[-1]),
            lambda: tf.constant(self._to_images(canvases)),
          )
    return Enlarged(self._to_images(canvases), all_scores)

  def _add(
    self,
    canvases: Sequence[np.ndarray],
    photo: Optional[np.ndarray],
    size: _Size,
    sign: int,
  ) -> None:
    """Puts a photograph of a size under canvases, or takes it away."""
    if photo is None:
      return
    under = self._to_canvas(resized(photo, size))
    under *= sign
    for canvas in canvases:
      canvas += under

  def gradient(
    self,
    canvas: np.ndarray,
    target: np.ndarray,
    generator: np.random.Generator,
  ) -> Tuple[np.ndarray, np.ndarray]:
    """Looks at all of a canvas, tile by tile.

    Args:
      canvas: [height, width, 3] float32 array.
      target: As in `run`.
      generator: Draws where the tiles are, and the views of each.

    Returns:
      The mean score of the tiles, or the means of an `ensemble.Agreement`'s;
      and the [height, width, 3] float32 direction in which the canvas raises
      it: its gradient, wave by wave as strong as `waves` has it.
    """
    side = self._waves.height
    overlap = side // _FADE
    top, left = generator.integers(side - overlap, size=2)
    tiles = tiling.tiles(canvas.shape[:2], side, overlap, (top, left))
    total = np.zeros_like(canvas)
    scores: List[np.ndarray] = []
    for some in _batches(tiles):
      seen = np.stack([canvas[tile.place] for tile in some])
      samples = [
        self._views.sample(generator, side, side, schedules.START) for _ in some
      ]
      # A last batch that is not full would be traced, and rounded, otherwise.
      room = [0] * (_BATCH - len(some))
      found, changes = self._traced_look(
        np.concatenate([seen, seen[room]]),
        tf.constant(np.stack([target] * _BATCH)),
        *(np.stack([*each, *each[:1] * len(room)]) for each in zip(*samples)),
      )
      scores.extend(found.numpy()[: len(some)])
      for tile, change in zip(some, changes.numpy()):
        total[tile.place] += tile.weights * change
    return np.mean(scores, axis=0), total

  def _look(
    self, tiles: tf.Tensor, targets: tf.Tensor, *samples: tf.Tensor
  ) -> Tuple[tf.Tensor, tf.Tensor]:
    """Returns the scores of tiles, and which way each raises its own.

    Args:
      tiles: [batch, side, side, 3] float32 tensor, parts of a canvas.
      targets: [batch, ...] tensor.
      *samples: What was drawn for each view.
    """
    params = tf.zeros_like(tiles)
    canvas = tiles + self._waves.to_canvas(params)
    images = fourier.to_rgb(canvas, self._waves.decorrelated)
    views = self._views.apply(images, *samples)
    with conv_gradient.turned_convolutions():
      scores = self._objective(self._network(views), targets)
    gradient = image_gradient.gradient(scores, params)
    return scores, self._waves.to_canvas(gradient * self._is_fine)

  def _to_canvas(self, image: np.ndarray) -> np.ndarray:
    """Returns the float32 canvas of an image."""
    canvas = np.empty(image.shape, np.float32)
    for band in _bands(image):
      size = image[band].shape[:2]
      canvas[band] = fourier.to_canvas(
        image[band], size, self._waves.decorrelated
      )
    return canvas

  def _to_images(self, canvases: List[np.ndarray]) -> np.ndarray:
    """Returns the [batch, height, width, 3] float32 images of canvases."""
    images = np.empty([len(canvases), *canvases[0].shape], np.float32)
    for image, canvas in zip(images, canvases):
      for band in _bands(image):
        image[band] = fourier.to_rgb(
          tf.constant(canvas[band]), self._waves.decorrelated
        )
    return images


def plan(
  network: ascend.Network,
  view_size: int,
  recipe: recipe_lib.Recipe,
  objective: objectives.Objective,
  sizes: Sequence[_Size],
) -> Enlargement:
  """Puts the parts of a recipe's enlargement together.

  Args:
    network: From [batch, height, width, 3] views in [0, 1] to its outputs.
    view_size: Height and width that the network was trained at, in pixels.
    recipe: Settings.
    objective: What is raised.
    sizes: Height and width of each octave, in pixels.

  Raises:
    ValueError: If the objective compares pictures, which tiles do not show.
  """
  enlargement = recipe.views.enlargement
  assert enlargement is not None  # Else there are no sizes to grow through.
  side = octaves.base_side(enlargement, view_size)
  if objective.is_coupled:
    height, width = sizes[-1]
    raise ValueError(
      f'a picture of {height} x {width} pixels gets its detail by itself, but'
      f' diversity: compares pictures; take --image_size={side}'
    )
  settings = recipe.parameterization.waves(enlargement)
  waves = fourier.Fourier(
    height=side,
    width=side,
    # Half of it on the way to the waves, half on the way back.
    decay_power=settings.decay_power / 2,
    contrast=1.0,
    chroma=settings.chroma**0.5,
    initial_deviation=0.0,
    decorrelated=recipe.parameterization.colours == 'decorrelated',
  )
  return Enlargement(
    network,
    objective.score,
    octaves.tile_views(recipe, view_size),
    waves,
    sizes,
    octaves.plan_sweeps(enlargement),
    _LEAST_CYCLES,
  )


def _batches(tiles: Iterator[tiling.Tile]) -> Iterator[List[tiling.Tile]]:
  """Yields tiles, a batch at a time."""
  while True:
    batch = list(itertools.islice(tiles, _BATCH))
    if not batch:
      return
    yield batch


def _bands(image: np.ndarray) -> List[slice]:
  """Returns bands of the rows of an image."""
  return [slice(top, top + _BAND) for top in range(0, len(image), _BAND)]


def resized(image: np.ndarray, size: _Size) -> np.ndarray:
  """Returns a [height, width, 3] image, or canvas, of another size."""
  if image.shape[:2] == size:
    return np.array(image, np.float32)
  resized = tf.image.resize(image[None], size, 'bicubic', antialias=True)
  return resized.numpy()[0]


def _root_mean_square(values: np.ndarray) -> float:
  """Returns the root of the mean of squares, and at least what is not 0."""
  flat = values.ravel()
  return max(float(np.sqrt(np.dot(flat, flat) / len(flat))), 1e-30)
