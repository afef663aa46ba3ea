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

It is TensorFlow's own variable. TensorFlow waits for what it names, so what is
wrong in it is better found before.
"""

import dataclasses
import re
from typing import Any, List, Mapping, Optional, Tuple

from magenta_viz.files import untrusted

# How TF_CONFIG looks like, for messages.
EXAMPLE = (
  '{"cluster": {"worker": ["host0:2222", "host1:2222"]},'
  ' "task": {"type": "worker", "index": 0}}'
)

# Jobs that train, in the order in which TensorFlow counts their tasks.
_JOBS = ('chief', 'worker')


@dataclasses.dataclass(frozen=True)
class Cluster:
  """The workers of a training.

  Attributes:
    addresses: Of all workers, 'host:port'; the first one's is the chief.
    index: Which of them this process is.
  """

  addresses: Tuple[str, ...]
  index: int


def read(tf_config: Optional[str]) -> Optional[Cluster]:
  """Reads TF_CONFIG.

  Args:
    tf_config: The variable's text; None if it is not set.

  Returns:
    The workers; None if it names none.

  Raises:
    ValueError: If it is not as it should be, or names parameter servers,
      evaluators or other jobs that do not train.
  """
  if tf_config is None:
    return None
  try:
    config = untrusted.parse_json(tf_config.encode())
  except ValueError as error:
    raise _wrong(f'is not JSON ({error})') from error
  if not isinstance(config, dict):
    raise _wrong(f'is {config!r}, not an object')
  jobs = config.get('cluster') or {}
  if not isinstance(jobs, dict):
    raise _wrong(f"has the 'cluster' {jobs!r}, not an object")
  if not jobs:
    return None
  addresses = _addresses(jobs)
  return Cluster(tuple(addresses), _index(jobs, config.get('task')))


def _addresses(jobs: Mapping[str, Any]) -> List[str]:
  """Returns the addresses of all workers, the chief's first.

  Raises:
    ValueError: If there are other jobs, or an address is wrong.
  """
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
  addresses = [address for job in _JOBS for address in jobs.get(job, ())]
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
  return addresses


def _is_address(address: Any) -> bool:
  """Tells whether something is 'host:port'."""
  if not isinstance(address, str):
    return False
  found = re.fullmatch(r'[^\s/]+:([0-9]{1,5})', address)
  return found is not None and 0 < int(found.group(1)) < 2**16


def _index(jobs: Mapping[str, Any], task: Any) -> int:
  """Returns which of all workers this one is.

  Raises:
    ValueError: If the task is none of the cluster's.
  """
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
  return index + (len(jobs.get('chief', ())) if job == 'worker' else 0)


def _wrong(what: str) -> ValueError:
  """Returns the error of a TF_CONFIG that is wrong."""
  return ValueError(f'TF_CONFIG {what}; this one is right: {EXAMPLE}')
