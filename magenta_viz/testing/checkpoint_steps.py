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

"""Checkpoints of every step of a training, for tests of their folder."""

import os
from pathlib import Path
from typing import Any, Dict, Set

from absl.testing import parameterized
import numpy as np

from magenta_viz.models import trained_network
from magenta_viz.models.checkpoints import checkpoints
from magenta_viz.testing import trained_checkpoints
from magenta_viz.testing import training_runs
from magenta_viz.training import checkpoint_folder

WEIGHTS = 'InceptionV1/Conv2d_1a_7x7/weights'


def values_of(step: int) -> Dict[str, np.ndarray]:
  """Returns what the checkpoint of a step holds."""
  generator = np.random.default_rng(step)
  weights = generator.normal(size=(200, 300)).astype(np.float32)
  return {
    WEIGHTS: weights,
    f'{WEIGHTS}/ExponentialMovingAverage': weights / 3,
    f'{WEIGHTS}/Momentum': -weights,
    'InceptionV1/Conv2d_1a_7x7/BatchNorm/moving_mean': weights[0],
    'loss_scale': np.float32(2.0**15),
    'global_step': np.array(step, np.int64),
  }


def top1_of(step: int) -> float:
  """Returns a share that every few steps is the highest so far."""
  return step % 7 / 10 + step / 10_000


def record_of(step: int, **others: Any) -> Dict[str, Any]:
  """Returns the record of a step.

  Args:
    step: Of the checkpoint.
    **others: What it has in place of the usual, and more.
  """
  return trained_checkpoints.record(step, **{'top1': top1_of(step), **others})


def prepare(folder: checkpoint_folder.CheckpointFolder) -> None:
  """Makes and tidies the folder, without holding it any longer."""
  with folder.prepared():
    pass


def write_step(
  folder: checkpoint_folder.CheckpointFolder, step: int, **others: Any
) -> str:
  """Writes the checkpoint of a step, with `others` in its record."""
  return folder.write(step, values_of(step), record_of(step, **others))


class FolderTestCase(parameterized.TestCase):
  """A folder for checkpoints.

  Attributes:
    path: Its path; it does not exist at first.
    folder: What is to be tested.
  """

  def setUp(self) -> None:
    """Names the folder."""
    super().setUp()
    self.path = Path(self.create_tempdir().full_path) / 'new' / 'train'
    self.folder = checkpoint_folder.CheckpointFolder(self.path)

  def prepare(self) -> None:
    """Makes and tidies the folder, without holding it any longer."""
    prepare(self.folder)

  def write(self, step: int, **others: Any) -> str:
    """Writes the checkpoint of a step, with `others` in its record."""
    return write_step(self.folder, step, **others)

  def last(self) -> trained_network.TrainedNetwork:
    """Returns the last checkpoint, which is there."""
    last = self.folder.latest()
    assert last is not None
    return last

  def names(self) -> Set[str]:
    """Returns the names of the files that are there."""
    return set(os.listdir(self.path))

  def files_of(self, *steps: int) -> Set[str]:
    """Returns the names of all files in a folder with these checkpoints."""
    return {
      'checkpoint',
      *(
        f'model.ckpt-{step}{ending}'
        for step in steps
        for ending in ('.index', '.data-00000-of-00001', '.json')
      ),
    }

  def assert_bits(self, prefix: str, step: int) -> None:
    """Fails unless a checkpoint has the very values of a step."""
    values = checkpoints.read_checkpoint(prefix)
    expected = values_of(step)
    self.assertEqual(set(values), set(expected))
    for name, value in expected.items():
      self.assertEqual(values[name].dtype, value.dtype)
      self.assertEqual(values[name].tobytes(), value.tobytes(), name)

  def assert_refused(
    self, error: Any, message: str, function: Any, *arguments: Any
  ) -> None:
    """Fails unless a call raises one line, and changes nothing."""
    before = training_runs.contents(self.path)
    with self.assertRaisesRegex(error, message) as caught:
      function(*arguments)
    self.assertNotIn('\n', str(caught.exception))
    self.assertEqual(training_runs.contents(self.path), before)
