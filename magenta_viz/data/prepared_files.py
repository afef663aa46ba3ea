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

"""Looks at the files of a prepared data set before tensorflow_datasets does.

TFDS imports whatever module a set's JSON names as that of a feature, follows a
path from it, and lays out a template of it. A set may be a stranger's, so only
what TFDS itself writes for sets of its own features is let in.
"""

import json
import os
import re
from typing import Any, Iterator, Tuple

from magenta_viz.files import untrusted

# What TFDS reads of a set besides the data, and imports, opens or lays out
# parts of. Other metadata are the set's own.
_JSON = re.compile(
  r'(?s).*[/\\](features\.json|dataset_info\.json|\.config[/\\]metadata\.json)'
)

# Statistics of large sets are in it.
_MAX_BYTES = 64 * 2**20

# NAME/CONFIG/VERSION and what lies in it.
_MAX_DEPTH = 3

_ADVICE = 'put the set back as tensorflow_datasets wrote it, or take another'

# Of files' names: without widths, which may be any number.
_TEMPLATE = (
  r'([^{}]|\{(DATASET|SPLIT|FILEFORMAT|SHARD_INDEX|NUM_SHARDS|SHARD_X_OF_Y)\})*'
)
# What has no dot is no module.
_OWN_CLASS = r'tensorflow_datasets\.core\.features(\.\w+)+|[^.]*'
# Each key with what its text must be like.
_ALLOWED = {
  'type': _OWN_CLASS,
  'pythonClassName': _OWN_CLASS,
  'python_class_name': _OWN_CLASS,
  # Of an old class of labels: a file anywhere.
  'names_file': '',
  'default_config_name': r'(?!\.+$)[\w+.-]*',
  'filepathTemplate': _TEMPLATE,
  'filepath_template': _TEMPLATE,
}


def check(folder: str) -> None:
  """Checks what TFDS would read of a set, in all configurations and versions.

  Args:
    folder: The set's, 'DATA_DIR/NAME'. It may be missing.

  Raises:
    ValueError: If a file is no plain one, or damaged, or names what is not
      TFDS's own.
    OSError: If one cannot be read.
  """
  for path in _files(folder):
    # A pipe would be waited for.
    if not os.path.isfile(path):
      raise ValueError(f"'{path}' of a data set is no plain file; {_ADVICE}")
    if _JSON.fullmatch(path):
      what = "the data set's file"
      data = untrusted.read_bytes(path, _MAX_BYTES, what, _ADVICE)
      with untrusted.guard(f"cannot read {what} '{path}'", _ADVICE):
        texts = list(_texts(untrusted.parse_json(data)))
      _check_texts(path, texts)


def _files(folder: str) -> Iterator[str]:
  """Yields the paths of the files of a set."""
  depth = folder.count(os.sep)
  # A configuration may be a link to another disk.
  for path, folders, names in os.walk(folder, followlinks=True):
    if path.count(os.sep) - depth >= _MAX_DEPTH:
      folders.clear()
    yield from (os.path.join(path, name) for name in names)


def _texts(value: Any) -> Iterator[Tuple[str, str]]:
  """Yields all texts that have keys, with them, at any depth."""
  if isinstance(value, dict):
    for key, inner in value.items():
      if isinstance(inner, str):
        yield key, inner
      yield from _texts(inner)
  elif isinstance(value, list):
    for inner in value:
      yield from _texts(inner)
  elif isinstance(value, str) and value.lstrip().startswith(('{', '[')):
    # Features may be JSON in a text of JSON. TFDS reads it with this very
    # function, so what is none to it is none to TFDS.
    try:
      inner = json.loads(value)
    except ValueError:
      return
    yield from _texts(inner)


def _check_texts(path: str, texts: Any) -> None:
  """Raises ValueError if a text is not as TFDS writes it for its own."""
  for key, text in texts:
    if key in _ALLOWED and not re.fullmatch(_ALLOWED[key], text):
      raise ValueError(
        f"'{path}' has {text[:80]!r} as {key}, which is not of"
        f' tensorflow_datasets itself and might run or read anything; {_ADVICE}'
      )
