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

"""Which pictures a run draws, one by one."""

import dataclasses
import hashlib
import re
from typing import Any, Dict, List, Optional

import numpy as np

from magenta_viz import visualize_config
from magenta_viz.models import imagenet_classes


@dataclasses.dataclass(frozen=True)
class PictureTask:
  """One picture to draw.

  Attributes:
    seed: Of all that is random in it.
    class_id: Of the class to draw; None with an objective of another kind.
    class_name: All names of the class.
    objective: Text of an objective; None with a class.
  """

  seed: int
  class_id: Optional[int] = None
  class_name: Optional[str] = None
  objective: Optional[str] = None

  @property
  def label(self) -> str:
    """What a contact sheet says below the picture."""
    if self.class_name is None:
      return self.objective or ''
    return f'{self.class_id} {imagenet_classes.short_name(self.class_name)}'

  @property
  def stem(self) -> str:
    """Name of the picture's files, without their endings."""
    if self.class_name is None:
      text = (self.objective or '').lower()
      slug = re.sub('[^a-z0-9_]+', '-', text).strip('-')
      return f'{slug}_{self.seed}'
    slug = imagenet_classes.slug(imagenet_classes.short_name(self.class_name))
    return f'{self.class_id:03}_{slug}_{self.seed}'

  def generator(self) -> np.random.Generator:
    """Returns what all random draws of this picture come from."""
    if self.class_id is not None:
      return np.random.default_rng([self.seed, self.class_id])
    digest = hashlib.sha256((self.objective or '').encode()).digest()
    return np.random.default_rng([self.seed, *digest])

  def describe(self) -> Dict[str, Any]:
    """Returns what the record says of the task."""
    return {
      key: value
      for key, value in dataclasses.asdict(self).items()
      if value is not None
    }


def plan(config: visualize_config.VisualizeConfig) -> List[PictureTask]:
  """Returns the pictures to draw, in order.

  Raises:
    ValueError: If there is no such class.
  """
  seeds = range(config.seed, config.seed + config.num_variations)
  if config.objective is not None:
    return [PictureTask(seed, objective=config.objective) for seed in seeds]
  names = imagenet_classes.load_class_names()
  for class_id in config.class_ids:
    if not 0 <= class_id < len(names):
      raise ValueError(
        f'class_id {class_id} is unknown; take 0 to {len(names) - 1}'
        ' (--list_classes shows them)'
      )
  return [
    PictureTask(seed, class_id, names[class_id])
    for class_id in config.class_ids
    for seed in seeds
  ]
