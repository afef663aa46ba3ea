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
from typing import Any, ClassVar, Dict, Mapping, Optional

from magenta_viz.models import model_spec
from magenta_viz.settings import fields
from magenta_viz.settings import parts
from magenta_viz.training import learning_rates
from magenta_viz.training import lengths
from magenta_viz.training import optimizers

# `data.datasets.IMAGE_FOLDER`, which TensorFlow would be imported for.
_IMAGE_FOLDER = 'image_folder'

# The dataset that the networks' published settings are for.
_PUBLISHED = 'imagenet2012'

# What suits weights that are trained already: steps as long as for random ones
# would undo it.
_FINETUNING: Mapping[str, Any] = {'learning_rate': 0.01}

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
  'keep_every',
  'visualize_every',
  'visualize_classes',
  'corrupt_limit',
)

_MAX_STEPS = 10**9


@dataclasses.dataclass(frozen=True)
class StepSettings(parts.OpenPart):
  """What a step does to the weights.

  Attributes:
    weight_decay: Of kernels: weight_decay / 2 * (sum of squares) is added to
      the loss, as slim's l2_regularizer does; the default is slim's.
    label_smoothing: As of `losses.cross_entropy`. Szegedy et al. 2015, arXiv
      1512.00567, section 7.
    dropout: Share of activations dropped; None for the network's own.
    clip_norm: Largest norm of all gradients together; 0 for no limit. The first
      gradients of random weights are hundreds of times too long
      (docs/training.md).
    auxiliary_weight: As of `losses.classification_loss`; None where there are
      no inner classifiers. Szegedy et al. 2014, arXiv 1409.4842, section 5.
    average_decay: Share that an average of the weights keeps; 0 for none. The
      default remembers some 1,000 steps, where ImageNet's million allow 0.9999.
  """

  weight_decay: float = fields.number(
    4e-5, 0.0, 1.0, "weight of half the sum of the weights' squares"
  )
  label_smoothing: float = fields.number(
    0.1, 0.0, 0.9, 'share of the target that is spread over all classes'
  )
  dropout: Optional[float] = fields.number(
    None,
    0.0,
    0.99,
    "share of the features that a step leaves out; the network's own by"
    ' default',
  )
  clip_norm: float = fields.number(
    1.0, 0.0, 1e9, 'largest norm of the gradient; 0 for any'
  )
  auxiliary_weight: Optional[float] = fields.number(
    0.3, 0.0, 10.0, "weight of the losses of a network's inner classifiers"
  )
  average_decay: float = fields.number(
    0.999,
    0.0,
    0.999999,
    'share of the moving average of the weights in the next one; 0 for no'
    ' average',
  )


@dataclasses.dataclass(frozen=True)
class Finetuning(parts.Part):
  """What weights begin as.

  Raises:
    ValueError: If the body is frozen that begins at random.
  """

  finetune_from: Optional[str] = fields.path(
    None,
    "weights to begin with: auto for the network's released ones, or the path"
    ' of a checkpoint; the classifier begins anew',
  )
  freeze_steps: int = fields.number(
    0, 0, _MAX_STEPS, 'first steps of --finetune_from that change only the head'
  )

  def __post_init__(self) -> None:
    """Checks the settings."""
    super().__post_init__()
    if self.freeze_steps and self.finetune_from is None:
      raise ValueError(
        f'freeze_steps is {self.freeze_steps}, but all weights begin at random;'
        ' leave it out, or take --finetune_from=auto'
      )


@dataclasses.dataclass(frozen=True)
class Preprocessing(parts.OpenPart):
  """What the network sees of a picture.

  The boxes and the middle are those of slim's inception_preprocessing.py.

  Raises:
    ValueError: If the least aspect is the larger one.
  """

  min_area: float = fields.number(
    0.05, 1e-4, 1.0, 'least share of a picture that training sees'
  )
  min_aspect: float = fields.number(
    3 / 4, 0.01, 100.0, 'least width, by height, of what training sees'
  )
  max_aspect: float = fields.number(
    4 / 3, 0.01, 100.0, 'largest width, by height, of what training sees'
  )
  mirror: bool = fields.switch(
    True, 'mirror every other picture; not for what has a reading direction'
  )
  distort_colour: bool = fields.switch(
    True, 'change the colours of each picture at random'
  )
  central_fraction: float = fields.number(
    0.875,
    0.01,
    1.0,
    'share of the sides that evaluation sees, in the middle',
  )

  def __post_init__(self) -> None:
    """Checks the settings."""
    super().__post_init__()
    fields.check_order(
      {'min_aspect': self.min_aspect, 'max_aspect': self.max_aspect}
    )


@dataclasses.dataclass(frozen=True)
class ClassPictures(parts.Part):
  """What is drawn in the middle of a training."""

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


