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

"""Named recipes: the methods of the field, with their published numbers.

A preset says what differs from the package's own recipe, `default`. Pixels are
on a scale of 0 to 255 about ImageNet's mean, as in Caffe, so that published
steps hold as they are. What nobody published is marked as ours.
"""

from typing import Any, Dict, Mapping, Union

from magenta_viz.ascent import default_preset
from magenta_viz.ascent import preset as preset_lib
from magenta_viz.settings import fields

DEFAULT = preset_lib.DEFAULT
Preset = preset_lib.Preset


_SIMONYAN = Preset(
  name='simonyan',
  summary='class models: the score less an L2 penalty, from the mean picture',
  source='Simonyan, Vedaldi and Zisserman 2013, arXiv 1312.6034, section 2;'
  ' penalty and steps ours',
  settings={
    'centring': 0.0,
    'parameterization': 'pixels',
    'colours': 'plain',
    'init': 'mean',
    'initial_deviation': 0.0,
    'transforms': '',
    'regularizers': 'l2=0.000003',
    'optimizer': 'plain',
    'learning_rate': 10000.0,
    'steady_share': 0.2,
    'num_steps': 200,
  },
)

# Table 1, as the flags in doc/running-optimize-image.md of
# github.com/yosinski/deep-visualization-toolbox; the order of operations is
# that of optimize/gradient_optimizer.py, which clips first, before it looks.
# The authors' network takes 227 pixels.
_YOSINSKI = {
  'centring': 0.0,
  'parameterization': 'pixels',
  'colours': 'plain',
  'init': 'mean',
  'initial_deviation': 10.0,
  'transforms': '',
  'steady_share': 1.0,
  'keep': 'best',
  # The authors write this picture beside that with the mean added.
  'display': 'centred',
}
_YOSINSKI_SOURCE = 'Yosinski et al. 2015, arXiv 1506.06579, table 1'


def _yosinski(letter: str, summary: str, **settings: Any) -> Preset:
  """Returns one of the four combinations."""
  return Preset(
    name=f'yosinski_{letter}',
    summary=summary,
    source=f'{_YOSINSKI_SOURCE}, {letter}',
    settings={**_YOSINSKI, **settings},
  )


_YOSINSKI_A = _yosinski(
  'a',
  'blur, and pixels of small norm set to the mean',
  regularizers='blur=0.5,4 clip_norm=50 clip',
  optimizer='progress',
  learning_rate=100.0,
  num_steps=500,
)
_YOSINSKI_B = _yosinski(
  'b',
  'strong decay, and pixels of small norm set to the mean',
  regularizers='decay=0.3 clip_norm=20 clip',
  optimizer='plain',
  learning_rate=100.0,
  num_steps=750,
)
_YOSINSKI_C = _yosinski(
  'c',
  'slight decay and a wider blur: the one of most of the figures',
  regularizers='decay=0.0001 blur=1,4 clip',
  optimizer='plain',
  learning_rate=100.0,
  num_steps=1000,
)
_YOSINSKI_D = _yosinski(
  'd',
  'blur, and pixels of small contribution set to the mean',
  regularizers='blur=0.5,4 clip_contribution=90 clip',
  optimizer='progress',
  learning_rate=1e8,
  num_steps=1000,
)

# dream.ipynb. Without a photograph the start is McDonald's noise.
_DREAM = {
  'centring': 0.0,
  'parameterization': 'pixels',
  'colours': 'plain',
  'init': 'mean',
  'initial_deviation': 8.0,
  'transforms': 'roll=32',
  'regularizers': 'clip',
  'optimizer': 'mean_absolute',
  'learning_rate': 1.5,
  'steady_share': 1.0,
  'num_steps': 10,
  'octaves': 4,
  'octave_scale': 1.4,
  'zoom_order': 1,
  'carry': 'detail',
}
_DEEPDREAM = Preset(
  name='deepdream',
  summary='whatever a layer sees in a photograph (--image), drawn into it',
  source='Mordvintsev, Olah and Tyka 2015, google/deepdream, dream.ipynb',
  settings={**_DREAM, 'objective': 'layer:inception_4c/output'},
  image_size=(448, 448),
  least_side=88,
)
_DEEPDREAM_GUIDED = Preset(
  name='deepdream_guided',
  summary='a dream of what another photograph (--guide) has in a layer',
  source='google/deepdream, dream.ipynb, the last part',
  settings={**_DREAM, 'objective': 'guide:{guide}@inception_3b/output'},
  image_size=(448, 448),
  least_side=88,
)

