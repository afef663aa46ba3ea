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
import os
from typing import Any, Optional
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.training import cluster

_TASK = {'type': 'worker', 'index': 0}
_WORKERS = {'worker': ['a:1', 'b:1']}


class ClusterTest(parameterized.TestCase):
  def resolve(self, text: Optional[str]) -> Any:
    """Returns what is made of a TF_CONFIG; None for one that is not set."""
    others = {k: v for k, v in os.environ.items() if k != 'TF_CONFIG'}
    given = {} if text is None else {'TF_CONFIG': text}
    # TensorFlow reads it whenever it is asked.
    self.enter_context(
      mock.patch.dict(os.environ, {**others, **given}, clear=True)
    )
    return cluster.resolve()

  @parameterized.parameters(None, '{}', '{"cluster": {}, "task": {}}')
  def test_none(self, text: Optional[str]) -> None:
    self.assertIsNone(self.resolve(text))

  def test_example(self) -> None:
    found = cluster.workers(self.resolve(cluster.EXAMPLE))
    self.assertEqual(found, (['host0:2222', 'host1:2222'], 0))

  @parameterized.parameters(
    ('worker', 0, ['a:1', '[::1]:65535'], 1),
    ('worker', 1, ['a:1', '[::1]:65535'], 2),
    ('chief', 0, ['a:1'], 0),
    # It may be alone.
    ('chief', 0, [], 0),
  )
  def test_chief_is_first(
    self, job: str, index: int, others: Any, expected: int
  ) -> None:
    jobs = {'worker': others} if others else {}
    text = json.dumps(
      {
        'cluster': {**jobs, 'chief': ['c:2222']},
        'task': {'type': job, 'index': index},
        # Cluster managers add what is theirs.
        'environment': 'cloud',
      }
    )
    found = cluster.workers(self.resolve(text))
    self.assertEqual(found, (['c:2222', *others], expected))

  @parameterized.parameters(
    # TensorFlow itself stumbles over an empty one.
    ('', r'is not JSON \(Expecting value'),
    ('{"cluster": ', r'is not JSON \(Expecting value'),
    ('{"cluster":\n{"worker"}}', r'is not JSON \(Expecting'),
    ('["a:1"]', r"is \['a:1'\], not an object"),
    ('{"cluster": ["a:1"]}', r"has the 'cluster' \['a:1'\], not an object"),
    *(
      ({'cluster': jobs, 'task': _TASK}, message)
      for jobs, message in (
        ({'ps': ['p:1'], **_WORKERS}, "names the job 'ps' in its cluster"),
        ({'evaluator': ['e:1'], **_WORKERS}, "names the job 'evaluator'"),
        ({'worker': 'a:1'}, "has 'a:1' for 'worker', not a list of addresses"),
        ({'worker': []}, r"has \[\] for 'worker', not a list of addresses"),
        ({'worker': {'0': 'a:1'}}, "has {'0': 'a:1'} for 'worker', not a list"),
        ({'chief': ['a:1', 'b:1'], **_WORKERS}, 'has 2 chiefs; there is one'),
        ({'worker': ['a:1', 'b:2', 'a:1']}, "has the address 'a:1' twice; g"),
        ({'worker': ['a:1'], 'chief': ['a:1']}, "has the address 'a:1' twice"),
        *(
          ({'worker': [each]}, 'has the address .*; give host:port with a port')
          for each in 'a a: :1 a:0 a:65536 a:-1 a:x a:1² grpc://a:1'.split()
        ),
        *(
          ({'worker': [each]}, 'has the address .*; give host:port with a port')
          for each in ('a b:1', 1, None, ['a:1'])
        ),
      )
    ),
    *(
      ({'cluster': _WORKERS, 'task': task}, message)
      for task, message in (
        (None, "does not say which task this is; give 'task' a type"),
        ([0], 'does not say which task this is'),
        ({}, 'has the task type None; its cluster has worker;'),
        ({'type': 'chief', 'index': 0}, "has the task type 'chief'; its clus"),
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
    ),
  )
  def test_refuses(self, given: Any, message: str) -> None:
    text = given if isinstance(given, str) else json.dumps(given)
    with self.assertRaisesRegex(ValueError, f'^TF_CONFIG {message}') as caught:
      self.resolve(text)
    said = str(caught.exception)
    self.assertNotIn('\n', said)
    self.assertEndsWith(said, f'; this one is right: {cluster.EXAMPLE}')


if __name__ == '__main__':
  absltest.main()
