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

"""What networks want of a class picture, as plain data.

Settings of the class-picture recipe, by their names in `recipe.Recipe`, that a
network which draws alone wants otherwise than the default, or several do that
draw together; measured in docs/recipe.md.
"""

from typing import Any, Mapping

# What it still recognises with a part hidden is one whole object.
GOOGLENET: Mapping[str, Any] = {'cover': 0.35}

# A small network, easily fooled: it needs smoother pictures, blur, noise, and
# milder colours. Coarse views cost it recognition.
SQUEEZENET: Mapping[str, Any] = {
  'num_steps': 200,
  'learning_rate': 0.025,
  'decay_power': 1.35,
  'contrast': 1.2,
  'chroma': 0.3,
  'noise': 0.02,
  'blur': 2.5,
  'mirror_share': 0.5,
  'coarse_share': 0.0,
}

# It sees textures rather than shapes.
EFFICIENTNET_LITE0: Mapping[str, Any] = {
  'learning_rate': 0.03,
  'decay_power': 1.35,
  'contrast': 1.2,
  'chroma': 0.5,
  'noise': 0.02,
  'blur': 2.5,
  'cover': 0.35,
  'mirror_share': 0.5,
  'contrast_reach': 0.3,
  'gain_reach': 0.15,
  'grey_share': 0.2,
}

# Measured with SqueezeNet and EfficientNet-Lite0.
SEVERAL: Mapping[str, Any] = {
  'decay_power': 1.3,
  'contrast': 1.0,
  'chroma': 0.7,
  'cover': 0.4,
  'mirror_share': 0.5,
  'contrast_reach': 0.3,
  'gain_reach': 0.15,
  'grey_share': 0.2,
  'coarse_share': 0.6,
}
