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

"""What a training does where its `TrainConfig` leaves it open."""

import dataclasses
import math
import types
from typing import Any, Dict, Mapping, Optional

from magenta_viz.models import model_spec
from magenta_viz.training import config as train_config

# A `TrainConfig` with nothing left open, which its own types do not tell.
Resolved = Any

# The dataset that the networks' published settings are for.
_PUBLISHED = 'imagenet2012'

# What a setting is that neither the user nor `ModelSpec.training` has. The
# rate, batch and length suit some thousands of pictures on one machine; those
# of [1] are the defaults of slim's train_image_classifier.py, and the boxes and
# the middle those of its inception_preprocessing.py.
GENERAL: Mapping[str, Any] = {
  'batch_size': 32,  # [1]
  'num_epochs': 30,
  'optimizer': 'momentum',
  'learning_rate': 0.05,
  'momentum': 0.9,  # [1]
  'rmsprop_decay': 0.9,  # [1]
  'rmsprop_epsilon': 1.0,  # [1]
  'schedule': 'cosine',
  # Goyal et al. 2017, arXiv 1706.02677, need a warm-up for batches of
  # thousands of pictures only.
  'warmup_steps': 0,
  'end_learning_rate': 0.0,
  'decay_rate': 0.94,  # [1]
  'decay_epochs': 2.0,  # [1]
  'power': 1.0,  # [1]
  'weight_decay': 4e-5,  # [1]
  # Szegedy et al. 2015, arXiv 1512.00567, section 7.
  'label_smoothing': 0.1,
  # Remembers some 1,000 steps, where ImageNet's million allow 0.9999.
  'average_decay': 0.999,
  # The first gradients of random weights are hundreds of times too long
  # (docs/training.md).
  'clip_norm': 1.0,
  # Szegedy et al. 2014, arXiv 1409.4842, section 5.
  'auxiliary_weight': 0.3,
  'min_area': 0.05,
  'min_aspect': 3 / 4,
  'max_aspect': 4 / 3,
  'mirror': True,
  'distort_colour': True,
  'central_fraction': 0.875,
}

# In place of the above where the body is trained already: steps as long as for
# random weights would undo it.
_FINETUNING: Mapping[str, Any] = {'learning_rate': 0.01}


def resolve(config: train_config.TrainConfig) -> Resolved:
  """Fills in the settings that were left to the dataset and the network.

  What the user gave comes first, then what suits the network, and last
  `GENERAL`. For imagenet2012 and weights that begin at random, what suits is
  what was published.

  Args:
    config: As the user has it.

  Returns:
    The configuration without None, but for those settings that do nothing
    beside the others, the paths that are not given, `eval_split`, `dropout`,
    `eval_every` and `checkpoint_every`. Resolving it again changes nothing.

  Raises:
    ValueError: If a setting that was given does nothing beside the others.
  """
  spec = model_spec.find_spec(config.model)
  given = {
    name: value for name, value in vars(config).items() if value is not None
  }
  name = config.dataset.split('/')[0].split(':')[0]
  if config.finetune_from is not None:
    better = _FINETUNING
  elif name == _PUBLISHED:
    better = spec.published
  else:
    better = spec.training
  if given.get('auxiliary_weight') and not spec.auxiliary_heads:
    raise ValueError(
      f'auxiliary_weight does nothing, because {spec.name} has no inner'
      ' classifiers; leave it out'
    )
  values: Dict[str, Any] = {
    'image_size': spec.image_size,
    'log_dir': config.train_dir,
  }
  for source in (GENERAL, better, given):
    # The length is given in one way.
    if 'num_steps' in source or 'num_epochs' in source:
      values.pop('num_steps', None)
      values.pop('num_epochs', None)
    values.update(source)
  if 'warmup_steps' not in given:
    values['warmup_steps'] = _warmup_steps(values, better, given)
  all_values = types.SimpleNamespace(**{**vars(config), **values})
  for field in dataclasses.fields(config):
    whens = field.metadata.get('when', ())
    is_heeded = all(when.holds(all_values) for when in whens)
    if field.name not in given and not is_heeded:
      values.pop(field.name, None)
  if not spec.auxiliary_heads:
    values.pop('auxiliary_weight', None)
  return dataclasses.replace(config, **values)


def _warmup_steps(
  values: Mapping[str, Any], better: Mapping[str, Any], given: Mapping[str, Any]
) -> int:
  """Returns the warm-up that was not given: a shorter run has a shorter one.

  Args:
    values: All settings.
    better: What suits the dataset and the network.
    given: What the user gave.
  """
  steps: int = values['warmup_steps']
  if 'num_steps' in given:
    return min(steps, int(given['num_steps']))
  if 'num_epochs' in given and 'num_epochs' in better:
    return int(steps * min(1.0, given['num_epochs'] / better['num_epochs']))
  return steps


def num_steps(config: train_config.TrainConfig, num_train: int) -> int:
  """Returns the steps of the whole training.

  Args:
    config: As `resolve` returns it.
    num_train: Number of pictures to train with.

  Raises:
    ValueError: If the warm-up is longer.
  """
  steps = config.num_steps
  if steps is None:
    steps = _steps_of(config, config.num_epochs, num_train)
  if config.warmup_steps is not None and config.warmup_steps > steps:
    raise ValueError(
      f'warmup_steps is {config.warmup_steps}, but the training has {steps}'
      ' steps; take fewer'
    )
  return steps


def eval_steps(config: train_config.TrainConfig, num_train: int) -> int:
  """Returns the steps from one evaluation to the next, as `num_steps`."""
  if config.eval_every is not None:
    return config.eval_every
  return max(train_config.MIN_EVAL_STEPS, _steps_of(config, 1, num_train))


def checkpoint_steps(config: train_config.TrainConfig, num_train: int) -> int:
  """Returns the steps from one checkpoint to the next, as `num_steps`."""
  if config.checkpoint_every is not None:
    return config.checkpoint_every
  return min(train_config.MAX_CHECKPOINT_STEPS, eval_steps(config, num_train))


def decay_steps(config: train_config.TrainConfig, num_train: int) -> int:
  """Returns the steps from one step down to the next, as `num_steps`.

  Any number where the schedule is not 'step'.
  """
  return _steps_of(config, config.decay_epochs or 1, num_train)


def _steps_of(
  config: train_config.TrainConfig, epochs: Optional[float], num_train: int
) -> int:
  """Returns the number of steps in epochs, rounded up."""
  if epochs is None or config.batch_size is None:
    raise ValueError('the configuration leaves its length open; resolve it')
  # Not 12 steps for 11.000000000000002.
  return max(1, math.ceil(round(epochs * num_train / config.batch_size, 6)))
