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

The guide is docs/, the start README.md; each module of the package has a page
of what is public in it, and each program one of its flags. Links between files
of the checkout become links between pages.
"""

import html
import json
from pathlib import Path
import re
import shutil
import subprocess
import sys
from typing import Any, Dict, Iterator, List, Tuple

from tools import module_imports

_ROOT = Path(__file__).resolve().parents[1]
_PACKAGE = _ROOT / 'magenta_viz'

# Pages of docs/ in the order in which they are read; the others come after.
_GUIDE = (
  ('coming_from.md', 'Coming from another tool'),
  ('recipe.md', 'The recipe'),
  ('presets.md', 'Presets'),
  ('own_networks.md', 'Own networks'),
  ('training.md', 'Training'),
  ('saliency.md', 'Saliency'),
  ('toolbox.md', 'The toolbox'),
  ('atlas.md', 'A whole network'),
  ('remote.md', 'Folders elsewhere'),
  ('performance.md', 'Speed and memory'),
)

_WHOLE = {
  'README.md': ('index.md', 'Start'),
  'CHANGELOG.md': ('changelog.md', 'Changes'),
  'CONTRIBUTING.md': ('contributing.md', 'Working on it'),
}

_LINK = re.compile(r'(?<=\]\()(?!https?:|#|mailto:)([^)#\s]+)')


def modules() -> List[str]:
  """Returns the dotted names of the package's modules, tests left out."""
  return sorted(
    name
    for name, module in module_imports.read_modules().items()
    if name.startswith('magenta_viz.')
    and not module.is_for_tests
    and module.path.name != '__init__.py'
  )


def programs() -> List[str]:
  """Returns the names of the programs."""
  paths = sorted(_PACKAGE.glob('image_visualization_*.py'))
  return [path.stem for path in paths if not path.stem.endswith('_test')]


def module_page(name: str) -> str:
  """Returns the path of a module's page."""
  return f'api/{name.partition(".")[2].replace(".", "/")}.md'


def linked(text: str, page: str) -> str:
  """Returns a file of the checkout's top with links between pages.

  Args:
    text: Its Markdown.
    page: Path of the page that it becomes.

  Raises:
    ValueError: If it links to what is on no page.
  """
  above = '../' * page.count('/')

  def target(match: 're.Match[str]') -> str:
    path = match.group(1)
    if path in _WHOLE:
      return above + _WHOLE[path][0]
    if path.startswith('docs/'):
      return above + path[len('docs/') :]
    if path in ('docs', 'docs/'):
      return f'{above}index.md'
    if path.startswith('magenta_viz/') and path.endswith('.py'):
      return above + module_page(path[: -len('.py')].replace('/', '.'))
    if (_ROOT / path).exists():
      # Code that is on no page, or a folder of it.
      return f'{above}api/index.md'
    raise ValueError(f"{page} links to '{path}', which there is not; mend it")

  return _LINK.sub(target, text)


def pages() -> Iterator[Tuple[str, str]]:
  """Yields the path and the Markdown of each page."""
  for source, (page, _) in _WHOLE.items():
    text = (_ROOT / source).read_text(encoding='utf-8')
    yield page, linked(text, page)
  names = modules()
  for name in names:
    title = name.partition('.')[2]
    yield module_page(name), f'# {title}\n\n::: {name}\n'
  yield 'api/index.md', _index(names)
  for program in programs():
    yield f'flags/{program}.md', flags_page(program)


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
      words = re.sub(r'<[^>]*>', lambda m: m.group().replace(' ', ''), words)
      name, colon, text = words.partition(': ')
      if colon and name.startswith('--'):
        lines += [f'`{name}`', f':   {_escaped(text)}', '']
  return '\n'.join(lines) + '\n'


def _escaped(text: str) -> str:
  """Returns text that Markdown and HTML leave as it is."""
  return re.sub(r'([*_\[\]`|])', r'\\\1', html.escape(text, quote=False))


def _first_line(name: str) -> str:
  """Returns the first line of a module's docstring."""
  path = _ROOT / (name.replace('.', '/') + '.py')
  match = re.search(r'^"""(.*?)(?:"""|$)', path.read_text('utf-8'), re.M)
  return '' if match is None else match.group(1)


def _index(names: List[str]) -> str:
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


def _rooms(names: List[str]) -> Dict[str, List[str]]:
  """Returns the modules of each folder."""
  rooms: Dict[str, List[str]] = {}
  for name in names:
    folder = name.rpartition('.')[0].partition('.')[2]
    rooms.setdefault(folder or 'verbs and programs', []).append(name)
  return rooms


def navigation() -> List[Any]:
  """Returns the order of all pages, as the site's settings have it.

  Raises:
    ValueError: If a page of docs/ has no place.
  """
  known = {page for page, _ in _GUIDE}
  for path in sorted((_ROOT / 'docs').glob('*.md')):
    if path.name not in known:
      raise ValueError(f'docs/{path.name} has no place; enter it in _GUIDE')
  rooms = [
    {room: [{name.rpartition('.')[2]: module_page(name)} for name in inside]}
    for room, inside in _rooms(modules()).items()
  ]
  (start, title), *others = _WHOLE.values()
  return [
    {title: start},
    {'Guide': [{title: page} for page, title in _GUIDE]},
    {'Flags': [{name: f'flags/{name}.md'} for name in programs()]},
    {'API': [{'All modules': 'api/index.md'}, *rooms]},
    *({title: page} for page, title in others),
  ]


def write(folder: Path) -> None:
  """Writes all pages and the settings, which JSON is, as all YAML may be.

  Args:
    folder: Where to; replaced if it is there.
  """
  shutil.rmtree(folder, ignore_errors=True)
  shutil.copytree(_ROOT / 'docs', folder / 'docs')
  for page, text in pages():
    path = folder / 'docs' / page
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding='utf-8')
  settings = (_ROOT / 'docs' / 'site.yml').read_text(encoding='utf-8')
  written = f'{settings}\nnav: {json.dumps(navigation())}\n'
  (folder / 'mkdocs.yml').write_text(written, encoding='utf-8')


def main() -> None:
  """Writes them to the folder that the command names."""
  write(Path(sys.argv[1]))


if __name__ == '__main__':
  main()
