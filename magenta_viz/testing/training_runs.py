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

"""Trainings of seconds: their pictures, and the program as a process."""

import dataclasses
import json
import os
from pathlib import Path
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence
from unittest import mock

from absl.testing import parameterized
import numpy as np
from PIL import Image

from magenta_viz import train
from magenta_viz.models import model_spec
from magenta_viz.models.checkpoints import checkpoints
from magenta_viz.testing import trainer
from magenta_viz.training import config as train_config
from magenta_viz.training import progress as progress_lib

# More than one word, for names of files are made of them.
CLASS_NAMES = ('crane', 'house finch', 'wren')

# What makes a training small; as flags, and as fields of `TrainConfig`.
SMALL: Mapping[str, Any] = {
  'dataset': 'image_folder',
  'model': 'squeezenet',
  # As small as the networks take them.
  'image_size': 64,
  'batch_size': 8,
}

# The script that installing the package made, as its users start it.
PROGRAM = (str(Path(sys.executable).with_name('image_visualization_train')),)

# The program with a network that is traced in a second, and has batch norm and
# dropout, under SqueezeNet's name.
TINY_PROGRAM = (
  '-c',
  """
import dataclasses
import sys
from unittest import mock
from magenta_viz import image_visualization_train
from magenta_viz.models import model_spec
from magenta_viz.testing import trainer
tiny = dataclasses.replace(trainer.spec_of('tiny'), name='squeezenet')
sys.argv[0] = 'tiny'
with mock.patch.dict(model_spec.MODEL_SPECS, squeezenet=tiny):
  image_visualization_train.console_entry_point()
""",
)

# What the program begins its lines with: its name, however it was started.
_OWN_LINE = re.compile(r'(tiny|image_visualization_train(\.py)?): ')

# No process here takes so long, in seconds.
LIMIT = 240.0


def picture(class_id: int, seed: int) -> np.ndarray:
  """Returns a noisy picture of a class, which shape and colour tell.

  Args:
    class_id: From 0 to 2: rows in red, columns in green, slopes in blue.
    seed: Of the noise and of where the stripes begin.

  Returns:
    [48, 64, 3] uint8 array.
  """
  generator = np.random.RandomState(seed)
  row, column = np.mgrid[:48, :64]
  wave = (row, column, row + column)[class_id] * 0.8
  image = generator.uniform(0, 0.3, (48, 64, 3))
  image[..., class_id] += 0.7 * (np.sin(wave + generator.uniform(0, 6)) > 0)
  return np.asarray(image * 255, np.uint8)


def write_pictures(
  folder: Path,
  num_train: int = 8,
  num_eval: int = 4,
  class_names: Sequence[str] = CLASS_NAMES,
) -> None:
  """Writes `train/CLASS/0.png`, `train/CLASS/1.jpg`, ..., and `val/` likewise.

  Args:
    folder: Where to.
    num_train: Pictures of each class to train with.
    num_eval: Pictures of each class to evaluate on.
    class_names: Of up to three classes.
  """
  for split, number in (('train', num_train), ('val', num_eval)):
    for class_id, name in enumerate(class_names):
      path = folder / split / name
      path.mkdir(parents=True)
      for i in range(number):
        image = picture(class_id, 100 * len(split) + 10 * class_id + i)
        Image.fromarray(image).save(path / f'{i}.{("png", "jpg")[i % 2]}')


class RunsTestCase(parameterized.TestCase):
  """Tests with pictures that they share.

  Attributes:
    root: Folder of all tests of a class.
    folder: Folder of one test.
  """

  root: Path

  @classmethod
  def setUpClass(cls) -> None:
    """Writes the pictures."""
    super().setUpClass()
    cls.root = Path(tempfile.mkdtemp())
    cls.addClassCleanup(shutil.rmtree, cls.root)
    # What is ignored, as under nohup and where a script starts tests with '&',
    # is ignored by what is started, too.
    for number, handler in (
      (signal.SIGHUP, signal.SIG_DFL),
      (signal.SIGINT, signal.default_int_handler),
    ):
      cls.addClassCleanup(signal.signal, number, signal.signal(number, handler))
    write_pictures(cls.root / 'pictures')

  def setUp(self) -> None:
    """Makes the test's own folder."""
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)

  @classmethod
  def config(cls, train_dir: Path, **others: Any) -> train_config.TrainConfig:
    """Returns a small training on the pictures, as of `settings`."""
    return train_config.TrainConfig.of(**cls.settings(train_dir, **others))

  @classmethod
  def settings(cls, train_dir: Path, **others: Any) -> Dict[str, Any]:
    """Returns the settings of a small training on the pictures.

    Args:
      train_dir: Where to.
      **others: What it has in place of the usual, and more.
    """
    return {
      **SMALL,
      'data_dir': str(cls.root / 'pictures'),
      'train_dir': str(train_dir),
      **others,
    }

  def start(
    self,
    name: str,
    program: Sequence[str] = PROGRAM,
    environment: Optional[Mapping[str, str]] = None,
    **settings: Any,
  ) -> 'Process':
    """Starts a training in the test's folder, or goes on with it.

    Args:
      name: Of the folder of its checkpoints.
      program: What Python runs.
      environment: What to add to this process's own.
      **settings: What it has in place of the usual, and more.

    Returns:
      The program, which ends with the test.
    """
    number = len(list(self.folder.glob('*.log')))
    process = Process(
      self.settings(self.folder / name, **settings),
      self.folder / f'{number}.log',
      program,
      environment,
    )
    self.addCleanup(process.stop)
    return process

  def assert_same_bits(
    self, found: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray]
  ) -> None:
    """Fails unless two checkpoints have the same values."""
    self.assertEqual(set(found), set(expected))
    for name, value in expected.items():
      self.assertEqual(found[name].dtype, value.dtype, name)
      self.assertEqual(found[name].tobytes(), value.tobytes(), name)


