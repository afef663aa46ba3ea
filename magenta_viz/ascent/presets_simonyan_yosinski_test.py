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

"""Tests for presets: simonyan and yosinski, against references in NumPy."""

from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import scipy.ndimage

from magenta_viz.ascent import drawing
from magenta_viz.ascent import presets
from magenta_viz.ascent.objectives import objectives
from magenta_viz.testing import tiny_network

_MEAN = np.array([123.0, 117.0, 104.0])
_SIZE = (33, 38)
_SEEDS = (7, 8)

Classes = Tuple[int, int]


class _Ascent(NamedTuple):
  """Pictures as they are shown, the scores of each, and the result."""

  pictures: List[np.ndarray]
  scores: List[float]
  result: np.ndarray


class _Combination(NamedTuple):
  """A row of Yosinski's table 1; `progress` is None at a constant rate."""

  num_steps: int
  max_rate: float
  progress: Optional[float] = None
  decay: float = 0.0
  blur_radius: float = 0.0
  blur_every: int = 1
  norm_percentile: float = 0.0
  contribution_percentile: float = 0.0


_TABLE_1 = {
  'yosinski_a': _Combination(
    num_steps=500,
    max_rate=100.0,
    progress=2.0,
    blur_radius=0.5,
    blur_every=4,
    norm_percentile=50,
  ),
  'yosinski_b': _Combination(
    num_steps=750, max_rate=100.0, decay=0.3, norm_percentile=20
  ),
  'yosinski_c': _Combination(
    num_steps=1000, max_rate=100.0, decay=1e-4, blur_radius=1.0, blur_every=4
  ),
  'yosinski_d': _Combination(
    num_steps=1000,
    max_rate=1e8,
    progress=2.0,
    blur_radius=0.5,
    blur_every=4,
    contribution_percentile=90,
  ),
}


def _gradient(x: np.ndarray, class_id: int) -> np.ndarray:
  return tiny_network.class_gradient((x + _MEAN) / 255, class_id) / 255


def _score(x: np.ndarray, class_id: int) -> float:
  return tiny_network.class_score((x + _MEAN) / 255, class_id)


def _centred(x: np.ndarray) -> np.ndarray:
  return 0.5 + x / (2 * np.abs(x).max() or 1)


def _simonyan(x: np.ndarray, class_id: int, num_steps: int) -> _Ascent:
  """Plain steps up the score less an L2 penalty; all numbers are our own."""
  penalty, rate, steady_share = 3e-6, 10_000.0, 0.2
  pictures, scores = [x], []
  for index in range(num_steps):
    scores.append(_score(x, class_id) - penalty * np.sum(x**2))
    left = min(1, (1 - index / num_steps) / (1 - steady_share))
    x = x + left * rate * (_gradient(x, class_id) - 2 * penalty * x)
    pictures.append(x)
  shown = [np.clip((each + _MEAN) / 255, 0, 1) for each in pictures]
  return _Ascent(shown, scores, shown[-1])


def _yosinski(
  x: np.ndarray, class_id: int, num_steps: int, settings: _Combination
) -> _Ascent:
  """Yosinski's loop: the pictures that the network saw, and their scores."""
  pictures: List[np.ndarray] = []
  scores: List[float] = []
  best, best_score = x, -np.inf
  for index in range(num_steps):
    x = np.minimum(255, np.maximum(0, x + _MEAN)) - _MEAN
    pictures.append(x)
    scores.append(_score(x, class_id))
    if scores[-1] > best_score:
      best, best_score = x, scores[-1]
    if index == num_steps - 1:
      break
    gradient = _gradient(x, class_id)
    rate = settings.max_rate
    if settings.progress is not None:
      rate = min(rate, settings.progress / np.sum(gradient**2))
    x = (x + rate * gradient) * (1 - settings.decay)
    if settings.blur_radius and index % settings.blur_every == 0:
      for channel in range(3):
        x[..., channel] = scipy.ndimage.gaussian_filter(
          x[..., channel], settings.blur_radius
        )
    if settings.norm_percentile:
      norms = np.sqrt(np.sum(x**2, axis=2))
      x[norms < np.percentile(norms, settings.norm_percentile)] = 0
    if settings.contribution_percentile:
      losses = np.abs(np.sum(gradient * -x, axis=2))
      x[losses < np.percentile(losses, settings.contribution_percentile)] = 0
  return _Ascent(list(map(_centred, pictures)), scores, _centred(best))


def _draw(
  name: str,
  classes: Classes,
  num_steps: int,
  photo: Optional[np.ndarray] = None,
  **overrides: Any,
) -> Tuple[drawing.Drawn, List[np.ndarray]]:
  """Returns what the preset draws, and the pictures after each step."""
  preset = presets.find_preset(name)
  (recipe,) = preset.plan({}, {'num_steps': num_steps, **overrides})
  objective = objectives.ClassLogit(head=recipe.objective.head)
  drawn = drawing.Drawing(
    tiny_network.network, 32, [recipe], [objective], _SIZE
  )
  after: List[np.ndarray] = []
  found = drawn.run(
    np.array(classes, np.int32),
    [np.random.default_rng(seed) for seed in _SEEDS],
    photo,
    lambda index, scores, images: after.append(images()),
  )
  return found, after


def _noise(seed: int) -> np.ndarray:
  return 10 * np.random.default_rng(seed).standard_normal((*_SIZE, 3))


