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
from pathlib import Path
from typing import Any, ClassVar, Dict, Optional, Tuple

from magenta_viz.attribution import methods
from magenta_viz.files import places
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
  """Which photographs to explain, how, and where to.

  Attributes:
    image: Path of the photograph, or of a folder with photographs and folders
      of them.
    output_dir: Folder for pictures and record; None writes none.
    class_id: 0-based id of the class to look for, ILSVRC's, or of the set that
      the network in `checkpoint` was trained on; None for the network's first
      choice.
    method: How the map is made, one of `methods.METHODS`, or several to compare
      with commas between.
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
    seed: Of the noise, or of rise's masks.
    integration_steps: Points on the way from the baseline to the photograph
      (20 to 300 in Sundararajan et al. 2017, arXiv 1703.01365).
    integration_baseline: Grey level of the baseline; 0, the same paper's, is
      black, and then no share falls to what is black in the photograph. For
      the segmentation 0.5 is better.
    layer: End point that grad_cam looks at, any with a map of places; None for
      the network's last.
    occlusion_size: Side of the square that hides a part, as a share of the
      photograph's in the network's square; on three networks and two classes
      0.15 to 0.2 found what inserts best (docs/saliency.md).
    occlusion_stride: Distance between its places, likewise.
    hidden_value: Grey level of what occlusion and rise hide.
    rise_masks: Random masks (4000 to 8000 in Petsiuk et al. 2018, arXiv
      1806.07421; 1000 maps of other seeds correlate by 0.94 with).
    rise_cells: Cells of a mask, down and across (7 in the same paper).
    rise_share: Share of the cells that show the photograph (0.5 there).
    scores: Whether to measure each map by deletion and insertion, as of
      `causal_scores`.
    deletion_value: Grey level that pixels are deleted to.
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
    dataclasses.MISSING,
    'the photograph, a file such as a JPEG or a PNG, or a folder of them and of'
    ' folders of them',
  )
  output_dir: Optional[str] = fields.path(
    None, 'folder for the pictures and their record'
  )
  class_id: Optional[int] = None
  method: str = fields.choices(
    'gradient',
    tuple(methods.METHODS),
    'way to the map, or several to compare with commas between: '
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
    0,
    0,
    2**31 - 1,
    "of smoothgrad's noise and rise's masks",
    _if_taken('seed'),
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
  layer: Optional[str] = fields.text(
    None,
    "layer that grad_cam looks at; the network's last map by default",
    _if_taken('layer'),
  )
  occlusion_size: float = fields.number(
    0.2,
    0.0,
    1.0,
    'side of the square that hides a part for occlusion, in sides of the'
    ' photograph',
    _if_taken('occlusion_size'),
  )
  occlusion_stride: float = fields.number(
    0.05,
    0.0,
    1.0,
    'distance between its places, likewise',
    _if_taken('occlusion_stride'),
  )
  hidden_value: float = fields.number(
    0.5,
    0.0,
    1.0,
    'grey level of what occlusion and rise hide',
    _if_taken('hidden_value'),
  )
  rise_masks: int = fields.number(
    1000, 1, 100_000, 'random masks for rise', _if_taken('rise_masks')
  )
  rise_cells: int = fields.number(
    7, 2, 64, 'cells of a mask, down and across', _if_taken('rise_cells')
  )
  rise_share: float = fields.number(
    0.5,
    0.01,
    0.99,
    'share of the cells that show the photograph',
    _if_taken('rise_share'),
  )
  scores: bool = fields.switch(
    False,
    'measure each map: the probability while its highest pixels are deleted,'
    ' and while they are inserted',
  )
  deletion_value: float = fields.number(
    0.5,
    0.0,
    1.0,
    'grey level that pixels are deleted to',
    fields.When(('scores',)),
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
    fields.check_order(
      {
        'occlusion_stride': self.occlusion_stride,
        'occlusion_size': self.occlusion_size,
      }
    )
    if self.background_quantile >= self.foreground_quantile:
      raise ValueError(
        f'background_quantile is {self.background_quantile} and'
        f' foreground_quantile {self.foreground_quantile}; take a smaller'
        ' background_quantile or a larger foreground_quantile'
      )

  @property
  def is_several(self) -> bool:
    """Whether there may be more than one map."""
    return len(self.methods) > 1 or places.is_dir(self.image)

  @property
  def page_path(self) -> Optional[Path]:
    """The page that shows all maps; None where there is one, or no folder."""
    if self.output_dir is None or not self.is_several:
      return None
    return places.place(self.output_dir) / 'saliency.html'

  @property
  def methods(self) -> Tuple[str, ...]:
    """Names of the methods, each once."""
    return fields.split(self.method)

  def of(
    self, image: str, method: str, output_dir: Optional[str]
  ) -> 'SaliencyConfig':
    """Returns the configuration of one photograph and one method of these.

    Args:
      image: Path of the photograph.
      method: Name of the method; others' settings are as by default.
      output_dir: Folder for its files.
    """
    others = methods.other_settings(method)
    defaults: Dict[str, Any] = {
      each.name: each.default
      for each in dataclasses.fields(self)
      if each.name in others
    }
    return dataclasses.replace(
      self, image=image, method=method, output_dir=output_dir, **defaults
    )
