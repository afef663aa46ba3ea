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

"""Tests for strategies.

TensorFlow can be given other workers only at its start, so some tests run a
process; workers that train are in `train_workers_test`.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from typing import Any, Iterator, List, Mapping
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import tensorflow as tf

from magenta_viz.training import strategies

# Says what is wrong, or waits for other workers.
_PROGRAM = """
from magenta_viz.training import strategies
try:
  strategies.create('multi_worker')
except ConnectionError as error:
  print(error)
"""


def _listener() -> socket.socket:
  """Returns a socket with a port of this machine of its own."""
  listener = socket.socket()
  listener.bind(('127.0.0.1', 0))
  listener.listen(1)
  return listener


def _address(listener: socket.socket) -> str:
  return f'127.0.0.1:{listener.getsockname()[1]}'


def _tf_config(job: str, **jobs: Any) -> str:
  return json.dumps({'cluster': jobs, 'task': {'type': job, 'index': 0}})


class ProcessesTest(absltest.TestCase):
  @contextlib.contextmanager
  def worker(self, *addresses: str) -> Iterator['subprocess.Popen[str]']:
    """Runs the first of the workers."""
    with subprocess.Popen(
      [sys.executable, '-c', _PROGRAM],
      env={
        **os.environ,
        'PYTHONPATH': os.pathsep.join(sys.path),
        'TF_CONFIG': _tf_config('worker', worker=addresses),
        'TF_CPP_MIN_LOG_LEVEL': '3',
      },
      stdout=subprocess.PIPE,
      stderr=subprocess.PIPE,
      universal_newlines=True,
    ) as process:
      try:
        yield process
      finally:
        process.kill()

  def test_port_is_in_use(self) -> None:
    with _listener() as used, _listener() as other:
      addresses = [_address(used), _address(other)]
      with self.worker(*addresses) as process:
        output, _ = process.communicate(timeout=300)
    self.assertRegex(
      output,
      rf'(?m)^worker 0 of 2 cannot join the others from {addresses[0]} \(.+\);'
      ' see that the port is free, and .* machines$',
    )

  def test_waiting_can_be_interrupted(self) -> None:
    with _listener() as one, _listener() as other:
      addresses = [_address(one), _address(other)]
    with self.worker(*addresses) as process:
      assert process.stderr is not None
      for line in process.stderr:
        if 'waiting for' in line:
          break
      self.assertIn(f'As worker 0 of 2, waiting for {addresses[1]}; ', line)
      # TensorFlow's server is there once it waits.
      host, port = addresses[0].split(':')
      for _ in range(600):
        with socket.socket() as client:
          if not client.connect_ex((host, int(port))):
            break
        time.sleep(0.1)
      time.sleep(1)
      self.assertIsNone(process.poll())
      process.send_signal(signal.SIGINT)
      self.assertEqual(process.wait(timeout=10), -signal.SIGINT)


class StrategiesTest(parameterized.TestCase):
  def _environment(self, **variables: str) -> None:
    """Sets these variables, and neither of the two otherwise."""
    others = {
      name: value
      for name, value in os.environ.items()
      if name not in ('TF_CONFIG', 'TPU_NAME')
    }
    self.enter_context(
      mock.patch.dict(os.environ, {**others, **variables}, clear=True)
    )

  def _devices(self, **counts: int) -> None:
    """Lets TensorFlow have so many devices of each kind."""

    def devices(kind: str) -> List[str]:
      return [f'/device:{kind}:{i}' for i in range(counts.get(kind, 0))]

    self.enter_context(
      mock.patch.object(tf.config, 'list_logical_devices', devices)
    )

  @parameterized.parameters('auto', 'default')
  def test_one_device(self, name: str) -> None:
    self._environment(TF_CONFIG=_tf_config('worker', worker=['a:1']))
    self._devices(CPU=2)
    strategy = strategies.create(name)
    self.assertIs(strategy, tf.distribute.get_strategy())
    self.assertEqual(strategies.describe(strategy), '1 CPU replica')
    self.assertTrue(strategies.is_chief(strategy))
    for kind in ('GPU', 'TPU'):
      self._devices(CPU=1, **{kind: 1})
      self.assertEqual(strategies.describe(strategy), f'1 {kind} replica')

  def test_auto_prefers_workers_to_a_tpu_to_gpus(self) -> None:
    resolver, mirrored, pod, workers, *_ = (
      self.enter_context(mock.patch.object(*each))
      for each in (
        (tf.distribute.cluster_resolver, 'TPUClusterResolver'),
        (tf.distribute, 'MirroredStrategy'),
        (tf.distribute, 'TPUStrategy'),
        (tf.distribute, 'MultiWorkerMirroredStrategy'),
        (tf.config, 'experimental_connect_to_cluster'),
        (tf.tpu.experimental, 'initialize_tpu_system'),
      )
    )
    self._devices(CPU=1, GPU=2)
    self._environment()
    self.assertIs(strategies.create('auto'), mirrored())
    self._environment(TPU_NAME='pod')
    self.assertIs(strategies.create('auto'), pod())
    resolver.assert_called_with('pod')
    tf_config = _tf_config('worker', worker=['a:1', 'b:1'])
    self._environment(TPU_NAME='pod', TF_CONFIG=tf_config)
    with self.assertLogs('absl', 'WARNING') as logs:
      self.assertIs(strategies.create('auto'), workers())
    self.assertIn('As worker 0 of 2, waiting for b:1;', logs.output[0])

  @parameterized.parameters(
    ('worker', 1, {'worker': ['a:1', 'b:1']}, False),
    ('worker', 0, {'worker': ['a:1', 'b:1']}, True),
    ('worker', 0, {'chief': ['c:1'], 'worker': ['a:1']}, False),
    ('chief', 0, {'chief': ['c:1'], 'worker': ['a:1']}, True),
  )
  def test_chief(
    self, job: str, index: int, jobs: Mapping[str, Any], expected: bool
  ) -> None:
    strategy = mock.Mock(spec=tf.distribute.MultiWorkerMirroredStrategy)
    strategy.num_replicas_in_sync = 8
    strategy.cluster_resolver = (
      tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec(jobs), task_type=job, task_id=index
      )
    )
    self._devices(CPU=1, GPU=4)
    self.assertEqual(strategies.is_chief(strategy), expected)
    self.assertEqual(
      strategies.describe(strategy), '2 workers of 4 GPU replicas'
    )

  @parameterized.parameters(*strategies.STRATEGIES)
  def test_wrong_tf_config_is_not_passed_over(self, name: str) -> None:
    self._environment(TF_CONFIG='{"cluster": {"ps": ["a:1"]}}')
    with self.assertRaisesRegex(ValueError, "^TF_CONFIG names the job 'ps'"):
      strategies.create(name)

  def test_refuses(self) -> None:
    self._environment()
    with self.assertRaisesRegex(
      ValueError,
      "^unknown strategy 'mirror'; take one of auto, default, mirrored, multi_",
    ):
      strategies.create('mirror')
    with self.assertRaisesRegex(
      ValueError,
      "^strategy 'multi_worker' needs the variable TF_CONFIG, .* as {",
    ):
      strategies.create('multi_worker')

  def test_no_tpu(self) -> None:
    self._environment()
    with self.assertRaisesRegex(
      ConnectionError,
      r"^strategy 'tpu' finds no TPU 'local' \(.+\); set the variable TPU_NAME"
      " to the name of one, or take 'auto'$",
    ):
      strategies.create('tpu')

  def test_multi_worker_comes_too_late(self) -> None:
    tf.identity(0)
    self._environment(TF_CONFIG=_tf_config('worker', worker=['a:1', 'b:1']))
    before = signal.getsignal(signal.SIGINT)
    with self.assertRaisesRegex(
      RuntimeError,
      r'^worker 0 of 2 cannot join the others \(.+\); create the strategy'
      ' before anything else of TensorFlow runs in the process$',
    ):
      strategies.create('multi_worker')
    self.assertIs(signal.getsignal(signal.SIGINT), before)

  @parameterized.parameters(
    tf.errors.UnavailableError, tf.errors.DeadlineExceededError
  )
  def test_lost_worker(self, kind: Any) -> None:
    strategy = tf.distribute.get_strategy()
    message = 'Graph\n\nCollective ops is aborted by: Socket closed.\nMore: \nx'
    error = kind(None, None, message)
    # What of it has nothing to do with others.
    with self.assertRaises(kind) as caught, strategies.errors(strategy):
      raise error
    self.assertIs(caught.exception, error)
    with mock.patch.object(strategies, '_worker', return_value=(0, 2)):
      with self.assertRaisesRegex(
        ConnectionError, r'^another worker has gone \(Socket closed\); .*point$'
      ):
        with strategies.errors(strategy):
          raise error

  def test_other_errors_pass(self) -> None:
    error = tf.errors.InvalidArgumentError(None, None, 'bad')
    with mock.patch.object(strategies, '_worker', return_value=(0, 2)):
      with self.assertRaises(tf.errors.InvalidArgumentError) as caught:
        with strategies.errors(tf.distribute.get_strategy()):
          raise error
    self.assertIs(caught.exception, error)


if __name__ == '__main__':
  absltest.main()
