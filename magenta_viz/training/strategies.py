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

"""Where a training runs: on one device, on several, or on several machines.

All of it is TensorFlow's own `tf.distribute`.
"""

import contextlib
import os
import signal
import threading
from typing import Any, Iterator, Optional, Tuple

from absl import logging
import tensorflow as tf

from magenta_viz.training import cluster

STRATEGIES = ('auto', 'default', 'mirrored', 'multi_worker', 'tpu')

# What a step ends with if another worker has gone: at once where it was killed
# in the middle of one, else when TensorFlow's heartbeat notices, after some 10
# seconds. Worker 0 gets the first error; others, of a worker 0 that is silent
# but not dead, the second one. Measured with TensorFlow 2.12 and 2.21.
_LOST_WORKER = (tf.errors.UnavailableError, tf.errors.DeadlineExceededError)


def create(name: str) -> tf.distribute.Strategy:
  """Makes a strategy.

  'default': the device that TensorFlow itself takes: a GPU if there is one.
  'mirrored': all GPUs of this machine, or all logical CPUs if it has none.
  'multi_worker': all machines of TF_CONFIG; the same program runs on each.
  'tpu': the TPU that the variable TPU_NAME names, or this machine's own.
  'auto': 'multi_worker' if TF_CONFIG names more than one worker, else 'tpu' if
  TPU_NAME is set, else 'mirrored' if there are several GPUs, else 'default'.

  For 'multi_worker' nothing of TensorFlow may have run in this process. All
  workers wait here for each other, inside of TensorFlow, which gives up after
  an hour or never and has no public setting for it. Python cannot run
  meanwhile, so SIGINT (Ctrl-C) ends the process at once; so does SIGTERM, but
  TensorFlow 2.21 takes that one for itself.

  Args:
    name: One of `STRATEGIES`.

  Raises:
    ValueError: If there is no such strategy, or TF_CONFIG is wrong.
    ConnectionError: If there is no TPU, or this worker cannot join the others.
    RuntimeError: If TensorFlow has run before several workers could join.
  """
  if name not in STRATEGIES:
    raise ValueError(
      f"unknown strategy '{name}'; take one of {', '.join(STRATEGIES)}"
    )
  resolver = cluster.resolve()
  if name == 'auto':
    name = _choose(resolver)
  if name == 'multi_worker':
    return _join(resolver)
  if name == 'tpu':
    return _connect_tpu()
  if name == 'mirrored':
    return tf.distribute.MirroredStrategy()
  return tf.distribute.get_strategy()


def is_chief(strategy: tf.distribute.Strategy) -> bool:
  """Tells whether this process is the one that writes the files."""
  return _worker(strategy)[0] == 0


def local(strategy: tf.distribute.Strategy, value: Any) -> Any:
  """Returns the part of a value that the first replica of this worker has.

  Args:
    strategy: Where it is.
    value: A variable, or what `strategy.run` returns; also what is of no
      replica, as it is.
  """
  return strategy.experimental_local_results(value)[0]


def describe(strategy: tf.distribute.Strategy) -> str:
  """Returns what a strategy consists of, as '2 workers of 1 CPU replica'."""
  _, num_workers = _worker(strategy)
  kind = next(
    kind
    for kind in ('TPU', 'GPU', 'CPU')
    if tf.config.list_logical_devices(kind)
  )
  num_replicas = strategy.num_replicas_in_sync // num_workers
  text = f'{num_replicas} {kind} replica{"s" if num_replicas > 1 else ""}'
  return f'{num_workers} workers of {text}' if num_workers > 1 else text


@contextlib.contextmanager
def errors(strategy: tf.distribute.Strategy) -> Iterator[None]:
  """Raises in one line that another worker has gone.

  Put it around all that the workers do together.

  Args:
    strategy: What joins them.

  Raises:
    ConnectionError: If a worker has ended, or does not answer any more.
  """
  try:
    yield
  except _LOST_WORKER as error:
    if _worker(strategy)[1] == 1:
      raise
    raise ConnectionError(
      f'another worker has gone ({_reason(error)}); see what it said, and start'
      ' all workers again to go on from the last checkpoint'
    ) from error


