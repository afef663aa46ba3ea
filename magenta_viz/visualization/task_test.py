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

"""Tests for task_lib."""

import tracemalloc
from typing import Any

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.models import imagenet_classes
from magenta_viz.testing import trained_checkpoints
from magenta_viz.visualization import config as visualize_config
from magenta_viz.visualization import task as task_lib

_NAMES = imagenet_classes.load_class_names()


def _draws(task: task_lib.PictureTask) -> np.ndarray:
  return task.generator().random(4)


class PictureTaskTest(parameterized.TestCase):
  def test_classes_by_seeds(self) -> None:
    config = visualize_config.VisualizeConfig(
      class_ids=(281, 3), seed=5, num_variations=2
    )
    tasks = task_lib.plan(config, _NAMES)
    self.assertEqual(
      [task.stem for task in tasks],
      ['281_tabby_5', '281_tabby_6', '003_tiger-shark_5', '003_tiger-shark_6'],
    )
    self.assertEqual(
      tasks[0].describe(),
      {'seed': 5, 'class_id': 281, 'class_name': 'tabby, tabby cat'},
    )

  def test_many_pictures_are_planned_in_no_memory(self) -> None:
    config = visualize_config.VisualizeConfig(
      class_ids=range(1000),  # type: ignore[arg-type]
      num_variations=100_000,
    )
    tracemalloc.start()
    self.addCleanup(tracemalloc.stop)
    tasks = task_lib.plan(config, _NAMES, 1_000_000)
    self.assertLen(tasks, 10**14)
    last = tasks[-1]
    self.assertEqual(
      (last.class_id, last.seed, last.frame), (999, 99_999, 999_999)
    )
    self.assertEqual(tasks[10**11 + 10**6 + 7].class_id, 1)
    self.assertEqual(tasks[10**11 + 10**6 + 7].seed, 1)
    self.assertEqual(tasks[10**11 + 10**6 + 7].frame, 7)
    self.assertEqual(tasks[5:7], [tasks[5], tasks[6]])
    self.assertEqual(next(iter(tasks)), tasks[0])
    _, peak = tracemalloc.get_traced_memory()
    self.assertLess(peak, 4e6)
    with self.assertRaises(IndexError):
      tasks[10**14]

  @parameterized.parameters(
    ('layer:inception_4c/output', 'layer-inception_4c-output_0'),
    (
      'class:281 + 0.5*channel:Mixed_4c:12',
      'class-281-0-5-channel-mixed_4c-12-0867ad9b_0',
    ),
    ('guide:猫.png@conv1', 'guide-猫-png-conv1_0'),
    (f'layer:{"a" * 100}', f'layer-{"a" * 94}-1e7032dc_0'),
  )
  def test_objective(self, text: str, stem: str) -> None:
    config = visualize_config.VisualizeConfig(objective=text)
    (task,) = task_lib.plan(config, _NAMES)
    self.assertEqual(task.stem, stem)
    self.assertEqual(task.describe(), {'seed': 0, 'objective': text})

  def test_draws_depend_on_subject_and_seed(self) -> None:
    tasks = [
      task_lib.PictureTask(0, 281, 'tabby'),
      task_lib.PictureTask(1, 281, 'tabby'),
      task_lib.PictureTask(0, 282, 'tiger cat'),
      task_lib.PictureTask(0, objective='layer:a'),
      task_lib.PictureTask(1, objective='layer:a'),
      task_lib.PictureTask(0, objective='layer:b'),
      task_lib.PictureTask(0, objective='guide:\udcff.png@b'),
    ]
    self.assertLen({tuple(_draws(task)) for task in tasks}, len(tasks))
    for task in tasks:
      np.testing.assert_array_equal(_draws(task), _draws(task))

  @parameterized.parameters(
    ({'class_ids': (281,)}, 'photo_281_tabby_0'),
    ({'objective': 'layer:a/b'}, 'photo_layer-a-b_0'),
    ({'preset': 'deepdream'}, 'photo_deepdream_0'),
    ({'preset': 'mcdonald_layers', 'seed': 3}, 'photo_mcdonald_layers_3'),
    # The class counts, not what the preset has of its own.
    ({'preset': 'deepdream', 'class_ids': (3,)}, 'photo_003_tiger-shark_0'),
  )
  def test_photograph(self, settings: Any, stem: str) -> None:
    config = visualize_config.VisualizeConfig(
      image='My Photos/Photo.jpg', **settings
    )
    (task,) = task_lib.plan(config, _NAMES)
    self.assertEqual(task.stem, stem)
    self.assertEqual(task.describe()['image'], 'My Photos/Photo.jpg')

  @parameterized.parameters(
    ('Été à la mer.JPG', 'ete-a-la-mer'),
    ('walk/', 'walk'),
    ('a.b.mp4', 'a-b'),
    ('写真.png', '写真'),
    ('фото.png', 'фото'),
    ('🐈.png', 'unnamed-65607de0'),
  )
  def test_name_of_a_photograph(self, image: str, slug: str) -> None:
    task = task_lib.PictureTask(0, objective='layer:a', image=image)
    self.assertEqual(task.stem, f'{slug}_layer-a_0')

  def test_every_class_of_imagenet(self) -> None:
    config = visualize_config.VisualizeConfig(class_ids=tuple(range(1000)))
    for task in task_lib.plan(config, _NAMES):
      self.assertRegex(task.stem, r'^[0-9]{3}_[a-z0-9]+(-[a-z0-9]+)*_0$')

  def test_names_that_every_system_takes(self) -> None:
    for letter in 'a猫🐈':
      text = 250 * letter
      frames = [
        task_lib.PictureTask(2**63, 999_999, text, None, text, 10**6),
        task_lib.PictureTask(2**63, None, None, text, text, 10**6),
      ]
      for task in frames:
        for name in (f'{task.stem}.json', f'{task.series}_frames.gif'):
          self.assertLessEqual(len(name.encode()), 255)

  def test_preset_with_an_objective_of_its_own(self) -> None:
    config = visualize_config.VisualizeConfig(preset='deepdream')
    (task,) = task_lib.plan(config, _NAMES)
    self.assertEqual(task.stem, 'deepdream_0')
    self.assertEqual(task.describe(), {'seed': 0, 'objective': 'deepdream'})

  def test_series(self) -> None:
    config = visualize_config.VisualizeConfig(
      class_ids=(3, 281), seed=5, num_variations=2
    )
    tasks = task_lib.plan(config, _NAMES, 3)
    series = [
      *('003_tiger-shark_5', '003_tiger-shark_6'),
      *('281_tabby_5', '281_tabby_6'),
    ]
    self.assertEqual(
      [task.stem for task in tasks],
      [f'{name}_0000{frame}' for name in series for frame in range(3)],
    )
    self.assertEqual([task.frame for task in tasks], [0, 1, 2] * 4)
    self.assertEqual(
      [task.series for task in tasks],
      [name for name in series for _ in range(3)],
    )
    self.assertEqual(tasks[0].describe()['frame'], 0)

  def test_frames_beyond_five_digits(self) -> None:
    task = task_lib.PictureTask(0, objective='layer:a', frame=123_456)
    self.assertEqual(task.stem, 'layer-a_0_123456')

  @parameterized.parameters(
    {'class_id': 281, 'class_name': 'tabby'}, {'objective': 'layer:a'}
  )
  def test_draws_depend_on_the_frame(self, **subject: Any) -> None:
    tasks = [
      task_lib.PictureTask(seed, **subject, frame=frame)
      for seed in (0, 1)
      for frame in range(3)
    ]
    self.assertLen({tuple(_draws(task)) for task in tasks}, len(tasks))
    # Not on what is drawn into: variations are to be compared.
    other = task_lib.PictureTask(1, **subject, frame=2, image='a.png')
    np.testing.assert_array_equal(_draws(other), _draws(tasks[-1]))

  def test_unknown_class(self) -> None:
    config = visualize_config.VisualizeConfig(class_ids=(3, 1000))
    with self.assertRaisesRegex(
      ValueError, 'class_id 1000 is unknown; take 0 to 999, of 1000 classes'
    ):
      task_lib.plan(config, _NAMES)

  def test_classes_of_a_trained_network(self) -> None:
    names = trained_checkpoints.CLASS_NAMES
    config = visualize_config.VisualizeConfig(class_ids=(1, 0))
    tasks = task_lib.plan(config, names)
    self.assertEqual(
      [task.stem for task in tasks], ['001_ete_0', '000_house-finch_0']
    )
    self.assertEqual(tasks[0].class_name, 'Été, summer')
    config = visualize_config.VisualizeConfig(class_ids=(3,))
    with self.assertRaisesRegex(
      ValueError, '^class_id 3 is unknown; take 0 to 2, of 3 classes '
    ):
      task_lib.plan(config, names)


if __name__ == '__main__':
  absltest.main()
