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
"""One step of training, and one of evaluation, on all replicas together."""

import functools
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

import tensorflow as tf

from magenta_viz.models import model_spec
from magenta_viz.models import slim_network
from magenta_viz.models import training_mode
from magenta_viz.training import config as train_config
from magenta_viz.training import learning_rates
from magenta_viz.training import loss_scale
from magenta_viz.training import losses
from magenta_viz.training import optimizers
from magenta_viz.training import state as state_lib
from magenta_viz.training import strategies

# slim's argument at the release of its Inception checkpoints
# (inception_utils.py, batch_norm_decay).
_STATISTICS_DECAY = 0.9997

# What the names of a network's kernels end with, which alone decay.
_KERNEL_SUFFIX = 'weights'


class Schedule(NamedTuple):
  """What changes from step to step, as scalar tensors.

  Attributes:
    step: int64, counted from 0.
    rate: float32, the learning rate.
    average_share: float32, what averages of the weights keep.
    statistics_share: float32, what averages of batch norm keep.
    stop: float32, above 0 if this worker is asked to stop.
  """

  step: tf.Tensor
  rate: tf.Tensor
  average_share: tf.Tensor
  statistics_share: tf.Tensor
  stop: tf.Tensor


class Findings(NamedTuple):
  """What a step of training found, the same on all replicas.

  Attributes:
    loss: Mean over the pictures, without weight decay.
    accuracy: Share of the pictures whose class came first.
    gradient_norm: Of all gradients together, before they are clipped; not
      finite if the weights are lost, but in float16, where the step is left
      out then.
    stop: How many replicas are asked to stop.
  """

  loss: tf.Tensor
  accuracy: tf.Tensor
  gradient_norm: tf.Tensor
  stop: tf.Tensor


def make_schedule(
  step: int, rate: float, average_share: float, stop: bool
) -> Schedule:
  """Returns what changes from step to step, as tensors.

  Args:
    step: Counted from 0.
    rate: The learning rate.
    average_share: Of `learning_rates.average_decay`.
    stop: Whether this worker is asked to stop.
  """
  return Schedule(
    tf.constant(step, tf.int64),
    tf.constant(rate, tf.float32),
    tf.constant(average_share, tf.float32),
    tf.constant(learning_rates.average_decay(_STATISTICS_DECAY, step)),
    tf.constant(float(stop)),
  )


