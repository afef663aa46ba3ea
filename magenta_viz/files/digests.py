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

"""What tells whether a file is the same as another."""

import hashlib
from pathlib import Path
from typing import Iterable, Sequence


def file_sha256(path: Path) -> str:
  """Returns the hexadecimal SHA-256 of a file of any size."""
  digest = hashlib.sha256()
  with path.open('rb') as file:
    for chunk in iter(lambda: file.read(1 << 20), b''):
      digest.update(chunk)
  return digest.hexdigest()


def files_sha256(paths: Iterable[Path]) -> str:
  """Returns `joined` of files, in their order."""
  return joined([file_sha256(path) for path in paths])


def joined(sha256s: Sequence[str]) -> str:
  """Returns what tells a file, or several by the SHA-256 of a line of theirs.

  Args:
    sha256s: Hexadecimal ones of the files, in the order of their names.
  """
  if len(sha256s) == 1:
    return sha256s[0]
  return hashlib.sha256(''.join(sha256s).encode()).hexdigest()
