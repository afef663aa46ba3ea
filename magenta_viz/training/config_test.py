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

"""Tests for config, lengths, and the command of a config."""

import dataclasses
import json
import shlex
from typing import Any, Dict, Mapping
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.data import datasets
from magenta_viz.data import preprocessing
from magenta_viz.models import model_spec
from magenta_viz.settings import command_line
from magenta_viz.settings import parts
from magenta_viz.training import config as train_config
from magenta_viz.training import learning_rates
from magenta_viz.training import lengths
from magenta_viz.training import optimizers
from magenta_viz.training import strategies

_SETTINGS = {
  each.name: each for each in parts.settings(train_config.TrainConfig)
}

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
  return train_config.TrainConfig.of(
    **{'dataset': 'cifar10', 'train_dir': 'a', **given}
  )


def _flat(**given: Any) -> Dict[str, Any]:
  return parts.flat(_config(**given))


class TrainConfigTest(parameterized.TestCase):
  def test_every_setting_has_a_help(self) -> None:
    for name, setting in _SETTINGS.items():
      self.assertNotEmpty(setting.metadata['help'], name)

  @parameterized.parameters(
    ({'batch_size': 0}, 'batch_size is 0; take a whole number from 1 to 65536'),
    ({'image_size': 63}, 'image_size is 63; take a whole number from 64'),
    ({'num_steps': 1.5}, 'num_steps is 1.5; take a whole number from 1 to'),
    ({'learning_rate': 0.0}, 'learning_rate is 0.0; take a number from 1e-12'),
    ({'learning_rate': float('nan')}, 'learning_rate is nan; take a number'),
    ({'momentum': 1.0}, 'momentum is 1.0; take a number from 0.0 to 0.9999'),
    ({'average_decay': 1}, 'average_decay is 1; take a number from 0.0 to'),
    ({'num_epochs': 'abc'}, "num_epochs is 'abc'; take a number"),
    ({'num_steps': 'abc'}, "num_steps is 'abc'; take a whole number"),
    ({'model': ['x']}, "model is ('x',); take one of"),
    ({'mirror': 'no'}, "mirror is 'no'; take True or False"),
    ({'model': 'auto'}, "model is 'auto'; take one of inception_v1, goog"),
    ({'optimizer': 'adam'}, "optimizer is 'adam'; take one of momentum, r"),
    ({'schedule': ''}, "schedule is ''; take one of cosine, step, polynomial,"),
    ({'precision': 'auto'}, "precision is 'auto'; take one of float32, bfloat"),
    ({'strategy': 'tpus'}, "strategy is 'tpus'; take one of auto, default,"),
    ({'dataset': ''}, 'dataset is empty; give it a value'),
    ({'train_dir': ' '}, 'train_dir is empty; give it a value'),
    ({'finetune_from': ''}, 'finetune_from is empty; give it a value'),
    ({'train_dir': None}, 'train_dir is None; give it as text'),
    ({'train_dir': 'no://a/b'}, "train_dir is 'no://a/b', "),
    ({'log_dir': 'no://a/b'}, "log_dir is 'no://a/b', "),
    ({'finetune_from': 'no://a'}, "finetune_from is 'no://a', "),
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
    # Beside what is not given.
    ({'power': 2.0}, "power does nothing, because schedule is 'cosine'; leav"),
    ({'rmsprop_decay': 0.5}, 'rmsprop_decay does nothing, because optimizer i'),
    ({'min_aspect': 2.0}, 'min_aspect is 2.0 and max_aspect 1.33'),
    ({'end_learning_rate': 0.1}, 'end_learning_rate is 0.1 and learning_rate'),
  )
  def test_refused(self, given: Dict[str, Any], message: str) -> None:
    with self.assertRaises(ValueError) as caught:
      _config(**given)
    self.assertStartsWith(str(caught.exception), message)
    self.assertNotIn('\n', str(caught.exception))

  @parameterized.parameters(
    {},
    {'schedule': 'polynomial', 'power': 2.0},
    {'optimizer': 'rmsprop', 'rmsprop_decay': 0.0},
    {'finetune_from': 'auto', 'freeze_steps': 5},
    {'visualize_every': 100, 'visualize_classes': 5},
    {'manual_dir': 'c'},
    {'min_aspect': 1.0, 'max_aspect': 1.0},
    {'num_epochs': 90},
    {'auxiliary_weight': 0.0},
  )
  def test_allowed(self, **given: Any) -> None:
    config = _flat(**given)
    self.assertEqual({name: config[name] for name in given}, given)

  def test_made_of_parts(self) -> None:
    config = train_config.TrainConfig(
      'cifar10',
      'a',
      optimizer=optimizers.RMSProp(epsilon=0.1),
      learning_rate=learning_rates.LearningRate(
        0.1, learning_rates.Polynomial(power=2.0)
      ),
      length=lengths.Length(num_steps=5),
    )
    given = {'optimizer': 'rmsprop', 'rmsprop_epsilon': 0.1, 'num_steps': 5}
    rate = {'learning_rate': 0.1, 'schedule': 'polynomial', 'power': 2.0}
    self.assertEqual(config, _config(**given, **rate))

  def test_names_of_other_rooms(self) -> None:
    given = {'dataset': datasets.IMAGE_FOLDER, 'manual_dir': 'b'}
    with self.assertRaisesRegex(ValueError, '^manual_dir does nothing'):
      _config(**given)
    choices = _SETTINGS['strategy'].metadata['choices']
    self.assertEqual(choices, strategies.STRATEGIES)

  @parameterized.parameters(
    'min_area', 'min_aspect', 'max_aspect', 'central_fraction'
  )
  def test_preprocessing_takes_the_ranges(self, name: str) -> None:
    for end in ('minimum', 'maximum'):
      extremes = {name: _SETTINGS[name].metadata[end]}
      # The other end of a pair, wherever it may be.
      for other in ('min_aspect', 'max_aspect'):
        if 'aspect' in name:
          extremes[other] = extremes[name]
      preprocessing.Preprocessing(64, True, **extremes)

  @parameterized.parameters(
    ({}, '--image_size=224 --batch_size=32 --num_epochs=30'),
    ({'num_steps': 5, 'seed': 0}, '--num_steps=5'),
    # What is as by default is left out, unless that depends on others.
    ({'learning_rate': 1e-06, 'seed': 3}, '--learning_rate=1e-06 --seed=3'),
    ({'mirror': False, 'distort_colour': True}, '--nomirror --distort_colour'),
    ({'clip_norm': 0.0, 'warmup_steps': 0}, '--warmup_steps=0 --clip_norm=0.0'),
    ({'momentum': 0.9}, '--optimizer=momentum --momentum=0.9'),
    ({'data_dir': "my 'birds'"}, """'--data_dir=my '"'"'birds'"'"''"""),
  )
  def test_command(self, given: Dict[str, Any], flags: str) -> None:
    words = shlex.split(command_line.command(_config(**given)))
    self.assertEqual(
      words[:3],
      ['image_visualization_train', '--dataset=cifar10', '--train_dir=a'],
    )
    self.assertContainsSubset(shlex.split(flags), words)
    unheeded = ('--rmsprop', '--decay', '--power', '--auxiliary', '--freeze')
    defaults = ('--model', '--train_split', '--corrupt_limit', '--seed=0')
    self.assertFalse([w for w in words if w.startswith(unheeded + defaults)])


