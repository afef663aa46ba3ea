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

"""Tests that the default's pictures are recognised, and more than others'."""

from typing import Any, Dict

from absl.testing import absltest
import pytest

from magenta_viz import evaluate
from magenta_viz import visualize
from magenta_viz.testing import testdata

# A bird, a snake, a bird and a thing.
_CLASS_IDS = (17, 63, 130, 643)


class PresetsTest(absltest.TestCase):
  @pytest.mark.slow
  def test_default_beats_lucid(self) -> None:
    folder = self.create_tempdir().full_path
    weights = testdata.googlenet_weights_path()
    # As a user has it, and lucid's at its best size for about as long.
    asked: Dict[str, Dict[str, Any]] = {
      'default': {},
      'lucid': {'image_size': (224, 224), 'overrides': {'num_steps': 160}},
    }
    for preset, settings in asked.items():
      visualize.run(
        visualize.VisualizeConfig(
          class_ids=_CLASS_IDS,
          preset=preset,
          checkpoints=(weights,),
          output_dir=f'{folder}/{preset}',
          **settings,
        )
      )
    report = evaluate.run(
      evaluate.EvaluateConfig(input_dir=folder, judges=('squeezenet',))
    )
    groups = {
      group.name: group for group in report.groups if group.kind == 'preset'
    }
    default, lucid = groups['default'], groups['lucid']
    summaries = [group.judges['squeezenet'] for group in (default, lucid)]
    (seen, first_five), (others_seen, _) = (
      (summary.probability.value, summary.first_five.value)
      for summary in summaries
      if summary is not None
    )
    # By no margin: of so few pictures, lucid's are at times all recognised.
    self.assertGreater(seen, max(0.8, others_seen), report.pictures)
    self.assertEqual(first_five, 1.0)
    # Nearer to photographs, of about -2.8.
    slopes = default.naturalness.mean.slope, lucid.naturalness.mean.slope
    assert slopes[0] is not None and slopes[1] is not None
    self.assertLess(slopes[0], slopes[1] - 0.1)


if __name__ == '__main__':
  absltest.main()
