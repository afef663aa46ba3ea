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

"""Tests for train_defaults."""

import dataclasses
from typing import Any, Dict, Mapping
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.models import model_spec
from magenta_viz.training import config as train_config
from magenta_viz.training import defaults as train_defaults

_PUBLISHED = {
  'optimizer': 'rmsprop',
  'rmsprop_decay': 0.8,
  'learning_rate': 0.045,
  'schedule': 'step',
  'decay_rate': 0.5,
  'num_steps': 1000,
  'batch_size': 256,
}


def _config(**given: Any) -> train_config.TrainConfig:
  return train_config.TrainConfig(
    **{'dataset': 'cifar10', 'train_dir': 'a', **given}
  )


def _resolve(
  published: Mapping[str, Any], **given: Any
) -> train_config.TrainConfig:
  config = _config(**given)
  spec = dataclasses.replace(
    model_spec.find_spec(config.model), published=published
  )
  with mock.patch.dict(model_spec.MODEL_SPECS, {spec.name: spec}):
    return train_defaults.resolve(config)


class ResolveTest(parameterized.TestCase):
  def test_general(self) -> None:
    config = _resolve(_PUBLISHED, image_size=64)
    values = vars(config)
    heeded = {
      name: value
      for name, value in train_defaults.GENERAL.items()
      if not name.startswith(('rmsprop', 'decay', 'power', 'auxiliary'))
    }
    self.assertEqual({name: values[name] for name in heeded}, heeded)
    self.assertEqual(config.log_dir, 'a')
    self.assertEqual(config.image_size, 64)
    for name in (
      'rmsprop_decay',
      'rmsprop_epsilon',
      'decay_rate',
      'decay_epochs',
      'power',
      'num_steps',
      # inception_v1 has no inner classifiers.
      'auxiliary_weight',
      'dropout',
      'eval_split',
      'eval_every',
    ):
      self.assertIsNone(values[name], name)

  def test_general_is_what_is_open(self) -> None:
    fields = {
      field.name: field
      for field in dataclasses.fields(train_config.TrainConfig)
    }
    for name in train_defaults.GENERAL:
      self.assertIsNone(fields[name].default, name)

  @parameterized.parameters(*model_spec.MODEL_SPECS)
  def test_of_the_network(self, model: str) -> None:
    spec = model_spec.find_spec(model)
    config = train_defaults.resolve(_config(model=model))
    values = {name: getattr(config, name) for name in spec.training}
    self.assertEqual(values, spec.training)
    config = train_defaults.resolve(
      _config(model=model, dataset='imagenet2012')
    )
    values = {name: getattr(config, name) for name in spec.published}
    self.assertEqual(values, spec.published)

  @parameterized.parameters('imagenet2012', 'imagenet2012:5.1.0')
  def test_published(self, dataset: str) -> None:
    config = _resolve(_PUBLISHED, dataset=dataset)
    values = {name: getattr(config, name) for name in _PUBLISHED}
    self.assertEqual(values, _PUBLISHED)
    self.assertIsNone(config.num_epochs)
    self.assertEqual(config.rmsprop_epsilon, 1.0)
    self.assertEqual(config.decay_epochs, 2.0)
    self.assertEqual(config.image_size, 224)

  @parameterized.parameters('imagenet2012_subset', 'imagenet_v2', 'mnist')
  def test_published_for_no_other_set(self, dataset: str) -> None:
    config = _resolve(_PUBLISHED, dataset=dataset)
    self.assertEqual(config.optimizer, 'momentum')
    self.assertEqual(config.num_epochs, 30)

  def test_given_before_published(self) -> None:
    config = _resolve(
      _PUBLISHED,
      dataset='imagenet2012',
      num_epochs=2.0,
      batch_size=8,
      optimizer='momentum',
      mirror=False,
      label_smoothing=0.0,
    )
    self.assertEqual(config.num_epochs, 2.0)
    self.assertIsNone(config.num_steps)
    self.assertEqual(config.batch_size, 8)
    # Those of the published optimizer go with it.
    self.assertIsNone(config.rmsprop_decay)
    self.assertEqual(config.learning_rate, 0.045)
    self.assertFalse(config.mirror)
    self.assertEqual(config.label_smoothing, 0.0)

  @parameterized.parameters('cifar10', 'imagenet2012')
  def test_finetuning(self, dataset: str) -> None:
    given = {'dataset': dataset, 'finetune_from': 'auto'}
    config = _resolve(_PUBLISHED, **given)
    self.assertEqual(config.learning_rate, 0.01)
    self.assertEqual(config.optimizer, 'momentum')
    config = _resolve(_PUBLISHED, learning_rate=0.3, **given)
    self.assertEqual(config.learning_rate, 0.3)

  def test_inner_classifiers(self) -> None:
    self.assertEqual(_resolve({}, model='googlenet').auxiliary_weight, 0.3)
    self.assertEqual(_resolve({}, auxiliary_weight=0.0).auxiliary_weight, 0.0)
    with self.assertRaisesRegex(
      ValueError, '^auxiliary_weight does nothing, because squeezenet has no'
    ):
      _resolve({}, model='squeezenet', auxiliary_weight=0.3)

  @parameterized.parameters(
    ({'power': 2.0}, "^power does nothing, because schedule is 'cosine'; leav"),
    ({'rmsprop_decay': 0.5}, "^rmsprop_decay does .* optimizer is 'momentum'"),
    ({'min_aspect': 2.0}, '^min_aspect is 2.0 and max_aspect 1.33'),
    ({'end_learning_rate': 0.1}, '^end_learning_rate is 0.1 and learning_rate'),
  )
  def test_what_does_nothing(self, given: Dict[str, Any], text: str) -> None:
    with self.assertRaisesRegex(ValueError, text):
      _resolve({}, **given)

  @parameterized.product(
    model=list(model_spec.MODEL_SPECS),
    dataset=('imagenet2012', 'cifar10'),
    given=(
      {},
      {'optimizer': 'rmsprop', 'schedule': 'constant'},
      {'schedule': 'step', 'num_steps': 5},
      {'finetune_from': 'auto', 'freeze_steps': 5},
    ),
  )
  def test_again_changes_nothing(
    self, model: str, dataset: str, given: Dict[str, Any]
  ) -> None:
    config = train_defaults.resolve(
      _config(model=model, dataset=dataset, **given)
    )
    self.assertEqual(train_defaults.resolve(config), config)
    # A published warm-up is for the pictures that there are.
    num_train = 1_281_167 if dataset == 'imagenet2012' else 1000
    self.assertGreater(train_defaults.num_steps(config, num_train), 0)

  @parameterized.parameters(
    ({}, 3128),
    ({'num_epochs': 35.0}, 312),
    ({'num_epochs': 700.0}, 3128),
    ({'num_epochs': 0.01}, 0),
    ({'num_steps': 10_000}, 3128),
    ({'num_steps': 5}, 5),
    ({'num_epochs': 1.0, 'warmup_steps': 600}, 600),
    ({'num_steps': 5, 'warmup_steps': 0}, 0),
  )
  def test_warmup_of_a_shorter_run(
    self, given: Dict[str, Any], expected: int
  ) -> None:
    published = {**_PUBLISHED, 'warmup_steps': 3128}
    if 'num_steps' not in given:
      published.pop('num_steps', None)
      published['num_epochs'] = 350
    config = _resolve(published, dataset='imagenet2012', **given)
    self.assertEqual(config.warmup_steps, expected)
    self.assertGreater(train_defaults.num_steps(config, 1_281_167), 0)


