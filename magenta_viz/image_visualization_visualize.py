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

"""Draws what an image network has learned of its classes."""

import dataclasses
import shlex
from typing import List, Sequence, Tuple

from absl import app
from absl import flags
from absl import logging

from magenta_viz import common_flags
from magenta_viz import program
from magenta_viz.ascent import presets
from magenta_viz.ascent import recipe
from magenta_viz.models import model_spec
from magenta_viz.models import network_choice
from magenta_viz.models import network_source
from magenta_viz.process import tensorflow_start
from magenta_viz.process import terminal
from magenta_viz.settings import command_line
from magenta_viz.visualization import config as visualize_config
from magenta_viz.visualization import workers

_DEFAULT = visualize_config.VisualizeConfig(class_ids=(0,))

_OBJECTIVE = flags.DEFINE_string(
  'objective',
  None,
  'what to raise in place of a class: layer:LAYER, channel:LAYER:NUMBER,'
  ' neuron:LAYER:NUMBER@ROW,COLUMN, direction:LAYER:FILE.npy,'
  ' guide:PHOTO@LAYER, content:PHOTO@LAYER, diversity:LAYER, and weighted sums'
  ' of these',
)
_OUTPUT_DIR = flags.DEFINE_string(
  'output_dir', None, 'folder for the pictures and their records'
)
_PRESET = flags.DEFINE_enum(
  'preset',
  _DEFAULT.preset,
  list(presets.PRESETS),
  'recipe of the pictures; --list_presets explains them',
)
_IMAGE = flags.DEFINE_string(
  'image',
  _DEFAULT.image,
  'photograph to draw into, or a film or a folder of pictures',
)
_IMAGE_SIZE = flags.DEFINE_string(
  'image_size',
  None,
  'size of the pictures in pixels, N or HxW; 64 to 16384; that of --image or'
  ' the preset by default',
)
_ANIMATE = flags.DEFINE_enum(
  'animate',
  _DEFAULT.animate,
  visualize_config.FILM_KINDS,
  'makes a film of the ascent, or of the frames where there are several',
)
_ZOOM_FRAMES = flags.DEFINE_integer(
  'zoom_frames',
  _DEFAULT.zoom_frames,
  'frames of an endless zoom into the picture',
  0,
)
_ZOOM = flags.DEFINE_float(
  'zoom', _DEFAULT.zoom, 'share of the sides that a zoom loses each frame'
)
_BLEND = flags.DEFINE_float(
  'blend',
  _DEFAULT.blend,
  'share of the finished frame before in the start of the next, in a film',
)
_BATCH_SIZE = flags.DEFINE_integer(
  'batch_size', _DEFAULT.batch_size, 'most pictures to draw at once', 1
)
_NUM_WORKERS = flags.DEFINE_integer(
  'num_workers',
  _DEFAULT.num_workers,
  'processes that share the batches and the cores, for many pictures',
  1,
)
_WORKER = flags.DEFINE_integer(
  'worker',
  _DEFAULT.worker,
  'which of --num_workers this process is, from 0, where they are started'
  ' elsewhere, as on a cluster; then run once without both, for the sheet',
  0,
)
_SEED = flags.DEFINE_integer(
  'seed', _DEFAULT.seed, "of each class's first picture", 0, 2**31 - 1
)
_NUM_VARIATIONS = flags.DEFINE_integer(
  'num_variations', _DEFAULT.num_variations, 'pictures a class', 1
)
_OVERWRITE = flags.DEFINE_boolean(
  'overwrite', _DEFAULT.overwrite, 'make pictures again that are there'
)
_LOG_DIR = flags.DEFINE_string(
  'log_dir',
  _DEFAULT.log_dir,
  "folder for TensorBoard's summaries",
  allow_override=True,  # absl's own, for files of its log.
)
_LIST_MODELS = flags.DEFINE_boolean(
  'list_models', False, 'show the networks and stop'
)
_LIST_PRESETS = flags.DEFINE_boolean(
  'list_presets', False, 'show the presets and stop'
)
_LIST_LAYERS = flags.DEFINE_boolean(
  'list_layers', False, 'show the layers of --model or --checkpoint and stop'
)
_LIST_CLASSES = flags.DEFINE_boolean(
  'list_classes', False, 'show the classes and stop'
)
common_flags.define_networks()
common_flags.define_classes('281,130,0-9 or all')
common_flags.define_settings(recipe.Recipe, 'with --preset=default', {})


