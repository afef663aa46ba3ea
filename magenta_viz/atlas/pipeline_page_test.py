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

"""Tests that a pipeline ends with the page, whatever became of it."""

import json
from pathlib import Path
from typing import Any, Dict, List
from unittest import mock

from absl.testing import absltest
import pytest

from magenta_viz.atlas import config as atlas_config
from magenta_viz.atlas import plan as plan_lib
from magenta_viz.attribution import effects
from magenta_viz.visualization import renderer

pytest.importorskip('apache_beam', reason='Beam needs Python 3.10')

# pylint: disable=wrong-import-position
import apache_beam as beam
from apache_beam.options import pipeline_options
from apache_beam.runners.portability.fn_api_runner import fn_runner

from magenta_viz.atlas import pipeline


class PipelinePageTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.root = Path(self.create_tempdir().full_path)

  def run_pipeline(self, units: str) -> None:
    """Draws a small atlas in this process."""
    config = atlas_config.AtlasConfig(
      units,
      str(self.root),
      models=('squeezenet',),
      image_size=(64, 64),
      precision='float32',
      batch_size=2,
      overrides={'num_steps': 2},
    )
    options = pipeline_options.PipelineOptions([])
    with beam.Pipeline(fn_runner.FnApiRunner(), options) as root:
      pipeline.build(root, plan_lib.plan(config), str(self.root))

  def groups(self) -> Dict[str, Any]:
    """Returns what the overview has of each layer."""
    text = (self.root / 'page/atlas.js').read_text()
    atlas = json.loads(text[len('take("atlas", ') : -len(');\n')])
    return {each['layer']: each for each in atlas['groups']}

  def contents(self) -> Dict[str, bytes]:
    """Returns the page's files."""
    paths = [self.root / 'index.html', *(self.root / 'page').glob('**/*.js')]
    return {str(path): path.read_bytes() for path in paths}

  def test_with_a_failure_and_after_it(self) -> None:
    units = 'class:0, channel:fire9/concat:0-2'
    drawn = renderer.Renderer.draw

    def draw(self: Any, batch: List[Any], *args: Any) -> Any:
      if any((task.objective or '').endswith(':1') for task in batch):
        raise FloatingPointError('a score is not finite')
      return drawn(self, batch, *args)

    with mock.patch.object(renderer.Renderer, 'draw', draw):
      self.run_pipeline(units)
    groups = self.groups()
    self.assertEqual(groups['']['missing'], 0)
    self.assertEqual(groups['fire9/concat']['missing'], 1)
    self.assertIn(
      'a score is not finite',
      (self.root / 'page/units/fire9-concat.js').read_text(),
    )
    self.run_pipeline(units)
    self.assertEqual(self.groups()['fire9/concat']['missing'], 0)
    self.assertTrue(self.groups()['fire9/concat']['has_feeds'])
    # Once more, nothing is measured, and all is as it was.
    before = self.contents()
    with mock.patch.object(effects.Effects, 'measure') as measure:
      self.run_pipeline(units)
    measure.assert_not_called()
    self.assertEqual(self.contents(), before)
    # What is taken away comes again, and all is as it was.
    (self.root / 'fire9-concat/channel-fire9-concat-1_0.png').unlink()
    (self.root / 'page/feeds/fire9-concat.js').unlink()
    self.run_pipeline(units)
    after = self.contents()
    for name, content in before.items():
      self.assertEqual(after[name][:1000], content[:1000], name)
    self.assertTrue(after == before)

  def test_layers_of_other_runs_are_fed(self) -> None:
    self.run_pipeline('channel:fire9/concat:0-1')
    self.run_pipeline('channel:fire8/concat:0-1')
    groups = self.groups()
    self.assertEqual(list(groups), ['fire8/concat', 'fire9/concat'])
    self.assertEqual(
      groups['fire8/concat']['feeds'], ['fire9/concat', 'fire9/squeeze1x1']
    )


if __name__ == '__main__':
  absltest.main()
