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

"""Makes pages of notebooks: Markdown, and the pictures beside it."""

import base64
import json
from pathlib import Path
import re
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Union

# What outputs show, the best first, and how its file's name ends.
_PICTURES = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/gif': 'gif',
  'image/svg+xml': 'svg',
}
# What only a running notebook can show, such as a bar of progress.
_LIVE = 'application/vnd.jupyter.widget-view+json'
# Colours of a terminal.
_ESCAPE = re.compile(r'\x1b\[[0-9;]*[A-Za-z]')


class Page(NamedTuple):
  """What a notebook becomes.

  Attributes:
    title: Its first heading, or else the name of its file.
    text: Markdown.
    files: What the text shows, by names beside the page.
  """

  title: str
  text: str
  files: Mapping[str, bytes]


def read(path: Path, link: Callable[[str], str]) -> Page:
  """Returns the page of a notebook's file.

  Args:
    path: Of the file, in version 4 of Jupyter's format.
    link: From the Markdown of a cell to the same with links of the page.

  Raises:
    ValueError: If it is of another version.
  """
  notebook = json.loads(path.read_text(encoding='utf-8'))
  if notebook.get('nbformat') != 4:
    raise ValueError(
      f'{path.name} is of nbformat {notebook.get("nbformat")}; save it as 4'
    )
  name = path.stem
  files: Dict[str, bytes] = {}
  parts: List[str] = []
  for cell in notebook['cells']:
    source = _text(cell['source']).strip('\n')
    if cell['cell_type'] == 'markdown':
      parts.append(link(source))
    elif cell['cell_type'] == 'code' and source:
      parts.append(_fenced(source, 'python'))
      for output in cell['outputs']:
        parts += _shown(output, name, files)
  heading = re.search(r'^# (.+)$', '\n'.join(parts), re.MULTILINE)
  title = heading.group(1).strip() if heading else name
  if not heading:
    parts.insert(0, f'# {name}')
  parts.append(f'[This notebook as a file]({path.name})')
  return Page(title, '\n\n'.join(parts) + '\n', files)


def _shown(
  output: Mapping[str, Any], name: str, files: Dict[str, bytes]
) -> List[str]:
  """Returns what an output shows, as Markdown, and adds its files."""
  if output['output_type'] == 'stream':
    return _printed(_text(output['text']))
  if output['output_type'] == 'error':
    return _printed('\n'.join(output['traceback']))
  data = output['data']
  if _LIVE in data:
    return []
  for kind, ending in _PICTURES.items():
    if kind in data:
      found = _text(data[kind])
      is_text = kind.endswith('xml')
      file = f'{name}_{len(files)}.{ending}'
      files[file] = found.encode() if is_text else base64.b64decode(found)
      return [f'![what the cell above draws]({file})']
  if 'text/html' in data:
    # An empty line would end it.
    lines = _text(data['text/html']).splitlines()
    return ['\n'.join(line for line in lines if line.strip())]
  if 'text/markdown' in data:
    return [_text(data['text/markdown'])]
  return _printed(_text(data.get('text/plain', '')))


def _printed(text: str) -> List[str]:
  """Returns what a program printed, as a terminal shows it in the end."""
  lines = _ESCAPE.sub('', text).replace('\r\n', '\n').split('\n')
  # What comes after a carriage return is written over what was before.
  ends = [line.rstrip('\r').rpartition('\r')[2].rstrip() for line in lines]
  shown = '\n'.join(ends).strip('\n')
  return [_fenced(shown, 'text')] if shown else []


def _fenced(text: str, kind: str) -> str:
  """Returns a block of code, with a fence that the text does not have."""
  longest = max((len(run) for run in re.findall('`+', text)), default=0)
  fence = '`' * max(3, longest + 1)
  return f'{fence}{kind}\n{text}\n{fence}'


def _text(value: Union[str, List[str]]) -> str:
  """Returns a text that may be in lines."""
  return value if isinstance(value, str) else ''.join(value)
