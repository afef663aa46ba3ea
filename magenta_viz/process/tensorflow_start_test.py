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

"""Tests of how programs start TensorFlow: oneDNN, but no Keras or sklearn."""

import os
import subprocess
import sys
from typing import Optional
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import tensorflow as tf

_START = (
  'from magenta_viz.process import tensorflow_start; tensorflow_start.start()'
)


def _printed(code: str, **environment: str) -> str:
  """Returns what a Python of its own prints."""
  return subprocess.run(
    [sys.executable, '-c', code],
    env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path), **environment},
    stdout=subprocess.PIPE,
    check=True,
    text=True,
  ).stdout.strip()


# Prints what TensorFlow finds in the environment when it is imported.
_WATCHED_START = """
import builtins, os
imported, seen = builtins.__import__, []
def watched(name, *args, **kwargs):
  if name == "tensorflow":
    seen.append(os.environ.get("TF_ENABLE_ONEDNN_OPTS"))
  return imported(name, *args, **kwargs)
builtins.__import__ = watched
from magenta_viz.process import tensorflow_start
tensorflow_start.start({})
print(seen[0])
"""


class OneDnnTest(parameterized.TestCase):
  @parameterized.parameters(
    (True, None, '1'),
    (True, '0', '0'),
    (False, None, 'None'),
    (False, '1', '1'),
    (True, 'default', 'None'),
    (False, 'default', 'None'),
  )
  def test_is_on_unless_the_user_says_no(
    self, is_wanted: bool, said: Optional[str], expected: str
  ) -> None:
    name = 'TF_ENABLE_ONEDNN_OPTS'
    with mock.patch.dict(os.environ, {} if said is None else {name: said}):
      if said is None:
        os.environ.pop(name, None)
      printed = _printed(_WATCHED_START.format(f'with_onednn={is_wanted}'))
    self.assertEqual(printed, expected)


class KerasTest(absltest.TestCase):
  def test_comes_when_it_is_asked_for(self) -> None:
    printed = _printed(
      f'{_START}\n'
      'import os, sys\n'
      'import tensorflow as tf\n'
      'print("keras" in sys.modules, "TF_USE_LEGACY_KERAS" in os.environ)\n'
      'print(tf.keras.layers.Dense.__name__)\n'
    )
    # Before 2.16, Keras is part of TensorFlow's import in any case.
    version = tuple(map(int, tf.__version__.split('.')[:2]))
    self.assertEqual(
      printed.split(), [str(version < (2, 16)), 'False', 'Dense']
    )

  def test_of_the_users_choice(self) -> None:
    printed = _printed(
      f'{_START}\nimport os\nprint(os.environ["TF_USE_LEGACY_KERAS"])',
      TF_USE_LEGACY_KERAS='0',
    )
    self.assertEqual(printed, '0')


class SklearnTest(absltest.TestCase):
  def test_comes_when_it_is_asked_for(self) -> None:
    printed = _printed(
      f'{_START}\n'
      'import sys\n'
      'print("tf_slim" in sys.modules, "sklearn" in sys.modules)\n'
      'import sklearn.metrics\n'
      'print(sklearn.metrics.accuracy_score([1, 0], [1, 1]))\n'
    )
    self.assertEqual(printed.split(), ['True', 'False', '0.5'])

  def test_stays_where_it_is(self) -> None:
    printed = _printed(
      'import sklearn.metrics, sys\n'
      f'{_START}\n'
      'print(sys.modules["sklearn.metrics"] is sklearn.metrics)'
    )
    self.assertEqual(printed, 'True')


if __name__ == '__main__':
  absltest.main()