class StepsTest(parameterized.TestCase):
  @parameterized.parameters(
    (1, 320, 32, 10),
    (1, 321, 32, 11),
    (30, 1437, 32, 1348),
    (0.5, 320, 32, 5),
    # 1.1 * 100 / 10 is more than 11 in floating point.
    (1.1, 100, 10, 11),
    (0.001, 10, 32, 1),
    (1, 3, 32, 1),
  )
  def test_epochs(
    self, epochs: float, num: int, batch: int, steps: int
  ) -> None:
    config = _resolve({}, num_epochs=epochs, batch_size=batch)
    self.assertEqual(train_defaults.num_steps(config, num), steps)

  def test_given(self) -> None:
    config = _resolve({}, num_steps=7)
    self.assertEqual(train_defaults.num_steps(config, 1000), 7)

  def test_longer_warm_up(self) -> None:
    config = _resolve({}, num_steps=7, warmup_steps=7)
    self.assertEqual(train_defaults.num_steps(config, 1000), 7)
    with self.assertRaisesRegex(
      ValueError, '^warmup_steps is 8, but the training has 7 steps; take fewer'
    ):
      train_defaults.num_steps(
        dataclasses.replace(config, warmup_steps=8), 1000
      )

  @parameterized.parameters(
    # Pictures, steps to the next evaluation, to the next checkpoint.
    (10, 100, 100),
    (3200, 100, 100),
    (16_001, 501, 501),
    (1_281_167, 40_037, 1000),
  )
  def test_evaluations_and_checkpoints(
    self, num: int, evaluation: int, checkpoint: int
  ) -> None:
    config = _resolve({}, batch_size=32)
    self.assertEqual(train_defaults.eval_steps(config, num), evaluation)
    self.assertEqual(train_defaults.checkpoint_steps(config, num), checkpoint)
    given = _resolve({}, eval_every=7)
    self.assertEqual(train_defaults.eval_steps(given, num), 7)
    self.assertEqual(train_defaults.checkpoint_steps(given, num), 7)
    given = _resolve({}, checkpoint_every=5000)
    self.assertEqual(train_defaults.checkpoint_steps(given, num), 5000)

  def test_steps_down(self) -> None:
    config = _resolve({}, schedule='step', decay_epochs=2.5, batch_size=10)
    self.assertEqual(train_defaults.decay_steps(config, 100), 25)
    config = _resolve({}, schedule='cosine')
    self.assertGreaterEqual(train_defaults.decay_steps(config, 100), 1)

  def test_needs_a_resolved_config(self) -> None:
    with self.assertRaisesRegex(ValueError, 'leaves its length open; resolve'):
      train_defaults.num_steps(_config(), 100)


if __name__ == '__main__':
  absltest.main()
