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

"""What is raised: scores of pictures, one a picture."""

import tensorflow as tf

from magenta_viz.models import slim_network


def class_logit(
  outputs: slim_network.Outputs, class_ids: tf.Tensor
) -> tf.Tensor:
  """Returns the logit of each picture's class.

  The logit and not the probability, which also rises where other classes
  fall.

  Args:
    outputs: Of the network, for `batch` views.
    class_ids: [batch] int32 tensor.

  Returns:
    [batch] float32 tensor.

  References:
    Simonyan, Vedaldi and Zisserman 2013, Deep inside convolutional networks,
    arXiv 1312.6034, section 2.
  """
  return tf.gather(outputs.logits, class_ids, batch_dims=1)
