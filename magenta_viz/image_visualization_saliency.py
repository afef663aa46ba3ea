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

"""Shows what in a photograph makes a network see a class, and where it is.

--image may be a folder, with folders in it, and --method several methods: then
saliency.html in --output_dir shows all maps beside one another. With --scores,
a table says how good each method's maps are.
"""

from typing import Any, List, Optional, Sequence

from absl import app
from absl import logging

from magenta_viz import common_flags
from magenta_viz import program
from magenta_viz.attribution import config as saliency_config
from magenta_viz.files import places
from magenta_viz.models import network_source
from magenta_viz.process import tensorflow_start
from magenta_viz.process import terminal
from magenta_viz.settings import parts

# For its help.
EXAMPLES = (
  '--image=photo.jpg --output_dir=saliency',
  '--image=photo.jpg --class_name=tabby --method=grad_cam,rise'
  ' --output_dir=tabby_by_two',
  '--image=photographs --method=gradient --output_dir=photographs_saliency',
)
FIRST = (
  'image',
  'output_dir',
  'class_name',
  'class_id',
  'method',
  'model',
  'checkpoint',
  'scores',
)


def define_flags() -> None:
  """Defines the flags; not on import, for other programs have some of them."""
  common_flags.define_classes('one; else the first choice')
  common_flags.define_settings(saliency_config.SaliencyConfig, 'by default')
  common_flags.define_networks()


def _class_id(names: Sequence[str]) -> Optional[int]:
  """Returns the class that the flags ask for; None for the first choice."""
  if not common_flags.names_classes():
    return None
  class_ids = common_flags.class_ids(names)
  if len(class_ids) > 1:
    raise app.UsageError(
      f'{len(class_ids)} classes are named; give one, with --class_id or'
      ' --class_name'
    )
  return class_ids[0]


def main(argv: Sequence[str]) -> None:
  """Explains photographs."""
  if len(argv) > 1:
    raise app.UsageError(f"unknown argument '{argv[1]}'; flags start with --")
  given = common_flags.given_settings(saliency_config.SaliencyConfig)
  if not given.get('image') or not given.get('output_dir'):
    raise app.UsageError('give both --image, a photograph, and --output_dir')
  network = common_flags.one_network()
  (resolved,) = common_flags.resolve()
  values = {'class_id': _class_id(resolved.class_names), **given, **network}
  config = parts.make(saliency_config.SaliencyConfig, values)
  # Takes seconds to import; --help does without.
  tensorflow_start.start()
  _explain(config, resolved)


def _explain(
  config: saliency_config.SaliencyConfig, resolved: network_source.Resolved
) -> None:
  """Explains photographs, and tells what became of them.

  Raises:
    ValueError: At the end, if photographs of a folder were passed over.
  """
  from magenta_viz import saliency
  from magenta_viz.attribution import comparison

  damaged: List[str] = []

  def pass_over(path: str, error: Exception) -> None:
    damaged.append(path)
    logging.warning('%s', error)

  on_damaged = pass_over if places.is_dir(config.image) else None
  records: List[Any] = []
  for found in saliency.explain(config, resolved, on_damaged):
    records.append(found.record)
    for path in found.paths.values():
      terminal.say(path)
  for line in comparison.table(comparison.means(records)):
    terminal.say(line)
  if config.page_path is not None:
    terminal.say(config.page_path)
  if damaged:
    raise ValueError(
      'all photographs could be explained but for'
      f' {len(set(damaged))}, as is said above; mend or remove what is damaged'
    )


def console_entry_point() -> None:
  """Runs `main` as a command."""
  define_flags()
  program.run(main, __name__)


if __name__ == '__main__':
  console_entry_point()
