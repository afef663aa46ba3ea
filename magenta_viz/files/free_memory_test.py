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

"""Tests of free_memory."""

from pathlib import Path
import subprocess
import sys
from typing import Dict, List, Mapping, Optional
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.files import free_memory

_MACHINE = 8_000_000

# As the kernel has it for no limit: the largest multiple of a page.
_NO_LIMIT = '9223372036854771712'

_V1_MOUNT = (
  '32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n'
  '35 31 0:32 {top} /sys/fs/cgroup/memory rw,relatime - cgroup cgroup'
  ' rw,memory\n'
)
_V2_MOUNT = '30 23 0:26 {top} /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n'


def _own(cgroup: str, mount: str, top: str = '/') -> Dict[str, str]:
  return {
    'proc/self/cgroup': cgroup,
    'proc/self/mountinfo': mount.format(top=top),
  }


def _v2(group: str, limit: str, used: int, cache: int = 0) -> Dict[str, str]:
  folder = f'sys/fs/cgroup{group}'
  return {
    f'{folder}/memory.max': f'{limit}\n',
    f'{folder}/memory.current': f'{used}\n',
    f'{folder}/memory.stat': f'anon 1\ninactive_file {cache}\nfile 2\n',
  }


def _v1(
  group: str, limit: str, used: int, cache: int = 0, around: str = _NO_LIMIT
) -> Dict[str, str]:
  folder = f'sys/fs/cgroup/memory{group}'
  return {
    f'{folder}/memory.limit_in_bytes': f'{limit}\n',
    f'{folder}/memory.usage_in_bytes': f'{used}\n',
    f'{folder}/memory.stat': (
      f'inactive_file 7\nhierarchical_memory_limit {around}\n'
      f'total_inactive_file {cache}\n'
    ),
  }


class FakeTreeTest(parameterized.TestCase):
  @parameterized.named_parameters(
    ('machine_alone', _MACHINE),
    (
      'v2',
      2_000_000,
      _own('0::/\n', _V2_MOUNT),
      _v2('', '3000000', 1_200_000, 200_000),
    ),
    (
      'v2_without_a_limit',
      _MACHINE,
      _own('0::/a\n', _V2_MOUNT),
      _v2('/a', 'max', 1_200_000),
    ),
    (
      'v2_is_slowed_down_before',
      500_000,
      _own('0::/a\n', _V2_MOUNT),
      _v2('/a', '3000000', 1_000_000),
      {'sys/fs/cgroup/a/memory.high': '1500000\n'},
    ),
    (
      'v2_group_around',
      600_000,
      _own('0::/pod/app\n', _V2_MOUNT),
      _v2('/pod/app', '3000000', 1_000_000),
      _v2('/pod', '4000000', 3_500_000, 100_000),
    ),
    # As in a container whose /proc still tells the path on the host.
    (
      'v2_of_another_root_is_the_mount',
      2_000_000,
      _own('0::/../../docker/1\n', _V2_MOUNT),
      _v2('', '3000000', 1_000_000),
    ),
    (
      'v1',
      2_000_000,
      _own('9:cpu:/\n4:memory:/docker/1\n0::/\n', _V1_MOUNT),
      _v1('/docker/1', '3000000', 1_200_000, 200_000),
    ),
    (
      'v1_mounted_from_its_own_group',
      600_000,
      _own('4:memory,hugetlb:/docker/1/job\n', _V1_MOUNT, '/docker/1'),
      _v1('/job', _NO_LIMIT, 1_000_000),
      _v1('', '3000000', 2_400_000),
    ),
    (
      'v1_limit_of_a_group_out_of_sight',
      2_000_000,
      _own('4:memory:/docker/1\n', _V1_MOUNT, '/docker/1'),
      _v1('', _NO_LIMIT, 1_000_000, around='3000000'),
    ),
    (
      'never_below_nothing',
      0,
      _own('0::/\n', _V2_MOUNT),
      _v2('', '3000000', 3_200_000),
    ),
  )
  def test_free(self, expected: int, *files: Mapping[str, str]) -> None:
    root = self.create_tempdir()
    for some in files:
      for name, content in some.items():
        root.create_file(name, content)
    with mock.patch('psutil.virtual_memory') as virtual_memory:
      virtual_memory.return_value.available = _MACHINE
      self.assertEqual(free_memory.free_bytes(root.full_path), expected)


def _own_group() -> Optional[Path]:
  """Returns the folder of the group that this process is in."""
  return next((path for _, path in free_memory._groups(Path('/'))), None)


def _child(*lines: str) -> int:
  """Returns what is free by a process of its own, after `lines`."""
  program = [
    *lines,
    'from magenta_viz.files import free_memory',
    'print(free_memory.free_bytes())',
  ]
  command = [sys.executable, '-c', '\n'.join(program)]
  return int(subprocess.check_output(command))


class RealTest(absltest.TestCase):
  def test_group_of_this_machine(self) -> None:
    around = _own_group()
    if around is None:
      self.skipTest('no control groups here')
    group = around / 'free_memory_test'
    try:
      group.mkdir()
    except OSError as error:
      self.skipTest(f'no control group can be made here: {error}')
    self.addCleanup(group.rmdir)
    limits: List[Path] = [
      group / name
      for name in ('memory.max', 'memory.limit_in_bytes')
      if (group / name).exists()
    ]
    if not limits:
      self.skipTest('control groups here have no limit of memory')
    limits[0].write_text(str(300_000_000))
    enter = f"open('{group}/cgroup.procs', 'w').write('0')"
    free = _child(enter)
    self.assertBetween(free, 200_000_000, 300_000_000)
    # Two hundred million bytes later.
    self.assertBetween(_child(enter, "x = b'x' * 200_000_000"), 1, 100_000_000)
    self.assertGreater(_child(), 300_000_000)

  def test_limits_of_the_process(self) -> None:
    for name in ('RLIMIT_AS', 'RLIMIT_DATA'):
      with self.subTest(name):
        limit = f'resource.setrlimit(resource.{name}, (400_000_000,) * 2)'
        free = _child('import resource', limit)
        self.assertBetween(free, 200_000_000, 400_000_000)
        less = _child('import resource', limit, "x = b'x' * 100_000_000")
        self.assertBetween(free - less, 99_000_000, 110_000_000)


if __name__ == '__main__':
  absltest.main()
