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

"""Tests for the errors of the command image_visualization_train."""

import os
from typing import Any, Dict, Sequence
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz import image_visualization_train
from magenta_viz.models import weights
from magenta_viz.testing import programs
from magenta_viz.testing import trained_checkpoints
from magenta_viz.testing import training_runs

_PROGRAM = 'image_visualization_train'


class ErrorsTest(training_runs.TinyRunsTestCase):
  """Bad input: a line, an exit status, and nothing written."""

  def run_program(self, **settings: Any) -> programs.Ended:
    """Runs it with some settings; None leaves one of the usual out."""
    settings = {**self.settings(self.train_dir, num_steps=2), **settings}
    given = {key: each for key, each in settings.items() if each is not None}
    return programs.run(
      image_visualization_train.console_entry_point,
      _PROGRAM,
      *training_runs.flags(given),
    )

  def assert_refused(
    self, message: str, status: int = 1, **settings: Any
  ) -> None:
    """Fails unless one line says what is wrong, and nothing is written."""
    ended = self.run_program(**settings)
    self.assertRegex(ended.stderr, f'^{_PROGRAM}: .*{message}')
    self.assertEqual(ended.stderr.count('\n'), 1, ended.stderr)
    self.assertEqual(ended.status, status)
    self.assertEmpty(ended.stdout)
    self.assertFalse(self.train_dir.exists())

  @parameterized.parameters(
    ({'train_split': 'nope'}, "unknown split 'nope' of the image folder"),
    ({'eval_split': 'nope'}, "unknown split 'nope' .*; it has train, val"),
    ({'data_dir': None}, 'needs a folder; name it with --data_dir'),
    ({'data_dir': '/no/such'}, "cannot read the image folder '/no/such'"),
    ({'finetune_from': '/no/such'}, "no checkpoint at '/no/such'; give --fin"),
    ({'auxiliary_weight': 0.3}, 'squeezenet has no inner classifiers'),
    ({'warmup_steps': 3}, 'warmup_steps is 3, but the training has 2 steps'),
    ({'image_size': 32}, r'--image_size is .32.; .* 64 to 1024', 2),
  )
  def test_settings(
    self, settings: Dict[str, Any], message: str, status: int = 1
  ) -> None:
    self.assert_refused(message, status, **settings)

  def test_unknown_dataset(self) -> None:
    ended = self.run_program(dataset='cifar1')
    # TFDS has remarks of its own.
    *_, line = ended.stderr.splitlines()
    self.assertStartsWith(
      line, f"{_PROGRAM}: unknown dataset 'cifar1'; similar: cifar10"
    )
    self.assertEqual(ended.status, 1)
    self.assertFalse(self.train_dir.exists())

  @parameterized.parameters(
    (['finch'], r"image folder '.*' has 1 class \(finch\), and there is noth"),
    (['finch', 'x' * 250], "class 'x{60} ...' .* a name of 250 bytes; pic"),
    (['finch', 'a\nb'], r"class 'a\\nb' of image folder '.*' has a line bre"),
    (['finch', 'Finch'], "classes 'Finch' and 'finch' of .* cannot be told"),
    (['finch', 'wren', ''], "class 'empty' has no pictures in '.*/train/empty"),
    ([], "there are no pictures in folders of '.*'; put each class's"),
  )
  def test_folders(self, names: Sequence[str], message: str) -> None:
    pictures = self.folder / 'pictures'
    pictures.mkdir()
    training_runs.write_pictures(
      pictures, class_names=[name for name in names if name]
    )
    if '' in names:
      (pictures / 'train' / 'empty').mkdir()
    self.assert_refused(message, data_dir=pictures)

  def test_names_and_weights_that_cannot_be_fetched(self) -> None:
    self.assert_refused(
      "finetune_from is 'squeezenet', the name of a network; take"
      ' --finetune_from=auto with --model=squeezenet, or give a path',
      finetune_from='squeezenet',
    )
    error = weights.UnreachableError(
      'cannot download a; fetch the file by hand and give it to --checkpoint'
    )
    with mock.patch.object(weights, 'fetch', side_effect=error):
      self.assert_refused(
        'cannot download a; .* give it to --finetune_from; at hand are'
        ' .*--model=squeezenet',
        model='googlenet',
        finetune_from='auto',
      )

  def test_checkpoint_of_another_network(self) -> None:
    other = trained_checkpoints.write_network(self.folder / 'other', 1)
    self.assert_refused(
      f"model is googlenet, but the network in '{other}' is squeezenet; give"
      ' --model=squeezenet, or another --finetune_from\n$',
      model='googlenet',
      finetune_from=other,
    )
    path = self.folder / 'other.npz'
    np.savez(path, conv=np.zeros(3))
    self.assert_refused(
      'the checkpoint lacks 6 of the 6 variables of squeezenet: tiny/conv/',
      finetune_from=path,
    )

  def test_tf_config(self) -> None:
    with mock.patch.dict(os.environ, TF_CONFIG='{'):
      self.assert_refused('TF_CONFIG is not JSON.*; this one is right: {')

  def test_train_dir_is_a_file(self) -> None:
    file = self.folder / 'file'
    file.touch()
    for path in (file, file / 'train'):
      ended = self.run_program(train_dir=path)
      self.assertEqual(
        ended.stderr,
        f"{_PROGRAM}: cannot write in the folder '{path}': '{file}' is no"
        ' folder; name a folder that can be made and written to, with room on'
        ' its disk\n',
      )
      self.assertEqual(ended.status, 1)

  def test_log_dir_is_a_file(self) -> None:
    file = self.folder / 'file'
    file.touch()
    ended = self.run_program(log_dir=file)
    self.assertRegex(
      ended.stderr,
      f"{_PROGRAM}: cannot write what TensorBoard shows to '{file}': Not a"
      ' directory; name a --log_dir that can be written, .*\n$',
    )
    self.assertEqual(ended.status, 1)
    self.assertEmpty(list(self.train_dir.iterdir()))


if __name__ == '__main__':
  absltest.main()
