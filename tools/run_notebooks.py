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

"""Runs the notebooks of examples/, each from its top in a kernel of its own.

  python -m tools.run_notebooks [--write] [NAME...]

says what each one took. One fails with an error, with anything on the standard
error, after three minutes, or where a cell that has a picture gives none. With
`--write`, those that do not fail are stored with what they gave; what would be
another each time, or on another machine, is left out.

It needs `pip install -e '.[notebooks]'`.
"""

import argparse
import base64
import io
import json
from pathlib import Path
import sys
import tempfile
import time
from typing import Any, Dict, Iterator, List, Sequence

from PIL import Image

FOLDER = Path(__file__).resolve().parents[1] / 'examples'

# Seconds that one may take, on two cores.
LIMIT = 180.0

# Of HTML, before the film's bytes.
_FILM = 'src="data:image/gif;base64,'

# As good as the eye is, and a fifth of PNG's bytes.
_QUALITY = 90

_METADATA = {
  'kernelspec': {
    'display_name': 'Python 3',
    'language': 'python',
    'name': 'python3',
  },
  'language_info': {'name': 'python'},
}


class FailedError(Exception):
  """A notebook that is not as it should be; the message says why."""


def code_cells(notebook: Dict[str, Any]) -> List[Dict[str, Any]]:
  """Returns the cells of a notebook that have code."""
  return [each for each in notebook['cells'] if each['cell_type'] == 'code']


def read(path: Path) -> Dict[str, Any]:
  """Returns a notebook as plain data.

  Raises:
    OSError: If it cannot be read.
    ValueError: If it is no JSON.
  """
  found: Dict[str, Any] = json.loads(path.read_text(encoding='utf-8'))
  return found


def run(notebook: Dict[str, Any], limit: float = LIMIT) -> Dict[str, Any]:
  """Runs a notebook from its top, in a folder that goes afterwards.

  Args:
    notebook: As of `read`; stays as it is.
    limit: Seconds that it may take, the start of its kernel included.

  Returns:
    The same with its outputs, normalised.

  Raises:
    FailedError: If it fails.
  """
  # What only those who run notebooks need.
  from jupyter_client import kernelspec
  from jupyter_client import manager
  import nbclient
  import nbformat

  made = nbformat.reads(json.dumps(notebook), as_version=4)
  for cell in code_cells(made):
    cell['outputs'] = []
    cell['execution_count'] = None
  # None but the kernel of this very Python.
  specs = kernelspec.KernelSpecManager(kernel_dirs=[])
  end = time.monotonic() + limit
  with tempfile.TemporaryDirectory() as folder:
    client = nbclient.NotebookClient(
      made,
      km=manager.AsyncKernelManager(kernel_spec_manager=specs),
      timeout_func=lambda cell: max(end - time.monotonic(), 0.1),
      resources={'metadata': {'path': folder}},
      # It warns that it listens to this machine without encryption.
      extra_arguments=['--log-level=ERROR'],
    )
    try:
      # Which leaves alone the kernel of a manager that it is given.
      client.execute(cleanup_kc=True)
    except nbclient.exceptions.CellTimeoutError as error:
      raise FailedError(f'takes more than {limit:g} s') from error
    except nbclient.exceptions.CellExecutionError as error:
      raise FailedError(f'{error.ename}: {error.evalue}') from error
    except nbclient.exceptions.DeadKernelError as error:
      raise FailedError('its kernel has died') from error
  found: Dict[str, Any] = json.loads(nbformat.writes(made))
  _check(notebook, found)
  return _normalised(found)


def write(path: Path, notebook: Dict[str, Any]) -> None:
  """Writes a notebook as Jupyter does.

  Raises:
    OSError: If it cannot be written.
  """
  text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True)
  path.write_text(f'{text}\n', encoding='utf-8')


def has_picture(cell: Dict[str, Any]) -> bool:
  """Tells whether a cell of code has given a picture."""
  return any(
    kind.startswith('image/') or _FILM in ''.join(data)
    for output in cell['outputs']
    for kind, data in output.get('data', {}).items()
  )