_MCDONALD_CLASS = Preset(
  name='mcdonald_class',
  summary='a class by deepdream: jitter, step and blur shrink from coarse to'
  ' fine',
  source='McDonald 2015, kylemcdonald/deepdream, dream.ipynb',
  settings={
    **_DREAM,
    'transforms': 'roll=48..4',
    'regularizers': 'clip blur=2.5..0.1',
    'learning_rate': '3..1.5',
    'num_steps': 256,
    'octaves': 1,
  },
)
# The layers are ours: one of edges, one of textures, one of parts.
_MCDONALD_LAYERS = Preset(
  name='mcdonald_layers',
  summary='a dream of another layer in each octave',
  source='McDonald 2015, kylemcdonald/deepdream, dream.ipynb; layers ours',
  settings={
    **_DREAM,
    'transforms': 'roll=32..16',
    'learning_rate': '1.5..1',
    'octaves': 9,
    'octave_scale': 1.2,
  },
  octaves=(
    {'objective': 'layer:inception_3b/output'},
    {'objective': 'layer:inception_4c/output'},
    {'objective': 'layer:inception_4d/output'},
  ),
  image_size=(448, 448),
  least_side=134,
)

# deepdraw.ipynb and its README. The picture is enlarged between octaves, and
# crops of it are worked on: 224 -> 269 -> 323 pixels.
_DEEPDRAW_SETTINGS = {
  'centring': 0.0,
  'parameterization': 'pixels',
  'colours': 'plain',
  'init': '200,200,200',
  'initial_deviation': 8.0,
  'transforms': '',
  'window': 'crop',
  'optimizer': 'mean_absolute',
  'steady_share': 1.0,
  'octave_scale': 1.2,
  'zoom_order': 3,
}


def _octave(
  num_steps: int, rate: Union[float, str], regularizers: str, **others: Any
) -> Dict[str, Any]:
  """Returns the settings of an octave."""
  return {
    'num_steps': num_steps,
    'learning_rate': rate,
    'regularizers': f'clip {regularizers}',
    **others,
  }


_DEEPDRAW = Preset(
  name='deepdraw',
  summary="a class that grows octave by octave, its texture from GoogLeNet's"
  ' inner classifiers',
  source='Oygard 2015, auduno/deepdraw',
  settings={**_DEEPDRAW_SETTINGS, 'octaves': 4},
  octaves=(
    _octave(190, 11.0, 'blur=2.5..0.78'),
    _octave(150, 6.0, 'blur=0.936..0.78'),
    _octave(150, '6..3', 'blur=0.936..0.44', head='loss2/classifier'),
    _octave(
      10, 3.0, 'blur=0.44..0.304', head='loss1/classifier', octave_scale=1.0
    ),
  ),
  image_size=(323, 323),
  least_side=323,
)
_DEEPDRAW_COHERENT = Preset(
  name='deepdraw_coherent',
  summary='deepdraw by the last classifier alone, for more coherent pictures',
  source='Oygard 2015, auduno/deepdraw, the second table of octaves',
  settings={**_DEEPDRAW_SETTINGS, 'octaves': 2},
  octaves=(
    _octave(190, 11.0, 'blur=2.5..0.78'),
    _octave(450, '6..3', 'blur=0.936..0.4'),
  ),
  image_size=(269, 269),
  least_side=269,
)
# The post shows pictures and gives no numbers: the filter's are ours, by eye.
_TYKA = Preset(
  name='tyka',
  summary='deepdraw_coherent with a bilateral filter for its blur: flat areas,'
  ' sharp edges',
  source='Tyka 2016, mtyka.github.io, bilateral class visualization; numbers'
  ' ours',
  settings={**_DEEPDRAW_SETTINGS, 'octaves': 2},
  octaves=(
    _octave(190, 11.0, 'bilateral=0.4..0.1,2.5..0.8,5,symmetric'),
    _octave(450, '6..3', 'bilateral=0.1..0.05,1.2..0.6,5,symmetric'),
  ),
  image_size=(269, 269),
  least_side=269,
)

