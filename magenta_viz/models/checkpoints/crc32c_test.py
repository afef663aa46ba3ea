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

"""Tests for crc32c."""

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.models.checkpoints import crc32c


def _mask(crc: int) -> int:
  return ((crc >> 15 | crc << 17) + 0xA282EAD8) % (1 << 32)


class Crc32cTest(parameterized.TestCase):
  # RFC 3720, appendix B.4, and the checksum's usual example.
  @parameterized.parameters(
    (b'', 0),
    (bytes(32), 0x8A9136AA),
    (b'\xff' * 32, 0x62A8AB43),
    (bytes(range(32)), 0x46DD794E),
    (b'123456789', 0xE3069283),
  )
  def test_known(self, data: bytes, crc: int) -> None:
    self.assertEqual(crc32c.masked_crc32c(memoryview(data)), _mask(crc))

  def test_of_any_length_is_that_of_bit_by_bit(self) -> None:
    generator = np.random.RandomState(0)
    lengths = [*range(70), 127, 128, 129, 4095, 32_768, 131_075, 200_001]
    for length in lengths:
      data = generator.bytes(length)
      crc = 0xFFFFFFFF
      for byte in data:
        crc ^= byte
        for _ in range(8):
          crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
      self.assertEqual(
        crc32c.masked_crc32c(memoryview(data)), _mask(crc ^ 0xFFFFFFFF), length
      )


if __name__ == '__main__':
  absltest.main()
