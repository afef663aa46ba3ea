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

"""Trains an image network on pictures of classes, to draw them from it.

For --dataset=imagenet2012 the network's published settings take the place of
the defaults below, and with --finetune_from the learning rate is lower. A run
that was stopped, by Ctrl-C too, goes on when the same command is given again.
"""

import os
import shlex
import signal
from typing import Any, Sequence

from absl import app

from magenta_viz import common_flags
from magenta_viz import program
from magenta_viz.models import model_spec
from magenta_viz.process import tensorflow_start
from magenta_viz.process import terminal
from magenta_viz.training import config as train_config

# For its help.
EXAMPLES = (
  '--dataset=cifar10 --image_size=64 --train_dir=cifar10_network',
  '--dataset=image_folder --data_dir=birds --model=squeezenet'
  ' --finetune_from=auto --train_dir=birds_network',
  '--dataset=imagenet2012 --model=inception_v1 --train_dir=imagenet_network',
)
FIRST = (
  'dataset',
  'train_dir',
  'model',
  'finetune_from',
  'num_steps',
  'batch_size',
  'learning_rate',
  'image_size',
  'log_dir',
  'data_dir',
)


def define_flags() -> None:
  """Defines the flags; not on import, for other programs have some of them."""
  own = {name: each.training for name, each in model_spec.MODEL_SPECS.items()}
  common_flags.define_settings(train_config.TrainConfig, 'by default', own)


def _summary(result: Any) -> str:
  """Returns one line on a `train.Result`, and on what to do with it."""
  accuracy = 'not evaluated'
  if result.top1 is not None:
    accuracy = f'{result.top1:.1%} of the pictures right'
  if result.top5 is not None:
    accuracy += f', {result.top5:.1%} among the first five'
  words = [
    'image_visualization_visualize',
    f'--checkpoint={result.train_dir}',
    '--class_id=0',
    '--output_dir=pictures',
  ]
  return f'{result.checkpoint}: {accuracy}; to draw: {shlex.join(words)}'


def main(argv: Sequence[str]) -> None:
  """Trains, or goes on with it."""
  if len(argv) > 1:
    raise app.UsageError(f"unknown argument '{argv[1]}'; flags start with --")
  given = common_flags.given_settings(train_config.TrainConfig)
  if 'dataset' not in given or 'train_dir' not in given:
    raise app.UsageError(
      'give both --dataset, such as image_folder or cifar10, and --train_dir, a'
      ' folder for the checkpoints'
    )
  config = train_config.TrainConfig.of(**given)
  # Takes seconds to import; --help does without.
  tensorflow_start.start()
  from magenta_viz import train

  # As a shell tells of a program that a signal ended.
  try:
    result = train.run(config, show_progress=True)
  except train.Interrupted as interrupted:
    program.leave(interrupted, 128 + signal.SIGINT)
  if not result.is_finished:
    status = 128 + (result.stopped_by or signal.SIGTERM)
    program.leave(result.standing(), status)
  terminal.say(_summary(result))


def console_entry_point() -> None:
  """Runs `main` as a command."""
  define_flags()
  try:
    program.run(main, __name__)
  except SystemExit as end:
    status = 0 if end.code is None else end.code
    if isinstance(status, int) and os.environ.get('TF_CONFIG'):
      # All is written, and TensorFlow 2.9 would abort some of a cluster's
      # processes while it takes itself down.
      if status == 0 or status > 128:
        os._exit(status)
    raise


if __name__ == '__main__':
  console_entry_point()
