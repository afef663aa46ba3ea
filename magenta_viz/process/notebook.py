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

"""A notebook: whether this is one's kernel, and output that changes in place.

IPython is no dependency: where nobody has imported it, there is no notebook.
"""

import sys
from typing import Any, Mapping, Optional
import uuid


def is_here() -> bool:
  """Tells whether this process is the kernel of a notebook.

  IPython in a terminal has no kernel, and is a terminal.
  """
  return _shell() is not None


class Output:
  """A place in a cell's output, taken with the first of what it shows there."""

  def __init__(self) -> None:
    """Takes no place yet."""
    self._id: Optional[str] = None

  def show(self, content: Mapping[str, str]) -> None:
    """Shows something in the place of what is there; outside, does nothing.

    Args:
      content: By its type, as 'image/jpeg'; what is no text in base64.
    """
    shell = _shell()
    if shell is None:
      return
    is_first = self._id is None
    self._id = self._id or uuid.uuid4().hex
    shell.display_pub.publish(
      data=dict(content),
      metadata={},
      transient={'display_id': self._id},
      update=not is_first,
    )

  def clear(self) -> None:
    """Shows nothing in its place, which is all that is saved of it then."""
    self.show({'text/plain': ''})


def _shell() -> Any:
  """Returns IPython's shell if a notebook talks to it; None for no notebook."""
  get_ipython = getattr(sys.modules.get('IPython'), 'get_ipython', None)
  shell = None if get_ipython is None else get_ipython()
  return shell if hasattr(shell, 'kernel') else None