class TinyRunsTestCase(RunsTestCase):
  """Tests that need no real network, which takes long to trace."""

  def setUp(self) -> None:
    """Puts the tiny network in SqueezeNet's place."""
    super().setUp()
    tiny = dataclasses.replace(trainer.spec_of('tiny'), name='squeezenet')
    self.enter_context(mock.patch.dict(model_spec.MODEL_SPECS, squeezenet=tiny))
    self.train_dir = self.folder / 'train'


def interrupt(config: train_config.TrainConfig, step: int) -> None:
  """Trains until a second Ctrl-C comes in a step."""

  def note(progress: Any, current: int, *unused_arguments: Any) -> None:
    if current == step:
      raise KeyboardInterrupt

  with mock.patch.object(progress_lib.Progress, 'note', note):
    try:
      train.run(config)
    except KeyboardInterrupt:
      return
  raise AssertionError(f'no step {step} was made')


def values_of(train_dir: Path, step: int) -> Dict[str, np.ndarray]:
  """Returns all values of the checkpoint of a step."""
  return checkpoints.read_checkpoint(f'{train_dir}/model.ckpt-{step}')


def record_of(train_dir: Path, step: int) -> Dict[str, Any]:
  """Returns the record of the checkpoint of a step."""
  return json.loads((train_dir / f'model.ckpt-{step}.json').read_text())


def contents(folder: Path) -> Dict[str, bytes]:
  """Returns the content of each file in a folder, by its name."""
  return {
    path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()
  }


def flags(settings: Mapping[str, Any]) -> List[str]:
  """Returns the flags of settings."""
  words = []
  for name, value in settings.items():
    if isinstance(value, bool):
      words.append(f'--{name}' if value else f'--no{name}')
    else:
      words.append(f'--{name}={value}')
  return words


class Process:
  """The program, running.

  Attributes:
    process: It itself.
  """

  def __init__(
    self,
    settings: Mapping[str, Any],
    log: Path,
    program: Sequence[str],
    environment: Optional[Mapping[str, str]],
  ):
    """Starts it.

    Args:
      settings: Of the training.
      log: File that gets all that the program writes.
      program: What Python runs.
      environment: What to add to this process's own; None for nothing.
    """
    self._log = log
    with open(log, 'wb') as file:
      self.process = subprocess.Popen(
        [sys.executable, *program, *flags(settings)],
        env={
          **os.environ,
          'PYTHONPATH': os.pathsep.join(sys.path),
          **(environment or {}),
        },
        stdout=file,
        stderr=file,
      )

  def wait(self) -> int:
    """Returns the exit status, once it has ended."""
    return self.process.wait(LIMIT)

  def wait_for(self, what: Callable[[], Any]) -> Any:
    """Returns the first value of `what` that is true.

    Raises:
      AssertionError: If the program ends before, or it takes too long.
    """
    limit = time.monotonic() + LIMIT
    while time.monotonic() < limit:
      found = what()
      if found:
        return found
      if self.process.poll() is not None:
        raise AssertionError(f'ended with {self.process.returncode}:\n{self}')
      time.sleep(0.01)
    raise AssertionError(f'nothing happened:\n{self}')

  def lines(self) -> List[str]:
    """Returns what the program wrote so far, but for the progress bar."""
    lines = str(self).splitlines()
    return [line for line in lines if line and not re.match(r' *\d+%\|', line)]

  def own_lines(self) -> List[str]:
    """Returns the lines so far with which the program says how it ended.

    With several workers they may stand anywhere: TensorFlow's runtime writes
    from threads of its own, about workers that have gone, and in many lines.
    """
    return [line for line in self.lines() if _OWN_LINE.match(line)]

  def first_step(self) -> int:
    """Returns the step that it began, or went on, at."""
    found = re.search(r'; steps (\d+) to \d+\.\n', str(self))
    if found is None:
      raise AssertionError(f'no training began:\n{self}')
    return int(found[1])

  def shown_step(self) -> int:
    """Returns the last step that the progress bar shows; 0 without a bar."""
    shown = re.findall(r'\| (\d+)/\d+ \[', str(self))
    return int(shown[-1]) if shown else 0

  def __str__(self) -> str:
    """Returns all that the program wrote."""
    # The bar writes over itself.
    return self._log.read_text(errors='replace').replace('\r', '\n')

  def stop(self) -> None:
    """Ends it, if it has not ended."""
    if self.process.poll() is None:
      self.process.kill()
    self.process.wait()


def checkpoint_steps(train_dir: Path) -> List[int]:
  """Returns the steps whose checkpoints are whole, the first one first."""
  return sorted(
    int(path.name[len('model.ckpt-') : -len('.index')])
    for path in train_dir.glob('model.ckpt-*.index')
  )
