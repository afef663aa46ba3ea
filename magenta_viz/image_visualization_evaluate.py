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

"""Measures whether other networks recognise what pictures show.

It reads the pictures of a folder, shows each to the judges that had no part in
it, and writes evaluation.json and evaluation.html, in place of those that are
there. A picture with a record of image_visualization_visualize beside it shows
what that says. Another one shows the class that the nearest folder is called by
(finch/a.jpg), or else its own name (finch_3.jpg), by any name that the judge
has for it, in any case, with anything between the words; or else the class
whose id its name begins with (281_tabby.jpg), or that a folder has for its name
(281/a.png). For a judge that has classes called by numbers, numbers are names
and never ids.
"""

from typing import Sequence

from absl import app
from absl import flags

from magenta_viz import common_flags
from magenta_viz import program
from magenta_viz.evaluation import config as evaluate_config
from magenta_viz.models import model_spec
from magenta_viz.process import tensorflow_start
from magenta_viz.process import terminal
from magenta_viz.settings import parts

# For its help.
EXAMPLES = (
  '--input_dir=pictures',
  '--input_dir=pictures --judge=googlenet --output_dir=report',
)
FIRST = (
  'input_dir',
  'output_dir',
  'judge',
  'allow_self',
)


def define_flags() -> None:
  """Defines the flags; not on import, for other programs have some of them."""
  flags.DEFINE_multi_string(
    'judge',
    [evaluate_config.AUTO],
    f'network that judges: {", ".join(model_spec.MODEL_SPECS)}, or a path of'
    ' weights as for --checkpoint; give it again for more judges; auto is the'
    ' best at hand that had no part in the pictures, or in as few as can be',
    allow_override=True,
  )
  common_flags.define_settings(evaluate_config.EvaluateConfig, 'by default')


def main(argv: Sequence[str]) -> None:
  """Evaluates pictures."""
  if len(argv) > 1:
    raise app.UsageError(f"unknown argument '{argv[1]}'; flags start with --")
  given = common_flags.given_settings(evaluate_config.EvaluateConfig)
  if not given.get('input_dir'):
    raise app.UsageError('give --input_dir, the folder of the pictures')
  values = {'judges': tuple(flags.FLAGS['judge'].value or ()), **given}
  config = parts.make(evaluate_config.EvaluateConfig, values)
  # Takes seconds to import; --help does without.
  tensorflow_start.start()
  from magenta_viz import evaluate
  from magenta_viz.evaluation import table as evaluation_table

  report = evaluate.run(config, show_progress=True)
  for line in evaluation_table.table(report).splitlines():
    terminal.say(line)
  terminal.say(f'Pictures from best to worst: {config.page_path}')
  terminal.say(f'All figures: {config.json_path}')


def console_entry_point() -> None:
  """Runs `main` as a command."""
  define_flags()
  program.run(main, __name__)


if __name__ == '__main__':
  console_entry_point()
