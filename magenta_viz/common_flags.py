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

"""What the programs share: flags, and how errors reach the user."""

import contextlib
import dataclasses
import os
import signal
import sys
import tempfile
from typing import (
  Any,
  Callable,
  Dict,
  Iterator,
  List,
  Mapping,
  NoReturn,
  Sequence,
  Type,
)

from absl import app
from absl import flags
from absl import logging

from magenta_viz import program_flags
from magenta_viz import terminal
from magenta_viz import visualize_config
from magenta_viz.ascent import settings as settings_lib
from magenta_viz.models import model_spec

# What a user meets: wrong input, or a machine that lacks something. Others are
# defects and show where they are.
_ERRORS = (
  ValueError,
  OSError,
  ImportError,
  FloatingPointError,
  MemoryError,
)

# Programs have flags of the same names, and tests import them all.
_SHARED: Mapping[str, Any] = {'allow_override': True}


def define_network() -> None:
  """Defines the flags of the network to draw from, for `network`."""
  default = visualize_config.VisualizeConfig(class_ids=(0,))
  flags.DEFINE_enum(
    'model',
    default.model,
    ['auto', *model_spec.MODEL_SPECS],
    f'network; auto takes the first of {", ".join(model_spec.AUTO_MODELS)}'
    ' whose weights are at hand or can be downloaded',
    **_SHARED,
  )
  flags.DEFINE_string(
    'checkpoint',
    default.checkpoint,
    'weights in place of the released ones: a TensorFlow checkpoint or its'
    ' folder, .npz, .caffemodel or .pth, or the --train_dir of a training',
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


def network() -> Dict[str, Any]:
  """Returns what the flags say of the network, by the config's names."""
  names = ('model', 'checkpoint', 'precision')
  found = {name: flags.FLAGS[name].value for name in names}
  if found['checkpoint'] is not None:
    # Before it is looked into, for --list_classes too.
    settings_lib.check_path('checkpoint', found['checkpoint'])
  return found


def define_settings(
  settings: Type[Any], condition: str, defaults: Mapping[str, Any]
) -> None:
  """Defines a flag for each field of a dataclass of settings.

  The flags' own defaults are None, for `given_settings` to tell what is given.

  Args:
    settings: Dataclass whose fields' metadata have 'help', and 'minimum' and
      'maximum' where they are numbers, or 'choices'. Fields of no help get no
      flag.
    condition: When the fields' defaults hold, for the help.
    defaults: Those to tell in place of the fields'. None is not told.
  """
  for field in _flagged(settings):
    data = field.metadata
    kind = settings_lib.base_type(field.type)
    text = data['help']
    default = defaults.get(field.name, field.default)
    if default is not None and default is not dataclasses.MISSING:
      text += f'; {_shown(default)} {condition}'
    if 'choices' in data:
      flags.DEFINE_enum(field.name, None, data['choices'], text, **_SHARED)
    elif kind in (int, float):
      low, high = data['minimum'], data['maximum']
      define = flags.DEFINE_integer if kind is int else flags.DEFINE_float
      text += f'; {low} to {high}'
      define(field.name, None, text, low, high, **_SHARED)
    elif kind is bool:
      flags.DEFINE_boolean(field.name, None, text, **_SHARED)
    else:
      flags.DEFINE_string(field.name, None, text, **_SHARED)


def given_settings(settings: Type[Any]) -> Dict[str, Any]:
  """Returns those settings whose flags were given."""
  values = {}
  for field in _flagged(settings):
    value = flags.FLAGS[field.name].value
    # A number that may change over the steps is a flag of text.
    if isinstance(value, str) and 'minimum' in field.metadata:
      with contextlib.suppress(ValueError):
        value = float(value)
    if value is not None:
      values[field.name] = value
  return values


def _flagged(settings: Type[Any]) -> List['dataclasses.Field[Any]']:
  """Returns the fields of settings that have flags."""
  return [
    field for field in dataclasses.fields(settings) if field.metadata['help']
  ]


def _shown(default: Any) -> str:
  """Returns a default as help shows it."""
  if isinstance(default, bool):
    return 'yes' if default else 'no'
  if isinstance(default, float):
    return f'{default:.4g}'
  return 'none' if default == '' else str(default)


def start_tensorflow(with_onednn: bool = False) -> None:
  """Imports TensorFlow and tf-slim, and keeps their remarks to themselves.

  Both without what programs here never use, for a quick start.

  Which instructions and drivers it found is no error, but from version 2.13 on
  some of it is logged as one, and later versions log some before they read
  TF_CPP_MIN_LOG_LEVEL. With TF_CPP_MIN_LOG_LEVEL=0 it all shows.

  Args:
    with_onednn: Whether to take oneDNN's operations on any processor, and not
      only where TensorFlow does, unless TF_ENABLE_ONEDNN_OPTS is set: to 0, 1,
      or 'default' for what TensorFlow does. Drawing gains by it; training does
      not, and a gradient to weights was found wrong (docs/performance.md).
  """
  variable = 'TF_ENABLE_ONEDNN_OPTS'
  # Later on, TensorFlow no longer heeds it.
  if with_onednn and 'tensorflow' not in sys.modules:
    os.environ.setdefault(variable, '1')
  # For commands that draw as a process does that has not set it.
  if os.environ.get(variable) == 'default':
    del os.environ[variable]
  # Errors only.
  level = os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '2')
  with contextlib.nullcontext() if level == '0' else _stderr_held_back():
    with _without_keras():
      import tensorflow as tf
    with _without_sklearn():
      import tf_slim  # noqa: F401

    # Else the first operation looks for the drivers.
    tf.config.list_physical_devices()
  if level != '0':
    # In Python, too: how tf.distribute adds up gradients, for one.
    tf.get_logger().setLevel('WARNING')


