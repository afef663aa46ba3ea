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

"""Draws classes or other objectives: from a config to pictures and records."""

import contextlib
import dataclasses
from typing import (
  Any,
  Dict,
  Generator,
  Iterator,
  List,
  Optional,
  Sequence,
  Tuple,
)

from magenta_viz.media import memory_images
from magenta_viz.models import imagenet_classes
from magenta_viz.models import network_choice
from magenta_viz.models import network_source
from magenta_viz.process import tensorflow_modes
from magenta_viz.settings import keywords
from magenta_viz.visualization import checks
from magenta_viz.visualization import config as visualize_config
from magenta_viz.visualization import listings
from magenta_viz.visualization import networks as networks_lib
from magenta_viz.visualization import pictures
from magenta_viz.visualization import run as run_lib

VisualizeConfig = visualize_config.VisualizeConfig
Picture = pictures.Picture
Pictures = pictures.Pictures

_Resolved = Sequence[network_source.Resolved]


def run(
  config: Optional[visualize_config.VisualizeConfig] = None,
  show_progress: Optional[bool] = None,
  *,
  network: Any = None,
  **settings: Any,
) -> pictures.Pictures:
  """Draws pictures of classes, layers and more, as a preset has it.

      visualize.run(class_name='tabby', num_steps=100)
      visualize.run(objective='channel:fire8/concat:0-8', models='squeezenet')
      visualize.run(preset='deepdream', image='photo.jpg')

  Args:
    config: Which pictures, from what, and where to.
    show_progress: Whether to show a progress bar and, in a notebook, pictures
      that grow; None for in a notebook alone.
    network: A keras.Model, a tf.Module, or what `models.networks` makes, to
      draw from; or several, which draw together, and with the networks of
      `config` where it names any.
    **settings: Of `VisualizeConfig`, and of the recipe, by their names, in
      place of those of `config`. `image` may be a picture of PIL or an array,
      [height, width, 3], of uint8 or of float in [0, 1], too; `class_name` is a
      name, or several, in place of `class_ids`.

  Returns:
    A picture a class, seed and frame, in this order. Those that `output_dir`
    has already are read from there.

  Raises:
    TypeError: If there is no such setting.
    ValueError: If the configuration does not fit the network, the weights are
      no weights of it, or `output_dir` has pictures of other settings.
    OSError: If a file cannot be read or written, or weights be fetched.
    FloatingPointError: If the ascent gives what is not a number.
  """
  return pictures.Pictures(
    draw(config, show_progress, network=network, **settings)
  )


def draw(
  config: Optional[visualize_config.VisualizeConfig] = None,
  show_progress: Optional[bool] = None,
  resolved: Optional[_Resolved] = None,
  *,
  network: Any = None,
  worker: Optional[int] = None,
  **settings: Any,
) -> Iterator[pictures.Picture]:
  """Draws as `run` does, and yields each picture as soon as it is there.

  Args:
    config: As of `run`.
    show_progress: Likewise.
    resolved: The networks of `config.choices`, where somebody has looked at
      their checkpoints already, as for the names of their classes.
    network: As of `run`.
    worker: Which of `config.num_workers` this process is, from 0, where
      `visualization.workers` has started it.
    **settings: As of `run`.
  """
  shelf = memory_images.Shelf()
  if settings.get('image') is not None:
    settings['image'] = shelf.path_of(settings['image'])
  config, resolved = _asked(config, resolved, network, settings)
  return tensorflow_modes.in_tensorflow_2(
    _draw(config, show_progress, resolved, shelf, worker)
  )


def _draw(
  config: visualize_config.VisualizeConfig,
  show_progress: Optional[bool],
  resolved: Optional[_Resolved],
  shelf: memory_images.Shelf,
  worker: Optional[int],
) -> Generator[pictures.Picture, None, None]:
  """Draws as `draw` does, where TensorFlow behaves as version 2 does."""
  if worker is None:
    checks.check_alone(config)
  with contextlib.closing(shelf), run_lib.opened(config, resolved) as opened:
    yield from opened.draw(show_progress, worker)


def layers(
  models: Any = (), *, network: Any = None, **settings: Any
) -> List[str]:
  """Returns the layers of networks, by the names that objectives have for them.

      visualize.layers('squeezenet')

  Args:
    models: Names of networks, or the name of one; where there are none, the
      network that layers are drawn with.
    network: As of `run`.
    **settings: Which networks else: `checkpoints` and `foreign` of
      `VisualizeConfig`.

  Returns:
    A line a layer: its name, height and width for a picture of the network's
    own size, and number of channels.

  Raises:
    TypeError, ValueError, OSError: As of `run`.
  """
  if models:
    settings['models'] = models
  # Of the drawing that there is not.
  settings = {'objective': 'layer:LAYER', **settings}
  made, resolved = _asked(None, None, network, settings)
  resolved = resolved or networks_lib.resolve(made)
  first = resolved[0]
  auto = network_choice.Choice(network_choice.AUTO)
  if first.choice == auto and first.foreign is None:
    # That which is at hand.
    model = first.find().model
    assert model is not None
    resolved = networks_lib.resolve(dataclasses.replace(made, models=(model,)))
  with tensorflow_modes.tensorflow_2():
    return listings.layers(resolved)


def _asked(
  config: Optional[visualize_config.VisualizeConfig],
  resolved: Optional[_Resolved],
  network: Any,
  settings: Dict[str, Any],
) -> Tuple[visualize_config.VisualizeConfig, Optional[_Resolved]]:
  """Returns what a call asks for, and its networks where they are known."""
  names = settings.pop('class_name', ())
  if names and settings.get('class_ids'):
    raise ValueError('give one of class_ids and class_name, not both')
  if names:
    # With what is known of it so far.
    settings['class_ids'] = (0,)
  made = keywords.config_of(
    VisualizeConfig, config, settings, ('network', 'class_name')
  )
  # Else not before what needs no network is known to be right.
  if network is not None or (names and resolved is None):
    resolved = networks_lib.resolve(made, network)
  if names:
    assert resolved is not None
    known = resolved[0].class_names
    ids = imagenet_classes.find_classes(names, known)
    made = dataclasses.replace(made, class_ids=ids)
  return made, resolved
