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
    ('magenta_viz', 'package'),
    ('magenta_viz.version', 'package'),
    ('magenta_viz.deprecation_test', 'package'),
    ('magenta_viz.testing', 'testing'),
    ('magenta_viz.testing.testdata', 'testing'),
    ('magenta_viz.testing.browser_test', 'testing'),
    ('magenta_viz.media', 'media'),
    ('magenta_viz.media.records', 'media'),
    ('magenta_viz.models.architectures.googlenet', 'models'),
    ('magenta_viz.evaluation.rates_test', 'evaluation'),
    ('magenta_viz.visualize', 'verbs'),
    ('magenta_viz.visualization.config_test', 'visualization'),
    ('magenta_viz.program', 'programs'),
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
    # Downwards, over several floors, and inside the room.
    ('ascent.ascend', 'models.model_spec', True),
    ('visualize', 'media.records', True),
    ('visualize', 'visualization.config', True),
    ('image_visualization_train', 'train', True),
    ('data.datasets', 'media.image_files', True),
    ('evaluation.naturalness', 'media.image_files', True),
    ('media.records', 'version', True),
    ('media.records_test', 'testing.testdata', True),
    ('testing.training_runs', 'train', True),
    # Upwards.
    ('models.weights', 'ascent.ascend', False),
    ('visualize', 'common_flags', False),
    ('version', 'media.records', False),
    ('visualization.config', 'visualize', False),
    ('ascent.drawing', 'evaluation.rates', False),
    # Neighbours.
    ('media.records', 'models.model_spec', False),
    ('models.weights', 'media.records', False),
    ('ascent.ascend', 'data.batches', False),
    ('attribution.crops', 'training.steps', False),
    ('evaluation.naturalness', 'visualization.task', False),
    # A floor down, but forbidden.
    ('ascent.ascend', 'media.records', False),
  )
  def test_may_import(self, importer: str, imported: str, may: bool) -> None:
    modules = (f'magenta_viz.{importer}', f'magenta_viz.{imported}')
    self.assertEqual(layers.may_import(*modules), may)


if __name__ == '__main__':
  absltest.main()
