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

"""Tests of the presets simonyan and yosinski, against references in NumPy."""

from typing import Any, Dict, List, Optional, Sequence, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.testing import drawn_presets
from magenta_viz.testing import reference_ascent as reference
from magenta_viz.testing import tiny_network

_STRONG, _WEAK, _SHARP = range(3)
_SIZE = (33, 38)


def _score(x: np.ndarray, class_id: int) -> float:
  return tiny_network.class_score(reference.to_image(x), class_id)


# Of Yosinski's table 1, without the steps: what is not given is off.
_TABLE_1: Dict[str, Dict[str, Any]] = {
  'yosinski_a': {'max_rate': 100, 'progress': 2, 'blur': (0.5, 4), 'norm': 50},
  'yosinski_b': {'max_rate': 100, 'decay': 0.3, 'norm': 20},
  'yosinski_c': {'max_rate': 100, 'decay': 1e-4, 'blur': (1, 4)},
  'yosinski_d': {
    'max_rate': 1e8,
    'progress': 2,
    'blur': (0.5, 4),
    'contribution': 90,
  },
}


def _simonyan(x: np.ndarray, class_id: int) -> drawn_presets.Expected:
  """Plain steps up the score less an L2 penalty; all numbers are our own."""
  penalty, rate, steady_share = 3e-6, 10_000.0, 0.2
  after, scores = [], []
  for index in range(5):
    scores.append(_score(x, class_id) - penalty * np.sum(x**2))
    left = min(1, (1 - index / 5) / (1 - steady_share))
    gradient = reference.class_gradient(x, class_id) - 2 * penalty * x
    x = x + left * rate * gradient
    after.append(np.clip(reference.to_image(x), 0, 1))
  return drawn_presets.Expected(after[-1], after, scores)


def _yosinski(
  x: np.ndarray,
  class_id: int,
  *,
  max_rate: float,
  progress: float = np.inf,
  decay: float = 0.0,
  blur: Tuple[float, int] = (0.0, 1),
  norm: float = 0.0,
  contribution: float = 0.0,
) -> drawn_presets.Expected:
  """Yosinski's loop: the pictures that the network saw, and their scores."""
  seen: List[np.ndarray] = []
  scores: List[float] = []
  for index in range(6):
    x = reference.clipped(x)
    seen.append(0.5 + x / (2 * np.abs(x).max() or 1))
    scores.append(_score(x, class_id))
    gradient = reference.class_gradient(x, class_id)
    rate = min(max_rate, progress / np.sum(gradient**2))
    x = (x + rate * gradient) * (1 - decay)
    if index % blur[1] == 0:
      x = reference.blurred(x, blur[0])
    norms = np.sqrt(np.sum(x**2, axis=2))
    x[norms < np.percentile(norms, norm)] = 0
    losses = np.abs(np.sum(gradient * -x, axis=2))
    x[losses < np.percentile(losses, contribution)] = 0
  # The last look leads to no picture.
  return drawn_presets.Expected(seen[np.argmax(scores)], seen[1:], scores)


class ClassModelsTest(parameterized.TestCase):
  def _draw(
    self,
    name: str,
    classes: Sequence[int] = (_STRONG, _WEAK),
    photo: Optional[np.ndarray] = None,
    **overrides: Any,
  ) -> drawn_presets.Found:
    num_steps = 5 if name == 'simonyan' else 6
    settings = {'num_steps': num_steps, **overrides}
    return drawn_presets.draw(
      name, _SIZE, 32, class_ids=classes, photo=photo, **settings
    )

  def _expected(
    self,
    name: str,
    classes: Sequence[int] = (_STRONG, _WEAK),
    photo: Optional[np.ndarray] = None,
  ) -> List[drawn_presets.Expected]:
    expected = []
    for class_id, seed in zip(classes, drawn_presets.SEEDS):
      if photo is not None:
        start = reference.of_photo(photo)
      else:
        start = reference.noise(seed, _SIZE, 0 if name == 'simonyan' else 10)
      if name == 'simonyan':
        expected.append(_simonyan(start, class_id))
      else:
        expected.append(_yosinski(start, class_id, **_TABLE_1[name]))
    return expected

  @parameterized.parameters(
    *[(name, (_STRONG, _WEAK)) for name in ('simonyan', *_TABLE_1)],
    *[(name, (_WEAK, _SHARP)) for name in _TABLE_1],
  )
  def test_equals_the_original(self, name: str, classes: Sequence[int]) -> None:
    expected = self._expected(name, classes)
    self._draw(name, classes).assert_equal(expected)
    for each in expected:
      change = np.abs(each.after[-1] - each.after[0]).mean()
      self.assertGreater(change, 1e-3)

  # Simonyan's picture leaves the range on the way; yosinski's is clipped
  # before the network looks.
  @parameterized.parameters('simonyan', *_TABLE_1)
  def test_of_black_and_white(self, name: str) -> None:
    photo = reference.photo(*_SIZE)
    classes = (_STRONG, _WEAK if name == 'simonyan' else _SHARP)
    expected = self._expected(name, classes, photo)
    self._draw(name, classes, photo).assert_equal(expected)

  def test_best_is_neither_first_nor_last(self) -> None:
    classes = (_SHARP, _SHARP)
    expected = self._expected('yosinski_c', classes)
    for each in expected:
      self.assertIn(np.argmax(each.scores), range(1, 5))
    self._draw('yosinski_c', classes).assert_equal(expected)
    last = self._draw('yosinski_c', classes, keep='last').drawn
    self.assertGreater(np.abs(last.images[0] - expected[0].result).max(), 0.1)

  @parameterized.parameters(
    ('simonyan', {'regularizers': 'l2=0.000003 clip'}),
    ('simonyan', {'regularizers': 'l2=0.000003,0'}),
    ('yosinski_a', {'regularizers': 'clip_norm=50 blur=0.5,4 clip'}),
    ('yosinski_b', {'regularizers': 'clip_norm=20 clip'}),
    ('yosinski_c', {'regularizers': 'decay=0.0001 blur=1,3 clip'}),
    ('yosinski_d', {'regularizers': 'clip_contribution=90 blur=0.5,4 clip'}),
    ('yosinski_d', {'learning_rate': 100.0}),
  )
  def test_otherwise_does_not_equal(self, name: str, overrides: Any) -> None:
    photo = reference.photo(*_SIZE) if name == 'simonyan' else None
    expected = self._expected(name, photo=photo)
    with self.assertRaises(AssertionError):
      self._draw(name, photo=photo, **overrides).assert_equal(expected)


if __name__ == '__main__':
  absltest.main()
