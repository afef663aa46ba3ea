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

"""Tests for train: whole runs on one device, and what they leave behind."""

import json
from pathlib import Path
import shutil
from typing import Any, Dict
from unittest import mock

from absl.testing import absltest
import numpy as np
import tensorflow as tf

from magenta_viz import train
from magenta_viz import visualize
from magenta_viz.data import batches
from magenta_viz.data import corrupt as corrupt_pictures
from magenta_viz.data import datasets
from magenta_viz.data import preprocessing
from magenta_viz.media import image_files
from magenta_viz.models import network_loading
from magenta_viz.models import network_source
from magenta_viz.models.checkpoints import checkpoints
from magenta_viz.settings import command_line
from magenta_viz.settings import parts
from magenta_viz.testing import event_files
from magenta_viz.testing import training_runs
from magenta_viz.training import class_pictures
from magenta_viz.training import config as train_config
from magenta_viz.training import steps


class RunTest(training_runs.RunsTestCase):
  """One run of a real network, looked at from all sides."""

  train_dir: Path
  asked: train_config.TrainConfig
  result: train.Result
  record: Dict[str, Any]

  @classmethod
  def setUpClass(cls) -> None:
    super().setUpClass()
    cls.train_dir = cls.root / 'train'
    cls.asked = cls.config(
      cls.train_dir,
      num_steps=5,
      eval_every=4,
      checkpoint_every=2,
      visualize_every=3,
      visualize_classes=2,
    )
    with mock.patch.object(class_pictures, '_NUM_STEPS', 3):
      cls.result = train.run(cls.asked)
    cls.record = training_runs.record_of(cls.train_dir, 5)

  def test_result(self) -> None:
    self.assertEqual(
      self.result,
      train.Result(
        train_dir=str(self.train_dir),
        checkpoint=f'{self.train_dir}/model.ckpt-5',
        step=5,
        top1=self.record['top1'],
        top5=1.0,
        is_finished=True,
      ),
    )
    self.assertIsNotNone(self.result.top1)

  def test_checkpoint_is_tensorflows_own(self) -> None:
    values = checkpoints.read_checkpoint(self.result.checkpoint)
    self.assertEqual(values['global_step'], 5)
    self.assertEqual(values['global_step'].dtype, np.int64)
    self.assertEqual(
      tf.train.latest_checkpoint(str(self.train_dir)), self.result.checkpoint
    )
    kernel = 'conv10/weights'
    for name in (kernel, f'{kernel}/ExponentialMovingAverage'):
      self.assertEqual(values[name].shape, (1, 1, 512, 3))
    self.assertGreater(np.abs(values[f'{kernel}/Momentum']).max(), 0)
    self.assertNotAlmostEqual(
      np.abs(
        values[kernel] - values[f'{kernel}/ExponentialMovingAverage']
      ).max(),
      0.0,
      delta=1e-9,
    )

  def test_record(self) -> None:
    source = datasets.open_dataset('image_folder', self.asked.data_dir)
    record = dict(self.record)
    self.assertBetween(record.pop('seconds'), 0.1, 600)
    self.assertGreater(record.pop('peak_memory_bytes'), 10**8)
    # train_drawn_test.py has what it says.
    self.assertLen(record.pop('pictures'), 3)
    self.assertEqual(record.pop('versions')['tensorflow'], tf.__version__)
    self.assertEqual(
      record,
      {
        'model': 'squeezenet',
        'image_size': 64,
        'num_outputs': 3,
        'class_offset': 0,
        'class_names': list(training_runs.CLASS_NAMES),
        'step': 5,
        'num_steps': 5,
        'is_kept': False,
        'top1': self.result.top1,
        'top5': 1.0,
        'dataset': {
          'name': 'image_folder',
          'version': source.version,
          'fingerprint': source.fingerprint,
          'num_train': 24,
          'num_eval': 12,
          'corrupt': {'train': [], 'eval': []},
        },
        'settings': {
          **train_config.result_settings(self.asked),
          'dataset': 'image_folder',
          'fingerprint': source.fingerprint,
          'num_replicas': 1,
        },
        'command': command_line.command(self.asked),
      },
    )
    self.assertEqual(record['settings']['learning_rate'], 0.01)

  def test_accuracy_is_the_averaged_networks(self) -> None:
    # Counted anew, by what draws and with no code of the training's.
    source = network_source.choose('auto', self.result.checkpoint)
    network = network_loading.load(source, tf.float32)
    counts = np.zeros(2)
    for batch in batches.eval_batches(
      datasets.open_dataset('image_folder', self.asked.data_dir),
      preprocessing.Preprocessing(
        size=64, is_training=False, central_fraction=0.875
      ),
      4,
      corrupt_pictures.Corrupt(0),
    ):
      found = tf.argmax(network(batch.images).logits, axis=1)
      counts += [np.sum(found == tf.cast(batch.labels, tf.int64)), 4]
    self.assertEqual(counts[1], 12)
    self.assertAlmostEqual(self.result.top1, counts[0] / counts[1])

  def test_summaries(self) -> None:
    events = {
      tag: steps for (tag, _), steps in event_files.read(self.train_dir).items()
    }
    numbers = 'loss accuracy gradient_norm learning_rate images_per_second'
    self.assertCountEqual(
      events,
      [
        *(f'train/{name}' for name in numbers.split()),
        *(f'eval/{name}' for name in ('loss', 'top1', 'top5')),
        *('classes/0 crane', 'classes/1 house finch'),
        'inputs',
      ],
    )
    # Three classes are equally likely, but for the first random weights.
    self.assertAlmostEqual(events['train/loss'][0], np.log(3), delta=0.2)
    self.assertAlmostEqual(events['train/learning_rate'][0], 0.01)
    self.assertGreater(events['train/images_per_second'][0], 0)
    self.assertEqual(list(events['eval/top1']), [4, 5])
    self.assertAlmostEqual(events['eval/top1'][5], self.result.top1, delta=1e-6)
    self.assertEqual(list(events['classes/0 crane']), [3, 5])
    ((_, _, *inputs),) = events['inputs'].values()
    self.assertLen(inputs, 8)
    for data in inputs:
      image = tf.io.decode_png(data).numpy()
      self.assertEqual(image.shape, (64, 64, 3))
      self.assertGreater(image.std(), 20)

  def test_pictures_of_classes(self) -> None:
    folder = self.train_dir / 'pictures'
    names = sorted(path.name for path in folder.iterdir())
    self.assertEqual(names, ['step_00000003.png', 'step_00000005.png'])
    sheets = [image_files.read_image(folder / name) for name in names]
    for sheet in sheets:
      # Two cells of 224 x 224 side by side, on white, and a line of text.
      self.assertBetween(sheet.shape[0], 225, 300)
      self.assertBetween(sheet.shape[1], 448, 500)
      for left in (50, 290):
        cell = sheet[50:200, left : left + 150]
        # Little comes of so few steps; but a picture begins with noise.
        self.assertGreater(cell.std(), 0.004)
        self.assertLess(cell.max(), 0.9)
    self.assertGreater(np.abs(sheets[0] - sheets[1]).max(), 0.004)

  def test_finished_run_trains_nothing(self) -> None:
    before = training_runs.contents(self.train_dir)
    self.assertEqual(train.run(self.asked), self.result)
    self.assertEqual(training_runs.contents(self.train_dir), before)

  def test_stopped_in_its_last_evaluation(self) -> None:
    folder = self.folder / 'copy'
    shutil.copytree(self.train_dir, folder)
    path = folder / 'model.ckpt-5.json'
    record = json.loads(path.read_text())
    # As it is written before the evaluation.
    path.write_text(json.dumps({**record, 'top1': None, 'top5': None}))
    config = parts.replace(self.asked, train_dir=str(folder))
    with mock.patch.object(steps.Steps, 'train') as trained:
      result = train.run(config)
    trained.assert_not_called()
    self.assertEqual((result.top1, result.top5), (self.result.top1, 1.0))
    self.assertEqual(json.loads(path.read_text())['top1'], self.result.top1)

  def test_is_drawn_by_its_folder_alone(self) -> None:
    (picture,) = visualize.run(
      visualize.VisualizeConfig(
        checkpoints=(str(self.train_dir),),
        class_ids=(1,),
        overrides={'num_steps': 2},
      )
    )
    self.assertEqual(picture.image.shape, (88, 88, 3))
    self.assertGreater(picture.image.std(), 0.005)
    self.assertEqual(picture.record['class_name'], 'house finch')
    self.assertEqual(picture.record['networks'][0]['model'], 'squeezenet')


if __name__ == '__main__':
  absltest.main()
