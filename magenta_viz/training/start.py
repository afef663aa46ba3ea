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
"""All that a training is before its first step."""

import dataclasses
import os
from typing import Any, Mapping, Optional

import numpy as np
import tensorflow as tf

from magenta_viz.data import dataset
from magenta_viz.data import datasets
from magenta_viz.data import preprocessing
from magenta_viz.models import imagenet_classes
from magenta_viz.models import initial_weights
from magenta_viz.models import model_spec
from magenta_viz.models import network_choice
from magenta_viz.models import network_loading
from magenta_viz.models import network_protocol
from magenta_viz.models import network_source
from magenta_viz.models import picture_statistics
from magenta_viz.models import precision
from magenta_viz.models import slim_network
from magenta_viz.models import trained_network
from magenta_viz.models import trained_record
from magenta_viz.models.checkpoints import checkpoints
from magenta_viz.settings import command_line
from magenta_viz.training import checkpoint_folder
from magenta_viz.training import config as train_config
from magenta_viz.training import lengths
from magenta_viz.training import measured_pictures
from magenta_viz.training import state as state_lib
from magenta_viz.training import steps as steps_lib
from magenta_viz.training import strategies


class Agreement:
  """Waits for all workers, and proves that they are at the same step."""

  def __init__(self, strategy: tf.distribute.Strategy):
    """Takes what joins the workers."""
    self._strategy = strategy
    # One trace for all the checkpoints of a training.
    self._sum = tf.function(self._sum_all, autograph=False)

  def check(self, step: int) -> None:
    """Waits until all workers have come here.

    Args:
      step: That this worker is at.

    Raises:
      ValueError: If another one is at another step.
    """
    num_replicas = self._strategy.num_replicas_in_sync
    if num_replicas == 1:
      return
    total = self._sum(tf.constant(step, tf.int64))
    if int(strategies.local(self._strategy, total)) != step * num_replicas:
      raise ValueError(
        f'this worker is at step {step} and others are not; give all workers'
        ' the same --train_dir, on a file system that they share'
      )

  def _sum_all(self, step: tf.Tensor) -> Any:
    """Returns the sum of the replicas' steps, of each replica here."""

    def add() -> tf.Tensor:
      context = tf.distribute.get_replica_context()
      # A tensor of each replica: what they share has no device to reduce on.
      here = tf.identity(step)
      return context.all_reduce(tf.distribute.ReduceOp.SUM, here)

    return self._strategy.run(add)


@dataclasses.dataclass(frozen=True)
class Start:
  """A training before its first step, or the next one after an interruption.

  Attributes:
    config: What was asked for.
    lengths: How many steps it has.
    strategy: Where it runs.
    source: The pictures.
    spec: The network, for the classes of `source`.
    state: Its variables, with what they begin with.
    steps: What trains and evaluates it.
    folder: Of the checkpoints.
    latest: The checkpoint that the state is of; None at the very beginning.
    settings: All that the weights depend on, for the record.
    agreement: Where the workers wait for each other.
    pictures: What was measured of those to train with, by who writes it down;
      None of ImageNet's, whose drawings were tried out.
  """

  config: train_config.TrainConfig
  lengths: lengths.Lengths
  strategy: tf.distribute.Strategy
  source: dataset.Dataset
  spec: model_spec.ModelSpec
  state: state_lib.State
  steps: steps_lib.Steps
  folder: checkpoint_folder.CheckpointFolder
  latest: Optional[trained_network.TrainedNetwork]
  settings: Mapping[str, Any]
  agreement: Agreement
  pictures: Optional[picture_statistics.PictureStatistics] = None

  @property
  def step(self) -> int:
    """Steps made so far."""
    return 0 if self.latest is None else self.latest.step

  def network(self) -> network_protocol.Network:
    """Returns the network as it is now, in float32.

    Raises:
      ValueError: If a weight is not finite.
    """
    return slim_network.SlimNetwork(
      trained_network.suited(self.spec, self.pictures),
      self.state.network_values(),
      class_names=self.source.class_names,
    )


def measured(start: Start) -> Start:
  """Returns a training that knows what its pictures are like.

  Those of one that goes on were measured when it began.
  """
  if start.latest is not None:
    return dataclasses.replace(start, pictures=start.latest.pictures)
  names = imagenet_classes.load_class_names()
  if start.source.class_names == names or not strategies.is_chief(
    start.strategy
  ):
    return start
  pictures = measured_pictures.measure(
    start.source,
    preprocessing_of(start.config, is_training=False),
    start.config.seed,
    start.lengths.num_steps * start.config.length.batch_size,
  )
  return dataclasses.replace(start, pictures=pictures)


