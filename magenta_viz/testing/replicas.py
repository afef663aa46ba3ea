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

"""Trains on two replicas: a program, for the processes of tests.

  python -m magenta_viz.testing.replicas PATH

TensorFlow has to be told of two logical devices before it does anything else,
so a test cannot. What was found is written to PATH, by NumPy's `savez`.
"""

import sys
from typing import Any, Callable, Dict, List

import numpy as np
import tensorflow as tf

from magenta_viz.testing import trainer as test_trainer
from magenta_viz.training import steps as steps_lib

# The third picture is none: the first replica has fewer than the second.
_WEIGHTS = (1, 1, 0, 1, 1, 1, 1, 1)
_SETTINGS = steps_lib.StepSettings(
  weight_decay=1e-3,
  label_smoothing=0.1,
  dropout=0.0,
  clip_norm=1.0,
)
_NUM_STEPS = 3


def _halves(batch: test_trainer.Batch) -> List[test_trainer.Batch]:
  """Divides a batch among two replicas."""
  half = len(batch.labels) // 2
  return [
    test_trainer.Batch(*(each[part] for each in batch))
    for part in (slice(half), slice(half, None))
  ]


def _distribute(
  strategy: tf.distribute.Strategy, parts: List[test_trainer.Batch]
) -> Any:
  """Gives each replica its batch."""
  return test_trainer.Batch(
    *(
      strategy.experimental_distribute_values_from_function(
        lambda context, values=values: values[context.replica_id_in_sync_group]
      )
      for values in zip(*parts)
    )
  )


def _copies(
  strategy: tf.distribute.Strategy, trainer: test_trainer.Trainer
) -> Dict[str, Any]:
  """Returns both replicas' values of the network's variables and slots."""
  state = trainer.state
  variables = {
    **state.variables,
    **{f'{name}/Momentum': slot for name, (slot,) in state.slots.items()},
    **{f'{name}/average': value for name, value in state.averages.items()},
  }
  return {
    name: np.stack(
      [each.numpy() for each in strategy.experimental_local_results(variable)]
    )
    for name, variable in variables.items()
  }


def whole_and_halves(strategy: tf.distribute.Strategy) -> Dict[str, Any]:
  """Trains SqueezeNet on whole batches, and on their halves.

  Returns:
    'whole/' and 'halves/': all values and what the steps and an evaluation
    found; 'begin/': the values at first; 'copies/' of the replicas.
  """
  spec = test_trainer.spec_of('squeezenet')
  batches = [
    test_trainer.batch(_WEIGHTS, seed=seed) for seed in range(_NUM_STEPS)
  ]
  found: Dict[str, Any] = {}

  def train(
    name: str, trainer: test_trainer.Trainer, feed: Callable[..., Any]
  ) -> None:
    steps = [
      test_trainer.train(trainer, feed(batch), step, rate=0.01)
      for step, batch in enumerate(batches)
    ]
    found[f'{name}/findings'] = np.array(steps)
    counts = trainer.steps.evaluate(feed(batches[0]))
    found[f'{name}/counts'] = np.array(counts)
    trainer.state.synchronize()
    for key, value in trainer.state.values().items():
      found[f'{name}/values/{key}'] = value

  whole = test_trainer.make(spec, _SETTINGS, is_averaged=True)
  for key, value in whole.state.values().items():
    found[f'begin/values/{key}'] = value
  train('whole', whole, lambda batch: batch)
  halves = test_trainer.make(spec, _SETTINGS, strategy, is_averaged=True)
  train('halves', halves, lambda batch: _distribute(strategy, _halves(batch)))
  for key, value in _copies(strategy, halves).items():
    found[f'copies/{key}'] = value
  return found


def synchronized(strategy: tf.distribute.Strategy) -> Dict[str, Any]:
  """Trains a network with batch norm on two replicas.

  Returns:
    'before/' and 'after/': the replicas' copies, before and after they were
    synchronized; 'values/' and 'network_values/' afterwards; 'stop': what
    steps found of replicas that were not, and were, asked to stop.
  """
  spec = test_trainer.spec_of('tiny')
  trainer = test_trainer.make(spec, _SETTINGS, strategy, is_averaged=True)
  batch = _distribute(strategy, _halves(test_trainer.batch(_WEIGHTS)))
  stops = [
    float(test_trainer.train(trainer, batch, step, stop=stop).stop)
    for step, stop in enumerate((False, True))
  ]
  found: Dict[str, Any] = {'stop': np.array(stops)}
  for when in ('before', 'after'):
    for name, value in _copies(strategy, trainer).items():
      found[f'{when}/{name}'] = value
    trainer.state.synchronize()
  for name, value in trainer.state.values().items():
    found[f'values/{name}'] = value
  for name, value in trainer.state.network_values().items():
    found[f'network_values/{name}'] = value
  # As in a run that goes on from a checkpoint.
  values = test_trainer.random_values(trainer.state, seed=1)
  trainer.state.assign(values)
  for name, value in trainer.state.values().items():
    found[f'assigned/{name}'] = value
    found[f'expected/{name}'] = values[name]
  return found


def dropped(strategy: tf.distribute.Strategy) -> Dict[str, Any]:
  """Finds the loss of one replica, and of two with the same pictures each.

  Returns:
    'own/' with the network's dropout, 'none/' without: 'one' and 'two'.
  """
  spec = test_trainer.spec_of('tiny')
  batch = test_trainer.batch()
  found = {}
  for name, share in (('own', None), ('none', 0.0)):
    settings = steps_lib.StepSettings(dropout=share)
    one = test_trainer.make(spec, settings)
    two = test_trainer.make(spec, settings, strategy)
    both = _distribute(strategy, [batch, batch])
    found[f'{name}/one'] = test_trainer.train(one, batch).loss
    found[f'{name}/two'] = test_trainer.train(two, both).loss
  return {name: np.array(value) for name, value in found.items()}


def main(path: str) -> None:
  """Writes what was found.

  Args:
    path: File to write to.
  """
  (cpu,) = tf.config.list_physical_devices('CPU')
  device = tf.config.LogicalDeviceConfiguration()
  tf.config.set_logical_device_configuration(cpu, [device, device])
  strategy = tf.distribute.MirroredStrategy(['CPU:0', 'CPU:1'])
  found = {
    f'{function.__name__}/{name}': value
    for function in (whole_and_halves, synchronized, dropped)
    for name, value in function(strategy).items()
  }
  np.savez(path, **found)


if __name__ == '__main__':
  main(sys.argv[1])