class ResultSettingsTest(absltest.TestCase):
  def test_only_what_the_weights_depend_on(self) -> None:
    given = {'dataset': 'image_folder', 'learning_rate': 0.1}
    settings = train_config.result_settings(
      _config(**given, data_dir='birds', visualize_every=10, eval_every=5)
    )
    self.assertEqual(settings['learning_rate'], 0.1)
    self.assertIsNone(settings['rmsprop_decay'])
    self.assertEqual(json.loads(json.dumps(settings)), settings)
    moved = _config(
      **given,
      train_dir='elsewhere',
      log_dir='logs',
      data_dir='moved',
      strategy='mirrored',
      eval_every=7,
      checkpoint_every=3,
      keep_every=6,
      visualize_every=20,
      visualize_classes=2,
      corrupt_limit=0,
    )
    self.assertEqual(train_config.result_settings(moved), settings)

  def test_every_other_setting_tells(self) -> None:
    settings = train_config.result_settings(_config())
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
      other = train_config.result_settings(_config(**{name: value}))
      self.assertNotEqual(other, settings, name)


class SuitedTest(parameterized.TestCase):
  def resolve(
    self, published: Mapping[str, Any], **given: Any
  ) -> Dict[str, Any]:
    """Returns all settings, where these were published for the network."""
    name = given.get('model', 'inception_v1')
    spec = dataclasses.replace(model_spec.find_spec(name), published=published)
    with mock.patch.dict(model_spec.MODEL_SPECS, {name: spec}):
      return _flat(**given)

  def test_general(self) -> None:
    config = self.resolve(_PUBLISHED, image_size=64)
    for name, setting in _SETTINGS.items():
      unheeded = ('rmsprop', 'decay', 'power', 'auxiliary')
      if setting.default is None and 'shown' in setting.metadata:
        shown = setting.metadata['shown']
        if name.startswith(unheeded):
          # inception_v1 has no inner classifiers.
          shown = None
        self.assertEqual(config[name], shown, name)
    self.assertEqual(config['log_dir'], 'a')
    self.assertEqual(config['image_size'], 64)
    for name in ('num_steps', 'dropout', 'eval_split', 'eval_every'):
      self.assertIsNone(config[name], name)

  @parameterized.parameters(*model_spec.MODEL_SPECS)
  def test_of_the_network(self, model: str) -> None:
    spec = model_spec.find_spec(model)
    for dataset, expected in (
      ('mnist', spec.training),
      ('imagenet2012', spec.published),
    ):
      config = _flat(model=model, dataset=dataset)
      self.assertEqual({name: config[name] for name in expected}, expected)

  @parameterized.parameters('imagenet2012', 'imagenet2012:5.1.0')
  def test_published(self, dataset: str) -> None:
    config = self.resolve(_PUBLISHED, dataset=dataset)
    expected = {
      **_PUBLISHED,
      **{'num_epochs': None, 'rmsprop_epsilon': 1.0, 'decay_epochs': 2.0},
      'image_size': 224,
    }
    self.assertEqual({name: config[name] for name in expected}, expected)

  @parameterized.parameters('imagenet2012_subset', 'imagenet_v2', 'mnist')
  def test_published_for_no_other_set(self, dataset: str) -> None:
    config = self.resolve(_PUBLISHED, dataset=dataset)
    self.assertEqual(config['optimizer'], 'momentum')
    self.assertEqual(config['num_epochs'], 30)

  def test_given_before_published(self) -> None:
    given = {
      'num_epochs': 2.0,
      'batch_size': 8,
      'optimizer': 'momentum',
      'mirror': False,
      'label_smoothing': 0.0,
    }
    config = self.resolve(_PUBLISHED, dataset='imagenet2012', **given)
    expected = {
      **given,
      'learning_rate': 0.045,
      # Those of the published length and optimizer go with it.
      'num_steps': None,
      'rmsprop_decay': None,
    }
    self.assertEqual({name: config[name] for name in expected}, expected)

  @parameterized.parameters('cifar10', 'imagenet2012')
  def test_finetuning(self, dataset: str) -> None:
    given = {'dataset': dataset, 'finetune_from': 'auto'}
    config = self.resolve(_PUBLISHED, **given)
    self.assertEqual(config['learning_rate'], 0.01)
    self.assertEqual(config['optimizer'], 'momentum')
    config = self.resolve(_PUBLISHED, learning_rate=0.3, **given)
    self.assertEqual(config['learning_rate'], 0.3)

  def test_inner_classifiers(self) -> None:
    self.assertEqual(_flat(model='googlenet')['auxiliary_weight'], 0.3)
    given = {'model': 'googlenet', 'auxiliary_weight': 0.0}
    self.assertEqual(_flat(**given)['auxiliary_weight'], 0.0)

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
  def test_again_changes_nothing(self, given: Any, **network: str) -> None:
    config = _config(**network, **given)
    self.assertEqual(_config(**parts.flat(config)), config)
    # A published warm-up is for the pictures that there are.
    num_train = 1_281_167 if network['dataset'] == 'imagenet2012' else 1000
    self.assertGreater(config.lengths(num_train).num_steps, 0)

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
      del published['num_steps']
      published['num_epochs'] = 350
    config = self.resolve(published, dataset='imagenet2012', **given)
    self.assertEqual(config['warmup_steps'], expected)


