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

"""Tests for visualize and saliency of networks that were trained here."""

import dataclasses
import shlex
import shutil
from typing import Any, List, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz import saliency
from magenta_viz import visualize
from magenta_viz.ascent import presets
from magenta_viz.attribution import config as saliency_config
from magenta_viz.media import image_files
from magenta_viz.models import model_spec
from magenta_viz.testing import trained_checkpoints

# One step, and one trace of the network.
_OVERRIDES = {'num_steps': 1, 'coarse_size': 64, 'coarse_share': 1.0}


class _TestCase(trained_checkpoints.TrainedTestCase):
  def draw(self, **settings: Any) -> List[visualize.Picture]:
    return visualize.run(
      visualize.VisualizeConfig(
        **{
          'checkpoints': (str(self.train_dir),),
          'output_dir': str(self.folder / 'pictures'),
          'precision': 'float32',
          'overrides': _OVERRIDES,
          **settings,
        }
      )
    )


class VisualizeTest(_TestCase):
  def test_picture_and_record(self) -> None:
    with trained_checkpoints.reads() as counts:
      (picture,) = self.draw(class_ids=(1,))
    # For the plan, the choice of the best, and the network: once.
    self.assertEqual(counts, {'model.ckpt-2.json': 1, 'model.ckpt-3.json': 1})
    # 320 * 64 / 224 is 91.4.
    self.assertEqual(picture.image.shape, (88, 88, 3))
    assert picture.path is not None
    self.assertEqual(picture.path.name, '001_ete_0.png')
    record = picture.record
    self.assertEqual(record['class_id'], 1)
    self.assertEqual(record['class_name'], 'Été, summer')
    self.assertEqual(record['networks'][0]['model'], 'squeezenet')
    self.assertEqual(
      record['networks'][0]['weights'], str(self.train_dir / 'model.ckpt-2')
    )
    self.assertBetween(record['probability'], 0, 1)
    self.assertIn(record['rank'], (1, 2, 3))
    # Of this very checkpoint, also when another one is the best.
    words = shlex.split(record['command'])
    self.assertIn(f'--checkpoint={self.train_dir}/model.ckpt-2', words)

  def test_resumed_with_another_checkpoint(self) -> None:
    train_dir = self.folder / 'train'
    shutil.copytree(self.train_dir, train_dir)
    draw: Any = {'class_ids': (0,), 'checkpoints': (str(train_dir),)}
    (picture,) = self.draw(**draw)
    assert picture.path is not None
    before = picture.path.stat().st_mtime_ns
    (picture,) = self.draw(**draw)
    assert picture.path is not None
    self.assertEqual(picture.path.stat().st_mtime_ns, before)
    trained_checkpoints.write_network(train_dir, 4, top1=0.95)
    with self.assertRaisesRegex(
      ValueError, r'is of other settings \(networks: .* there, .* now\)'
    ):
      self.draw(**draw)

  def test_objective_with_a_class_by_its_name(self) -> None:
    objective = 'class:house_finch - 0.5*class:crane'
    (picture,) = self.draw(objective=objective)
    self.assertEqual(picture.record['objective'], objective)
    with self.assertRaisesRegex(ValueError, "no class is called 'tabby'"):
      self.draw(objective='class:tabby')
    with self.assertRaisesRegex(ValueError, 'class 3 is unknown; take 0 to 2'):
      self.draw(objective='class:3')

  def test_of_another_network(self) -> None:
    with self.assertRaisesRegex(ValueError, 'is googlenet, .* is squeezenet;'):
      self.draw(class_ids=(0,), models=('googlenet',))


class DefaultSizeTest(parameterized.TestCase):
  @parameterized.parameters(
    # As the preset has it, multiple of 8 or not.
    (224, (320, 323), (320, 323)),
    (448, (320, 323), (640, 648)),
    (64, (320, 448), (88, 128)),
    (100, (224, 320), (96, 144)),
    (32, (320, 858), (64, 120)),
  )
  def test_goes_with_the_networks(
    self, image_size: int, preset: Tuple[int, int], expected: Tuple[int, int]
  ) -> None:
    spec = dataclasses.replace(
      model_spec.find_spec('squeezenet'), image_size=image_size
    )
    sized = dataclasses.replace(
      presets.find_preset('default'), image_size=preset
    )
    with mock.patch.object(presets, 'find_preset', return_value=sized):
      self.assertEqual(
        presets.find_preset('default').default_size(spec.image_size), expected
      )


class SaliencyTest(_TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.photo = self.folder / 'photo.png'
    image = np.random.default_rng(0).random((70, 90, 3), np.float32)
    image[20:50, 30:70, 0] = 1
    image_files.write_png(self.photo, image)

  def test_class_of_the_trained_network(self) -> None:
    config = saliency_config.SaliencyConfig(
      image=str(self.photo),
      output_dir=str(self.folder / 'pictures'),
      checkpoint=str(self.train_dir),
      precision='float32',
    )
    with trained_checkpoints.reads() as counts:
      found = saliency.run(config)
    self.assertEqual(counts, {'model.ckpt-2.json': 1, 'model.ckpt-3.json': 1})
    record = found.record
    self.assertIn(record['class_id'], (0, 1, 2))
    name = trained_checkpoints.CLASS_NAMES[record['class_id']]
    self.assertEqual(record['class_name'], name)
    self.assertEqual(record['first_choice'], name)
    self.assertIn(
      f'--checkpoint={self.train_dir}/model.ckpt-2 ', record['command']
    )

  def test_unknown_class(self) -> None:
    with self.assertRaisesRegex(
      ValueError, '^class_id 3 is unknown; take 0 to 2, of 3 classes$'
    ):
      saliency.run(
        saliency_config.SaliencyConfig(
          image=str(self.photo), class_id=3, checkpoint=str(self.train_dir)
        )
      )


if __name__ == '__main__':
  absltest.main()
