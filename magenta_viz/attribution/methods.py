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

"""The ways to a map of what a class's logit hangs on, each in one entry."""

from typing import Callable, Mapping, NamedTuple, Tuple

import numpy as np

from magenta_viz.attribution import attributions
from magenta_viz.attribution import perturbations


class Method(NamedTuple):
  """A way to a map.

  Attributes:
    help: What the map shows, in a few words.
    attribute: Takes what answers for the network, [batch, height, width, 3]
      images, and the settings by their names; returns [batch, rows, columns,
      channels] float32, the parts of an image's places in what is asked for.
    settings: Fields of `SaliencyConfig` that it takes.
    asks: What it asks the network for, one of `questions.QUESTIONS`.
  """

  help: str
  attribute: Callable[..., np.ndarray]
  settings: Tuple[str, ...] = ()
  asks: str = 'gradient'


METHODS: Mapping[str, Method] = {
  'gradient': Method(
    'what changes the score when it changes a little', attributions.plain
  ),
  'guided_backprop': Method(
    'the same, of what speaks for the class in every layer',
    attributions.plain,
    asks='guided_gradient',
  ),
  'deconvnet': Method(
    'what the deconvolutional network makes of the class',
    attributions.plain,
    asks='deconvnet_gradient',
  ),
  'smoothgrad': Method(
    'mean gradient of noisy copies',
    attributions.smoothgrad,
    ('smoothgrad_samples', 'smoothgrad_noise', 'seed'),
  ),
  'integrated_gradients': Method(
    'shares in the score, against an even picture',
    attributions.integrated_gradients,
    ('integration_steps', 'integration_baseline'),
  ),
  'grad_cam': Method(
    'where a layer has the channels that speak for the class',
    attributions.grad_cam,
    ('layer',),
    asks='layer_gradient',
  ),
  'occlusion': Method(
    'what lowers the score when a square hides it',
    perturbations.occlusion,
    ('occlusion_size', 'occlusion_stride', 'hidden_value'),
    asks='logit',
  ),
  'rise': Method(
    'mean probability under the random masks that show a place',
    perturbations.rise,
    ('rise_masks', 'rise_cells', 'rise_share', 'hidden_value', 'seed'),
    asks='probability',
  ),
}


def with_setting(name: str) -> Tuple[str, ...]:
  """Returns the names of the methods that take a setting."""
  return tuple(
    method for method, each in METHODS.items() if name in each.settings
  )


def other_settings(method: str) -> Tuple[str, ...]:
  """Returns the settings of other methods that a method does not take."""
  own = METHODS[method].settings
  return tuple(
    dict.fromkeys(
      name
      for each in METHODS.values()
      for name in each.settings
      if name not in own
    )
  )
