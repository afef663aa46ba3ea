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

"""Folders as training writes them, for tests that need no training."""

import collections
import contextlib
import json
from pathlib import Path
import shutil
import tempfile
from typing import Any, Dict, Iterator, Mapping, Optional, Sequence
from unittest import mock

from absl.testing import parameterized
import numpy as np

from magenta_viz.files import untrusted
from magenta_viz.models import trained_network
from magenta_viz.testing import random_weights

MODEL = 'squeezenet'
# As small as the network takes them.
IMAGE_SIZE = 64
# Of more words, and with what no name of a file has.
CLASS_NAMES = ('house finch', 'Été, summer', 'crane')


def record(step: int, **others: Any) -> Dict[str, Any]:
  """Returns a record with all that is needed.

  Args:
    step: Of the checkpoint.
    **others: What the record has in place of the usual, and more.
  """
  return {
    'model': MODEL,
    'image_size': IMAGE_SIZE,
    'num_outputs': len(CLASS_NAMES),
    'class_offset': 0,
    'class_names': list(CLASS_NAMES),
    'step': step,
    'top1': None,
    **others,
  }


def write(
  folder: Path,
  step: int,
  values: Optional[Mapping[str, np.ndarray]] = None,
  endings: Sequence[str] = (
    trained_network.INDEX_ENDING,
    trained_network.DATA_ENDING,
    trained_network.RECORD_ENDING,
  ),
  **others: Any,
) -> str:
  """Writes a checkpoint and returns its prefix.

  Args:
    folder: Where to; made if it does not exist.
    step: Of the checkpoint.
    values: Arrays by name. None writes files that TensorFlow cannot read.
    endings: Of those of its files that are left there.
    **others: For the record, as in `record`.
  """
  folder.mkdir(parents=True, exist_ok=True)
  prefix = str(folder / trained_network.checkpoint_name(step))
  Path(prefix + trained_network.RECORD_ENDING).write_text(
    json.dumps(record(step, **others))
  )
  for ending in (trained_network.INDEX_ENDING, trained_network.DATA_ENDING):
    Path(prefix + ending).write_text(f'{step} {ending}')
  if values is not None:
    # Many tests here need no TensorFlow.
    import tensorflow as tf

    names = list(values)
    arrays = [values[name] for name in names]
    tf.raw_ops.SaveV2(
      prefix=prefix,
      tensor_names=names,
      shape_and_slices=[''] * len(names),
      tensors=arrays,
    )
  for path in folder.glob(f'{trained_network.checkpoint_name(step)}.*'):
    if not str(path).endswith(tuple(endings)):
      path.unlink()
  return prefix


def write_network(folder: Path, step: int, **others: Any) -> str:
  """Writes a checkpoint of a network that works, and returns its prefix.

  Args:
    folder: Where to; made if it does not exist.
    step: Of the checkpoint, and the seed of its weights.
    **others: For the record, as in `record`.
  """
  trained = trained_network.from_record('', record(step, **others))
  values = random_weights.of_network(trained.spec(), seed=step)
  return write(folder, step, values, **others)


@contextlib.contextmanager
def reads() -> Iterator[Dict[str, int]]:
  """Counts how often each record of a checkpoint is read, by its name."""
  counts: Dict[str, int] = collections.Counter()
  read_bytes = untrusted.read_bytes

  def counted(path: Path, *others: Any) -> bytes:
    # Pictures have records too.
    if path.name.startswith('model.ckpt-'):
      counts[path.name] += 1
    return read_bytes(path, *others)

  with mock.patch.object(untrusted, 'read_bytes', counted):
    yield counts


class TrainedTestCase(parameterized.TestCase):
  """With a folder that training wrote.

  Attributes:
    train_dir: Its path; the best checkpoint is that of step 2.
    folder: For what a test writes.
  """

  train_dir: Path

  @classmethod
  def setUpClass(cls) -> None:
    """Writes two checkpoints for all tests of the class."""
    super().setUpClass()
    root = tempfile.mkdtemp()
    cls.addClassCleanup(shutil.rmtree, root)
    cls.train_dir = Path(root, 'train')
    write_network(cls.train_dir, 2, top1=0.9)
    write_network(cls.train_dir, 3, top1=0.8)

  def setUp(self) -> None:
    """Makes a folder for the test."""
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)
