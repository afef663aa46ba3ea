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

"""Tests for train_config."""

import dataclasses
import json
from typing import Any, Dict

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.data import datasets
from magenta_viz.data import preprocessing
from magenta_viz.training import config as train_config
from magenta_viz.training import strategies


def _config(**given: Any) -> train_config.TrainConfig:
  return train_config.TrainConfig(
    **{'dataset': 'cifar10', 'train_dir': 'a', **given}
  )


class TrainConfigTest(parameterized.TestCase):
  def test_every_field_has_a_help(self) -> None:
    for field in dataclasses.fields(train_config.TrainConfig):
      self.assertNotEmpty(field.metadata['help'], field.name)

  @parameterized.parameters(
    ({'batch_size': 0}, 'batch_size is 0; take a whole number from 1 to 65536'),
    (
      {'image_size': 63},
      'image_size is 63; take a whole number from 64 to 102',
    ),
    (
      {'num_steps': 1.5},
      'num_steps is 1.5; take a whole number from 1 to 1000',
    ),
    ({'learning_rate': 0.0}, 'learning_rate is 0.0; take a number from 1e-12'),
    ({'learning_rate': float('nan')}, 'learning_rate is nan; take a number'),
    ({'momentum': 1.0}, 'momentum is 1.0; take a number from 0.0 to 0.9999'),
    (
      {'average_decay': 1},
      'average_decay is 1; take a number from 0.0 to 0.99',
    ),
    ({'mirror': 'no'}, "mirror is 'no'; take True or False"),
    (
      {'model': 'auto'},
      "model is 'auto'; take one of inception_v1, googlenet,",
    ),
    (
      {'optimizer': 'adam'},
      "optimizer is 'adam'; take one of momentum, rmspro",
    ),
    ({'schedule': ''}, "schedule is ''; take one of cosine, step, polynomial,"),
    ({'precision': 'auto'}, "precision is 'auto'; take one of float32, bfloat"),
    (
      {'strategy': 'tpus'},
      "strategy is 'tpus'; take one of auto, default, mir",
    ),
    ({'dataset': ''}, 'dataset is empty; give it a value'),
    ({'train_dir': ' '}, 'train_dir is empty; give it a value'),
    ({'finetune_from': ''}, 'finetune_from is empty; give it a value'),
    ({'train_dir': None}, 'train_dir is None; give it as text'),
    ({'train_dir': 'gs://a/b'}, "train_dir is 'gs://a/b', an address; take a"),
    ({'log_dir': 'gs://a/b'}, "log_dir is 'gs://a/b', an address; take a"),
    ({'finetune_from': 's3://a'}, "finetune_from is 's3://a', an address; ta"),
    (
      {'dataset': 'imagenet2012', 'manual_dir': 'gs://a/b'},
      "manual_dir is 'gs://a/b', an address; take a path",
    ),
    (
      {'dataset': 'image_folder', 'data_dir': 'gs://a/b'},
      "data_dir is 'gs://a/b', an address; take a path",
    ),
    (
      {'model': 'squeezenet', 'auxiliary_weight': 0.3},
      'auxiliary_weight does nothing, because squeezenet has no inner',
    ),
    (
      {'num_steps': 5, 'num_epochs': 2.0},
      'num_steps is 5 and num_epochs 2.0; give one of them',
    ),
    (
      {'schedule': 'cosine', 'power': 2.0},
      "power does nothing, because schedule is 'cosine'; leave it out, or take"
      ' --schedule=polynomial',
    ),
    (
      {'schedule': 'polynomial', 'decay_rate': 0.5},
      "decay_rate does nothing, because schedule is 'polynomial'; leave it out,"
      ' or take --schedule=step',
    ),
    (
      {'schedule': 'constant', 'decay_epochs': 2.0},
      "decay_epochs does nothing, because schedule is 'constant'",
    ),
    (
      {'schedule': 'constant', 'end_learning_rate': 0.0},
      "end_learning_rate does nothing, because schedule is 'constant'; leave it"
      ' out, or take --schedule=cosine or step or polynomial',
    ),
    (
      {'optimizer': 'momentum', 'rmsprop_decay': 0.9},
      "rmsprop_decay does nothing, because optimizer is 'momentum'",
    ),
    (
      {'optimizer': 'momentum', 'rmsprop_epsilon': 1.0},
      "rmsprop_epsilon does nothing, because optimizer is 'momentum'",
    ),
    (
      {'freeze_steps': 5},
      'freeze_steps is 5, but all weights begin at random; leave it out, or'
      ' take --finetune_from=auto',
    ),
    (
      {'visualize_classes': 5},
      'visualize_classes does nothing, because visualize_every is 0; leave it'
      ' out, or take --visualize_every above 0',
    ),
    (
      {'dataset': 'image_folder', 'data_dir': 'b', 'manual_dir': 'c'},
      "manual_dir does nothing, because dataset is 'image_folder'; leave it",
    ),
    (
      {'min_aspect': 2.0, 'max_aspect': 1.5},
      'min_aspect is 2.0 and max_aspect 1.5; take a smaller min_aspect or a'
      ' larger max_aspect',
    ),
    (
      {'learning_rate': 0.1, 'end_learning_rate': 0.2},
      'end_learning_rate is 0.2 and learning_rate 0.1; take a smaller',
    ),
  )
  def test_refused(self, given: Dict[str, Any], message: str) -> None:
    with self.assertRaises(ValueError) as caught:
      _config(**given)
    self.assertStartsWith(str(caught.exception), message)
    self.assertNotIn('\n', str(caught.exception))

  @parameterized.parameters(
    {},
    # The schedule and the optimizer may turn out to be those.
    {'power': 2.0},
    {'rmsprop_epsilon': 0.1},
    {'schedule': 'polynomial', 'power': 2.0},
    {'optimizer': 'rmsprop', 'rmsprop_decay': 0.0},
    {'finetune_from': 'auto', 'freeze_steps': 5},
    {'visualize_every': 100, 'visualize_classes': 5},
    {'manual_dir': 'c'},
    {'min_aspect': 1.0, 'max_aspect': 1.0},
    {'num_epochs': 90},
  )
  def test_allowed(self, **given: Any) -> None:
    config = _config(**given)
    for name, value in given.items():
      self.assertEqual(getattr(config, name), value)

  def test_name_of_image_folders(self) -> None:
    given = {'dataset': datasets.IMAGE_FOLDER, 'manual_dir': 'b'}
    with self.assertRaisesRegex(ValueError, '^manual_dir does nothing'):
      _config(**given)

  def test_strategies(self) -> None:
    (field,) = (
      field
      for field in dataclasses.fields(train_config.TrainConfig)
      if field.name == 'strategy'
    )
    self.assertEqual(field.metadata['choices'], strategies.STRATEGIES)

  @parameterized.parameters(
    'min_area', 'min_aspect', 'max_aspect', 'central_fraction'
  )
  def test_preprocessing_takes_the_ranges(self, name: str) -> None:
    fields = {
      field.name: field
      for field in dataclasses.fields(train_config.TrainConfig)
    }
    for end in ('minimum', 'maximum'):
      extremes = {name: fields[name].metadata[end]}
      # The other end of a pair, wherever it may be.
      for other in ('min_aspect', 'max_aspect'):
        if 'aspect' in name:
          extremes[other] = extremes[name]
      preprocessing.Preprocessing(64, True, **extremes)


