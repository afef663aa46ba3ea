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

"""Shows what in a photograph makes a network see a class, and where it is."""

import dataclasses
from typing import Any, Dict, Optional, Sequence

from absl import app
from absl import flags

from magenta_viz import common_flags
from magenta_viz import program
from magenta_viz.attribution import config as saliency_config
from magenta_viz.attribution import methods
from magenta_viz.models import network_source
from magenta_viz.process import tensorflow_start
from magenta_viz.process import terminal

_DEFAULT = saliency_config.SaliencyConfig(image='')

# Other programs have flags of these names, and a test imports them all.
_SHARED: Dict[str, Any] = {'allow_override': True}

_IMAGE = flags.DEFINE_string(
  'image', None, 'the photograph, a file such as a JPEG or a PNG', **_SHARED
)
_OUTPUT_DIR = flags.DEFINE_string(
  'output_dir', None, 'folder for the pictures and their record', **_SHARED
)
_OVERWRITE = flags.DEFINE_boolean(
  'overwrite', _DEFAULT.overwrite, 'make again what is there', **_SHARED
)
_METHOD = flags.DEFINE_enum(
  'method',
  _DEFAULT.method,
  list(methods.METHODS),
  'way to the map: '
  + '; '.join(f'{name}: {each.help}' for name, each in methods.METHODS.items()),
)


def _define_settings() -> Dict[str, 'flags.FlagHolder[Any]']:
  """Defines a flag for each field of the configuration that has a range."""
  holders = {}
  for field in dataclasses.fields(saliency_config.SaliencyConfig):
    if not field.metadata.get('help'):
      continue
    low, high = field.metadata['minimum'], field.metadata['maximum']
    define = flags.DEFINE_integer if field.type is int else flags.DEFINE_float
    default: Any = field.default
    text = f'{field.metadata["help"]}; {low} to {high}'
    holders[field.name] = define(
      field.name, default, text, low, high, **_SHARED
    )
  return holders


_SETTINGS = _define_settings()
common_flags.define_classes('one; else the first choice')
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
  """Explains a photograph."""
  if len(argv) > 1:
    raise app.UsageError(f"unknown argument '{argv[1]}'; flags start with --")
  if not _IMAGE.value or not _OUTPUT_DIR.value:
    raise app.UsageError('give both --image, a photograph, and --output_dir')
  network = common_flags.one_network()
  (resolved,) = network_source.resolve(common_flags.network_choices())
  config = saliency_config.SaliencyConfig(
    image=_IMAGE.value,
    output_dir=_OUTPUT_DIR.value,
    class_id=_class_id(resolved.class_names),
    method=_METHOD.value,
    overwrite=_OVERWRITE.value,
    **{name: holder.value for name, holder in _SETTINGS.items()},
    **network,
  )
  # Takes seconds to import; --help does without.
  tensorflow_start.start()
  from magenta_viz import saliency

  for path in saliency.run(config, resolved).paths.values():
    terminal.say(path)


def console_entry_point() -> None:
  """Runs `main` as a command."""
  program.run(main, __name__)


if __name__ == '__main__':
  console_entry_point()
