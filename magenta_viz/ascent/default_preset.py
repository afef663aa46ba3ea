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

"""The package's own recipe; its numbers are measured in docs/recipe.md."""

from magenta_viz.ascent import preset

# A class is recognised by the whole of an object, from near and from far. A
# channel or a layer looks at a part: it is raised by as many as the picture
# holds, seen as they are. Some respond to nothing in a grey picture, whose
# gradient is 0; in clouds there is something to begin with.
_FEATURES = {
  'init': 'clouds',
  'min_span': 0.9,
  'max_span': 1.05,
  'rotation': 5.0,
  'shift': 0.03,
  'noise': 0.0,
  'blur': 0.0,
  'mirror_share': 0.0,
  'brightness_reach': 0.0,
  'contrast_reach': 0.0,
  'gain_reach': 0.0,
  'grey_share': 0.0,
  'cover': 0.0,
  'coarse_share': 0.3,
  'learning_rate': 0.05,
  'num_steps': 200,
}

# Seeds alone find like pictures of a class. Where several are asked for, each
# starts from another colour, and is drawn to other features at first.
_VARIATIONS = {'init': 'tint', 'facet': 60.0}

PRESET = preset.Preset(
  name=preset.DEFAULT,
  summary='class pictures that other networks recognise',
  source='ours, measured: docs/recipe.md',
  settings={},
  features=_FEATURES,
  variations=_VARIATIONS,
  image_size=(320, 320),
)
