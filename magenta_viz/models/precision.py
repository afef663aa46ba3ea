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

"""What a network computes in: float32, or bfloat16 where that is faster."""

from pathlib import Path

import tensorflow as tf

# NVIDIA's GPUs multiply bfloat16 from this compute capability on (Ampere).
_BFLOAT16_CAPABILITY = (8, 0)


def resolve_dtype(precision: str) -> tf.DType:
  """Returns the dtype that `precision` stands for on this machine.

  Args:
    precision: 'float32', 'bfloat16', or 'auto' for bfloat16 where the
      processor is faster at it.
  """
  if precision == 'auto':
    fast = _gpu_is_fast() if _gpus() else _cpu_is_fast(_cpu_info())
    precision = 'bfloat16' if fast else 'float32'
  return tf.as_dtype(precision)


def _gpus() -> list:
  return tf.config.list_physical_devices('GPU')


def _gpu_is_fast() -> bool:
  """Tells whether every GPU multiplies bfloat16 in hardware."""
  details = [tf.config.experimental.get_device_details(gpu) for gpu in _gpus()]
  return all(
    each.get('compute_capability', (0, 0)) >= _BFLOAT16_CAPABILITY
    for each in details
  )


def _cpu_is_fast(cpu_info: str) -> bool:
  """Tells whether a CPU gains by bfloat16.

  Tiles (AMX) do. AVX-512's instruction does on AMD, where a step of GoogLeNet
  at batch 8 took 20 ms against 32-46 ms; on an Intel server core without
  tiles it took 1.5 times as long as float32.

  Args:
    cpu_info: Linux's /proc/cpuinfo, or nothing.
  """
  flags = set(cpu_info.split())
  if 'amx_bf16' in flags:
    return True
  return 'avx512_bf16' in flags and 'AuthenticAMD' in flags


def _cpu_info() -> str:
  """Returns what Linux says of the processors; nothing elsewhere."""
  path = Path('/proc/cpuinfo')
  return path.read_text() if path.exists() else ''
