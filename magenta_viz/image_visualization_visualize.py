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

from typing import List, Optional, Sequence, Tuple

from absl import app
from absl import flags

from magenta_viz import common_flags
from magenta_viz import program
from magenta_viz.ascent import presets
from magenta_viz.ascent import recipe
from magenta_viz.models import network_source
from magenta_viz.process import tensorflow_start
from magenta_viz.process import terminal
from magenta_viz.settings import parts
from magenta_viz.visualization import config as visualize_config
from magenta_viz.visualization import listings
from magenta_viz.visualization import workers

# For its help.
EXAMPLES = (
  '--class_name=tabby --output_dir=tabby',
  '--objective=channel:fire8/concat:0-15 --model=squeezenet'
  ' --output_dir=channels',
  '--preset=deepdream --image=photo.jpg --output_dir=dream',
)
FIRST = (
  'class_name',
  'class_id',
  'objective',
  'image',
  'output_dir',
  'model',
  'preset',
  'image_size',
  'num_variations',
  'num_steps',
)


def define_flags() -> None:
  """Defines the flags; not on import, for other programs have some of them."""
  common_flags.define_classes('281,130,0-9 or all')
  common_flags.define_settings(visualize_config.VisualizeConfig, 'by default')
  common_flags.define_networks()
  for name, listing in listings.LISTINGS.items():
    flags.DEFINE_boolean(
      f'list_{name}', False, listing.help, allow_override=True
    )
  common_flags.define_recipe()


def _config() -> Tuple[
  visualize_config.VisualizeConfig, List[network_source.Resolved]
]:
  """Returns the configuration that the flags ask for, and its networks."""
  given = common_flags.given_settings(visualize_config.VisualizeConfig)
  preset = presets.find_preset(given.get('preset', presets.DEFAULT))
  num_subjects = common_flags.names_classes() + ('objective' in given)
  if num_subjects == 0 and given.get('image') and not preset.objectives:
    raise app.UsageError(
      f"--image alone does not say what to raise in '{given['image']}':"
      ' --preset=deepdream dreams into it, --class_name draws a class into it,'
      ' and image_visualization_saliency --image explains it'
    )
  if num_subjects != 1 and not (num_subjects == 0 and preset.objectives):
    raise app.UsageError(
      'give one of --class_name, --class_id and --objective, such as'
      ' --class_name=tabby; --list_classes shows names and ids'
    )
  if not given.get('output_dir'):
    raise app.UsageError('give --output_dir, a folder for the pictures')
  resolved = common_flags.resolve(with_onednn=True)
  values = {
    'class_ids': common_flags.class_ids(resolved[0].class_names),
    'overrides': common_flags.given_settings(recipe.Recipe),
    **common_flags.networks(),
    **given,
  }
  config = parts.make(visualize_config.VisualizeConfig, values)
  return config, resolved


def _listing() -> List[str]:
  """Returns the lines that a --list flag asks for; none without one."""
  for name, listing in listings.LISTINGS.items():
    if flags.FLAGS[f'list_{name}'].value:
      try:
        return listing.lines(lambda: common_flags.resolve(with_onednn=True))
      except listings.NoNetworkError as error:
        raise app.UsageError(str(error)) from error
  return []


def main(argv: Sequence[str], worker: Optional[int] = None) -> None:
  """Draws, or shows what there is to draw.

  Args:
    argv: Arguments that are no flags.
    worker: Which of --num_workers this process is; None of that which the user
      started.
  """
  if len(argv) > 1:
    raise app.UsageError(f"unknown argument '{argv[1]}'; flags start with --")
  listing = _listing()
  if listing:
    for line in listing:
      terminal.say(line)
    return
  config, resolved = _config()
  is_shared = config.num_workers > 1 and worker is None
  if is_shared:
    config = workers.share(config)
    resolved = network_source.resolve(config.choices, config.foreign)
  # Takes seconds to import; --help and --list_classes do without.
  tensorflow_start.start(with_onednn=True)
  from magenta_viz import visualize

  is_alone = worker is None and not is_shared
  for picture in visualize.draw(config, is_alone, resolved, worker=worker):
    # Workers have told of theirs.
    if not is_shared:
      terminal.say(picture.path)


def console_entry_point(worker: Optional[int] = None) -> None:
  """Runs `main` as a command."""
  define_flags()
  program.run(lambda argv: main(argv, worker), __name__)


if __name__ == '__main__':
  console_entry_point()
