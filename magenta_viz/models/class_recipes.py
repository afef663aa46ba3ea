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

"""What networks want of a class picture where nothing more is known of them.

Settings of the class-picture recipe, by their names in `recipe.Recipe`, that
they want otherwise than the default; what one wants alone is in its spec.
"""

from typing import Any, Mapping

# Of several that draw together, and of one that was never tried: measured with
# the pair of SqueezeNet and EfficientNet-Lite0, and with each of these and
# GoogLeNet as such a one (docs/recipe.md).
GENERAL: Mapping[str, Any] = {
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
