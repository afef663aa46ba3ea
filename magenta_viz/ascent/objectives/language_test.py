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

"""Tests for language."""

import os
from pathlib import Path
from typing import Any, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.ascent.objectives import features as feature_objectives
from magenta_viz.ascent.objectives import language as objective_language
from magenta_viz.ascent.objectives import objectives
from magenta_viz.ascent.objectives import terms as objective_terms
from magenta_viz.models import network_protocol

_LAYER = 'inception_4c/output'
_NAMES = ('tench', 'tabby, tabby cat', 'Egyptian cat')

_CLASSES = {
  'class': objectives.ClassLogit,
  'probability': objectives.Probability,
  'layer': objectives.Layer,
  'channel': objectives.Channel,
  'neuron': objectives.Neuron,
  'direction': feature_objectives.Direction,
  'guide': feature_objectives.Guide,
  'content': feature_objectives.Content,
  'diversity': objectives.Diversity,
}


def _features(path: str, layer: str) -> np.ndarray:
  return np.full([1, 2, 3], len(path) + len(layer), np.float32)


def _parse(text: str) -> Any:
  return objective_language.parse(text, _NAMES, _features)


def _only(objective: Any) -> Any:
  """Returns the one term of an objective, of weight 1."""
  ((weight, term),) = objective.terms
  assert weight == 1
  return term


class CompanyTest(parameterized.TestCase):
  """Of an objective, what is for one of several networks."""

  def parse(self, text: str, network: str = 'googlenet') -> Any:
    names = ('googlenet', 'squeezenet')
    return objective_language.parse(
      text,
      _NAMES,
      _features,
      company=objective_language.Company(
        network,
        tuple(name for name in names if name != network),
        lambda class_id: 10 * class_id,
      ),
    )

  @parameterized.parameters(
    ('class:tabby', objectives.ClassLogit(10)),
    ('probability:2', objectives.Probability(20)),
    ('layer:googlenet@a/b + layer:squeezenet@c', objectives.Layer('a/b')),
    ('-1*layer:squeezenet@c + layer:googlenet@a', objectives.Layer('a')),
    ('channel:googlenet@a:3', objectives.Channel('a', 3)),
    ('neuron:googlenet@a:3@4,5', objectives.Neuron('a', 3, (4, 5))),
    ('diversity:googlenet@a', objectives.Diversity('a')),
  )
  def test_terms(self, text: str, expected: objectives.Objective) -> None:
    self.assertEqual(_only(self.parse(text)), expected)

  def test_what_is_raised_of_a_class(self) -> None:
    logit = objectives.ClassLogit(head='loss2/classifier', centring=0.5)
    found = objective_language.parse(
      'class:tabby - probability:1', _NAMES, _features, logit
    )
    self.assertEqual(
      found,
      objectives.ClassLogit(1, 'loss2/classifier', 0.5)
      - objectives.Probability(1, 'loss2/classifier'),
    )

  def test_signs(self) -> None:
    text = '- layer:squeezenet@a - 2*layer:googlenet@b + layer:googlenet@c'
    one, other = objectives.Layer('b'), objectives.Layer('c')
    self.assertEqual(self.parse(text), -2 * one + 1 * other)
    self.assertEqual(self.parse(text, 'squeezenet'), -1 * objectives.Layer('a'))

  def test_photographs(self) -> None:
    for text in ('guide:a@b.jpg@googlenet@conv1', 'guide:googlenet@conv1'):
      alone = objective_language.Company('googlenet')
      found = objective_language.parse(text, _NAMES, _features, company=alone)
      self.assertEqual(_only(found).layer, 'conv1')
    found = self.parse(
      'guide:a@b.jpg@googlenet@conv1 + content:c@squeezenet@conv1'
    )
    guide = _only(found)
    self.assertEqual(guide.features[0, 0, 0], len('a@b.jpg') + len('conv1'))

  @parameterized.parameters(
    (
      'layer:a',
      7,
      'this layer is of which network. Write one of googlenet, sq',
    ),
    ('class:1 + channel:a:3', 19, 'this layer is of which network. Write'),
    ('guide:a.jpg@conv1', 7, 'this layer is of which network. Write'),
    ('layer:inception_v1@a', 7, 'inception_v1 has no part; take one of googl'),
    (
      'guide:a.jpg@inception_v1@a',
      13,
      'inception_v1 has no part; take one of googlenet, squeezenet, or name it',
    ),
    (
      'layer:squeezenet@a',
      1,
      'there is nothing for googlenet to raise; leave that network out, or ',
    ),
    ('channel:googlenet@a:x', 21, "expected the number of a channel, not 'x'"),
    ('layer:squeezenet@a + ', 22, 'a term is missing'),
  )
  def test_refuses(self, text: str, place: int, why: str) -> None:
    with self.assertRaisesRegex(ValueError, f', character {place}: {why}'):
      self.parse(text)

  def test_class_that_it_does_not_know(self) -> None:
    def refuse(class_id: int) -> int:
      raise ValueError(f'no {class_id}')

    company = objective_language.Company('googlenet', (), refuse)
    with self.assertRaisesRegex(ValueError, ', character 7: no 1$'):
      objective_language.parse(
        'class:tabby', _NAMES, _features, company=company
      )


