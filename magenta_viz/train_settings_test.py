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
from magenta_viz.files import folder_entries
from magenta_viz.files import natural_order
from magenta_viz.models import trained_network
from magenta_viz.testing import event_files
from magenta_viz.testing import training_runs
from magenta_viz.training import class_pictures


class SettingsTest(training_runs.TinyRunsTestCase):
  def setUp(self) -> None:
    super().setUp()
    self.enter_context(mock.patch.object(class_pictures, '_NUM_STEPS', 2))

  def run_training(self, **settings: Any) -> train.Result:
    """Trains in the test's own folder."""
    return train.run(self.config(self.train_dir, **settings))

  def interrupt(self, step: int, **settings: Any) -> List[int]:
    """Trains until Ctrl-C in a step, and returns the steps that are kept."""
    training_runs.interrupt(self.config(self.train_dir, **settings), step)
    return training_runs.checkpoint_steps(self.train_dir)

  def record(self, step: int) -> Dict[str, Any]:
    return training_runs.record_of(self.train_dir, step)

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
    with mock.patch.object(train._Run, '_evaluate', side_effect=found):
      result = self.run_training(num_steps=6, eval_every=2, checkpoint_every=3)
    self.assertEqual(training_runs.checkpoint_steps(self.train_dir), steps)
    self.assertEqual((result.step, result.top1), (6, 0.5))
    for step in steps:
      self.assertEqual(self.record(step)['top1'], top1[step // 2 - 1])
    best = trained_network.find(str(self.train_dir))
    assert best is not None
    self.assertEqual(best.step, steps[0])

  def test_some_are_kept_for_good(self) -> None:
    settings = {'num_steps': 7, 'eval_every': 10, 'checkpoint_every': 3}
    self.assertEqual(self.interrupt(5, keep_every=2, **settings), [2, 4])
    # Nor does a run delete them that keeps no more of its own.
    self.run_training(**settings)
    self.assertEqual(training_runs.checkpoint_steps(self.train_dir), [2, 4, 7])
    self.assertEqual(
      [self.record(step)['is_kept'] for step in (2, 4, 7)], [True, True, False]
    )

  def test_checkpoint_without_evaluation(self) -> None:
    kept = self.interrupt(
      4, num_steps=6, eval_every=5, checkpoint_every=3, visualize_every=2
    )
    self.assertEqual(kept, [3])
    record = self.record(3)
    self.assertEqual((record['top1'], record['top5']), (None, None))
    # What is drawn needs no checkpoint.
    sheets = [path.name for path in (self.train_dir / 'pictures').iterdir()]
    self.assertEqual(sorted(sheets), ['step_00000002.png', 'step_00000004.png'])

  def test_stays_where_it_was_when_interrupted_early(self) -> None:
    settings = {'num_steps': 6, 'checkpoint_every': 2}
    self.assertEmpty(self.interrupt(1, **settings))
    result = self.run_training(**settings)
    self.assertEqual((result.step, result.is_finished), (6, True))

  def test_goes_on_with_what_does_not_change_the_weights(self) -> None:
    settings = {'num_steps': 4, 'checkpoint_every': 2, 'eval_every': 4}
    whole = self.run_training(**settings)
    expected = training_runs.values_of(self.train_dir, 4)
    self.assertGreater(self.record(4)['seconds'], 0)
    shutil.rmtree(self.train_dir)
    self.assertEqual(self.interrupt(3, **settings), [2])
    moved = self.folder / 'moved'
    shutil.copytree(self.root / 'pictures', moved)
    with self.assertLogs(level='INFO') as log:
      result = self.run_training(
        num_steps=4,
        data_dir=str(moved),
        log_dir=str(self.folder / 'log'),
        eval_every=3,
        checkpoint_every=1,
        visualize_every=4,
        visualize_classes=1,
        corrupt_limit=0,
      )
    self.assertRegex(log.output[0], 'steps 2 to 4[.]$')
    self.assertEqual((result.step, result.top1), (4, whole.top1))
    self.assert_same_bits(training_runs.values_of(self.train_dir, 4), expected)
    events = event_files.read(self.folder / 'log')
    self.assertEqual(list(events['eval/top1', 'scalars']), [3, 4])
    self.assertIn(('classes/0 crane', 'images'), events)
    self.assertNotIn(('classes/1 house finch', 'images'), events)

  def test_home(self) -> None:
    with mock.patch.dict(os.environ, HOME=str(self.folder)):
      result = train.run(self.config(Path('~/train'), num_steps=1))
    self.assertEqual(result.checkpoint, f'{self.train_dir}/model.ckpt-1')
    self.assertIn(('train/loss', 'scalars'), event_files.read(self.train_dir))
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
    (last,) = self.interrupt(4, **settings)
    path = self.train_dir / f'model.ckpt-{last}.json'
    record = {**self.record(last), field: value}
    if value is None:
      del record[field]
    path.write_text(json.dumps(record))
    with self.assertRaises(ValueError) as caught:
      self.run_training(**settings)
    self.assertStartsWith(
      str(caught.exception), f"the record '{path}' cannot be used ({reason});"
    )

  def test_other_settings(self) -> None:
    settings = {'num_steps': 2, 'eval_every': 2}
    self.run_training(**settings)
    before = training_runs.contents(self.train_dir)
    more = self.folder / 'more'
    shutil.copytree(self.root / 'pictures', more)
    shutil.copy(more / 'val' / 'wren' / '0.png', more / 'train' / 'wren')
    for changed, difference in (
      ({'learning_rate': 0.02}, 'learning_rate: 0.01 there, 0.02 now'),
      ({'model': 'googlenet'}, 'model: squeezenet there, googlenet now'),
      ({'num_steps': 3}, 'num_steps: 2 there, 3 now'),
      ({'seed': 1, 'mirror': False}, 'seed: 0 there, 1 now'),
      ({'seed': 1, 'mirror': False}, 'mirror: yes there, no now'),
      ({'batch_size': 4}, 'batch_size: 8 there, 4 now'),
      ({'precision': 'float16'}, 'precision: float32 there, float16 now'),
      ({'eval_split': 'train'}, 'eval_split: null there, train now'),
      ({'data_dir': str(more)}, 'data_dir: .*/pictures there, .*/more now'),
      ({'finetune_from': 'auto'}, 'finetune_from: null there, auto now'),
    ):
      with self.subTest(changed):
        with self.assertRaisesRegex(ValueError, difference) as caught:
          self.run_training(**{**settings, **changed})
        self.assertIn('take another --train_dir', str(caught.exception))
        self.assertNotIn('\n', str(caught.exception))
        self.assertEqual(training_runs.contents(self.train_dir), before)


class ClassesTest(training_runs.TinyRunsTestCase):
  def setUp(self) -> None:
    super().setUp()
    self.pictures = self.folder / 'pictures'
    training_runs.write_pictures(self.pictures, class_names=('2', '10', '9'))
    self.given = {
      'data_dir': str(self.pictures),
      'num_steps': 4,
      'checkpoint_every': 2,
    }

  def train(self, name: str, **settings: Any) -> Dict[str, Any]:
    """Trains, and returns the last record."""
    train_dir = self.folder / name
    config = self.config(train_dir, **{**self.given, **settings})
    return training_runs.record_of(train_dir, train.run(config).step)

  def test_goes_on_with_the_order_of_an_earlier_version(self) -> None:
    with mock.patch.object(natural_order, 'key', str):
      whole = self.train('whole')
      stopped = self.config(self.folder / 'stopped', **self.given)
      training_runs.interrupt(stopped, 3)
    self.assertEqual(whole['class_names'], ['10', '2', '9'])
    record = self.train('stopped')
    self.assertEqual(record['class_names'], whole['class_names'])
    self.assertEqual(record['settings'], whole['settings'])
    self.assert_same_bits(
      training_runs.values_of(self.folder / 'stopped', 4),
      training_runs.values_of(self.folder / 'whole', 4),
    )
    # One that begins now does not, though it begins with that one's weights.
    new = self.train('new', finetune_from=str(self.folder / 'whole'))
    self.assertEqual(new['class_names'], ['2', '9', '10'])

  def test_refuses_a_record_of_other_classes(self) -> None:
    record = self.train('train', num_steps=2)
    record['class_names'].reverse()
    path = self.train_dir / 'model.ckpt-2.json'
    path.write_text(json.dumps(record))
    with self.assertRaisesRegex(
      ValueError, f"the classes of .* or in another order, than the .*'{path}'"
    ):
      self.train('train', num_steps=2)

  def test_archives_remnants_are_no_class(self) -> None:
    (name,) = {'__macosx'} & folder_entries.SYSTEM_FOLDERS
    for split in ('', 'train', 'val'):
      path = self.pictures / split / name.upper()
      path.mkdir()
      (path / '._0.png').write_bytes(b'no picture')
    self.assertEqual(self.train('train')['class_names'], ['2', '9', '10'])


class PrecisionTest(training_runs.RunsTestCase):
  @parameterized.parameters('bfloat16', 'float16')
  def test_trains_a_real_network(self, precision: str) -> None:
    train_dir = self.folder / 'train'
    config = self.config(train_dir, num_steps=2, precision=precision)
    result = train.run(config)
    record = training_runs.record_of(train_dir, 2)
    self.assertEqual(record['settings']['precision'], precision)
    self.assertIn(f'--precision={precision}', record['command'])
    self.assertIsNotNone(result.top1)
    values = training_runs.values_of(train_dir, 2)
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
