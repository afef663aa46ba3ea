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

"""A shell as IPython's in a notebook, for tests: it keeps what a cell shows."""

import base64
import contextlib
import io
import sys
import types
from typing import Any, Dict, Iterator, List, Mapping
from unittest import mock

import numpy as np
from PIL import Image

# Where something was, and is not any more.
NOTHING: Mapping[str, str] = {'text/plain': ''}


class Shell:
  """What IPython's shell is to those who show something.

  Attributes:
    kernel: That there is one tells a notebook from a terminal.
    config: Tells tqdm the same.
    display_pub: Is told what to show.
    contents: All that was shown, one after the other.
  """

  def __init__(self) -> None:
    """Shows nothing yet."""
    self.kernel = object()
    self.config: Mapping[str, Any] = {'IPKernelApp': {}}
    self.display_pub = self
    self.contents: List[Mapping[str, str]] = []
    self._places: Dict[str, Mapping[str, str]] = {}

  def publish(
    self,
    data: Mapping[str, str],
    metadata: Mapping[str, Any],
    transient: Mapping[str, str],
    update: bool,
  ) -> None:
    """Shows something, as `IPython.core.displaypub` has it."""
    del metadata
    name = transient['display_id']
    # Else a front end would show nothing, or the same twice.
    if update != (name in self._places):
      raise AssertionError(f'{name}: update is {update}')
    self._places[name] = data
    self.contents.append(data)

  def seen(self) -> List[Mapping[str, str]]:
    """Returns what is to be seen now, from above."""
    return list(self._places.values())


def picture(content: Mapping[str, str]) -> np.ndarray:
  """Returns what a place shows, [height, width, 3] float32 in [0, 1]."""
  with Image.open(io.BytesIO(base64.b64decode(content['image/jpeg']))) as file:
    return np.asarray(file).astype(np.float32) / 255


@contextlib.contextmanager
def notebook_shell() -> Iterator[Shell]:
  """Lets this process be a notebook's kernel.

  Yields:
    Its shell.
  """
  shell = Shell()
  ipython: Any = types.ModuleType('IPython')
  ipython.get_ipython = lambda: shell
  with mock.patch.dict(sys.modules, IPython=ipython):
    yield shell
