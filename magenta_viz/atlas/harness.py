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

"""What the local runner's processes run: Beam's harness, without remarks."""

import logging
import shlex
import sys


def command() -> str:
  """Returns the shell command of a process that works for this one.

  It imports from where this process does: Python alone would look into the
  current folder first, whose files are not ours to run.
  """
  program = (
    f'import sys; sys.path[:] = {sys.path!a};'
    ' from magenta_viz.atlas import harness; harness.work()'
  )
  return shlex.join([sys.executable, '-c', program])


def import_beam() -> None:
  """Imports Beam, which tells what of others it does not find, and more.

  Raises:
    ModuleNotFoundError: If it is not installed.
  """
  logging.disable(logging.WARNING)
  try:
    import apache_beam  # noqa: F401
  finally:
    logging.disable(logging.NOTSET)
  logging.getLogger('apache_beam').setLevel(logging.CRITICAL)


def work() -> None:
  """Works until the runner needs no more."""
  # Before what the runner sends imports TensorFlow.
  from magenta_viz.process import tensorflow_start

  tensorflow_start.start(with_onednn=True)
  import_beam()
  from apache_beam.runners.worker import sdk_worker_main

  # The harness lets all be told.
  logging.disable(logging.INFO)
  sdk_worker_main.main([])
