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

import dataclasses
import shlex
from typing import List

from magenta_viz import train_config
from magenta_viz import visualize_config
from magenta_viz.models import imagenet_classes

# Written otherwise, or of no concern to a picture.
_ASIDE = (
  'class_ids',
  'overrides',
  'overwrite',
  'num_workers',
  'worker',
)


def visualize_command(config: visualize_config.VisualizeConfig) -> str:
  """Returns the shell command that draws what `config` asks for.

  What is as by default is left out.
  """
  default = visualize_config.VisualizeConfig(class_ids=(0,))
  words: List[str] = ['image_visualization_visualize']

  def add(name: str, text: str) -> None:
    words.append(f'--{name}={text}')

  if config.class_ids:
    add('class_id', imagenet_classes.format_class_ids(config.class_ids))
  for field in dataclasses.fields(config):
    value = getattr(config, field.name)
    if field.name in _ASIDE or value == getattr(default, field.name):
      continue
    if field.name == 'models':
      add('model', ','.join(value))
    elif field.name == 'checkpoints':
      for path in value:
        add('checkpoint', path)
    else:
      is_size = field.name == 'image_size'
      add(field.name, 'x'.join(map(str, value)) if is_size else str(value))
  for name, value in config.overrides.items():
    add(name, str(value))
  return shlex.join(words)


def train_command(config: train_config.TrainConfig) -> str:
  """Returns the shell command that trains as `config` asks for.

  What is as by default is left out.
  """
  words: List[str] = ['image_visualization_train']
  for field in dataclasses.fields(config):
    value = getattr(config, field.name)
    if value is None or value == field.default:
      continue
    if isinstance(value, bool):
      words.append(f'--{field.name}' if value else f'--no{field.name}')
    else:
      words.append(f'--{field.name}={value}')
  return shlex.join(words)
