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

"""TF_CONFIG, which tells each worker of a training of all workers.

It is TensorFlow's own variable, and TensorFlow's own resolver reads it. What is
wrong in it is looked for here before: the resolver lets pass jobs that do not
train, addresses without a port or given twice, and tasks that are none of the
cluster's. TensorFlow tells of them in words of its own, or waits for an hour.
"""

import os
import re
from typing import Any, List, Mapping, Optional, Tuple

import tensorflow as tf

from magenta_viz.files import untrusted

# How TF_CONFIG looks like, for messages.
EXAMPLE = (
  '{"cluster": {"worker": ["host0:2222", "host1:2222"]},'
  ' "task": {"type": "worker", "index": 0}}'
)

# Jobs that train, in the order in which TensorFlow counts their tasks.
_JOBS = ('chief', 'worker')


def resolve() -> Optional[tf.distribute.cluster_resolver.ClusterResolver]:
  """Returns what TF_CONFIG says; None if it names no workers.

  Raises:
    ValueError: If it is not as it should be, or names parameter servers,
      evaluators or other jobs that do not train.
  """
  text = os.environ.get('TF_CONFIG')
  if text is None:
    return None
  try:
    config = untrusted.parse_json(text.encode())
  except ValueError as error:
    raise _wrong(f'is not JSON ({error})') from error
  if not isinstance(config, dict):
    raise _wrong(f'is {config!r}, not an object')
  jobs = config.get('cluster') or {}
  if not isinstance(jobs, dict):
    raise _wrong(f"has the 'cluster' {jobs!r}, not an object")
  if not jobs:
    return None
  _check_jobs(jobs)
  _check_task(jobs, config.get('task'))
  return tf.distribute.cluster_resolver.TFConfigClusterResolver()


def workers(
  resolver: tf.distribute.cluster_resolver.ClusterResolver,
) -> Tuple[List[str], int]:
  """Returns the addresses of all workers, and which of them this process is.

  Args:
    resolver: Of a cluster whose jobs all train; the chief comes first.
  """
  jobs = resolver.cluster_spec().as_dict()
  chiefs = jobs.get('chief', ()) if resolver.task_type == 'worker' else ()
  return _addresses(jobs), resolver.task_id + len(chiefs)


def _addresses(jobs: Mapping[str, Any]) -> List[Any]:
  """Returns what stands for the address of each worker, the chief's first."""
  return [address for job in _JOBS for address in jobs.get(job, ())]


def _check_jobs(jobs: Mapping[str, Any]) -> None:
  """Raises ValueError if there are other jobs, or an address is wrong."""
  for job, tasks in jobs.items():
    if job not in _JOBS:
      raise _wrong(
        f"names the job '{job}' in its cluster, where all workers train alike:"
        " take it out and leave 'worker', and 'chief' if there is one"
      )
    if not isinstance(tasks, list) or not tasks:
      raise _wrong(f"has {tasks!r} for '{job}', not a list of addresses")
  if len(jobs.get('chief', ())) > 1:
    raise _wrong(f'has {len(jobs["chief"])} chiefs; there is one at most')
  addresses = _addresses(jobs)
  for address in addresses:
    if not _is_address(address):
      raise _wrong(
        f'has the address {address!r}; give host:port with a port from 1 to'
        ' 65535'
      )
    if addresses.count(address) > 1:
      raise _wrong(
        f"has the address '{address}' twice; give each worker a port of its own"
      )


def _is_address(address: Any) -> bool:
  """Tells whether something is 'host:port'."""
  if not isinstance(address, str):
    return False
  found = re.fullmatch(r'[^\s/]+:([0-9]{1,5})', address)
  return found is not None and 0 < int(found.group(1)) < 2**16


def _check_task(jobs: Mapping[str, Any], task: Any) -> None:
  """Raises ValueError if the task is none of the cluster's."""
  if not isinstance(task, dict):
    raise _wrong(
      "does not say which task this is; give 'task' a type and index"
    )
  job, index = task.get('type'), task.get('index')
  if not isinstance(job, str) or job not in jobs:
    raise _wrong(
      f'has the task type {job!r}; its cluster has {" and ".join(jobs)}'
    )
  count = len(jobs[job])
  # JSON's true is an int to Python.
  if type(index) is not int or not 0 <= index < count:
    raise _wrong(
      f"has the task index {index!r}; '{job}' has indices from 0 to {count - 1}"
    )


def _wrong(what: str) -> ValueError:
  """Returns the error of a TF_CONFIG that is wrong."""
  return ValueError(f'TF_CONFIG {what}; this one is right: {EXAMPLE}')
