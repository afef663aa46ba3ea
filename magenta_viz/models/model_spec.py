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

"""The networks of the package: one entry each, in `MODEL_SPECS`.

`architectures/spec.py` says what else a new network is.
"""

from typing import Mapping, Tuple

from magenta_viz.models.architectures import efficientnet_lite0_spec
from magenta_viz.models.architectures import googlenet_spec
from magenta_viz.models.architectures import inception_v1_spec
from magenta_viz.models.architectures import spec as spec_lib
from magenta_viz.models.architectures import squeezenet_spec

ModelSpec = spec_lib.ModelSpec
WeightSource = spec_lib.WeightSource

# Height and width, in pixels, of what nearly all networks for ImageNet are
# trained on, since Krizhevsky et al. 2012; sizes in recipes and presets are
# chosen for them.
USUAL_SIZE = 224

# The least height and width, in pixels, that all networks here take.
MIN_SIZE = 64

# What a network may compute in, for `precision.resolve_dtype`.
PRECISIONS = ('auto', 'float32', 'bfloat16', 'float16')

MODEL_SPECS: Mapping[str, ModelSpec] = {
  spec.name: spec
  for spec in (
    inception_v1_spec.SPEC,
    googlenet_spec.SPEC,
    squeezenet_spec.SPEC,
    efficientnet_lite0_spec.SPEC,
  )
}

# What `--model=auto` takes where there can be but one network: the first here
# whose weights are at hand or can be downloaded. The last one needs no network
# connection.
AUTO_MODELS: Tuple[str, ...] = ('inception_v1', 'squeezenet')

# What it takes for classes, where there can be several: all of these whose
# weights are at hand or can be downloaded.
TOGETHER_MODELS: Tuple[str, ...] = (*AUTO_MODELS, 'efficientnet_lite0')


def find_spec(name: str) -> ModelSpec:
  """Returns the network called `name`.

  Raises:
    ValueError: If there is no such network.
  """
  if name not in MODEL_SPECS:
    raise ValueError(
      f"unknown network '{name}'; take one of {', '.join(MODEL_SPECS)}"
    )
  return MODEL_SPECS[name]
