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

"""Tests that Magenta and this package live in one process.

They need Magenta itself. Where MAGENTA_VIZ_TEST_MAGENTA is set, as it is in the
job of continuous integration with Magenta's own environment, it has to be
there; elsewhere they are skipped without it.
"""

import importlib.util
import os
import subprocess
import sys

from absl.testing import absltest
from absl.testing import parameterized

from tools import layers
from tools import module_imports

# Imports what the arguments name, in their order, and draws.
_PROGRAM = """
import importlib, sys
for name in sys.argv[1:]:
  importlib.import_module(name)
import tensorflow as tf
# As Magenta's own programs do.
tf.compat.v1.disable_v2_behavior()
from magenta_viz import visualize
(picture,) = visualize.run(visualize.VisualizeConfig(
  class_ids=(281,), models=('squeezenet',), image_size=(64, 64),
  overrides={'num_steps': 1},
))
print(picture.image.shape, picture.record['class_name'])
"""


class MagentaImportsTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    if importlib.util.find_spec('magenta') is None:
      if os.environ.get('MAGENTA_VIZ_TEST_MAGENTA'):
        self.fail('MAGENTA_VIZ_TEST_MAGENTA is set, but there is no Magenta')
      self.skipTest('Magenta is not installed')

  @parameterized.parameters(True, False)
  def test_import_and_draw(self, is_magenta_first: bool) -> None:
    own = [
      name
      for name, module in module_imports.read_modules().items()
      if name.startswith('magenta_viz')
      and not module.is_for_tests
      # Beam is not there.
      and name not in layers.OF_BEAM
    ]
    names = ['magenta', *own] if is_magenta_first else [*own, 'magenta']
    done = subprocess.run(
      [sys.executable, '-c', _PROGRAM, *names],
      cwd=module_imports.ROOT,
      capture_output=True,
      text=True,
      check=False,
    )
    self.assertEqual(done.returncode, 0, done.stderr)
    self.assertEqual(done.stdout, '(64, 64, 3) tabby, tabby cat\n')


if __name__ == '__main__':
  absltest.main()
