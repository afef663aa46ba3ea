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

"""Tests for enlargement."""

from typing import Any, Sequence, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent import tiled_upscaling
from magenta_viz.ascent.parameterizations import fourier
from magenta_viz.ascent.views import random_views
from magenta_viz.models import network_protocol

_SIDE = 32
_STILL = random_views.RandomViews(_SIDE, (1.0, 1.0), 0.0, 0.0, 0.0)
_MOVING = random_views.RandomViews(24, (0.6, 1.1), 15.0, 0.1, 0.05, blur=1.0)


def _local(images: tf.Tensor) -> network_protocol.Outputs:
  """A network whose score is a sum over pixels and their neighbours."""
  down = images[:, 1:] - images[:, :-1]
  across = images[:, :, 1:] - images[:, :, :-1]
  score = (
    tf.reduce_sum(images**2, [1, 2, 3])
    - 0.3 * tf.reduce_sum(down**2, [1, 2, 3])
    + 0.2 * tf.reduce_sum(across**3, [1, 2, 3])
  )
  return network_protocol.Outputs(score[:, None], {})


def _ramp(images: tf.Tensor) -> network_protocol.Outputs:
  """A network that sees what is on the right; at its edge it is cut off."""
  weights = tf.linspace(0.0, 1.0, images.shape[2])[:, None]
  return network_protocol.Outputs(
    tf.reduce_sum(weights * images, [1, 2, 3])[:, None], {}
  )


def _own(outputs: network_protocol.Outputs, targets: tf.Tensor) -> tf.Tensor:
  return outputs.logits[:, 0] * tf.cast(targets, tf.float32)


def _enlargement(
  network: Any = _local,
  sizes: Sequence[Tuple[int, int]] = ((64, 90),),
  rates: Sequence[float] = (0.05, 0.02),
  views: Any = _STILL,
  least_cycles: int = 0,
  decay_power: float = 0.0,
  decorrelated: bool = True,
) -> tiled_upscaling.Enlargement:
  waves = fourier.Fourier(
    _SIDE,
    _SIDE,
    decay_power=decay_power,
    contrast=1.0,
    chroma=1.0,
    initial_deviation=0.0,
    decorrelated=decorrelated,
  )
  return tiled_upscaling.Enlargement(
    network, _own, views, waves, sizes, rates, least_cycles
  )


def _image(seed: int = 0, size: Tuple[int, int] = (32, 45)) -> np.ndarray:
  generator = np.random.default_rng(seed)
  return generator.uniform(0.2, 0.8, (*size, 3)).astype(np.float32)


def _run(
  enlarge: tiled_upscaling.Enlargement,
  seeds: Sequence[int] = (0,),
  **others: Any,
) -> tiled_upscaling.Enlarged:
  return enlarge.run(
    np.stack([_image(seed) for seed in seeds]),
    np.ones(len(seeds), np.int32),
    [np.random.default_rng(seed) for seed in seeds],
    **others,
  )


class GradientTest(parameterized.TestCase):
  @parameterized.parameters(True, False)
  def test_of_tiles_is_that_of_the_picture(self, decorrelated: bool) -> None:
    canvas = np.random.default_rng(1).normal(size=(75, 98, 3))
    canvas = canvas.astype(np.float32)
    enlarge = _enlargement(decorrelated=decorrelated)
    _, found = enlarge.gradient(canvas, np.array(1), np.random.default_rng(0))
    whole = tf.constant(canvas[None])
    with tf.GradientTape() as tape:
      tape.watch(whole)
      image = fourier.to_rgb(whole, decorrelated)
      score = _local(image).logits[0, 0]
    expected = tape.gradient(score, whole).numpy()[0]
    # Waves have a mean square of 1, and so the squares' sum is the side's.
    found /= _SIDE**2
    error = np.sqrt(np.mean((found - expected) ** 2))
    # What a tile does not see of the next counts little at its edge.
    self.assertLess(error, 0.02 * np.std(expected))
    inside = np.abs(found - expected) < 1e-4 * np.std(expected)
    self.assertGreater(inside.mean(), 0.7)

  def test_no_seam_shows(self) -> None:
    canvas = np.zeros((64, 400, 3), np.float32)
    enlarge = _enlargement(_ramp)
    _, found = enlarge.gradient(canvas, np.array(1), np.random.default_rng(0))
    brightness = found[32, :, 0] / found.max()
    # A tile alone falls from 1 to 0 where it ends; over 8 pixels, by a share
    # of about 1 / 8 from each to the next.
    self.assertLess(np.abs(np.diff(brightness)).max(), 1.5 / 8)

  def test_tiles_are_elsewhere_each_time(self) -> None:
    canvas = np.zeros((_SIDE, 200, 3), np.float32)
    enlarge = _enlargement(_ramp)
    generator = np.random.default_rng(0)
    total = np.zeros_like(canvas)
    for _ in range(60):
      total += enlarge.gradient(canvas, np.array(1), generator)[1]
    once = enlarge.gradient(canvas, np.array(1), generator)[1]
    # In the middle, where all tiles are alike.
    spread = [np.std(each[16, 50:150, 0]) for each in (once, total / 60)]
    self.assertLess(spread[1], 0.25 * spread[0])

  def test_long_waves_stay(self) -> None:
    canvas = np.zeros((_SIDE, _SIDE, 3), np.float32)
    canvas[..., 0] = np.random.default_rng(0).normal(size=(_SIDE, _SIDE))
    enlarge = _enlargement(least_cycles=4)
    _, change = enlarge.gradient(canvas, np.array(1), np.random.default_rng(0))
    spectrum = np.abs(np.fft.fft2(change[..., 0]))
    cycles = np.abs(np.fft.fftfreq(_SIDE) * _SIDE)
    is_long = np.maximum(cycles[:, None], cycles) < 4
    self.assertLess(spectrum[is_long].max(), 1e-3 * spectrum.max())
    self.assertGreater(np.median(spectrum[~is_long]), 1e-2 * spectrum.max())


