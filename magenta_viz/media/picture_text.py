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

"""What the PNG file of a picture tells of it, wherever it is taken."""

from pathlib import Path
import shlex
from typing import Any, Dict, Mapping, Optional

from magenta_viz import version
from magenta_viz.files import untrusted
from magenta_viz.media import atomic_files
from magenta_viz.media import image_files
from magenta_viz.media import records
from magenta_viz.process import terminal

# Keyword of the record, as JSON. The others are those of PNG (Third Edition),
# 11.3.3.2, which viewers show.
RECORD = 'magenta_viz'

# What another run of the same command has otherwise, where files lay, what is
# long, and what may be measured later.
_OF_THE_RUN = (
  'deletion',
  'deletion_value',
  'insertion',
  'networks',
  'peak_memory_bytes',
  'scores',
  'seconds',
  'weights',
)
# What a picture does not depend on.
IDLE_FLAGS = (
  'animate',
  'deletion_value',
  'fps',
  'hold',
  'log_dir',
  'output_dir',
  'scores',
)


def texts(
  title: str,
  command: Optional[str] = None,
  record: Optional[Mapping[str, Any]] = None,
) -> Dict[str, str]:
  """Returns the texts of a picture, by their keywords.

  Args:
    title: What it shows, in a few words.
    command: That makes the same; None if no command can.
    record: What else is to be known of it.
  """
  # Names of files may be no valid Unicode, which PNG has no form for.
  found = {
    'Title': terminal.harmless(title),
    'Software': f'magenta_viz {version.__version__}',
  }
  if command is not None:
    found['Comment'] = terminal.harmless(command)
  if record is not None:
    found[RECORD] = records.to_json(record)
  return found


def of_record(title: str, record: Mapping[str, Any]) -> Dict[str, str]:
  """Returns the texts of a picture that a run writes.

  The same command gives the same texts each time, wherever its files are.

  Args:
    title: What it shows, in a few words.
    record: As it is written beside the picture.
  """
  kept = {key: record[key] for key in record if key not in _OF_THE_RUN}
  if record.get('image') is not None:
    kept['image'] = Path(record['image']).name
  if record.get('command') is not None:
    kept['command'] = anywhere(record['command'])
  return texts(title, kept.get('command'), kept)


def record_in(path: atomic_files.PathLike) -> Optional[Dict[str, Any]]:
  """Returns the record in the file of a picture; None if it has none.

  Raises:
    OSError: If it cannot be read.
    ValueError: If it is no picture in a plain file, or its record is damaged.
  """
  text = image_files.read_texts(path).get(RECORD)
  if text is None:
    return None
  with untrusted.guard(
    f"the record in '{path}' is damaged", 'draw the picture again'
  ):
    record = untrusted.parse_json(text.encode(errors='backslashreplace'))
    if not isinstance(record, dict):
      raise ValueError('it is no JSON object')
  return record


def anywhere(command: str) -> str:
  """Returns a command without what is of one place, or of no picture."""
  words = []
  for word in shlex.split(command):
    flag, _, value = word.partition('=')
    if flag == '--image':
      word = f'{flag}={Path(value).name}'
    if flag[2:] not in IDLE_FLAGS:
      words.append(word)
  return shlex.join(words)
