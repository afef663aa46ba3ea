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

"""How long a user waits: for the help, for one picture, for each of eight.

  python -m benchmarks.bench_picture --googlenet=PATH_OF_GOOGLENET_WEIGHTS

Runs the command as a user does, start-up included; medians of several rounds,
in each of which all take their turn, and the peak of memory. With
--sizes=1024,2048,4096,8192 it draws large pictures instead: half an hour a
round on two cores.
"""

import argparse
import statistics
import sys
import tempfile
from typing import Callable, Dict, Sequence, Tuple

from benchmarks import class_pictures

# As docs/drawing.md has it.
_SOONER = (
  '--num_steps=120',
  '--learning_rate=0.08',
  '--coarse_share=0.85',
  '--cover=0.35',
)
_PAIR = '--model=squeezenet,efficientnet_lite0'
_API = 'from magenta_viz import visualize, evaluate, saliency'

# Returns seconds and GB.
_Call = Callable[[], Tuple[float, float]]


def _python(code: str) -> Tuple[float, float]:
  return class_pictures.timed([sys.executable, '-c', code])


def _beyond_tensorflow() -> Tuple[float, float]:
  """Measures what the Python API's import adds to TensorFlow's."""
  seconds, memory = _python(f'import tensorflow; {_API}')
  shorter, less = _python('import tensorflow')
  return seconds - shorter, memory - less


def _drawn(folder: str, num: int, *flags: str) -> _Call:
  """Returns what draws so many pictures, and takes the seconds of one."""

  def call() -> Tuple[float, float]:
    places = [f'--class_id=281-{280 + num}', f'--output_dir={folder}/{num}']
    seconds, memory = class_pictures.measure([*places, '--overwrite', *flags])
    return seconds / num, memory

  return call


def _rows(
  folder: str, googlenet: Sequence[str]
) -> Dict[str, Tuple[float, _Call]]:
  """Returns of each row the seconds wanted, and what takes them."""
  return {
    '--help': (1.0, lambda: class_pictures.measure(['--help'])),
    'import of the API beyond TensorFlow': (0.3, _beyond_tensorflow),
    'squeezenet, one': (10.0, _drawn(folder, 1, '--model=squeezenet')),
    'with efficientnet_lite0, one': (17.0, _drawn(folder, 1, _PAIR)),
    'googlenet, one': (9.0, _drawn(folder, 1, *googlenet)),
    'squeezenet, of 8': (5.0, _drawn(folder, 8, '--model=squeezenet')),
    'with efficientnet_lite0, of 8': (6.0, _drawn(folder, 8, _PAIR)),
    'the same, sooner, of 8': (3.0, _drawn(folder, 8, _PAIR, *_SOONER)),
    'googlenet, of 8': (4.0, _drawn(folder, 8, *googlenet)),
  }


def main() -> None:
  """Measures, and prints the table."""
  parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
  parser.add_argument('--googlenet', required=True, help='weights of GoogLeNet')
  parser.add_argument('--rounds', type=int, default=3)
  parser.add_argument('--sizes', help='of large pictures, in pixels')
  args = parser.parse_args()
  googlenet = ('--model=googlenet', f'--checkpoint={args.googlenet}')
  with tempfile.TemporaryDirectory() as folder:
    rows = _rows(folder, googlenet)
    if args.sizes:
      rows = {
        size: (0.0, _drawn(folder, 1, *googlenet, f'--image_size={size}'))
        for size in args.sizes.split(',')
      }
    rounds = [[call() for _, call in rows.values()] for _ in range(args.rounds)]
  print(f'{"what":40}{"wanted, s":>12}{"measured, s":>14}{"peak, GB":>12}')
  for (name, (wanted, _)), found in zip(rows.items(), zip(*rounds)):
    seconds, memory = map(statistics.median, zip(*found))
    print(f'{name:40}{wanted:12.1f}{seconds:14.2f}{memory:12.2f}')


if __name__ == '__main__':
  main()
