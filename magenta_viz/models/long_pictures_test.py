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

"""Tests for long_pictures."""

from typing import Any, List, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models import long_pictures
from magenta_viz.models import network_protocol


class _Network:
  """Says the mean of each channel; keeps what it saw."""

  def __init__(self) -> None:
    self.seen: List[Tuple[int, ...]] = []

  def look_at(self, images: Any) -> network_protocol.Outputs:
    self.seen.append(images.shape)
    return network_protocol.Outputs(tf.reduce_mean(images, [1, 2]), {})


class LogitsTest(parameterized.TestCase):
  @parameterized.parameters(
    ((3, 8, 8), [(3, 8, 8, 3)]),
    ((2, 8, 32), [(1, 8, 32, 3)] * 2),
    ((1, 33, 8), [(1, 17, 8, 3), (1, 16, 8, 3)]),
    ((1, 1, 1000), [(1, 1, 4, 3)] * 250),
  )
  def test_pieces(self, shape: Any, seen: Any) -> None:
    network = _Network()
    images = np.random.default_rng(0).random((*shape, 3)).astype(np.float32)
    found = long_pictures.logits(network, images)  # type: ignore[arg-type]
    self.assertEqual(network.seen, seen)
    self.assertEqual(found.dtype, np.float32)
    np.testing.assert_allclose(found, images.mean(axis=(1, 2)), rtol=1e-5)


if __name__ == '__main__':
  absltest.main()
