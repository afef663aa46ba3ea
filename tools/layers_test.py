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

"""Tests of layers."""

from absl.testing import absltest
from absl.testing import parameterized

from tools import layers


class LayersTest(parameterized.TestCase):
  @parameterized.parameters(
    ('magenta_viz', 'version'),
    ('magenta_viz.version', 'version'),
    ('magenta_viz.test_util', 'test_support'),
    ('magenta_viz.test_program', 'test_support'),
    ('magenta_viz.test_util_test', 'test_support'),
    ('magenta_viz.media', 'media'),
    ('magenta_viz.media.records', 'media'),
    ('magenta_viz.models.test_random_weights', 'models'),
    ('magenta_viz.evaluation.rates_test', 'evaluation'),
    ('magenta_viz.visualize', 'runs'),
    ('magenta_viz.visualize_config_test', 'runs'),
    ('magenta_viz.common_flags', 'programs'),
    ('magenta_viz.image_visualization_train_test', 'programs'),
    ('tools.write_build', 'tools'),
  )
  def test_room_of(self, module: str, room: str) -> None:
    self.assertEqual(layers.room_of(module), room)

  def test_refuses_unknown_folder(self) -> None:
    with self.assertRaisesRegex(ValueError, "'attic'.*tools/layers.py"):
      layers.room_of('magenta_viz.attic.trunk')

  @parameterized.parameters(
    # Downwards, over several layers, and inside the room.
    ('ascent.ascend', 'models.model_spec', True),
    ('visualize', 'media.records', True),
    ('visualize', 'visualize_config', True),
    ('data.datasets', 'media.image_files', True),
    ('evaluation.naturalness', 'media.image_files', True),
    ('media.records', 'version', True),
    ('media.records_test', 'test_util', True),
    # Upwards.
    ('models.weights', 'ascent.ascend', False),
    ('visualize', 'common_flags', False),
    ('version', 'media.records', False),
    ('test_program', 'visualize', False),
    # Neighbours.
    ('media.records', 'models.model_spec', False),
    ('models.weights', 'media.records', False),
    ('attribution.saliency', 'ascent.ascend', False),
    ('evaluation.naturalness', 'ascent.ascend', False),
    # A layer down, but forbidden.
    ('ascent.ascend', 'media.records', False),
  )
  def test_may_import(self, importer: str, imported: str, may: bool) -> None:
    modules = (f'magenta_viz.{importer}', f'magenta_viz.{imported}')
    self.assertEqual(layers.may_import(*modules), may)


if __name__ == '__main__':
  absltest.main()
