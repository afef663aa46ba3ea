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

"""Tests for train: what a run keeps, and with what it goes on."""

import dataclasses
import json
import os
from pathlib import Path
import shutil
from typing import Any, Dict, List, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz import train
from magenta_viz.models import model_spec
from magenta_viz.models import trained_network
from magenta_viz.models.checkpoints import checkpoints
from magenta_viz.testing import trainer
from magenta_viz.testing import training_runs
from magenta_viz.training import class_pictures
from magenta_viz.training import config as train_config
from magenta_viz.training import progress as train_watch


def _record(prefix: str) -> Dict[str, Any]:
  return json.loads(Path(f'{prefix}.json').read_text())


class SettingsTest(training_runs.RunsTestCase):
  """What needs no real network, which takes long to trace."""

  def setUp(self) -> None:
    super().setUp()
    tiny = dataclasses.replace(trainer.spec_of('tiny'), name='squeezenet')
    self.enter_context(mock.patch.dict(model_spec.MODEL_SPECS, squeezenet=tiny))
    self.enter_context(mock.patch.object(class_pictures, '_NUM_STEPS', 2))

  def config(self, **settings: Any) -> train_config.TrainConfig:
    """Returns a training in the test's own folder."""
    return train_config.TrainConfig(
      **{**self.settings(self.folder / 'train'), **settings}
    )

  def interrupted(self, step: int, **settings: Any) -> Path:
    """Trains until Ctrl-C in a step, and returns the folder."""
    config = self.config(**settings)

    def note(watch: Any, current: int, *unused_arguments: Any) -> None:
      if current == step:
        raise KeyboardInterrupt

    with mock.patch.object(train_watch.Watch, 'note', note):
      with self.assertRaises(KeyboardInterrupt):
        train.run(config)
    return Path(config.train_dir)

  @parameterized.parameters(
    # The best is before the last, of equals it is the later one, and the last.
    ((0.2, 0.9, 0.5), [4, 6]),
    ((0.9, 0.9, 0.5), [4, 6]),
    ((0.1, 0.2, 0.5), [6]),
  )
  def test_best_and_last_are_kept(
    self, top1: Tuple[float, ...], steps: List[int]
  ) -> None:
    found = [{'top1': each, 'top5': 1.0, 'loss': 1.0} for each in top1]
    config = self.config(num_steps=6, eval_every=2, checkpoint_every=3)
    with mock.patch.object(train._Run, '_evaluate', side_effect=found):
      result = train.run(config)
    train_dir = Path(config.train_dir)
    self.assertEqual(training_runs.checkpoint_steps(train_dir), steps)
    self.assertEqual((result.step, result.top1), (6, 0.5))
    for step in steps:
      record = _record(f'{train_dir}/model.ckpt-{step}')
      self.assertEqual(record['top1'], top1[step // 2 - 1])
    best = trained_network.find(str(train_dir))
    assert best is not None
    self.assertEqual(best.step, steps[0])

  def test_checkpoint_without_evaluation(self) -> None:
    train_dir = self.interrupted(
      4, num_steps=6, eval_every=5, checkpoint_every=3, visualize_every=2
    )
    self.assertEqual(training_runs.checkpoint_steps(train_dir), [3])
    record = _record(f'{train_dir}/model.ckpt-3')
    self.assertIsNone(record['top1'])
    self.assertIsNone(record['top5'])
    # What is drawn needs no checkpoint.
    sheets = [path.name for path in (train_dir / 'pictures').iterdir()]
    self.assertEqual(sorted(sheets), ['step_00000002.png', 'step_00000004.png'])

  def test_stays_where_it_was_when_interrupted_early(self) -> None:
    train_dir = self.interrupted(1, num_steps=6, checkpoint_every=2)
    self.assertEmpty(training_runs.checkpoint_steps(train_dir))
    result = train.run(self.config(num_steps=6, checkpoint_every=2))
    self.assertEqual((result.step, result.is_finished), (6, True))

  def test_goes_on_with_what_does_not_change_the_weights(self) -> None:
    settings = {'num_steps': 4, 'checkpoint_every': 2, 'eval_every': 4}
    whole = train.run(self.config(**settings))
    train_dir = self.folder / 'train'
    whole_values = checkpoints.read_checkpoint(whole.checkpoint)
    seconds = _record(whole.checkpoint)['seconds']
    shutil.rmtree(train_dir)
    self.interrupted(3, **settings)
    self.assertEqual(training_runs.checkpoint_steps(train_dir), [2])
    moved = self.folder / 'moved'
    shutil.copytree(self.root / 'pictures', moved)
    config = self.config(
      num_steps=4,
      data_dir=str(moved),
      log_dir=str(self.folder / 'log'),
      eval_every=3,
      checkpoint_every=1,
      visualize_every=4,
      visualize_classes=1,
      corrupt_limit=0,
    )
    with self.assertLogs(level='INFO') as log:
      result = train.run(config)
    self.assertRegex(log.output[0], 'steps 2 to 4[.]$')
    self.assertEqual((result.step, result.top1), (4, whole.top1))
    values = checkpoints.read_checkpoint(result.checkpoint)
    self.assertEqual(set(values), set(whole_values))
    for name, value in values.items():
      self.assertEqual(value.tobytes(), whole_values[name].tobytes(), name)
    events = training_runs.read_events(self.folder / 'log')
    self.assertEqual(list(events['eval/top1']), [3, 4])
    self.assertIn('classes/0 crane', events)
    self.assertNotIn('classes/1 house finch', events)
    self.assertGreater(seconds, 0)

  def test_home(self) -> None:
    config = self.config(num_steps=1, train_dir='~/train')
    with mock.patch.dict(os.environ, HOME=str(self.folder)):
      result = train.run(config)
    self.assertEqual(result.checkpoint, f'{self.folder}/train/model.ckpt-1')
    self.assertIn(
      'train/loss', training_runs.read_events(self.folder / 'train')
    )
    self.assertFalse(Path('~').exists())

  @parameterized.parameters(
    ('seconds', None, 'it lacks seconds, how long training took'),
    ('seconds', -1, 'its seconds is not how long training took'),
    ('seconds', 1e300, 'its seconds is not how long training took'),
    ('top5', None, 'it lacks top5, a share from 0 to 1, or null'),
  )
  def test_goes_on_from_no_record_that_lacks_something(
    self, field: str, value: Any, reason: str
  ) -> None:
    settings = {'num_steps': 6, 'checkpoint_every': 3}
    train_dir = self.interrupted(4, **settings)
    last = training_runs.checkpoint_steps(train_dir)[-1]
    path = train_dir / f'model.ckpt-{last}.json'
    record = json.loads(path.read_text())
    record[field] = value
    if value is None:
      del record[field]
    path.write_text(json.dumps(record))
    with self.assertRaises(ValueError) as caught:
      train.run(self.config(**settings))
    self.assertStartsWith(
      str(caught.exception), f"the record '{path}' cannot be used ({reason});"
    )

  def test_other_settings(self) -> None:
    settings = {'num_steps': 2, 'eval_every': 2}
    train.run(self.config(**settings))
    before = training_runs.contents(self.folder / 'train')
    more = self.folder / 'more'
    shutil.copytree(self.root / 'pictures', more)
    shutil.copy(more / 'val' / 'wren' / '0.png', more / 'train' / 'wren')
    for changed, difference in (
      ({'learning_rate': 0.02}, 'learning_rate: 0.01 there, 0.02 now'),
      ({'model': 'googlenet'}, 'model: "squeezenet" there, "googlenet" now'),
      ({'num_steps': 3}, 'num_steps: 2 there, 3 now'),
      ({'seed': 1, 'mirror': False}, 'seed: 0 there, 1 now'),
      ({'seed': 1, 'mirror': False}, 'mirror: true there, false now'),
      ({'batch_size': 4}, 'batch_size: 8 there, 4 now'),
      ({'precision': 'float16'}, 'precision: "float32" there, "float16" now'),
      ({'eval_split': 'train'}, 'eval_split: null there, "train" now'),
      ({'data_dir': str(more)}, 'fingerprint: "[0-9a-f]+" there, "[0-9a-f]+"'),
      ({'finetune_from': 'auto'}, 'finetune_from: null there, "f286bbf493e6'),
    ):
      with self.subTest(changed):
        with self.assertRaisesRegex(ValueError, difference) as caught:
          train.run(self.config(**{**settings, **changed}))
        self.assertIn('take another --train_dir', str(caught.exception))
        self.assertNotIn('\n', str(caught.exception))
        self.assertEqual(training_runs.contents(self.folder / 'train'), before)


class PrecisionTest(training_runs.RunsTestCase):
  @parameterized.parameters('bfloat16', 'float16')
  def test_trains_a_real_network(self, precision: str) -> None:
    result = train.run(
      train_config.TrainConfig(
        **self.settings(self.folder / 'train', num_steps=2, precision=precision)
      )
    )
    record = _record(result.checkpoint)
    self.assertEqual(record['settings']['precision'], precision)
    self.assertIn(f'--precision={precision}', record['command'])
    self.assertIsNotNone(result.top1)
    values = checkpoints.read_checkpoint(result.checkpoint)
    # Weights are kept in full, and have changed.
    kernel = values['fire9/expand3x3/weights']
    self.assertEqual(kernel.dtype, np.float32)
    self.assertTrue(np.any(values['fire9/expand3x3/weights/Momentum']))
    self.assertEqual('loss_scale' in values, precision == 'float16')
    # Such as no bfloat16 holds.
    self.assertFalse(
      np.array_equal(tf.cast(tf.cast(kernel, tf.bfloat16), tf.float32), kernel)
    )


if __name__ == '__main__':
  absltest.main()
