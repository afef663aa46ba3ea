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

"""Tests for visualize: whole runs, with a tiny network."""

import dataclasses
import errno
import os
from pathlib import Path
import shlex
import tracemalloc
from typing import Any, ClassVar
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz import saliency
from magenta_viz import visualize
from magenta_viz.media import image_files
from magenta_viz.media import picture_text
from magenta_viz.media import records
from magenta_viz.media import summaries
from magenta_viz.models import network_protocol
from magenta_viz.settings import parts
from magenta_viz.testing import drawings
from magenta_viz.visualization import objective_reader
from magenta_viz.visualization import renderer

_FILES = ['281_tabby_0.json', '281_tabby_0.png']


class _TestCase(drawings.TestCase):
  settings: ClassVar[Any] = {'class_ids': (281,), 'image_size': (64, 64)}
  # Small views only: one trace of the network.
  overrides: ClassVar[Any] = {
    'num_steps': 3,
    'coarse_size': 64,
    'coarse_share': 1.0,
  }

  def setUp(self) -> None:
    super().setUp()
    self.network = self.use_network(drawings.thousand_classes())


class ExistingPicturesTest(_TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.draw()
    self.before = self.files()
    # A single picture has no sheet.
    self.assertEqual(list(self.before), _FILES)

  @parameterized.parameters(
    ({'image_size': (64, 80)}, 'image_size: 64x64 there, 64x80 now'),
    (
      {'overrides': {'num_steps': 4, 'noise': 0.5}},
      'noise: 0.0 there, 0.5 now; num_steps: 3 there, 4 now',
    ),
  )
  def test_other_settings(self, others: Any, difference: str) -> None:
    with self.assertRaises(ValueError) as caught:
      self.draw(class_ids=(3, 281), **others)
    path = self.folder / '281_tabby_0.json'
    self.assertEqual(
      str(caught.exception),
      f"'{path}' is of other settings ({difference}); use --overwrite, another"
      ' --output_dir or the same settings',
    )
    # Not even class 3, which comes before it.
    self.assertEqual(self.files(), self.before)

  def test_what_does_not_change_a_picture(self) -> None:
    self.draw(class_ids=(281, 3), batch_size=1)
    after = self.files()
    self.assertLen(after, 2 * 2 + 1)
    self.assertEqual({**after, **self.before}, after)

  def test_overwrite(self) -> None:
    self.draw(overrides={'num_steps': 4}, overwrite=True)
    after = self.files()
    self.assertCountEqual(after, self.before)
    for name, (content, _) in self.before.items():
      self.assertNotEqual(after[name][0], content)

  @parameterized.parameters(*_FILES)
  def test_half_a_pair_is_made_whole(self, name: str) -> None:
    (self.folder / name).unlink()
    self.draw()
    after = self.files()
    self.assertCountEqual(after, self.before)
    self.assertEqual(after[_FILES[1]][0], self.before[_FILES[1]][0])

  def test_damaged_record(self) -> None:
    path = self.folder / _FILES[0]
    path.write_text('{"settings"')
    with self.assertRaisesRegex(ValueError, f"^record '{path}' is damaged "):
      self.draw()
    self.assertEqual(path.read_text(), '{"settings"')


class TextTest(_TestCase):
  def test_png_tells_what_made_it(self) -> None:
    (drawn,) = self.draw(log_dir=str(self.root / 'log'))
    before = self.files('.png')
    self.folder = self.root / 'elsewhere'
    self.draw(animate='gif')
    self.assertEqual(
      [each[0] for each in self.files('.png').values()],
      [each[0] for each in before.values()],
    )
    (self.folder / _FILES[0]).unlink()
    found = visualize.Picture.open(self.folder / _FILES[1])
    np.testing.assert_allclose(found.image, drawn.image, atol=1 / 510)
    self.assertEqual(found.label, '281 tabby, seed 0')
    for key in ('preset', 'overrides', 'probability', 'rank', 'versions'):
      self.assertEqual(found.record[key], drawn.record[key], key)
    settings = found.record['settings']
    self.assertEmpty(records.differences(settings, drawn.record['settings']))
    words = shlex.split(found.record['command'])
    self.assertIn('--num_steps=3', words)
    self.assertNotIn(str(self.root), found.record['command'])

  def test_flags_that_no_picture_depends_on(self) -> None:
    configs = (visualize.VisualizeConfig, saliency.SaliencyConfig)
    known = {each.name for config in configs for each in parts.settings(config)}
    self.assertContainsSubset(picture_text.IDLE_FLAGS, known)

  def test_sheet_tells_its_command(self) -> None:
    self.draw(class_ids=(3, 281))
    texts = image_files.read_texts(self.folder / 'sheet.png')
    self.assertEqual(texts['Title'], '2 pictures')
    self.assertIn(' --class_id=3,281 ', texts['Comment'])


class PicturesTest(_TestCase):
  def test_arrays_without_a_folder(self) -> None:
    before = os.getcwd()
    self.folder.mkdir()
    os.chdir(self.folder)
    try:
      pictures = self.draw(class_ids=(281, 3), output_dir=None)
    finally:
      os.chdir(before)
    self.assertEmpty(self.names())
    self.assertEqual([picture.path for picture in pictures], [None, None])
    self.assertEqual([each.record['class_id'] for each in pictures], [281, 3])
    self.assertEqual(pictures[0].image.shape, (64, 64, 3))

  def test_variations(self) -> None:
    pictures = self.draw(seed=5, num_variations=3, batch_size=2)
    self.assertEqual([each.record['seed'] for each in pictures], [5, 6, 7])
    stems = ['281_tabby_5', '281_tabby_6', '281_tabby_7']
    self.assertEqual([each.path.stem for each in pictures if each.path], stems)
    for index in (0, 1):
      difference = pictures[index].image - pictures[index + 1].image
      self.assertGreater(np.abs(difference).mean(), 1e-3)
    self.assertIn('sheet.png', self.names())
    # More of them leave those that there are.
    before = self.files()
    self.draw(seed=5, num_variations=4)
    after = self.files()
    self.assertLen(after, len(before) + 2)
    for stem in stems:
      self.assertEqual(after[f'{stem}.png'], before[f'{stem}.png'])

  def test_variations_are_set_apart(self) -> None:
    both = self.draw(num_variations=2, output_dir=None)
    settings = both[0].record['settings']
    self.assertGreater(settings['facet'], 0)
    # GoogLeNet's name of it is in the preset.
    self.assertEqual(settings['facet_layer'], 'mixed')
    (single,) = self.draw(output_dir=None)
    self.assertEqual(single.record['settings']['facet'], 0)
    self.assertGreater(np.abs(both[0].image - single.image).mean(), 1e-3)

  def test_pictures_come_as_they_are_done(self) -> None:
    pictures = visualize.draw(self.config(class_ids=(281, 3), batch_size=1))
    next(pictures)
    self.assertEqual(self.names(), _FILES)
    next(pictures)
    self.assertLen(self.names(), 4)
    self.assertIsNone(next(pictures, None))
    self.assertIn('sheet.png', self.names())

  def test_worker_draws_its_own(self) -> None:
    classes = {'class_ids': (1, 281, 3), 'batch_size': 1}
    config = self.config(**classes, num_workers=2)
    self.assertLen(list(visualize.draw(config, worker=1)), 1)
    # No sheet either.
    self.assertEqual(self.names(), _FILES)

  def test_long_pictures(self) -> None:
    overrides = {'num_steps': 4, 'coarse_share': 0.5}
    (picture,) = self.draw(image_size=(64, 96), overrides=overrides)
    self.assertEqual(picture.image.shape, (64, 96, 3))
    # Coarse views, fine ones, and the whole picture to be judged.
    sizes = [shape[1:3] for shape in self.network.shapes]
    self.assertEqual(sizes, [(64, 64), (80, 80), (80, 120)])

  def test_one_trace_a_shape(self) -> None:
    def draw(*class_ids: int, **others: Any) -> None:
      overrides = {'num_steps': 4, 'coarse_share': 0.5, **others}
      self.draw(class_ids=class_ids, overrides=overrides, batch_size=2)

    # Three batches of four steps each.
    draw(1, 2, 3, 4, 5)
    shapes = [(2, 64, 64, 3), (2, 80, 80, 3), (1, 64, 64, 3), (1, 80, 80, 3)]
    self.assertEqual(self.network.traced, shapes)
    # Nor does another run trace what the one before has traced.
    draw(6, 7)
    self.assertEqual(self.network.traced, shapes)
    draw(8, 9, decay_power=1.0)
    self.assertEqual(self.network.traced, [*shapes, *shapes[:2]])

  def test_rank_and_probability(self) -> None:
    # Far apart, so that the pictures matter little.
    offset = np.linspace(0, 10_000, 1000, dtype=np.float32)
    self.use_network(drawings.thousand_classes(np.roll(offset, 1)))
    pictures = self.draw(class_ids=(0, 1, 999))
    ranks = [picture.record['rank'] for picture in pictures]
    self.assertEqual(ranks[0], 1)
    self.assertBetween(ranks[1], 995, 1000)
    self.assertBetween(ranks[2], 1, 5)
    probabilities = [picture.record['probability'] for picture in pictures]
    self.assertGreater(probabilities[0], 0.99)
    self.assertBetween(probabilities[2], 1e-9, 0.01)
    self.assertLess(probabilities[1], 1e-20)


class ErrorsTest(_TestCase):
  @parameterized.parameters('output_dir', 'log_dir')
  def test_folder_is_a_file(self, name: str) -> None:
    file = self.root / 'file'
    file.touch()
    with self.assertRaisesRegex(OSError, f"^cannot write in .*'{file}' is no"):
      self.draw(**{name: str(file)})
    self.assertEmpty(self.names())

  def test_full_disk(self) -> None:
    fsync = os.fsync

    def fsync_while_there_is_room(descriptor: int) -> None:
      if os.fstat(descriptor).st_size > 1000:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
      fsync(descriptor)

    with mock.patch(
      'os.fsync', fsync_while_there_is_room
    ), self.assertRaisesRegex(
      OSError, "^cannot write '.*/281_tabby_0.png': No space left on device; "
    ):
      self.draw()
    self.assertEmpty(self.names())

  def test_nan(self) -> None:
    self.use_network(drawings.thousand_classes(np.nan))
    with self.assertRaisesRegex(
      FloatingPointError,
      '^the score or the gradient of a picture is nan at step 0; ',
    ):
      self.draw()
    self.assertEmpty(self.names())

  def test_stopped_at_once(self) -> None:
    with mock.patch.object(
      summaries.Summaries, 'write', side_effect=KeyboardInterrupt
    ), self.assertRaises(KeyboardInterrupt):
      self.draw(class_ids=(281, 3))
    self.assertEmpty(self.names())


class RefusedTest(_TestCase):
  @parameterized.parameters(
    (
      {'num_workers': 4},
      'num_workers is 4, but this process draws alone; leave it to'
      ' image_visualization_visualize --num_workers=4',
    ),
    (
      {'objective': 'layer:mixed', 'overrides': {'head': 'mixed'}},
      "head does nothing, because 'layer:mixed' is of no class; leave it out",
    ),
    (
      {'objective': 'probability:3', 'overrides': {'centring': 0.5}},
      "centring does nothing, because 'probability:3' is of no class's logit;"
      ' leave it out',
    ),
    (
      {'overrides': {'sweeps': 3}},
      'sweeps does nothing, because a picture of 64 x 64 pixels is drawn at'
      ' once, and not enlarged; leave it out',
    ),
    (
      {'zoom_frames': 3, 'batch_size': 4},
      'batch_size is 4, but frames are drawn one after the other; leave it out',
    ),
    ({'overrides': {'detail': 1.0}}, 'detail does nothing, because a pictu...'),
    (
      {'overrides': {'base_size': 200}},
      'base_size does nothing, because a picture of 64 x 64...',
    ),
    (
      {'overrides': {'colours': 'plain', 'parameterization': 'pixels'}},
      'colours does nothing, because a picture of 64 x 64 pixels is drawn at'
      ' once in pixels...',
    ),
  )
  def test_what_does_nothing(self, settings: Any, message: str) -> None:
    if 'objective' in settings:
      settings = {'class_ids': (), **settings}
    self.assert_refused(message, **settings)

  @parameterized.parameters(
    {'image_size': 128, 'overrides': {'sweeps': 1, 'detail': 0.1}},
    # That keeps it from being enlarged.
    {'image_size': 128, 'overrides': {'base_size': 400}},
    {'overrides': {'colours': 'plain'}},
    {'class_ids': (), 'objective': 'class:3', 'overrides': {'head': 'mixed'}},
  )
  def test_what_counts(self, **settings: Any) -> None:
    with mock.patch.object(
      renderer.Renderer, 'draw', side_effect=KeyboardInterrupt
    ), mock.patch.object(objective_reader.ObjectiveReader, 'read') as read:
      read.return_value.is_coupled = False
      read.return_value.is_whole = False
      with self.assertRaises(KeyboardInterrupt):
        self.draw(**settings)


class WarningTest(_TestCase):
  def warning(self, logits: Any = None, **settings: Any) -> Any:
    """Returns what the record warns of, which is logged once.

    Args:
      logits: From images to a network's logits, in place of the usual ones;
        its layer 'a' has a unit that is silent.
      **settings: Of the run.
    """

    def compute(images: tf.Tensor) -> network_protocol.Outputs:
      units = tf.pad(images, [[0, 0], [0, 0], [0, 0], [0, 1]])
      return network_protocol.Outputs(logits(images), {'a': units})

    if logits is not None:
      self.network.compute = compute
    with self.assertLogs(level='INFO') as logs:
      (picture,) = self.draw(**settings)
    lines = [line for line in logs.output if line.startswith('WARNING:absl')]
    found = picture.record['warning']
    stem = Path(str(picture.path)).stem
    expected = [] if found is None else [f'WARNING:absl:{stem}: {found}.']
    self.assertEqual(lines, expected)
    return found

  overrides: ClassVar[Any] = {'num_steps': 3}

  def test_what_goes_well(self) -> None:
    self.assertIsNone(self.warning())

  def test_silent_unit(self) -> None:
    found = self.warning(
      lambda images: tf.zeros([images.shape[0], 1000]),
      class_ids=(),
      objective='neuron:a:3',
      preset='deepdream',
      overrides={'octaves': 2},
    )
    self.assertStartsWith(found, 'the score stayed 0 in all 6 steps: ')

  def test_score_without_influence(self) -> None:
    def constant(images: tf.Tensor) -> tf.Tensor:
      logits = tf.zeros([images.shape[0], 1000]) + 2.5
      return logits + 0 * images[:, :1, 0, 0]

    found = self.warning(constant, preset='lucid')
    self.assertStartsWith(found, 'no step changed the picture: its score has')
    found = self.warning(
      constant, preset='yosinski_b', class_ids=3, overrides={'keep': 'last'}
    )
    self.assertStartsWith(found, 'the score stayed 2.5 in all 3 steps: ')


class PlanTest(_TestCase):
  def test_is_made_as_it_is_drawn(self) -> None:
    # What TensorFlow and others keep is kept from here on.
    self.draw(output_dir=None)
    tracemalloc.start()
    self.addCleanup(tracemalloc.stop)
    # The first of a hundred million pictures.
    many = {'class_ids': range(1000), 'num_variations': 100_000}
    next(visualize.draw(self.config(**many, batch_size=1)))
    _, peak = tracemalloc.get_traced_memory()
    self.assertLess(peak, 10e6)

  def test_records_are_looked_at_before(self) -> None:
    self.draw(class_ids=4)
    config = self.config(class_ids=range(5), overrides={'num_steps': 2})
    with self.assertRaisesRegex(ValueError, 'num_steps: 3 there, 2 now'):
      next(visualize.draw(dataclasses.replace(config, batch_size=2)))
    self.assertLen(self.names('.json'), 1)


if __name__ == '__main__':
  absltest.main()
