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

"""Tests for train: the classes of a run, at its start and when it goes on."""

import json
from typing import Any, Dict
from unittest import mock

from absl.testing import absltest

from magenta_viz import train
from magenta_viz.data import folder_entries
from magenta_viz.files import natural_order
from magenta_viz.testing import training_runs

_SETTINGS = {'num_steps': 4, 'checkpoint_every': 2, 'eval_every': 4}


class ClassesTest(training_runs.TinyRunsTestCase):
  def setUp(self) -> None:
    super().setUp()
    self.pictures = self.folder / 'pictures'
    training_runs.write_pictures(self.pictures, class_names=('2', '10', '9'))
    self.given = {'data_dir': str(self.pictures), **_SETTINGS}

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


if __name__ == '__main__':
  absltest.main()
