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

"""How a run's films go: how fast, how densely, and how they end."""

import dataclasses
import math
from typing import Any, Dict, Optional, Sequence, Union

from magenta_viz.media import films
from magenta_viz.visualization import config as visualize_config

# An ascent ends with what it was made for, which wants to be looked at before
# the film begins anew; dreams and zooms go on.
_HOLD = 1.5
# Of an ascent, at the usual rate 200 frames. A step more or less is not seen in
# it, but every frame of a GIF of 320 x 320 pixels takes about 0.1 MB.
_MOST_SECONDS = 8.0


@dataclasses.dataclass(frozen=True)
class Filming:
  """What films of a run are like.

  Attributes:
    kind: 'gif' or 'mp4'.
    fps: Frames a second; None for 25, or those of the frames drawn into.
    hold: Seconds that the last frame stays.
  """

  kind: str
  fps: Optional[float]
  hold: float

  def milliseconds(
    self, own: Optional[Sequence[float]] = None
  ) -> Union[float, Sequence[float]]:
    """Returns how long frames are shown, as `films.FilmWriter` takes it.

    Args:
      own: Times of the frames that are drawn into.
    """
    if self.fps is None and own is not None:
      return own
    return self._frame_time

  def num_frames(self, num_steps: int) -> int:
    """Returns the number of frames of an ascent."""
    return math.ceil(num_steps / self._stride(num_steps))

  def shows(self, step: int, num_steps: int) -> bool:
    """Tells whether a step of an ascent is shown; for the last, the picture is.

    Args:
      step: From 0.
      num_steps: Of the ascent.
    """
    is_last = step == num_steps - 1
    return not is_last and (num_steps - 1 - step) % self._stride(num_steps) == 0

  def described(self) -> Dict[str, Any]:
    """Returns what the record says of the film of an ascent."""
    return {
      'kind': self.kind,
      'fps': round(1000.0 / self._frame_time, 4),
      'hold': self.hold,
    }

  def _stride(self, num_steps: int) -> int:
    """Returns how many steps of an ascent lie from frame to frame."""
    fps = 1000.0 / self._frame_time
    return math.ceil(num_steps / (fps * _MOST_SECONDS))

  @property
  def _frame_time(self) -> float:
    """Milliseconds of a frame that has no time of its own."""
    return films.MILLISECONDS if self.fps is None else 1000.0 / self.fps


def of(
  config: visualize_config.VisualizeConfig, is_series: bool
) -> Optional[Filming]:
  """Returns what the films of a run are like; None if there are none.

  Args:
    config: What is asked for.
    is_series: Whether films are of frames that are drawn, and not of ascents.
  """
  if config.animate is None:
    return None
  hold = config.hold
  if hold is None:
    hold = 0.0 if is_series else _HOLD
  return Filming(config.animate, config.fps, hold)
