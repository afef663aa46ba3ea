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

"""Flags that several programs have: of settings, of classes, of networks."""

import contextlib
import dataclasses
import functools
import os
import re
import sys
from typing import (
  TYPE_CHECKING,
  Any,
  Dict,
  List,
  Mapping,
  Sequence,
  Tuple,
  Type,
)

from absl import app
from absl import flags as flags

from magenta_viz.ascent import recipe
from magenta_viz.models import class_recipes
from magenta_viz.models import imagenet_classes
from magenta_viz.models import model_spec
from magenta_viz.models import network_choice
from magenta_viz.models.foreign import foreign_settings
from magenta_viz.process import tensorflow_start
from magenta_viz.settings import fields
from magenta_viz.settings import near_names
from magenta_viz.settings import number_lists
from magenta_viz.settings import parts

if TYPE_CHECKING:
  from magenta_viz.models import network_source

Error = flags.Error

_SHARED: Mapping[str, Any] = {'allow_override': True}
_NOTHING: Mapping[str, Mapping[str, Any]] = {}


def parse(argv: Sequence[str]) -> List[str]:
  """Parses the flags, and returns the arguments that are none.

  Raises:
    flags.Error: If one does not parse, or is given twice and cannot add up.
  """
  before = {name: flags.FLAGS[name].present for name in flags.FLAGS}
  try:
    rest = flags.FLAGS(argv)
  except flags.UnrecognizedFlagError as error:
    question = near_names.question(error.flagname, flags.FLAGS, '--')
    # Whose name tells of a flag that is gone.
    error.args = (
      f'there is no flag --{error.flagname};'
      f' {question or "--help lists those that there are"}',
    )
    raise
  except flags.IllegalFlagValueError as error:
    raise flags.Error(_illegal(str(error))) from error
  for name, times in before.items():
    flag = flags.FLAGS[name]
    # What a flagfile says counts, too, and --noNAME for --NAME.
    if flag.present - times > 1 and not isinstance(flag, flags.MultiFlag):
      raise flags.Error(
        f'--{flag.name} is given {flag.present - times} times; give it once'
      )
  return rest


def _illegal(message: str) -> str:
  """Says what a flag may be that is given what it may not.

  Args:
    message: What absl says, 'flag --NAME=VALUE: REASON'.
  """
  match = re.match(r'flag --(\w+)=(.*?): ', message, re.S)
  if match is None:
    return message
  name, value = match.groups()
  flag = flags.FLAGS[name]
  low = getattr(flag.parser, 'lower_bound', None)
  if isinstance(flag.parser, flags.EnumParser):
    advice = fields.one_of(value, flag.parser.enum_values)
  elif flag.boolean:
    advice = 'take true or false'
  elif low is not None:
    what = 'whole number' if flag.flag_type() == 'int' else 'number'
    high = vars(flag.parser)['upper_bound']
    advice = f'take a {what} from {low} to {high}'
  else:
    return message
  return f"--{name} is '{value}'; {advice}"


def show_help(argv: Sequence[str], module: str) -> None:
  """Shows the flags of a program and leaves, if that is asked for.

  Its examples come first, then the flags that most want, then the others by the
  part of the configuration that has them. absl knows of no parts, and takes the
  installed script, which has no flags, for the program. Beside --model,
  defaults are those of the network.

  Args:
    argv: The program's arguments.
    module: Name of its module, whose `EXAMPLES` are commands without the
      program's name, and `FIRST` the names of the flags that most want.
  """
  for name in (__name__, module):
    for flag in flags.FLAGS.get_key_flags_for_module(name):
      flags.FLAGS.register_key_flag_for_module(sys.argv[0], flag)
  words = list(argv[1:])
  # What comes after are no flags.
  words = words[: words.index('--')] if '--' in words else words
  if not {'--help', '-help', '-?'}.intersection(words):
    return
  program = sys.modules[module]
  first: Sequence[str] = getattr(program, 'FIRST', ())
  found = {
    flag.name: flag
    for flag in flags.FLAGS.get_key_flags_for_module(sys.argv[0])
  }
  model = _model_of(words)
  groups: Dict[str, List[str]] = {
    'What most want': [_entry(found[name], model) for name in first]
  }
  for name, flag in found.items():
    if name not in first:
      group = getattr(flag, 'group', '').rstrip('.') or 'More'
      groups.setdefault(group, []).append(_entry(flag, model))
  print((program.__doc__ or '').strip())
  print(f'\nUSAGE: {argv[0]} [flags]\n')
  for example in getattr(program, 'EXAMPLES', ()):
    print(f'  {os.path.basename(argv[0])} {example}')
  for group, lines in groups.items():
    if lines:
      print('\n'.join([f'\n{group}:', *lines]))
  print('\nTry --helpfull to get a list of all flags.')
  sys.exit(0)


