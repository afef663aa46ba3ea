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

"""Writes BUILD from the checkout's real imports.

Run it after adding, moving or removing a module, or an import in one:

  python -m tools.write_build
"""

import collections
from typing import List, Mapping, Sequence, Tuple

from tools import layers
from tools import module_imports

_HEADER = """
# Description:
#   Pictures of what an ImageNet network has learned, by gradient ascent.
#
# Written by tools/write_build.py from the real imports, lowest floor first.
# "# numpy dep" stands for a package that is installed, not built.

load("@rules_python//python:defs.bzl", "py_binary", "py_library", "py_test")

package(default_visibility = ["//visibility:private"])

licenses(["notice"])

filegroup(
    name = "imagenet_classes",
    srcs = ["imagenet_classes.txt"],
)

filegroup(
    name = "page_templates",
    srcs = glob(["magenta_viz/*/templates/*"]),
)

filegroup(
    name = "toolbox_page",
    srcs = glob(["magenta_viz/toolbox/page/*"]),
)

filegroup(
    name = "testdata",
    srcs = glob(["testdata/**"]),
)

# What the tests of the checkout itself read.
filegroup(
    name = "checkout",
    srcs = glob(
        ["**"],
        exclude = [
            "**/.*/**",
            "_build/**",
        ],
    ),
)
"""

_FILEGROUPS = (
  'imagenet_classes',
  'page_templates',
  'toolbox_page',
  'testdata',
  'checkout',
)

_BANNERS = {
  'package': 'What every floor may import.',
  'files': 'Files of all kinds, and what to make of those of strangers.',
  'process': 'The process: its terminal, its signals, its TensorFlow.',
  'settings': 'What configurations are made of.',
  'media': 'Files: pictures, contact sheets, records.',
  'models': 'Networks and their weights.',
  'ascent': 'Gradient ascent on pictures.',
  'attribution': 'What in a picture a network answers to.',
  'data': 'Datasets and preprocessing.',
  'training': 'Training of networks.',
  'evaluation': 'How good pictures are.',
  'visualization': 'One run of drawing.',
  'toolbox': 'What a network sees, live.',
  'verbs': 'One run of each kind: the Python API.',
  'programs': 'The commands.',
  'testing': 'What several tests share.',
  'tools': 'What keeps the checkout true to its own rules.',
}


def build_file(modules: Mapping[str, module_imports.Module]) -> str:
  """Returns the text of BUILD.

  Args:
    modules: The checkout's modules, by name.
  """
  names = target_names(modules)
  licence = modules['tools'].source.rstrip('\n')
  parts = [licence + '\n' + _HEADER]
  room = ''
  for module in sorted(modules.values(), key=lambda each: _order(each.name)):
    # Mostly an `__init__.py` is empty, and Bazel makes its own.
    if not module.has_code:
      continue
    if room != layers.room_of(module.name):
      room = layers.room_of(module.name)
      parts.append(f'\n# {_BANNERS[room]}\n' if room in _BANNERS else '')
    parts.append('\n' + _target(modules, module, names))
  return ''.join(parts)


def target_names(
  modules: Mapping[str, module_imports.Module],
) -> Mapping[str, str]:
  """Names the modules' targets.

  Args:
    modules: The checkout's modules, by name.

  Returns:
    Name of the module to name of the target: the file's, with its folder's
    before it if another target has that name.
  """
  stems = {name: name.split('.')[-1] for name in modules}
  counts = collections.Counter(
    stem for name, stem in stems.items() if modules[name].has_code
  )
  counts.update(_FILEGROUPS)
  return {
    name: stem if counts[stem] == 1 else '_'.join(name.split('.')[-2:])
    for name, stem in stems.items()
  }


def _order(name: str) -> Tuple[int, int, str]:
  """Sorts modules by floor, then by room, then by name."""
  floor = layers.floor_of(name)
  return floor, layers.FLOORS[floor].index(layers.room_of(name)), name


def _target(
  modules: Mapping[str, module_imports.Module],
  module: module_imports.Module,
  names: Mapping[str, str],
) -> str:
  """Returns the text of one module's target."""
  path = module.path.as_posix()
  rule = 'py_library'
  if module.is_test:
    rule = 'py_test'
  elif "if __name__ == '__main__'" in module.source:
    rule = 'py_binary'
  lines = [f'name = "{names[module.name]}",']
  if rule == 'py_test':
    lines.append(f'size = "{_size(modules, module)}",')
  lines.append(f'srcs = ["{path}"],')
  lines.extend(_list('data', _data(module, rule)))
  if rule == 'py_library':
    lines.append('imports = ["."],')
  elif module.path.stem != names[module.name]:
    lines.append(f'main = "{path}",')
  if rule == 'py_binary' and layers.room_of(module.name) == 'programs':
    lines.append('visibility = ["//visibility:public"],')
  lines.extend(_list('deps', _deps(module, names)))
  return f'{rule}(\n' + ''.join(f'    {line}\n' for line in lines) + ')\n'


def _size(
  modules: Mapping[str, module_imports.Module], module: module_imports.Module
) -> str:
  """Returns Bazel's size of a test: the start of TensorFlow takes seconds."""
  slow = frozenset(('tensorflow', 'subprocess'))
  chain = module_imports.import_chain(modules, module.name, slow)
  return 'small' if chain is None else 'medium'


def _data(module: module_imports.Module, rule: str) -> List[str]:
  """Lists the files that a module reads, by the names in its source."""
  if layers.room_of(module.name) == 'tools':
    return ['":checkout",'] if rule != 'py_library' else []
  data = []
  if rule == 'py_binary' or "'imagenet_classes.txt'" in module.source:
    data.append('":imagenet_classes",')
  if "with_name('templates')" in module.source:
    data.append('":page_templates",')
  if "parent / 'page'" in module.source:
    data.append('":toolbox_page",')
  if 'testdata' in module.source:
    data.append('":testdata",')
  return data


def _deps(module: module_imports.Module, names: Mapping[str, str]) -> List[str]:
  """Lists targets, lowest floor first, then the installed packages."""
  in_house = {each.name for each in module.imports if each.is_in_house}
  installed = {each.package for each in module.imports if each.is_third_party}
  return [
    *(f'":{names[name]}",' for name in sorted(in_house, key=_order)),
    *(f'# {package} dep' for package in sorted(installed)),
  ]


def _list(attribute: str, items: Sequence[str]) -> List[str]:
  """Returns the lines of a list, or none if it is empty."""
  if not items:
    return []
  if len(items) == 1 and not items[0].startswith('#'):
    return [f'{attribute} = [{items[0].rstrip(",")}],']
  return [f'{attribute} = [', *(f'    {item}' for item in items), '],']


def main() -> None:
  """Writes BUILD."""
  text = build_file(module_imports.read_modules())
  (module_imports.ROOT / 'BUILD').write_text(text, encoding='utf-8')


if __name__ == '__main__':
  main()