class ParseTest(parameterized.TestCase):
  @parameterized.parameters(*objective_terms.KINDS)
  def test_each_kind(self, name: str) -> None:
    kind = objective_terms.KINDS[name]
    path = os.path.join(self.create_tempdir().full_path, 'vector.npy')
    np.save(path, np.ones(3))
    text = f'{name}:{kind.of.value}'
    for form, example in {
      'CLASS': '1',
      'LAYER': 'conv1',
      'NUMBERS': '2',
      'ROW,COLUMN': '3,4',
      'FILE.npy': path,
      'PHOTO': 'a.jpg',
    }.items():
      text = text.replace(form, example)
    self.assertEqual(type(_only(_parse(text))), _CLASSES[name])

  @parameterized.parameters(
    ('class:2', objectives.ClassLogit(2)),
    ('class:tabby', objectives.ClassLogit(1)),
    ('class:egyptian_cat', objectives.ClassLogit(2)),
    ('layer:inception_4c/output', objectives.Layer('inception_4c/output')),
    ('channel:Mixed_4c:12', objectives.Channel('Mixed_4c', 12)),
    ('neuron:Mixed_4c:12', objectives.Neuron('Mixed_4c', 12)),
    ('neuron:Mixed_4c:12@3,4', objectives.Neuron('Mixed_4c', 12, (3, 4))),
    ('diversity:inception_4c/output', objectives.Diversity(_LAYER)),
  )
  def test_terms(self, text: str, expected: objectives.Objective) -> None:
    self.assertEqual(_only(_parse(text)), expected)

  @parameterized.parameters('guide', 'content')
  def test_photographs_where_there_are_no_positions(self, kind: str) -> None:
    objective = objective_language.parse(
      f'{kind}:a.jpg@fc', _NAMES, lambda path, layer: np.arange(3.0)
    )
    net = tf.constant([[1.0, 2.0, 3.0], [3.0, 1.0, 0.0]])
    outputs = network_protocol.Outputs(net, {'fc': net})
    scores = objective.score(outputs, tf.constant([0, 0])).numpy()
    self.assertEqual(scores.shape, (2,))
    self.assertGreater(scores[0], scores[1])

  @parameterized.product(
    kind=('guide', 'content'), shape=((0, 5, 3), (4, 0, 3), (4, 5, 3), (3,))
  )
  def test_photographs_without_features(
    self, kind: str, shape: Tuple[int, ...]
  ) -> None:
    text = f'class:1 - {kind}:a.jpg@conv1'
    with self.assertRaises(ValueError) as caught:
      objective_language.parse(
        text, _NAMES, lambda path, layer: np.zeros(shape, np.float32)
      )
    self.assertEqual(
      str(caught.exception),
      f"objective '{text}', character {text.index('a.jpg') + 1}: the {kind}"
      ' a.jpg has no active features in conv1; take a larger photograph or'
      ' another layer',
    )

  def test_direction(self) -> None:
    path = os.path.join(self.create_tempdir().full_path, 'vector.npy')
    np.save(path, np.arange(3.0))
    direction = _only(_parse(f'direction:conv1:{path}'))
    np.testing.assert_array_equal(direction.vector, [0, 1, 2])

  def test_rows_of_directions(self) -> None:
    folder = self.create_tempdir().full_path
    path = os.path.join(folder, 'my rows.npy')
    np.save(path, np.arange(1.0, 7).reshape(2, 3))
    text = 'direction^4:conv1:{directions}:1'
    fixed, each = (
      _only(
        objective_language.parse(
          text, _NAMES, _features, has_units=has_units, directions=path
        )
      )
      for has_units in (False, True)
    )
    np.testing.assert_array_equal(fixed.vector, [4, 5, 6])
    self.assertEqual((fixed.has_rows, fixed.power), (False, 4))
    self.assertEqual(each.vector.shape, (2, 3))
    self.assertTrue(each.has_rows)
    for text, place, why in (
      ('direction:conv1:{directions}:2', 30, 'there is no row 2: the file is'),
      ('direction:conv1:{directions}:x', 30, 'expected the number of a row'),
      ('direction:conv1:{directions}', 17, 'the direction has shape (2, 3)'),
      ('direction^x:a:{directions}', 1, "'x' after ^ is no power; take 0 to"),
      ('direction^101:a:{directions}', 1, "'101' after ^ is no power; take 0"),
      ('layer^2:a', 1, 'layer takes no power; leave ^2 out'),
    ):
      with self.subTest(text), self.assertRaises(ValueError) as caught:
        objective_language.parse(text, _NAMES, _features, directions=path)
      self.assertStartsWith(
        str(caught.exception), f"objective '{text}', character {place}: {why}"
      )
    with self.assertRaisesRegex(ValueError, 'is a file; give it as --direct'):
      _parse('direction:conv1:{directions}')

  @parameterized.parameters(
    (np.array([0, np.nan, 1]), 'what is not a finite number in float32'),
    (np.array([0, np.inf, 1]), 'what is not a finite number in float32'),
    (np.array([0, 1e300, 1]), 'what is not a finite number in float32'),
    (np.zeros(3), 'is 0 in every channel'),
    (np.full(3, 1e-60), 'is 0 in every channel'),
    (np.zeros(0), 'is 0 in every channel'),
    (np.ones((3, 1)), 'has shape (3, 1) and is of float64; give a vector'),
    (np.ones(3, np.complex64), 'has shape (3,) and is of complex64; give a'),
    (np.array(['a', 'b']), 'is of str'),
    (np.ones(3, bool), 'is of bool; give a vector of numbers'),
    (np.ones(3, [('a', 'f4')]), 'not of an array of numbers'),
    (np.ones(1 << 18), 'more than 1048576 bytes'),
    (b'', "cannot read the direction '"),
    (b'PK\3\4', 'does not start as a .npy file does'),
    (b'\x93NUMPY\1\0\2\0((', "its header is b'(('"),
    (b'\x93NUMPY\1\0\4\0((((', "its header is b'(((('"),
  )
  def test_bad_directions(self, content: Any, reason: str) -> None:
    path = os.path.join(self.create_tempdir().full_path, 'vector.npy')
    if isinstance(content, bytes):
      Path(path).write_bytes(content)
    else:
      np.save(path, content)
    text = f'class:1 + direction:conv1:{path}'
    with self.assertRaises(ValueError) as caught:
      _parse(text)
    self.assertStartsWith(
      str(caught.exception), f"objective '{text}', character 27: "
    )
    self.assertIn(reason, str(caught.exception))
    self.assertNotIn('\n', str(caught.exception))

  def test_sums(self) -> None:
    total = _parse('- 2*class:0 + 0.5*layer:a - 1e-2*layer:b')
    self.assertEqual(
      total.terms,
      (
        (-2.0, objectives.ClassLogit(0)),
        (0.5, objectives.Layer('a')),
        (-0.01, objectives.Layer('b')),
      ),
    )

  @parameterized.parameters(
    'class:2',
    '0.5*probability:1',
    '-2*class:0 + 0.5*layer:a - 0.01*layer:b',
    'channel:a:3 - channel:b/c:0',
    'neuron:a:3@0,2 + neuron:a:3',
    '-1*diversity:a',
  )
  def test_writes_what_it_reads(self, text: str) -> None:
    self.assertEqual(str(_parse(text)), text)

  @parameterized.parameters(
    ('', 1, 'there is nothing to raise'),
    ('class:1 +', 10, 'a term is missing'),
    ('class:1 layer:a', 9, "expected ' + ' or ' - ' between two terms"),
    ('class:1 + chanel:a:1', 11, "unknown kind 'chanel'; take one of class, "),
    ('2*', 3, "unknown kind ''"),
    ('mixed4a:3', 1, "'mixed4a:3' has no kind; take one of class, "),
    ('x*class:1', 1, "'x' before * is no number"),
    ('nan*class:1', 1, "'nan' before * is no number"),
    ('1e999*class:1', 1, "'1e999' before * is no number"),
    ('1e10*class:1', 1, "'1e10' before * is too large; take 1e+09 at most"),
    ('class:1 - -1e10*class:1', 11, "'-1e10' before * is too large; take"),
    (f'class:{"9" * 5000}', 7, 'class 999'),
    (f'channel:a:{"9" * 10}', 11, 'no layer has a channel of 10 digits'),
    (f'neuron:a:1@{"9" * 5000},1', 12, 'no layer has a row of 5000 digits'),
    (f'neuron:a:1@1,{"9" * 10}', 14, 'no layer has a column of 10 digits'),
    (' + '.join(['layer:a'] * 101), 1001, 'there are 201 words; take 200'),
    ('layer:', 7, 'layer: of what?'),
    ('class:1 + 2*diversity:', 23, 'diversity: of what?'),
    ('class:3', 7, 'class 3 is unknown; take 0 to 2'),
    ('channel:conv1', 9, 'expected LAYER:CHANNEL'),
    ('channel:conv1:x', 15, "expected the number of a channel, not 'x'"),
    ('neuron:a:1@2', 13, "expected the number of a column, not ''"),
    ('neuron:a:1@x,2', 12, "expected the number of a row, not 'x'"),
    ('guide:a.jpg', 7, 'expected PHOTO@LAYER'),
    ('direction:a', 11, 'expected LAYER:FILE.npy'),
    (
      'guide:file:///bucket/a.jpg@a',
      7,
      "the file is 'file:///bucket/a.jpg', an address; take a path on this",
    ),
    ('content:no://a/b.jpg@a', 9, "the file is 'no://a/b.jpg', "),
    ('direction:a:no://b/c.npy', 13, "the file is 'no://b/c.npy', "),
    ('direction:a:no.npy', 13, "cannot read the direction 'no.npy'"),
  )
  def test_errors(self, text: str, character: int, why: str) -> None:
    with self.assertRaises(ValueError) as caught:
      _parse(text)
    message = str(caught.exception)
    expected = f"objective '{text}', character {character}: {why}"
    self.assertStartsWith(message, expected)
    self.assertNotIn('\n', message)

  def test_unknown_class_name(self) -> None:
    with self.assertRaisesRegex(ValueError, 'terrier'):
      _parse('class:terrier')


if __name__ == '__main__':
  absltest.main()