class LengthsTest(parameterized.TestCase):
  @parameterized.parameters(
    ({'num_steps': 7}, 1000, 7),
    ({'num_steps': 7, 'warmup_steps': 7}, 1000, 7),
    *(
      ({'num_epochs': epochs, 'batch_size': batch}, num, steps)
      for epochs, num, batch, steps in (
        (1, 320, 32, 10),
        (1, 321, 32, 11),
        (30, 1437, 32, 1348),
        (0.5, 320, 32, 5),
        # 1.1 * 100 / 10 is more than 11 in floating point.
        (1.1, 100, 10, 11),
        (0.001, 10, 32, 1),
        (1, 3, 32, 1),
      )
    ),
  )
  def test_whole(self, given: Dict[str, Any], num: int, expected: int) -> None:
    self.assertEqual(_config(**given).lengths(num).num_steps, expected)

  def test_longer_warm_up(self) -> None:
    with self.assertRaisesRegex(
      ValueError, '^warmup_steps is 8, but the training has 7 steps; take fewer'
    ):
      _config(num_steps=7, warmup_steps=8).lengths(1000)

  @parameterized.parameters(
    # Pictures, steps to the next evaluation, to the next checkpoint.
    ({}, 10, 100, 100),
    ({}, 3200, 100, 100),
    ({}, 16_001, 501, 501),
    ({}, 1_281_167, 40_037, 1000),
    ({'eval_every': 7}, 1_281_167, 7, 7),
    ({'checkpoint_every': 5000}, 10, 100, 5000),
  )
  def test_pauses(
    self, given: Dict[str, Any], num: int, evaluation: int, checkpoint: int
  ) -> None:
    found = _config(batch_size=32, **given).lengths(num)
    self.assertEqual(found.eval_every, evaluation)
    self.assertEqual(found.checkpoint_every, checkpoint)


if __name__ == '__main__':
  absltest.main()
