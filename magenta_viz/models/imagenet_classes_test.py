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

"""Tests for imagenet_classes."""

import importlib.metadata
import importlib.util
import json
from pathlib import Path
from typing import Any, Dict, List, Set, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.models import imagenet_classes

_NAMES = imagenet_classes.load_class_names()


def _tfds_labels() -> List[str]:
  """Returns WordNet's ids of the classes, in the order of TFDS."""
  # Read as files, because importing TFDS takes seconds.
  spec = importlib.util.find_spec('tensorflow_datasets')
  assert spec is not None and spec.origin is not None
  package_dir = Path(spec.origin).parent
  # The first is where TFDS has them now, the second where it had them up to
  # the oldest version that the package admits.
  for name in (
    'datasets/imagenet2012/labels.txt',
    'image_classification/imagenet2012_labels.txt',
  ):
    if (package_dir / name).is_file():
      return (package_dir / name).read_text(encoding='utf-8').split()
  raise FileNotFoundError(f'{package_dir} has no labels of imagenet2012')


class ImagenetClassesFileTest(parameterized.TestCase):
  def test_has_the_names_of_ilsvrc_in_the_order_of_tfds(self) -> None:
    try:
      names_package = importlib.metadata.distribution('imagenet-classes')
    except importlib.metadata.PackageNotFoundError:
      self.skipTest('needs the package imagenet-classes, which is not there')

    def read(name: str) -> Any:
      # Not imported: its name is also this module's, when a test runs alone.
      path = Path(str(names_package.locate_file(f'imagenet_classes/{name}')))
      return json.loads(path.read_text(encoding='utf-8'))

    id_of_wordnet_id = read('imagenet21k_to_1k.json')
    names_of_id = read('imagenet1k_label_to_names.json')
    expected = [
      names_of_id[str(id_of_wordnet_id[wordnet_id])]
      for wordnet_id in _tfds_labels()
    ]
    self.assertLen(expected, 1000)
    self.assertSequenceEqual(_NAMES, expected)

  def test_known_classes(self) -> None:
    # Ends, and names that two classes share.
    for class_id, names in (
      (0, 'tench, Tinca tinca'),
      (134, 'crane'),
      (281, 'tabby, tabby cat'),
      (517, 'crane'),
      (639, 'maillot, tank suit'),
      (999, 'toilet tissue, toilet paper, bathroom tissue'),
    ):
      self.assertEqual(_NAMES[class_id], names)
    self.assertEqual(imagenet_classes.short_name(_NAMES[281]), 'tabby')

  def test_every_line_is_a_clean_list_of_synonyms(self) -> None:
    self.assertLen(_NAMES, 1000)
    for line in _NAMES:
      for synonym in line.split(', '):
        self.assertRegex(synonym, r"^[A-Za-z0-9][A-Za-z0-9 .'/-]*$")
    text = imagenet_classes.class_names_path().read_bytes()
    self.assertEqual(text, ''.join(n + '\n' for n in _NAMES).encode('ascii'))

  def test_is_in_a_checkout_or_in_an_installed_package(self) -> None:
    package = Path(self.create_tempdir().full_path) / 'magenta_viz'
    package.mkdir()
    module = str(package / 'models' / 'imagenet_classes.py')
    with mock.patch.object(imagenet_classes, '__file__', module):
      with self.assertRaisesRegex(FileNotFoundError, '^no imagenet_classes.tx'):
        imagenet_classes.class_names_path()
      for folder in (package.parent, package):
        path = folder / 'imagenet_classes.txt'
        path.touch()
        self.assertEqual(imagenet_classes.class_names_path(), path.resolve())


class FindClassTest(parameterized.TestCase):
  @parameterized.parameters(
    ('tabby', 281),
    ('Tabby CAT', 281),
    ('tabby, tabby cat', 281),
    ('tiger cat', 282),
    # A synonym of 292, and a word in the names of others.
    ('tiger', 292),
    ('golden_retriever', 207),
    ('  retriever   golden ', 207),
    ('jack o lantern', 607),
    ("jack-o'-lantern", 607),
    # Whole line of 639; the synonym 'maillot' alone is of 638 as well.
    ('maillot, tank suit', 639),
    ('tank suit', 639),
    ('Cardigan Welsh corgi', 264),
    # No synonym as a whole, and words of one class only.
    ('guacamole', 924),
    ('Welsh Pembroke corgi', 263),
  )
  def test_finds(self, name: str, class_id: int) -> None:
    self.assertEqual(imagenet_classes.find_class(name, _NAMES), class_id)

  def test_every_class_is_found_by_a_synonym_that_is_its_alone(self) -> None:
    owners: Dict[str, Set[int]] = {}
    for class_id, line in enumerate(_NAMES):
      for synonym in line.split(', '):
        owners.setdefault(synonym.lower(), set()).add(class_id)
    # Each of the search's thousand lines costs time: one in 20 will do.
    for synonym, ids in list(owners.items())[::20]:
      if len(ids) == 1:
        found = imagenet_classes.find_class(synonym, _NAMES)
        self.assertEqual({found}, ids, synonym)

  @parameterized.parameters(
    ('crane', 'fits 2 classes: 134 crane, 517 crane;'),
    ('CARDIGAN', 'fits 2 classes: 264 Cardigan, 474 cardigan;'),
    ('maillot', 'fits 2 classes: 638 maillot, 639 maillot;'),
    ('missile', 'fits 2 classes: 657 missile, 744 projectile;'),
    ('siamese persian cat', 'no class is'),
    ('retriever', 'fits 5 classes: 205 flat-coated retriever, 206 '),
    ('tabbby', "is called 'tabbby'; similar: 281 tabby, 868 tray; "),
    ('tabby cat,goldfish', '; name several one by one; --list_classes shows'),
    (281, "class name 281 is no text; give a name such as 'tench', or an id"),
    ('xqzw', "called 'xqzw'; --list_classes"),
    ('', "is no class name; .* 'tench'"),
    ('_-', "is no class name; .* 'tench'"),
  )
  def test_refuses(self, name: Any, message: str) -> None:
    with self.assertRaisesRegex(ValueError, message):
      imagenet_classes.find_class(name, _NAMES)

  @parameterized.parameters(
    # Whole words, and those of one synonym.
    ('cat', ('catamaran', 'tiger cat', 'bobcat')),
    ('vat tub', ('tub, vat', 'tub vat')),
  )
  def test_words(self, name: str, names: Tuple[str, ...]) -> None:
    self.assertEqual(imagenet_classes.find_class(name, names), 1)

  def test_long_lists_are_cut(self) -> None:
    names = [f'dog {i}' for i in range(40)]
    with self.assertRaisesRegex(ValueError, '11 dog 11 and 28 more; give'):
      imagenet_classes.find_class('dog', names)


if __name__ == '__main__':
  absltest.main()