@contextlib.contextmanager
def _without_keras() -> Iterator[None]:
  """Lets TensorFlow leave the import of Keras to who asks for `tf.keras`.

  No program here does, and Keras takes half a second, a whole one where there
  is scikit-learn, which it imports.
  """
  # TensorFlow does not find the old Keras, and heeds this again when `tf.keras`
  # is asked for.
  name = 'TF_USE_LEGACY_KERAS'
  if name in os.environ:
    yield
    return
  os.environ[name] = '1'
  try:
    yield
  finally:
    del os.environ[name]


@contextlib.contextmanager
def _without_sklearn() -> Iterator[None]:
  """Lets tf-slim leave out scikit-learn, which takes it most of a second.

  tf-slim does without it where it is not installed; it serves a loss that no
  program here uses.
  """
  name = 'sklearn.metrics'
  if name in sys.modules:
    yield
    return
  # Python's way to say that a module is not to be found.
  sys.modules[name] = None  # type: ignore[assignment]
  try:
    yield
  finally:
    del sys.modules[name]


@contextlib.contextmanager
def _stderr_held_back() -> Iterator[None]:
  """Shows what is written to the standard error only if an error is raised.

  C++ writes to the file descriptor, not to `sys.stderr`.
  """
  descriptor = 2
  sys.stderr.flush()
  with contextlib.ExitStack() as stack:
    shown = stack.enter_context(os.fdopen(os.dup(descriptor), 'wb'))
    held_back = stack.enter_context(tempfile.TemporaryFile())
    os.dup2(held_back.fileno(), descriptor)
    try:
      yield
    except Exception:
      sys.stderr.flush()
      held_back.seek(0)
      shown.write(held_back.read())
      raise
    finally:
      sys.stderr.flush()
      os.dup2(shown.fileno(), descriptor)


@contextlib.contextmanager
def _heeding_interrupts() -> Iterator[None]:
  """Lets Ctrl-C and SIGTERM raise KeyboardInterrupt until it is heeded.

  It is raised every second, with the signal's number: Python drops what a
  callback of the garbage collector or of a weak reference raises; jax, which
  older versions of TensorFlow import, has such callbacks. A program that
  ignores Ctrl-C, as under nohup, goes on ignoring it.
  """
  usual = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
  }
  heeded = [
    number for number in usual if signal.getsignal(number) == usual[number]
  ]
  if not hasattr(signal, 'setitimer'):
    yield
    return
  noted: List[int] = []

  def interrupt(number: int, frame: Any) -> None:
    del frame
    if number != signal.SIGALRM:
      noted.append(number)
    signal.setitimer(signal.ITIMER_REAL, 1.0)
    raise KeyboardInterrupt(noted[0])

  before = {
    number: signal.signal(number, interrupt)
    for number in (signal.SIGALRM, *heeded)
  }
  try:
    yield
  finally:
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number, handler in before.items():
      signal.signal(number, handler)


def run_program(main: Callable[[Sequence[str]], None], module: str) -> None:
  """Runs a program, and exits.

  The exit status is 0, 1 after an error, 2 for flags that do not parse, 130
  after Ctrl-C, 143 after SIGTERM, or what `main` leaves with. An error is one
  line on the standard error. If the reader of the standard output has enough,
  as in `--list_classes | head`, the work goes on to its end.

  Args:
    main: Takes the arguments that are no flags.
    module: Name of the program's module, whose flags `--help` shows.
  """
  # absl takes the installed script, which has no flags, for the program.
  for name in (module, __name__, program_flags.__name__):
    for flag in flags.FLAGS.get_key_flags_for_module(name):
      flags.FLAGS.register_key_flag_for_module(sys.argv[0], flag)

  def parse(argv: Sequence[str]) -> List[str]:
    try:
      return program_flags.parse(argv)
    except flags.Error as error:
      leave(error, 2)

  def guarded(argv: Sequence[str]) -> None:
    logging.get_absl_handler().setFormatter(terminal.LineFormatter())
    try:
      with _heeding_interrupts():
        main(argv)
      stdout.check()
    except app.UsageError as error:
      leave(error, 2)
    except _ERRORS as error:
      leave(error, 1)
    except KeyboardInterrupt as error:
      # As a shell tells of a program that the signal ended.
      number = error.args[0] if error.args else signal.SIGINT
      leave('stopped; what is finished stays', 128 + number)

  with terminal.lasting_streams() as stdout:
    app.run(guarded, flags_parser=parse)


def leave(message: object, status: int) -> NoReturn:
  """Ends the program with one line on the standard error."""
  program = os.path.basename(sys.argv[0])
  line = terminal.harmless(f'{program}: {" ".join(str(message).split())}')
  print(line, file=sys.stderr)
  sys.exit(status)
