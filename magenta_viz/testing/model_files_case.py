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

"""A case for tests of what files of models are let in."""

import contextlib
from pathlib import Path
from typing import Iterator

from absl.testing import parameterized

from magenta_viz.models.foreign import code_check
from magenta_viz.models.foreign import model_files


class ModelFilesCase(parameterized.TestCase):
  """A folder for models.

  Attributes:
    folder: The folder, empty at first.
  """

  def setUp(self) -> None:
    """Makes the folder."""
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)

  def check(
    self, path: Path, allow_code: bool = False
  ) -> model_files.ModelFile:
    """Tells what a model is, and checks it."""
    found = model_files.tell(str(path))
    assert found is not None, path
    code_check.check(found, allow_code)
    return found

  @contextlib.contextmanager
  def refused(self, *parts: str) -> Iterator[None]:
    """Fails unless one line with the parts is raised within."""
    with self.assertRaises(ValueError) as caught:
      yield
    for part in parts:
      self.assertIn(part, str(caught.exception))
    self.assertNotIn('\n', str(caught.exception))
    self.assertLess(len(str(caught.exception)), 600)
