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

"""Tests for trainings that begin with the weights of another network."""

from typing import Dict, Set

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz import train
from magenta_viz.models import network_loading
from magenta_viz.models import network_source
from magenta_viz.models import trained_network
from magenta_viz.models.architectures import efficientnet_lite0
from magenta_viz.models.checkpoints import checkpoints
from magenta_viz.testing import training_runs

_HEAD = 'conv10/'
_FREEZE_STEPS = 2
_NUM_STEPS = 30


class FinetuneTest(training_runs.RunsTestCase):
  """One training from the released weights, interrupted where they thaw."""

  released: Dict[str, np.ndarray]
  frozen: Dict[str, np.ndarray]
  trained: Dict[str, np.ndarray]
  result: train.Result

  @classmethod
  def setUpClass(cls) -> None:
    super().setUpClass()
    path = network_source.choose('squeezenet').path
    cls.released = checkpoints.read_checkpoint(str(path))
    train_dir = cls.root / 'train'
    config = cls.config(
      train_dir,
      finetune_from='auto',
      freeze_steps=_FREEZE_STEPS,
      num_steps=_NUM_STEPS,
      checkpoint_every=_FREEZE_STEPS,
      eval_every=_NUM_STEPS,
    )
    training_runs.interrupt(config, _FREEZE_STEPS)
    cls.frozen = training_runs.values_of(train_dir, _FREEZE_STEPS)
    cls.result = train.run(config)
    cls.trained = training_runs.values_of(train_dir, _NUM_STEPS)

  def changed(
    self, values: Dict[str, np.ndarray], suffix: str = ''
  ) -> Set[str]:
    """Returns which variables are not what was released, bit by bit."""
    return {
      name
      for name, value in self.released.items()
      if not np.array_equal(values[name + suffix], value)
    }

  def test_body_is_frozen_at_first(self) -> None:
    head = {'conv10/weights', 'conv10/biases'}
    self.assertContainsSubset(head, self.released)
    self.assertGreater(len(self.released), 40)
    for suffix in ('', network_loading.AVERAGE_SUFFIX):
      self.assertEqual(self.changed(self.frozen, suffix), head)
    self.assertEqual(self.frozen['conv10/weights'].shape, (1, 1, 512, 3))
    for name, value in self.frozen.items():
      if name.endswith('/Momentum'):
        self.assertEqual(np.any(value), name.startswith(_HEAD), name)

  def test_body_learns_afterwards(self) -> None:
    # A bias may be of a ReLU that nothing here activates.
    kernels = {name for name in self.released if name.endswith('/weights')}
    self.assertContainsSubset(kernels, self.changed(self.trained))

  def test_learns(self) -> None:
    assert self.result.top1 is not None
    self.assertGreater(self.result.top1, 0.6)

  def test_goes_on_from_a_trained_network(self) -> None:
    pictures = self.folder / 'pictures'
    training_runs.write_pictures(pictures, class_names=('magpie', 'robin'))
    config = self.config(
      self.folder / 'train',
      data_dir=str(pictures),
      finetune_from=f'{self.root}/train',
      freeze_steps=1,
      num_steps=1,
    )
    result = train.run(config)
    values = training_runs.values_of(self.folder / 'train', 1)
    num_averaged = 0
    for name in self.released:
      if not name.startswith(_HEAD):
        average = self.trained[name + network_loading.AVERAGE_SUFFIX]
        self.assertTrue(np.array_equal(values[name], average), name)
        num_averaged += not np.array_equal(self.trained[name], average)
    self.assertGreater(num_averaged, 20)
    self.assertEqual(values['conv10/weights'].shape, (1, 1, 512, 2))
    network = trained_network.find(result.train_dir)
    source = network_source.choose('squeezenet', self.result.checkpoint)
    assert network is not None
    self.assertEqual(network.class_names, ('magpie', 'robin'))
    self.assertEqual(network.record['settings']['finetune_from'], source.sha256)

  @parameterized.parameters(('auto', 1), ('auto', 0), ('path', 1))
  def test_begins_with_weights_of_pytorchs_names(
    self, finetune_from: str, freeze_steps: int
  ) -> None:
    path = network_source.choose('efficientnet_lite0').path
    config = self.config(
      self.folder / 'train',
      model='efficientnet_lite0',
      finetune_from='auto' if finetune_from == 'auto' else str(path),
      freeze_steps=freeze_steps,
      num_steps=1,
    )
    train.run(config)
    values = training_runs.values_of(self.folder / 'train', 1)
    released = efficientnet_lite0.from_pytorch(
      checkpoints.read_checkpoint(str(path))
    )
    changed = {
      name.split('/')[-1]
      for name, value in released.items()
      if '/logits/' not in name and not np.array_equal(values[name], value)
    }
    # All kinds of variables learn, or move.
    kinds = {name.split('/')[-1] for name in released} - {'biases'}
    self.assertEqual(changed, set() if freeze_steps else kinds)


if __name__ == '__main__':
  absltest.main()
