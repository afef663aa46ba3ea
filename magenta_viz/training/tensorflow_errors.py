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

"""TensorFlow's errors in the middle of a training, in the user's words."""

import contextlib
import re
from typing import Iterator

import tensorflow as tf

from magenta_viz.media import summaries

# How it tells that a file has gone, is closed to us, is damaged, or is a folder
# by now or shorter than its description says.
_FILE_ERRORS = (
  tf.errors.NotFoundError,
  tf.errors.PermissionDeniedError,
  tf.errors.DataLossError,
  tf.errors.FailedPreconditionError,
)


@contextlib.contextmanager
def errors() -> Iterator[None]:
  """Raises in one line what TensorFlow says in many.

  Raises:
    MemoryError: If a step does not fit into memory.
    OSError: If the data cannot be read.
  """
  try:
    yield
  except tf.errors.ResourceExhaustedError as error:
    # After the places in the program.
    found = re.search(r'OOM when allocating .*?\]', error.message)
    reason = found[0] if found else 'out of memory'
    raise MemoryError(
      f'a step does not fit into memory ({reason}); take a smaller --batch_size'
      ' or --image_size'
    ) from error
  except _FILE_ERRORS as error:
    reason = re.sub(r'^.*Iterator::\S+: ', '', summaries.first_line(error))
    raise OSError(
      f'the data cannot be read ({reason}); put back what was there when the'
      ' training began, and give the same command again'
    ) from error
