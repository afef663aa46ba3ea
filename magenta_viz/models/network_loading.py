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

"""A network with its weights, from where these are."""

from typing import Dict, Mapping

import numpy as np
import tensorflow as tf

from magenta_viz.models import model_spec
from magenta_viz.models import network_source
from magenta_viz.models import sharing
from magenta_viz.models import slim_network
from magenta_viz.models.checkpoints import checkpoints

# What TensorFlow 1 and slim, as training does here, add to the name of a
# variable for the average of its values: ExponentialMovingAverage's name.
AVERAGE_SUFFIX = '/ExponentialMovingAverage'

# Those that draw together and one that judges, of 5 to 53 MB each; and what was
# traced of them goes when they go.
_NETWORKS = sharing.Shared(4)


def forget() -> None:
  """Lets go of the networks that `load` keeps, and of all that they keep."""
  _NETWORKS.clear()


def load(
  source: network_source.NetworkSource, dtype: tf.DType
) -> slim_network.SlimNetwork:
  """Reads a network's weights, which tell which network it is if need be.

  Of a variable whose average over the steps of training is there too, the
  average is taken. The last four networks are kept, by their weights' SHA-256,
  for the next runs in this process; `forget` lets go of them.

  Args:
    source: Where they are, as of `network_source.choose`.
    dtype: What the network computes in, tf.float32, tf.bfloat16 or
      tf.float16.

  Raises:
    ValueError: If they are damaged, or no weights of the network, or no longer
      those of `source.sha256`.
    OSError: If they cannot be read.
  """
  # A record may be changed beside the same weights.
  shape = source.trained and (
    source.trained.image_size,
    source.trained.num_outputs,
    source.trained.class_offset,
  )
  key = (source.sha256, source.model, shape, dtype)
  return _NETWORKS.get(key, lambda: _read(source, dtype))


def _read(
  source: network_source.NetworkSource, dtype: tf.DType
) -> slim_network.SlimNetwork:
  """Reads a network's weights."""
  values = averaged(
    checkpoints.read_checkpoint(str(source.path), source.sha256)
  )
  if source.trained is not None:
    spec = source.trained.spec()
  elif source.model is None:
    spec = slim_network.recognize(values)
  else:
    spec = model_spec.find_spec(source.model)
  return slim_network.SlimNetwork(spec, values, dtype)


def averaged(values: Mapping[str, np.ndarray]) -> Dict[str, np.ndarray]:
  """Returns what to use a network with, of all that a checkpoint holds.

  Args:
    values: Arrays by name.

  Returns:
    The same, but that a variable whose average is there has the average for
    its value, and there are no averages beside the variables.
  """
  found = dict(values)
  for name in values:
    if name.endswith(AVERAGE_SUFFIX):
      found[name[: -len(AVERAGE_SUFFIX)]] = found.pop(name)
  return found
