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

"""Tests of the notebooks in examples/, and of the tool that runs them."""

import ast
import base64
import contextlib
import io
import json
import os
from pathlib import Path
import re
from typing import Any, Dict, List
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
from PIL import Image
import psutil
import pytest

from tools import run_notebooks

_ROOT = Path(__file__).resolve().parents[1]

_NAMES = (
  'channels_and_layers',
  'dreams_and_films',
  'first_pictures',
  'train_and_look_inside',
  'what_in_a_photograph',
)

_MAX_BYTES = 1.5e6

_PICTURE = """
from PIL import Image
Image.new('RGB', (8, 6), 'red')
"""

_FILM = """
import io
from IPython import display
from PIL import Image
file = io.BytesIO()
Image.linear_gradient('L').save(file, 'GIF')
display.Image(file.getvalue())
"""


def _notebook(*codes: str) -> Dict[str, Any]:
  """Returns a notebook of some cells of code, as Jupyter writes it."""
  cells = [
    {
      'cell_type': 'code',
      'execution_count': 7,
      'id': f'other-{number}',
      'metadata': {'execution': {'iopub.status.busy': 'today'}},
      'outputs': [],
      'source': code,
    }
    for number, code in enumerate(codes)
  ]
  return {'cells': cells, 'metadata': {}, 'nbformat': 4, 'nbformat_minor': 5}


def _texts(cell: Dict[str, Any]) -> str:
  """Returns what a cell of code wrote, and the texts that stand for values."""
  return ''.join(
    ''.join(output.get('text', output.get('data', {}).get('text/plain', '')))
    for output in cell['outputs']
  )


class ExamplesTest(parameterized.TestCase):
  def test_are_these(self) -> None:
    found = sorted(path.stem for path in run_notebooks.FOLDER.glob('*.ipynb'))
    self.assertEqual(found, list(_NAMES))

  @parameterized.parameters(*_NAMES)
  def test_holds_what_it_gave(self, name: str) -> None:
    path = run_notebooks.FOLDER / f'{name}.ipynb'
    self.assertLess(path.stat().st_size, _MAX_BYTES)
    notebook = run_notebooks.read(path)
    cells = run_notebooks.code_cells(notebook)
    self.assertEqual(
      [cell['execution_count'] for cell in cells],
      list(range(1, len(cells) + 1)),
    )
    self.assertGreaterEqual(sum(map(run_notebooks.has_picture, cells)), 3)
    # Where someone works, and what is in red.
    self.assertNotRegex(
      path.read_text(encoding='utf-8'),
      r'"stderr"|/home/|/root/|/tmp/|/work/|/usr/|site-packages|[A-Z]:\\\\',
    )
    for cell in cells:
      for output in cell['outputs']:
        for kind, data in output.get('data', {}).items():
          if kind.startswith('image/'):
            with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
              picture.load()

  @parameterized.parameters(*_NAMES)
  def test_is_written_as_the_tool_does(self, name: str) -> None:
    path = run_notebooks.FOLDER / f'{name}.ipynb'
    again = Path(self.create_tempdir().full_path, path.name)
    run_notebooks.write(again, run_notebooks.read(path))
    self.assertEqual(path.read_bytes(), again.read_bytes())

  @parameterized.parameters(*_NAMES)
  def test_begins_alike(self, name: str) -> None:
    notebook = run_notebooks.read(run_notebooks.FOLDER / f'{name}.ipynb')
    first = ''.join(notebook['cells'][0]['source'])
    setup = (_ROOT / 'setup.py').read_text(encoding='utf-8')
    (url,) = re.findall(r"url='https://github\.com/([^']+)'", setup)
    self.assertIn(f'/github/{url}/blob/main/examples/{name}.ipynb)', first)
    self.assertRegex(first, r'\n# \w')
    install = run_notebooks.code_cells(notebook)[0]
    source = ''.join(install['source'])
    self.assertIn(f"'git+https://github.com/{url}'", source)
    # Where the package is, it is quick, and says nothing.
    self.assertEqual(install['outputs'], [])
    example = run_notebooks.read(run_notebooks.FOLDER / f'{_NAMES[0]}.ipynb')
    self.assertEqual(source, ''.join(example['cells'][1]['source']))

  @parameterized.parameters(*_NAMES)
  def test_is_python(self, name: str) -> None:
    notebook = run_notebooks.read(run_notebooks.FOLDER / f'{name}.ipynb')
    for cell in run_notebooks.code_cells(notebook):
      ast.parse(''.join(cell['source']))

  @parameterized.parameters(*_NAMES)
  def test_links_lead_to_files(self, name: str) -> None:
    text = (run_notebooks.FOLDER / f'{name}.ipynb').read_text(encoding='utf-8')
    links = re.findall(r'\]\((?!https:)([^)#]+)', text)
    self.assertNotEmpty(links)
    for link in links:
      self.assertTrue((run_notebooks.FOLDER / link).is_file(), link)


class RunTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    pytest.importorskip('nbclient', reason='notebooks need Python 3.10')
    # By it, kernels leave the standard error to pytest.
    self.enter_context(mock.patch.dict(os.environ))
    os.environ.pop('PYTEST_CURRENT_TEST', None)
    self.before = set(psutil.Process().children())

  def tearDown(self) -> None:
    # No kernel is left, whether its notebook failed or not.
    self.assertEqual(set(psutil.Process().children()) - self.before, set())
    super().tearDown()

  def test_holds_what_was_to_be_seen(self) -> None:
    bar = r"print('\r 1/2', end=''); print('\r 2/2', end='\r    \r')"
    codes = (_PICTURE, f'{bar}; print("done"); 6 * 7', bar)
    found = run_notebooks.run(_notebook(*codes))
    picture, number, nothing = run_notebooks.code_cells(found)
    self.assertTrue(run_notebooks.has_picture(picture))
    (output,) = picture['outputs']
    self.assertIn('image/jpeg', output['data'])
    self.assertNotIn('image/png', output['data'])
    self.assertEqual(_texts(number), 'done42')
    self.assertEqual(nothing['outputs'], [])
    self.assertEqual(
      [cell['execution_count'] for cell in found['cells']], [1, 2, 3]
    )
    # What it was before does not matter, nor when.
    self.assertEqual(run_notebooks.run(found), found)

  def test_a_film_is_for_all_to_see(self) -> None:
    found = run_notebooks.run(_notebook(_FILM))
    (output,) = found['cells'][0]['outputs']
    # The same base64 as of bytes that begin with GIF8.
    self.assertRegex(
      output['data']['text/html'],
      r'^<img src="data:image/gif;base64,R0lGOD[\w+/]+=*">$',
    )
    self.assertTrue(run_notebooks.has_picture(found['cells'][0]))
    self.assertEqual(run_notebooks.run(found), found)

  def test_each_has_a_kernel_and_a_folder_of_its_own(self) -> None:
    code = "import os; print(os.listdir()); open('file', 'w').close()"
    for _ in range(2):
      found = run_notebooks.run(_notebook(code, 'print("found" in globals())'))
      self.assertEqual(list(map(_texts, found['cells'])), ['[]', 'False'])

  @parameterized.parameters(
    ('1 / 0', 'ZeroDivisionError: division by zero'),
    (
      'import sys; sys.stderr.write("no drivers")',
      'standard error: no drivers',
    ),
    (
      # As C++ does, which a thread of the kernel's hands on.
      'import os, time; os.write(2, b"no drivers"); time.sleep(1)',
      'standard error: no drivers',
    ),
    ('import time; time.sleep(60)', 'takes more than 5 s'),
  )
  def test_fails(self, code: str, reason: str) -> None:
    with self.assertRaisesRegex(run_notebooks.FailedError, reason):
      run_notebooks.run(_notebook('1', code), limit=5)

  def test_fails_without_a_picture_that_was_there(self) -> None:
    held = run_notebooks.run(_notebook('1', _PICTURE))
    held['cells'][1]['source'] = 'None'
    with self.assertRaisesRegex(
      run_notebooks.FailedError, '^cell 2 gives no picture, where it had one$'
    ):
      run_notebooks.run(held)

  def test_what_passes_is_written_and_the_others_stay(self) -> None:
    folder = Path(self.create_tempdir().full_path)
    self.enter_context(mock.patch.object(run_notebooks, 'FOLDER', folder))
    codes = {'a': '6 * 7', 'b': '1 / 0', 'c': '2'}
    for name, code in codes.items():
      run_notebooks.write(folder / f'{name}.ipynb', _notebook(code))
    before = {path.stem: path.read_bytes() for path in folder.iterdir()}

    def run(*words: str) -> List[str]:
      printed = io.StringIO()
      with contextlib.redirect_stdout(printed):
        status = run_notebooks.main(words)
      return [str(status), *printed.getvalue().splitlines()]

    self.assertRegex(' '.join(run('a')), r'^0 a: passed \(\d+\.\d minutes\)$')
    self.assertEqual((folder / 'a.ipynb').read_bytes(), before['a'])
    status, passed, failed = run('--write', 'a', 'b')
    self.assertEqual(status, '1')
    self.assertStartsWith(passed, 'a: passed (')
    self.assertStartsWith(failed, 'b: failed: ZeroDivisionError: ')
    for name in 'bc':
      self.assertEqual((folder / f'{name}.ipynb').read_bytes(), before[name])
    (cell,) = json.loads((folder / 'a.ipynb').read_text())['cells']
    self.assertEqual((_texts(cell), cell['metadata']), ('42', {}))


if __name__ == '__main__':
  absltest.main()
