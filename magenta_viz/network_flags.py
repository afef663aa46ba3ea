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

"""Flags of the networks that a program is about."""

from typing import Any, Dict, Mapping, Tuple

from absl import app
from absl import flags

from magenta_viz import visualize_config
from magenta_viz.ascent import settings
from magenta_viz.models import model_spec
from magenta_viz.models import network_choice

# Programs have flags of the same names, and tests import them all.
_SHARED: Mapping[str, Any] = {'allow_override': True}


def define() -> None:
  """Defines the flags of the networks to draw from, for `networks`."""
  default = visualize_config.VisualizeConfig(class_ids=(0,))
  together = ', '.join(model_spec.TOGETHER_MODELS)
  flags.DEFINE_list(
    'model',
    list(default.models),
    f'one network of {", ".join(model_spec.MODEL_SPECS)}, or several that draw'
    ' together, as squeezenet,googlenet:0.5 with weights or without; auto takes'
    f' for classes all of {together} whose weights are at hand or can be'
    f' downloaded, else the first of {", ".join(model_spec.AUTO_MODELS)}',
    **_SHARED,
  )
  flags.DEFINE_multi_string(
    'checkpoint',
    None,
    'weights in place of the released ones: a TensorFlow checkpoint or its'
    ' folder, .npz, .caffemodel or .pth, or the --train_dir of a training; of'
    ' several networks NAME=PATH, again for each',
    **_SHARED,
  )
  flags.DEFINE_enum(
    'precision',
    default.precision,
    visualize_config.PRECISIONS,
    'what the network computes in; auto takes bfloat16 or float16 where that is'
    ' faster',
    **_SHARED,
  )


def networks() -> Dict[str, Any]:
  """Returns what the flags say of the networks, by the config's names.

  Raises:
    UsageError: As of `choices`.
    ValueError: Likewise.
  """
  choices()
  return {
    'models': tuple(flags.FLAGS['model'].value or ()),
    'checkpoints': tuple(flags.FLAGS['checkpoint'].value or ()),
    'precision': flags.FLAGS['precision'].value,
  }


def choices() -> Tuple[network_choice.Choice, ...]:
  """Returns the networks that the flags ask for.

  Raises:
    UsageError: If they do not go together.
    ValueError: If a checkpoint is no path.
  """
  try:
    parsed = network_choice.parse(
      flags.FLAGS['model'].value or (), flags.FLAGS['checkpoint'].value or ()
    )
  except ValueError as error:
    raise app.UsageError(str(error)) from error
  for each in parsed:
    if each.checkpoint is not None:
      # Before it is looked into, for --list_classes too.
      settings.check_path('checkpoint', each.checkpoint)
  return parsed


def one_network() -> Dict[str, Any]:
  """Returns what the flags say of a single network, by the config's names.

  Raises:
    ValueError: If they name several.
  """
  first, *others = choices()
  if others:
    names = ','.join(each.model for each in (first, *others))
    raise ValueError(f'model is {names}, but this is for one network; give one')
  return {
    'model': first.model,
    'checkpoint': first.checkpoint,
    'precision': flags.FLAGS['precision'].value,
  }
