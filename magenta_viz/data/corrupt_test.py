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

"""Tests for corrupt."""

from absl.testing import absltest
import tensorflow as tf

from magenta_viz.data import corrupt


class CorruptTest(absltest.TestCase):
  def test_counts_names(self) -> None:
    counter = corrupt.Corrupt(2)
    with self.assertLogs('absl', 'WARNING') as logs:
      for name in ('b', 'a', 'b', 'a'):
        counter.add(name, 'a reason')
    self.assertEqual(counter.names, ('b', 'a'))
    self.assertLen(logs.output, 2)
    self.assertIn("picture 'b' is left out: a reason", logs.output[0])
    with self.assertRaisesRegex(
      ValueError,
      r"^corrupt picture 'c' \(why\) is one more than the limit of 2;",
    ):
      counter.add('c', 'why')

  def test_refuses(self) -> None:
    with self.assertRaisesRegex(
      ValueError, 'limit of corrupt pictures is -1; take 0 or more'
    ):
      corrupt.Corrupt(-1)

  def test_other_errors_pass(self) -> None:
    counter = corrupt.Corrupt(0)
    for error in (tf.errors.AbortedError(None, None, 'gone'), KeyError('no')):
      with self.assertRaises(type(error)) as caught:
        with counter.errors():
          raise error
      self.assertIs(caught.exception, error)

  def test_kept_errors_replace_those_of_tensorflow_only(self) -> None:
    counter = corrupt.Corrupt(0)
    kept = ValueError('kept')
    with self.assertRaises(ValueError), counter.kept():
      raise kept
    with self.assertRaises(ValueError) as caught, counter.errors():
      raise tf.errors.UnknownError(None, None, 'traceback')
    self.assertIs(caught.exception, kept)
    with self.assertRaises(KeyError), counter.errors():
      raise KeyError('own')


if __name__ == '__main__':
  absltest.main()
