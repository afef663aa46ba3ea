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
from typing import Any, Dict, Optional
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.evaluation import diversity
from magenta_viz.evaluation import judges
from magenta_viz.evaluation import naturalness
from magenta_viz.evaluation import rates
from magenta_viz.evaluation import report as report_lib
from magenta_viz.media import image_files
from magenta_viz.models import network_protocol
from magenta_viz.models import slim_network
from magenta_viz.testing import judged_folder
from magenta_viz.testing import picture_records

_image = judged_folder.image
_CLASSES = judged_folder.CLASSES
_NAMES = judged_folder.NAMES
_JUDGE = 'model.ckpt-2'


def _said(report: report_lib.Report) -> Dict[str, Any]:
  """Returns what the judge says of each picture, by the pictures' names."""
  return {each['name']: each['judges'][_JUDGE] for each in report.pictures}


def _summary(group: report_lib.Group, judge: str = _JUDGE) -> Any:
  """Returns what a judge says of a group."""
  summary = group.judges[judge]
  assert summary is not None
  return summary


class RunTest(judged_folder.FolderTestCase):
  def setUp(self) -> None:
    super().setUp()
    self.write_all()

  def test_says_what_the_judge_says(self) -> None:
    report = self.evaluate(batch_size=2)
    source, network = self.network()
    self.assertEqual(
      report.judges,
      (
        report_lib.Judge(_JUDGE, 'squeezenet', source.origin, source.sha256, 3),
      ),
    )
    self.assertCountEqual([each['name'] for each in report.pictures], _CLASSES)
    for picture in report.pictures:
      name = picture['name']
      image = image_files.read_image(self.input_dir / name)
      logits = network.look_at(image[None]).logits.numpy()[0]
      probabilities = tf.nn.softmax(logits).numpy()
      said = picture['judges'][_JUDGE]
      order = np.argsort(-logits)
      guesses = said['guesses']
      self.assertEqual(
        [(each['class_id'], each['class_name']) for each in guesses],
        [(k, _NAMES[k]) for k in order],
      )
      np.testing.assert_allclose(
        [each['probability'] for each in guesses],
        probabilities[order],
        rtol=1e-4,
      )
      class_id = _CLASSES[name]
      shown = (picture['class_id'], picture['class_name'], said['rank'])
      if class_id is None:
        self.assertEqual(shown, (None, None, None))
      else:
        rank = 1 + list(order).index(class_id)
        self.assertEqual(shown, (class_id, _NAMES[class_id], rank))
        self.assertEqual(said['probability'], guesses[rank - 1]['probability'])
      measured = naturalness.measure(image)
      self.assertEqual(picture['naturalness'], vars(measured))
    self.assertEqual(report.photographs, judged_folder.PHOTOGRAPHS)

  def test_diversity_and_its_floor(self) -> None:
    summary = _summary(self.evaluate().groups[0])
    judge = judges.Judge(self.network()[1])

    def between(*images: np.ndarray) -> float:
      said = judge.look_at(images, [None] * len(images))
      return diversity.between(np.stack([each.features for each in said]))

    images = [
      image_files.read_image(self.input_dir / f'2/{name}.png') for name in 'ab'
    ]
    # Of one class, so of no width.
    self.assertAlmostEqual(summary.diversity.value, between(*images), places=5)
    self.assertEqual(summary.diversity.count, 1)
    floors = []
    for image in images:
      generator = np.random.default_rng(0)
      floors.append(
        between(*(diversity.noisy(image, generator) for _ in range(2)))
      )
    self.assertAlmostEqual(summary.noise.value, sum(floors) / 2, places=5)
    self.assertGreater(summary.noise.value, 0)

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
    self.assertEqual(list(self.output_dir.iterdir()), [])


