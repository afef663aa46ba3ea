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

"""Checkpoints of made-up variables, for tests that read them."""

import os
from pathlib import Path
from typing import Any, Dict

from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models.checkpoints import checkpoints

# The formats: VERSIONS.V1, VERSIONS.V2.
VERSIONS = tf.compat.v1.train.SaverDef


def _variables() -> Dict[str, np.ndarray]:
  generator = np.random.RandomState(0)
  return {
    'Net/conv/weights': generator.rand(3, 2, 4, 50).astype(np.float32),
    'Net/conv/biases': generator.rand(50).astype(np.float32),
    'global_step': np.array(7, np.int64),
  }


def save(path: str, version: int, values: Dict[str, np.ndarray]) -> None:
  """Saves as TensorFlow 1 did: by variable name, in format V1 or V2."""
  with tf.Graph().as_default(), tf.compat.v1.Session() as session:
    for name, value in values.items():
      tf.compat.v1.get_variable(name, initializer=value)
    session.run(tf.compat.v1.global_variables_initializer())
    saver = tf.compat.v1.train.Saver(write_version=version)
    saver.save(session, path, write_meta_graph=False)


class CheckpointsTestCase(parameterized.TestCase):
  """A folder for checkpoints.

  Attributes:
    folder: The folder, empty at first.
    values: The variables that `save` writes, by name.
  """

  def setUp(self) -> None:
    """Makes the folder and the variables."""
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)
    self.values = _variables()

  def path(self, name: str) -> str:
    """Returns the path of a file in the folder."""
    return str(self.folder / name)

  def save(self, name: str, version: int = VERSIONS.V1) -> str:
    """Saves the variables in the folder and returns the checkpoint's path."""
    save(self.path(name), version, self.values)
    return self.path(name)

  def assert_reads(self, path: str, expected: Dict[str, np.ndarray]) -> None:
    """Fails unless the checkpoint is read as these very arrays."""
    values = checkpoints.read_checkpoint(path)
    self.assertCountEqual(expected, values)
    for name, value in values.items():
      self.assertIsInstance(value, np.ndarray)
      self.assertEqual(expected[name].dtype, value.dtype)
      np.testing.assert_array_equal(expected[name], value)

  def assert_refused(
    self, path: str, *parts: str, error: Any = ValueError
  ) -> None:
    """Fails unless reading raises one line with the path and the parts."""
    with self.assertRaises(error) as caught:
      checkpoints.read_checkpoint(path)
    for part in (path, *parts):
      self.assertIn(part, str(caught.exception))
    self.assertNotIn('\n', str(caught.exception))

  def cut(self, path: str, size: int) -> None:
    """Leaves `size` bytes of a file; a negative number is how many to cut."""
    os.truncate(path, size % os.path.getsize(path))