# 0.001 of the mean of the squares of a tile's 224 x 224 x 3 values.
_MAGENTA_PENALTY = 1e-3 / (224 * 224 * 3)
_MAGENTA_2017 = Preset(
  name='magenta_2017',
  summary='the first attempt at this package: tiles, a gradient as strong at'
  ' each scale, a bilateral filter',
  source='github.com/magenta/magenta/pull/792',
  settings={
    'centring': 0.0,
    'parameterization': 'pixels',
    'colours': 'plain',
    'init': '10,90,140',
    'initial_deviation': 8.0,
    'start_scale': 1.4,
    'transforms': 'roll=112 tiles=224,112',
    'regularizers': f'l2={_MAGENTA_PENALTY:.4g},0'
    ' bilateral=0.44..0.304,0.44..0.304,5,constant',
    'optimizer': 'plain',
    'learning_rate': 1.0,
    'steady_share': 1.0,
    'laplacian_levels': 4,
    'octaves': 4,
    'octave_scale': 1.4,
    'display': 'stretch',
  },
  octaves=(
    {'num_steps': 190},
    {'num_steps': 150},
    {'num_steps': 150},
    {'num_steps': 10},
  ),
  image_size=(858, 858),
  least_side=613,
)

# lucid/optvis/render.py and transform.py. Its scales and angles are drawn from
# lists; the waves' amplitudes are those of param/spatial.py, whose inverse FFT
# gives a wave of k cycles 1 / (2 k), in our waves' unit 1 / (2 sqrt(2) k).
_LUCID = Preset(
  name='lucid',
  summary='waves in decorrelated colours, moved, zoomed and turned',
  source='Olah, Mordvintsev and Schubert 2017, Feature visualization, Distill;'
  ' tensorflow/lucid, render_vis',
  settings={
    'centring': 0.0,
    'decay_power': 1.0,
    'contrast': 0.354,
    'initial_deviation': 0.01,
    'transforms': 'pad=12,0.5 shift=8 zoom=0.9,1.1 rotate=10 shift=4',
    'learning_rate': 0.05,
    'steady_share': 1.0,
    'num_steps': 512,
  },
  image_size=(128, 128),
)

# The crops, the noise and what is shown are xplique's, which the authors of
# the paper maintain: noise of 0.08 and 0.04 on a scale of -1 to 1. The paper's
# crops are a quarter of a side (deviation 0.1), its noise is even, up to 0.1.
_MACO = Preset(
  name='maco',
  summary='the phases of waves whose strengths are those of photographs',
  source='Fel et al. 2023, arXiv 2306.06805; xplique, maco.py',
  settings={
    'centring': 0.0,
    'parameterization': 'maco',
    'transforms': 'crops=32,0.5..0.05,0.05,0.15 noise=0.04,0.02',
    'optimizer': 'nadam',
    'learning_rate': 1.0,
    'steady_share': 1.0,
    'num_steps': 256,
    'display': 'stretch',
    'display_percentile': 1.0,
    'alpha_percentile': 80.0,
  },
  image_size=(512, 512),
)

_ALL = (
  default_preset.PRESET, _SIMONYAN, _YOSINSKI_A, _YOSINSKI_B, _YOSINSKI_C,
  _YOSINSKI_D,
  _DEEPDREAM, _DEEPDREAM_GUIDED, _MCDONALD_CLASS, _MCDONALD_LAYERS, _DEEPDRAW,
  _DEEPDRAW_COHERENT, _TYKA, _MAGENTA_2017, _LUCID, _MACO,
)  # fmt: skip

PRESETS: Mapping[str, Preset] = {preset.name: preset for preset in _ALL}


def find_preset(name: str) -> Preset:
  """Returns the preset called `name`.

  Raises:
    ValueError: If there is no such preset.
  """
  if name not in PRESETS:
    advice = fields.one_of(name, list(PRESETS))
    raise ValueError(f"unknown preset '{name}'; {advice}")
  return PRESETS[name]
