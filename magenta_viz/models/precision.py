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

"""What a network computes in: float32, or half of it where that is faster."""

from pathlib import Path
from typing import Any, List, Optional

import tensorflow as tf

from magenta_viz.files import untrusted

# What NVIDIA's GPUs multiply in hardware, from which compute capability on:
# Ampere, and Volta.
_BY_CAPABILITY = (('bfloat16', (8, 0)), ('float16', (7, 0)))


def resolve_dtype(precision: str) -> tf.DType:
  """Returns the dtype that `precision` stands for on this machine.

  Args:
    precision: 'float32', 'bfloat16', 'float16', or 'auto' for bfloat16 where
      the processor is faster at it, else for float16 where it is faster at
      that, as GPUs from before Ampere are.

  Raises:
    ValueError: If this TensorFlow cannot compute in what is asked for here.
  """
  is_open = precision == 'auto'
  if is_open:
    precision = _of_gpus() if _gpus() else _of_cpu(_cpu_info())
  dtype = tf.as_dtype(precision)
  reason = fault(dtype)
  if reason is None:
    return dtype
  if is_open:
    return tf.float32
  raise ValueError(
    f'precision is {precision}, in which TensorFlow {tf.__version__} cannot'
    f' compute on this machine ({reason}); take --precision=float32, or a later'
    ' TensorFlow'
  )


def fault(dtype: tf.DType) -> Optional[str]:
  """Returns why networks cannot be computed in a dtype; None if they can.

  TensorFlow up to 2.12 lacks some operations of bfloat16, more of them on
  processors that have no instructions for it.
  """
  if dtype == tf.float32:
    return None
  net = tf.ones([1, 4, 4, 2], dtype)
  weights = tf.ones([3, 3, 2, 2], dtype)
  depthwise = tf.ones([3, 3, 2, 1], dtype)
  biases = tf.ones([2], dtype)
  try:
    with tf.GradientTape() as tape:
      tape.watch([net, weights, biases])
      features = tf.nn.conv2d(net, weights, 1, 'SAME')
      features = tf.nn.relu(tf.nn.bias_add(features, biases))
      features = tf.nn.relu6(features)
      features = tf.nn.max_pool2d(features, 3, 1, 'SAME')
      features = tf.nn.avg_pool2d(features, 3, 1, 'SAME')
    tape.gradient(features, [net, weights, biases])
    # Its gradient is computed in what there is (`conv_gradient`).
    tf.nn.depthwise_conv2d(net, depthwise, [1, 1, 1, 1], 'SAME')
  except tf.errors.OpError as error:
    return untrusted.reason(error)
  return None


def _gpus() -> List[Any]:
  return tf.config.list_physical_devices('GPU')


def _of_gpus() -> str:
  """Returns what every GPU multiplies in hardware."""
  details = [tf.config.experimental.get_device_details(gpu) for gpu in _gpus()]
  least = min(each.get('compute_capability', (0, 0)) for each in details)
  for precision, capability in _BY_CAPABILITY:
    if least >= capability:
      return precision
  return 'float32'


def _of_cpu(cpu_info: str) -> str:
  """Returns what a CPU is fastest at.

  Tiles (AMX) gain by bfloat16. AVX-512's instruction does on AMD, where a step
  of GoogLeNet at batch 8 took 20 ms against 32-46 ms; on an Intel server core
  without tiles it took 1.5 times as long as float32.

  Args:
    cpu_info: Linux's /proc/cpuinfo, or nothing.
  """
  flags = set(cpu_info.split())
  is_amd = 'AuthenticAMD' in flags
  gains = 'amx_bf16' in flags or (is_amd and 'avx512_bf16' in flags)
  return 'bfloat16' if gains else 'float32'


def _cpu_info() -> str:
  """Returns what Linux says of the processors; nothing elsewhere."""
  path = Path('/proc/cpuinfo')
  return path.read_text() if path.exists() else ''
