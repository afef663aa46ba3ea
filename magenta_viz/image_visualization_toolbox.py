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

"""Shows in a browser what a network sees, layer by layer and unit by unit.

Opens a page on this machine: a camera, a photograph or a folder of them goes
in, every unit answers, and what each one wants to see is drawn. The address
that it prints has a token that nobody else knows; Ctrl-C ends it.
"""

from typing import Sequence

from absl import app

from magenta_viz import common_flags
from magenta_viz import program
from magenta_viz.process import tensorflow_start
from magenta_viz.process import terminal
from magenta_viz.settings import parts
from magenta_viz.toolbox import config as toolbox_config

# For its help.
EXAMPLES = (
  '',
  '--photos=photographs --model=googlenet',
  '--checkpoint=model.keras',
)
FIRST = (
  'model',
  'checkpoint',
  'photos',
  'atlas',
  'index',
  'host',
  'port',
)


def define_flags() -> None:
  """Defines the flags; not on import, for other programs have some of them."""
  common_flags.define_settings(toolbox_config.ToolboxConfig, 'by default')
  common_flags.define_networks()


def main(argv: Sequence[str]) -> None:
  """Shows the page until Ctrl-C."""
  if len(argv) > 1:
    raise app.UsageError(f"unknown argument '{argv[1]}'; flags start with --")
  given = common_flags.given_settings(toolbox_config.ToolboxConfig)
  settings = {**given, **common_flags.networks()}
  config = parts.make(toolbox_config.ToolboxConfig, settings)
  tensorflow_start.start(with_onednn=True)
  from magenta_viz.toolbox import running

  try:
    running.run(config, terminal.say)
  except KeyboardInterrupt as error:
    program.leave_at_once(error)


def console_entry_point() -> None:
  """Runs `main` as a command."""
  define_flags()
  program.run(main, __name__)


if __name__ == '__main__':
  console_entry_point()
