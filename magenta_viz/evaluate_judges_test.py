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

"""Tests for evaluate_judges."""

from pathlib import Path
from typing import Any, List, Optional, Tuple

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz import evaluate_judges
from magenta_viz.evaluation import pictures
from magenta_viz.models import network_source
from magenta_viz.models import test_trained_checkpoints as test_checkpoints

_EMBEDDED = 'squeezenet'


def _juror(*class_names: str, sha256: str = 'ab') -> evaluate_judges.Juror:
  source = network_source.NetworkSource(
    'squeezenet', Path('w'), 'somewhere', sha256, 'for a test'
  )
  return evaluate_judges.Juror('Jo', source, class_names)


def _entry(name: str = 'a.png', **known: Any) -> pictures.Entry:
  return pictures.Entry(Path(name), name, **known)


class ChooseTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)

  def weights(self, name: str, content: str) -> str:
    """Writes a file that could be weights, and returns its path."""
    path = self.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return str(path)

  def names(self, *judges: str) -> List[str]:
    return [juror.name for juror in evaluate_judges.choose(judges)]

  def test_network(self) -> None:
    (juror,) = evaluate_judges.choose([_EMBEDDED])
    self.assertEqual(juror.name, _EMBEDDED)
    self.assertIn('package ndf', juror.source.origin)
    self.assertEqual(juror.class_names[281], 'tabby, tabby cat')

  def test_paths_are_called_by_their_last_part(self) -> None:
    paths = [self.weights(name, name) for name in ('a/x.npz', 'b/y.npz')]
    self.assertEqual(self.names(*paths), ['x.npz', 'y.npz'])

  def test_paths_of_one_name_are_told_apart(self) -> None:
    paths = [
      self.weights(name, name) for name in ('a/x.npz', 'b/x.npz', 'y.npz')
    ]
    self.assertEqual(self.names(*paths), [*paths[:2], 'y.npz'])

  def test_path_that_is_called_as_a_network(self) -> None:
    path = self.weights(_EMBEDDED, 'x')
    self.assertEqual(self.names(_EMBEDDED, path), [_EMBEDDED, path])

  def test_same_weights_twice(self) -> None:
    paths = [self.weights(name, 'same') for name in ('a.npz', 'b.npz')]
    with self.assertRaisesRegex(
      ValueError,
      "^judge '.*/b.npz' has the weights that a.npz has; give each --judge"
      ' once$',
    ):
      evaluate_judges.choose(paths)
    with self.assertRaisesRegex(ValueError, "^judge 'squeezenet' has the wei"):
      evaluate_judges.choose([_EMBEDDED, _EMBEDDED])

  @parameterized.parameters('vgg', 'no/such.npz', 'auto')
  def test_neither_network_nor_path(self, judge: str) -> None:
    with self.assertRaisesRegex(
      FileNotFoundError,
      f"^judge '{judge}' is neither a network \\(inception_v1, googlenet, "
      r'squeezenet\) nor a path of weights; give --judge one of these$',
    ):
      evaluate_judges.choose([judge])


class TrainedTest(test_checkpoints.TrainedTestCase):
  def test_classes_are_its_own(self) -> None:
    (juror,) = evaluate_judges.choose([str(self.train_dir)])
    self.assertEqual(juror.name, Path(self.train_dir).name)
    self.assertEqual(juror.class_names, test_checkpoints.CLASS_NAMES)


class RefuseOwnTest(absltest.TestCase):
  def test_counts_them(self) -> None:
    entries = [
      _entry('a.png'),
      _entry('b.png', weights_sha256='ab'),
      _entry('c.png', weights_sha256='cd'),
    ]
    juror = _juror('cat')
    with self.assertRaisesRegex(
      ValueError,
      r"^Jo drew 'b.png' itself; take another --judge \(inception_v1, "
      r'googlenet, squeezenet or a path of weights\), or --allow_self to see '
      'what it says of its own$',
    ):
      evaluate_judges.refuse_own([_juror(sha256='x'), juror], entries)
    entries.append(_entry('d.png', weights_sha256='ab'))
    with self.assertRaisesRegex(ValueError, "^Jo drew 'b.png' and 1 more itse"):
      evaluate_judges.refuse_own([juror], entries)
    evaluate_judges.refuse_own([juror], [entries[0], entries[2]])


class ClassIdsTest(parameterized.TestCase):
  @parameterized.parameters(
    (None, None, None),
    (2, None, 2),
    (0, 'crane', 0),
    # ImageNet has two cranes; the id tells.
    (1, 'crane', 1),
    (0, 'tabby, tabby cat', 2),
    (0, 'Tabby Cat', 2),
    (7, 'mouser, tabby', 2),
    (2, 'ox', 3),
  )
  def test_finds(
    self, class_id: Optional[int], name: Optional[str], expected: Optional[int]
  ) -> None:
    juror = _juror('crane', 'crane', 'tabby, tabby cat', 'ox, bull')
    entry = _entry(class_id=class_id, class_name=name)
    self.assertEqual(
      evaluate_judges.class_ids(juror, [entry, entry]), [expected, expected]
    )

  @parameterized.parameters(
    (
      (3, None),
      "'a.png' is of class 3 by its name, but Jo has the classes 0 to 2;"
      ' rename it, or take another --judge',
    ),
    (
      (0, 'tab'),
      "'a.png' shows 'tab', but Jo knows no such class; leave it out, or take"
      ' another --judge',
    ),
    (
      (2, 'crane'),
      "'a.png' shows 'crane', but Jo has 2 such classes; leave it out, or take"
      ' another --judge',
    ),
  )
  def test_refuses(self, known: Tuple[int, str], message: str) -> None:
    entry = _entry(class_id=known[0], class_name=known[1])
    with self.assertRaises(ValueError) as caught:
      evaluate_judges.class_ids(_juror('crane', 'crane', 'tabby'), [entry])
    self.assertEqual(str(caught.exception), message)


if __name__ == '__main__':
  absltest.main()
