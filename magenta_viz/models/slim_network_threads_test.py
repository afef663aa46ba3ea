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
"""Tests for networks that several threads build."""

import threading
from typing import Any

from absl.testing import absltest
import tensorflow as tf

from magenta_viz.models import model_spec
from magenta_viz.models import slim_network


class ThreadsTest(absltest.TestCase):
  def test_one_builds_at_a_time(self) -> None:
    one, other = map(model_spec.find_spec, ('efficientnet_lite0', 'squeezenet'))
    is_inside, is_done = threading.Event(), threading.Event()

    def wait(getter: Any, name: str, shape: Any, **kwargs: Any) -> tf.Tensor:
      # In a layer, whose arguments are not those of the other network's.
      is_inside.set()
      is_done.wait(1.0)
      return tf.zeros(shape, kwargs['dtype'])

    def build_one() -> None:
      with tf.Graph().as_default():
        slim_network.build(one, tf.zeros([1, 64, 64, 3]), wait)

    expected = slim_network.variable_specs(other)
    thread = threading.Thread(target=build_one)
    thread.start()
    is_inside.wait()
    # Nobody waits for long where this one has to wait for that.
    threading.Timer(1.0, is_done.set).start()
    found = slim_network.variable_specs(other)
    is_done.set()
    thread.join()
    self.assertEqual(found, expected)


if __name__ == '__main__':
  absltest.main()
