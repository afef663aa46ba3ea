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

"""Tests for trial."""

from typing import Any, Callable, Optional

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.models.foreign import raw_model
from magenta_viz.models.foreign import trial

_KERNEL = np.random.RandomState(0).randn(3, 5).astype(np.float32)


def _scores(images: tf.Tensor, num_scores: int = 5) -> tf.Tensor:
  """Returns logits, [batch, num_scores]."""
  return tf.matmul(tf.reduce_mean(images, [1, 2]), _KERNEL[:, :num_scores])


def _run(
  outputs: Callable[[tf.Tensor], Any],
  asked: Optional[str] = None,
  end_points: Callable[[tf.Tensor], Any] = lambda images: {},
) -> trial.Trial:
  def build(images: tf.Tensor) -> Any:
    found = raw_model.RawOutputs(outputs(images), {})
    return found, end_points(images)

  return trial.run(build, 'mine', 8, 12, asked)


class TrialTest(parameterized.TestCase):
  @parameterized.parameters(
    (_scores, 5, False, ''),
    (lambda x: tf.nn.softmax(_scores(x)), 5, False, 'softmax'),
    (lambda x: tf.nn.log_softmax(_scores(x)), 5, False, 'softmax'),
    (lambda x: tf.nn.sigmoid(_scores(x)), 5, False, 'sigmoid'),
    (lambda x: tf.nn.sigmoid(_scores(x, 1)), 1, False, 'sigmoid'),
    (
      tf.function(lambda x: tf.nn.softmax(_scores(x)), autograph=False),
      5,
      True,
      'softmax',
    ),
    (tf.function(_scores, autograph=False), 5, False, ''),
    (lambda x: _scores(x)[:, 0], 1, False, ''),
    # A number a picture, whatever they sum to, has no probabilities.
    (lambda x: tf.fill(tf.shape(x)[:1], 0.25), 1, False, ''),
  )
  def test_head(
    self, function: Any, num_outputs: int, is_known: bool, undone: str
  ) -> None:
    found = _run(lambda images: {'scores': function(images)})
    self.assertEqual(found.output, 'scores')
    self.assertEqual(found.num_outputs, num_outputs)
    self.assertEqual(found.are_probabilities, is_known)
    self.assertEqual(found.undone, undone)

  def test_layers(self) -> None:
    found = _run(
      lambda images: {'scores': _scores(images)},
      end_points=lambda images: {
        'map': images[:, :4],
        'vector': images[:, 0, 0],
        # Not one a picture.
        'constant': tf.zeros([9, 2]),
      },
    )
    self.assertEqual(found.layers, {'map': (4, 12, 3), 'vector': (3,)})

  def test_which_output(self) -> None:
    def several(images: tf.Tensor) -> Any:
      scores = _scores(images)
      return {
        'map': images,
        'ids': tf.argmax(scores, -1),
        'pooled': tf.reduce_mean(images, [1, 2]),
        'greatest': tf.reduce_max(images, [1, 2]),
        'scores': scores,
      }

    self.assertEqual(_run(several).output, 'scores')
    # What was asked for is taken, be it usual or not.
    found = _run(several, 'pooled')
    self.assertEqual((found.output, found.num_outputs), ('pooled', 3))
    found = _run(several, 'map')
    self.assertEqual((found.output, found.num_outputs), ('map', 3))
    found = _run(several, 'none')
    self.assertIsNone(found.output)
    self.assertEqual(found.num_outputs, 0)

  def test_no_classes(self) -> None:
    found = _run(
      lambda images: {'pooled': tf.reduce_mean(images, [1, 2])},
      end_points=lambda images: {'map': images},
    )
    self.assertIsNone(found.output)
    self.assertEqual((found.num_outputs, found.undone), (0, ''))
    self.assertEqual(found.layers, {'map': (8, 12, 3)})

  @parameterized.parameters(
    (
      None,
      'there are 2 outputs that may have the classes; name one of a, b as'
      ' --output, or none to draw channels alone',
    ),
    ('c', "there is no output 'c'; give --output one of a, b, video, or none"),
    (
      'video',
      "the output 'video' has shape (None, 1, 8, 12, 3), which are no scores of"
      ' classes; give --output one of a, b, video, or none',
    ),
  )
  def test_cannot_choose(self, asked: Optional[str], message: str) -> None:
    def several(images: tf.Tensor) -> Any:
      scores = _scores(images)
      return {'a': scores, 'b': -scores, 'video': images[:, None]}

    with self.assertRaises(ValueError) as caught:
      _run(several, asked)
    self.assertEqual(str(caught.exception), message)

  def test_does_not_run(self) -> None:
    def built(images: tf.Tensor) -> Any:
      return {'scores': tf.reshape(images, [-1, 5, 5, 3])[:, 0, 0]}

    def broken(images: tf.Tensor) -> Any:
      raise KeyError('layer')

    for function, words in ((built, 'reshape'), (broken, "'layer'")):
      with self.assertRaises(ValueError) as caught:
        _run(function)
      message = str(caught.exception).lower()
      self.assertStartsWith(
        message, "cannot run the model 'mine' on pictures of 8 x 12 pixels ("
      )
      self.assertIn(words, message)
      self.assertEndsWith(message, '; give the --input_size that it takes')
      self.assertNotIn('\n', message)

  def test_values_of_now(self) -> None:
    variable = tf.Variable(1.0)
    found = _run(lambda images: {'scores': variable * _scores(images)})
    images = np.ones([1, 8, 12, 3], np.float32)
    before, _ = found.concrete(tf.constant(images))
    variable.assign(2)
    after, _ = found.concrete(tf.constant(images))
    np.testing.assert_allclose(after, 2 * before, 1e-6)


if __name__ == '__main__':
  absltest.main()
