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
in each of which all take their turn.
"""

import argparse
import statistics
import sys
import tempfile
from typing import Callable, List, Tuple

from benchmarks import class_pictures

# As the README has it.
_SOONER = (
  '--num_steps=120',
  '--learning_rate=0.08',
  '--coarse_share=0.85',
  '--cover=0.35',
)
_API = 'from magenta_viz import visualize, evaluate, saliency'


def _command(flags: List[str]) -> float:
  return class_pictures.measure(flags)[0]


def _python(code: str) -> float:
  return class_pictures.timed([sys.executable, '-c', code])[0]


def _beyond_tensorflow() -> float:
  """Returns the seconds that the Python API's import adds to TensorFlow's."""
  return _python(f'import tensorflow; {_API}') - _python('import tensorflow')


def main() -> None:
  """Measures, and prints the table."""
  parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
  parser.add_argument('--googlenet', required=True, help='weights of GoogLeNet')
  parser.add_argument('--rounds', type=int, default=3)
  args = parser.parse_args()
  with tempfile.TemporaryDirectory() as folder:
    one = ['--class_id=281', '--overwrite', f'--output_dir={folder}/one']
    eight = ['--class_id=281-288', '--overwrite', f'--output_dir={folder}/more']
    squeezenet, both, googlenet = (
      ['--model=squeezenet'],
      ['--model=squeezenet,efficientnet_lite0'],
      [
        '--model=googlenet',
        f'--checkpoint={args.googlenet}',
      ],
    )
    rows: List[Tuple[str, float, Callable[[], float]]] = [
      ('--help', 1.0, lambda: _command(['--help'])),
      ('import of the API beyond TensorFlow', 0.3, _beyond_tensorflow),
      ('squeezenet, one', 10.0, lambda: _command(one + squeezenet)),
      ('with efficientnet_lite0, one', 17.0, lambda: _command(one + both)),
      ('googlenet, one', 9.0, lambda: _command(one + googlenet)),
      ('squeezenet, of 8', 5.0, lambda: _command(eight + squeezenet) / 8),
      (
        'with efficientnet_lite0, of 8',
        6.0,
        lambda: _command(eight + both) / 8,
      ),
      (
        'the same, sooner, of 8',
        3.0,
        lambda: _command(eight + both + list(_SOONER)) / 8,
      ),
      ('googlenet, of 8', 4.0, lambda: _command(eight + googlenet) / 8),
    ]
    print(f'{"what":40}{"wanted, s":>12}{"measured, s":>14}')
    rounds = [[call() for *_, call in rows] for _ in range(args.rounds)]
    for (name, wanted, _), seconds in zip(rows, zip(*rounds)):
      print(f'{name:40}{wanted:12.1f}{statistics.median(seconds):14.2f}')


if __name__ == '__main__':
  main()
