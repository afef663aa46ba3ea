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

"""Which networks a run is about: their names, weights and checkpoints.

One network shows what it has learned; several at once, what they agree on.
"""

import re
from typing import Dict, NamedTuple, Optional, Sequence, Tuple

from magenta_viz.models import model_spec

AUTO = 'auto'

# Of the gradient that a network gives, against the others'.
_LEAST_WEIGHT, _MOST_WEIGHT = 0.01, 100.0
# '1e-2' is as long as a weight needs to be.
_WEIGHT = re.compile(r'[0-9.eE+-]{1,20}')

# Of a model of others, which objectives and records name.
_NAME = re.compile(r'[A-Za-z0-9][A-Za-z0-9_.-]{0,99}')


class Choice(NamedTuple):
  """A network that is asked for.

  Attributes:
    model: Its name, or 'auto'.
    weight: How much of the gradient is its own, against the others'; the
      network's own where nobody says it.
    checkpoint: Path of weights in place of the released ones; None for these.
  """

  model: str
  weight: float = 1.0
  checkpoint: Optional[str] = None


def parse(
  models: Sequence[str], checkpoints: Sequence[str] = ()
) -> Tuple[Choice, ...]:
  """Reads what `--model` and `--checkpoint` ask for; nothing is looked for.

  Args:
    models: Names, with ':WEIGHT' after them or not, one or several in a text
      with commas between them, or 'auto' alone. A name that is none of the
      package's is that of a model of others, which has a checkpoint.
    checkpoints: Paths, with 'NAME=' before it where there are several networks.

  Raises:
    ValueError: If a network is unknown or named twice, a weight is none, or a
      checkpoint is of none of them.
  """
  choices: Dict[str, Choice] = {}
  for text in ','.join(models).split(','):
    choice = _parse_model(text, models, checkpoints)
    if choice.model in choices:
      raise ValueError(
        f"model names '{choice.model}' twice; name each network once"
      )
    choices[choice.model] = choice
  if AUTO in choices and len(choices) > 1:
    raise ValueError(
      f"model is '{','.join(models)}'; take auto alone, or one or more of"
      f' {", ".join(model_spec.MODEL_SPECS)}, with commas between them'
    )
  if len(choices) == 1:
    choices = {name: _alone(choice) for name, choice in choices.items()}
  for text in checkpoints:
    name, path = _parse_checkpoint(text, list(choices))
    if choices[name].checkpoint is not None:
      raise ValueError(
        f"checkpoint gives {name} '{choices[name].checkpoint}' and '{path}';"
        ' give it one'
      )
    choices[name] = choices[name]._replace(checkpoint=path)
  return tuple(choices.values())


def _parse_model(
  text: str, models: Sequence[str], checkpoints: Sequence[str]
) -> Choice:
  """Reads one network, with its weight."""
  name, colon, weight = text.strip().partition(':')
  is_known = name in (AUTO, *model_spec.MODEL_SPECS)
  # Where there are several, each checkpoint says whose it is.
  is_alone = ','.join(models).strip() == name
  has_checkpoint = any(
    is_alone or each.startswith(f'{name}=') for each in checkpoints
  )
  if not is_known and not (_NAME.fullmatch(name) and has_checkpoint):
    others = ', or give NAME=PATH as --checkpoint' if checkpoints else ''
    raise ValueError(
      f"unknown network '{name}'; take {AUTO}, or one or more of"
      f' {", ".join(model_spec.MODEL_SPECS)}, with commas between them{others}'
    )
  if not colon:
    return Choice(name, own_weight(name))
  try:
    found = float(weight) if _WEIGHT.fullmatch(weight) else 0.0
  except ValueError:
    found = 0.0
  if name == AUTO or not _LEAST_WEIGHT <= found <= _MOST_WEIGHT:
    raise ValueError(
      f"model has '{text}'; give a weight as NAME:WEIGHT, a number from"
      f' {_LEAST_WEIGHT:g} to {_MOST_WEIGHT:g} after the name of a network'
    )
  return Choice(name, found)


def _alone(choice: Choice) -> Choice:
  """Returns a network that draws alone, whose weight counts for nothing."""
  if choice.model != AUTO:
    if choice.weight != own_weight(choice.model):
      raise ValueError(
        f'the weight {choice.weight:g} of {choice.model} does nothing, because'
        ' there is no other network; leave it out, or name another'
      )
  return choice._replace(weight=1.0)


def _parse_checkpoint(text: str, names: Sequence[str]) -> Tuple[str, str]:
  """Returns the network that a checkpoint is of, and its path."""
  name, equals, path = text.partition('=')
  known = {*model_spec.MODEL_SPECS, *names} - {AUTO}
  if not equals or name not in known:
    if len(names) > 1:
      raise ValueError(
        f"checkpoint '{text}' says not which network it is of; give it as"
        f' NAME=PATH with one of {", ".join(names)}'
      )
    name, path = names[0], text
  if name not in names:
    raise ValueError(
      f"checkpoint '{text}' is of {name}, but model is {','.join(names)}; name"
      f' {name} in model too, or leave it out'
    )
  if not path:
    raise ValueError(
      f"checkpoint '{text}' has no path; give it one, or leave it out"
    )
  return name, path


def own_weight(model: str) -> float:
  """Returns how much of the gradient is a network's own if nobody says."""
  spec = model_spec.MODEL_SPECS.get(model)
  return 1.0 if spec is None else spec.weight


def texts(models: Sequence[str], weights: Sequence[float]) -> Tuple[str, ...]:
  """Returns networks and their weights as `--model` has them."""
  if len(models) == 1:
    # Nothing to weigh it against.
    return tuple(models)
  return tuple(map(text, models, weights))


def text(model: str, weight: float) -> str:
  """Returns a network and its weight as `--model` has them."""
  if weight == own_weight(model):
    return model
  short = f'{weight:g}'
  return f'{model}:{short if float(short) == weight else repr(weight)}'
