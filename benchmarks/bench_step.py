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

"""Where a step of the ascent spends its time, against the machine's limit.

  python -m benchmarks.bench_step --googlenet=PATH_OF_GOOGLENET_WEIGHTS

Milliseconds a picture of 320 pixels, in views of 224: the whole step, and its
parts, each with its gradient, in turn, several rounds, medians. The limit is
what the network's products and those of its gradient would take at the rate of
a product of two square matrices of 2048. Python is what happens between two
steps, while a GPU would work. With --chart, also as a picture.
"""

import argparse
import functools
import statistics
import time
from typing import Any, Callable, Dict, List, Mapping, Sequence

import numpy as np
import tensorflow as tf

from magenta_viz.ascent import ascend
from magenta_viz.ascent import octaves
from magenta_viz.ascent import optimizers
from magenta_viz.ascent import presets
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent.objectives import objectives
from magenta_viz.ascent.parameterizations import choice
from magenta_viz.ascent.views import blur as blurring
from magenta_viz.ascent.views import resampling
from magenta_viz.models import model_spec
from magenta_viz.models import network_loading
from magenta_viz.models import network_protocol
from magenta_viz.models import network_source
from magenta_viz.models import slim_network

_SIZE = 320
_VIEW = 224
# Python takes next to no time for one step.
_IDLE_STEPS = 20
_OBJECTIVE = objectives.ClassLogit(
  centring=recipe_lib.Recipe().objective.centring
)
_PARTS = ('network', 'warp', 'blur', 'waves', 'Adam', 'Python')


def _seconds(call: Callable[[], Any]) -> float:
  start = time.perf_counter()
  tf.nest.flatten(call())[0].numpy()
  return time.perf_counter() - start


def medians(
  calls: Mapping[str, Callable[[], Any]], rounds: int
) -> Dict[str, float]:
  """Returns the median seconds of calls that take turns."""
  for call in calls.values():
    for _ in range(2):
      _seconds(call)
  found: Dict[str, List[float]] = {name: [] for name in calls}
  for _ in range(rounds):
    for name, call in calls.items():
      found[name].append(_seconds(call))
  return {name: statistics.median(times) for name, times in found.items()}


def _with_gradient(
  function: Callable[[tf.Tensor], tf.Tensor], value: tf.Tensor
) -> Callable[[], tf.Tensor]:
  """Returns a call of a traced function and its gradient."""

  @tf.function(autograph=False)
  def both(value: tf.Tensor) -> tf.Tensor:
    with tf.GradientTape() as tape:
      tape.watch(value)
      result = function(value)
    return tape.gradient(result, value, output_gradients=result)

  return functools.partial(both, value)


def _matrix_rate(dtype: tf.DType) -> float:
  """Returns floating-point operations a second of matrix products."""
  square = tf.cast(tf.random.normal([2048, 2048]), dtype)
  times = [_seconds(lambda: tf.matmul(square, square)) for _ in range(7)]
  return 2 * 2048**3 / statistics.median(times[2:])


def _scored(
  network: network_protocol.Network, class_ids: Sequence[int]
) -> Callable[[tf.Tensor], tf.Tensor]:
  """Returns what takes views to the scores of their classes."""
  return lambda views: _OBJECTIVE.score(network(views), tf.constant(class_ids))


def _operations(network: network_protocol.Network) -> float:
  """Returns the floating-point operations of a view and its gradient."""
  score = tf.function(_scored(network, [0]), autograph=False)
  traced = score.get_concrete_function(tf.TensorSpec([1, _VIEW, _VIEW, 3]))
  # What is traced but does not count is not computed.
  needed = tf.compat.v1.graph_util.extract_sub_graph(
    traced.graph.as_graph_def(), [traced.outputs[0].op.name]
  )
  with tf.Graph().as_default() as graph:
    tf.import_graph_def(needed, name='')
  options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
  options['output'] = 'none'
  profile = tf.compat.v1.profiler.profile(graph, options=options)
  # The gradient to the input alone takes as many again.
  return 2.0 * float(profile.total_float_ops)


def _recipe(network: network_protocol.Network) -> recipe_lib.Recipe:
  """Returns what a network wants of steps that are all fine."""
  overrides = {'coarse_share': 0.0, 'num_steps': 1}
  (recipe,) = presets.find_preset('default').plan(network.recipe, overrides)
  return recipe


def make_ascent(
  network: network_protocol.Network, num_steps: int = 1
) -> ascend.Ascent:
  """Returns an ascent to class pictures, as the network wants it."""
  recipe = _recipe(network)
  return ascend.Ascent(
    network,
    choice.parameterization(recipe, (_SIZE, _SIZE), 0.01),
    _OBJECTIVE.score,
    optimizers.Adam(),
    [octaves.whole_views(recipe, _VIEW)] * num_steps,
    [0.045] * num_steps,
  )


def step(
  ascent: ascend.Ascent, batch: int
) -> Callable[[], Sequence[tf.Tensor]]:
  """Returns a call that runs an ascent for a batch of pictures."""
  generators = [np.random.default_rng(index) for index in range(batch)]
  params = np.stack(
    [ascent.parameterization.initial(each) for each in generators]
  )
  targets = np.arange(batch, dtype=np.int32)
  return lambda: [tf.constant(ascent.run(params, targets, generators).scores)]


