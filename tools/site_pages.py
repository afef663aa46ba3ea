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

"""Writes what the site is built of: pages and their order.

  python -m tools.site_pages build/site
  zensical build --strict -f build/site/mkdocs.yml

The guide is docs/, the start README.md, the examples the notebooks of
examples/; each module of the package has a page of what is public in it, and
each program one of its flags. Links between files of the checkout become links
between pages.
"""

import functools
import html
import json
from pathlib import Path
import posixpath
import re
import shutil
import subprocess
import sys
from typing import Any, Dict, Iterator, List, Sequence, Tuple

from tools import module_imports
from tools import notebook_pages

_ROOT = Path(__file__).resolve().parents[1]
_PACKAGE = _ROOT / 'magenta_viz'

# Pages of docs/ in the order in which they are read, by what one wants of them.
_GROUPS = {
  'Guide': {
    'drawing.md': 'Drawing',
    'films.md': 'Dreams and films',
    'presets.md': 'Presets',
    'networks.md': 'Networks and weights',
    'own_networks.md': 'Own networks',
    'training.md': 'Training',
    'saliency.md': 'Saliency',
    'evaluation.md': 'Evaluation',
    'toolbox.md': 'The toolbox',
    'atlas.md': 'A whole network',
    'python.md': 'From Python',
    'remote.md': 'Folders elsewhere',
    'magenta.md': 'Inside Magenta',
    'coming_from.md': 'Coming from another tool',
  },
  'Gallery': {'gallery.md': 'Gallery'},
  'How it works': {
    'methods.md': 'The methods',
    'recipe.md': 'The recipe',
  },
  'Measured': {
    'measured.md': 'Overview',
    'performance.md': 'Speed and memory',
  },
}

# Notebooks in the order in which they are read; others come after.
_EXAMPLES = (
  'first_pictures',
  'channels_and_layers',
  'dreams_and_films',
  'what_in_a_photograph',
  'train_and_look_inside',
)

_WHOLE = {
  'README.md': ('index.md', 'Start'),
  'CHANGELOG.md': ('changelog.md', 'Changes'),
  'CONTRIBUTING.md': ('contributing.md', 'Working on it'),
}

# Folders that have a page of what is in them.
_FOLDERS = {'docs': 'index.md', 'examples': 'examples/index.md'}

# A block of code, which has brackets of its own, or else where a link leads to.
_LINK = re.compile(
  r'^ *(`{3,}).*?^ *\1$|(?<=\]\()(?!https?:|#|mailto:)([^)#\s]+)',
  re.MULTILINE | re.DOTALL,
)


@functools.lru_cache(maxsize=None)
def modules() -> Tuple[str, ...]:
  """Returns the dotted names of the package's modules, tests left out."""
  found = module_imports.read_modules().items()
  return tuple(
    sorted(
      name
      for name, module in found
      if name.startswith('magenta_viz.')
      and not module.is_for_tests
      and module.path.name != '__init__.py'
    )
  )


def programs() -> List[str]:
  """Returns the names of the programs."""
  paths = sorted(_PACKAGE.glob('image_visualization_*.py'))
  return [path.stem for path in paths if not path.stem.endswith('_test')]


def module_page(name: str) -> str:
  """Returns the path of a module's page."""
  return f'api/{name.partition(".")[2].replace(".", "/")}.md'


def page_of(path: str) -> str:
  """Returns the path of the page or file of the site that a file becomes.

  Args:
    path: Of the file or folder, from the checkout's top.

  Raises:
    ValueError: If there is no such file.
  """
  if path in _WHOLE:
    return _WHOLE[path][0]
  if not (_ROOT / path).exists():
    raise ValueError(f"there is no '{path}' in the checkout")
  if path.startswith('docs/'):
    return path[len('docs/') :]
  if path.startswith('examples/') and path.endswith('.ipynb'):
    return path[: -len('ipynb')] + 'md'
  module = path[: -len('.py')].replace('/', '.')
  if module in modules():
    return module_page(module)
  # Code that is on no page, or a folder of it.
  return _FOLDERS.get(path, 'api/index.md')


