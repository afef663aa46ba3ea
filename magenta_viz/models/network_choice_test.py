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

import re
from typing import Sequence, Tuple

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.models import model_spec
from magenta_viz.models import network_choice

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
    # A model of others has any name, and its checkpoint.
    (('mine',), ('m.keras',), (_Choice('mine', 1.0, 'm.keras'),)),
    (('mine',), ('mine=m.keras',), (_Choice('mine', 1.0, 'm.keras'),)),
    (('my_net-1.2',), ('a',), (_Choice('my_net-1.2', 1.0, 'a'),)),
    (
      ('mine', 'squeezenet'),
      ('mine=a=b',),
      (_Choice('mine', 1.0, 'a=b'), _Choice('squeezenet', 0.5)),
    ),
    (
      ('mine:2,other',),
      ('other=b', 'mine=a'),
      (_Choice('mine', 2.0, 'a'), _Choice('other', 1.0, 'b')),
    ),
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
    # Without a checkpoint of its own there is no such network.
    (
      ('mine', 'squeezenet'),
      ('m.keras',),
      "^unknown network 'mine'; .*, with commas between them, or give NAME=PATH"
      ' as --checkpoint$',
    ),
    (
      ('mine', 'other'),
      ('mine=a',),
      "^unknown network 'other'; ",
    ),
    (('mine:2',), ('mine=a',), '^the weight 2 of mine does nothing, because '),
    (('mine', 'mine'), ('mine=a',), "^model names 'mine' twice; "),
    (('mine', 'other'), ('mine=a', 'other=b', 'c'), "^checkpoint 'c' says not"),
    (
      ('mine', 'other'),
      ('mine=', 'other=b'),
      "^checkpoint 'mine=' has no path",
    ),
    *(
      ((name,), ('m.keras',), f"^unknown network '{re.escape(name)}'; ")
      for name in ('a b', '-a', '.a', 'a/b', 'a' * 101, 'a@b', '\u00e9')
    ),
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
    self.assertEqual(network_choice.own_weight('mine'), 1.0)
    self.assertEqual(
      network_choice.texts(('mine', 'other'), (1.0, 0.5)), ('mine', 'other:0.5')
    )
    self.assertEqual(network_choice.texts(('mine',), (0.5,)), ('mine',))


if __name__ == '__main__':
  absltest.main()
