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


"""Tests for visualize as Python calls it: by keywords, with what is at hand."""

from typing import Any

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image
import tensorflow as tf

from magenta_viz import saliency
from magenta_viz import visualize
from magenta_viz.ascent.objectives import objectives
from magenta_viz.models import network_protocol


def bright(outputs: network_protocol.Outputs) -> tf.Tensor:
  """Returns how bright a picture is to the network."""
  return tf.reduce_mean(outputs.logits, axis=1)


def _run(**settings: Any) -> visualize.Pictures:
  return visualize.run(
    **{
      'models': 'squeezenet',
      'precision': 'float32',
      'num_steps': 2,
      **({} if 'image' in settings else {'image_size': 64}),
      **settings,
    }
  )


class CallTest(parameterized.TestCase):
  def test_by_keywords_as_by_a_configuration(self) -> None:
    config = visualize.VisualizeConfig(
      class_ids=(281,),
      models=('squeezenet',),
      precision='float32',
      image_size=(64, 64),
      overrides={'num_steps': 2},
    )
    (wanted,) = visualize.run(config)
    for settings in ({'class_ids': 281}, {'class_name': 'tabby'}):
      with self.subTest(settings=settings):
        (picture,) = _run(**settings)
        np.testing.assert_array_equal(picture.image, wanted.image)
    (other,) = visualize.run(config, num_steps=3)
    self.assertEqual(other.record['settings']['num_steps'], 3)

  def test_several_names(self) -> None:
    drawn = _run(class_name=['tabby', 'pug'])
    self.assertEqual([each.record['class_id'] for each in drawn], [281, 254])
    self.assertIsInstance(drawn, visualize.Pictures)

  def test_names_of_a_given_networks_classes(self) -> None:
    images = tf.keras.Input([32, 32, 3])
    net = tf.keras.layers.Conv2D(2, 3, name='conv')(images)
    net = tf.keras.layers.GlobalAveragePooling2D()(net)
    model = tf.keras.Model(images, tf.keras.layers.Dense(2)(net))
    path = self.create_tempfile(content='apple\npear\n').full_path
    (picture,) = visualize.run(
      network=model,
      class_name='pear',
      class_names=path,
      image_size=64,
      num_steps=1,
    )
    self.assertEqual(picture.record['class_id'], 1)

  @parameterized.parameters(
    ({'class_nam': 'tabby'}, TypeError, 'did you mean class_name'),
    ({'class_ids': 281, 'num_step': 1}, TypeError, 'did you mean num_steps'),
    ({'class_name': 'tabbi'}, ValueError, 'no class is called .tabbi.'),
    ({'class_ids': 1, 'class_name': 'pug'}, ValueError, 'not both'),
    ({'objective': 7}, ValueError, 'objective is 7; give a text, an Objective'),
  )
  def test_mistakes(self, settings: Any, kind: Any, words: str) -> None:
    with self.assertRaisesRegex(kind, words):
      _run(**settings)

  def test_functions(self) -> None:
    (picture,) = _run(objective=bright)
    self.assertEqual(picture.record['objective'], 'bright')
    self.assertLess(*np.array(picture.record['scores'])[[0, -1]])

  def test_objectives_as_values_are_named_as_texts(self) -> None:
    text = '2*channel:fire4/concat:12 - class:281'
    value = 2 * objectives.Channel('fire4/concat', 12) - objectives.ClassLogit(
      281
    )
    (by_value,) = _run(objective=value, centring=0.0)
    (by_text,) = _run(objective=text, centring=0.0)
    self.assertEqual(by_value.record['objective'], text)
    np.testing.assert_array_equal(by_value.image, by_text.image)

  def test_photographs_in_memory(self) -> None:
    levels = np.random.RandomState(0).randint(0, 256, [200, 220, 3], np.uint8)
    path = self.create_tempfile('photo.png').full_path
    Image.fromarray(levels).save(path)
    wanted = _run(preset='deepdream', image=path)
    folder = self.create_tempdir().full_path
    records = []
    # The second and third are there.
    for image in (levels, levels / 255, Image.fromarray(levels)):
      drawn = _run(preset='deepdream', image=image, output_dir=folder)
      distance = np.abs(drawn[0].image - wanted[0].image).max()
      self.assertLessEqual(distance, 0.501 / 255)
      records.append(drawn[0].record)
    self.assertLen({each['seconds'] for each in records}, 1)
    # No command finds it again.
    self.assertRegex(records[0]['image'], r'^image_[0-9a-f]{12}\.png$')
    self.assertIsNone(records[0]['command'])
    (again,) = _run(preset='deepdream', image=wanted[0])
    (same,) = _run(preset='deepdream', image=wanted[0].image)
    np.testing.assert_array_equal(again.image, same.image)
    self.assertEqual(wanted[0].record['image'], path)
    self.assertIn(path, wanted[0].record['command'])

  def test_saliency(self) -> None:
    levels = np.random.RandomState(0).randint(0, 256, [64, 72, 3], np.uint8)
    folder = self.create_tempdir().full_path
    found, again = (
      saliency.run(
        image=levels, class_name='tabby', model='squeezenet', output_dir=folder
      )
      for _ in range(2)
    )
    self.assertEqual(found.record['seconds'], again.record['seconds'])
    self.assertNotIn('/', found.record['image'])
    self.assertIsNone(found.record['command'])
    self.assertEqual(found.map.shape, (64, 72))
    self.assertEqual(found.record['class_id'], 281)
    with self.assertRaisesRegex(TypeError, 'image is missing; give image='):
      saliency.run()


if __name__ == '__main__':
  absltest.main()
