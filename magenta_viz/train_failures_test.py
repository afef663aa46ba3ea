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

"""Tests for trainings that fail: what they say, and what is left."""

import dataclasses
import os
import shutil
from typing import Any, List
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image
import tensorflow as tf

from magenta_viz import train
from magenta_viz.data import datasets
from magenta_viz.models import trained_network
from magenta_viz.models.checkpoints import checkpoints
from magenta_viz.testing import testdata
from magenta_viz.testing import training_runs
from magenta_viz.training import checkpoint_folder
from magenta_viz.training import steps as steps_lib


class FailuresTest(training_runs.TinyRunsTestCase):
  def train(self, **settings: Any) -> List[str]:
    """Trains, and returns what was logged."""
    config = self.config(self.train_dir, **{'num_steps': 2, **settings})
    with self.assertLogs(level='INFO') as log:
      train.run(config)
    return [record.getMessage() for record in log.records]

  def assert_fails(self, error: Any, message: str, **settings: Any) -> str:
    """Returns the error's message, which is one line."""
    with self.assertRaisesRegex(error, f'^{message}$') as caught:
      self.train(**settings)
    self.assertNotIn('\n', str(caught.exception))
    return str(caught.exception)

  def test_lost_weights(self) -> None:
    # The weight decay multiplies them with -999 at each step.
    settings = {
      'learning_rate': 1000.0,
      'weight_decay': 1.0,
      'clip_norm': 0,
      'num_steps': 100,
    }
    lost = (
      r'(the (loss|gradient) of step \d+ is (nan|inf)'
      r'|[\w/]+ is not finite any more after step \d+)'
    )
    for checkpoint_every, kept in (
      (100, 'there is no checkpoint yet'),
      (1, rf"the last good checkpoint is '{self.train_dir}/model\.ckpt-\d+'"),
    ):
      message = self.assert_fails(
        FloatingPointError,
        f'{lost}; {kept}; take a smaller --learning_rate, --warmup_steps or a'
        ' --clip_norm such as 1, and another --train_dir',
        checkpoint_every=checkpoint_every,
        **settings,
      )
    (last,) = training_runs.checkpoint_steps(self.train_dir)
    self.assertIn(f'model.ckpt-{last}', message)
    values = training_runs.values_of(self.train_dir, last)
    for name, value in values.items():
      self.assertTrue(np.isfinite(value).all(), name)

  def test_not_a_number(self) -> None:
    train = steps_lib.Steps.train

    def lose(
      steps: steps_lib.Steps, batch: Any, schedule: Any, **kwargs: Any
    ) -> steps_lib.Findings:
      found = train(steps, batch, schedule, **kwargs)
      is_lost = int(schedule.step) == 5
      return found._replace(loss=tf.constant(np.nan)) if is_lost else found

    # Found before the checkpoint that is due right after the step.
    with mock.patch.object(steps_lib.Steps, 'train', lose):
      self.assert_fails(
        FloatingPointError,
        'the loss of step 5 is nan; the last good checkpoint is'
        rf" '{self.train_dir}/model\.ckpt-4'; .*",
        num_steps=8,
        checkpoint_every=2,
      )
    self.assertEqual(training_runs.checkpoint_steps(self.train_dir), [4])
    # It is as good as any to go on from.
    began, *_ = self.train(num_steps=8, checkpoint_every=2)
    self.assertEndsWith(began, '; steps 4 to 8.')

  def test_out_of_memory(self) -> None:
    # As TensorFlow says it, with the places in the program.
    error = tf.errors.ResourceExhaustedError(
      None,
      None,
      'Graph execution error:\n\nDetected at node ones defined at (most recent'
      ' call last):\n  File "a.py", line 5, in <module>\n\nOOM when allocating'
      ' tensor with shape[64,1024] and type float on /job:localhost/replica:0'
      ' by allocator mklcpu\n\t [[{{node ones}}]]\nHint: If you want',
    )
    with mock.patch.object(steps_lib.Steps, 'train', side_effect=error):
      self.assert_fails(
        MemoryError,
        r'a step does not fit into memory \(OOM when allocating tensor with'
        r' shape\[64,1024\]\); take a smaller --batch_size or'
        ' --image_size',
      )
    self.assertEmpty(training_runs.checkpoint_steps(self.train_dir))

  def test_full_disk_for_summaries(self) -> None:
    with testdata.full_disk(room=1000):
      self.assert_fails(
        OSError,
        f"cannot write what TensorBoard shows to '{self.train_dir}': File too"
        ' large; name a --log_dir that can be written, with room on its disk',
      )

  def test_full_disk_for_a_checkpoint(self) -> None:
    settings = {'num_steps': 4, 'checkpoint_every': 2}
    write = checkpoint_folder.CheckpointFolder.write

    def fail(folder: Any, step: int, *arguments: Any) -> str:
      with testdata.full_disk(room=1000 if step == 4 else 10**9):
        return write(folder, step, *arguments)

    with mock.patch.object(checkpoint_folder.CheckpointFolder, 'write', fail):
      self.assert_fails(
        OSError,
        f"the checkpoint of step 4 could not be written in '{self.train_dir}':"
        ' File too large; see to it that the folder can be written and has'
        ' room, and go on from the last checkpoint',
        **settings,
      )
    self.assertEqual(training_runs.checkpoint_steps(self.train_dir), [2])
    began, *_ = self.train(**settings)
    self.assertEndsWith(began, '; steps 2 to 4.')

  def test_killed_in_an_evaluation(self) -> None:
    settings = {'num_steps': 4, 'eval_every': 4}
    kill = mock.patch.object(
      steps_lib.Steps, 'evaluate', side_effect=KeyboardInterrupt
    )
    with kill, self.assertRaises(KeyboardInterrupt):
      self.train(**settings)
    (before,) = trained_network.list_checkpoints(self.train_dir)
    self.assertEqual((before.step, before.top1), (4, None))
    files = checkpoints.locate(before.prefix).files
    contents = [path.read_bytes() for path in files]
    folder = checkpoint_folder.CheckpointFolder
    with mock.patch.object(folder, 'write') as write:
      self.train(**settings)
    write.assert_not_called()
    (after,) = trained_network.list_checkpoints(self.train_dir)
    self.assertEqual(after.step, 4)
    self.assertIsNotNone(after.top1)
    self.assertEqual(checkpoints.locate(after.prefix).files, files)
    self.assertEqual([path.read_bytes() for path in files], contents)

  def test_another_one_saved_while_this_one_began(self) -> None:
    config = self.config(self.train_dir, num_steps=2)
    prepared = checkpoint_folder.CheckpointFolder.prepared

    def late(folder: checkpoint_folder.CheckpointFolder) -> Any:
      with mock.patch.object(
        checkpoint_folder.CheckpointFolder, 'prepared', prepared
      ):
        train.run(config)
      return prepared(folder)

    with mock.patch.object(
      checkpoint_folder.CheckpointFolder, 'prepared', late
    ):
      with self.assertRaisesRegex(
        ValueError, 'another training has just saved step 2 in .*/train.; give'
      ):
        train.run(config)
    self.assertTrue(train.run(config).is_finished)

  def test_evaluation_touches_no_values(self) -> None:
    folder = checkpoint_folder.CheckpointFolder
    with mock.patch.object(
      folder, 'write', autospec=True, side_effect=folder.write
    ) as write, mock.patch.object(folder, 'read') as read:
      self.train(num_steps=4, eval_every=2)
    self.assertEqual([call[0][1] for call in write.call_args_list], [2, 4])
    read.assert_not_called()
    for each in trained_network.list_checkpoints(self.train_dir):
      self.assertIsNotNone(each.top1)

  def test_label_of_no_class(self) -> None:
    opened = datasets.open_dataset('image_folder', str(self.root / 'pictures'))

    def read(*arguments: Any) -> tf.data.Dataset:
      examples = opened.reader(*arguments)
      return examples.map(lambda each: each._replace(label=each.label + 2))

    wrong = dataclasses.replace(opened, reader=read)
    with mock.patch.object(datasets, 'open_dataset', return_value=wrong):
      self.assert_fails(
        ValueError,
        r"picture 'train/.*' has the label [34]; the labels of 3 classes are"
        ' from 0 to 2',
      )
    self.assertEmpty(training_runs.checkpoint_steps(self.train_dir))

  def test_corrupt_pictures(self) -> None:
    pictures = self.folder / 'pictures'
    shutil.copytree(self.root / 'pictures', pictures)
    names = ['train/crane/0.png', 'train/wren/1.jpg']
    for name in (*names, 'val/wren/0.png'):
      (pictures / name).write_bytes(b'no picture')
    settings = {'data_dir': str(pictures), 'num_steps': 3}
    self.assert_fails(
      ValueError,
      r"corrupt picture 'train/\w+/\d\.\w+' \(.*\) is one more than the limit"
      ' of 1; mend or remove it and those that the log names, .*',
      corrupt_limit=1,
      **settings,
    )
    # A look at the files' heads told, before the first step.
    self.assertFalse(self.train_dir.exists())
    log = self.train(corrupt_limit=2, **settings)
    record = training_runs.record_of(self.train_dir, 3)
    found = record['dataset']['corrupt']
    self.assertCountEqual(found['train'], names)
    self.assertEqual(found['eval'], ['val/wren/0.png'])
    for name in (*names, 'val/wren/0.png'):
      told = [line for line in log if f"'{name}' is left out: " in line]
      self.assertLen(told, 1)

  @parameterized.parameters('pipe', 'device', 'film')
  @absltest.skipIf(os.name == 'nt', 'needs pipes and devices')
  def test_no_still_picture(self, what: str) -> None:
    pictures = self.folder / 'pictures'
    shutil.copytree(self.root / 'pictures', pictures)
    path = pictures / 'val/wren/z.png'
    if what == 'pipe':
      os.mkfifo(path)
    elif what == 'device':
      path.symlink_to('/dev/zero')
    else:
      stills = [Image.new('L', (4, 4), level) for level in (0, 255)]
      stills[0].save(path, save_all=True, append_images=stills[1:])
    message = {
      'film': f"'{path}' is animated or has several pages; training takes .*",
    }.get(what, f"'{path}' is no plain file, nor a link to one; .*")
    self.assert_fails(ValueError, message, data_dir=str(pictures))
    self.assertFalse(self.train_dir.exists())

  @parameterized.parameters(
    (False, 'No such file or directory'), (True, '.*[Dd]irectory')
  )
  def test_picture_that_is_gone(self, is_folder: bool, reason: str) -> None:
    pictures = self.folder / 'pictures'
    shutil.copytree(self.root / 'pictures', pictures)
    opened = datasets.open_dataset('image_folder', str(pictures))
    (pictures / 'train/wren/0.png').unlink()
    # It went after the look at all files.
    opened = dataclasses.replace(opened, find_damaged=lambda split: {})
    if is_folder:
      (pictures / 'train/wren/0.png').mkdir()
    with mock.patch.object(datasets, 'open_dataset', return_value=opened):
      self.assert_fails(
        OSError,
        rf'the data cannot be read \({pictures}/train/wren/0\.png; {reason}\);'
        ' put back what was there .*',
        data_dir=str(pictures),
        num_steps=3,
      )


if __name__ == '__main__':
  absltest.main()
