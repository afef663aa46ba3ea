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

"""Tests of README.md and its like: commands parse, and files are there."""

import importlib
import json
from pathlib import Path
import re
import shlex
import subprocess
import sys
from typing import Dict, Iterable, List, Sequence, Set, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import tensorflow_datasets as tfds

from magenta_viz import deprecation
from magenta_viz import image_visualization_train as train_program
from magenta_viz import version
from magenta_viz.data import datasets
from tools import site_pages

_ROOT = Path(__file__).resolve().parents[1]

# A code block. All kinds, or else the end of one would begin the next.
_BLOCK = re.compile(r'^ *```(\w*)\n(.*?)^ *```$', re.MULTILINE | re.DOTALL)
# The shell's, or of no named language.
_SHELLS = ('', 'bash', 'console', 'sh', 'shell')
# The command, its script or its module, as after `python -m`.
_COMMAND = re.compile(r'(?:.*[/.])?(image_visualization_[a-z_]+)')

# Flags that change nothing of what is in the folder in the end.
_NOT_DRAWN = ('--dry_run', '--log_dir', '--num_workers', '--overwrite')
# A picture in Markdown.
_PICTURE = re.compile(r'!\[[^\]]*\]\(([^)]+)\)')

# Parses commands of one program with its flags. Its arguments are the module
# and, as JSON, the commands; it prints what is wrong, a line each.
_PARSE_PROGRAM = """
import copy, importlib, json, sys
from absl import flags

program = importlib.import_module('magenta_viz.' + sys.argv[1])
# Defined on import otherwise.
if hasattr(program, 'define_flags'):
  program.define_flags()
for command in json.loads(sys.argv[2]):
  # absl adds its flags for help later, and answers them by leaving.
  words = [word for word in command if not word.startswith('--help')]
  try:
    left = copy.deepcopy(flags.FLAGS)(words)[1:]
  except flags.Error as error:
    print(' '.join(command), '->', error)
  else:
    if left:
      print(' '.join(command), '-> not a flag:', ' '.join(left))
"""


def commands_in(text: str) -> List[List[str]]:
  """Returns the package's commands in the code blocks of a Markdown text.

  Args:
    text: The Markdown.

  Returns:
    Of each command its words: the name without a folder, and the arguments.
  """
  commands = []
  for kind, block in _BLOCK.findall(text):
    for line in re.sub(r'\\\n', ' ', block).splitlines():
      if kind not in _SHELLS or 'image_visualization_' not in line:
        continue
      words = shlex.shlex(line, posix=True, punctuation_chars=True)
      words.whitespace_split = True
      command: List[str] = []
      for word in (*words, ';'):
        match = _COMMAND.fullmatch(word)
        if set(word) <= set('();<>|&'):
          commands.extend([command] if command else [])
          command = []
        elif command:
          command.append(word)
        elif match:
          command = [match.group(1)]
  return commands


def wrong_commands(commands: Sequence[Sequence[str]]) -> str:
  """Returns what is wrong with the commands, a line each.

  Args:
    commands: Words of each command.

  Raises:
    ValueError: If there is no such program.
  """
  wrong = ''
  for program in sorted({command[0] for command in commands}):
    own = [command for command in commands if command[0] == program]
    result = subprocess.run(
      [sys.executable, '-c', _PARSE_PROGRAM, program, json.dumps(own)],
      cwd=_ROOT,
      capture_output=True,
      text=True,
      check=False,
    )
    if result.returncode:
      raise ValueError(f'{program} cannot be imported: {result.stderr}')
    wrong += result.stdout
  return wrong


def paths_in(text: str) -> List[str]:
  """Returns the files and folders that a Markdown text names.

  Args:
    text: The Markdown.

  Returns:
    Targets of links, and of what stands as code that which ends as a folder or
    as a file of a checkout does, with `*` for any. `X.py` is any file's.
  """
  links = re.findall(r'\]\((?!https?:)([^)#\s]+)', text)
  code = re.findall(r'`([\w.*/-]+(?:/|\.(?:md|py|txt|yaml)))`', text)
  return links + [path for path in code if not path.startswith('X')]