def _model_of(words: Sequence[str]) -> str:
  """Returns the network that arguments name; '' for none that is known."""
  for index, word in enumerate(words):
    name, _, model = word.lstrip('-').partition('=')
    if name == 'model' and word.startswith('-'):
      model = model or ''.join(words[index + 1 : index + 2])
      name = model.partition(':')[0]
      # Several have what 'auto' has.
      return network_choice.AUTO if ',' in model else name
  return ''


def described(flag: Any, model: str = '') -> str:
  """Returns what help says of a flag.

  Args:
    flag: The flag.
    model: Name of the network whose default is told; '' for those of all.
  """
  text = str(flag.help)
  if hasattr(flag, 'default_of'):
    text = text.replace(flag.default_of(''), flag.default_of(model))
  if getattr(flag.parser, 'lower_bound', None) is not None:
    # Which absl adds by itself to --helpfull.
    text += f'; {flag.parser.lower_bound} to {flag.parser.upper_bound}'
  return text


def _entry(flag: Any, model: str) -> str:
  """Returns the lines of help on a flag."""
  name = f'[no]{flag.name}' if flag.boolean else flag.name
  text = f'--{name}: {described(flag, model)}'
  if flag.default_as_str is not None:
    text += f' (default: {flag.default_as_str})'
  return str(flags.text_wrap(text, indent='    ', firstline_indent='  '))


class _SeveralParser(flags.EnumParser):
  """Takes one of some values, or several with commas between."""

  def parse(self, argument: str) -> str:
    """Returns the text as it is."""
    for each in fields.split(argument):
      super().parse(each)
    return argument


def define_recipe() -> None:
  """Defines the flags of the recipe, whose defaults are the networks' own."""
  define_settings(
    recipe.Recipe,
    'with --preset=default',
    {
      network_choice.AUTO: class_recipes.GENERAL,
      **{name: each.recipe for name, each in model_spec.MODEL_SPECS.items()},
    },
  )


def define_settings(
  config: Type[Any],
  condition: str,
  by_model: Mapping[str, Mapping[str, Any]] = _NOTHING,
) -> None:
  """Defines a flag for each setting of a configuration, and of its parts.

  The flags' own defaults are None, for `given_settings` to tell what is given.

  Args:
    config: Its class, as `parts` has them. Settings of no help get no flag.
    condition: When the settings' defaults hold, for the help.
    by_model: Defaults of other values, by the network that wants them; the
      first is the network where nobody names one.
  """
  for setting in _flagged(config):
    name, data = setting.name, setting.metadata
    kind = fields.base_type(setting.kind)
    default_of = functools.partial(_default, setting, condition, by_model)
    text = data['help'] + default_of('')
    if 'several' in data:
      flags.DEFINE(
        _SeveralParser(data['choices']),
        name,
        None,
        text,
        serializer=flags.ArgumentSerializer(),
        **_SHARED,
      )
    elif 'choices' in data:
      flags.DEFINE_enum(name, None, data['choices'], text, **_SHARED)
    elif kind in (int, float):
      low, high = data.get('minimum'), data.get('maximum')
      define = flags.DEFINE_integer if kind is int else flags.DEFINE_float
      define(name, None, text, low, high, **_SHARED)
    elif kind is bool:
      flags.DEFINE_boolean(name, None, text, **_SHARED)
    else:
      flags.DEFINE_string(name, None, text, **_SHARED)
    # For `show_help`.
    vars(flags.FLAGS[name]).update(group=setting.group, default_of=default_of)


def given_settings(config: Type[Any]) -> Dict[str, Any]:
  """Returns those settings whose flags were given.

  Raises:
    ValueError: If the text of one has not its form.
  """
  values = {}
  for setting in _flagged(config):
    value = flags.FLAGS[setting.name].value
    if value is not None and 'parse' in setting.metadata:
      value = setting.metadata['parse'](value)
    # A number that may change over the steps is a flag of text.
    if isinstance(value, str) and 'minimum' in setting.metadata:
      with contextlib.suppress(ValueError):
        value = float(value)
    if value is not None:
      values[setting.name] = value
  return values


def define_classes(which: str) -> None:
  """Defines the flags of the classes that are meant, for `class_ids`.

  Args:
    which: What is meant by ids, for the help.
  """
  flags.DEFINE_multi_string(
    'class_id',
    None,
    f"0-based, ILSVRC's or of --checkpoint's own classes: {which}",
    **_SHARED,
  )
  flags.DEFINE_multi_string(
    'class_name', None, 'a class by its name, in place of its id', **_SHARED
  )


def names_classes() -> bool:
  """Tells whether the flags name classes.

  Raises:
    UsageError: If they do so in two ways.
  """
  given = [flags.FLAGS[name].value for name in ('class_id', 'class_name')]
  if None not in given:
    raise app.UsageError('give one of --class_id and --class_name, not both')
  return given != [None, None]