def _choose(
  resolver: Optional[tf.distribute.cluster_resolver.ClusterResolver],
) -> str:
  """Returns what 'auto' stands for."""
  if resolver is not None and len(cluster.workers(resolver)[0]) > 1:
    return 'multi_worker'
  if os.environ.get('TPU_NAME'):
    return 'tpu'
  if len(tf.config.list_logical_devices('GPU')) > 1:
    return 'mirrored'
  return 'default'


def _join(
  resolver: Optional[tf.distribute.cluster_resolver.ClusterResolver],
) -> tf.distribute.Strategy:
  """Joins the other workers."""
  if resolver is None:
    raise ValueError(
      "strategy 'multi_worker' needs the variable TF_CONFIG, which names all"
      f' workers and which of them this one is, as {cluster.EXAMPLE}'
    )
  others, index = cluster.workers(resolver)
  own = f'worker {index} of {len(others)}'
  address = others.pop(index)
  if others:
    # Seen without a flag: it may wait in vain, and would not say so.
    logging.warning(
      'As %s, waiting for %s; Ctrl-C ends it.', own, ', '.join(others)
    )
  try:
    with _interruptible():
      return tf.distribute.MultiWorkerMirroredStrategy(resolver)
  except tf.errors.OpError as error:
    reason = _reason(error) or 'its port may be in use'
    raise ConnectionError(
      f'{own} cannot join the others from {address} ({reason}); see that the'
      ' port is free, and that TF_CONFIG names the same workers on all machines'
    ) from error
  except RuntimeError as error:
    raise RuntimeError(
      f'{own} cannot join the others ({error}); create the strategy before'
      ' anything else of TensorFlow runs in the process'
    ) from error


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
  """Lets signals do what they do by default, not what Python does.

  TensorFlow waits for other workers without letting Python run, so that
  Python's handlers would not be called. TensorFlow also may put a handler of
  its own, which swallows SIGTERM, in place of the one that is restored here.
  """
  if threading.current_thread() is not threading.main_thread():
    # Nobody else may change what signals do.
    yield
    return
  before = {
    number: signal.signal(number, signal.SIG_DFL)
    for number in (signal.SIGINT, signal.SIGTERM)
  }
  try:
    yield
  finally:
    for number, handler in before.items():
      # None stands for a handler that is not Python's.
      if handler is not None:
        signal.signal(number, handler)


def _connect_tpu() -> tf.distribute.Strategy:
  """Connects to a TPU and readies it."""
  name = os.environ.get('TPU_NAME') or 'local'
  try:
    resolver = tf.distribute.cluster_resolver.TPUClusterResolver(name)
    tf.config.experimental_connect_to_cluster(resolver)
    tf.tpu.experimental.initialize_tpu_system(resolver)
  except (OSError, RuntimeError, ValueError, tf.errors.OpError) as error:
    raise ConnectionError(
      f"strategy 'tpu' finds no TPU '{name}' ({_reason(error)}); set the"
      " variable TPU_NAME to the name of one, or take 'auto'"
    ) from error
  return tf.distribute.TPUStrategy(resolver)


def _worker(strategy: tf.distribute.Strategy) -> Tuple[int, int]:
  """Returns the number of this worker, 0 for the chief, and of all workers."""
  if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
    return 0, 1
  addresses, index = cluster.workers(strategy.cluster_resolver)
  return index, len(addresses)


def _reason(error: Exception) -> str:
  """Returns what an error of TensorFlow says, in one short line."""
  text = error.message if isinstance(error, tf.errors.OpError) else str(error)
  # After the place in the program, if there is one.
  *_, text = text.split('Collective ops is aborted by: ')
  line, *_ = text.strip().splitlines() or ['']
  return line.rstrip(':. ')
