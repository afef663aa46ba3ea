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

r"""How fast many pictures are drawn, and whether the memory stays flat.

Runs the command as a user does, with each of some numbers of workers:

  python -m benchmarks.bench_many --class_id=0-95 --workers=1,2
  python -m benchmarks.bench_many --class_id=all --workers=1 \
    --flags=--num_steps=1

Prints the seconds a picture, start-up included, and the memory of all the run's
processes after a tenth of the pictures, after half of them and at the end.
"""

import argparse
from pathlib import Path
import shlex
import subprocess
import tempfile
import time
from typing import List, Sequence, Tuple

import psutil

from benchmarks import class_pictures

# Seconds between two looks at the memory.
_PAUSE = 0.5


def _memory(process: psutil.Process) -> int:
  """Returns the bytes that a process and its children hold."""
  total = 0
  for each in [process, *process.children(recursive=True)]:
    try:
      total += each.memory_info().rss
    except psutil.NoSuchProcess:
      continue
  return total


def _watch(flags: Sequence[str], folder: Path) -> List[Tuple[float, int, int]]:
  """Runs the command.

  Returns:
    Seconds since the start, pictures so far and bytes in memory, time by time.

  Raises:
    RuntimeError: If the command fails.
  """
  start = time.perf_counter()
  looks = []
  with tempfile.TemporaryFile('w+') as errors:
    process = psutil.Popen(
      [*class_pictures.COMMAND, *flags, f'--output_dir={folder}'],
      stdout=subprocess.DEVNULL,
      stderr=errors,
    )
    while process.poll() is None:
      num_pictures = len(list(folder.glob('*.json')))
      seconds = time.perf_counter() - start
      looks.append((seconds, num_pictures, _memory(process)))
      time.sleep(_PAUSE)
    if process.returncode:
      errors.seek(0)
      raise RuntimeError(f'{shlex.join(flags)} failed: {errors.read()}')
  return looks


def main() -> None:
  """Measures, and prints the table."""
  parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
  parser.add_argument(
    '--class_id', default='0-95', help='as the command has it'
  )
  parser.add_argument('--workers', default='1,2', help='numbers of processes')
  parser.add_argument('--flags', default='', help='more, as --num_steps=2')
  args = parser.parse_args()
  print(f'{"workers":>8}{"pictures":>10}{"seconds each":>14}  memory, MB')
  for workers in args.workers.split(','):
    with tempfile.TemporaryDirectory() as temporary:
      flags = [f'--class_id={args.class_id}', f'--num_workers={workers}']
      looks = _watch(flags + shlex.split(args.flags), Path(temporary))
    seconds, num_pictures, _ = looks[-1]
    memories = [
      next(each for _, num, each in looks if num >= share * num_pictures) / 1e6
      for share in (0.1, 0.5, 1.0)
    ]
    print(
      f'{workers:>8}{num_pictures:>10}{seconds / num_pictures:14.2f}  '
      + ', '.join(f'{each:.0f}' for each in memories),
      flush=True,
    )


if __name__ == '__main__':
  main()
