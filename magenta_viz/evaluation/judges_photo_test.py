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

"""Test of a judge with real weights and photographs."""

from absl.testing import absltest
import numpy as np
import tensorflow as tf

from magenta_viz.evaluation import diversity
from magenta_viz.evaluation import judges
from magenta_viz.evaluation import predictions
from magenta_viz.media import image_files
from magenta_viz.models import network_loading
from magenta_viz.models import network_source
from magenta_viz.testing import testdata


class SqueezeNetTest(absltest.TestCase):
  def test_photographs(self) -> None:
    dog = image_files.read_image(testdata.photo_path('dog_cat.jpg'))
    sky = image_files.read_image(testdata.photo_path('sky.jpg'))
    generator = np.random.default_rng(0)
    copies = [diversity.noisy(dog, generator) for _ in range(2)]
    source = network_source.choose('squeezenet')
    judge = judges.Judge(
      network_loading.load(source, tf.float32), source.class_names
    )
    on_dog, on_sky, *on_copies = judge.look_at(
      [dog, sky, *copies], [207, 207, 207, 207]
    )
    # Golden retriever, and next Labrador retriever.
    self.assertEqual(on_dog.rank, 1)
    self.assertAlmostEqual(on_dog.probability or 0, 0.77, delta=0.03)
    guesses = [guess.class_id for guess in on_dog.guesses]
    self.assertEqual(guesses[:2], [207, 208])
    self.assertGreater(on_sky.rank or 0, 5)
    self.assertEqual(on_dog.features.shape, (512,))
    self.assertEqual([each.rank for each in on_copies], [1, 1])

    def apart(*said: predictions.Prediction) -> float:
      return diversity.between(np.stack([each.features for each in said]))

    self.assertBetween(apart(*on_copies), 0.005, 0.02)
    self.assertGreater(apart(on_dog, on_sky), 0.7)


if __name__ == '__main__':
  absltest.main()
