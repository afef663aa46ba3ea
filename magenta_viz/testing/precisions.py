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

"""What tests of bfloat16 need."""

import unittest

import tensorflow as tf

from magenta_viz.models import precision


def need_bfloat16() -> None:
  """Skips a test where `precision.resolve_dtype` refuses bfloat16.

  Raises:
    unittest.SkipTest: If TensorFlow cannot compute in it.
  """
  reason = precision.fault(tf.bfloat16)
  if reason is not None:
    raise unittest.SkipTest(reason)