def shared_folders(commands: Iterable[Sequence[str]]) -> List[str]:
  """Returns what is wrong with the folders that commands write into.

  All commands of a text can be given one after the other if each has a folder
  of its own. The same command may be given again: it goes on, or says that all
  is there.

  Args:
    commands: Words of each command.

  Returns:
    A line for each folder that commands of other words write into, or that is
    inside of another's.
  """
  found: Dict[str, Set[Tuple[str, ...]]] = {}
  for program, *words in commands:
    folder_flag = (
      '--train_dir' if program.endswith('_train') else '--output_dir'
    )
    heeded = set()
    folder = ''
    for word in words:
      flag, _, value = word.partition('=')
      if flag == folder_flag:
        folder = value.rstrip('/')
      elif flag not in _NOT_DRAWN:
        heeded.add(word)
    if folder:
      found.setdefault(folder, set()).add((program, *sorted(heeded)))
  wrong = []
  for folder, each in found.items():
    if len(each) > 1:
      sharing = ' | '.join(' '.join(words) for words in sorted(each))
      wrong.append(f'{folder} is shared by {sharing}')
    inside = [other for other in found if other.startswith(f'{folder}/')]
    wrong += [f'{other} is inside of {folder}' for other in inside]
  return wrong


def _texts() -> List[Path]:
  """Lists README.md and, after it, the other texts."""
  readme = _ROOT / 'README.md'
  others = {*_ROOT.glob('*.md'), *(_ROOT / 'docs').rglob('*.md')} - {readme}
  return [readme, *sorted(others)]


