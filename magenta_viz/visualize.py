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

from typing import Any, Generator, Iterator, List, Optional, Sequence

from magenta_viz.models import network_source
from magenta_viz.process import tensorflow_modes
from magenta_viz.visualization import checks
from magenta_viz.visualization import config as visualize_config
from magenta_viz.visualization import folder as folder_lib
from magenta_viz.visualization import networks as networks_lib
from magenta_viz.visualization import run as run_lib

VisualizeConfig = visualize_config.VisualizeConfig
Picture = folder_lib.Picture


def run(
  config: visualize_config.VisualizeConfig,
  show_progress: bool = False,
  *,
  network: Any = None,
) -> List[Picture]:
  """Draws pictures of classes, layers and more, as a preset has it.

  Args:
    config: Which pictures, from what, and where to.
    show_progress: Whether to show a progress bar.
    network: A keras.Model, a tf.Module, or what `models.networks` makes, to
      draw from; or several, which draw together, and with the networks of
      `config` where it names any.

  Returns:
    A picture a class, seed and frame, in this order. Those that `output_dir`
    has already are read from there.

  Raises:
    ValueError: If the configuration does not fit the network, the weights are
      no weights of it, or `output_dir` has pictures of other settings.
    OSError: If a file cannot be read or written, or weights be fetched.
    FloatingPointError: If the ascent gives what is not a number.
  """
  # Else not before what needs no network is known to be right.
  resolved = None if network is None else networks_lib.resolve(config, network)
  return list(draw(config, show_progress, resolved))


def draw(
  config: visualize_config.VisualizeConfig,
  show_progress: bool = False,
  resolved: Optional[Sequence[network_source.Resolved]] = None,
  *,
  worker: Optional[int] = None,
) -> Iterator[Picture]:
  """Draws as `run` does, and yields each picture as soon as it is there.

  Args:
    config: As of `run`.
    show_progress: Likewise.
    resolved: The networks of `config.choices`, where somebody has looked at
      their checkpoints already, as for the names of their classes.
    worker: Which of `config.num_workers` this process is, from 0, where
      `visualization.workers` has started it.
  """
  return tensorflow_modes.in_tensorflow_2(
    _draw(config, show_progress, resolved, worker)
  )


def _draw(
  config: visualize_config.VisualizeConfig,
  show_progress: bool,
  resolved: Optional[Sequence[network_source.Resolved]],
  worker: Optional[int],
) -> Generator[Picture, None, None]:
  """Draws as `draw` does, where TensorFlow behaves as version 2 does."""
  if worker is None:
    checks.check_alone(config)
  with run_lib.opened(config, resolved) as opened:
    yield from opened.draw(show_progress, worker)
