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

"""How long large pictures take, and how much memory.

Runs the command as a user does, once for each size; half an hour on two cores:

  python -m benchmarks.bench_large --googlenet=PATH_OF_GOOGLENET_WEIGHTS
"""

import argparse
import tempfile

from benchmarks import class_pictures


def main() -> None:
  """Measures, and prints the table."""
  parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
  parser.add_argument('--googlenet', required=True, help='weights of GoogLeNet')
  parser.add_argument('--sizes', default='1024,2048,4096,8192')
  parser.add_argument('--output_dir', help='keeps the pictures here')
  args = parser.parse_args()
  folder = args.output_dir or tempfile.mkdtemp()
  print(f'{"pixels":>12} {"seconds":>9} {"peak memory, GB":>16}')
  for size in args.sizes.split(','):
    seconds, memory = class_pictures.measure(
      [
        '--class_id=281',
        '--model=googlenet',
        f'--checkpoint={args.googlenet}',
        f'--image_size={size}',
        f'--output_dir={folder}/{size}',
      ]
    )
    print(f'{size:>12} {seconds:9.0f} {memory:16.2f}', flush=True)


if __name__ == '__main__':
  main()