@dataclasses.dataclass(frozen=True)
class TrainConfig(parts.Part):
  """Which network to train, on what, how, and where to.

  `of` makes it of settings by their names; what they leave open is then what
  suits the dataset and the network. Made of parts, it has their own defaults.
  Those suit some thousands of pictures on one machine.

  Raises:
    ValueError: If a setting is out of its range.
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
    is_here=True,
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
  image_size: int = fields.number(
    None,
    model_spec.MIN_SIZE,
    1024,
    "height and width that the network sees, in pixels; the network's own by"
    ' default',
  )
  length: lengths.Length = parts.part(lengths.Length)
  optimizer: optimizers.Optimizer = parts.one_of(
    'momentum', optimizers.OPTIMIZERS, 'how a gradient becomes a step'
  )
  learning_rate: learning_rates.LearningRate = parts.part(
    learning_rates.LearningRate
  )
  step: StepSettings = parts.part(StepSettings)
  finetuning: Finetuning = parts.part(Finetuning)
  preprocessing: Preprocessing = parts.part(Preprocessing)
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
  pictures: ClassPictures = parts.part(ClassPictures)
  log_dir: Optional[str] = fields.path(
    None, "folder for TensorBoard's summaries; --train_dir by default"
  )
  corrupt_limit: int = fields.number(
    100, 0, _MAX_STEPS, 'damaged pictures to leave out before giving up'
  )

  @classmethod
  def of(cls, **given: Any) -> 'TrainConfig':
    """Makes a configuration of settings by their names, as flags have them.

    What is given comes first, then what suits the network, and last the parts'
    own defaults. For imagenet2012 and weights that begin at random, what suits
    is what was published.

    Args:
      **given: The settings; None for those that are left open.

    Raises:
      ValueError: If there is no such setting, it is out of its range, or it
        does nothing beside the others.
    """
    required = ('dataset', 'train_dir')
    given = {
      name: value
      for name, value in given.items()
      if value is not None or name in required
    }
    if 'num_steps' in given and 'num_epochs' in given:
      raise ValueError(
        f'num_steps is {given["num_steps"]} and num_epochs'
        f' {given["num_epochs"]}; give one of them'
      )
    suited = _suited(given)
    if 'num_steps' in given or 'num_epochs' in given:
      # The length is given in one way.
      suited.update(num_steps=None, num_epochs=None)
    config = parts.make(cls, {**suited, **given}, chosen=given)
    if given.get('auxiliary_weight') and not config.step.auxiliary_weight:
      raise ValueError(
        f'auxiliary_weight does nothing, because {config.model} has no inner'
        ' classifiers; leave it out'
      )
    return config

  def __post_init__(self) -> None:
    """Checks what needs neither data nor network to be checked."""
    self._settle()
    super().__post_init__()
    for name, value in parts.flat(self).items():
      if isinstance(value, str) and not value.strip():
        raise ValueError(f'{name} is empty; give it a value')
    if self.dataset == _IMAGE_FOLDER:
      if self.manual_dir is not None:
        raise ValueError(
          f'manual_dir does nothing, because dataset is {_IMAGE_FOLDER!r};'
          ' leave it out, and name the folder with --data_dir'
        )
      if self.data_dir is not None:
        fields.check_path('data_dir', self.data_dir, is_here=True)

  def lengths(self, num_train: int) -> lengths.Lengths:
    """Returns how many steps there are.

    Args:
      num_train: Number of pictures to train with.

    Raises:
      ValueError: If the warm-up is longer than the training.
    """
    found = self.length.of(num_train)
    warmup_steps = self.learning_rate.warmup_steps
    if warmup_steps > found.num_steps:
      raise ValueError(
        f'warmup_steps is {warmup_steps}, but the training has'
        f' {found.num_steps} steps; take fewer'
      )
    return found

  def _settle(self) -> None:
    """Fills in what follows from other settings."""
    settled: Dict[str, Any] = {}
    if self.log_dir is None and self.train_dir:
      settled['log_dir'] = self.train_dir
    # What is of no use is refused afterwards.
    if isinstance(self.model, str) and self.model in model_spec.MODEL_SPECS:
      spec = model_spec.find_spec(self.model)
      if self.image_size is None:
        settled['image_size'] = spec.image_size
      weight = getattr(self.step, 'auxiliary_weight', None)
      if weight and not spec.auxiliary_heads:
        settled['step'] = dataclasses.replace(self.step, auxiliary_weight=None)
    for name, value in settled.items():
      object.__setattr__(self, name, value)


def result_settings(config: TrainConfig) -> Dict[str, Any]:
  """Returns what the trained weights and their accuracy depend on.

  A run goes on only with the same. The values are text, numbers, truth values
  and None, as JSON has them; None is what does nothing beside the others, too.

  Args:
    config: What is asked for.
  """
  return {
    name: value
    for name, value in parts.flat(config).items()
    if name not in _WITHOUT_RESULT
  }


def _suited(given: Mapping[str, Any]) -> Dict[str, Any]:
  """Returns what suits the dataset and the network.

  Args:
    given: The settings that somebody gave, by their names.
  """
  # What is of no use is refused when the configuration is made.
  try:
    lengths.Length(
      num_steps=given.get('num_steps'), num_epochs=given.get('num_epochs', 1)
    )
    spec = model_spec.MODEL_SPECS.get(given.get('model', TrainConfig.model))
  except (TypeError, ValueError):
    return {}
  dataset = str(given.get('dataset')).split('/')[0].split(':')[0]
  if spec is None:
    return {}
  if given.get('finetune_from') is not None:
    return dict(_FINETUNING)
  if dataset != _PUBLISHED:
    return dict(spec.training)
  suited = dict(spec.published)
  # A shorter run has a shorter warm-up.
  if 'warmup_steps' in suited:
    steps, epochs = suited['warmup_steps'], suited.get('num_epochs')
    if 'num_steps' in given:
      suited['warmup_steps'] = min(steps, given['num_steps'])
    elif 'num_epochs' in given and epochs is not None:
      share = min(1.0, given['num_epochs'] / epochs)
      suited['warmup_steps'] = int(steps * share)
  return suited
