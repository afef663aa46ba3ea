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

"""Tests for depths."""

from typing import Dict, Tuple

from absl.testing import absltest

from magenta_viz.models.foreign import depths


class StandInsTest(absltest.TestCase):
  def test_by_stride_and_depth(self) -> None:
    # Of pictures of 64 x 96: strides 2, 8, 16, 32.
    layers: Dict[str, Tuple[int, ...]] = {
      'stem': (32, 48, 8),
      'a1': (8, 12, 8),
      'a2': (8, 12, 8),
      'b1': (4, 6, 8),
      'b2': (4, 6, 8),
      'b3': (4, 6, 8),
      'b4': (4, 6, 8),
      'b5': (4, 6, 8),
      'c1': (2, 3, 8),
      'c2': (2, 3, 8),
      'pool': (1, 1, 8),
      'mean': (8,),
    }
    self.assertEqual(
      depths.stand_ins(layers, 64),
      {
        'inception_3a/output': 'a1',
        'inception_3b/5x5_reduce': 'a2',
        'inception_3b/output': 'a2',
        'inception_4a/output': 'b1',
        'inception_4b/output': 'b2',
        'inception_4c/output': 'b3',
        'inception_4d/output': 'b4',
        'inception_4e/output': 'b5',
        'inception_5a/output': 'c1',
        'inception_5b/output': 'c2',
      },
    )

  def test_nearest_stride(self) -> None:
    # Strides 4 and 16: 8 is as near to both, and 32 has none of its own.
    layers = {'fine': (16, 16, 8), 'coarse': (4, 4, 8)}
    self.assertEqual(set(depths.stand_ins(layers, 64).values()), {'coarse'})
    layers = {'fine': (16, 16, 8), 'coarse': (2, 2, 8)}
    found = depths.stand_ins(layers, 64)
    self.assertEqual(found['inception_3a/output'], 'fine')
    self.assertEqual(found['inception_4a/output'], 'coarse')

  def test_no_maps(self) -> None:
    self.assertEqual(depths.stand_ins({'a': (8,), 'b': (1, 1, 8)}, 64), {})
    self.assertEqual(depths.stand_ins({}, 64), {})


if __name__ == '__main__':
  absltest.main()
