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

"""What a run of `saliency` is asked for, as plain data."""

import dataclasses
from typing import ClassVar, Optional, Tuple

from magenta_viz.attribution import methods
from magenta_viz.models import model_spec
from magenta_viz.models.foreign import foreign_settings
from magenta_viz.settings import fields
from magenta_viz.settings import parts

# Settings of the segmentation.
SEGMENTATION: Tuple[str, ...] = (
  'foreground_quantile',
  'background_quantile',
  'color_components',
  'smoothness',
)


def _if_taken(name: str) -> fields.When:
  """Returns the condition of a setting that some methods take."""
  return fields.When(('method',), methods.with_setting(name))


@dataclasses.dataclass(frozen=True)
class SaliencyConfig:
  """Which photograph to explain, how, and where to.

  Attributes:
    image: Path of the photograph.
    output_dir: Folder for pictures and record; None writes none.
    class_id: 0-based id of the class to look for, ILSVRC's, or of the set that
      the network in `checkpoint` was trained on; None for the network's first
      choice.
    method: How the map is made, one of `methods.METHODS`.
    model: A network's name, or 'auto'.
    checkpoint: Path of weights to use instead of the released ones, or of a
      folder that training wrote.
    precision: What the network computes in: 'auto', 'float32', 'bfloat16',
      'float16'.
    foreign: What is to be known of a model that is none of the package's.
    overwrite: Whether to make again what is there.
    smoothgrad_samples: Noisy copies of each crop (Smilkov et al. 2017,
      arXiv 1706.03825, see no gain beyond 50; here a pixel is in about six
      crops, each with noise of its own).
    smoothgrad_noise: Standard deviation of the noise, as a share of the
      crop's range of values (10 to 20 % in the same paper).
    seed: Of the noise.
    integration_steps: Points on the way from the baseline to the photograph
      (20 to 300 in Sundararajan et al. 2017, arXiv 1703.01365).
    integration_baseline: Grey level of the baseline; 0, the same paper's, is
      black, and then no share falls to what is black in the photograph. For
      the segmentation 0.5 is better.
    foreground_quantile: Pixels of the map from this quantile on are object,
      and
    background_quantile: those up to this one are not (Simonyan et al. 2013,
      arXiv 1312.6034, section 3.2).
    color_components: Gaussians in each of the two colour models. Simonyan's
      number is not published; 5 as in Rother et al. 2004, GrabCut.
    smoothness: Cost of a border between two pixels of one colour, against a
      nat of the colour models (50 in GrabCut; Simonyan's is not published).

  Raises:
    ValueError: If a setting is out of its range, or does nothing beside the
      others.
  """

  program: ClassVar[str] = 'image_visualization_saliency'

  image: str = fields.path(
    dataclasses.MISSING, 'the photograph, a file such as a JPEG or a PNG'
  )
  output_dir: Optional[str] = fields.path(
    None, 'folder for the pictures and their record'
  )
  class_id: Optional[int] = None
  method: str = fields.choice(
    'gradient',
    tuple(methods.METHODS),
    'way to the map: '
    + '; '.join(
      f'{name}: {each.help}' for name, each in methods.METHODS.items()
    ),
  )
  model: str = 'auto'
  checkpoint: Optional[str] = fields.path(None, '')
  precision: str = fields.choice('auto', model_spec.PRECISIONS, '')
  foreign: foreign_settings.ForeignSettings = parts.part(
    foreign_settings.ForeignSettings
  )
  overwrite: bool = fields.written(False, None, help='make again what is there')
  smoothgrad_samples: int = fields.number(
    20,
    1,
    10_000,
    'noisy copies of each crop for smoothgrad',
    _if_taken('smoothgrad_samples'),
  )
  smoothgrad_noise: float = fields.number(
    0.15,
    0.0,
    10.0,
    "standard deviation of smoothgrad's noise, in ranges",
    _if_taken('smoothgrad_noise'),
  )
  seed: int = fields.number(
    0, 0, 2**31 - 1, "of smoothgrad's noise", _if_taken('seed')
  )
  integration_steps: int = fields.number(
    32,
    1,
    10_000,
    'points on the way of integrated_gradients',
    _if_taken('integration_steps'),
  )
  integration_baseline: float = fields.number(
    0.0,
    0.0,
    1.0,
    'grey level at which integrated_gradients begins; 0.5 finds better boxes',
    _if_taken('integration_baseline'),
  )
  foreground_quantile: float = fields.number(
    0.95, 0.0, 1.0, 'pixels from this quantile of the map on are object'
  )
  background_quantile: float = fields.number(
    0.3, 0.0, 1.0, 'pixels up to this quantile of the map are background'
  )
  color_components: int = fields.number(
    5, 1, 32, 'Gaussians in the colour models of object and background'
  )
  smoothness: float = fields.number(
    50.0, 0.0, 1000.0, 'cost of a border between pixels of one colour'
  )

  def __post_init__(self) -> None:
    """Checks what needs neither photograph nor network to be checked."""
    fields.settle(self)
    if self.class_id is not None and self.class_id < 0:
      raise ValueError(
        f'class_id is {self.class_id}; take an id from 0 on, or none for the'
        " network's first choice"
      )
    fields.check_heeded(self, vars(self))
    if self.background_quantile >= self.foreground_quantile:
      raise ValueError(
        f'background_quantile is {self.background_quantile} and'
        f' foreground_quantile {self.foreground_quantile}; take a smaller'
        ' background_quantile or a larger foreground_quantile'
      )
