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

"""Tests for inputs."""

from typing import Any, Optional, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models.foreign import foreign_settings
from magenta_viz.models.foreign import function_model
from magenta_viz.models.foreign import input_format
from magenta_viz.models.foreign import inputs

_PIXEL = np.array([0.2, 0.4, 1.0], np.float32)
_IMAGES = np.random.RandomState(0).rand(2, 64, 64, 3).astype(np.float32)


def _model(
  shape: Tuple[Optional[int], ...],
  is_channels_first: bool = False,
  said: input_format.Said = input_format.NOTHING_SAID,
  function: Any = tf.identity,
) -> function_model.FunctionModel:
  model = function_model.FunctionModel(
    function, 'mine', shape, is_channels_first, tf.float32
  )
  model.said = said
  return model


def _inputs(
  shape: Tuple[Optional[int], ...] = (64, 64, 3),
  is_channels_first: bool = False,
  said: input_format.Said = input_format.NOTHING_SAID,
  function: Any = tf.identity,
  **settings: Any,
) -> inputs.Inputs:
  return inputs.Inputs(
    _model(shape, is_channels_first, said, function),
    foreign_settings.ForeignSettings(**settings),
  )


class FormTest(parameterized.TestCase):
  @parameterized.parameters(
    ({}, (0.2, 0.4, 1.0)),
    ({'channel_order': 'bgr'}, (1.0, 0.4, 0.2)),
    ({'input_range': (-1, 1)}, (-0.6, -0.2, 1.0)),
    ({'input_range': '0,255'}, (51, 102, 255)),
    ({'input_mean': 0.5, 'input_scale': 2}, (-0.6, -0.2, 1.0)),
    # Mean and scale are in the model's order, after the range.
    (
      {
        'input_range': (0, 10),
        'input_mean': (1, 2, 3),
        'input_scale': (1, 10, 100),
        'channel_order': 'bgr',
      },
      (10 - 1, (4 - 2) * 10, (2 - 3) * 100),
    ),
  )
  def test_by_hand(self, settings: Any, expected: Any) -> None:
    found = _inputs(**settings)
    images = np.broadcast_to(_PIXEL, (2, 64, 64, 3))
    values = found.of_model(images)
    self.assertEqual(values.shape, [2, 64, 64, 3])
    np.testing.assert_allclose(values[1, 5, 7], expected, rtol=1e-5)
    self.assertEqual(found.reason, 'as the settings say' if settings else '')

  def test_preprocessing_of_keras(self) -> None:
    # keras.applications.imagenet_utils.preprocess_input by its modes.
    applications: Any = tf.keras.applications
    for form, mode in (
      (
        input_format.InputFormat(
          (0, 255), input_format.CAFFE_MEAN, (1.0,), 'bgr'
        ),
        'caffe',
      ),
      (
        input_format.InputFormat(
          mean=input_format.TORCH_MEAN,
          scale=tuple(1 / each for each in input_format.TORCH_DEVIATION),
        ),
        'torch',
      ),
      (input_format.InputFormat((-1, 1)), 'tf'),
    ):
      found = _inputs(said=input_format.Said(form, 'as it says'))
      np.testing.assert_allclose(
        found.of_model(_IMAGES),
        applications.imagenet_utils.preprocess_input(255 * _IMAGES, mode=mode),
        atol=1e-4,
      )
      self.assertEqual(found.reason, 'as it says')

  def test_settings_override_what_a_model_says(self) -> None:
    said = input_format.Said(
      input_format.InputFormat((0, 255), (1.0, 2.0, 3.0), (2.0,), 'bgr'), 'it'
    )
    found = _inputs(said=said, channel_order='rgb')
    self.assertEqual(
      found.format,
      input_format.InputFormat((0, 255), (1.0, 2.0, 3.0), (2.0,), 'rgb'),
    )
    # Means and scales are of the range that is overridden.
    found = _inputs(said=said, input_range=(-1, 1))
    self.assertEqual(
      found.format, input_format.InputFormat((-1, 1), order='bgr')
    )
    self.assertEqual(found.reason, 'as the settings say')

  def test_channels_first(self) -> None:
    kwargs: Any = {'input_mean': (1, 2, 3), 'channel_order': 'bgr'}
    found = _inputs((3, 64, 64), True, **kwargs).of_model(_IMAGES)
    expected = _inputs((64, 64, 3), False, **kwargs).of_model(_IMAGES)
    np.testing.assert_array_equal(found, expected.numpy().transpose(0, 3, 1, 2))


