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

"""Tests the wheel: built, installed in an empty folder, run from `/`."""

import email
import os
from pathlib import Path
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from typing import List, Set
import zipfile

from absl.testing import absltest

from magenta_viz import version

_ROOT = Path(__file__).resolve().parents[1]

# Of the checkout all that is not made by some tool.
_MADE = shutil.ignore_patterns(
  '.git',
  '.venv*',
  '.*_cache',
  '*.egg-info',
  '__pycache__',
  '_build',
  'pictures',
)

_COMMAND = 'image_visualization_visualize'


def _run(*command: str, cwd: Path, **environment: str) -> str:
  """Runs a command and returns what it printed.

  Raises:
    AssertionError: If it fails.
  """
  result = subprocess.run(
    command,
    cwd=cwd,
    env={**os.environ, **environment},
    stdin=subprocess.DEVNULL,
    capture_output=True,
    text=True,
    check=False,
  )
  output = f'{result.stdout}\n{result.stderr}'
  if result.returncode != 0:
    raise AssertionError(f'{command} ended with {result.returncode}: {output}')
  if 'Traceback' in output:
    raise AssertionError(f'{command} failed: {output}')
  return result.stdout


def _in_checkout(*patterns: str) -> List[str]:
  """Lists the files of the checkout that match any of some patterns."""
  return [
    path.relative_to(_ROOT).as_posix()
    for pattern in patterns
    for path in _ROOT.glob(pattern)
    if path.is_file()
  ]


class WheelTest(absltest.TestCase):
  """Makes the wheel once, out of the source archive, as PyPI's users get it."""

  _archive: Path
  _wheel: Path
  _target: Path

  @classmethod
  def setUpClass(cls) -> None:
    super().setUpClass()
    temporary = tempfile.TemporaryDirectory()
    cls.addClassCleanup(temporary.cleanup)
    folder = Path(temporary.name).resolve()
    source = folder / 'source'
    shutil.copytree(_ROOT, source, ignore=_MADE)
    _run(sys.executable, 'setup.py', '-q', 'sdist', cwd=source)
    (cls._archive,) = (source / 'dist').iterdir()
    shutil.unpack_archive(str(cls._archive), str(folder / 'unpacked'))
    (unpacked,) = (folder / 'unpacked').iterdir()
    # Where the file system ignores case, BUILD takes the name of setuptools'
    # folder; this file takes it everywhere.
    (unpacked / 'build').write_text('')
    pip = (sys.executable, '-m', 'pip', '-q', '--isolated')
    offline = ('--no-deps', '--no-index', '--no-cache-dir')
    wheels = folder / 'wheels'
    _run(
      *(*pip, 'wheel', *offline, '--no-build-isolation'),
      *('--wheel-dir', str(wheels), str(unpacked)),
      cwd=folder,
    )
    (cls._wheel,) = wheels.iterdir()
    cls._target = folder / 'target'
    _run(
      *(*pip, 'install', *offline, '--target', str(cls._target)),
      str(cls._wheel),
      cwd=folder,
    )

  def _run_installed(self, *command: str) -> str:
    return _run(*command, cwd=Path('/'), PYTHONPATH=str(self._target))

  def test_runs_from_the_wheel(self) -> None:
    module = f'magenta_viz.{_COMMAND}'
    program = f'import {module} as module; print(module.__file__)'
    path = Path(self._run_installed(sys.executable, '-c', program).strip())
    self.assertIn(self._target, path.parents)

  def test_lists_classes(self) -> None:
    script = str(self._target / 'bin' / _COMMAND)
    lines = self._run_installed(
      sys.executable, script, '--list_classes'
    ).splitlines()
    classes = dict(line.strip().split(maxsplit=1) for line in lines)
    self.assertLen(lines, 1000)
    self.assertEqual(list(classes), [str(i) for i in range(1000)])
    self.assertStartsWith(classes['281'], 'tabby')

  def test_help(self) -> None:
    script = str(self._target / 'bin' / _COMMAND)
    output = self._run_installed(sys.executable, script, '--help')
    self.assertIn('--class_id', output)

  def test_page_of_an_evaluation(self) -> None:
    program = (
      'from magenta_viz.evaluation import page\n'
      "for name in ('page.html', 'parts.html', 'style.css'):\n"
      '  print(page.template(name).name)'
    )
    names = self._run_installed(sys.executable, '-c', program).split()
    self.assertLen(names, 3)

  def test_wheel_holds_the_package_alone(self) -> None:
    with zipfile.ZipFile(self._wheel) as wheel:
      names = wheel.namelist()
    self.assertIn('magenta_viz/imagenet_classes.txt', names)
    self.assertIn('magenta_viz/models/model_spec.py', names)
    self.assertIn('magenta_viz/py.typed', names)
    # Whatever is no module, as templates are, is there by its pattern.
    for path in _in_checkout('magenta_viz/**/*'):
      if not path.endswith(('.py', '.pyc')):
        self.assertIn(path, names)
    for name in names:
      self.assertRegex(name, r'^magenta_viz(-[^/]+\.dist-info)?/')
      self.assertNotRegex(name, r'_test\.py$|/testing/')

  def test_metadata(self) -> None:
    with zipfile.ZipFile(self._wheel) as wheel:
      (path,) = (n for n in wheel.namelist() if n.endswith('/METADATA'))
      metadata = email.message_from_bytes(wheel.read(path))
    self.assertEqual(metadata['Version'], version.__version__)
    self.assertEqual(metadata['Requires-Python'], '>=3.8')
    self.assertEqual(
      metadata['Home-page'], 'https://github.com/magenta/magenta'
    )
    self.assertIn('feature visualization', metadata['Keywords'])
    classifiers = metadata.get_all('Classifier', [])
    self.assertIn('Typing :: Typed', classifiers)
    self.assertIn('Programming Language :: Python :: 3.8', classifiers)

  def _names_in_archive(self) -> Set[str]:
    with tarfile.open(self._archive) as archive:
      return {name.partition('/')[2] for name in archive.getnames()}

  def test_archive_holds_what_its_texts_show(self) -> None:
    names = self._names_in_archive()
    shown = []
    for text in (*_ROOT.glob('*.md'), *_ROOT.glob('docs/**/*.md')):
      content = text.read_text(encoding='utf-8')
      # Links, and files that are named as code.
      for link in re.findall(r'\]\(([^)#\s]+)|`([\w./-]+/[\w.-]+)`', content):
        base = text.parent if link[0] else _ROOT
        path = Path(os.path.normpath(base / ''.join(link)))
        if link[0].startswith(('http://', 'https://')) or path.is_dir():
          continue
        # Where the README's first command has run, its picture is there.
        is_made = _ROOT / 'pictures' in path.parents
        if link[0] or (path.is_file() and not is_made):
          shown.append(path.relative_to(_ROOT).as_posix())
    self.assertContainsSubset(shown, names)
    self.assertIn('docs/gallery/variations.jpg', shown)
    self.assertIn('benchmarks/train_step.py', shown)

  def test_archive_holds_the_checkout(self) -> None:
    names = self._names_in_archive()
    checkout = _in_checkout('magenta_viz/**/*', 'tools/*.py', 'testdata/*')
    checkout = [path for path in checkout if not path.endswith('.pyc')]
    self.assertContainsSubset(checkout, names)
    self.assertContainsSubset(
      ('.ci/run', 'BUILD', 'LICENSE', 'conftest.py', 'setup.cfg'), names
    )
    self.assertContainsSubset(
      ('.pre-commit-config.yaml', 'CHANGELOG.md', 'CONTRIBUTING.md'), names
    )


if __name__ == '__main__':
  absltest.main()
