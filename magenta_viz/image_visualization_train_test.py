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

"""Tests for the command image_visualization_train, without the training."""

import dataclasses
import os
import shlex
import signal
import subprocess
import sys
from typing import Any, List, Optional
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz import image_visualization_train
from magenta_viz import train
from magenta_viz.process import tensorflow_start
from magenta_viz.settings import command_line
from magenta_viz.settings import parts
from magenta_viz.testing import programs
from magenta_viz.training import config as train_config
from magenta_viz.training import optimizers

_PROGRAM = 'image_visualization_train'
_FLAGS = ('--dataset=cifar10', '--train_dir=my digits')

_RESULT = train.Result(
  train_dir='my digits',
  checkpoint='my digits/model.ckpt-500',
  step=500,
  top1=0.98054,
  top5=1.0,
  is_finished=True,
)


class TrainTest(parameterized.TestCase):
  """With a training that takes no time and gives `result`."""

  def setUp(self) -> None:
    super().setUp()
    self.result: Any = _RESULT
    self.configs: List[train_config.TrainConfig] = []
    for patch in (
      mock.patch.object(train, 'run', self._train),
      mock.patch.object(tensorflow_start, 'start'),
    ):
      self.enter_context(patch)

  def _train(
    self, config: train_config.TrainConfig, show_progress: bool
  ) -> train.Result:
    self.assertTrue(show_progress)
    self.configs.append(config)
    if isinstance(self.result, BaseException):
      raise self.result
    return self.result

  def run_program(self, *flags: str) -> programs.Ended:
    entry_point = image_visualization_train.console_entry_point
    return programs.run(entry_point, _PROGRAM, *flags)

  def config_of(self, *flags: str) -> train_config.TrainConfig:
    ended = self.run_program(*flags)
    self.assertEqual(ended.status, 0, ended.stderr)
    return self.configs.pop()

  def test_help_does_without_tensorflow(self) -> None:
    done = subprocess.run(
      [programs.installed(_PROGRAM), '--help'],
      env={
        **os.environ,
        'PYTHONPATH': os.pathsep.join(sys.path),
        'PYTHONPROFILEIMPORTTIME': '1',
      },
      capture_output=True,
      text=True,
      check=False,
    )
    for setting in parts.settings(train_config.TrainConfig):
      no = r'\[no\]' if setting.kind is bool else ''
      self.assertRegex(done.stdout, f'(?m)^  --{no}{setting.name}: ')
    # Flags of the programs that draw.
    self.assertNotIn('--checkpoint:', done.stdout)
    self.assertNotIn('auto|inception_v1', done.stdout)
    self.assertIn('magenta_viz.common_flags', done.stderr)
    self.assertNotRegex(done.stderr, r'\| +(tensorflow|tf_slim|scipy|numpy)\b')

  def test_defaults_are_the_configs(self) -> None:
    self.assertEqual(
      self.config_of('--dataset=cifar10', '--train_dir=a'),
      train_config.TrainConfig.of(dataset='cifar10', train_dir='a'),
    )

  @parameterized.parameters(
    {'data_dir': 'a b', 'train_split': 'train[:90%]', 'eval_split': 'test'},
    {'model': 'squeezenet', 'image_size': 96, 'batch_size': 8, 'seed': 3},
    {'num_steps': 5, 'learning_rate': 1e-06, 'optimizer': 'rmsprop'},
    {'num_epochs': 0.5, 'schedule': 'polynomial', 'power': 2.0},
    {'mirror': False, 'distort_colour': False, 'min_area': 0.5},
    {'mirror': True, 'clip_norm': 0.0, 'dropout': 0.0},
    {'finetune_from': 'auto', 'freeze_steps': 7, 'precision': 'float16'},
    {'visualize_every': 10, 'visualize_classes': 2, 'log_dir': "it's"},
    {'strategy': 'multi_worker', 'eval_every': 4, 'checkpoint_every': 2},
  )
  def test_command_of_a_config(self, **settings: Any) -> None:
    config = train_config.TrainConfig.of(
      dataset='image_folder', train_dir='-a', **settings
    )
    program, *flags = shlex.split(command_line.command(config))
    self.assertEqual(program, _PROGRAM)
    self.assertEqual(self.config_of(*flags), config)

  def test_programs_share_flags(self) -> None:
    """Flags that another program has of the same name stay as they are."""
    given = ('--dataset=cifar10', '--train_dir=a')
    for _ in range(2):
      config = self.config_of(*given, '--optimizer=rmsprop', '--image_size=96')
      self.assertEqual(
        (type(config.optimizer), config.image_size), (optimizers.RMSProp, 96)
      )
      drawn = programs.visualize_config(
        *('--class_id=1', '--output_dir=a'),
        *('--optimizer=nadam', '--image_size=96x64', '--learning_rate=3..1'),
      )
      self.assertEqual(drawn.image_size, (96, 64))
      self.assertEqual(
        drawn.overrides, {'optimizer': 'nadam', 'learning_rate': '3..1'}
      )

  @parameterized.parameters(
    (_FLAGS[:1], 2, 'give both --dataset, such as image_folder'),
    (_FLAGS[1:], 2, 'give both --dataset, such as image_folder'),
    ((*_FLAGS, 'c'), 2, "unknown argument 'c'; flags st"),
    (('--batch_size=0',), 2, "--batch_size is '0';"),
    (('--model=auto',), 2, "--model is 'auto';"),
    (('--no_such_flag',), 2, 'there is no flag --no_such_flag; --help lists'),
    (('--dataset=', '--train_dir=b'), 1, 'dataset is empty; give it a value'),
    (
      (*_FLAGS, '--schedule=step', '--power=2'),
      1,
      "power does nothing, because schedule is 'step'; leave it out, or take",
    ),
  )
  def test_error_is_one_line(
    self, flags: Any, status: int, message: str
  ) -> None:
    ended = self.run_program(*flags)
    self.assertEqual(ended.status, status, ended.stderr)
    self.assertStartsWith(ended.stderr, f'{_PROGRAM}: {message}')
    self.assertEqual(ended.stderr.count('\n'), 1)
    self.assertEmpty(ended.stdout)
    self.assertEmpty(self.configs)

  @parameterized.parameters(
    (0.98054, 1.0, '98.1% of the pictures right, 100.0% among the first five'),
    (0.5, None, '50.0% of the pictures right'),
    (0.0, 0.0, '0.0% of the pictures right, 0.0% among the first five'),
    (None, None, 'not evaluated'),
  )
  def test_last_line(
    self, top1: Optional[float], top5: Optional[float], text: str
  ) -> None:
    self.result = dataclasses.replace(_RESULT, top1=top1, top5=top5)
    ended = self.run_program(*_FLAGS)
    self.assertEqual(ended.status, 0, ended.stderr)
    self.assertEqual(
      ended.stdout,
      f'my digits/model.ckpt-500: {text}; to draw:'
      " image_visualization_visualize '--checkpoint=my digits' --class_id=0"
      ' --output_dir=pictures\n',
    )
    self.assertEmpty(ended.stderr)

  @parameterized.parameters(
    (None, 143),
    (signal.SIGTERM, 143),
    (signal.SIGHUP, 129),
    (signal.SIGINT, 130),
  )
  def test_stopped(self, number: Optional[int], status: int) -> None:
    self.result = dataclasses.replace(
      _RESULT, is_finished=False, step=123, stopped_by=number
    )
    if number == signal.SIGINT:
      self.result = train.Interrupted(self.result)
    ended = self.run_program(*_FLAGS)
    self.assertEqual(ended.status, status)
    self.assertEqual(
      ended.stderr,
      f'{_PROGRAM}: stopped at step 123, which is saved in my digits; the same'
      ' command goes on from there\n',
    )
    self.assertEmpty(ended.stdout)

  @parameterized.parameters(
    FloatingPointError('the loss is NaN at step 7'),
    ImportError('tensorflow_datasets is installed, but not with'),
  )
  def test_failed(self, error: Exception) -> None:
    self.result = error
    ended = self.run_program(*_FLAGS)
    self.assertEqual(ended.status, 1)
    self.assertEqual(ended.stderr, f'{_PROGRAM}: {error}\n')
    self.assertEmpty(ended.stdout)

  def test_a_defect_shows_where_it_is(self) -> None:
    self.result = KeyError('no such key')
    with self.assertRaises(KeyError):
      self.run_program(*_FLAGS)


if __name__ == '__main__':
  absltest.main()