class Steps:
  """Trains and evaluates a network, batch by batch."""

  def __init__(
    self,
    strategy: tf.distribute.Strategy,
    spec: model_spec.ModelSpec,
    state: state_lib.State,
    optimizer: optimizers.Optimizer,
    settings: train_config.StepSettings,
    dtype: tf.DType = tf.float32,
    seed: int = 0,
  ):
    """Takes what is trained, and how.

    Args:
      strategy: As of the state.
      spec: The network.
      state: Its variables, and those of its training.
      optimizer: As of the state.
      settings: What a step changes the weights by.
      dtype: What the network computes in; variables are float32.
      seed: Of the activations that are dropped.
    """
    self._strategy = strategy
    self._spec = spec
    self._state = state
    self._optimizer = optimizer
    self._settings = settings
    self._dtype = dtype
    self._seed = seed
    self._heads = spec.heads_in(state.variables)
    # One trace each with the whole network and with its head alone.
    self._train = tf.function(self._train_all, autograph=False)
    self._evaluate = tf.function(self._evaluate_all, autograph=False)

  def train(
    self, batch: Any, schedule: Schedule, head_only: bool = False
  ) -> Findings:
    """Makes a step.

    Args:
      batch: `data.batches.Batch` of each replica.
      schedule: What is new at this step.
      head_only: Whether the classifier alone learns, and batch norm uses its
        averages.
    """
    return self._train(batch, schedule, head_only)

  def evaluate(self, batch: Any) -> losses.Counts:
    """Counts right answers over the batches of all replicas.

    Args:
      batch: `data.batches.Batch` of each replica.
    """
    return self._evaluate(batch)

  def _train_all(
    self, batch: Any, schedule: Schedule, head_only: bool
  ) -> Findings:
    """Makes a step on all replicas."""
    found = self._strategy.run(
      self._train_one, args=(batch, schedule, head_only)
    )
    return tf.nest.map_structure(
      functools.partial(strategies.local, self._strategy), found
    )

  @tf.autograph.experimental.do_not_convert
  def _train_one(
    self, batch: Any, schedule: Schedule, head_only: bool
  ) -> Findings:
    """Makes a step on one replica, which knows of the others' gradients."""
    settings = self._settings
    scale = self._state.loss_scale.read_value()
    names = self._learning(head_only)
    variables = [self._state.variables[name] for name in names]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
      tape.watch(variables)
      logits, auxiliary = self._run(
        batch.images,
        self._state.variables,
        self._training_mode(schedule, head_only),
      )
      loss = losses.classification_loss(
        logits,
        auxiliary,
        batch.labels + self._spec.class_offset,
        settings.label_smoothing,
        settings.auxiliary_weight or 0.0,
      )
      counts = losses.count(
        logits[:, self._spec.class_offset :], batch.labels, batch.weights, loss
      )
      total = counts.loss * scale
    gradients = tape.gradient(total, variables)
    context = tf.distribute.get_replica_context()
    gradients, counts, stop = context.all_reduce(
      tf.distribute.ReduceOp.SUM,
      # A tensor of each replica: what they share has no device to reduce on.
      (gradients, counts, tf.identity(schedule.stop)),
    )
    pictures = tf.maximum(counts.pictures, 1.0)
    gradients = [
      self._decayed(name, gradient / (pictures * scale))
      for name, gradient in zip(names, gradients)
    ]
    norm = tf.linalg.global_norm(gradients)
    if settings.clip_norm:
      gradients, _ = tf.clip_by_global_norm(
        gradients, settings.clip_norm, use_norm=norm
      )
    context.merge_call(
      self._apply, args=(names, gradients, schedule, tf.math.is_finite(norm))
    )
    return Findings(counts.loss / pictures, counts.top1 / pictures, norm, stop)

  def _learning(self, head_only: bool) -> List[str]:
    """Returns the names of the variables that a step changes."""
    return [
      name
      for name in self._state.trainable
      if not head_only or self._spec.is_head(name)
    ]

  def _training_mode(
    self, schedule: Schedule, head_only: bool
  ) -> training_mode.TrainingMode:
    """Returns what the network does in training, on this replica."""
    replica = tf.distribute.get_replica_context().replica_id_in_sync_group
    seed = tf.stack([tf.constant(self._seed, tf.int64), schedule.step])
    return training_mode.TrainingMode(
      tf.random.experimental.stateless_fold_in(seed, replica),
      self._settings.dropout,
      None if head_only else schedule.statistics_share,
    )

  def _run(
    self,
    images: tf.Tensor,
    variables: Dict[str, tf.Variable],
    training: Optional[training_mode.TrainingMode] = None,
  ) -> Tuple[tf.Tensor, List[tf.Tensor]]:
    """Returns the logits of all classifiers, the main one's first."""

    def answer(
      getter: Any, name: str, dtype: tf.DType, **unused_kwargs: Any
    ) -> Any:
      del getter
      variable = variables[name]
      return variable if dtype == tf.float32 else tf.cast(variable, dtype)

    logits, end_points = slim_network.build(
      self._spec,
      tf.cast(images, self._dtype),
      answer,
      self._heads,
      training,
    )
    heads = [end_points[f'{head}/classifier'] for head in self._heads]
    return tf.cast(logits, tf.float32), heads

  def _decayed(self, name: str, gradient: tf.Tensor) -> tf.Tensor:
    """Returns a gradient with that of the weight decay."""
    if not name.endswith(_KERNEL_SUFFIX):
      return gradient
    variable = self._state.variables[name].read_value()
    return gradient + self._settings.weight_decay * variable

  def _apply(
    self,
    strategy: tf.distribute.Strategy,
    names: Sequence[str],
    gradients: Sequence[Any],
    schedule: Any,
    is_finite: Any,
  ) -> None:
    """Changes the variables on all replicas."""
    state = self._state
    is_scaled = self._dtype == tf.float16

    def update(
      variable: tf.Variable,
      gradient: tf.Tensor,
      schedule: Schedule,
      is_finite: tf.Tensor,
      slots: Sequence[tf.Variable],
      averages: Sequence[tf.Variable],
    ) -> None:
      def apply() -> tf.Tensor:
        self._optimizer.update(variable, gradient, slots, schedule.rate)
        for average in averages:
          average.assign_sub(
            (1 - schedule.average_share) * (average - variable)
          )
        return tf.constant(True)

      if is_scaled:
        tf.cond(is_finite, apply, lambda: tf.constant(False))
      else:
        apply()

    for name, gradient in zip(names, gradients):
      averages = [state.averages[name]] if state.averages else []
      strategy.extended.update(
        state.variables[name],
        update,
        args=(gradient, schedule, is_finite, state.slots[name], averages),
        group=False,
      )
    if is_scaled:
      strategy.extended.update(
        state.loss_scale, loss_scale.update, args=(state.good_steps, is_finite)
      )

  def _evaluate_all(self, batch: Any) -> losses.Counts:
    """Counts right answers on all replicas."""
    counts = self._strategy.run(self._evaluate_one, args=(batch,))
    add = functools.partial(
      self._strategy.reduce, tf.distribute.ReduceOp.SUM, axis=None
    )
    return tf.nest.map_structure(add, counts)

  @tf.autograph.experimental.do_not_convert
  def _evaluate_one(self, batch: Any) -> losses.Counts:
    """Counts right answers on one replica, with averaged weights."""
    used = {**self._state.variables, **self._state.averages}
    logits, _ = self._run(batch.images, used)
    loss = losses.cross_entropy(
      logits, batch.labels + self._spec.class_offset, smoothing=0.0
    )
    return losses.count(
      logits[:, self._spec.class_offset :], batch.labels, batch.weights, loss
    )
