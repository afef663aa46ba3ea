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

"""Tests for evaluate: who drew the pictures, and what they show."""

from typing import Any

from absl.testing import absltest

from magenta_viz import evaluate
from magenta_viz.evaluation import rates
from magenta_viz.evaluation import report as report_lib
from magenta_viz.testing import judged_folder
from magenta_viz.testing import picture_records

_image = judged_folder.image


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


class RecordsTest(_TestCase):
  def test_own_pictures_are_marked(self) -> None:
    self.write('a.png', _image(0), self.own_record())
    self.write('b.png', _image(1), self.own_record(seed=1))
    self.write('2.png', _image(2))
    other = picture_records.part('googlenet', 'cd')
    found = {'rank': 2, 'probability': 0.25, 'seconds': 3.5}
    self.write('c.png', _image(3), judged_folder.record(other, **found))
    report = self.evaluate(allow_self=True)
    self.assertEqual(
      report.judges[0].note,
      'had a part in 2 pictures: of them its word proves little',
    )
    is_self = {
      each['name']: each['judges']['model.ckpt-2']['is_self']
      for each in report.pictures
    }
    self.assertEqual(
      is_self, {'a.png': True, 'b.png': True, '2.png': False, 'c.png': False}
    )
    groups = {}
    for group in report.groups:
      summary = group.judges['model.ckpt-2']
      assert summary is not None
      groups[group.kind, group.name] = summary.is_self
    self.assertEqual(
      groups,
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
    self.write('a.png', _image(0), self.own_record())
    self.write('b.png', _image(1), self.own_record(seed=1))
    self.write('2.png', _image(2))
    report = self.evaluate()
    self.assertEqual(
      report.judges[0].note,
      'had a part in 2 pictures, and was not shown them',
    )
    said = {each['name']: each['judges'] for each in report.pictures}
    self.assertEqual(list(said), ['2.png', 'a.png', 'b.png'])
    self.assertEqual(said['a.png'], {'model.ckpt-2': None})
    self.assertEqual(said['b.png'], {'model.ckpt-2': None})
    self.assertEqual(said['2.png']['model.ckpt-2']['class_id'], 2)
    everything, *parts = report.groups
    self.assertEqual((everything.num_pictures, everything.num_classes), (3, 2))
    for group in (everything, *parts):
      summary = group.judges['model.ckpt-2']
      if group.name in ('lucid', 'squeezenet'):
        self.assertIsNone(summary)
      else:
        assert summary is not None
        self.assertEqual(summary.num_pictures, 1)
        self.assertIsNone(summary.diversity)
    # The other one is shown all.
    other = f'{self.train_dir}/model.ckpt-3'
    report = self.evaluate(judges=(self.judge, other))
    summary = report.groups[0].judges['model.ckpt-3']
    assert summary is not None and summary.diversity is not None
    self.assertEqual(summary.num_pictures, 3)

  def test_pictures_that_are_all_its_own(self) -> None:
    self.write('a.png', _image(0), self.own_record())
    with self.assertRaisesRegex(
      ValueError, '^model.ckpt-2 had a part in all of the pictures; take anoth'
    ):
      self.evaluate()
    self.assertFalse(self.output_dir.exists())

  def test_pictures_that_several_networks_drew(self) -> None:
    own, other = self.own_part(), picture_records.part('googlenet', 'cd', 0.5)
    found = {'rank': 7, 'probability': 0.125}
    self.write('a.png', _image(0), judged_folder.record(own, other, **found))
    # The same set in another order, which says no word of its own.
    silent = judged_folder.record(
      other, own, seed=1, rank=None, probability=None
    )
    self.write('b.png', _image(1), silent)
    alone = judged_folder.record(
      picture_records.part('googlenet', 'cd'), rank=1, probability=1.0
    )
    self.write('c.png', _image(2), alone)
    report = self.evaluate()
    self.assertEqual(
      report.judges[0].note,
      'had a part in 2 pictures, and was not shown them',
    )
    pictures = {each['name']: each for each in report.pictures}
    both = 'googlenet:0.5 + squeezenet'
    self.assertEqual(
      {name: each['drawn_by'] for name, each in pictures.items()},
      {'a.png': both, 'b.png': both, 'c.png': 'googlenet'},
    )
    for name in ('a.png', 'b.png'):
      self.assertEqual(pictures[name]['networks'], [other, own])
      self.assertIsNone(pictures[name]['judges']['model.ckpt-2'])
    self.assertEqual(pictures['a.png']['self'], found)
    self.assertIsNotNone(pictures['c.png']['judges']['model.ckpt-2'])
    groups = {
      each.name: each for each in report.groups if each.kind == 'drawn_by'
    }
    self.assertEqual(
      {name: each.num_pictures for name, each in groups.items()},
      {both: 2, 'googlenet': 1},
    )
    self.assertIsNone(groups[both].judges['model.ckpt-2'])
    of_them = groups[both].own
    assert of_them is not None
    self.assertEqual(of_them.first_five, rates.mean([0]))
    self.assertEqual(of_them.probability, rates.mean([0.125]))
    html = (self.output_dir / 'evaluation.html').read_text(encoding='utf-8')
    self.assertEqual(html.count(f'drawn by {both}\u00a0'), 2)
    seen = self.evaluate(allow_self=True)
    self.assertTrue(
      all(each['judges']['model.ckpt-2'] for each in seen.pictures)
    )

  def test_own_pictures_of_old_versions(self) -> None:
    own = self.own_part()
    del own['weight']
    old = self.own_record(settings=own, weights='somewhere')
    del old['networks']
    self.write('a.png', _image(0), old)
    self.write('b.png', _image(1), self.own_record(seed=1))
    self.write('2.png', _image(2))
    report = self.evaluate()
    self.assertEqual(report.judges[0].num_own, 2)
    said = {each['name']: each for each in report.pictures}
    self.assertEqual(said['a.png']['judges'], {'model.ckpt-2': None})
    self.assertEqual(said['a.png']['networks'], said['b.png']['networks'])
    (group,) = [each for each in report.groups if each.name == 'squeezenet']
    self.assertEqual(group.num_pictures, 2)

  def test_classes_are_told_by_names(self) -> None:
    names = ['House Finch/0001.png', 'House Finch/0002.png', 'summer_3.png']
    for seed, name in enumerate([*names, 'x/y.png']):
      self.write(name, _image(seed))
    report = self.evaluate()
    found = {
      each['name']: (each['class_id'], each['class_name'])
      for each in report.pictures
    }
    finch, summer = (0, 'house finch'), (1, 'Été, summer')
    self.assertEqual(
      found,
      {
        **dict(zip(names, [finch, finch, summer])),
        'x/y.png': (None, None),
      },
    )
    group = report.groups[0]
    self.assertEqual((group.num_classes, group.num_without_class), (2, 1))
    summary = group.judges['model.ckpt-2']
    assert summary is not None and summary.diversity is not None
    # Of the pictures in one folder.
    self.assertEqual(summary.diversity.count, 1)

  def test_class_that_the_second_judge_knows(self) -> None:
    self.write('house finch/a.png', _image(0))
    self.write('tench/a.png', _image(1))
    report = self.evaluate(judges=('squeezenet', self.judge))
    self.assertEqual(
      {each['name']: each['class_name'] for each in report.pictures},
      {
        # One of its names with ImageNet, too.
        'house finch/a.png': 'house finch, linnet, Carpodacus mexicanus',
        'tench/a.png': 'tench, Tinca tinca',
      },
    )
    report = self.evaluate(judges=(self.judge, 'squeezenet'))
    group = report.groups[0]
    self.assertEqual((group.num_classes, group.num_without_class), (2, 0))
    first, second = group.judges.values()
    assert first is not None and second is not None
    self.assertEqual((first.num_pictures, second.num_pictures), (1, 2))

  def test_class_is_found_by_its_name(self) -> None:
    other = picture_records.part('squeezenet', 'cd')
    record = judged_folder.record(other, class_id=517, class_name='crane')
    self.write('a.png', _image(0), record)
    (picture,) = self.evaluate().pictures
    self.assertEqual(picture['class_id'], 517)
    self.assertEqual(picture['class_name'], 'crane')
    self.assertEqual(picture['judges']['model.ckpt-2']['class_id'], 2)


if __name__ == '__main__':
  absltest.main()
