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

"""oneDNN: operations of TensorFlow that are faster, and round in their own way.

TensorFlow reads one variable of the environment, once, when it is imported.
"""

import os
import sys

VARIABLE = 'TF_ENABLE_ONEDNN_OPTS'


def choose(is_wanted: bool) -> None:
  """Chooses for the TensorFlow that is imported next.

  Args:
    is_wanted: Whether to take the operations on any processor, and not only
      where TensorFlow does, unless the variable is set: to 0, 1, or 'default'
      for what TensorFlow does.
  """
  # Later on, TensorFlow no longer heeds it.
  if is_wanted and 'tensorflow' not in sys.modules:
    os.environ.setdefault(VARIABLE, '1')
  # For commands that draw as a process does that has not set it.
  if os.environ.get(VARIABLE) == 'default':
    del os.environ[VARIABLE]


def told() -> str:
  """Returns what TensorFlow was told of it.

  Returns:
    'on', 'off', or 'default' for what TensorFlow does on this processor.
  """
  value = os.environ.get(VARIABLE, '').lower()
  return {'1': 'on', 'true': 'on', '0': 'off', 'false': 'off'}.get(
    value, 'default'
  )


def same(command: str, own: str) -> str:
  """Returns a shell command that tells TensorFlow of it what is so here.

  Args:
    command: Of a program.
    own: What the program tells it otherwise, as of `told`.
  """
  here = told()
  if here == own:
    return command
  value = {'on': '1', 'off': '0'}.get(here, here)
  return f'{VARIABLE}={value} {command}'