class RunTest(parameterized.TestCase):
  def test_grows_and_rises(self) -> None:
    sizes = ((64, 90), (100, 141))
    enlarge = _enlargement(sizes=sizes, rates=[0.05] * 3)
    self.assertEqual(enlarge.num_sweeps, 6)
    steps = []

    def on_sweep(index: int, scores: np.ndarray, images: Any) -> None:
      steps.append((index, scores, images().numpy().shape))

    found = _run(enlarge, (0, 1), on_sweep=on_sweep)
    self.assertEqual(found.images.shape, (2, 100, 141, 3))
    self.assertEqual(found.images.dtype, np.float32)
    self.assertBetween(found.images.min(), 0, 1)
    self.assertEqual([step[0] for step in steps], list(range(6)))
    self.assertEqual(steps[0][2], (2, 64, 90, 3))
    self.assertEqual(steps[5][2], (2, 100, 141, 3))
    np.testing.assert_array_equal([step[1] for step in steps], found.scores)
    self.assertTrue(np.all(np.diff(found.scores, axis=0)[[0, 1, 3, 4]] > 0))

  def test_change_has_the_given_size(self) -> None:
    enlarge = _enlargement(_ramp, sizes=((64, 90),), rates=[0.3])
    plain = _enlargement(_ramp, sizes=((64, 90),), rates=[])
    images = [_run(each).images.astype(np.float64) for each in (enlarge, plain)]
    canvases = [fourier.to_canvas(each[0], (64, 90), True) for each in images]
    change = canvases[0] - canvases[1]
    self.assertAlmostEqual(np.sqrt(np.mean(change**2)), 0.3, delta=0.003)

  def test_same_seed_same_bytes(self) -> None:
    enlarge = _enlargement(views=_MOVING)
    alone, company = (_run(enlarge, seeds).images for seeds in ((0,), (5, 0)))
    np.testing.assert_array_equal(alone[0], company[1])
    self.assertGreater(np.abs(company[0] - company[1]).max(), 0.01)

  def test_photograph_keeps_its_own_detail(self) -> None:
    photo = _image(3, (64, 90))
    small = tiled_upscaling.resized(photo, (32, 45))
    plain = _enlargement(rates=[])
    found = plain.run(
      small[None], np.ones(1, np.int32), [np.random.default_rng(0)], photo
    )
    np.testing.assert_allclose(found.images[0], photo, atol=1e-3)
    # What was drawn into it is still there.
    drawn = np.clip(small + 0.1, 0, 1)
    found = plain.run(
      drawn[None], np.ones(1, np.int32), [np.random.default_rng(0)], photo
    )
    self.assertBetween(np.mean(found.images[0] - photo), 0.05, 0.11)

  def test_not_finite(self) -> None:
    def network(images: tf.Tensor) -> network_protocol.Outputs:
      # A finite score, whose gradient is none.
      score = tf.reduce_sum(tf.sqrt(images - images), [1, 2, 3])
      return network_protocol.Outputs(score[:, None], {})

    with self.assertRaisesRegex(FloatingPointError, 'at step 0'):
      _run(_enlargement(network))

  def test_is_traced_once(self) -> None:
    traces = []

    def network(images: tf.Tensor) -> network_protocol.Outputs:
      traces.append(images.shape)
      return _local(images)

    sizes = ((64, 90), (100, 141))
    enlarge = _enlargement(network, sizes, views=_MOVING)
    _run(enlarge, (0, 1))
    _run(enlarge, (2,))
    self.assertLen(traces, 1)


if __name__ == '__main__':
  absltest.main()
