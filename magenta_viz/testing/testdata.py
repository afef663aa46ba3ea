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

"""The files that tests read, and a disk that is full for those they write.

Some files are the checkout's own. Real weights and photos are too large, or not
ours, to be in it. These two variables name the folders that hold them:

* MAGENTA_VIZ_TEST_WEIGHTS: `bvlc_googlenet.npz`.
* MAGENTA_VIZ_TEST_PHOTOS: `dog_cat.jpg`, `sky.jpg`.

Without its variable a test is skipped, but never where CI is set, as it is in
continuous integration: there a forgotten variable must not pass unseen.
"""

import contextlib
import os
from pathlib import Path
from typing import Iterator
import unittest

_ROOT = Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def full_disk(room: int) -> Iterator[None]:
  """Lets this process make no file longer than `room` bytes meanwhile.

  A write that goes further fails with OSError, as it does on a full disk.
  """
  # Systems other than Unix do not have it.
  import resource

  limits = resource.getrlimit(resource.RLIMIT_FSIZE)
  resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
  try:
    yield
  finally:
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def testdata_path(name: str) -> str:
  """Returns the path of a file in the checkout's `testdata/`.

  Args:
    name: The file's name, as 'photo_48x32.png': 48 high, 32 wide.

  Raises:
    AssertionError: If there is no such file.
  """
  return _existing_path(_ROOT / 'testdata' / name, 'the checkout')


def googlenet_weights_path() -> str:
  """Returns the path of BVLC GoogLeNet's real weights, an .npz file.

  Raises:
    AssertionError: If the file is missing, or in continuous integration the
      variable.
    unittest.SkipTest: If the variable is not set.
  """
  return _outside_path('MAGENTA_VIZ_TEST_WEIGHTS', 'bvlc_googlenet.npz')


def photo_path(name: str) -> str:
  """Returns the path of a real photograph.

  Args:
    name: The file's name, as 'dog_cat.jpg'.

  Raises:
    AssertionError: If the file is missing, or in continuous integration the
      variable.
    unittest.SkipTest: If the variable is not set.
  """
  return _outside_path('MAGENTA_VIZ_TEST_PHOTOS', name)


def _outside_path(variable: str, name: str) -> str:
  """Returns the path of a file in the folder that a variable names."""
  folder = os.environ.get(variable)
  if folder:
    return _existing_path(Path(folder) / name, variable)
  message = f'{variable} is not set; set it to the folder that holds {name}'
  if os.environ.get('CI'):
    raise AssertionError(message)
  raise unittest.SkipTest(message)


def _existing_path(path: Path, source: str) -> str:
  """Returns the path as a string, if a file is there."""
  if not path.is_file():
    raise AssertionError(f'no file {path}; {source} should have it')
  return str(path)
