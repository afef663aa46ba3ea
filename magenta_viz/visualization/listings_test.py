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

"""Tests for listings, of models of others."""

from typing import Any, List

from absl.testing import absltest
from absl.testing import parameterized
import tensorflow as tf

from magenta_viz.models import network_choice
from magenta_viz.models import network_source
from magenta_viz.models.foreign import foreign_settings
from magenta_viz.visualization import listings

keras: Any = tf.keras
layers: Any = keras.layers


def _model(name: str = 'mine') -> Any:
  inner = keras.Sequential(
    [keras.Input([31, 31, 4]), layers.Conv2D(6, 3, 2, name='deep')],
    name='inner',
  )
  return keras.Sequential(
    [
      keras.Input([64, 64, 3]),
      layers.Conv2D(4, 4, 2, name='conv'),
      inner,
      layers.GlobalAveragePooling2D(name='mean'),
      layers.Dense(2, activation='softmax', name='classes'),
    ],
    name=name,
  )


def _lines(kind: str, *resolved: network_source.Resolved) -> List[str]:
  return listings.LISTINGS[kind].lines(lambda: resolved)


class ListingsTest(parameterized.TestCase):
  def test_layers_at_any_nesting(self) -> None:
    settings = foreign_settings.ForeignSettings()
    given = network_source.given(_model(), settings)
    expected = [
      'conv       31 x 31     4 channels',
      'deep       15 x 15     6 channels',
      'inner      15 x 15     6 channels',
      'mean                   6 channels',
      'classes                2 channels',
    ]
    self.assertEqual(_lines('layers', given), expected)
    other = network_source.given(_model('other'), settings)
    self.assertEqual(
      _lines('layers', given, other),
      [f'{name}@{line}' for name in ('mine', 'other') for line in expected],
    )

  def test_layers_of_a_file(self) -> None:
    path = f'{self.create_tempdir().full_path}/m.h5'
    _model().save(path)
    choices = network_choice.parse(('auto',), (path,))
    resolved = network_source.resolve(choices)
    self.assertStartsWith(_lines('layers', *resolved)[0], 'conv ')

  def test_no_network(self) -> None:
    resolved = network_source.resolve(network_choice.parse(('auto',)))
    with self.assertRaisesRegex(
      listings.NoNetworkError, '^give --list_layers a --model, which '
    ):
      _lines('layers', *resolved)

  def test_classes(self) -> None:
    names = self.create_tempfile('names.txt', 'cat\ndog\n').full_path
    settings = foreign_settings.ForeignSettings(class_names=names)
    given = network_source.given(_model(), settings)
    self.assertEqual(_lines('classes', given), ['0 cat', '1 dog'])
    embedding = foreign_settings.ForeignSettings(output='none')
    given = network_source.given(_model(), embedding)
    self.assertEqual(_lines('classes', given), [])


if __name__ == '__main__':
  absltest.main()