def _bright_photo() -> np.ndarray:
  """Has black and white areas, for a step to leave the range."""
  noise = np.random.default_rng(1).standard_normal((*_SIZE, 3))
  smooth = scipy.ndimage.gaussian_filter(noise, (2, 2, 0))
  return np.clip(0.5 + 5 * smooth, 0, 1).astype(np.float32)


def _assert_equal(
  found: Tuple[drawing.Drawn, List[np.ndarray]], expected: Sequence[_Ascent]
) -> None:
  """Compares what is common: Yosinski's last look leads to no picture."""
  drawn, after = found
  for index, each in enumerate(expected):
    np.testing.assert_allclose(drawn.scores[:, index], each.scores, rtol=1e-5)
    later = each.pictures[1:]
    np.testing.assert_allclose(
      [images[index] for images in after[: len(later)]], later, atol=1e-5
    )
    np.testing.assert_allclose(drawn.images[index], each.result, atol=1e-5)


class SimonyanTest(absltest.TestCase):
  classes = (tiny_network.STRONG, tiny_network.WEAK)

  def _expected(self, x: np.ndarray) -> List[_Ascent]:
    return [_simonyan(x, class_id, 5) for class_id in self.classes]

  def test_from_the_mean(self) -> None:
    expected = self._expected(np.zeros((*_SIZE, 3)))
    _assert_equal(_draw('simonyan', self.classes, 5), expected)

  def test_is_not_clipped_on_the_way(self) -> None:
    photo = _bright_photo()
    expected = self._expected(255.0 * photo - _MEAN)
    _assert_equal(_draw('simonyan', self.classes, 5, photo), expected)
    clipped = _draw(
      'simonyan', self.classes, 5, photo, regularizers='l2=0.000003 clip'
    )
    with self.assertRaises(AssertionError):
      _assert_equal(clipped, expected)

  def test_penalty_of_what_is_not_the_mean(self) -> None:
    expected = self._expected(np.zeros((*_SIZE, 3)))
    found = _draw('simonyan', self.classes, 5, regularizers='l2=0.000003,0')
    with self.assertRaises(AssertionError):
      _assert_equal(found, expected)

  def test_size(self) -> None:
    self.assertEqual(presets.find_preset('simonyan').image_size, (224, 224))


class YosinskiTest(parameterized.TestCase):
  @parameterized.product(
    name=sorted(_TABLE_1),
    classes=(
      (tiny_network.STRONG, tiny_network.WEAK),
      (tiny_network.WEAK, tiny_network.SHARP),
    ),
  )
  def test_equals_the_toolbox(self, name: str, classes: Classes) -> None:
    expected = [
      _yosinski(_noise(seed), class_id, 6, _TABLE_1[name])
      for seed, class_id in zip(_SEEDS, classes)
    ]
    _assert_equal(_draw(name, classes, 6), expected)
    for each in expected:
      change = np.abs(each.pictures[-1] - each.pictures[0]).mean()
      self.assertGreater(change, 1e-3)

  @parameterized.parameters(*_TABLE_1)
  def test_clips_before_the_network_looks(self, name: str) -> None:
    photo = _bright_photo()
    classes = (tiny_network.STRONG, tiny_network.SHARP)
    start = 255.0 * photo - _MEAN
    expected = [
      _yosinski(start, class_id, 6, _TABLE_1[name]) for class_id in classes
    ]
    _assert_equal(_draw(name, classes, 6, photo), expected)

  def test_best_is_neither_first_nor_last(self) -> None:
    settings = _TABLE_1['yosinski_c']
    expected = _yosinski(_noise(_SEEDS[0]), tiny_network.SHARP, 6, settings)
    self.assertIn(np.argmax(expected.scores), range(1, 5))
    classes = (tiny_network.SHARP, tiny_network.SHARP)
    found, _ = _draw('yosinski_c', classes, 6)
    np.testing.assert_allclose(found.images[0], expected.result, atol=1e-5)
    last, _ = _draw('yosinski_c', classes, 6, keep='last')
    self.assertGreater(np.abs(last.images[0] - expected.result).max(), 0.1)

  @parameterized.parameters(
    ('yosinski_a', {'regularizers': 'clip_norm=50 blur=0.5,4 clip'}),
    ('yosinski_b', {'regularizers': 'clip_norm=20 clip'}),
    ('yosinski_c', {'regularizers': 'decay=0.0001 blur=1,3 clip'}),
    ('yosinski_d', {'regularizers': 'clip_contribution=90 blur=0.5,4 clip'}),
    ('yosinski_d', {'learning_rate': 100.0}),
  )
  def test_otherwise_does_not_equal(
    self, name: str, overrides: Dict[str, Any]
  ) -> None:
    classes = (tiny_network.STRONG, tiny_network.WEAK)
    expected = [
      _yosinski(_noise(seed), class_id, 6, _TABLE_1[name])
      for seed, class_id in zip(_SEEDS, classes)
    ]
    with self.assertRaises(AssertionError):
      _assert_equal(_draw(name, classes, 6, **overrides), expected)

  @parameterized.parameters(*_TABLE_1)
  def test_published_numbers(self, name: str) -> None:
    (recipe,) = presets.find_preset(name).plan({}, {})
    self.assertEqual(recipe.steps.num_steps, _TABLE_1[name].num_steps)
    # That of yosinski_d is so large that it never mattered above.
    self.assertEqual(recipe.steps.learning_rate, _TABLE_1[name].max_rate)


if __name__ == '__main__':
  absltest.main()