def class_ids(names: Sequence[str]) -> Tuple[int, ...]:
  """Returns the classes that the flags name, each once.

  Args:
    names: Of all classes, in the order of their ids.

  Raises:
    ValueError: If there is no such class.
  """
  if flags.FLAGS['class_id'].value is not None:
    text = ','.join(flags.FLAGS['class_id'].value)
    imagenet_classes.check_any(len(names))
    return number_lists.parse(text, len(names), 'class id', 'this network')
  wanted = flags.FLAGS['class_name'].value or ()
  return imagenet_classes.find_classes(wanted, names)


def define_networks() -> None:
  """Defines the flags of the networks to draw from, for `networks`."""
  together = ', '.join(model_spec.TOGETHER_MODELS)
  flags.DEFINE_list(
    'model',
    [network_choice.AUTO],
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
    ' folder, .npz, .caffemodel or .pth, or the --train_dir of a training; or a'
    ' whole model of any kind: .keras, .h5, a SavedModel, a frozen .pb; of'
    ' several networks NAME=PATH, again for each',
    **_SHARED,
  )
  flags.DEFINE_enum(
    'precision',
    model_spec.PRECISIONS[0],
    model_spec.PRECISIONS,
    'what the network computes in; auto takes bfloat16 or float16 where that is'
    ' faster',
    **_SHARED,
  )


def networks() -> Dict[str, Any]:
  """Returns what the flags say of the networks, by the config's names.

  Raises:
    UsageError: As of `network_choices`.
    ValueError: Likewise.
  """
  network_choices()
  return {
    'models': tuple(flags.FLAGS['model'].value or ()),
    'checkpoints': tuple(flags.FLAGS['checkpoint'].value or ()),
    'precision': flags.FLAGS['precision'].value,
  }


def network_choices() -> Tuple[network_choice.Choice, ...]:
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
      fields.check_path('checkpoint', each.checkpoint)
  return parsed


def resolve(with_onednn: bool = False) -> 'List[network_source.Resolved]':
  """Looks at what the networks are that the flags ask for.

  Args:
    with_onednn: As of `tensorflow_start.start`: a model of others is read to
      know its classes, and TensorFlow started for it.

  Raises:
    UsageError: As of `network_choices`.
    ValueError: As of `network_source.resolve`.
    OSError: Likewise.
  """
  # Brings NumPy, which a program's help does without.
  from magenta_viz.models import network_source

  settings = foreign_settings.ForeignSettings(
    **given_settings(foreign_settings.ForeignSettings)
  )
  resolved = network_source.resolve(network_choices(), settings)
  if any(each.foreign is not None for each in resolved):
    tensorflow_start.start(with_onednn)
  return resolved


def one_network() -> Dict[str, Any]:
  """Returns what the flags say of a single network, by the config's names.

  Raises:
    ValueError: If they name several.
  """
  first, *others = network_choices()
  if others:
    names = ','.join(each.model for each in (first, *others))
    raise ValueError(f'model is {names}, but this is for one network; give one')
  return {
    'model': first.model,
    'checkpoint': first.checkpoint,
    'precision': flags.FLAGS['precision'].value,
  }


def _flagged(config: Type[Any]) -> List[parts.Setting]:
  """Returns the settings of a configuration that have flags."""
  return [each for each in parts.settings(config) if each.metadata.get('help')]


def _default(
  setting: parts.Setting,
  condition: str,
  by_model: Mapping[str, Mapping[str, Any]],
  model: str,
) -> str:
  """Returns what help says of a default; nothing where there is none.

  Args:
    setting: Whose default it is.
    condition: As of `define_settings`.
    by_model: Likewise.
    model: The network; '' tells of all that have others than the first.
  """
  default = setting.metadata.get('shown', setting.default)
  if default is None or default is dataclasses.MISSING:
    return ''
  shown = {
    name: _shown(own.get(setting.name, default))
    for name, own in by_model.items()
  }
  if model in shown:
    whose = '' if model == network_choice.AUTO else f' ({model})'
    return f'; {shown[model]} {condition}{whose}'
  usual = next(iter(shown.values()), _shown(default))
  others: Dict[str, List[str]] = {}
  for name, value in shown.items():
    if value != usual:
      others.setdefault(value, []).append(name)
  own = '; '.join(f'{", ".join(each)}: {k}' for k, each in others.items())
  return f'; {usual} {condition}' + (f' ({own})' if own else '')


def _shown(default: Any) -> str:
  """Returns a default as help shows it."""
  if isinstance(default, bool):
    return 'yes' if default else 'no'
  if isinstance(default, float):
    return f'{default:.4g}'
  return 'none' if default == '' else str(default)
