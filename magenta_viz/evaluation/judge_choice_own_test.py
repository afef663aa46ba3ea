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

"""Tests of judges that had a part in pictures, and of the choice of others."""

import dataclasses
import os
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


def _picture(name: str = 'a.png', **known: Any) -> pictures.Picture:
  return pictures.Picture(Path(name), name, **known)


def _drawn(*names: str) -> List[pictures.Picture]:
  """Returns pictures, each by 'a' alone, by 'a+b' and so on, or by nobody.

  The weights are the released ones, or those of a file for 'a@file'.
  """
  drawn = []
  for place, each in enumerate(names):
    parts = []
    for name in filter(None, each.split('+')):
      model, _, file = name.partition('@')
      sha256 = file or model_spec.MODEL_SPECS[model].weights.sha256
      parts.append(networks.Network(model, sha256))
    drawn.append(_picture(f'{place}.png', networks=tuple(parts)))
  return drawn


class OwnTest(parameterized.TestCase):
  @parameterized.parameters(
    _EMBEDDED, f'{_EMBEDDED}+googlenet', f'inception_v1+{_EMBEDDED}'
  )
  def test_judge_that_had_a_part_in_all(self, drawn_by: str) -> None:
    drawn = _drawn(drawn_by, _EMBEDDED)
    with self.assertRaisesRegex(
      ValueError,
      '^squeezenet had a part in all of the pictures; take another --judge'
      rf' \({", ".join(model_spec.MODEL_SPECS)} or a path of weights\), or'
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
  ) -> Tuple[judge_choice.ChosenJudge, List[str], List[str]]:
    """Chooses a judge by 'auto'.

    Args:
      drawn: The pictures.
      at_hand: Networks whose weights are there.
      online: Those whose weights can be downloaded.

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
    def choose(model: str) -> network_source.NetworkSource:
      if model == 'lite':
        raise ValueError('lite.pth is damaged; install it again')
      return network_source.NetworkSource(model, Path('w'), 'x', 'y', 'z')

    with mock.patch.object(weights, 'locate', side_effect=ValueError('x')):
      with mock.patch.object(network_source, 'choose', choose):
        with self.assertLogs(level='WARNING') as logged:
          (judge,) = judge_choice.choose(['auto'], [_picture()])
    self.assertEqual(judge.name, 'inception_v1')
    self.assertIn('(not lite: lite.pth is damaged); for', logged.output[0])

  def test_none_can_be_had(self) -> None:
    with mock.patch.object(weights, 'locate', return_value=None):
      with mock.patch.object(
        network_source, 'choose', side_effect=OSError('x')
      ):
        with self.assertRaisesRegex(
          OSError, r'^there is no judge \(not lite: x; not inception_v1: x; not'
        ):
          judge_choice.choose(['auto'], [_picture()])


class RealTest(absltest.TestCase):
  def test_auto_is_the_best_network_at_hand(self) -> None:
    folder = self.create_tempdir().full_path
    with mock.patch.dict(os.environ, {weights.CACHE_VARIABLE: folder}):
      (judge,) = judge_choice.choose(['auto'], [_picture()])
    packaged = [
      spec for spec in model_spec.MODEL_SPECS.values() if spec.weights.package
    ]
    best = max(packaged, key=lambda spec: spec.top1)
    self.assertEqual(judge.source.sha256, best.weights.sha256)


if __name__ == '__main__':
  absltest.main()
