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

"""A test with a folder of its own, where errors are one line."""

from pathlib import Path
from typing import Any, Callable

from absl.testing import parameterized


class FolderCase(parameterized.TestCase):
  """Has a folder for what a test writes.

  Attributes:
    folder: An empty folder at first.
  """

  folder: Path

  def setUp(self) -> None:
    """Makes the folder."""
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)

  def refuses(
    self,
    message: str,
    call: Callable[..., Any],
    *args: Any,
    kind: Any = ValueError,
    **kwargs: Any,
  ) -> str:
    """Checks that a call raises an error, whose words are one line.

    Args:
      message: Regular expression of what the error says.
      call: What is called with the other arguments.
      *args: For the call.
      kind: Type of the error, or several.
      **kwargs: For the call.

    Returns:
      What the error says.
    """
    with self.assertRaisesRegex(kind, message) as caught:
      call(*args, **kwargs)
    self.assertNotIn('\n', str(caught.exception))
    return str(caught.exception)
