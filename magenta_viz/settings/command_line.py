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

"""The command that a configuration stands for."""

import shlex
from typing import Any, List, Mapping

from magenta_viz.settings import parts


def command(config: Any) -> str:
  """Returns the shell command that does what a configuration asks for.

  What is as by default is left out, and so is what `fields.written` says has
  no flag.

  Args:
    config: As `parts` has them, with `program`, the name of its program; a
      mapping among its fields holds flags and their values.
  """
  words: List[str] = [config.program]
  values = parts.flat(config)
  for setting in parts.settings(type(config)):
    value = values[setting.name]
    flag = setting.metadata.get('flag', setting.name)
    if flag is None or value is None or value == setting.default:
      continue
    if 'texts' in setting.metadata:
      words += [f'--{flag}={text}' for text in setting.metadata['texts'](value)]
    elif isinstance(value, bool):
      words.append(f'--{flag}' if value else f'--no{flag}')
    elif isinstance(value, Mapping):
      words += [f'--{name}={each}' for name, each in value.items()]
    else:
      words.append(f'--{flag}={value}')
  return shlex.join(words)