class ChannelsTest(parameterized.TestCase):
  @parameterized.parameters(False, True)
  def test_grey_is_luma(self, is_channels_first: bool) -> None:
    shape = (1, 64, 64) if is_channels_first else (64, 64, 1)
    found = _inputs(shape, is_channels_first, input_range=(0, 255))
    self.assertTrue(found.is_grey)
    values = found.of_model(_IMAGES).numpy().reshape(2, 64, 64)
    luma = 0.299 * _IMAGES[..., 0] + 0.587 * _IMAGES[..., 1]
    luma += 0.114 * _IMAGES[..., 2]
    np.testing.assert_allclose(values, 255 * luma, rtol=1e-5)
    self.assertEqual(found.describe()['channels'], 'grey')
    self.assertEqual(found.tell(), '64 x 64 pixels grey in [0, 255]')

  def test_three_of_five(self) -> None:
    found = _inputs((64, 64, 5), input_channels=(3, 0, 1))
    values = found.of_model(_IMAGES).numpy()
    np.testing.assert_allclose(values[..., [3, 0, 1]], _IMAGES, atol=1e-6)
    # The others stay in the middle.
    np.testing.assert_array_equal(values[..., [2, 4]], 0.5)
    self.assertEqual(found.describe()['channels'], (3, 0, 1))
    self.assertIn('channels (3, 0, 1) of 5', found.tell())

  def test_components_are_of_what_the_model_takes(self) -> None:
    seen = []

    def function(images: tf.Tensor) -> tf.Tensor:
      seen.append(images.shape)
      # Heeds the last channel and, ten times less, the first; a scale makes
      # the first the stronger one.
      weights = tf.constant([0.1, 0, 0, 1])
      return tf.reduce_mean(images * weights, [1, 2])

    shape = (4, 8, 8)
    found = _inputs(
      shape,
      True,
      function=lambda images: function(tf.transpose(images, [0, 2, 3, 1])),
      input_scale=(100, 1, 1, 1),
    )
    self.assertSequenceEqual(seen[0], [8, 8, 8, 4])
    # Red, and the others in the middle.
    images = np.broadcast_to([1.0, 0.5, 0.5], (1, 8, 8, 3))
    values = found.of_model(images)
    np.testing.assert_allclose(values[0, 1:, 0, 0], 0.5, atol=0.02)
    self.assertGreater(values[0, 0, 0, 0], 90)
    self.assertIn('channels components of 4', found.tell())

  def test_a_name_says_nothing_of_other_channels(self) -> None:
    said = input_format.Said(
      input_format.InputFormat((0, 255), input_format.CAFFE_MEAN), 'its name'
    )
    for channels in (1, 4):
      kwargs: Any = {'input_channels': (0, 1, 2)} if channels == 4 else {}
      found = _inputs((64, 64, channels), said=said, **kwargs)
      self.assertEqual(found.format, input_format.InputFormat())
      self.assertEqual(found.reason, '')


