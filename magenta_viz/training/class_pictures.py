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
"""Pictures of classes, as a network sees them in the middle of its training."""

from pathlib import Path
from typing import Dict, Mapping

import numpy as np

from magenta_viz.ascent import drawing
from magenta_viz.ascent import presets
from magenta_viz.ascent.objectives import objectives
from magenta_viz.media import atomic_files
from magenta_viz.media import contact_sheet
from magenta_viz.media import image_files
from magenta_viz.media import picture_text
from magenta_viz.models import imagenet_classes
from magenta_viz.models import network_protocol

# Enough to see what it is, in a fifth of the time of a finished picture.
_NUM_STEPS = 64


def draw(
  network: network_protocol.Network, num_classes: int
) -> Dict[str, np.ndarray]:
  """Draws the first classes, one picture each.

  Args:
    network: The network, in float32.
    num_classes: How many to draw, at most.

  Returns:
    [height, width, 3] float32 array in [0, 1] of each class, by its id and
    name: '1 house finch', as several may have the same name.

  Raises:
    FloatingPointError: If the ascent gives what is not a number.
  """
  class_names = network.class_names
  class_ids = np.arange(min(num_classes, len(class_names)), dtype=np.int32)
  preset = presets.find_preset(presets.DEFAULT)
  recipes = preset.plan(network.recipe, {'num_steps': _NUM_STEPS})
  drawn = drawing.Drawing(
    network,
    network.image_size,
    recipes,
    [
      objectives.ClassLogit(centring=each.objective.centring)
      for each in recipes
    ],
    presets.find_preset(presets.DEFAULT).default_size(network.image_size),
  ).run(class_ids, [np.random.default_rng(i) for i in class_ids])
  return {
    f'{i} {imagenet_classes.short_name(class_names[i])}': image
    for i, image in enumerate(drawn.images)
  }


def write(folder: Path, step: int, images: Mapping[str, np.ndarray]) -> None:
  """Writes the pictures of a step as one sheet, 'pictures/step_00000500.png'.

  Args:
    folder: Of the training.
    step: Number of steps made.
    images: As of `draw`.

  Raises:
    OSError: If it cannot be written.
  """
  path = folder / 'pictures' / f'step_{step:08}.png'
  atomic_files.prepare_folder(path.parent)
  sheet = contact_sheet.contact_sheet(images.items(), len(images))
  text = picture_text.texts(f'{len(images)} classes after step {step}')
  image_files.write_png(path, sheet, text)