def linked(text: str, source: str, page: str) -> str:
  """Returns the Markdown of a file with links between pages.

  Args:
    text: The Markdown.
    source: Path of its file, from the checkout's top.
    page: Path of the page that it becomes.

  Raises:
    ValueError: If it links to what is not there.
  """
  folder = posixpath.dirname(source)

  def target(match: 're.Match[str]') -> str:
    if match.group(2) is None:
      return match.group()
    path = posixpath.normpath(posixpath.join(folder, match.group(2)))
    try:
      found = page_of(path)
    except ValueError as error:
      raise ValueError(f'{source} has a dead link: {error}; mend it') from error
    return posixpath.relpath(found, posixpath.dirname(page) or '.')

  return _LINK.sub(target, text)


def notebooks() -> List[Path]:
  """Returns the notebooks of examples/, in the order in which they are read."""
  order = {name: place for place, name in enumerate(_EXAMPLES)}
  return sorted(
    (_ROOT / 'examples').glob('*.ipynb'),
    key=lambda path: (order.get(path.stem, len(order)), path.stem),
  )


def pages() -> Iterator[Tuple[str, str]]:
  """Yields the path and the Markdown of each page but the notebooks'."""
  sources = {source: page for source, (page, _) in _WHOLE.items()}
  for path in sorted((_ROOT / 'docs').rglob('*.md')):
    source = path.relative_to(_ROOT).as_posix()
    sources[source] = page_of(source)
  for source, page in sources.items():
    text = (_ROOT / source).read_text(encoding='utf-8')
    yield page, linked(text, source, page)
  names = modules()
  for name in names:
    title = name.partition('.')[2]
    yield module_page(name), f'# {title}\n\n::: {name}\n'
  yield 'api/index.md', _index(names)
  for program in programs():
    yield f'flags/{program}.md', flags_page(program)


def example_pages(paths: Sequence[Path]) -> Iterator[Tuple[str, bytes]]:
  """Yields the path and the bytes of each file that notebooks become.

  Args:
    paths: Of the notebooks.
  """
  lines = [
    '# Examples',
    '',
    'Notebooks that run from top to bottom, with what they drew.',
    '',
    '<div class="grid cards" markdown>',
    '',
  ]
  for path in paths:
    notebook = _example(path)
    link = f'({path.stem}.md)'
    first = re.search(r'^# .+\n+((?:(?!```).+\n)*)', notebook.text, re.M)
    words = ' '.join(first.group(1).split()) if first else ''
    lines += [f'-   [{notebook.title}]{link}', '', f'    {words}', '']
    picture = next(iter(notebook.files), None)
    if picture is not None:
      shown = f'![{notebook.title}]({picture})'
      lines += [f'    [{shown}]{link}', '']
    yield f'examples/{path.stem}.md', notebook.text.encode()
    yield f'examples/{path.name}', path.read_bytes()
    for name, data in notebook.files.items():
      yield f'examples/{name}', data
  if paths:
    yield 'examples/index.md', '\n'.join([*lines, '</div>', '']).encode()


def _example(path: Path) -> notebook_pages.Page:
  """Returns the page of a notebook of examples/."""
  source, page = f'examples/{path.name}', f'examples/{path.stem}.md'
  return notebook_pages.read(path, lambda text: linked(text, source, page))


def flags_page(program: str) -> str:
  """Returns the page of a program's flags, as its help has them."""
  done = subprocess.run(
    [sys.executable, '-m', f'magenta_viz.{program}', '--help'],
    cwd=_ROOT,
    capture_output=True,
    text=True,
    check=False,
  )
  head, usage, body = done.stdout.partition('\nUSAGE:')
  if not usage:
    raise RuntimeError(f'{program} shows no help: {done.stderr[-1000:]}')
  examples, _, body = body.partition('\n')[2].strip('\n').partition('\n\n')
  # The file that was run, and not what is installed.
  examples = examples.replace(f'{program}.py', program)
  commands = [line.strip() for line in examples.splitlines()]
  lines = [
    f'# {program}',
    '',
    head.strip(),
    '',
    '```bash',
    *commands,
    '```',
    '',
  ]
  for block in re.split(r'\n(?=\S)', body):
    if not block.strip() or block.startswith('Try --helpfull'):
      continue
    if not block.startswith('  '):
      title, _, block = block.partition('\n')
      if title.strip():
        lines += [f'## {title.strip().rstrip(":")}', '']
    for entry in re.split(r'\n(?=  --)', '\n' + block):
      words = ' '.join(entry.split())
      # Long lists of values are broken inside of their words.
      words = re.sub(r'<[^>]*>', _choices, words)
      name, colon, text = words.partition(': ')
      if colon and name.startswith('--'):
        lines += [f'`{name}`', f':   {_escaped(text)}', '']
  return '\n'.join(lines) + '\n'


