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

"""Tests of module_imports."""

from pathlib import Path
import textwrap
from typing import Dict, List, Mapping

from absl.testing import absltest

from tools import module_imports

_ROOM = ('__init__', 'bed', 'lamp', 'table')


class ModuleImportsTest(absltest.TestCase):
  def _read(
    self, files: Mapping[str, str]
  ) -> Mapping[str, module_imports.Module]:
    root = self.create_tempdir()
    for path, source in files.items():
      root.create_file(path, textwrap.dedent(source))
    return module_imports.read_modules(Path(root.full_path), ('house',))

  def _names(self, source: str) -> Dict[str, bool]:
    modules = self._read(
      {
        'house/__init__.py': '',
        **{f'house/room/{name}.py': '' for name in _ROOM},
        'house/door.py': source,
      }
    )
    return {
      each.name: each.at_import_time for each in modules['house.door'].imports
    }

  def test_every_form_of_import(self) -> None:
    names = self._names(
      """
        import os.path, numpy as np
        # The module is what a name is taken from.
        from house.room.table import Leg
        from absl import flags
        # Plain data may name a module and what is in it.
        FUNCTION = 'house.room.lamp:build'
        OTHER = 'no.module:here', 'house.room.bed', b'house.room.bed:x', 1
        try:
          from google.protobuf import descriptor_pb2
        except ImportError:
          pass
        if TYPE_CHECKING:
          import mypy
        if not TYPE_CHECKING:
          import numbers
        class Door:
          import json
          def open(self):
            if self:
              from house import room as hall
              import tensorflow as tf
          async def close(self):
            import scipy
        """
    )
    self.assertEqual(
      names,
      {
        'os.path': True,
        'numpy': True,
        'house.room.table': True,
        'absl.flags': True,
        'house.room.lamp': False,
        'google.protobuf.descriptor_pb2': True,
        'mypy': False,
        'numbers': True,
        'json': True,
        'house.room': False,
        'tensorflow': False,
        'scipy': False,
      },
    )

  def test_refuses_relative_import(self) -> None:
    for source in ('from . import room', 'from .room import table'):
      with self.subTest(source):
        with self.assertRaisesRegex(SyntaxError, 'line 1; write the full name'):
          self._names(source)

  def test_refuses_missing_package(self) -> None:
    with self.assertRaisesRegex(FileNotFoundError, "'house'"):
      module_imports.read_modules(
        Path(self.create_tempdir().full_path), ('house',)
      )

  def test_tells_third_party_from_python(self) -> None:
    modules = self._read(
      {
        'house/__init__.py': '',
        'house/door.py': """
            import _heapq, math, os, sys, unittest.mock, xml.dom
            import absl.app, google.protobuf.message, nobody_has_this, numpy
            import house
        """,
      }
    )
    packages: List[str] = [
      each.package
      for each in modules['house.door'].imports
      if each.is_third_party
    ]
    self.assertEqual(
      packages, ['absl', 'google.protobuf', 'nobody_has_this', 'numpy']
    )

  def test_tells_tests_and_their_support(self) -> None:
    names = ('door', 'door_test', 'testing.lamp', 'testing.lamp_test')
    modules = self._read(
      {f'house/{name.replace(".", "/")}.py': '' for name in names}
    )
    found = [modules[f'house.{name}'] for name in names]
    self.assertEqual([each.is_test for each in found], [False, True] * 2)
    self.assertEqual(
      [each.is_for_tests for each in found], [False, *[True] * 3]
    )

  def test_import_chain(self) -> None:
    modules = self._read(
      {
        'house/__init__.py': '',
        'house/room/__init__.py': 'import scipy',
        'house/room/lamp.py': 'from house import door',
        'house/door.py': 'from house.room import lamp\nfrom house import hall',
        'house/hall.py': 'import numpy\ndef f():\n  import tensorflow',
      }
    )

    def chain(start: str, package: str) -> object:
      return module_imports.import_chain(modules, start, {package})

    self.assertEqual(
      chain('house.room.lamp', 'numpy'),
      ('house.room.lamp', 'house.door', 'house.hall', 'numpy'),
    )
    with self.subTest('through the __init__ of a package'):
      self.assertEqual(
        chain('house.room.lamp', 'scipy'),
        ('house.room.lamp', 'house.room', 'scipy'),
      )
    with self.subTest('only inside a function'):
      self.assertIsNone(chain('house.room.lamp', 'tensorflow'))


if __name__ == '__main__':
  absltest.main()