def _config() -> Tuple[
  visualize_config.VisualizeConfig, List[network_source.Resolved]
]:
  """Returns the configuration that the flags ask for, and its networks."""
  num_subjects = common_flags.names_classes() + (_OBJECTIVE.value is not None)
  has_own = bool(presets.PRESETS[_PRESET.value].objectives)
  if num_subjects != 1 and not (num_subjects == 0 and has_own):
    raise app.UsageError(
      'give one of --class_id, --class_name and --objective; --list_classes'
      ' shows ids and names'
    )
  if not _OUTPUT_DIR.value:
    raise app.UsageError('give --output_dir, a folder for the pictures')
  resolved = network_source.resolve(common_flags.network_choices())
  config = visualize_config.VisualizeConfig(
    class_ids=common_flags.class_ids(resolved[0].class_names),
    objective=_OBJECTIVE.value,
    preset=_PRESET.value,
    image=_IMAGE.value,
    output_dir=_OUTPUT_DIR.value,
    image_size=visualize_config.parse_image_size(_IMAGE_SIZE.value),
    batch_size=_BATCH_SIZE.value,
    seed=_SEED.value,
    num_variations=_NUM_VARIATIONS.value,
    animate=_ANIMATE.value,
    zoom_frames=_ZOOM_FRAMES.value,
    zoom=_ZOOM.value,
    blend=_BLEND.value,
    num_workers=_NUM_WORKERS.value,
    worker=_WORKER.value,
    overwrite=_OVERWRITE.value,
    log_dir=_LOG_DIR.value,
    overrides=common_flags.given_settings(recipe.Recipe),
    **common_flags.networks(),
  )
  return config, resolved


def _listing() -> List[str]:
  """Returns the lines that a --list flag asks for; none without one."""
  if _LIST_CLASSES.value:
    (first,) = network_source.resolve(common_flags.network_choices()[:1])
    return [f'{i} {name}' for i, name in enumerate(first.class_names)]
  if _LIST_MODELS.value:
    return [
      f'{spec.name}: {spec.description}; weights from {spec.weights.origin}'
      for spec in model_spec.MODEL_SPECS.values()
    ]
  if _LIST_PRESETS.value:
    return [
      f'{preset.name}: {preset.summary} ({preset.source})'
      for preset in presets.PRESETS.values()
    ]
  if _LIST_LAYERS.value:
    return _layers()
  return []


def _layers() -> List[str]:
  """Returns the lines of --list_layers."""
  resolved = network_source.resolve(common_flags.network_choices())
  if resolved[0].model is None:
    raise app.UsageError(
      'give --list_layers a --model, which --list_models has, or a folder that'
      ' training wrote as --checkpoint'
    )
  tensorflow_start.start()
  from magenta_viz.models import network_loading
  from magenta_viz.models import network_protocol

  networks = list(map(network_loading.architecture, resolved))
  if len(networks) == 1:
    return network_protocol.describe_layers(networks[0])
  # As objectives name them.
  return [
    f'{each.name}@{line}'
    for each in networks
    for line in network_protocol.describe_layers(each)
  ]


def _settled(
  config: visualize_config.VisualizeConfig,
) -> visualize_config.VisualizeConfig:
  """Returns the configuration with the networks named that 'auto' means.

  Workers shall all draw from the same, also where a download fails for one of
  them.
  """
  if config.choices != (network_choice.Choice(network_choice.AUTO),):
    return config
  resolved = network_source.resolve(config.choices)
  found = network_source.find(resolved, config.is_open)
  logging.info('Drawing: %s.', found[0].reason)
  models = network_choice.texts(
    [each.model or '' for each in found],
    [each.weight for each in found],
  )
  return dataclasses.replace(config, models=models)


def _worker_flags(config: visualize_config.VisualizeConfig) -> List[str]:
  """Returns the flags that all workers share."""
  own = shlex.split(command_line.command(config))[1:]
  own.append(f'--num_workers={config.num_workers}')
  own.append(f'--verbosity={logging.get_verbosity()}')
  return own + config.overwrite * ['--overwrite']


def main(argv: Sequence[str]) -> None:
  """Draws, or shows what there is to draw."""
  if len(argv) > 1:
    raise app.UsageError(f"unknown argument '{argv[1]}'; flags start with --")
  listing = _listing()
  if listing:
    for line in listing:
      terminal.say(line)
    return
  config, resolved = _config()
  is_shared = config.num_workers > 1 and config.worker is None
  if is_shared:
    config = _settled(config)
    resolved = network_source.resolve(config.choices)
    workers.run(_worker_flags(config), config.num_workers)
    # All is drawn, and told of: what is left is the sheet.
    config = dataclasses.replace(config, num_workers=1, overwrite=False)
  # Takes seconds to import; --help and --list_classes do without.
  tensorflow_start.start(with_onednn=True)
  from magenta_viz import visualize

  is_alone = config.worker is None and not is_shared
  for picture in visualize.draw(config, is_alone, resolved):
    if not is_shared:
      terminal.say(picture.path)


def console_entry_point() -> None:
  """Runs `main` as a command."""
  program.run(main, __name__)


if __name__ == '__main__':
  console_entry_point()
