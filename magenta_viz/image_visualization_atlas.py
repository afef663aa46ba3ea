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

"""Draws a whole network: every class, every channel of every layer.

On the processes of this machine, or on any runner of Apache Beam, into a folder
that goes on where it was: what is there with the same settings stays.
"""

import dataclasses
import tempfile
from typing import List, Sequence

from absl import app
from absl import flags

from magenta_viz import common_flags
from magenta_viz import program
from magenta_viz.ascent import recipe
from magenta_viz.atlas import config as atlas_config
from magenta_viz.atlas import harness
from magenta_viz.process import tensorflow_start
from magenta_viz.process import terminal
from magenta_viz.settings import parts

# For its help.
EXAMPLES = (
  '--units="class:0-99" --output_dir=classes',
  '--model=squeezenet --units="class:all, channel:*concat:all"'
  ' --num_variations=2 --output_dir=atlas',
  '--model=googlenet --units="channel:inception_4*:all" --dry_run',
)
FIRST = (
  'units',
  'output_dir',
  'model',
  'num_variations',
  'num_workers',
  'dry_run',
  'runner',
  'pipeline_options',
)


def define_flags() -> None:
  """Defines the flags; not on import, for other programs have some of them."""
  common_flags.define_settings(atlas_config.AtlasConfig, 'by default')
  common_flags.define_networks()
  flags.DEFINE_string(
    'runner',
    None,
    'runner of Apache Beam; processes on this machine without one',
    allow_override=True,
  )
  flags.DEFINE_string(
    'pipeline_options',
    '',
    'options of the runner, separated by blanks: "--region=europe-west4 ..."',
    allow_override=True,
  )
  flags.DEFINE_boolean(
    'dry_run',
    False,
    'draw a few batches, tell what all would take, and keep nothing',
    allow_override=True,
  )
  common_flags.define_recipe()


def _estimate(config: atlas_config.AtlasConfig) -> List[str]:
  """Returns what all would take."""
  from magenta_viz.atlas import cells
  from magenta_viz.atlas import estimate
  from magenta_viz.atlas import plan

  with tempfile.TemporaryDirectory() as folder:
    # How many cells there are is only known once they are collected.
    place = folder if config.cells else None
    unkept = dataclasses.replace(config, output_dir=place)
    cells.prepare(unkept)
    return estimate.table(estimate.measure(plan.plan(unkept)))


def main(argv: Sequence[str]) -> None:
  """Draws an atlas."""
  if len(argv) > 1:
    raise app.UsageError(f"unknown argument '{argv[1]}'; flags start with --")
  given = common_flags.given_settings(atlas_config.AtlasConfig)
  is_dry = flags.FLAGS['dry_run'].value
  if not (given.get('units') or given.get('cells')):
    raise app.UsageError('give --units, or --cells; --help explains them')
  if not (is_dry or given.get('output_dir')):
    raise app.UsageError('give --output_dir; --help explains it')
  config = parts.make(
    atlas_config.AtlasConfig,
    {
      'overrides': common_flags.given_settings(recipe.Recipe),
      **common_flags.networks(),
      **given,
    },
  )
  options = str(flags.FLAGS['pipeline_options'].value).split()
  if flags.FLAGS['runner'].value:
    options.insert(0, f'--runner={flags.FLAGS["runner"].value}')
  tensorflow_start.start(with_onednn=True)
  if is_dry:
    for line in _estimate(config):
      terminal.say(line)
    return
  try:
    harness.import_beam()
  except ModuleNotFoundError as error:
    raise app.UsageError(
      "Apache Beam is missing: pip install 'magenta_viz[beam]', which needs"
      ' Python 3.10'
    ) from error
  from magenta_viz.atlas import running

  try:
    report = running.run(config, options, show_progress=True)
  except KeyboardInterrupt as error:
    # Of Beam's threads some never end.
    program.leave_at_once(error)
  new = ''
  if report.counters:
    new = f', {report.counters.get("pictures", 0)} of them new'
  terminal.say(
    f'{report.num_pictures - len(report.failures)} pictures of'
    f' {report.num_pictures} are in {config.output_dir}{new}'
  )
  if report.failures:
    worst = report.failures[0]
    raise ValueError(
      f'{len(report.failures)} pictures could not be drawn, as'
      f' {worst["folder"]}/{worst["picture"]}: {worst["error"]} (failures.json'
      ' names all; the same command tries them again)'
    )


def console_entry_point() -> None:
  """Runs `main` as a command."""
  define_flags()
  program.run(main, __name__)


if __name__ == '__main__':
  console_entry_point()
