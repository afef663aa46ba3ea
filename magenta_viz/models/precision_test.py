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


"""Tests of precision."""

from pathlib import Path
from typing import Any, Dict
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import tensorflow as tf

from magenta_viz.models import precision

_AMD = 'vendor_id\t: AuthenticAMD\nflags\t\t: fpu avx512f{}\n\n'
_INTEL = 'vendor_id\t: GenuineIntel\nflags\t\t: fpu avx512f{}\n\n'


class PrecisionTest(parameterized.TestCase):
  def set_machine(self, cpu_info: str, *gpus: Dict[str, Any]) -> None:
    """Makes the machine look as if it had this CPU and these GPUs."""
    devices = {f'GPU:{i}': details for i, details in enumerate(gpus)}
    for target, name, replacement in (
      (Path, 'exists', lambda path: bool(cpu_info)),
      (Path, 'read_text', lambda path: cpu_info),
      (tf.config, 'list_physical_devices', lambda kind: list(devices)),
      (tf.config.experimental, 'get_device_details', devices.__getitem__),
      (precision, 'fault', lambda dtype: None),
    ):
      patch = mock.patch.object(target, name, replacement)
      patch.start()
      self.addCleanup(patch.stop)

  @parameterized.named_parameters(
    ('amd', _AMD.format(' avx512_bf16'), tf.bfloat16),
    ('amd_cores', 2 * _AMD.format(' avx512_bf16 avx512_vnni'), tf.bfloat16),
    ('amd_before_zen_4', _AMD.format(''), tf.float32),
    ('amd_last_word_differs', _AMD.format(' avx512_bf16x'), tf.float32),
    ('intel', _INTEL.format(' avx512_bf16'), tf.float32),
    ('intel_tiles', _INTEL.format(' avx512_bf16 amx_bf16'), tf.bfloat16),
    ('intel_other_tiles', _INTEL.format(' amx_tile amx_int8'), tf.float32),
    ('arm', 'Features\t: fp asimd bf16\n', tf.float32),
    ('no_file', '', tf.float32),
  )
  def test_cpu(self, cpu_info: str, expected: tf.DType) -> None:
    self.set_machine(cpu_info)
    self.assertEqual(precision.resolve_dtype('auto'), expected)

  @parameterized.named_parameters(
    ('pascal', [(6, 1)], tf.float32),
    ('volta', [(7, 0)], tf.float16),
    ('turing', [(7, 5)], tf.float16),
    ('ampere', [(8, 0)], tf.bfloat16),
    ('newer', [(12, 0)], tf.bfloat16),
    ('all', [(8, 6), (9, 0)], tf.bfloat16),
    ('not_all', [(8, 6), (7, 5)], tf.float16),
    ('one_is_old', [(6, 1), (9, 0)], tf.float32),
    ('unknown', [None], tf.float32),
    ('one_is_unknown', [(9, 0), None], tf.float32),
  )
  def test_gpu_decides_over_cpu(
    self, capabilities: Any, expected: tf.DType
  ) -> None:
    details = [
      {'compute_capability': each} if each else {} for each in capabilities
    ]
    fast = expected == tf.bfloat16
    self.set_machine(_AMD.format('' if fast else ' avx512_bf16'), *details)
    self.assertEqual(precision.resolve_dtype('auto'), expected)

  @parameterized.parameters(
    'conv2d', 'bias_add', 'relu', 'avg_pool2d', 'depthwise_conv2d', 'relu6'
  )
  def test_lacking_operation(self, name: str) -> None:
    operation = getattr(tf.nn, name)

    def lacking(net: tf.Tensor, *args: Any, **kwargs: Any) -> tf.Tensor:
      if net.dtype == tf.bfloat16:
        raise tf.errors.NotFoundError(None, None, f'{name} has\nno kernel')
      return operation(net, *args, **kwargs)

    with mock.patch.object(tf.nn, name, lacking):
      with mock.patch.object(
        precision, '_cpu_info', lambda: _AMD.format(' avx512_bf16')
      ):
        self.assertEqual(precision.resolve_dtype('auto'), tf.float32)
      with self.assertRaisesRegex(
        ValueError,
        f'^precision is bfloat16, in which .+.{name} has no kernel.;'
        ' take --precision=float32, or a later TensorFlow$',
      ):
        precision.resolve_dtype('bfloat16')
      self.assertEqual(precision.resolve_dtype('float32'), tf.float32)

  def test_this_machine(self) -> None:
    self.assertIn(precision.resolve_dtype('auto'), (tf.float32, tf.bfloat16))
    self.assertEqual(precision.resolve_dtype('float16'), tf.float16)


if __name__ == '__main__':
  absltest.main()
