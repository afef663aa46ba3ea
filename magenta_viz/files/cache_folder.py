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

"""The folder of what was fetched and need not be fetched again."""

import os
from pathlib import Path

VARIABLE = 'MAGENTA_VIZ_CACHE'


def default_cache_dir() -> Path:
  """Returns $MAGENTA_VIZ_CACHE or, if that is not set, ~/.cache/magenta_viz.

  Raises:
    OSError: If there is no home folder to take.
  """
  folder = os.environ.get(VARIABLE) or '~/.cache/magenta_viz'
  try:
    return Path(folder).expanduser()
  except RuntimeError as error:
    raise OSError(
      f"no home folder for the cache folder '{folder}'; set {VARIABLE}"
      ' to a folder that can be written'
    ) from error