def _measure(
  network: network_protocol.Network, batch: int, rounds: int
) -> Dict[str, float]:
  """Returns the median milliseconds a picture of a step and of its parts."""
  ascent, idle = (make_ascent(network, count) for count in (1, _IDLE_STEPS))
  waves = ascent.parameterization
  views = octaves.whole_views(_recipe(network), _VIEW)
  generators = [np.random.default_rng(index) for index in range(batch)]
  scores = tf.zeros([batch])
  idle._traced_step = lambda part, state, *_: (part, state, scores, part, None)
  samples = [views.sample(each, _SIZE, _SIZE) for each in generators]
  matrices, _, deviations, *_ = (
    tf.constant(np.stack(each)) for each in zip(*samples)
  )
  adam = optimizers.Adam()

  @tf.function(autograph=False)
  def climb(params: tf.Tensor, *state: tf.Tensor) -> Any:
    return adam.step(params, state, tf.constant(3.0), tf.constant(0.1))

  seen = tf.random.uniform([batch, _VIEW, _VIEW, 3])
  images = tf.random.uniform([batch, _SIZE, _SIZE, 3])
  start = tf.constant(np.stack([waves.initial(each) for each in generators]))
  calls: Dict[str, Callable[[], Any]] = {
    'step': step(ascent, batch),
    'network': _with_gradient(_scored(network, list(range(batch))), seen),
    'warp': _with_gradient(
      lambda images: resampling.warp(images, matrices, (_VIEW, _VIEW)), images
    ),
    'blur': _with_gradient(
      lambda views: blurring.blur(views, deviations), seen
    ),
    'waves': _with_gradient(waves.to_images, start),
    'Adam': functools.partial(climb, start, *adam.initial(start)),
    'Python': step(idle, batch),
  }
  found = medians(calls, rounds)
  found['Python'] /= _IDLE_STEPS
  return {name: seconds / batch * 1e3 for name, seconds in found.items()}


def _networks(
  googlenet: str, dtype: tf.DType
) -> Dict[str, network_protocol.Network]:
  """Returns the networks; Inception has random weights, as fast as any."""
  choose = network_source.choose
  networks = {
    'googlenet': network_loading.load(choose('googlenet', googlenet), dtype),
    'squeezenet': network_loading.load(choose('squeezenet'), dtype),
    'efficientnet_lite0': network_loading.load(
      choose('efficientnet_lite0'), dtype
    ),
  }
  spec = model_spec.find_spec('inception_v1')
  generator = np.random.default_rng(0)
  values = {
    name: generator.uniform(0.01, 0.02, each.shape).astype(np.float32)
    for name, each in slim_network.variable_specs(spec).items()
  }
  networks['inception_v1'] = slim_network.SlimNetwork(spec, values, dtype)
  return networks


def _draw_chart(
  path: str, rows: Sequence[Dict[str, float]], names: Sequence[str]
) -> None:
  """Writes bars of the parts, and the limits beside them."""
  # For the chart alone: benchmarks/requirements.txt has it.
  from matplotlib import pyplot

  figure, axes = pyplot.subplots(figsize=(11, 1 + 0.5 * len(rows)))
  left = np.zeros(len(rows))
  for part in (*_PARTS, 'rest'):
    widths = np.array([row[part] for row in rows])
    axes.barh(names, widths, left=left, label=part)
    left += widths
  for place, row in enumerate(rows):
    for key, style in (('limit float32', '-'), ('limit bfloat16', ':')):
      axes.plot([row[key]] * 2, [place - 0.4, place + 0.4], f'k{style}')
  axes.plot([], [], 'k-', label='limit, float32')
  axes.plot([], [], 'k:', label='limit, bfloat16')
  axes.invert_yaxis()
  axes.set_xlabel('milliseconds a picture and step')
  axes.legend(loc='center left', bbox_to_anchor=(1, 0.5))
  figure.tight_layout()
  figure.savefig(path, dpi=100)


def main() -> None:
  """Measures, and prints the table."""
  parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
  parser.add_argument('--googlenet', required=True, help='weights of GoogLeNet')
  parser.add_argument('--rounds', type=int, default=9)
  parser.add_argument('--precision', default='float32')
  parser.add_argument('--chart', help='PNG file to write')
  args = parser.parse_args()
  rates = {
    name: _matrix_rate(getattr(tf, name)) for name in ('float32', 'bfloat16')
  }
  for name, rate in rates.items():
    print(f'matrix products in {name}: {rate / 1e9:.0f} GFLOP/s')
  columns = ('step', *_PARTS, 'rest', 'limit float32', 'limit bfloat16')
  print(f'{"":28}' + ''.join(f'{column:>16}' for column in columns))
  rows, names = [], []
  for name, network in _networks(
    args.googlenet, getattr(tf, args.precision)
  ).items():
    operations = _operations(network)
    for batch in (1, 8):
      row = _measure(network, batch, args.rounds)
      # Each part alone is read from memory; in a step it may be faster.
      row['rest'] = max(row['step'] - sum(row[part] for part in _PARTS), 0)
      for dtype, rate in rates.items():
        row[f'limit {dtype}'] = operations / rate * 1e3
      rows.append(row)
      names.append(f'{name}, batch {batch}')
      print(
        f'{names[-1]:28}'
        + ''.join(f'{row[column]:16.1f}' for column in columns),
        flush=True,
      )
  if args.chart:
    _draw_chart(args.chart, rows, names)


if __name__ == '__main__':
  main()
