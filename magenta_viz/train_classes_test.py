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

import dataclasses
import json
from pathlib import Path
from typing import Any, Dict
from unittest import mock

from absl.testing import absltest
import numpy as np

from magenta_viz import train
from magenta_viz.files import folder_entries
from magenta_viz.files import natural_order
from magenta_viz.models import model_spec
from magenta_viz.models.checkpoints import reading as checkpoints
from magenta_viz.testing import trainer
from magenta_viz.testing import training_runs
from magenta_viz.training import config as train_config
from magenta_viz.training import progress as train_watch

_SETTINGS = {'num_steps': 4, 'checkpoint_every': 2, 'eval_every': 4}


class ClassesTest(training_runs.RunsTestCase):
  def setUp(self) -> None:
    super().setUp()
    tiny = dataclasses.replace(trainer.spec_of('tiny'), name='squeezenet')
    self.enter_context(mock.patch.dict(model_spec.MODEL_SPECS, squeezenet=tiny))
    self.pictures = self.folder / 'pictures'
    training_runs.write_pictures(self.pictures, class_names=('2', '10', '9'))

  def train(self, name: str, **settings: Any) -> Dict[str, Any]:
    """Trains, and returns the last record."""
    settings = {'data_dir': str(self.pictures), **_SETTINGS, **settings}
    config = train_config.TrainConfig(
      **self.settings(self.folder / name, **settings)
    )
    prefix = train.run(config).checkpoint
    return json.loads(Path(f'{prefix}.json').read_text())

  def test_goes_on_with_the_order_of_an_earlier_version(self) -> None:
    def stop(watch: Any, step: int, *unused_arguments: Any) -> None:
      if step == 3:
        raise KeyboardInterrupt

    with mock.patch.object(natural_order, 'key', str):
      whole = self.train('whole')
      with mock.patch.object(train_watch.Watch, 'note', stop):
        with self.assertRaises(KeyboardInterrupt):
          self.train('stopped')
    self.assertEqual(whole['class_names'], ['10', '2', '9'])
    record = self.train('stopped')
    self.assertEqual(record['class_names'], whole['class_names'])
    self.assertEqual(record['settings'], whole['settings'])
    found, expected = (
      checkpoints.read_checkpoint(str(self.folder / name / 'model.ckpt-4'))
      for name in ('stopped', 'whole')
    )
    for name, value in expected.items():
      np.testing.assert_array_equal(found[name], value, name)
    # One that begins now does not, though it begins with that one's weights.
    new = self.train('new', finetune_from=str(self.folder / 'whole'))
    self.assertEqual(new['class_names'], ['2', '9', '10'])

  def test_refuses_a_record_of_other_classes(self) -> None:
    self.train('train', num_steps=2)
    path = self.folder / 'train' / 'model.ckpt-2.json'
    record = json.loads(path.read_text())
    record['class_names'].reverse()
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
