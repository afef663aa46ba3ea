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

"""Runs a program in the process of its test, or as its users do."""

import contextlib
import functools
import io
import os
from pathlib import Path
import re
import shlex
import subprocess
import sys
from typing import Any, Callable, Dict, List, NamedTuple, Optional
from unittest import mock

from absl import app
from absl.testing import flagsaver

from magenta_viz import image_visualization_visualize


class Ended(NamedTuple):
  """How a program ended.

  Attributes:
    status: Exit status.
    stdout: What it wrote to the standard output.
    stderr: What it wrote to the standard error, log included.
  """

  status: int
  stdout: str
  stderr: str


def run(console_entry_point: Callable[[], None], *words: str) -> Ended:
  """Runs a program and waits for its end.

  Args:
    console_entry_point: Of the program.
    *words: The program's name, and its flags.

  Raises:
    AssertionError: If it returns instead of exiting.
  """
  stdout, stderr = io.StringIO(), io.StringIO()
  # absl defines them once; the flag saver would forget them.
  app.define_help_flags()
  name, *flags = words
  # absl logs as in a program that was started just now.
  argv = [name, '--verbosity=0', '--logtostderr', *flags]
  with contextlib.ExitStack() as stack:
    stack.enter_context(flagsaver.flagsaver())
    stack.enter_context(mock.patch.object(sys, 'argv', argv))
    stack.enter_context(contextlib.redirect_stdout(stdout))
    stack.enter_context(contextlib.redirect_stderr(stderr))
    try:
      console_entry_point()
    except SystemExit as error:
      status = error.code if isinstance(error.code, int) else 0
      return Ended(status, stdout.getvalue(), stderr.getvalue())
  raise AssertionError(f'{name} returned instead of exiting')


def visualize(*flags: str) -> Ended:
  """Runs the program that draws, and waits for its end."""
  return run(
    image_visualization_visualize.console_entry_point,
    'image_visualization_visualize',
    *flags,
  )


def visualize_config(*flags: str, worker: Optional[int] = None) -> Any:
  """Returns the configuration that the program that draws makes of its flags.

  Args:
    *flags: Its flags.
    worker: Which of several it is, where it is one.

  Raises:
    AssertionError: If the program fails.
  """
  # Brings TensorFlow.
  from magenta_viz import visualize as verb

  entry_point = functools.partial(
    image_visualization_visualize.console_entry_point, worker
  )
  program = 'image_visualization_visualize'
  return config_of(entry_point, verb, 'draw', program, *flags)


def environment(**others: str) -> Dict[str, str]:
  """Returns the environment of a user's program, and more variables."""
  own = {**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path), **others}
  # The tests' own, by which TensorFlow would say less.
  own.pop('TF_CPP_MIN_LOG_LEVEL', None)
  return own


def installed(name: str) -> str:
  """Returns the path of a program as pip installs it.

  Args:
    name: Of the program.

  Raises:
    AssertionError: If it is not installed.
  """
  for ending in ('', '.exe'):
    path = Path(sys.executable).with_name(name + ending)
    if path.exists():
      return str(path)
  raise AssertionError(f'{name} is not installed; pip install -e .')


def help_without(name: str, *packages: str, flag: str = '--help') -> str:
  """Returns what an installed program says of itself, with status 0.

  Args:
    name: Of the program.
    *packages: What takes too long to import for it, by the starts of names.
    flag: Which asks for it.

  Raises:
    AssertionError: If it imports one of them.
  """
  done = subprocess.run(
    [installed(name), flag],
    env=environment(PYTHONPROFILEIMPORTTIME='1'),
    capture_output=True,
    text=True,
    check=False,
  )
  assert done.returncode == 0, done
  imported = re.findall(r'\| +(\S+)', done.stderr)
  # Else nothing was told.
  assert 'magenta_viz.program' in imported, done.stderr
  found = [each for each in imported if each.startswith(packages)]
  assert not found, found
  return done.stdout


def elsewhere(command: str, output_dir: object) -> List[str]:
  """Returns the flags of a record's command, with another --output_dir."""
  flags = [word for word in shlex.split(command) if word.startswith('--')]
  kept = [flag for flag in flags if not flag.startswith('--output_dir=')]
  return [*kept, f'--output_dir={output_dir}']


def config_of(
  console_entry_point: Callable[[], None],
  module: Any,
  function: str,
  *words: str,
) -> Any:
  """Returns the configuration that a program makes of its flags.

  Args:
    console_entry_point: Of the program.
    module: What the program does its work with.
    function: Name of the function of `module` that takes the configuration
      first; it is not called.
    *words: The program's name, and its flags.

  Raises:
    AssertionError: If the program fails.
  """
  with mock.patch.object(module, function, mock.MagicMock()) as called:
    ended = run(console_entry_point, *words)
  if ended.status:
    raise AssertionError(ended.stderr)
  config, *_ = called.call_args[0]
  return config