def _choices(match: 're.Match[str]') -> str:
  """Returns a list of values whose words are whole, and may stand apart."""
  return match.group().replace(' ', '').replace('|', ' | ')


def _escaped(text: str) -> str:
  """Returns text that Markdown and HTML leave as it is, but for its code."""

  def escaped(match: 're.Match[str]') -> str:
    code, sign = match.groups()
    if code:
      return code
    return html.escape(sign) if sign in '<>&' else f'\\{sign}'

  return re.sub(r'(`[^`]+`)|([*_\[\]|<>&])', escaped, text)


def _first_line(name: str) -> str:
  """Returns the first line of a module's docstring."""
  path = _ROOT / (name.replace('.', '/') + '.py')
  match = re.search(r'^"""(.*?)(?:"""|$)', path.read_text('utf-8'), re.M)
  return '' if match is None else match.group(1)


def _index(names: Sequence[str]) -> str:
  """Returns the page that lists all modules."""
  lines = [
    '# All modules',
    '',
    'A module is in a room, its folder; [how the house is laid'
    ' out](../contributing.md).',
    '',
  ]
  for room, inside in _rooms(names).items():
    lines += [f'## {room}', '', '| module | |', '| --- | --- |']
    for name in inside:
      page = module_page(name)[len('api/') :]
      title = name.partition('.')[2]
      text = _escaped(_first_line(name))
      lines.append(f'| [{title}]({page}) | {text} |')
    lines.append('')
  return '\n'.join(lines)


def _rooms(names: Sequence[str]) -> Dict[str, List[str]]:
  """Returns the modules of each folder, those of none first."""
  rooms: Dict[str, List[str]] = {}
  for name in sorted(names, key=lambda name: name.count('.') > 1):
    folder = name.rpartition('.')[0].partition('.')[2]
    rooms.setdefault(folder or 'verbs and programs', []).append(name)
  return rooms


def navigation(examples: Sequence[Path]) -> List[Any]:
  """Returns the order of all pages, as the site's settings have it.

  Args:
    examples: Paths of the notebooks.

  Raises:
    ValueError: If a page of docs/ has no place.
  """
  known = {page for group in _GROUPS.values() for page in group}
  for path in sorted((_ROOT / 'docs').glob('*.md')):
    if path.name not in known:
      raise ValueError(f'docs/{path.name} has no place; enter it in _GROUPS')
  rooms = [
    {room: [{name.rpartition('.')[2]: module_page(name)} for name in inside]}
    for room, inside in _rooms(modules()).items()
  ]
  (start, title), *others = _WHOLE.values()
  groups = [
    {group: [{title: page} for page, title in inside.items()]}
    for group, inside in _GROUPS.items()
  ]
  if examples:
    inside = [
      {_example(path).title: f'examples/{path.stem}.md'} for path in examples
    ]
    groups.insert(1, {'Examples': [{'All': 'examples/index.md'}, *inside]})
  return [
    {title: start},
    *groups,
    {
      'Flags': [
        {name[len('image_visualization_') :]: f'flags/{name}.md'}
        for name in programs()
      ]
    },
    {'API': [{'All modules': 'api/index.md'}, *rooms]},
    {'Project': [{title: page} for page, title in others]},
  ]


def write(folder: Path) -> None:
  """Writes all pages and the settings, which JSON is, as all YAML may be.

  Args:
    folder: Where to; replaced if it is there.
  """
  shutil.rmtree(folder, ignore_errors=True)
  shutil.copytree(_ROOT / 'docs', folder / 'docs')
  examples = notebooks()
  files = [(page, text.encode()) for page, text in pages()]
  for page, data in [*files, *example_pages(examples)]:
    path = folder / 'docs' / page
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
  settings = (_ROOT / 'docs' / 'site.yml').read_text(encoding='utf-8')
  order = json.dumps(navigation(examples))
  written = f'{settings}\nnav: {order}\n'
  (folder / 'mkdocs.yml').write_text(written, encoding='utf-8')


def main() -> None:
  """Writes them to the folder that the command names."""
  write(Path(sys.argv[1]))


if __name__ == '__main__':
  main()
