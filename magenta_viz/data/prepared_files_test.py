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

"""Tests for prepared_files, with sets that would have TFDS run code."""

import contextlib
import json
import os
from pathlib import Path
import re
import shutil
import sys
import tempfile
from typing import Any, Dict
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import tensorflow_datasets as tfds

from magenta_viz.data import datasets
from magenta_viz.data import prepared_files
from magenta_viz.testing import data_files
from magenta_viz.testing import folder_case
from magenta_viz.testing import mutations
from magenta_viz.testing import prepared_sets

_FEATURES = 'tensorflow_datasets.core.features'
_EVIL = 'evil_features.Evil'


class TinyFinches(prepared_sets.Owls):
  """Pictures of two classes."""

  DESCRIPTION = '[Finches, {and others}].'

  def features(self) -> Dict[str, Any]:
    boxes = tfds.features.Sequence({'type': tfds.features.Text()})
    features = {**super().features(), 'boxes': boxes}
    del features['mask']
    return features

  def example(self, index: int) -> Dict[str, Any]:
    example = {**super().example(index), 'boxes': {'type': ['a.b']}}
    del example['mask']
    return example


class StrangersTest(folder_case.FolderCase):
  prepared: Path

  @classmethod
  def setUpClass(cls) -> None:
    super().setUpClass()
    contexts = contextlib.ExitStack()
    cls.addClassCleanup(contexts.close)
    contexts.enter_context(prepared_sets.offline())
    cls.prepared = Path(contexts.enter_context(tempfile.TemporaryDirectory()))
    datasets.open_dataset('tiny_finches', str(cls.prepared))

  def setUp(self) -> None:
    super().setUp()
    self.data_dir = self.folder
    # As a stranger gives it: TFDS has no code of that name.
    self.version = self.data_dir / 'finches_of_a_stranger' / '1.2.0'
    shutil.copytree(self.prepared / 'tiny_finches' / '1.2.0', self.version)
    for path in self.version.glob('tiny_finches*'):
      path.rename(
        path.with_name(
          path.name.replace('tiny_finches', self.version.parts[-2])
        )
      )
    self.change(
      'dataset_info.json', lambda info: info.update(name=self.version.parts[-2])
    )
    # A module that anybody may have; it tells that it ran.
    self.trace = self.data_dir / 'trace'
    modules = self.create_tempdir()
    modules.create_file(
      'evil_features.py', f'open({str(self.trace)!r}, "w").close()'
    )
    self.enter_context(
      mock.patch.object(sys, 'path', [modules.full_path, *sys.path])
    )
    self.enter_context(mock.patch.dict(sys.modules))

  def change(self, name: str, edit: Any) -> None:
    path = self.version / name
    value = json.loads(path.read_text())
    edit(value)
    path.write_text(json.dumps(value))

  def open(self, name: str = 'finches_of_a_stranger') -> Any:
    return datasets.open_dataset(name, str(self.data_dir))

  def assert_refused(self, message: str) -> None:
    self.refuses(message, self.open)
    self.assertFalse(self.trace.exists())

  def test_reads_a_set_without_code(self) -> None:
    finches = self.open()
    self.assertEqual(finches.class_names, ('owlet', 'owl'))
    read = data_files.read(finches.examples('eval', 0, 0))
    self.assertCountEqual([label for _, label, _ in read], [0, 0, 1, 1])

  def test_tfds_would_run_it(self) -> None:
    self.change('features.json', lambda top: top.update(pythonClassName=_EVIL))
    with mock.patch.object(prepared_files, 'check'):
      with self.assertRaises(ValueError):
        self.open()
    self.assertTrue(self.trace.exists())

  @parameterized.parameters(
    {'pythonClassName': _EVIL},
    {'python_class_name': _EVIL},
    {'pythonClassName': f'{_FEATURES}_of_mine.Evil'},
    {'pythonClassName': 'tensorflow_datasets.scripts.cli.main.Evil'},
    {'type': _EVIL, 'content': {}},
    {
      'type': f'{_FEATURES}.features_dict.FeaturesDict',
      'content': {'image': {'type': _EVIL, 'content': {}}},
    },
    {
      'type': f'{_FEATURES}.features_dict.FeaturesDict',
      'proto_cls': 'tensorflow_datasets.FeaturesDict',
      'content': json.dumps({'features': {'a': {'pythonClassName': _EVIL}}}),
    },
    {
      'pythonClassName': f'{_FEATURES}.features_dict.FeaturesDict',
      # What Python reads, and the standard does not.
      'jsonFeature': {
        'json': '{"a": NaN, "b": {"type": "evil_features.Evil"}}',
      },
    },
  )
  def test_refuses_features_of_other_modules(self, **features: Any) -> None:
    path = self.version / 'features.json'
    path.write_text(json.dumps(features))
    self.assert_refused(
      f"'{path}' has '.*' as (type|python.*), which is not of tensorflow_data"
    )

  def test_refuses_another_module_wherever_it_stands(self) -> None:
    path = self.version / 'features.json'
    whole = path.read_text()
    classes = list(re.finditer(rf'"{_FEATURES}[.\w]+"', whole))
    # The dictionary, the sequence of another one, and what they hold.
    self.assertLen(classes, 6)
    for found in classes:
      path.write_text(
        f'{whole[: found.start()]}"{_EVIL}"{whole[found.end() :]}'
      )
      self.assert_refused(f"'{path}' has '{_EVIL}' as pythonClassName")

  def test_a_line_break_in_the_path_hides_nothing(self) -> None:
    self.change('features.json', lambda top: top.update(pythonClassName=_EVIL))
    self.data_dir = self.data_dir.rename(f'{self.data_dir}\nx')
    with self.assertRaisesRegex(ValueError, "features.json' has 'evil"):
      self.open()

  def test_mutations_are_one_sentence(self) -> None:
    num_refused = 0
    for name in ('features.json', 'dataset_info.json'):
      whole = (self.version / name).read_bytes()
      for data in mutations.all_mutated(whole, 1500):
        (self.version / name).write_bytes(data)
        try:
          prepared_files.check(str(self.version.parent))
        except ValueError as error:
          num_refused += 1
          self.assertNotIn('\n', str(error))
          self.assertLess(len(str(error)), 600)
      (self.version / name).write_bytes(whole)
    self.assertBetween(num_refused, 1000, 2990)

  @parameterized.parameters(
    # Features in the description.
    (
      {'features': {'label': {'pythonClassName': _EVIL}}},
      f"'{_EVIL}' as python",
    ),
    # Files elsewhere.
    (
      {
        'type': f'{_FEATURES}.class_label_feature.ClassLabel',
        'content': {'names_file': '/etc/passwd'},
      },
      "'/etc/passwd' as names_file",
    ),
    # What fills the memory.
    (
      {'splits': [{'filepathTemplate': '{DATASET:>99999999999}'}]},
      'as filepathTemplate',
    ),
  )
  def test_refuses_descriptions(self, more: Any, message: str) -> None:
    self.change('dataset_info.json', lambda info: info.update(more))
    self.assert_refused(
      f"dataset_info.json' has .*{message}.*, which is not of tensorflow_data"
    )

  @parameterized.parameters('../elsewhere', '/elsewhere', '..', 'a/b')
  def test_refuses_configurations_elsewhere(self, name: str) -> None:
    path = self.version.parent / '.config' / 'metadata.json'
    path.parent.mkdir()
    path.write_text(json.dumps({'default_config_name': name}))
    self.assert_refused(f"/.config/metadata.json' has '{name}' as default_conf")

  @parameterized.parameters(
    ('features.json', b'', 'cannot read .*features.json'),
    ('features.json', b'[' * 100000, 'cannot read .*it is nested too deeply'),
    ('features.json', b'\xff\xfe{', 'cannot read .*features.json'),
    ('features.json', b'[]', 'cannot open dataset'),
    ('features.json', b'{}', 'cannot open dataset'),
    ('dataset_info.json', b'{"name": 3}', 'cannot open dataset'),
    ('dataset_info.json', b'{"splits": 1e999}', 'too large for a number'),
  )
  def test_refuses_damaged_files(
    self, name: str, data: bytes, message: str
  ) -> None:
    (self.version / name).write_bytes(data)
    self.assert_refused(message)

  def test_refuses_what_is_no_plain_file(self) -> None:
    path = self.version / 'label.labels.txt'
    path.unlink()
    os.mkfifo(path)
    self.assert_refused(f"'{path}' of a data set is no plain file; put the set")

  @parameterized.parameters(
    *(
      (name, f"dataset '{name}' is of '.*', whose code would be fetched and")
      for name in ('huggingface:mnist', 'kaggle:owls', 'x:y:1.0.0')
    ),
    ('finches_of_a_stranger/..:1.2.0', 'names no configuration; leave it'),
  )
  def test_refuses_code_from_elsewhere(self, name: str, message: str) -> None:
    self.refuses(message, self.open, name)


if __name__ == '__main__':
  absltest.main()
