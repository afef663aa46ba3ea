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

"""A way up for units that do not respond to what they see.

Behind a ReLU that is closed everywhere, the score is 0, and so is its gradient:
nothing shows how to raise it. A third and more of GoogLeNet's channels are so
in a grey picture (docs/recipe.md).
"""

import tensorflow as tf


def awaken(units: tf.Tensor, indices: tf.Tensor) -> tf.Tensor:
  """Returns one of several units, with another gradient where it is exactly 0.

  Where it is silent its neighbours are raised, until something in the picture
  wakes it. Lucid passes gradients through closed ReLUs to the same end
  (lucid/misc/redirected_relu_grad.py).

  Args:
    units: [batch, units] tensor.
    indices: [batch] int32 tensor, which of the units it is.

  Returns:
    [batch] tensor.
  """
  one = tf.gather(units, indices, batch_dims=1)
  others = tf.reduce_mean(units, axis=1)
  hint = others - tf.stop_gradient(others)
  return one + tf.where(tf.equal(one, 0), hint, tf.zeros_like(hint))
