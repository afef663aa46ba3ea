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
"""All that changes in training, but for the number of the step."""

from typing import Dict, Mapping, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.models import initial_weights
from magenta_viz.models import network_loading
from magenta_viz.training import loss_scale
from magenta_viz.training import optimizers
from magenta_viz.training import strategies


class State:
  """The variables of a network and of its training, under a strategy.

  Attributes:
    variables: The network's, by name.
    trainable: Names of those that gradients change.
    slots: The optimizer's of each trainable variable, in its order.
    averages: Moving average of each trainable variable; none without averages.
    loss_scale: What losses are multiplied with in float16, whose range is
      small; 1 forever elsewhere.
    good_steps: Steps since the scale last changed.
  """

  def __init__(
    self,
    strategy: tf.distribute.Strategy,
    weights: initial_weights.InitialWeights,
    optimizer: optimizers.Optimizer,
    is_averaged: bool,
    is_scaled: bool,
  ):
    """Makes the variables.

    Args:
      strategy: What they are distributed by.
      weights: What the network begins with.
      optimizer: Whose slots to make.
      is_averaged: Whether to have moving averages.
      is_scaled: Whether losses are to be scaled, for float16.
    """
    self._strategy = strategy
    self.trainable = weights.trainable
    with strategy.scope():
      self.variables = {
        name: self._variable(name, value)
        for name, value in weights.values.items()
      }
      self.slots: Dict[str, Tuple[tf.Variable, ...]] = {
        name: tuple(
          self._beside(name, np.full_like(weights.values[name], initial))
          for initial in optimizer.slots.values()
        )
        for name in self.trainable
      }
      self.averages = {
        name: self._beside(name, weights.values[name])
        for name in (self.trainable if is_averaged else ())
      }
      self.loss_scale = tf.Variable(
        loss_scale.FIRST if is_scaled else 1.0, trainable=False
      )
      self.good_steps = tf.Variable(0, trainable=False)
    self._named = dict(self.variables)
    for name in self.trainable:
      for slot, variable in zip(optimizer.slots, self.slots[name]):
        self._named[f'{name}/{slot}'] = variable
    for name, variable in self.averages.items():
      self._named[f'{name}{network_loading.AVERAGE_SUFFIX}'] = variable
    if is_scaled:
      self._named['loss_scale'] = self.loss_scale
      self._named['good_steps'] = self.good_steps

  def _variable(self, name: str, value: np.ndarray) -> tf.Variable:
    """Makes a variable of the network."""
    if name in self.trainable:
      return tf.Variable(value)
    # Each replica moves its own averages of batch norm; who reads them all
    # gets the mean.
    return tf.Variable(
      value,
      trainable=False,
      synchronization=tf.VariableSynchronization.ON_READ,
      aggregation=tf.VariableAggregation.MEAN,
    )

  def _beside(self, name: str, value: np.ndarray) -> tf.Variable:
    """Makes a variable where another one is."""
    with self._strategy.extended.colocate_vars_with(self.variables[name]):
      return tf.Variable(value, trainable=False)

  def synchronize(self) -> None:
    """Gives all replicas the mean of their averages of batch norm.

    All workers have to call it at the same step.
    """
    if self._strategy.num_replicas_in_sync == 1:
      return
    with self._strategy.scope():
      for name, variable in self.variables.items():
        if name not in self.trainable:
          variable.assign(variable.read_value())

  def values(self) -> Dict[str, np.ndarray]:
    """Returns all values by name, for a checkpoint, after `synchronize`."""
    return {
      name: strategies.local(self._strategy, variable).numpy()
      for name, variable in self._named.items()
    }

  def network_values(self) -> Dict[str, np.ndarray]:
    """Returns what the network is used with, after `synchronize`."""
    used = {**self.variables, **self.averages}
    return {
      name: strategies.local(self._strategy, variable).numpy()
      for name, variable in used.items()
    }

  def assign(self, values: Mapping[str, np.ndarray]) -> None:
    """Takes over the values of a checkpoint.

    Args:
      values: Arrays by name; those of no variable are left alone.

    Raises:
      ValueError: If one is missing, or of another shape.
    """
    for name, variable in self._named.items():
      if name not in values:
        raise ValueError(
          f'the checkpoint lacks {name}; take another --train_dir, or the'
          ' settings with which it was written'
        )
      if tuple(variable.shape) != values[name].shape:
        raise ValueError(
          f"the checkpoint's {name} has shape {values[name].shape}, not"
          f' {tuple(variable.shape)}; take another --train_dir, or the settings'
          ' with which it was written'
        )
    with self._strategy.scope():
      for name, variable in self._named.items():
        variable.assign(values[name])
