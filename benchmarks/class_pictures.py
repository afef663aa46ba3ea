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

"""How good and how fast class pictures are, as a table.

Runs the command as a user does, lets another network name what it drew, and
prints what the README claims. Takes about ten minutes on two cores:

  python -m benchmarks.class_pictures --googlenet=PATH_OF_GOOGLENET_WEIGHTS
"""

import argparse
import os
from pathlib import Path
import statistics
import subprocess
import sys
import tempfile
import time
from typing import List, Sequence, Tuple

# Everyday things and animals of all kinds, chosen before the first picture.
CLASS_IDS = (
  17, 37, 63, 175, 232, 243, 306, 370, 393, 396, 408, 447, 504, 509, 517, 583,
  631, 641, 643, 646, 684, 735, 823, 998,
)  # fmt: skip

_COMMAND = [sys.executable, '-m', 'magenta_viz.image_visualization_visualize']


def measure(flags: Sequence[str]) -> Tuple[float, float]:
  """Runs the command.

  Returns:
    Seconds from start to end, and the peak memory in GB (10^9 bytes).

  Raises:
    RuntimeError: If the command fails.
  """
  start = time.monotonic()
  process = subprocess.Popen(
    [*_COMMAND, *flags], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
  )
  _, status, usage = os.wait4(process.pid, 0)
  seconds = time.monotonic() - start
  # absl ends --help with 1.
  if status != 0 and '--help' not in flags:
    raise RuntimeError(f'{" ".join(flags)} ended with status {status}')
  unit = 1 if sys.platform == 'darwin' else 1024
  return seconds, usage.ru_maxrss * unit / 1e9


def ranks(folder: Path, judge: str, checkpoint: str) -> List[int]:
  """Returns the rank that a network gives each picture's class, 1 for first.

  Args:
    folder: Of pictures that the command made.
    judge: Name of the network.
    checkpoint: Its weights; '' for those that come with the package.
  """
  # After the last measurement, whose memory a child would inherit.
  import numpy as np
  import tensorflow as tf

  from magenta_viz.media import image_files
  from magenta_viz.models import checkpoints
  from magenta_viz.models import model_spec
  from magenta_viz.models import network_source
  from magenta_viz.models import slim_network

  source = network_source.choose(judge, checkpoint or None)
  values = checkpoints.read_checkpoint(str(source.path))
  spec = model_spec.find_spec(judge)
  network = slim_network.SlimNetwork(spec, values)
  found = []
  for path in sorted(folder.glob('[0-9]*.png')):
    image = image_files.read_image(path)[None]
    size = [spec.image_size, spec.image_size]
    logits = network(tf.image.resize(image, size, antialias=True)).logits[0]
    own = logits[int(path.name[:3])]
    found.append(1 + int(np.sum(logits.numpy() > own.numpy())))
  return found


def _row(name: str, target: str, measured: str) -> None:
  print(f'{name:58} {target:>14} {measured:>22}', flush=True)


def _shares(found: Sequence[int]) -> str:
  first = sum(rank == 1 for rank in found) / len(found)
  first_five = sum(rank <= 5 for rank in found) / len(found)
  return f'{first:.0%} / {first_five:.0%}'


def main() -> None:
  """Measures, and prints the table."""
  parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
  parser.add_argument('--googlenet', required=True, help='weights of GoogLeNet')
  parser.add_argument('--rounds', type=int, default=3, help='of each timing')
  parser.add_argument('--output_dir', help='keeps the pictures here')
  args = parser.parse_args()
  root = Path(args.output_dir or tempfile.mkdtemp())
  _row('what', 'target', 'measured')
  for flag in ('--help', '--list_classes'):
    times = [measure([flag])[0] for _ in range(args.rounds)]
    _row(f'{flag}, seconds', '<= 1.5', f'{statistics.median(times):.2f}')
  one = ['--class_id=281', '--model=squeezenet', '--overwrite']
  runs = [
    measure([*one, f'--output_dir={root / "one"}']) for _ in range(args.rounds)
  ]
  seconds, memory = (statistics.median(values) for values in zip(*runs))
  _row(
    'squeezenet, one picture, cold start, seconds', '<= 20', f'{seconds:.1f}'
  )
  _row('squeezenet, one picture, peak memory, GB', '<= 1.5', f'{memory:.2f}')
  classes = f'--class_id={",".join(map(str, CLASS_IDS))}'
  for model, checkpoint in (('googlenet', args.googlenet), ('squeezenet', '')):
    flags = [classes, f'--model={model}', f'--output_dir={root / model}']
    if checkpoint:
      flags.append(f'--checkpoint={checkpoint}')
    seconds, memory = measure(flags)
    target = '<= 14' if checkpoint else ''
    each = seconds / len(CLASS_IDS)
    _row(f'{model}, seconds a picture of 24', target, f'{each:.1f}')
    _row(f'{model}, 24 pictures, peak memory, GB', '', f'{memory:.2f}')
  found = ranks(root / 'googlenet', 'squeezenet', '')
  name = "googlenet's pictures, first / first five for squeezenet"
  _row(name, '>= 75% / 95%', _shares(found))
  found = ranks(root / 'squeezenet', 'googlenet', args.googlenet)
  name = "squeezenet's pictures, first / first five for googlenet"
  _row(name, '- / >= 75%', _shares(found))


if __name__ == '__main__':
  main()
