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

"""How a program, or a notebook, starts TensorFlow: without its remarks."""

import contextlib
import os
import sys
import tempfile
from typing import Any, Iterator, MutableMapping

from magenta_viz.process import onednn


def start(with_onednn: bool = False) -> None:
  """Imports TensorFlow and tf-slim, and keeps their remarks to themselves.

  Both without what programs here never use, which is Keras and scikit-learn,
  for a quick start.

  Args:
    with_onednn: Whether `onednn` is wanted. Drawing gains by it; training does
      not, and a gradient to weights was found wrong (docs/performance.md).
  """
  onednn.choose(with_onednn)
  with _remarks_held_back():
    # Half a second, a whole one where there is scikit-learn, which it imports.
    # TensorFlow does not find the old Keras, and heeds this again when
    # `tf.keras` is asked for; no program here does.
    with _set_meanwhile(os.environ, 'TF_USE_LEGACY_KERAS', '1'):
      import tensorflow as tf
    # Most of a second, for a loss that no program here uses. None is Python's
    # way to say that a module is not to be found.
    with _set_meanwhile(sys.modules, 'sklearn.metrics', None):
      import tf_slim  # noqa: F401
    _settle(tf)


def start_in_notebook() -> None:
  """Imports TensorFlow, with all of it, and keeps its remarks to itself.

  What else the notebook does is its own, so what is quick for a program is not
  for it; and whether to take oneDNN is TensorFlow's choice, since a notebook
  trains as well as draws.
  """
  with _remarks_held_back():
    import tensorflow as tf

    _settle(tf)


def _settle(tf: Any) -> None:
  """Lets TensorFlow make its remarks now that it makes at first use."""
  # Else the first operation looks for the drivers.
  tf.config.list_physical_devices()
  if os.environ['TF_CPP_MIN_LOG_LEVEL'] != '0':
    # In Python, too: how tf.distribute adds up gradients, for one.
    tf.get_logger().setLevel('WARNING')


@contextlib.contextmanager
def _remarks_held_back() -> Iterator[None]:
  """Keeps TensorFlow's remarks to itself, unless an error is raised.

  Which instructions and drivers it found is no error, but from version 2.13 on
  some of it is logged as one, and later versions log some before they read
  TF_CPP_MIN_LOG_LEVEL. With TF_CPP_MIN_LOG_LEVEL=0 it all shows.
  """
  # Errors only.
  level = os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '2')
  with contextlib.nullcontext() if level == '0' else _stderr_held_back():
    yield


@contextlib.contextmanager
def _set_meanwhile(
  values: MutableMapping[str, Any], name: str, value: Any
) -> Iterator[None]:
  """Sets a value that is not set."""
  if name in values:
    yield
    return
  values[name] = value
  try:
    yield
  finally:
    del values[name]


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