class ResultSettingsTest(absltest.TestCase):
  def test_only_what_the_weights_depend_on(self) -> None:
    config = _config(
      dataset='image_folder',
      data_dir='birds',
      visualize_every=10,
      eval_every=5,
      learning_rate=0.1,
    )
    settings = train_config.result_settings(config)
    self.assertEqual(settings['learning_rate'], 0.1)
    self.assertIsNone(settings['momentum'])
    moved = dataclasses.replace(
      config,
      train_dir='elsewhere',
      log_dir='logs',
      data_dir='moved',
      strategy='mirrored',
      eval_every=7,
      checkpoint_every=3,
      visualize_every=20,
      visualize_classes=2,
      corrupt_limit=0,
    )
    self.assertEqual(train_config.result_settings(moved), settings)

  def test_every_other_setting_tells(self) -> None:
    config = _config()
    settings = train_config.result_settings(config)
    given: Dict[str, Any] = {
      'dataset': 'mnist',
      'train_split': 'a',
      'eval_split': 'b',
      'model': 'squeezenet',
      'image_size': 96,
      'batch_size': 8,
      'num_steps': 3,
      'seed': 1,
      'precision': 'bfloat16',
      'mirror': False,
      'finetune_from': 'auto',
    }
    for name, value in given.items():
      other = dataclasses.replace(config, **{name: value})
      self.assertNotEqual(train_config.result_settings(other), settings, name)

  def test_is_json(self) -> None:
    settings = train_config.result_settings(_config(mirror=False, power=0.5))
    self.assertEqual(json.loads(json.dumps(settings)), settings)


if __name__ == '__main__':
  absltest.main()
