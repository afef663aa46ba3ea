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

"""Tests for dataset."""

from typing import Any, List

from absl.testing import absltest
from absl.testing import parameterized
import tensorflow as tf

from magenta_viz.data import dataset


def _recorder(calls: List[Any]) -> dataset.Dataset:
  def read(*args: Any) -> tf.data.Dataset:
    calls.append(args)
    return tf.data.Dataset.range(0)

  return dataset.Dataset('owls', '1', ('owl',), 2, 1, 'ff', read)


class DatasetTest(parameterized.TestCase):
  def test_gives_the_reader_what_to_read(self) -> None:
    calls: List[Any] = []
    owls = _recorder(calls)
    owls.examples('train', 5, 6, 2, 3, start=4)
    owls.examples('eval', 5, 6)
    split, order_seed, *rest = calls[0]
    self.assertEqual((split, rest), ('train', [2, 3, 4]))
    self.assertIsInstance(order_seed, int)
    self.assertEqual(calls[1], ('eval', None, 0, 1, 0))

  def test_every_epoch_has_a_seed_of_its_own(self) -> None:
    calls: List[Any] = []
    owls = _recorder(calls)
    for seed in range(-10, 10):
      for epoch in range(20):
        owls.examples('train', seed, epoch)
    seeds = [order_seed for _, order_seed, *_ in calls]
    self.assertLen(set(seeds), 400)
    self.assertBetween(min(seeds), 0, 2**28)
    self.assertBetween(max(seeds), 2**30, 2**31 - 1)

  @parameterized.parameters(
    ({'split': 'test'}, "unknown split 'test'; take 'train' or 'eval'"),
    ({'shard': 2, 'num_shards': 2}, 'no shard 2 of 2'),
    ({'shard': -1}, 'no shard -1 of 1'),
    ({'num_shards': 0}, 'no shard 0 of 0'),
    ({'epoch': -1}, 'epoch is -1'),
    ({'start': -1}, 'start is -1'),
  )
  def test_refuses(self, change: Any, message: str) -> None:
    args = {'split': 'train', 'seed': 0, 'epoch': 0, **change}
    with self.assertRaisesRegex(ValueError, message):
      _recorder([]).examples(**args)

  def test_equals_by_the_data(self) -> None:
    self.assertEqual(_recorder([]), _recorder([]))
    self.assertNotIn('reader', repr(_recorder([])))


class ShardBoundsTest(parameterized.TestCase):
  @parameterized.parameters((0, 3), (7, 1), (7, 3), (7, 7), (3, 5), (12, 4))
  def test_shares_are_all(self, num_examples: int, num_shards: int) -> None:
    shards = [
      dataset.shard_bounds(num_examples, shard, num_shards)
      for shard in range(num_shards)
    ]
    self.assertEqual(
      [place for shard in shards for place in shard], list(range(num_examples))
    )
    sizes = [len(shard) for shard in shards]
    self.assertEqual(sizes, sorted(sizes, reverse=True))
    self.assertLessEqual(max(sizes) - min(sizes), 1)


class ChooseEvalSplitTest(absltest.TestCase):
  def test_takes_the_best(self) -> None:
    for splits, expected in (
      (['train', 'test', 'validation'], 'validation'),
      (['eval', 'test', 'train'], 'test'),
      (['train', 'val'], 'val'),
    ):
      self.assertEqual(dataset.choose_eval_split('owls', splits), expected)

  def test_says_what_there_is(self) -> None:
    with self.assertRaisesRegex(
      ValueError, '^owls has no split validation, .* --eval_split: train, more$'
    ):
      dataset.choose_eval_split('owls', ['train', 'more'])


if __name__ == '__main__':
  absltest.main()
