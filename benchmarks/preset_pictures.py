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

"""How good and how fast each preset's class pictures are, as a table.

Runs the command as a user does and lets SqueezeNet name what GoogLeNet drew.
All presets take about four hours on two cores:

  python -m benchmarks.preset_pictures --googlenet=PATH_OF_GOOGLENET_WEIGHTS
"""

import argparse
from pathlib import Path
import tempfile

from benchmarks import class_pictures
from magenta_viz.ascent import presets

# These weights may lack the inner classifiers that deepdraw raises.
_FLAGS = {'deepdraw': ['--head=logits']}


def main() -> None:
  """Measures, and prints a line a preset."""
  parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
  parser.add_argument('--googlenet', required=True, help='weights of GoogLeNet')
  class_presets = [
    preset.name for preset in presets.PRESETS.values() if not preset.objectives
  ]
  parser.add_argument('--presets', default=','.join(class_presets))
  parser.add_argument('--num_classes', type=int, default=24)
  parser.add_argument('--output_dir', help='keeps the pictures here')
  args = parser.parse_args()
  root = Path(args.output_dir or tempfile.mkdtemp())
  ids = class_pictures.CLASS_IDS[: args.num_classes]
  runs = {}
  for preset in args.presets.split(','):
    flags = [
      f'--class_id={",".join(map(str, ids))}',
      f'--preset={preset}',
      '--model=googlenet',
      f'--checkpoint={args.googlenet}',
      f'--output_dir={root / preset}',
      *_FLAGS.get(preset, ()),
    ]
    runs[preset] = class_pictures.measure(flags)
    print(f'{preset}: {runs[preset][0] / len(ids):.1f} s a picture', flush=True)
  print(f'| preset | classes | first | first five | s | GB |\n{"| --- " * 6}|')
  for preset, (seconds, memory) in runs.items():
    judgement, _ = class_pictures.judge(root / preset, 'squeezenet')
    first, five = judgement.first.value, judgement.first_five.value
    each = seconds / len(ids)
    print(
      f'| {preset} | {len(ids)} | {first:.2f} | {five:.2f} | {each:.1f} |'
      f' {memory:.2f} |'
    )


if __name__ == '__main__':
  main()
