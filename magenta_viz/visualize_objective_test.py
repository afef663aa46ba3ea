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

"""Tests for visualize with objectives that are no classes."""

from typing import Any, ClassVar

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz import visualize
from magenta_viz.ascent.objectives import objectives
from magenta_viz.evaluation import naturalness
from magenta_viz.models import network_loading
from magenta_viz.models import network_source
from magenta_viz.testing import drawings
from magenta_viz.testing import testdata
from magenta_viz.visualization import source_images

_PHOTO = testdata.testdata_path('photo_48x32.png')


class ObjectivesTest(drawings.TestCase):
  settings: ClassVar[Any] = {'image_size': (64, 80)}
  overrides: ClassVar[Any] = {'num_steps': 4, 'transforms': 'roll=4'}

  def test_weighted_sum_with_a_photograph(self) -> None:
    text = f'2*content:{_PHOTO}@fire3/concat - 0.5*class:tabby'
    (picture,) = self.draw(objective=text)
    self.assertEqual(picture.record['objective'], text)
    self.assertNotIn('rank', picture.record)
    scores = picture.record['scores']
    self.assertGreater(scores[-1], scores[0])
    assert picture.path is not None
    self.assertStartsWith(picture.path.name, '2-content-')
    self.assertTrue(picture.path.exists())

    # What would have the same file name but for its operators.
    (other,) = self.draw(
      objective=text.replace(' - ', ' + '), overrides={'num_steps': 1}
    )
    self.assertNotEqual(other.path, picture.path)

  @parameterized.parameters(
    ('layer:fire3/concot', "unknown layer 'fire3/concot'; take one such as..."),
    (
      'channel:pool1:64',
      "objective 'channel:pool1:64', character 15: channel 64 in '64' is...",
    ),
    (
      'content:none.jpg@pool1',
      "cannot read the picture 'none.jpg': No such...",
    ),
    (
      'layer:pool1 + clas:281',
      "objective 'layer:pool1 + clas:281', charact...",
    ),
    (' ', 'objective is empty; give one such as layer:LAYER'),
    (
      'direction:pool1:none.npy',
      "objective 'direction:pool1:none.npy', character 17: cannot read the...",
    ),
    ('neuron:pool1:3@99,0', 'position 99,0 is outside of layer pool1...'),
  )
  def test_errors(self, text: str, message: str) -> None:
    self.assert_refused(message, objective=text)


class FeaturesTest(parameterized.TestCase):
  def _draw(self, objective: str, **settings: Any) -> np.ndarray:
    """Returns a picture as it is written."""
    config = visualize.VisualizeConfig(
      objective=objective,
      models=(drawings.EMBEDDED,),
      precision='float32',
      **settings,
    )
    (picture,) = visualize.run(config)
    self.scores: Any = picture.record['scores']
    return source_images.as_written(picture.image)

  @parameterized.parameters(
    ('channel:fire6/concat:100', objectives.Channel('fire6/concat', 100)),
    ('layer:fire8/concat', objectives.Layer('fire8/concat')),
  )
  def test_default_raises_more_than_lucid(
    self, text: str, objective: objectives.Objective
  ) -> None:
    network = network_loading.load(
      network_source.choose(drawings.EMBEDDED), tf.float32
    )
    found = []
    # Lucid's steps are more, but of smaller views.
    for preset, num_steps in (('default', 48), ('lucid', 96)):
      picture = self._draw(
        text, preset=preset, overrides={'num_steps': num_steps}
      )
      outputs = network.look_at(picture[None])
      score = objective.score(outputs, tf.zeros(1, tf.int32))
      slope = naturalness.measure(picture).slope or 0.0
      found.append((float(score[0]), slope))
    (score, slope), (score_of_lucid, slope_of_lucid) = found
    self.assertGreater(score, 1.2 * score_of_lucid)
    # Photographs have -2.3 to -3.1.
    self.assertLess(slope, slope_of_lucid)
    self.assertLess(slope, -2.3)

  @parameterized.parameters('grey', 'clouds')
  def test_wakes_what_sees_nothing(self, init: str) -> None:
    text = 'channel:fire9/concat:300'
    picture = self._draw(
      text, overrides={'num_steps': 40, 'init': init}, image_size=96
    )
    first, *_, last = self.scores
    self.assertGreater(last, first + 1)
    if init == 'grey':
      self.assertEqual(first, 0)
    self.assertGreater(picture.std(), 0.02)


if __name__ == '__main__':
  absltest.main()
