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

r"""How good and how fast class pictures are, as a table.

Runs the command as a user does, lets other networks name what it drew, and
prints what docs/recipe.md claims. Takes about an hour on two
cores; flags of the command, such as --num_steps=96, go to all pictures. The
second one is what docs/presets.md claims of a preset:

  python -m benchmarks.class_pictures --googlenet=PATH_OF_GOOGLENET_WEIGHTS
  python -m benchmarks.class_pictures --googlenet=PATH_OF_GOOGLENET_WEIGHTS \
    --models googlenet --num_classes=24 --preset=lucid
"""

import argparse
import os
from pathlib import Path
import subprocess
import sys
import tempfile
import time
from typing import Any, List, Optional, Sequence, Tuple

# Everyday things and animals of all kinds, chosen before the first picture.
CLASS_IDS = (
  17, 37, 63, 175, 232, 243, 306, 370, 393, 396, 408, 447, 504, 509, 517, 583,
  631, 641, 643, 646, 684, 735, 823, 998,
)  # fmt: skip

# No recipe was chosen by these: of the rest, sorted, what
# numpy.random.default_rng(2026).choice(rest, 76, replace=False) draws.
OTHER_CLASS_IDS = (
  12, 24, 75, 89, 93, 112, 140, 150, 155, 160, 164, 165, 190, 204, 205, 216,
  261, 266, 267, 280, 293, 319, 324, 329, 337, 341, 343, 354, 417, 428, 429,
  433, 434, 436, 441, 454, 461, 468, 491, 508, 526, 563, 575, 584, 594, 596,
  600, 603, 604, 615, 616, 628, 647, 656, 663, 679, 692, 719, 742, 779, 789,
  791, 792, 795, 808, 809, 826, 850, 866, 872, 914, 923, 943, 946, 950, 965,
)  # fmt: skip

# Each alone, and several at once.
_MODELS = (
  'googlenet',
  'squeezenet',
  'efficientnet_lite0',
  'squeezenet,efficientnet_lite0',
  'googlenet,squeezenet',
)

# As pip installs it: 'python -m' would import from the current folder first.
COMMAND = [str(Path(sys.executable).with_name('image_visualization_visualize'))]


def measure(flags: Sequence[str]) -> Tuple[float, float]:
  """Runs the command, as `timed` does."""
  return timed([*COMMAND, *flags])


def timed(command: Sequence[str]) -> Tuple[float, float]:
  """Runs a command.

  Returns:
    Seconds from start to end, and the peak memory in GB (10^9 bytes).

  Raises:
    RuntimeError: If the command fails.
  """
  start = time.monotonic()
  process = subprocess.Popen(
    command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
  )
  _, status, usage = os.wait4(process.pid, 0)
  seconds = time.monotonic() - start
  # absl ends --help with 1.
  if status != 0 and '--help' not in command:
    raise RuntimeError(f'{" ".join(command)} ended with status {status}')
  unit = 1 if sys.platform == 'darwin' else 1024
  return seconds, usage.ru_maxrss * unit / 1e9


def _row(name: str, target: str, measured: str) -> None:
  print(f'{name:58} {target:>14} {measured:>22}', flush=True)


def judge(folder: Path, name: str) -> Tuple[Any, Any]:
  """Lets a network name the pictures of a folder.

  Args:
    folder: Of pictures that the command made.
    name: Of a network, or a path of its weights.

  Returns:
    The `report.JudgeSummary` of them, and their `naturalness.Naturalness`.
  """
  # After the last measurement, whose memory a child would inherit.
  from magenta_viz import evaluate

  report = evaluate.run(
    evaluate.EvaluateConfig(input_dir=str(folder), judges=(name,))
  )
  everything = report.groups[0]
  (judgement,) = everything.judges.values()
  return judgement, everything.naturalness.mean


def _judge_rows(name: str, folder: Path, others: Sequence[str]) -> None:
  for other in others:
    judgement, found = judge(folder, other)
    for what, rate in (
      ('first', judgement.first),
      ('first five', judgement.first_five),
    ):
      measured = f'{rate.value:.2f} ({rate.low:.2f}-{rate.high:.2f})'
      _row(f'{name}, {what} for {Path(other).stem}', '', measured)
  _row(f'{name}, share of clipped pixels', '', f'{found.clipped:.4f}')
  _row(f'{name}, slope of the spectrum', '', f'{found.slope:.2f}')


def _sets(num_classes: Optional[int]) -> List[Tuple[str, Tuple[int, ...]]]:
  """Returns the classes to draw, all of them or the first ones."""
  if num_classes is None:
    return [('24', CLASS_IDS), ('76 others', OTHER_CLASS_IDS)]
  return [(str(num_classes), CLASS_IDS[:num_classes])]


def main() -> None:
  """Measures, and prints the table."""
  parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
  parser.add_argument('--googlenet', required=True, help='weights of GoogLeNet')
  parser.add_argument('--output_dir', help='keeps the pictures here')
  parser.add_argument(
    '--models', nargs='+', default=_MODELS, help='sets as --model has them'
  )
  parser.add_argument('--num_classes', type=int, help='the first ones alone')
  args, flags = parser.parse_known_args()
  root = Path(args.output_dir or tempfile.mkdtemp())
  _row('what', 'target', 'measured')
  drawn = []
  for models in args.models:
    names = [model.partition(':')[0] for model in models.split(',')]
    others = [name for name in _MODELS[:3] if name not in names]
    others = [args.googlenet if n == 'googlenet' else n for n in others]
    own = []
    if 'googlenet' in names:
      own = [f'--checkpoint=googlenet={args.googlenet}']
    for name, ids in _sets(args.num_classes):
      folder = root / f'{"_".join(names)}_{len(ids)}'
      seconds, memory = measure(
        [
          f'--class_id={",".join(map(str, ids))}',
          f'--model={models}',
          f'--output_dir={folder}',
          *own,
          *flags,
        ]
      )
      name = f'{models}, {name}'
      _row(f'{name}, seconds a picture', '', f'{seconds / len(ids):.1f}')
      _row(f'{name}, peak memory, GB', '', f'{memory:.2f}')
      drawn.append((name, folder, others))
  for name, folder, others in drawn:
    _judge_rows(name, folder, others)


if __name__ == '__main__':
  main()
