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

"""Tests of what is said of oneDNN; that it is heeded, by tensorflow_start."""

import os
from typing import Optional
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.process import onednn


class OneDnnTest(parameterized.TestCase):
  @parameterized.parameters(
    (None, 'default', 'TF_ENABLE_ONEDNN_OPTS=default draw', 'draw'),
    ('', 'default', 'TF_ENABLE_ONEDNN_OPTS=default draw', 'draw'),
    ('1', 'on', 'draw', 'TF_ENABLE_ONEDNN_OPTS=1 draw'),
    ('TRUE', 'on', 'draw', 'TF_ENABLE_ONEDNN_OPTS=1 draw'),
    ('0', 'off', *(2 * ['TF_ENABLE_ONEDNN_OPTS=0 draw'])),
    ('false', 'off', *(2 * ['TF_ENABLE_ONEDNN_OPTS=0 draw'])),
  )
  def test_told(
    self, value: Optional[str], told: str, to_on: str, to_default: str
  ) -> None:
    with mock.patch.dict(os.environ):
      os.environ.pop(onednn.VARIABLE, None)
      if value is not None:
        os.environ[onednn.VARIABLE] = value
      self.assertEqual(onednn.told(), told)
      self.assertEqual(onednn.same('draw', 'on'), to_on)
      self.assertEqual(onednn.same('draw', 'default'), to_default)


if __name__ == '__main__':
  absltest.main()
