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

"""Tests for evaluate."""

import json
from pathlib import Path
from typing import Any
from unittest import mock

from absl.testing import absltest
import numpy as np
import tensorflow as tf

from magenta_viz import evaluate
from magenta_viz.evaluation import diversity
from magenta_viz.evaluation import judges
from magenta_viz.evaluation import naturalness
from magenta_viz.evaluation import report as report_lib
from magenta_viz.media import image_files
from magenta_viz.models import network_protocol
from magenta_viz.models import slim_network
from magenta_viz.testing import judged_folder

_image = judged_folder.image
_CLASSES = judged_folder.CLASSES
_PHOTOGRAPHS = judged_folder.PHOTOGRAPHS
_NAMES = judged_folder.NAMES


class _TestCase(judged_folder.FolderTestCase):
  def evaluate(self, **settings: Any) -> report_lib.Report:
    """Evaluates the pictures, by the judge if there is no other."""
    values = {
      'input_dir': str(self.input_dir),
      'judges': (self.judge,),
      'output_dir': str(self.output_dir),
      **settings,
    }
    return evaluate.run(evaluate.EvaluateConfig(**values))


class RunTest(_TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.write_all()

  def test_says_what_the_judge_says(self) -> None:
    report = self.evaluate(batch_size=2)
    source, network = self.network()
    self.assertEqual(
      report.judges,
      (
        report_lib.Judge(
          'model.ckpt-2', 'squeezenet', source.origin, source.sha256, 3
        ),
      ),
    )
    self.assertCountEqual([each['name'] for each in report.pictures], _CLASSES)
    for picture in report.pictures:
      name = picture['name']
      image = image_files.read_image(self.input_dir / name)
      logits = network.look_at(image[None]).logits.numpy()[0]
      probabilities = tf.nn.softmax(logits).numpy()
      said = picture['judges']['model.ckpt-2']
      order = np.argsort(-logits)
      self.assertEqual([g['class_id'] for g in said['guesses']], list(order))
      self.assertEqual(
        [g['class_name'] for g in said['guesses']], [_NAMES[i] for i in order]
      )
      np.testing.assert_allclose(
        [g['probability'] for g in said['guesses']],
        probabilities[order],
        rtol=1e-4,
      )
      class_id = _CLASSES[name]
      self.assertEqual(picture['class_id'], class_id)
      if class_id is None:
        self.assertIsNone(picture['class_name'])
        self.assertIsNone(said['rank'])
      else:
        self.assertEqual(picture['class_name'], _NAMES[class_id])
        self.assertEqual(said['rank'], 1 + list(order).index(class_id))
        self.assertAlmostEqual(
          said['probability'], probabilities[class_id], places=5
        )
      measured = naturalness.measure(image)
      self.assertEqual(picture['naturalness'], vars(measured))
    self.assertEqual(report.photographs, _PHOTOGRAPHS)

  def test_diversity_and_its_floor(self) -> None:
    report = self.evaluate()
    judgement = report.groups[0].judges['model.ckpt-2']
    assert judgement is not None
    _, network = self.network()
    judge = judges.Judge(network)

    def features(*images: np.ndarray) -> np.ndarray:
      verdicts = judge.look_at(images, [None] * len(images))
      return np.stack([each.features for each in verdicts])

    images = [
      image_files.read_image(self.input_dir / f'2/{name}.png') for name in 'ab'
    ]
    # Of one class, so of no width.
    expected = diversity.between(features(*images))
    assert judgement.diversity is not None and judgement.noise is not None
    self.assertAlmostEqual(judgement.diversity.value, expected, places=5)
    self.assertEqual(judgement.diversity.count, 1)
    floors = []
    for image in images:
      generator = np.random.default_rng(0)
      copies = [diversity.noisy(image, generator) for _ in range(2)]
      floors.append(diversity.between(features(*copies)))
    self.assertAlmostEqual(judgement.noise.value, sum(floors) / 2, places=5)
    self.assertGreater(judgement.noise.value, 0)

  def test_writes_what_it_returns(self) -> None:
    report = self.evaluate(output_dir=None)
    written = json.loads((self.input_dir / 'evaluation.json').read_text())
    self.assertEqual(written, json.loads(json.dumps(report.as_json())))
    html = (self.input_dir / 'evaluation.html').read_text(encoding='utf-8')
    for name in _CLASSES:
      self.assertIn(name, html)
    self.assertEqual(html.count('src="data:image/'), len(_CLASSES))
    # What is there is replaced, and is no picture.
    again = self.evaluate(output_dir=None)
    self.assertEqual(again.as_json(), report.as_json())

  def test_batch_size_does_not_matter(self) -> None:
    one, many = self.evaluate(batch_size=1), self.evaluate(batch_size=5)
    for first, second in zip(one.pictures, many.pictures):
      self.assertEqual(first['name'], second['name'])
      said, other = (each['judges']['model.ckpt-2'] for each in (first, second))
      self.assertEqual(said['rank'], other['rank'])
      np.testing.assert_allclose(
        [g['probability'] for g in said['guesses']],
        [g['probability'] for g in other['guesses']],
        rtol=1e-4,
      )

  def test_several_judges(self) -> None:
    paths = [f'{self.train_dir}/model.ckpt-{step}' for step in (2, 3)]
    report = self.evaluate(judges=tuple(paths))
    self.assertEqual(
      [judge.name for judge in report.judges], ['model.ckpt-2', 'model.ckpt-3']
    )
    first, second = report.groups[0].judges.values()
    alone = self.evaluate(judges=(paths[1],))
    self.assertEqual(alone.groups[0].judges, {'model.ckpt-3': second})
    self.assertNotEqual(first, second)

  def test_without_scikit_image(self) -> None:
    self.photographs.side_effect = OSError('pip install it')
    with self.assertLogs(level='WARNING') as logged:
      report = self.evaluate()
    self.assertIsNone(report.photographs)
    self.assertIn('pip install it', logged.output[0])

  def test_judge_that_says_nan(self) -> None:
    real = slim_network.SlimNetwork.look_at

    def look_at(network: Any, images: Any) -> network_protocol.Outputs:
      outputs = real(network, images)
      return outputs._replace(logits=outputs.logits * float('nan'))

    with mock.patch.object(slim_network.SlimNetwork, 'look_at', look_at):
      with self.assertRaisesRegex(FloatingPointError, 'not a finite number'):
        self.evaluate()
    self.assertEqual(list(Path(self.output_dir).iterdir()), [])


class RefusesTest(_TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.write_all()
    # Nothing is judged before all is known to be right.
    self.enter_context(
      mock.patch.object(
        judges.Judge, 'look_at', side_effect=AssertionError('judged')
      )
    )

  def test_damaged_picture(self) -> None:
    path = self.input_dir / '2' / 'b.png'
    path.write_bytes(path.read_bytes()[:500])
    with self.assertRaisesRegex(ValueError, f"^cannot read '{path}' as a pict"):
      self.evaluate()

  def test_picture_that_is_too_long(self) -> None:
    self.write('0_long.png', _image(0, 10, 101))
    with self.assertRaisesRegex(ValueError, "0_long.png' is 10 x 101 pixels"):
      self.evaluate()

  def test_class_beyond_the_judges(self) -> None:
    self.write('3.png', _image(0))
    with self.assertRaisesRegex(
      ValueError, "^'3.png' is of class 3 by its name, but model.ckpt-2 has"
    ):
      self.evaluate()
    self.assertFalse(self.output_dir.exists())

  def test_judge_whose_weights_are_none(self) -> None:
    path = self.folder / 'x.npz'
    np.savez(path, a=np.zeros(3))
    with self.assertRaisesRegex(ValueError, 'make none of the networks'):
      self.evaluate(judges=(self.judge, str(path)))
    self.assertFalse(self.output_dir.exists())

  def test_folder_that_cannot_be_written(self) -> None:
    self.output_dir.write_text('')
    with self.assertRaisesRegex(OSError, f"'{self.output_dir}' is no folder"):
      self.evaluate()


if __name__ == '__main__':
  absltest.main()
