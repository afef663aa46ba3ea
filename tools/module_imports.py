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

"""Reads the checkout's modules and their imports off the source.

The generator of BUILD and the tests of the house's rules share this reading.
Nothing is imported, so a module that cannot be imported is seen as well.
"""

import ast
import dataclasses
import functools
import importlib.util
from pathlib import Path
import re
import sysconfig
from typing import AbstractSet, Iterator, List, Mapping, Optional, Tuple, Union

ROOT = Path(__file__).resolve().parents[1]

# The folders of the checkout that hold Python packages.
PACKAGES = ('magenta_viz', 'tools')

# Names that several installed packages share as their first part.
_NAMESPACES = ('google',)

# The condition of imports that are for type checkers alone.
_FOR_TYPES = ast.dump(ast.parse('TYPE_CHECKING', mode='eval').body)

# Plain data names code so, to be imported when it is wanted.
_LATE_IMPORT = re.compile(r'([a-z_]\w*(?:\.\w+)+):\w+')


@dataclasses.dataclass(frozen=True)
class Import:
  """What one import statement brings in.

  Attributes:
    name: Dotted name. Of the checkout's own modules the module itself, also
      where a name is taken from it; otherwise as the statement has it.
    line: Line of the statement, from 1.
    at_import_time: False if it runs later or never: inside a function, where
      plain data names it as 'module:function', or for types alone.
    is_in_house: Whether the module is the checkout's own.
  """

  name: str
  line: int
  at_import_time: bool
  is_in_house: bool

  @property
  def package(self) -> str:
    """The installed package that holds it: `absl`, not `absl.app`."""
    parts = self.name.split('.')
    return '.'.join(parts[: 2 if parts[0] in _NAMESPACES else 1])

  @property
  def is_third_party(self) -> bool:
    """Whether it is neither the checkout's nor Python's own."""
    return not self.is_in_house and not _is_standard(self.package)


@dataclasses.dataclass(frozen=True)
class Module:
  """A Python file of the checkout.

  Attributes:
    name: Dotted name; of an `__init__.py` that of its package.
    path: The file, relative to the checkout.
    source: Its text.
    imports: Every import in it, in the order of the lines.
  """

  name: str
  path: Path
  source: str
  imports: Tuple[Import, ...]

  @property
  def is_test(self) -> bool:
    """Whether pytest collects it."""
    return self.name.endswith('_test')

  @property
  def is_for_tests(self) -> bool:
    """Whether only tests need it: a test, or what tests share."""
    return self.is_test or self.path.parent.name == 'testing'

  @property
  def has_code(self) -> bool:
    """Whether it is more than comments, as most `__init__.py` are not."""
    return bool(ast.parse(self.source).body)


def read_modules(
  root: Path = ROOT, packages: Tuple[str, ...] = PACKAGES
) -> Mapping[str, Module]:
  """Reads every module of the packages.

  Args:
    root: The checkout.
    packages: Folders in it that hold Python packages.

  Returns:
    The modules by name, in the order of the names.

  Raises:
    FileNotFoundError: If a package is not there.
    SyntaxError: If a module is not Python, or has a relative import.
  """
  paths = {}
  for package in packages:
    if not (root / package).is_dir():
      raise FileNotFoundError(f"no package '{package}' in {root}")
    for path in (root / package).rglob('*.py'):
      relative = path.relative_to(root)
      parts = relative.with_suffix('').parts
      name = '.'.join(parts[:-1] if parts[-1] == '__init__' else parts)
      paths[name] = relative
  modules = {}
  for name, path in sorted(paths.items()):
    source = (root / path).read_text(encoding='utf-8')
    tree = ast.parse(source, str(path))
    imports = tuple(_read_imports(tree, paths.keys()))
    modules[name] = Module(name, path, source, imports)
  return modules


def import_chain(
  modules: Mapping[str, Module], start: str, packages: AbstractSet[str]
) -> Optional[Tuple[str, ...]]:
  """Finds how the import of a module brings in another package, however far.

  Args:
    modules: The checkout's modules.
    start: Name of the module that is imported.
    packages: The packages to look for.

  Returns:
    The shortest chain of names, from `start` to the package, or None if the
    import brings in none of them.
  """
  chains: List[Tuple[str, ...]] = [(start,)]
  for chain in chains:
    module = modules[chain[-1]]
    # Python runs the `__init__.py` of every package above a module first.
    reached = [name for name in modules if module.name.startswith(f'{name}.')]
    for imported in module.imports:
      if imported.at_import_time and imported.package in packages:
        return (*chain, imported.package)
      if imported.at_import_time and imported.is_in_house:
        reached.append(imported.name)
    seen = {names[-1] for names in chains}
    chains.extend((*chain, name) for name in reached if name not in seen)
  return None


def _read_imports(
  node: ast.AST, in_house: AbstractSet[str], at_import_time: bool = True
) -> Iterator[Import]:
  """Yields the imports below a node of the syntax tree, in their order."""
  if isinstance(node, (ast.Import, ast.ImportFrom, ast.Constant)):
    runs_now = at_import_time and not isinstance(node, ast.Constant)
    for name in _imported_names(node, in_house):
      yield Import(name, node.lineno, runs_now, name in in_house)
  if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
    at_import_time = False
  if isinstance(node, ast.If) and ast.dump(node.test) == _FOR_TYPES:
    at_import_time = False
  for child in ast.iter_child_nodes(node):
    yield from _read_imports(child, in_house, at_import_time)


def _imported_names(
  node: Union[ast.Import, ast.ImportFrom, ast.Constant],
  in_house: AbstractSet[str],
) -> List[str]:
  """Lists the modules that one node of the syntax tree brings in."""
  if isinstance(node, ast.Constant):
    match = _LATE_IMPORT.fullmatch(str(node.value))
    return [match.group(1)] if match and match.group(1) in in_house else []
  if isinstance(node, ast.Import):
    return [alias.name for alias in node.names]
  if node.level or node.module is None:
    raise SyntaxError(
      f'relative import in line {node.lineno}; write the full name'
    )
  # Python does not say whether `from a import b` takes a module or a name out
  # of a module; the files do.
  names = []
  for alias in node.names:
    name = f'{node.module}.{alias.name}'
    is_name = name not in in_house and node.module in in_house
    names.append(node.module if is_name else name)
  return names


@functools.lru_cache(maxsize=None)
def _is_standard(package: str) -> bool:
  """Tells whether a package comes with Python."""
  spec = importlib.util.find_spec(package.split('.')[0])
  if spec is None or spec.origin is None:
    return False
  if spec.origin in ('built-in', 'frozen'):
    return True
  standard = Path(sysconfig.get_path('stdlib')).resolve()
  inside = Path(spec.origin).resolve()
  return standard in inside.parents and 'site-packages' not in inside.parts