class RecordsTest(judged_folder.FolderTestCase):
  def setUp(self) -> None:
    """Writes two pictures that the judge drew, and one that it did not."""
    super().setUp()
    self.write('a.png', _image(0), self.own_record())
    self.write('b.png', _image(1), self.own_record(seed=1))
    self.write('2.png', _image(2))

  def test_own_pictures_are_marked(self) -> None:
    other = picture_records.part('googlenet', 'cd')
    found = {'rank': 2, 'probability': 0.25, 'seconds': 3.5}
    self.write('c.png', _image(3), judged_folder.record(other, **found))
    report = self.evaluate(allow_self=True)
    self.assertEqual(
      report.judges[0].note,
      'had a part in 2 pictures: of them its word proves little',
    )
    self.assertEqual(
      {name: said['is_self'] for name, said in _said(report).items()},
      {'a.png': True, 'b.png': True, '2.png': False, 'c.png': False},
    )
    self.assertEqual(
      {
        (each.kind, each.name): _summary(each).is_self for each in report.groups
      },
      {
        ('all', 'all'): True,
        ('preset', 'lucid'): True,
        ('preset', 'none'): False,
        ('drawn_by', 'googlenet'): False,
        ('drawn_by', 'none'): False,
        ('drawn_by', 'squeezenet'): True,
      },
    )
    (drew,) = [group for group in report.groups if group.name == 'googlenet']
    assert drew.own is not None
    self.assertEqual(drew.own.first_five, rates.mean([1]))
    self.assertEqual(drew.own.probability, rates.mean([0.25]))
    self.assertEqual(drew.seconds, rates.mean([3.5]))

  def test_own_pictures_are_passed_over(self) -> None:
    # The other one is shown all.
    judges = (self.judge, f'{self.train_dir}/model.ckpt-3')
    report = self.evaluate(judges=judges)
    self.assertEqual(
      report.judges[0].note,
      'had a part in 2 pictures, and was not shown them',
    )
    said = _said(report)
    self.assertIsNone(said['a.png'])
    self.assertIsNone(said['b.png'])
    self.assertEqual(said['2.png']['class_id'], 2)
    everything, *parts = report.groups
    self.assertEqual((everything.num_pictures, everything.num_classes), (3, 2))
    for group in (everything, *parts):
      if group.name in ('lucid', 'squeezenet'):
        self.assertIsNone(group.judges[_JUDGE])
      else:
        self.assertEqual(_summary(group).num_pictures, 1)
        self.assertIsNone(_summary(group).diversity)
    other = _summary(everything, 'model.ckpt-3')
    self.assertEqual(other.num_pictures, 3)
    self.assertIsNotNone(other.diversity)


class ClassesTest(judged_folder.FolderTestCase):
  def classes(self, report: report_lib.Report) -> Dict[str, Any]:
    """Returns id and name of each picture's class, by the pictures' names."""
    return {
      each['name']: (each['class_id'], each['class_name'])
      for each in report.pictures
    }

  def test_are_told_by_names(self) -> None:
    names = ['House Finch/0001.png', 'House Finch/0002.png', 'summer_3.png']
    for seed, name in enumerate([*names, 'x/y.png']):
      self.write(name, _image(seed))
    report = self.evaluate()
    finch = (0, 'house finch')
    classes = [finch, finch, (1, 'Été, summer'), (None, None)]
    self.assertEqual(
      self.classes(report), dict(zip([*names, 'x/y.png'], classes))
    )
    group = report.groups[0]
    self.assertEqual((group.num_classes, group.num_without_class), (2, 1))
    # Of the pictures in one folder.
    self.assertEqual(_summary(group).diversity.count, 1)

  def test_class_that_the_second_judge_knows(self) -> None:
    self.write('house finch/a.png', _image(0))
    self.write('tench/a.png', _image(1))
    report = self.evaluate(judges=('squeezenet', self.judge))
    self.assertEqual(
      self.classes(report),
      {
        # One of its names with ImageNet, too.
        'house finch/a.png': (12, 'house finch, linnet, Carpodacus mexicanus'),
        'tench/a.png': (0, 'tench, Tinca tinca'),
      },
    )
    group = self.evaluate(judges=(self.judge, 'squeezenet')).groups[0]
    self.assertEqual((group.num_classes, group.num_without_class), (2, 0))
    self.assertEqual(_summary(group).num_pictures, 1)
    self.assertEqual(_summary(group, 'squeezenet').num_pictures, 2)

  def test_class_of_a_record_is_found_by_its_name(self) -> None:
    other = picture_records.part('squeezenet', 'cd')
    record = judged_folder.record(other, class_id=517, class_name='crane')
    self.write('a.png', _image(0), record)
    report = self.evaluate()
    self.assertEqual(self.classes(report), {'a.png': (517, 'crane')})
    self.assertEqual(_said(report)['a.png']['class_id'], 2)


class RefusesTest(judged_folder.FolderTestCase, parameterized.TestCase):
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

  @parameterized.parameters(
    ('0_long.png', (10, 101), "0_long.png' is 10 x 101 pixels"),
    ('3.png', (48, 64), "'3.png' is of class 3 by its name, but model.ckpt-2"),
    (None, (), 'make none of the networks'),
  )
  def test_what_cannot_be_judged(
    self, name: Optional[str], size: Any, message: str
  ) -> None:
    judge = self.folder / 'x.npz'
    np.savez(judge, a=np.zeros(3))
    if name is not None:
      self.write(name, _image(0, *size))
    with self.assertRaisesRegex(ValueError, message):
      self.evaluate(judges=(self.judge,) if name else (self.judge, str(judge)))
    # Of the judges, it is known before a folder is made.
    self.assertEqual(self.output_dir.exists(), name == '0_long.png')

  def test_folder_that_cannot_be_written(self) -> None:
    self.output_dir.write_text('')
    with self.assertRaisesRegex(OSError, f"'{self.output_dir}' is no folder"):
      self.evaluate()


if __name__ == '__main__':
  absltest.main()