class SizeTest(parameterized.TestCase):
  @parameterized.parameters(
    # The shape, what is asked, height and width, and what is shown.
    ((96, 96, 3), None, (96, 96), 96),
    ((64, 96, 3), None, (64, 96), 96),
    ((64, 96, 3), (64, 96), (64, 96), 96),
    ((8, 8, 1), None, (8, 8), 64),
    ((28, 28, 1), None, (28, 28), 84),
    ((28, 20, 1), None, (28, 20), 84),
    ((None, None, 3), None, (224, 224), 224),
    ((None, None, 3), (96, 128), (96, 128), 128),
    ((None, None, 3), '30', (30, 30), 90),
    ((None, 80, 3), None, (80, 80), 80),
    ((80, None, 3), (80, 100), (80, 100), 100),
    ((None, None, None), None, (224, 224), 224),
  )
  def test_sizes(
    self, shape: Any, asked: Any, size: Tuple[int, int], view_size: int
  ) -> None:
    found = _inputs(shape, input_size=asked)
    self.assertEqual((found.height, found.width), size)
    self.assertEqual(found.view_size, view_size)
    self.assertEqual(found.describe()['size'], size)

  def test_what_a_model_of_one_size_sees(self) -> None:
    for shape in ((8, 12, 3), (8, None, 3)):
      asked = None if shape[1] else (8, 12)
      found = _inputs(shape, input_size=asked)
      for size in ((64, 64), (8, 12), (100, 40)):
        images = np.full((2, *size, 3), 0.25, np.float32)
        values = found.of_model(images)
        self.assertEqual(values.shape, [2, 8, 12, 3])
        np.testing.assert_allclose(values, 0.25, atol=1e-6)

  def test_what_a_model_of_any_size_sees(self) -> None:
    # Shown three times as large as it is seen.
    found = _inputs((None, None, 3), input_size=28)
    self.assertEqual(found.view_size, 84)
    for size, expected in (((84, 84), (28, 28)), ((60, 120), (20, 40))):
      values = found.of_model(np.zeros((1, *size, 3), np.float32))
      self.assertEqual(tuple(values.shape), (1, *expected, 3))
    found = _inputs((None, None, 3))
    np.testing.assert_array_equal(found.of_model(_IMAGES), _IMAGES)


class WordsTest(parameterized.TestCase):
  @parameterized.parameters(
    ({}, '64 x 64 pixels RGB in [0, 1]'),
    (
      {
        'input_range': (0, 255),
        'input_mean': (1, 2, 2),
        'input_scale': (0.5, 0.5, 0.5),
        'channel_order': 'bgr',
      },
      '64 x 64 pixels BGR in [0, 255] less 1, 2, 2 times 0.5',
    ),
  )
  def test_told(self, settings: Any, expected: str) -> None:
    self.assertEqual(_inputs(**settings).tell(), expected)

  @parameterized.parameters(
    (
      (64, 3),
      {},
      "the model 'mine' takes arrays of 2 sides (64, 3); give one that takes"
      ' pictures: height, width and channels',
    ),
    (
      (None, 5, 5, 3),
      {},
      "the model 'mine' takes arrays of 4 sides (None, 5, 5, 3); give one that"
      ' takes pictures: height, width and channels',
    ),
    (
      (64, 64, 3),
      {'input_mean': (1, 2)},
      "input_mean has 2 numbers, but the model 'mine' has 3 channels; give one"
      ' number, or one a channel',
    ),
    (
      (64, 64, 1),
      {'input_scale': (1, 2, 3)},
      "input_scale has 3 numbers, but the model 'mine' has 1 channels; give one"
      ' number, or one a channel',
    ),
    (
      (64, 64, 3),
      {'input_channels': (0, 1, 2)},
      "input_channels is (0, 1, 2), but the model 'mine' has 3 channels; leave"
      ' it out',
    ),
    (
      (64, 64, 1),
      {'input_channels': (0, 1, 2)},
      "input_channels is (0, 1, 2), but the model 'mine' has 1 channels; leave"
      ' it out',
    ),
    (
      (64, 64, 5),
      {'input_channels': (0, 1, 5)},
      "input_channels is (0, 1, 5), but the model 'mine' has 5 channels; leave"
      ' it out',
    ),
    (
      (64, 64, 1),
      {'channel_order': 'rgb'},
      "channel_order does nothing, because the model 'mine' has 1 channels;"
      ' leave it out',
    ),
    (
      (64, 48, 3),
      {'input_size': (64, 64)},
      "input_size is (64, 64), but the model 'mine' takes 64 x 48 pixels; leave"
      ' it out',
    ),
    (
      (None, 48, 3),
      {'input_size': 64},
      "input_size is (64, 64), but the model 'mine' takes any x 48 pixels;"
      ' leave it out',
    ),
  )
  def test_refused(self, shape: Any, settings: Any, message: str) -> None:
    with self.assertRaises(ValueError) as caught:
      _inputs(shape, **settings)
    self.assertEqual(str(caught.exception), message)


if __name__ == '__main__':
  absltest.main()