def _check(before: Dict[str, Any], after: Dict[str, Any]) -> None:
  """Checks what a notebook gave, beside what it holds.

  Raises:
    FailedError: If a cell wrote to the standard error, or has lost its picture.
  """
  cells = zip(code_cells(before), code_cells(after))
  for number, (held, given) in enumerate(cells, 1):
    for output in given['outputs']:
      if output.get('name') == 'stderr':
        text = ''.join(output['text']).strip()
        raise FailedError(f'cell {number} writes to the standard error: {text}')
    if has_picture(held) and not has_picture(given):
      raise FailedError(f'cell {number} gives no picture, where it had one')


def _normalised(notebook: Dict[str, Any]) -> Dict[str, Any]:
  """Returns a notebook with what is the same each time, on every machine."""
  cells = []
  for number, cell in enumerate(notebook['cells']):
    kept = {**cell, 'id': f'cell-{number:02d}', 'metadata': {}}
    if cell['cell_type'] == 'code':
      kept['outputs'] = list(_kept(cell['outputs']))
    cells.append(kept)
  return {**notebook, 'cells': cells, 'metadata': _METADATA}


def _kept(outputs: Sequence[Dict[str, Any]]) -> Iterator[Dict[str, Any]]:
  """Yields what is to be seen of a cell's outputs in the end."""
  streams: List[str] = []
  for output in outputs:
    if output['output_type'] == 'stream':
      streams.append(''.join(output['text']))
  written = _written(''.join(streams))
  if written:
    yield {'output_type': 'stream', 'name': 'stdout', 'text': written}
  for output in outputs:
    if output['output_type'] == 'stream':
      continue
    data = output.get('data', {})
    # Progress that is over.
    is_widget = any('jupyter.widget' in kind for kind in data)
    if not is_widget and any(map(''.join, data.values())):
      yield {**output, 'metadata': {}, 'data': _shown(data)}


def _written(text: str) -> List[str]:
  """Returns the lines that a terminal shows of what was written to it."""
  lines = [line.rstrip('\r').rpartition('\r')[2] for line in text.split('\n')]
  shown = '\n'.join(line.rstrip() for line in lines).rstrip()
  return shown.splitlines(keepends=True)


def _shown(data: Dict[str, Any]) -> Dict[str, Any]:
  """Returns an output with a picture as JPEG, and a film for all that show it.

  GIF is for Jupyter alone; code hosts and nbconvert show it as a part of HTML.
  """
  if 'image/gif' in data:
    html = f'<img {_FILM}{"".join(data["image/gif"]).strip()}">'
    return {'text/html': html, 'text/plain': data['text/plain']}
  if 'image/png' not in data:
    return data
  png = base64.b64decode(''.join(data['image/png']))
  file = io.BytesIO()
  with Image.open(io.BytesIO(png)) as picture:
    picture.convert('RGB').save(file, 'JPEG', quality=_QUALITY)
  content = base64.b64encode(file.getvalue()).decode('ascii')
  others = {kind: each for kind, each in data.items() if kind != 'image/png'}
  return {**others, 'image/jpeg': content}


def main(argv: Sequence[str]) -> int:
  """Runs notebooks; returns the program's status, 1 if one of them fails.

  Args:
    argv: The arguments, without the program's name.
  """
  parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
  parser.add_argument(
    '--write', action='store_true', help='store what they gave'
  )
  parser.add_argument('names', nargs='*', help='as first_pictures; all if none')
  arguments = parser.parse_args(argv)
  every = sorted(path.stem for path in FOLDER.glob('*.ipynb'))
  unknown = set(arguments.names) - set(every)
  if unknown:
    parser.error(f'no notebook {sorted(unknown)[0]}; there are {every}')
  status = 0
  for name in arguments.names or every:
    path = FOLDER / f'{name}.ipynb'
    start = time.monotonic()
    try:
      found = run(read(path))
    except FailedError as error:
      said = f'failed: {error}'
      status = 1
    else:
      said = 'passed'
      if arguments.write:
        write(path, found)
    minutes = (time.monotonic() - start) / 60
    sys.stdout.write(f'{name}: {said} ({minutes:.1f} minutes)\n')
    sys.stdout.flush()
  return status


if __name__ == '__main__':
  sys.exit(main(sys.argv[1:]))
