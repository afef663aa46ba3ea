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

"""Small atlases that the program draws in processes of its own, for tests."""

import os
from pathlib import Path
import subprocess
from typing import Any, Dict, List

import psutil

from magenta_viz.testing import programs

PROGRAM = 'image_visualization_atlas'

_FLAGS = (
  *('--model=squeezenet', '--image_size=64', '--precision=float32'),
  *('--batch_size=2', '--num_workers=2'),
)

# 12 pictures in 6 batches of two layers.
UNITS = 'class:0-5, channel:fire2/concat:0-5'


def start(
  folder: Path, *flags: str, units: str = UNITS, **options: Any
) -> 'subprocess.Popen[str]':
  """Starts the program, in a process group of its own.

  Args:
    folder: Of the atlas.
    *flags: More of them; two steps a picture without another number.
    units: To draw.
    **options: Of `subprocess.Popen`.
  """
  if not any(flag.startswith('--num_steps=') for flag in flags):
    flags += ('--num_steps=2',)
  return subprocess.Popen(
    [
      *(programs.installed(PROGRAM), *_FLAGS, f'--units={units}'),
      *(f'--output_dir={folder}', *flags),
    ],
    # With another number of threads, sums are rounded otherwise.
    env=programs.environment(TF_NUM_INTRAOP_THREADS='1'),
    stdout=subprocess.PIPE,
    stderr=subprocess.PIPE,
    text=True,
    start_new_session=True,
    **options,
  )


def draw(folder: Path, *flags: str, **options: Any) -> str:
  """Runs the program to its end; returns what it says.

  Raises:
    AssertionError: If it fails.
  """
  with start(folder, *flags, **options) as process:
    stdout, stderr = process.communicate()
  assert not process.returncode, stderr
  return stdout


def contents(folder: Path, pattern: str = '*/*.png') -> Dict[str, bytes]:
  """Returns the pictures of an atlas, with the sheets, or other files."""
  return {
    str(path.relative_to(folder)): path.read_bytes()
    for path in folder.glob(pattern)
    if path.is_file() and not path.name.startswith('.')
  }


def alive_in(session: int) -> List[str]:
  """Returns the commands of the processes of a session that live on."""
  found = []
  for process in psutil.process_iter():
    try:
      if (
        os.getsid(process.pid) == session
        and process.status() != psutil.STATUS_ZOMBIE
      ):
        found.append(' '.join(process.cmdline()))
    except (psutil.Error, ProcessLookupError):
      continue
  # Without a command is one that is ending, whose memory is gone already.
  return [command for command in found if command]
