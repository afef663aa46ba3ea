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
from typing import Any, Dict, Optional, Tuple
from unittest import mock

from absl.testing import absltest
import numpy as np
import tensorflow as tf

from magenta_viz import evaluate
from magenta_viz.evaluation import diversity
from magenta_viz.evaluation import judges
from magenta_viz.evaluation import naturalness
from magenta_viz.evaluation import rates
from magenta_viz.evaluation import report as report_lib
from magenta_viz.media import image_files
from magenta_viz.models import network_loading
from magenta_viz.models import network_source
from magenta_viz.models import slim_network
from magenta_viz.models import test_trained_checkpoints as test_checkpoints

_NAMES = test_checkpoints.CLASS_NAMES

# Of 'house finch', 'Été, summer' and 'crane', by the names; None of none.
_CLASSES: Dict[str, Optional[int]] = {
  '0_a.png': 0,
  '1.png': 1,
  '2/a.png': 2,
  '2/b.png': 2,
  'none.png': None,
}

_PHOTOGRAPHS = naturalness.summarize(
  [naturalness.Naturalness(0.25, -2.5, 0.5, 0.25, 40.0, 0.5)]
)


def _image(seed: int, height: int = 48, width: int = 64) -> np.ndarray:
  generator = np.random.default_rng(seed)
  return generator.random((height, width, 3), np.float32)


class _TestCase(test_checkpoints.TrainedTestCase):
  def setUp(self) -> None:
    super().setUp()
    self.input_dir = self.folder / 'in'
    self.output_dir = self.folder / 'out'
    self.judge = f'{self.train_dir}/model.ckpt-2'
    # To measure the real ones takes a second.
    self.photographs = self.enter_context(
      mock.patch.object(
        naturalness, 'of_photographs', return_value=_PHOTOGRAPHS
      )
    )

  def write(
    self, name: str, image: np.ndarray, record: Optional[Any] = None
  ) -> None:
    """Writes a picture, with its record if there is one."""
    path = self.input_dir / name
    path.parent.mkdir(parents=True, exist_ok=True)
    image_files.write_png(path, image)
    if record is not None:
      path.with_suffix('.json').write_text(json.dumps(record))

  def write_all(self) -> None:
    """Writes `_CLASSES`, of two sizes."""
    for seed, name in enumerate(_CLASSES):
      self.write(name, _image(seed, 48 + 16 * (seed % 2)))

  def evaluate(self, **settings: Any) -> report_lib.Report:
    values = {
      'input_dir': str(self.input_dir),
      'judges': (self.judge,),
      'output_dir': str(self.output_dir),
      **settings,
    }
    return evaluate.run(evaluate.EvaluateConfig(**values))

  def network(self) -> Tuple[network_source.NetworkSource, Any]:
    """Returns the judge."""
    source = network_source.choose('auto', self.judge)
    return source, network_loading.load(source, tf.float32)

  def own_record(self, **others: Any) -> Dict[str, Any]:
    """Returns the record of a picture that the judge drew."""
    source, _ = self.network()
    settings = {'model': 'squeezenet', 'weights_sha256': source.sha256}
    return {
      'seed': 0,
      'class_id': 0,
      'class_name': _NAMES[0],
      'preset': 'lucid',
      'settings': settings,
      **others,
    }


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

    def look_at(network: Any, images: Any) -> slim_network.Outputs:
      outputs = real(network, images)
      return outputs._replace(logits=outputs.logits * float('nan'))

    with mock.patch.object(slim_network.SlimNetwork, 'look_at', look_at):
      with self.assertRaisesRegex(FloatingPointError, 'not a finite number'):
        self.evaluate()
    self.assertEqual(list(Path(self.output_dir).iterdir()), [])


class RecordsTest(_TestCase):
  def test_own_pictures_are_marked(self) -> None:
    self.write('a.png', _image(0), self.own_record())
    self.write('b.png', _image(1), self.own_record(seed=1))
    self.write('2.png', _image(2))
    other = self.own_record(rank=2, probability=0.25, seconds=3.5)
    other['settings'] = {'model': 'googlenet', 'weights_sha256': 'cd'}
    self.write('c.png', _image(3), other)
    with self.assertRaisesRegex(
      ValueError, "^model.ckpt-2 drew 'a.png' and 1 more itself; take another"
    ):
      self.evaluate()
    self.assertFalse(self.output_dir.exists())
    report = self.evaluate(allow_self=True)
    is_self = {
      each['name']: each['judges']['model.ckpt-2']['is_self']
      for each in report.pictures
    }
    self.assertEqual(
      is_self, {'a.png': True, 'b.png': True, '2.png': False, 'c.png': False}
    )
    groups = {}
    for group in report.groups:
      judgement = group.judges['model.ckpt-2']
      assert judgement is not None
      groups[group.kind, group.name] = judgement.is_self
    self.assertEqual(
      groups,
      {
        ('all', 'all'): True,
        ('preset', 'lucid'): True,
        ('preset', 'none'): False,
        ('model', 'googlenet'): False,
        ('model', 'none'): False,
        ('model', 'squeezenet'): True,
      },
    )
    (drew,) = [group for group in report.groups if group.name == 'googlenet']
    assert drew.own is not None
    self.assertEqual(drew.own.first_five, rates.mean([1]))
    self.assertEqual(drew.own.probability, rates.mean([0.25]))
    self.assertEqual(drew.seconds, rates.mean([3.5]))

  def test_class_is_found_by_its_name(self) -> None:
    record = self.own_record(class_id=517, class_name='crane')
    record['settings']['weights_sha256'] = 'cd'
    self.write('a.png', _image(0), record)
    (picture,) = self.evaluate().pictures
    self.assertEqual(picture['class_id'], 517)
    self.assertEqual(picture['class_name'], 'crane')
    self.assertEqual(picture['judges']['model.ckpt-2']['class_id'], 2)


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
