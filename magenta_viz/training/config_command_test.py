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

"""Tests of the command of a training; the program's own parse it."""

import shlex
from typing import Any

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.settings import command_line
from magenta_viz.training import config as train_config


class TrainCommandTest(parameterized.TestCase):
  @parameterized.parameters(
    ({}, ''),
    ({'num_steps': 5, 'learning_rate': 1e-06}, '--num_steps=5 --learning_rat'),
    ({'learning_rate': 1e-06}, '--learning_rate=1e-06'),
    ({'mirror': False, 'distort_colour': True}, '--nomirror --distort_colour'),
    ({'clip_norm': 0.0, 'warmup_steps': 0}, '--warmup_steps=0 --clip_norm=0.0'),
    ({'data_dir': "my 'birds'"}, """'--data_dir=my '"'"'birds'"'"''"""),
    # What is as by default is left out.
    ({'train_split': 'train', 'seed': 0, 'freeze_steps': 0}, ''),
  )
  def test_settings(self, given: Any, flags: str) -> None:
    config = train_config.TrainConfig('image_folder', '-a', **given)
    command = command_line.command(config)
    start = 'image_visualization_train --dataset=image_folder --train_dir=-a'
    self.assertStartsWith(command, f'{start} {flags}'.rstrip())
    self.assertLen(shlex.split(command), 3 + len(shlex.split(flags)))


if __name__ == '__main__':
  absltest.main()
