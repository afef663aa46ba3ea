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

"""A trainer of random pictures, and a tiny network that is traced fast."""

import dataclasses
from typing import Any, Dict, NamedTuple, Optional, Sequence, Tuple

import numpy as np
import tensorflow as tf
import tf_slim as slim

from magenta_viz.models import initial_weights
from magenta_viz.models import model_spec
from magenta_viz.models import training_mode
from magenta_viz.models.architectures import batch_norm
from magenta_viz.testing import random_weights
from magenta_viz.training import config as train_config
from magenta_viz.training import optimizers
from magenta_viz.training import state as state_lib
from magenta_viz.training import steps as steps_lib

SIDE = model_spec.MIN_SIZE
NUM_CLASSES = 3
MOMENTUM = optimizers.Momentum(0.9)
# The loss and its gradient alone.
PLAIN = train_config.StepSettings(
  weight_decay=0.0, label_smoothing=0.0, clip_norm=0.0, auxiliary_weight=0.0
)


class Batch(NamedTuple):
  """Pictures, labels and weights, as of `data.batches.Batch`."""

  images: tf.Tensor
  labels: tf.Tensor
  weights: tf.Tensor


class Trainer(NamedTuple):
  """A network on its way."""

  spec: model_spec.ModelSpec
  state: state_lib.State
  steps: steps_lib.Steps


def tiny_network(
  images: tf.Tensor,
  num_classes: int,
  training: Optional[training_mode.TrainingMode] = None,
) -> Tuple[tf.Tensor, Dict[str, tf.Tensor]]:
  """Builds a network with all that training has to do with.

  Args:
    images: [batch, height, width, 3] float tensor in [0, 1].
    num_classes: Outputs of the classifier.
    training: What is done in training only.

  Returns:
    The logits, [batch, num_classes], and the end points by name.
  """
  net = slim.conv2d(images - 0.5, 8, 3, stride=4, scope='tiny/conv')
  net = slim.conv2d(
    net,
    8,
    3,
    stride=2,
    normalizer_fn=batch_norm.batch_norm,
    normalizer_params={'decay': training and training.statistics_decay},
    scope='tiny/normalized',
  )
  net = tf.reduce_mean(net, axis=[1, 2], keepdims=True)
  net = training_mode.dropout(net, 0.5, training)
  net = slim.conv2d(net, num_classes, 1, activation_fn=None, scope='head/conv')
  logits = tf.squeeze(net, axis=[1, 2])
  return logits, {'Logits': logits}


def spec_of(model: str) -> model_spec.ModelSpec:
  """Returns a network for few classes and small pictures.

  Args:
    model: One of the package's networks, or 'tiny'.
  """
  if model != 'tiny':
    return model_spec.find_spec(model).for_classes(NUM_CLASSES, SIDE)
  return dataclasses.replace(
    spec_of('squeezenet'),
    name='tiny',
    function=f'{__name__}:tiny_network',
    head='head',
  )


def weights_of(
  spec: model_spec.ModelSpec, seed: int = 3
) -> initial_weights.InitialWeights:
  """Returns random weights, of the auxiliary classifiers too.

  Args:
    spec: The network.
    seed: Of the weights. With some, SqueezeNet's last ReLU lets nothing
      through, and no gradient either.
  """
  values = random_weights.of_network(spec, spec.auxiliary_heads, seed)
  trainable = [name for name in values if '/moving_' not in name]
  return initial_weights.InitialWeights(values, tuple(trainable))


def make(
  spec: model_spec.ModelSpec,
  settings: train_config.StepSettings = PLAIN,
  strategy: Optional[tf.distribute.Strategy] = None,
  optimizer: optimizers.Optimizer = MOMENTUM,
  is_averaged: bool = False,
  dtype: tf.DType = tf.float32,
  seed: int = 0,
) -> Trainer:
  """Makes a trainer of random weights.

  Args:
    spec: The network.
    settings: Of its steps.
    strategy: Where it trains.
    optimizer: What changes the weights.
    is_averaged: Whether it has moving averages of the weights.
    dtype: What the network computes in.
    seed: Of what is dropped.
  """
  strategy = strategy or tf.distribute.get_strategy()
  state = state_lib.State(
    strategy,
    weights_of(spec),
    optimizer,
    is_averaged=is_averaged,
    is_scaled=dtype == tf.float16,
  )
  steps = steps_lib.Steps(
    strategy, spec, state, optimizer, settings, dtype, seed
  )
  return Trainer(spec, state, steps)


def random_values(state: state_lib.State, seed: int) -> Dict[str, np.ndarray]:
  """Returns values of no meaning, all positive, for all of a state."""
  generator = np.random.RandomState(seed)
  # From 1 to 2, so that a count is none of those that a state begins with.
  return {
    name: (1 + generator.uniform(size=value.shape)).astype(value.dtype)
    for name, value in state.values().items()
  }


def batch(
  weights: Sequence[float] = (1, 1, 0, 1), seed: int = 0, side: int = SIDE
) -> Batch:
  """Makes as many random pictures as there are weights.

  Args:
    weights: 0 for what is no picture: zeros, as the pipeline has it.
    seed: Of the pictures.
    side: Their height and width.
  """
  generator = np.random.RandomState(seed)
  images = generator.uniform(size=(len(weights), side, side, 3))
  # As different as pictures are, not as noise is.
  images *= generator.uniform(0.2, 1, (len(weights), 1, 1, 3))
  images *= np.sign(weights)[:, None, None, None]
  labels = (np.arange(len(weights)) % NUM_CLASSES).astype(np.int32)
  return Batch(
    tf.constant(images, tf.float32),
    tf.constant(labels),
    tf.constant(weights, tf.float32),
  )


def train(
  trainer: Trainer, batch: Any, step: int = 0, rate: float = 0.1, **kwargs: Any
) -> steps_lib.Findings:
  """Makes a step.

  Args:
    trainer: Makes it.
    batch: Of each replica.
    step: Number of the step.
    rate: The learning rate.
    **kwargs: `average_share` and `stop` of the schedule, `head_only`.
  """
  schedule = steps_lib.make_schedule(
    step, rate, kwargs.pop('average_share', 0.75), kwargs.pop('stop', False)
  )
  return trainer.steps.train(batch, schedule, **kwargs)
