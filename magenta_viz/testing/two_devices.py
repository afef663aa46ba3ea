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

"""Tests that need two devices, of which TensorFlow is told at its start."""

import os
import subprocess
import sys
from typing import Type
import unittest

# Makes two devices of the processor.
PROGRAM = """
import tensorflow as tf
(cpu,) = tf.config.list_physical_devices('CPU')
device = tf.config.LogicalDeviceConfiguration()
tf.config.set_logical_device_configuration(cpu, [device, device])
"""


def run(case: Type[unittest.TestCase]) -> None:
  """Runs tests in a process with two devices.

  Args:
    case: The tests; with `__test__ = False`, so that pytest leaves them alone.

  Raises:
    AssertionError: If one fails, with all that the process wrote.
  """
  program = f'{PROGRAM}\nimport unittest\nunittest.main(module=None)'
  done = subprocess.run(
    [sys.executable, '-c', program, f'{case.__module__}.{case.__qualname__}'],
    env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)},
    stdout=subprocess.PIPE,
    stderr=subprocess.STDOUT,
    text=True,
    timeout=300,
    check=False,
  )
  number = unittest.TestLoader().loadTestsFromTestCase(case).countTestCases()
  if done.returncode or f'Ran {number} test' not in done.stdout:
    raise AssertionError(done.stdout)
