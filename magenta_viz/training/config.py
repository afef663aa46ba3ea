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

"""What a run of `train` is asked for, as plain data."""

import dataclasses
from typing import Any, ClassVar, Dict, Optional

from magenta_viz.models import model_spec
from magenta_viz.settings import fields
from magenta_viz.training import learning_rates

# `data.datasets.IMAGE_FOLDER`, which TensorFlow would be imported for.
_IMAGE_FOLDER = 'image_folder'

# What the trained weights do not depend on. The data are told by their
# fingerprint, wherever they lie.
_WITHOUT_RESULT = (
  'train_dir',
  'log_dir',
  'data_dir',
  'manual_dir',
  'strategy',
  'eval_every',
  'checkpoint_every',
  'visualize_every',
  'visualize_classes',
  'corrupt_limit',
)

# Evaluations of small sets are at least so many steps apart, and checkpoints of
# all sets at most so many.
MIN_EVAL_STEPS = 100
MAX_CHECKPOINT_STEPS = 1000

_MAX_STEPS = 10**9

_STEP = fields.When(('schedule',), ('step',))
_POLYNOMIAL = fields.When(('schedule',), ('polynomial',))
_RMSPROP = fields.When(('optimizer',), ('rmsprop',))


@dataclasses.dataclass(frozen=True)
class TrainConfig:
  """Which network to train, on what, how, and where to.

  None stands for what `train_defaults` has, where the help says nothing else.

  Raises:
    ValueError: If a setting is out of its range, or does nothing beside the
      others.
  """

  program: ClassVar[str] = 'image_visualization_train'

  dataset: str = fields.required_text(
    'image_folder for your own pictures, or a set of tensorflow_datasets, such'
    ' as cifar10, imagenet2012, name/config:version'
  )
  train_dir: str = fields.path(
    dataclasses.MISSING,
    'folder of the checkpoints; a run that is there goes on',
  )
  data_dir: Optional[str] = fields.text(
    None,
    'the folder of pictures of an image_folder, or where tensorflow_datasets'
    ' keeps prepared data, which may be an address such as gs://bucket/data',
  )
  manual_dir: Optional[str] = fields.path(
    None,
    "folder of files that cannot be downloaded, such as ImageNet's; needed to"
    ' prepare the data only',
  )
  train_split: str = fields.text('train', 'split to train with')
  eval_split: Optional[str] = fields.text(
    None,
    'split to evaluate on; the first there is of validation, val, test and eval'
    ' by default; a folder without splits is divided by --seed',
  )
  model: str = fields.choice(
    'inception_v1', tuple(model_spec.MODEL_SPECS), 'network'
  )
  image_size: Optional[int] = fields.number(
    None,
    model_spec.MIN_SIZE,
    1024,
    "height and width that the network sees, in pixels; the network's own by"
    ' default',
  )
  batch_size: Optional[int] = fields.number(
    None, 1, 65_536, 'pictures a step, of all devices together'
  )
  num_steps: Optional[int] = fields.number(
    None, 1, _MAX_STEPS, 'steps of the training, in place of --num_epochs'
  )
  num_epochs: Optional[float] = fields.number(
    None, 1e-6, 1e6, 'how often each picture is seen'
  )
  # How weights change.
  optimizer: Optional[str] = fields.choice(
    None, ('momentum', 'rmsprop'), 'how a gradient becomes a step'
  )
  learning_rate: Optional[float] = fields.number(
    None, 1e-12, 1000.0, 'size of a step, at its largest'
  )
  momentum: Optional[float] = fields.number(
    None, 0.0, 0.9999, 'share of a step in the next one'
  )
  rmsprop_decay: Optional[float] = fields.number(
    None, 0.0, 0.9999, 'share of a mean square in the next one', _RMSPROP
  )
  rmsprop_epsilon: Optional[float] = fields.number(
    None, 1e-12, 1000.0, 'what is added to a mean square', _RMSPROP
  )
  schedule: Optional[str] = fields.choice(
    None,
    learning_rates.SCHEDULES,
    'how the learning rate falls',
  )
  warmup_steps: Optional[int] = fields.number(
    None, 0, _MAX_STEPS, 'steps in which the learning rate first rises'
  )
  end_learning_rate: Optional[float] = fields.number(
    None,
    0.0,
    1000.0,
    'the least learning rate',
    fields.When(('schedule',), ('cosine', 'step', 'polynomial')),
  )
  decay_rate: Optional[float] = fields.number(
    None, 1e-6, 1.0, 'factor of the learning rate at each step down', _STEP
  )
  decay_epochs: Optional[float] = fields.number(
    None, 1e-6, 1e6, 'epochs from one step down to the next', _STEP
  )
  power: Optional[float] = fields.number(
    None, 1e-3, 100.0, 'exponent of what is left of the run', _POLYNOMIAL
  )
  weight_decay: Optional[float] = fields.number(
    None, 0.0, 1.0, "weight of half the sum of the weights' squares"
  )
  label_smoothing: Optional[float] = fields.number(
    None, 0.0, 0.9, 'share of the target that is spread over all classes'
  )
  dropout: Optional[float] = fields.number(
    None,
    0.0,
    0.99,
    "share of the features that a step leaves out; the network's own by"
    ' default',
  )
  average_decay: Optional[float] = fields.number(
    None,
    0.0,
    0.999999,
    'share of the moving average of the weights in the next one; 0 for no'
    ' average',
  )
  clip_norm: Optional[float] = fields.number(
    None, 0.0, 1e9, 'largest norm of the gradient; 0 for any'
  )
  auxiliary_weight: Optional[float] = fields.number(
    None, 0.0, 10.0, "weight of the losses of a network's inner classifiers"
  )
  finetune_from: Optional[str] = fields.path(
    None,
    "weights to begin with: auto for the network's released ones, or the path"
    ' of a checkpoint; the classifier begins anew',
  )
  freeze_steps: int = fields.number(
    0, 0, _MAX_STEPS, 'first steps of --finetune_from that change only the head'
  )
  # What the network sees of a picture.
  min_area: Optional[float] = fields.number(
    None, 1e-4, 1.0, 'least share of a picture that training sees'
  )
  min_aspect: Optional[float] = fields.number(
    None, 0.01, 100.0, 'least width, by height, of what training sees'
  )
  max_aspect: Optional[float] = fields.number(
    None, 0.01, 100.0, 'largest width, by height, of what training sees'
  )
  mirror: Optional[bool] = fields.switch(
    None, 'mirror every other picture; not for what has a reading direction'
  )
  distort_colour: Optional[bool] = fields.switch(
    None, 'change the colours of each picture at random'
  )
  central_fraction: Optional[float] = fields.number(
    None, 0.01, 1.0, 'share of the sides that evaluation sees, in the middle'
  )
  # The machine, and what is kept.
  seed: int = fields.number(
    0, 0, 2**31 - 1, 'of the weights, the order and the boxes'
  )
  precision: str = fields.choice(
    'float32',
    ('float32', 'bfloat16', 'float16'),
    'what the network computes in; weights are float32',
  )
  strategy: str = fields.choice(
    'auto',
    ('auto', 'default', 'mirrored', 'multi_worker', 'tpu'),
    'where: one device, all of this machine, several machines as TF_CONFIG'
    ' says, TPUs; auto takes what there is',
  )
  eval_every: Optional[int] = fields.number(
    None,
    1,
    _MAX_STEPS,
    'steps from one evaluation to the next; an epoch by default, and'
    f' {MIN_EVAL_STEPS} at least',
  )
  checkpoint_every: Optional[int] = fields.number(
    None,
    1,
    _MAX_STEPS,
    'steps from one checkpoint to the next; as --eval_every by default, and'
    f' {MAX_CHECKPOINT_STEPS} at most',
  )
  visualize_every: int = fields.number(
    0,
    0,
    _MAX_STEPS,
    'steps from one drawing of classes to the next; 0 for none',
  )
  visualize_classes: int = fields.number(
    4,
    1,
    1000,
    'classes that --visualize_every draws',
    fields.When(('visualize_every',)),
  )
  log_dir: Optional[str] = fields.path(
    None, "folder for TensorBoard's summaries; --train_dir by default"
  )
  corrupt_limit: int = fields.number(
    100, 0, _MAX_STEPS, 'damaged pictures to leave out before giving up'
  )

  def __post_init__(self) -> None:
    """Checks what needs neither data nor network to be checked."""
    fields.settle(self)
    for name, value in vars(self).items():
      if isinstance(value, str) and not value.strip():
        raise ValueError(f'{name} is empty; give it a value')
    fields.check_heeded(self, vars(self))
    self._check_pairs()
    _check_order(self, 'min_aspect', 'max_aspect')
    _check_order(self, 'end_learning_rate', 'learning_rate')

  def _check_pairs(self) -> None:
    """Checks that the settings that are not numbers go together."""
    if self.num_steps is not None and self.num_epochs is not None:
      raise ValueError(
        f'num_steps is {self.num_steps} and num_epochs {self.num_epochs}; give'
        ' one of them'
      )
    if self.dataset == _IMAGE_FOLDER and self.manual_dir is not None:
      raise ValueError(
        f'manual_dir does nothing, because dataset is {_IMAGE_FOLDER!r}; leave'
        ' it out, and name the folder with --data_dir'
      )
    if self.freeze_steps and self.finetune_from is None:
      raise ValueError(
        f'freeze_steps is {self.freeze_steps}, but all weights begin at random;'
        ' leave it out, or take --finetune_from=auto'
      )
    if self.dataset == _IMAGE_FOLDER and self.data_dir is not None:
      fields.check_path('data_dir', self.data_dir)
    heads = model_spec.find_spec(self.model).auxiliary_heads
    if self.auxiliary_weight and not heads:
      raise ValueError(
        f'auxiliary_weight does nothing, because {self.model} has no inner'
        ' classifiers; leave it out'
      )


def result_settings(config: TrainConfig) -> Dict[str, Any]:
  """Returns what the trained weights and their accuracy depend on.

  A run goes on only with the same. The values are text, numbers, truth values
  and None, as JSON has them.

  Args:
    config: As `defaults.resolve` returns it.
  """
  return {
    name: value
    for name, value in vars(config).items()
    if name not in _WITHOUT_RESULT
  }


def _check_order(config: TrainConfig, low: str, high: str) -> None:
  """Raises ValueError if of two settings the wrong one is larger."""
  values = getattr(config, low), getattr(config, high)
  if None not in values and values[0] > values[1]:
    raise ValueError(
      f'{low} is {values[0]} and {high} {values[1]}; take a smaller {low} or a'
      f' larger {high}'
    )
