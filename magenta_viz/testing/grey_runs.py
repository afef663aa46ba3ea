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

"""Runs of drawings that no network takes part in, quick enough to be killed."""

from typing import Any, List, Optional

import numpy as np

from magenta_viz.visualization import config as visualize_config
from magenta_viz.visualization import filming as filming_lib
from magenta_viz.visualization import folder as folder_lib
from magenta_viz.visualization import run as run_lib
from magenta_viz.visualization import task as task_lib


class _Sources:
  """Stands for what pictures start from: nothing."""

  milliseconds = None

  def __init__(self, num_frames: Optional[int]):
    self.num_frames = num_frames

  def start_of(self, *unused_args: Any) -> None:
    """Returns nothing to start from."""


class _Renderer:
  """Stands for a network: draws all in one grey, in two steps."""

  num_steps = 2
  image_size = (16, 12)

  def __init__(self, grey: float):
    self._settings = {'grey': grey}

  def wanted(self, task: Any) -> Any:
    """Returns what its pictures depend on, as a record has it."""
    return {'settings': self._settings}

  def draw(self, batch: List[Any], start: None, on_step: Any) -> Any:
    """Returns pictures and records, as a renderer does."""
    images = np.full((len(batch), *self.image_size, 3), self._settings['grey'])
    for step in range(self.num_steps):
      on_step(step, np.zeros(len(batch)), lambda: images)
    return {
      task: (image, {**task.describe(), 'settings': self._settings})
      for task, image in zip(batch, images)
    }


def run(
  config: visualize_config.VisualizeConfig,
  tasks: task_lib.Plan,
  grey: float,
  num_frames: Optional[int] = None,
  filming: Optional[filming_lib.Filming] = None,
) -> run_lib.Run:
  """Returns a run that draws all in one grey.

  Args:
    config: What is asked for.
    tasks: The pictures.
    grey: Of them, in [0, 1].
    num_frames: Of each series; None where there are no series.
    filming: What films are like; None for no films.
  """
  return run_lib.Run(
    config,
    tasks,
    _Sources(num_frames),  # type: ignore[arg-type]
    _Renderer(grey),  # type: ignore[arg-type]
    folder_lib.PictureFolder(config.output_dir, config.overwrite, filming),
  )
