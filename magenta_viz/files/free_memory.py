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

"""How much memory is left for this process: the machine's, or its container's.

A container is a control group (cgroup) of Linux with a limit. What goes past it
is killed, however much the machine has left. A group has the limits of the
groups around it, too.
"""

from pathlib import Path
import sys
from typing import Dict, Iterator, List, NamedTuple, Sequence, Tuple, Union

import psutil


class _Version(NamedTuple):
  """Where a version of control groups has its numbers, in bytes.

  Attributes:
    limits: Files with the most that a group may use; what is no number is no
      limit.
    usage: File with what it uses.
    stats: Names in `memory.stat` of further limits, and
    cache: of what is in use, but only until it is wanted: file contents that
      nobody has asked for lately. psutil counts the machine's as available.
  """

  limits: Tuple[str, ...]
  usage: str
  stats: Tuple[str, ...]
  cache: str


# From memory.high on a group is slowed down until it hardly moves.
_V2 = _Version(
  ('memory.max', 'memory.high'), 'memory.current', (), 'inactive_file'
)
# Groups around a container may be out of its sight, but not their limit.
_V1 = _Version(
  ('memory.limit_in_bytes',),
  'memory.usage_in_bytes',
  ('hierarchical_memory_limit',),
  'total_inactive_file',
)


def free_bytes(root: Union[str, Path] = '/') -> int:
  """Returns how many bytes of memory this process may still take.

  It is the least of what the machine has left, what the control groups of the
  process have left, and what its own limits (`ulimit -v`, `ulimit -d`) leave.

  Args:
    root: Where `proc` and the groups are looked for; `/` but in tests.
  """
  free: List[int] = [psutil.virtual_memory().available, *_own_limits()]
  for version, folder in _groups(Path(root)):
    free += _left_in(version, folder)
  return max(0, min(free))


def _own_limits() -> Iterator[int]:
  """Yields what the limits of the process leave; nothing without limits."""
  if not sys.platform.startswith('linux'):
    return
  import resource

  used = psutil.Process().memory_info()
  for name, taken in (('RLIMIT_AS', used.vms), ('RLIMIT_DATA', used.data)):
    limit, _ = resource.getrlimit(getattr(resource, name))
    if limit != resource.RLIM_INFINITY:
      yield limit - taken


def _groups(root: Path) -> Iterator[Tuple[_Version, Path]]:
  """Yields the folders of the groups that the process is in.

  Those of a group, and of the groups around it as far as they can be seen.
  """
  paths = {}
  for line in _lines(root / 'proc/self/cgroup'):
    number, controllers, path = line.split(':', 2)
    if 'memory' in controllers.split(','):
      paths[_V1] = path
    elif number == '0' and not controllers:
      paths[_V2] = path
  for line in _lines(root / 'proc/self/mountinfo'):
    # proc(5): the fields after the dash are the type, the source, the options.
    place, _, rest = line.partition(' - ')
    fields = rest.split(' ')
    if fields[0] == 'cgroup2':
      version = _V2
    elif fields[0] == 'cgroup' and 'memory' in fields[-1].split(','):
      version = _V1
    else:
      continue
    top, mounted_at = place.split(' ')[3:5]
    folder = mount = root / mounted_at.lstrip('/')
    try:
      folder = mount / Path(paths.get(version, '')).relative_to(top)
    except ValueError:
      pass  # What is mounted is the group itself, as containers see it.
    yield version, folder
    while folder != mount:
      folder = folder.parent
      yield version, folder


def _left_in(version: _Version, folder: Path) -> Iterator[int]:
  """Yields what a group has left by each of its limits."""
  usage = _numbers(folder, [version.usage])
  if not usage:
    return
  stats: Dict[str, str] = {}
  for line in _lines(folder / 'memory.stat'):
    name, _, number = line.partition(' ')
    stats[name] = number
  used = usage[0] - int(stats.get(version.cache, 0))
  limits = _numbers(folder, version.limits)
  limits += [int(stats[name]) for name in version.stats if name in stats]
  for limit in limits:
    yield limit - used


def _numbers(folder: Path, names: Sequence[str]) -> List[int]:
  """Returns the numbers in those files of a folder that have one."""
  texts = [line for name in names for line in _lines(folder / name)[:1]]
  return [int(text) for text in texts if text.isdecimal()]


def _lines(path: Path) -> List[str]:
  """Returns the lines of a file; none where it cannot be read."""
  try:
    return path.read_text().splitlines()
  except (OSError, ValueError):
    return []
