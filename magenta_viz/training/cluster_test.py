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

"""Tests of TF_CONFIG."""

import json
from typing import Any

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.training import cluster

_TASK = {'type': 'worker', 'index': 0}
_WORKERS = {'worker': ['a:1', 'b:1']}


class ClusterTest(parameterized.TestCase):
  @parameterized.parameters((None,), ('{}',), ('{"cluster": {}, "task": {}}',))
  def test_none(self, text: Any) -> None:
    self.assertIsNone(cluster.read(text))

  def test_example(self) -> None:
    self.assertEqual(
      cluster.read(cluster.EXAMPLE),
      cluster.Cluster(('host0:2222', 'host1:2222'), 0),
    )

  @parameterized.parameters(('worker', 0, 1), ('worker', 1, 2), ('chief', 0, 0))
  def test_chief_is_first(self, job: str, index: int, expected: int) -> None:
    text = json.dumps(
      {
        'cluster': {'worker': ['a:1', '[::1]:65535'], 'chief': ['c:2222']},
        'task': {'type': job, 'index': index},
        # Cluster managers add what is theirs.
        'environment': 'cloud',
      }
    )
    self.assertEqual(
      cluster.read(text),
      cluster.Cluster(('c:2222', 'a:1', '[::1]:65535'), expected),
    )

  def test_chief_may_be_alone(self) -> None:
    text = json.dumps(
      {'cluster': {'chief': ['c:1']}, 'task': {'type': 'chief', 'index': 0}}
    )
    self.assertEqual(cluster.read(text), cluster.Cluster(('c:1',), 0))

  @parameterized.parameters(
    # TensorFlow itself stumbles over an empty one.
    ('', r'is not JSON \(Expecting value'),
    ('{"cluster": ', r'is not JSON \(Expecting value'),
    ('{"cluster":\n{"worker"}}', r'is not JSON \(Expecting'),
    ('["a:1"]', r"is \['a:1'\], not an object"),
    ('{"cluster": ["a:1"]}', r"has the 'cluster' \['a:1'\], not an object"),
  )
  def test_refuses_other_texts(self, text: str, message: str) -> None:
    self._assert_refused(text, message)

  @parameterized.parameters(
    ({'ps': ['p:1'], **_WORKERS}, "names the job 'ps' in its cluster"),
    ({'evaluator': ['e:1'], **_WORKERS}, "names the job 'evaluator'"),
    ({'worker': 'a:1'}, "has 'a:1' for 'worker', not a list of addresses"),
    ({'worker': []}, r"has \[\] for 'worker', not a list of addresses"),
    ({'worker': {'0': 'a:1'}}, "has {'0': 'a:1'} for 'worker', not a list"),
    (
      {'chief': ['a:1', 'b:1'], 'worker': ['c:1']},
      'has 2 chiefs; there is one',
    ),
    ({'worker': ['a:1', 'b:2', 'a:1']}, "has the address 'a:1' twice; give"),
    (
      {'worker': ['a:1'], 'chief': ['a:1']},
      "has the address 'a:1' twice; give",
    ),
    *(
      ({'worker': [address]}, 'has the address .*; give host:port with a port')
      for address in (
        *(
          'a',
          'a:',
          ':1',
          'a:0',
          'a:65536',
          'a:-1',
          'a:x',
          'a:1²',
          'a b:1',
          'grpc://a:1',
        ),
        *(1, None, ['a:1']),
      )
    ),
  )
  def test_refuses_clusters(self, jobs: Any, message: str) -> None:
    self._assert_refused(json.dumps({'cluster': jobs, 'task': _TASK}), message)

  @parameterized.parameters(
    (None, "does not say which task this is; give 'task' a type"),
    ([0], 'does not say which task this is'),
    ({}, 'has the task type None; its cluster has worker;'),
    ({'type': 'chief', 'index': 0}, "has the task type 'chief'; its cluster"),
    ({'type': ['worker'], 'index': 0}, r"has the task type \['worker'\];"),
    ({'type': 'worker'}, 'has the task index None;'),
    *(
      (
        {'type': 'worker', 'index': index},
        f"has the task index {index!r}; 'worker' has indices from 0 to 1;",
      )
      for index in (2, -1, '0', True, 0.0)
    ),
  )
  def test_refuses_tasks(self, task: Any, message: str) -> None:
    self._assert_refused(
      json.dumps({'cluster': _WORKERS, 'task': task}), message
    )

  def _assert_refused(self, text: str, message: str) -> None:
    with self.assertRaisesRegex(ValueError, f'^TF_CONFIG {message}') as caught:
      cluster.read(text)
    said = str(caught.exception)
    self.assertNotIn('\n', said)
    self.assertEndsWith(said, f'; this one is right: {cluster.EXAMPLE}')


if __name__ == '__main__':
  absltest.main()
