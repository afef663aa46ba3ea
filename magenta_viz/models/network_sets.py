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

"""Which networks draw together by default, and how, as plain data."""

from typing import Any, Mapping, Tuple

# What `--model=auto` takes for classes: all of these whose weights are at hand
# or can be downloaded.
MODELS: Tuple[str, ...] = ('inception_v1', 'squeezenet', 'efficientnet_lite0')

# Settings of the class-picture recipe that several networks together want
# otherwise than the default, as of `ModelSpec.recipe`; measured with the last
# two of these (docs/recipe.md).
RECIPE: Mapping[str, Any] = {
  'decay_power': 1.3,
  'contrast': 1.0,
  'chroma': 0.7,
  'cover': 0.5,
  'mirror_share': 0.5,
  'contrast_reach': 0.3,
  'gain_reach': 0.15,
  'grey_share': 0.2,
}