def prepare(
  config: train_config.TrainConfig, strategy: tf.distribute.Strategy
) -> Start:
  """Opens the data, makes the network, and goes back to where it was.

  Args:
    config: What is asked for.
    strategy: Where it is to run.

  Raises:
    ValueError: If the configuration does not make sense, or `train_dir` has a
      training of other settings.
    OSError: If a file cannot be read.
  """
  folder = checkpoint_folder.CheckpointFolder(config.train_dir)
  if strategies.is_chief(strategy):
    # Else its checkpoints would go while they are read.
    folder.check_free()
  latest = folder.latest()
  # Before data are prepared, which may take hours.
  origin = _origin(config)
  source = datasets.open_dataset(
    config.dataset,
    config.data_dir,
    config.manual_dir,
    config.train_split,
    config.eval_split,
    config.seed,
    _fingerprint(latest),
  )
  released = model_spec.find_spec(config.model)
  spec = _spec(released, source, config.image_size)
  # Else the first checkpoint could not be written.
  trained_record.check_class_names(source.class_names)
  settings = {
    **train_config.result_settings(config),
    'dataset': source.name,
    'fingerprint': source.fingerprint,
    'finetune_from': origin and origin.sha256,
    # Each replica has its own batch statistics and share of the pictures.
    'num_replicas': strategy.num_replicas_in_sync,
  }
  if latest is not None:
    command = command_line.command(config)
    folder.check_settings({'settings': settings, 'command': command})
    trained_network.check_resumable(latest)
    _check_classes(latest, source)
  weights = initial_weights.sample(
    spec,
    config.seed,
    spec.auxiliary_heads if config.step.auxiliary_weight else (),
  )
  if origin is not None and latest is None:
    weights = _with_body(weights, spec, origin)
  state = state_lib.State(
    strategy,
    weights,
    config.optimizer,
    is_averaged=config.step.average_decay > 0,
    is_scaled=config.precision == 'float16',
  )
  agreement = Agreement(strategy)
  agreement.check(0 if latest is None else latest.step)
  if latest is not None:
    state.assign(folder.read(latest))
  return Start(
    config=config,
    lengths=config.lengths(source.num_train),
    strategy=strategy,
    source=source,
    spec=spec,
    state=state,
    steps=steps_lib.Steps(
      strategy,
      spec,
      state,
      config.optimizer,
      config.step,
      precision.resolve_dtype(config.precision),
      config.seed,
    ),
    folder=folder,
    latest=latest,
    settings=settings,
    agreement=agreement,
  )


def _fingerprint(
  latest: Optional[trained_network.TrainedNetwork],
) -> Optional[str]:
  """Returns the fingerprint of the data that a training began with."""
  settings = None if latest is None else latest.record.get('settings')
  if not isinstance(settings, Mapping):
    return None
  return settings.get('fingerprint')


def _check_classes(
  latest: trained_network.TrainedNetwork, source: dataset.Dataset
) -> None:
  """Raises ValueError if the classes' ids are not what they were."""
  if latest.class_names != source.class_names:
    raise ValueError(
      f'the classes of {source.name} are others, or in another order, than the'
      f" record '{latest.prefix}.json' says; put back the data that this"
      ' training began with, or take another --train_dir'
    )


def preprocessing_of(
  config: train_config.TrainConfig, is_training: bool
) -> preprocessing.Preprocessing:
  """Returns what is done to pictures.

  Args:
    config: What is asked for.
    is_training: Whether for training, or for evaluation.
  """
  settings = dataclasses.asdict(config.preprocessing)
  return preprocessing.Preprocessing(
    size=config.image_size,
    is_training=is_training,
    mirror_probability=0.5 if settings.pop('mirror') else 0.0,
    **settings,
  )


def _spec(
  released: model_spec.ModelSpec,
  source: dataset.Dataset,
  image_size: int,
) -> model_spec.ModelSpec:
  """Returns the network for the classes of a dataset."""
  if source.class_names == imagenet_classes.load_class_names():
    # As released, slim's output for the background included, for its tools.
    return dataclasses.replace(released, image_size=image_size)
  return released.for_classes(len(source.class_names), image_size)


def _origin(
  config: train_config.TrainConfig,
) -> Optional[network_source.NetworkSource]:
  """Finds the weights to begin with; None for random ones.

  Raises:
    ValueError: If they are of another network, or damaged.
    OSError: If they cannot be had.
  """
  path = config.finetuning.finetune_from
  if path is None:
    return None
  if path in model_spec.MODEL_SPECS and not os.path.exists(path):
    raise ValueError(
      f"finetune_from is '{path}', the name of a network; take"
      f' --finetune_from=auto with --model={path}, or give a path'
    )
  # Pictures are drawn from what --checkpoint names.
  with network_source.flags_called({'--checkpoint': '--finetune_from'}):
    if path == 'auto':
      return network_source.choose(config.model)
    choice = network_choice.Choice(network_choice.AUTO, checkpoint=path)
    (resolved,) = network_source.resolve([choice])
    if resolved.foreign is not None:
      raise ValueError(
        f"finetune_from is '{path}', a whole model of others; give weights of"
        f' {config.model}'
      )
    origin = resolved.find()
  trained = origin.trained
  if trained is not None and trained.model != config.model:
    raise ValueError(
      f"model is {config.model}, but the network in '{path}' is"
      f' {trained.model}; give --model={trained.model}, or another'
      ' --finetune_from'
    )
  return origin


def _with_body(
  weights: initial_weights.InitialWeights,
  spec: model_spec.ModelSpec,
  origin: network_source.NetworkSource,
) -> initial_weights.InitialWeights:
  """Puts a network's weights in place of random ones, but in classifiers."""
  found = network_loading.averaged(
    checkpoints.read_checkpoint(str(origin.path), origin.sha256)
  )
  body = {
    name: tf.TensorSpec(value.shape, tf.float32)
    for name, value in weights.values.items()
    if not spec.is_head(name)
  }
  matched = slim_network.match(spec, body, found)
  values = {
    name: np.asarray(matched.get(name, value), np.float32)
    for name, value in weights.values.items()
  }
  return weights._replace(values=values)
