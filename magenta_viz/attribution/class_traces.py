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

"""One trace of a network that does for any batch and any class."""

from typing import Any, Callable

import tensorflow as tf


def trace(function: Callable[[tf.Tensor, tf.Tensor], Any], side: int) -> Any:
  """Returns a function of images and a class, traced.

  Args:
    function: Of [batch, side, side, 3] float32 images and of the id of a class,
      [] int32.
    side: Height and width of the images.

  Returns:
    A tf.types.experimental.ConcreteFunction.
  """
  return tf.function(
    function,
    input_signature=[
      tf.TensorSpec([None, side, side, 3], tf.float32),
      tf.TensorSpec([], tf.int32),
    ],
    autograph=False,
  ).get_concrete_function()
