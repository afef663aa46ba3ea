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

"""What a model of Keras costs beside the package's own copy of the network.

  python -m benchmarks.bench_foreign

SqueezeNet with the package's weights, and the same made in Keras: the
milliseconds of a step for a picture of 320 pixels, seen at 224, in turn, and
the seconds from start to file of a picture of one step by a command, from
released weights and from a .keras file. Medians of several rounds, and their
ratio.
"""

import argparse
from pathlib import Path
import statistics
import subprocess
import sys
import tempfile
import time
from typing import List, Sequence

import tensorflow as tf

from benchmarks import bench_step
from magenta_viz.models import network_loading
from magenta_viz.models import network_source
from magenta_viz.models import networks
from magenta_viz.testing import keras_squeezenet

# As `keras_squeezenet.SETTINGS` has them.
_FLAGS = (
  '--input_range=0,255',
  '--input_mean=104,117,123',
  '--channel_order=bgr',
)


def _command(folder: Path, *flags: str) -> float:
  """Returns the seconds from start to file of a picture of one step."""
  start = time.perf_counter()
  subprocess.run(
    [
      *(sys.executable, '-m', 'magenta_viz.image_visualization_visualize'),
      *('--class_id=281', '--num_steps=1', '--image_size=224', '--overwrite'),
      *('--precision=float32', f'--output_dir={folder}', *flags),
    ],
    check=True,
    stderr=subprocess.DEVNULL,
  )
  return time.perf_counter() - start


def _print(name: str, unit: str, ours: float, theirs: float) -> None:
  """Prints what both take."""
  print(
    f'{name:24}{ours:10.1f} {unit}{theirs:10.1f} {unit}{theirs / ours:8.3f}',
    flush=True,
  )


def _steps(rounds: int) -> None:
  """Measures steps of the ascent."""
  own = network_loading.load(network_source.choose('squeezenet'), tf.float32)
  copy = networks.from_keras(
    keras_squeezenet.make(), **keras_squeezenet.SETTINGS
  )
  copy.recipe = dict(own.recipe)
  for batch in (1, 8):
    found = bench_step.medians(
      {
        name: bench_step.step(bench_step.make_ascent(network), batch)
        for name, network in (('own', own), ('copy', copy))
      },
      rounds,
    )
    _print(f'step, batch of {batch}', 'ms', *(1e3 * s for s in found.values()))


def _starts(rounds: int) -> None:
  """Measures commands."""
  with tempfile.TemporaryDirectory() as folder:
    model = Path(folder) / 'model.keras'
    keras_squeezenet.make().save(model)
    kinds: Sequence[Sequence[str]] = (
      ['--model=squeezenet'],
      [f'--checkpoint={model}', *_FLAGS],
    )
    seconds: List[List[float]] = [[], []]
    for _ in range(rounds):
      for number, flags in enumerate(kinds):
        seconds[number].append(_command(Path(folder) / 'pictures', *flags))
    _print('start to picture', 's', *map(statistics.median, seconds))


def main() -> None:
  """Measures, and prints the table."""
  parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
  parser.add_argument('--rounds', type=int, default=25)
  args = parser.parse_args()
  print(f'{"":24}{"own":>13}{"Keras":>13}{"ratio":>8}')
  _steps(args.rounds)
  _starts(max(args.rounds // 5, 1))


if __name__ == '__main__':
  main()
