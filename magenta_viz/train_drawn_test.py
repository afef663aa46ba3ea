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

"""Tests that what a small training learned can be seen by drawing from it."""

import json
from pathlib import Path
from typing import Any, Dict, List
from unittest import mock

from absl.testing import absltest
import numpy as np
from PIL import Image

from magenta_viz import train
from magenta_viz import visualize
from magenta_viz.data import picture_measuring
from magenta_viz.models import picture_statistics
from magenta_viz.models import trained_network
from magenta_viz.testing import training_runs
from magenta_viz.training import class_pictures

# Of disks, by their places in the order of their names.
_COLOURS = {'blue': 2, 'green': 1, 'red': 0}


def _disk(channel: int, seed: int) -> np.ndarray:
  """Returns a [64, 64, 3] uint8 disk, in front of two tones of grey."""
  generator = np.random.RandomState(seed)
  row, column = np.mgrid[:64, :64]
  image = np.full((64, 64, 3), generator.uniform(90, 160))
  image[:, : generator.randint(10, 54)] = generator.uniform(90, 160)
  middle, radius = generator.uniform(24, 40, 2), generator.uniform(10, 20)
  is_inside = np.hypot(row - middle[0], column - middle[1]) < radius
  image[is_inside] = 50
  image[is_inside, channel] = generator.uniform(170, 220)
  image += generator.normal(0, 3, image.shape)
  return np.asarray(image.clip(0, 255), np.uint8)


def _write_disks(folder: Path) -> None:
  for split, count in (('train', 12), ('val', 4)):
    for name, channel in _COLOURS.items():
      path = folder / split / name
      path.mkdir(parents=True)
      for i in range(count):
        seed = 1000 * len(split) + 100 * channel + i
        Image.fromarray(_disk(channel, seed)).save(path / f'{i}.png')


class DrawnTest(training_runs.RunsTestCase):
  def test_colours_that_tell_classes_apart(self) -> None:
    _write_disks(self.folder / 'disks')
    result = train.run(
      self.config(
        self.folder / 'train',
        data_dir=str(self.folder / 'disks'),
        finetune_from='auto',
        num_steps=60,
        min_area=0.5,
        distort_colour=False,
      )
    )
    self.assertEqual(result.top1, 1)
    pictures = visualize.run(
      visualize.VisualizeConfig(
        checkpoints=(result.train_dir,),
        class_ids=(0, 1, 2),
        overrides={'num_steps': 100},
      )
    )
    for drawn, channel in zip(pictures, _COLOURS.values()):
      # Where it has most colour.
      colour = np.ptp(drawn.image, axis=2)
      is_strong = colour >= np.quantile(colour, 0.9)
      strong = drawn.image[is_strong].mean(axis=0)
      self.assertEqual(np.argmax(strong), channel, strong)
      self.assertGreater(np.ptp(strong), 0.2)


class MeasuredTest(training_runs.TinyRunsTestCase):
  def record(self, step: int) -> Dict[str, Any]:
    return training_runs.record_of(self.train_dir, step)

  def train(self, num_steps: int, **others: Any) -> None:
    train.run(self.config(self.train_dir, num_steps=num_steps, **others))

  def interrupt(self) -> None:
    config = self.config(self.train_dir, num_steps=2, checkpoint_every=1)
    training_runs.interrupt(config, 1)

  def test_record_has_what_the_network_sees(self) -> None:
    self.train(3, central_fraction=1.0)
    images: List[np.ndarray] = []
    for path in sorted((self.root / 'pictures' / 'train').glob('*/*')):
      image = (
        Image.open(path)
        .convert('RGB')
        .resize((64, 64), Image.Resampling.BILINEAR)
      )
      images.append(np.asarray(image, np.float32) / 255)
    # All of them: three steps of eight.
    expected = picture_measuring.measure(images)
    found = trained_network.find(str(self.train_dir))
    assert found is not None and found.pictures is not None
    self.assertLen(images, 24)
    np.testing.assert_allclose(
      found.pictures.colour, expected.colour, atol=0.01
    )
    np.testing.assert_allclose(
      found.pictures.covariance, expected.covariance, atol=0.2
    )
    assert found.pictures.slope is not None and expected.slope is not None
    self.assertAlmostEqual(found.pictures.slope, expected.slope, delta=0.3)

  def test_is_measured_once(self) -> None:
    self.interrupt()
    measured = self.record(1)['pictures']
    self.assertIsNotNone(measured)
    with mock.patch.object(
      picture_measuring, 'measure', side_effect=AssertionError
    ):
      self.train(2, checkpoint_every=1)
    self.assertEqual(self.record(2)['pictures'], measured)

  def test_training_of_an_earlier_version_goes_on(self) -> None:
    self.interrupt()
    path = self.train_dir / 'model.ckpt-1.json'
    record = json.loads(path.read_text())
    del record['pictures']
    path.write_text(json.dumps(record))
    self.train(2, checkpoint_every=1)
    self.assertIsNone(self.record(2)['pictures'])

  def test_damaged_pictures_are_left_out(self) -> None:
    folder = self.folder / 'pictures'
    training_runs.write_pictures(folder)
    for path in (folder / 'train').glob('*/0.png'):
      # The head is whole.
      path.write_bytes(path.read_bytes()[:500])
    self.train(3, data_dir=str(folder))
    self.assertIsNotNone(self.record(3)['pictures'])

  def test_classes_are_drawn_for_their_pictures(self) -> None:
    found = []

    def draw(network: Any, num_classes: int) -> Dict[str, np.ndarray]:
      found.append(network.recipe)
      return {str(i): np.zeros((64, 64, 3)) for i in range(num_classes)}

    with mock.patch.object(class_pictures, 'draw', draw):
      self.train(2, visualize_every=2)
    trained = trained_network.find(str(self.train_dir))
    assert trained is not None and trained.pictures is not None
    self.assertEqual(found, [trained.spec().recipe])
    self.assertEqual(
      found[0]['decay_power'], trained.pictures.recipe()['decay_power']
    )

  def test_flags_count_more_than_what_was_measured(self) -> None:
    self.train(1)
    measured = self.record(1)['pictures']
    none: Dict[str, Any] = {}
    for overrides in (none, {'decay_power': 3.0}):
      (picture,) = visualize.run(
        visualize.VisualizeConfig(
          checkpoints=(str(self.train_dir),),
          class_ids=(0,),
          overrides={'num_steps': 1, **overrides},
        )
      )
      statistics = picture_statistics.from_record(measured)
      assert statistics is not None
      expected = {**statistics.recipe(), **overrides}
      settings = picture.record['settings']
      self.assertEqual({name: settings[name] for name in expected}, expected)


if __name__ == '__main__':
  absltest.main()