class ReadmeTest(parameterized.TestCase):
  def test_commands_parse(self) -> None:
    readme = commands_in((_ROOT / 'README.md').read_text(encoding='utf-8'))
    self.assertNotEmpty(readme, 'README.md shows no command')
    docs = [
      command
      for path in _texts()[1:]
      for command in commands_in(path.read_text(encoding='utf-8'))
    ]
    self.assertEqual(wrong_commands(readme + docs), '')

  def test_files_are_there(self) -> None:
    named = 0
    for text in _texts():
      for path in paths_in(text.read_text(encoding='utf-8')):
        named += 1
        places = (text.parent, _ROOT, _ROOT / 'magenta_viz')
        found = [file for place in places for file in place.glob(path)]
        # A bare name is that of a file in a room that was named before it.
        if '/' not in path.rstrip('/'):
          found.extend((_ROOT / 'magenta_viz').rglob(path))
        self.assertNotEmpty(found, f'{text.name} names {path}')
    self.assertGreater(named, 100)

  def test_every_command_has_a_folder_of_its_own(self) -> None:
    commands = []
    places: Dict[str, str] = {}
    for text in _texts():
      content = text.read_text(encoding='utf-8')
      commands += commands_in(content)
      # Of Python, a folder is of one call, and no command's.
      for kind, block in _BLOCK.findall(content):
        for place in re.findall(r"output_dir='(.+?)'", block):
          self.assertEqual(kind, 'python')
          self.assertNotIn(place, places, f'{text.name} and {places}')
          places[place] = text.name
    self.assertEqual(shared_folders(commands), [])
    written = {
      word.partition('=')[2] for words in commands for word in words[1:]
    }
    self.assertNoCommonElements(written, places)
    # What .ci/run looks for, and what the first command makes.
    first = commands[0]
    self.assertEqual(first[1:], ['--class_id=281', '--output_dir=pictures'])

  def test_every_picture_is_shown_and_has_its_command(self) -> None:
    docs = _ROOT / 'docs'
    shown = {
      (text.parent / path).resolve()
      for text in _texts()
      for path in _PICTURE.findall(text.read_text(encoding='utf-8'))
    }
    there = {path for path in (docs / 'gallery').rglob('*') if path.is_file()}
    self.assertGreater(len(there), 40)
    self.assertEmpty(there - shown)
    gallery = (docs / 'gallery.md').read_text(encoding='utf-8')
    _, *parts = _PICTURE.split(gallery)
    self.assertGreater(len(parts) // 2, 40)
    for path, below in zip(parts[::2], parts[1::2]):
      self.assertNotEmpty(commands_in(below), f'{path} has no command')

  def test_old_modules_are_in_the_changelog(self) -> None:
    text = (_ROOT / 'CHANGELOG.md').read_text(encoding='utf-8')
    rooms = {k: f'{k}.{v[0]}' for k, v in deprecation.ROOMS.items()}
    for names in {**deprecation.MODULES, **rooms}.items():
      old, new = (name.replace('magenta_viz.', '', 1) for name in names)
      self.assertIn(f'| `{old}` | `{new}` |', text)
    self.assertIn(f'## [{version.__version__}] - ', text)

  def test_hooks_of_a_commit_are_checks_of_ci(self) -> None:
    hooks = (_ROOT / '.pre-commit-config.yaml').read_text(encoding='utf-8')
    run = (_ROOT / '.ci' / 'run').read_text(encoding='utf-8')
    lint = run.partition('lint_and_types() {')[2].partition('\n}')[0]
    checks = re.findall(r'\.venv/bin/((?:ruff|vermin|mypy).*)', lint)
    self.assertNotEmpty(checks)
    for check in checks:
      # pre-commit names the files itself.
      self.assertIn(f'entry: {check.rstrip(" .")}\n', hooks)

  @parameterized.parameters(*site_pages.programs())
  def test_help_tells_each_range_once(self, program: str) -> None:
    page = site_pages.flags_page(program)
    entries = page.split('\n:   ')[1:]
    self.assertNotEmpty(entries)
    for entry in entries:
      text = entry.partition('\n')[0]
      ranges = re.findall(r'\d[\d.e-]* to \d', text)
      self.assertLess(len(ranges), 2, text)

  @parameterized.parameters(*site_pages.programs())
  def test_examples_of_help(self, program: str) -> None:
    module = importlib.import_module(f'magenta_viz.{program}')
    commands = [[program, *shlex.split(each)] for each in module.EXAMPLES]
    self.assertNotEmpty(commands)
    self.assertEqual(wrong_commands(commands), '')
    self.assertEqual(shared_folders(commands), [])

  def test_data_sets_are_known(self) -> None:
    commands = [shlex.split(each) for each in train_program.EXAMPLES]
    for text in _texts():
      commands += commands_in(text.read_text(encoding='utf-8'))
    named = {
      word.partition('=')[2]
      for words in commands
      for word in words
      if word.startswith('--dataset=')
    }
    known = {datasets.IMAGE_FOLDER, *tfds.list_builders()}
    self.assertGreaterEqual(len(named), 3)
    self.assertContainsSubset(named, known)

  def test_sees_what_is_wrong(self) -> None:
    program = 'image_visualization_visualize'
    wrong = wrong_commands(
      [
        [program, '--class_id=281', '--output_dir', 'pictures', '--help'],
        [program, '--no_such_flag=1'],
        [program, '--num_steps=many'],
        [program, 'cat'],
      ]
    ).splitlines()
    self.assertLen(wrong, 3)
    self.assertIn('no_such_flag', wrong[0])
    self.assertIn('many', wrong[1])
    self.assertIn('not a flag: cat', wrong[2])
    with self.assertRaisesRegex(ValueError, 'image_visualization_nothing'):
      wrong_commands([['image_visualization_nothing']])

  def test_blocks_that_ci_runs(self) -> None:
    text = (_ROOT / 'README.md').read_text(encoding='utf-8')
    for marker in ('picture', 'test', 'magenta'):
      self.assertRegex(text, f'(?m)^<!-- ci: {marker} -->\n```bash\n.+\n```$')


class PathsInTest(absltest.TestCase):
  def test_finds_paths(self) -> None:
    text = """
[one](docs/one.md#part), [two](https://two.org), ![three](gallery/three.png),
`four/`, `five/six.py`, `image_*.py`, `X_test.py`, `seven`, `eight.nine`,
`ten/eleven`, `--output_dir=twelve.py`.
"""
    self.assertEqual(
      paths_in(text),
      [
        'docs/one.md',
        'gallery/three.png',
        'four/',
        'five/six.py',
        'image_*.py',
      ],
    )


class CommandsInTest(absltest.TestCase):
  def test_finds_commands(self) -> None:
    text = """
Say `image_visualization_prose --no` or:

```bash
# image_visualization_comment --no
a && .venv/bin/image_visualization_one --class_id=1 \\
    --output_dir "my pictures" && echo yes
$ SEED=1 image_visualization_two --seed=1 | grep x  # as image_visualization_no
python -m magenta_viz.image_visualization_three; image_visualization_four>out
```

1. In a list:

   ```
   image_visualization_five
   ```

```python
from magenta_viz import image_visualization_six
```

```
image_visualization_seven
```
"""
    self.assertEqual(
      commands_in(text),
      [
        [
          'image_visualization_one',
          '--class_id=1',
          '--output_dir',
          'my pictures',
        ],
        ['image_visualization_two', '--seed=1'],
        ['image_visualization_three'],
        ['image_visualization_four'],
        ['image_visualization_five'],
        ['image_visualization_seven'],
      ],
    )


class SharedFoldersTest(absltest.TestCase):
  def test_finds_them(self) -> None:
    one = ['image_visualization_one', '--class_id=1', '--output_dir=a']
    again = [*one, '--log_dir=logs']
    turned = [one[0], '--output_dir=a/', '--class_id=1']
    self.assertEmpty(shared_folders([one, again, turned, ['x', '--seed=1']]))
    other = [*one, '--seed=1']
    train = ['image_visualization_train', '--train_dir=a/b']
    self.assertEqual(
      shared_folders([one, other, train]),
      [
        'a is shared by image_visualization_one --class_id=1 |'
        ' image_visualization_one --class_id=1 --seed=1',
        'a/b is inside of a',
      ],
    )


if __name__ == '__main__':
  absltest.main()
