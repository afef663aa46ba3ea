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

"""A look at the heads of many files, before any of them is trained with.

A run shall not find after hours what a first look can tell. Nothing is decoded:
damage further inside is found on the way (`data.corrupt`).
"""

from concurrent import futures
import os
from typing import Dict, Optional, Sequence

from magenta_viz.files import untrusted
from magenta_viz.media import decoding

# Most of the time is spent waiting for the disk.
_NUM_THREADS = 16


def find_damaged(root: str, names: Sequence[str]) -> Dict[str, str]:
  """Finds the files that do not begin as a picture does.

  Args:
    root: Path of the folder that they are in.
    names: Their paths inside of it.

  Returns:
    The reason for each of them that cannot be read, by its name as text.

  Raises:
    ValueError: If there is one that is no plain file, or is animated: no damage
      that happens to a few among many.
    OSError: If a file is gone, or may not be read.
  """
  with futures.ThreadPoolExecutor(_NUM_THREADS) as threads:
    reasons = threads.map(_look, (os.path.join(root, name) for name in names))
    return {
      # As the names of examples, which are bytes, are read.
      os.fsencode(name).decode('utf-8', 'replace'): reason
      for name, reason in zip(names, reasons)
      if reason
    }


def _look(path: str) -> Optional[str]:
  """Returns why a file cannot be read; None if its head says that it can."""
  with untrusted.open_plain(
    path, 'the picture', 'have nothing but files of pictures in the folder'
  ) as file:
    try:
      with untrusted.guard():
        image = decoding.open_picture(file)
        is_animated = decoding.is_animated(image)
    except ValueError as error:
      return str(error)
  if is_animated:
    raise ValueError(
      f"'{path}' is animated or has several pages; training takes still"
      ' pictures: save one of them, or remove it'
    )
  return None
