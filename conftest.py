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

"""Readies absl and TensorFlow for pytest."""

import os
import sys

from absl import flags
from absl import logging
import pytest


def pytest_configure(config: pytest.Config) -> None:
  """Runs before any test module, so before TensorFlow, is imported.

  Args:
    config: pytest's settings, not used.
  """
  del config
  # Errors only: TensorFlow's start-up notes would hide pytest's own lines.
  os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '2')
  # `absltest.main` would parse the flags; pytest does not call it, and a flag
  # cannot be read before. pytest's own arguments are none of absl's.
  flags.FLAGS(sys.argv[:1])
  # TensorFlow sets this flag to its own value again whenever it saves a
  # SavedModel; by the default, tests after that would see no lines of INFO.
  logging.set_verbosity(logging.INFO)
