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

"""How a program starts TensorFlow: quickly, and without its remarks."""

import contextlib
import os
import sys
import tempfile
from typing import Iterator


def start(with_onednn: bool = False) -> None:
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
