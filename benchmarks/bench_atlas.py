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

"""What an atlas costs beside its steps, and whether its memory stays flat.

  python -m benchmarks.bench_atlas overhead --model=squeezenet
  python -m benchmarks.bench_atlas memory --model=squeezenet

`overhead` draws batches of a layer in one process, as a worker of any runner
does: processor time of a batch, and of what of it are no steps, which is
reading what is there, setting up, PNGs, hashes and records. The first batch of
each layer, which has its trace, is left out. `memory` draws 1,000 pictures of
three layers in two steps each, in turns, so that what is kept of a layer goes
and comes back, and tells the memory after each 100 pictures.
"""

import argparse
import tempfile
import time
from typing import Any, Dict, List

from absl import logging
import psutil

from magenta_viz.ascent import ascend
from magenta_viz.atlas import config as atlas_config
from magenta_viz.atlas import plan as plan_lib
from magenta_viz.atlas import worker as worker_lib
from magenta_viz.process import tensorflow_start

# In a network's first, middle and last layers.
_LAYERS = {
  'squeezenet': ('fire2/concat', 'fire5/concat', 'fire9/concat'),
  'googlenet': ('conv2/3x3', 'inception_4c/output', 'inception_5b/output'),
}

_NUM_UNITS = 1000


def _plan(
  folder: str, model: str, count: int, **settings: Any
) -> plan_lib.Plan:
  """Returns the plan of some channels of each of the layers."""
  terms = (f'channel:{layer}:0-{count - 1}' for layer in _LAYERS[model])
  return plan_lib.plan(
    atlas_config.AtlasConfig(
      ', '.join(terms), folder, models=(model,), **settings
    )
  )


def _overhead(model: str, rounds: int, settings: Dict[str, Any]) -> None:
  """Prints shares of the processor's time."""
  steps: List[float] = []
  ascent = ascend.Ascent.run

  def timed(self: Any, *args: Any, **kwargs: Any) -> Any:
    began = time.process_time()
    try:
      return ascent(self, *args, **kwargs)
    finally:
      steps.append(time.process_time() - began)

  with tempfile.TemporaryDirectory() as folder:
    plan = _plan(folder, model, 8 * (rounds + 1), **settings)
    worker = worker_lib.Worker(plan)
    ascend.Ascent.run = timed  # type: ignore[method-assign]
    for batch in plan.batches():
      steps.clear()
      began = time.process_time()
      worker.draw(batch)
      whole = time.process_time() - began
      if batch.first:
        beside = whole - sum(steps)
        print(
          f'{_LAYERS[model][batch.group]:>20} {whole:8.2f} s, of which'
          f' {beside:6.3f} s are no steps: {beside / whole:5.1%}',
          flush=True,
        )


def _memory(model: str) -> None:
  """Prints megabytes of this process."""
  per_layer = _NUM_UNITS // len(_LAYERS[model]) + 1
  with tempfile.TemporaryDirectory() as folder:
    plan = _plan(
      folder,
      model,
      min(per_layer, 128),
      image_size=(64, 64),
      num_variations=-(-per_layer // min(per_layer, 128)),
      overrides={'num_steps': 2},
    )
    worker = worker_lib.Worker(plan)
    # From layer to layer, by chunks of 100 pictures.
    batches = sorted(plan.batches(), key=lambda each: each.first // 100)
    count, shown = 0, 0
    process = psutil.Process()
    for batch in batches:
      count += worker.draw(batch).num_drawn
      if count // 100 > shown:
        shown = count // 100
        megabytes = process.memory_info().rss / 1e6
        print(f'{count:>6} pictures {megabytes:8.0f} MB', flush=True)
    print(f'{worker.num_traces} traces')


def main() -> None:
  """Measures, and prints."""
  parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
  parser.add_argument('what', choices=('overhead', 'memory'))
  parser.add_argument('--model', default='squeezenet', choices=list(_LAYERS))
  parser.add_argument('--rounds', type=int, default=2, help='batches a layer')
  parser.add_argument('--checkpoint', help='of googlenet, which has no other')
  args = parser.parse_args()
  tensorflow_start.start(with_onednn=True)
  # With two steps, many pictures show nothing yet.
  logging.set_verbosity(logging.ERROR)
  if args.what == 'overhead':
    checkpoints = {'checkpoints': (args.checkpoint,)} if args.checkpoint else {}
    _overhead(args.model, args.rounds, checkpoints)
  else:
    _memory(args.model)


if __name__ == '__main__':
  main()
