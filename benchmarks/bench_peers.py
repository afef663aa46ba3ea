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

"""An ascent step beside those of torch-lucent and of xplique.

All three draw from the same GoogLeNet, at 224 pixels, each with the transforms
that it has by default, and take turns for several rounds. In an environment of
benchmarks/requirements.txt:

  python -m benchmarks.bench_peers --googlenet=PATH_OF_GOOGLENET_WEIGHTS
"""

import argparse
import statistics
import time
from typing import Any, Callable, Dict, List, Mapping

from lucent.optvis import objectives as lucent_objectives
from lucent.optvis import param as lucent_param
from lucent.optvis import render as lucent_render
import numpy as np
import tensorflow as tf
import torch
from torch import nn
from xplique import features_visualizations as xplique

from magenta_viz.ascent import drawing
from magenta_viz.ascent import presets
from magenta_viz.ascent.objectives import objectives
from magenta_viz.models import network_loading
from magenta_viz.models import network_source

_SIZE = 224
_CLASS_ID = 281
_BRANCHES = (('1x1',), ('3x3_reduce', '3x3'), ('5x5_reduce', '5x5'))
_MODULES = ('3a', '3b', '', '4a', '4b', '4c', '4d', '4e', '', '5a', '5b')


class TorchGoogLeNet(nn.Module):
  """BVLC GoogLeNet in PyTorch, from the arrays of this package's."""

  def __init__(self, values: Mapping[str, np.ndarray]):
    """Takes [height, width, in, out] weights and [out] biases by name."""
    super().__init__()
    self.convs = nn.ModuleDict()
    # The classifier last, where lucent looks for 'labels'.
    for name in sorted({key.rpartition('/')[0] for key in values}):
      weights = torch.tensor(values[f'{name}/weights']).permute(3, 2, 0, 1)
      out_channels, in_channels, side, _ = weights.shape
      stride = 2 if name == 'conv1/7x7_s2' else 1
      conv = nn.Conv2d(in_channels, out_channels, side, stride, side // 2)
      conv.weight.data = weights.contiguous()
      conv.bias.data = torch.tensor(values[f'{name}/biases'])
      self.convs[name.replace('/', '_')] = conv
    self.requires_grad_(False)

  def forward(self, images: Any) -> Any:
    """Returns the logits of [batch, 3, height, width] images in [0, 1]."""

    def conv(net: Any, name: str) -> Any:
      return torch.relu(self.convs[name.replace('/', '_')](net))

    def pool(net: Any) -> Any:
      return nn.functional.max_pool2d(net, 3, 2, ceil_mode=True)

    def norm(net: Any) -> Any:
      return nn.functional.local_response_norm(net, 5, 1e-4, 0.75, 1.0)

    means = torch.tensor([104.0, 117.0, 123.0])[:, None, None]
    net = conv(images.flip(1) * 255 - means, 'conv1/7x7_s2')
    net = conv(norm(pool(net)), 'conv2/3x3_reduce')
    net = pool(norm(conv(net, 'conv2/3x3')))
    for module in _MODULES:
      if not module:
        net = pool(net)
        continue
      branches = []
      for names in _BRANCHES:
        branch = net
        for name in names:
          branch = conv(branch, f'inception_{module}/{name}')
        branches.append(branch)
      pooled = nn.functional.max_pool2d(net, 3, 1, 1)
      branches.append(conv(pooled, f'inception_{module}/pool_proj'))
      net = torch.cat(branches, 1)
    net = net.mean((2, 3), keepdim=True)
    return self.convs['loss3_classifier'](net)[:, :, 0, 0]


def _check(values: Mapping[str, np.ndarray], network: Any) -> Any:
  """Returns the network in PyTorch, which says the same of a picture."""
  peer = TorchGoogLeNet(values).eval()
  image = np.random.default_rng(0).uniform(size=(1, _SIZE, _SIZE, 3))
  image = image.astype(np.float32)
  expected = network(image).logits.numpy()
  found = peer(torch.tensor(image).permute(0, 3, 1, 2)).numpy()
  np.testing.assert_allclose(found, expected, atol=1e-3 * expected.std())
  return peer


def _ours(network: Any, batch: int) -> Callable[[int], None]:
  def run(num_steps: int) -> None:
    overrides = {'coarse_share': 0.0, 'num_steps': num_steps}
    recipes = presets.find_preset('default').plan({}, overrides)
    drawn_by = drawing.Drawing(
      network,
      _SIZE,
      recipes,
      [objectives.ClassLogit(centring=recipes[0].objective.centring)],
      (_SIZE, _SIZE),
    )
    generators = [np.random.default_rng(index) for index in range(batch)]
    drawn_by.run(np.full(batch, _CLASS_ID, np.int32), generators)

  return run


def _lucent(peer: Any) -> Callable[[int], None]:
  def run(num_steps: int) -> None:
    lucent_render.render_vis(
      peer,
      lucent_objectives.channel('labels', _CLASS_ID),
      param_f=lambda: lucent_param.image(_SIZE),
      thresholds=(num_steps,),
      preprocess=False,
      progress=False,
      show_image=False,
    )

  return run


def _xplique(network: Any) -> Callable[[int], None]:
  class Logits(tf.keras.layers.Layer):
    """The network as a layer of Keras."""

    def call(self, images: tf.Tensor) -> tf.Tensor:
      return network(images).logits

  images = tf.keras.Input((_SIZE, _SIZE, 3))
  model = tf.keras.Model(images, Logits(name='logits')(images))

  def run(num_steps: int) -> None:
    xplique.optimize(
      xplique.Objective.neuron(model, -1, _CLASS_ID),
      nb_steps=num_steps,
      custom_shape=(_SIZE, _SIZE),
    )

  return run


def _step_seconds(run: Callable[[int], None], few: int, many: int) -> float:
  """Returns the seconds of a step, without what comes before the first."""
  times = []
  for num_steps in (few, many):
    start = time.perf_counter()
    run(num_steps)
    times.append(time.perf_counter() - start)
  return (times[1] - times[0]) / (many - few)


def main() -> None:
  """Measures, and prints the table."""
  parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
  parser.add_argument('--googlenet', required=True, help='weights of GoogLeNet')
  parser.add_argument('--rounds', type=int, default=5)
  args = parser.parse_args()
  torch.set_num_threads(len(tf.config.list_physical_devices('CPU')) * 2)
  source = network_source.choose('googlenet', args.googlenet)
  network = network_loading.load(source, tf.float32)
  with np.load(args.googlenet) as values:
    peer = _check(dict(values), network)
  runs: Dict[str, Callable[[int], None]] = {
    'magenta_viz, one picture': _ours(network, 1),
    'magenta_viz, a picture of 8': _ours(network, 8),
    'torch-lucent': _lucent(peer),
    'xplique': _xplique(network),
  }
  times: Dict[str, List[float]] = {name: [] for name in runs}
  for _ in range(args.rounds):
    for name, run in runs.items():
      seconds = _step_seconds(run, 4, 24)
      times[name].append(seconds / (8 if name.endswith('8') else 1))
  one = times['magenta_viz, one picture']
  for name, found in times.items():
    ratios = sorted(each / own for each, own in zip(found, one))
    print(
      f'{name:30} {statistics.median(found) * 1e3:7.1f} ms a step,'
      f' {statistics.median(ratios):5.2f} times one picture of ours'
      f' ({ratios[0]:.2f} to {ratios[-1]:.2f})'
    )


if __name__ == '__main__':
  main()
