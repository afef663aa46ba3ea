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
from pathlib import Path
import re
from typing import Any, Dict, List, Mapping, Optional, Sequence, Union, overload

import numpy as np

from magenta_viz.ascent.objectives import terms as objective_terms
from magenta_viz.files import names
from magenta_viz.media import memory_images
from magenta_viz.models import imagenet_classes
from magenta_viz.visualization import config as visualize_config

# Systems take names of 255 bytes, of which a subject, numbers and endings want
# the others.
_MAX_IMAGE_BYTES = 90


@dataclasses.dataclass(frozen=True)
class PictureTask:
  """One picture to draw.

  Attributes:
    seed: Of all that is random in it.
    class_id: Of the class to draw; None with an objective of another kind.
    class_name: All names of the class.
    objective: Text of an objective, or the name of the preset that has it; None
      with a class.
    image: What it is drawn into; None for nothing.
    frame: Its number in a series; None outside of one.
  """

  seed: int
  class_id: Optional[int] = None
  class_name: Optional[str] = None
  objective: Optional[str] = None
  image: Optional[str] = None
  frame: Optional[int] = None

  @property
  def own_id(self) -> int:
    """The class or channel that objectives leave to the picture; 0 if none."""
    if self.class_id is not None:
      return self.class_id
    units = objective_terms.units(self.objective or '')
    return int(units.numbers) if units and units.numbers.isdecimal() else 0

  @property
  def series(self) -> str:
    """Name of the files of its series, without number and endings."""
    if self.class_name is None:
      text = self.objective or ''
      # Operators are lost, which tell sums apart.
      is_sum = re.search(r'\*| [+-] ', text) is not None
      subject = names.slug(text, kept='_', with_digest=is_sum)
    else:
      name = imagenet_classes.short_name(self.class_name)
      subject = f'{self.class_id:03}_{names.slug(name)}'
    if self.image is not None:
      stem = Path(self.image).stem
      subject = f'{names.slug(stem, _MAX_IMAGE_BYTES)}_{subject}'
    return f'{subject}_{self.seed}'

  @property
  def stem(self) -> str:
    """Name of the picture's files, without their endings."""
    if self.frame is None:
      return self.series
    return f'{self.series}_{self.frame:05}'

  def generator(self) -> np.random.Generator:
    """Returns what all random draws of this picture come from."""
    frame = [] if self.frame is None else [self.frame]
    if self.class_id is not None:
      return np.random.default_rng([self.seed, self.class_id, *frame])
    # A file's name that is no valid Unicode has surrogates.
    text = (self.objective or '').encode(errors='surrogatepass')
    digest = hashlib.sha256(text).digest()
    return np.random.default_rng([self.seed, *digest, *frame])

  def describe(self) -> Dict[str, Any]:
    """Returns what the record says of the task."""
    told = {
      key: value
      for key, value in dataclasses.asdict(self).items()
      if value is not None
    }
    if self.image is not None:
      told['image'] = memory_images.told(self.image)
    return told


class Plan(Sequence[PictureTask]):
  """The pictures of a run, in order; each is made when it is asked for.

  So a run of any number of pictures is planned in no time and no memory.
  """

  def __init__(
    self,
    subjects: Sequence[Mapping[str, Any]],
    seeds: range,
    frames: Sequence[Optional[int]],
    image: Optional[str],
  ):
    """Takes what the tasks differ in, the slowest to change first.

    Args:
      subjects: What the tasks say of each class or objective.
      seeds: Of each subject's pictures.
      frames: Numbers of each series' pictures; None alone for no series.
      image: What they are drawn into; None for nothing.
    """
    self._subjects = subjects
    self._seeds = seeds
    self._frames = frames
    self._image = image

  def __len__(self) -> int:
    """Returns the number of pictures."""
    return len(self._subjects) * len(self._seeds) * len(self._frames)

  @overload
  def __getitem__(self, index: int) -> PictureTask: ...

  @overload
  def __getitem__(self, index: slice) -> List[PictureTask]: ...

  def __getitem__(
    self, index: Union[int, slice]
  ) -> Union[PictureTask, List[PictureTask]]:
    """Returns a task, or some of them."""
    if isinstance(index, slice):
      return [self[each] for each in range(*index.indices(len(self)))]
    # An IndexError ends a loop over the plan.
    index = range(len(self))[index]
    index, frame = divmod(index, len(self._frames))
    subject, seed = divmod(index, len(self._seeds))
    return PictureTask(
      self._seeds[seed],
      **self._subjects[subject],
      image=self._image,
      frame=self._frames[frame],
    )


def plan(
  config: visualize_config.VisualizeConfig,
  class_names: Sequence[str],
  num_frames: Optional[int] = None,
  channels: Sequence[int] = (),
) -> Plan:
  """Returns the pictures to draw, in order.

  Args:
    config: What is asked for.
    class_names: Names of the classes, in the order of their ids.
    num_frames: Pictures of each series; None where there are no series.
    channels: Of the layer of `config.units`, each in pictures of its own; none
      for what is one objective.

  Raises:
    ValueError: If there is no such class.
  """
  return Plan(
    _subjects(config, class_names, channels),
    range(config.seed, config.seed + config.num_variations),
    [None] if num_frames is None else range(num_frames),
    config.image,
  )


def check_classes(
  config: visualize_config.VisualizeConfig, class_names: Sequence[str]
) -> None:
  """Raises ValueError if there is no such class."""
  if config.class_ids:
    imagenet_classes.check_any(len(class_names))
  for class_id in config.class_ids:
    if not 0 <= class_id < len(class_names):
      raise ValueError(
        f'class_id {class_id} is unknown; take 0 to {len(class_names) - 1}, of'
        f' {len(class_names)} classes (--list_classes shows them)'
      )


def _subjects(
  config: visualize_config.VisualizeConfig,
  class_names: Sequence[str],
  channels: Sequence[int],
) -> List[Dict[str, Any]]:
  """Returns what the tasks say of each class or objective."""
  units = config.units
  if units is not None and channels:
    return [{'objective': units.text(channel)} for channel in channels]
  if not config.class_ids:
    return [{'objective': config.objective_text or config.preset}]
  check_classes(config, class_names)
  return [
    {'class_id': class_id, 'class_name': class_names[class_id]}
    for class_id in config.class_ids
  ]
