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

"""Tests for visualize: whole runs, with the embedded network or a tiny one."""

import dataclasses
import errno
import hashlib
import os
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz import visualize
from magenta_viz.media import summaries
from magenta_viz.models import model_spec
from magenta_viz.models import network_loading
from magenta_viz.models import sharing
from magenta_viz.models import slim_network
from magenta_viz.visualization import config as visualize_config

_EMBEDDED = model_spec.AUTO_MODELS[-1]

# Small views only: one trace of the network.
_OVERRIDES = {'num_steps': 3, 'coarse_size': 64, 'coarse_share': 1.0}


def _config(
  output_dir: Optional[Path], class_ids: Tuple[int, ...] = (281,), **others: Any
) -> visualize_config.VisualizeConfig:
  """Returns the configuration of small and quick pictures."""
  settings = {
    'models': (_EMBEDDED,),
    'image_size': (64, 64),
    'precision': 'float32',
    'overrides': _OVERRIDES,
    **others,
  }
  return visualize_config.VisualizeConfig(
    class_ids=class_ids,
    output_dir=None if output_dir is None else str(output_dir),
    **settings,
  )


def _snapshot(folder: Path) -> Dict[str, Tuple[str, int]]:
  """Returns SHA-256 and time of change of each file, by name."""
  return {
    path.name: (
      hashlib.sha256(path.read_bytes()).hexdigest(),
      path.stat().st_mtime_ns,
    )
    for path in folder.iterdir()
  }


class _TinyNetwork:
  """Stands in for a network with its weights; keeps the sizes that it saw."""

  spec = dataclasses.replace(
    model_spec.find_spec(_EMBEDDED), image_size=80, recipe={}
  )
  dtype = tf.float32

  def __init__(self, offset: Any = 0.0):
    """Takes what is added to the logits, [1000] or a number."""
    self._offset = offset
    self.sizes: List[Tuple[int, ...]] = []
    self.traced: List[Tuple[int, ...]] = []
    self.shared = sharing.Shared(1)

  look_at = slim_network.SlimNetwork.look_at

  def __call__(self, images: tf.Tensor) -> slim_network.Outputs:
    self.sizes.append(tuple(images.shape[1:3]))
    if not tf.executing_eagerly():
      self.traced.append(tuple(images.shape))
    kernel = tf.random.stateless_normal([3, 1000], (1, 2))
    logits = tf.reduce_mean(images, [1, 2]) @ kernel
    end_points = {'fire8/concat': images}
    return slim_network.Outputs(logits + self._offset, end_points)


class _TestCase(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path) / 'pictures'

  def use_tiny_network(self, offset: Any = 0.0) -> _TinyNetwork:
    """Lets this test's runs draw from a tiny network."""
    network = _TinyNetwork(offset)
    self.enter_context(
      mock.patch.object(network_loading, 'load', return_value=network)
    )
    return network

  def names(self) -> List[str]:
    """Returns the names of the files that were written."""
    return sorted(os.listdir(self.folder))


class ExistingPicturesTest(_TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.use_tiny_network()
    visualize.run(_config(self.folder))
    self.before = _snapshot(self.folder)

  @parameterized.parameters(
    ({'image_size': (64, 80)}, 'image_size: [64, 64] there, [64, 80] now'),
    (
      {'overrides': {**_OVERRIDES, 'num_steps': 4, 'noise': 0.5}},
      'noise: 0.0 there, 0.5 now; num_steps: 3 there, 4 now',
    ),
  )
  def test_other_settings(self, others: Any, difference: str) -> None:
    with self.assertRaises(ValueError) as caught:
      visualize.run(_config(self.folder, (3, 281), **others))
    path = self.folder / '281_tabby_0.json'
    self.assertEqual(
      str(caught.exception),
      f"'{path}' is of other settings ({difference}); use --overwrite, another"
      ' --output_dir or the same settings',
    )
    # Not even class 3, which comes before it.
    self.assertEqual(_snapshot(self.folder), self.before)

  def test_what_does_not_change_a_picture(self) -> None:
    visualize.run(_config(self.folder, (281, 3), batch_size=1))
    after = _snapshot(self.folder)
    self.assertLen(after, 2 * 2 + 1)
    for name, file in self.before.items():
      self.assertEqual(after[name], file)

  def test_overwrite(self) -> None:
    overrides = {**_OVERRIDES, 'num_steps': 4}
    config = _config(self.folder, overrides=overrides, overwrite=True)
    visualize.run(config)
    after = _snapshot(self.folder)
    self.assertCountEqual(after, self.before)
    for name, (sha256, _) in self.before.items():
      self.assertNotEqual(after[name][0], sha256)

  @parameterized.parameters('281_tabby_0.json', '281_tabby_0.png')
  def test_half_a_pair_is_made_whole(self, name: str) -> None:
    (self.folder / name).unlink()
    visualize.run(_config(self.folder))
    after = _snapshot(self.folder)
    self.assertCountEqual(after, self.before)
    png = '281_tabby_0.png'
    self.assertEqual(after[png][0], self.before[png][0])

  @parameterized.parameters('', '{"settings"', '[]')
  def test_damaged_record(self, content: str) -> None:
    path = self.folder / '281_tabby_0.json'
    path.write_text(content)
    with self.assertRaisesRegex(ValueError, f"^record '{path}' is damaged "):
      visualize.run(_config(self.folder))
    self.assertEqual(path.read_text(), content)


class PicturesTest(_TestCase):
  def test_arrays_without_a_folder(self) -> None:
    self.use_tiny_network()
    before = os.getcwd()
    self.folder.mkdir()
    os.chdir(self.folder)
    try:
      pictures = visualize.run(_config(None, (281, 3)))
    finally:
      os.chdir(before)
    self.assertEmpty(self.names())
    self.assertEqual([picture.path for picture in pictures], [None, None])
    self.assertEqual([each.record['class_id'] for each in pictures], [281, 3])
    self.assertEqual(pictures[0].image.shape, (64, 64, 3))

  def test_variations(self) -> None:
    self.use_tiny_network()
    pictures = visualize.run(
      _config(self.folder, (281,), seed=5, num_variations=3, batch_size=2)
    )
    self.assertEqual([each.record['seed'] for each in pictures], [5, 6, 7])
    stems = ['281_tabby_5', '281_tabby_6', '281_tabby_7']
    self.assertEqual([each.path.stem for each in pictures if each.path], stems)
    for index in (0, 1):
      difference = pictures[index].image - pictures[index + 1].image
      self.assertGreater(np.abs(difference).mean(), 1e-3)
    self.assertIn('sheet.png', self.names())
    # More of them leave those that there are.
    before = _snapshot(self.folder)
    visualize.run(_config(self.folder, (281,), seed=5, num_variations=4))
    after = _snapshot(self.folder)
    self.assertLen(after, len(before) + 2)
    for stem in stems:
      self.assertEqual(after[f'{stem}.png'], before[f'{stem}.png'])

  def test_variations_are_set_apart(self) -> None:
    self.use_tiny_network()
    both = visualize.run(_config(None, (281,), num_variations=2))
    settings = both[0].record['settings']
    self.assertGreater(settings['facet'], 0)
    # GoogLeNet's name of it is in the preset.
    self.assertEqual(settings['facet_layer'], 'fire8/concat')
    (single,) = visualize.run(_config(None, (281,)))
    self.assertEqual(single.record['settings']['facet'], 0)
    self.assertGreater(np.abs(both[0].image - single.image).mean(), 1e-3)

  def test_one_picture_has_no_sheet(self) -> None:
    self.use_tiny_network()
    visualize.run(_config(self.folder))
    self.assertEqual(self.names(), ['281_tabby_0.json', '281_tabby_0.png'])

  def test_pictures_come_as_they_are_done(self) -> None:
    self.use_tiny_network()
    drawing = visualize.draw(_config(self.folder, (281, 3), batch_size=1))
    next(drawing)
    self.assertEqual(self.names(), ['281_tabby_0.json', '281_tabby_0.png'])
    next(drawing)
    self.assertLen(self.names(), 4)
    self.assertIsNone(next(drawing, None))
    self.assertIn('sheet.png', self.names())

  def test_long_pictures(self) -> None:
    network = self.use_tiny_network()
    overrides = {**_OVERRIDES, 'num_steps': 4, 'coarse_share': 0.5}
    config = _config(None, image_size=(64, 96), overrides=overrides)
    (picture,) = visualize.run(config)
    self.assertEqual(picture.image.shape, (64, 96, 3))
    # Coarse views, fine ones, and the whole picture to be judged.
    self.assertEqual(network.sizes, [(64, 64), (80, 80), (80, 120)])

  def test_one_trace_a_shape(self) -> None:
    network = self.use_tiny_network()
    overrides = {**_OVERRIDES, 'num_steps': 4, 'coarse_share': 0.5}
    visualize.run(
      _config(None, (1, 2, 3, 4, 5), overrides=overrides, batch_size=2)
    )
    # Three batches of four steps each.
    shapes = [(2, 64, 64, 3), (2, 80, 80, 3), (1, 64, 64, 3), (1, 80, 80, 3)]
    self.assertEqual(network.traced, shapes)
    # Nor does another run trace what the one before has traced.
    visualize.run(_config(None, (6, 7), overrides=overrides))
    self.assertEqual(network.traced, shapes)
    other = {**overrides, 'chroma': 0.7}
    visualize.run(_config(None, (6, 7), overrides=other))
    self.assertEqual(network.traced, [*shapes, *shapes[:2]])

  def test_rank_and_probability(self) -> None:
    # Far apart, so that the pictures matter little.
    offset = np.linspace(0, 10_000, 1000, dtype=np.float32)
    self.use_tiny_network(np.roll(offset, 1))
    pictures = visualize.run(_config(None, (0, 1, 999)))
    ranks = [picture.record['rank'] for picture in pictures]
    self.assertEqual(ranks[0], 1)
    self.assertBetween(ranks[1], 995, 1000)
    self.assertBetween(ranks[2], 1, 5)
    probabilities = [picture.record['probability'] for picture in pictures]
    self.assertGreater(probabilities[0], 0.99)
    self.assertBetween(probabilities[2], 1e-9, 0.01)
    self.assertLess(probabilities[1], 1e-20)


class ErrorsTest(_TestCase):
  def _assert_nothing_written(self) -> None:
    self.assertEmpty(self.names() if self.folder.exists() else [])

  @parameterized.parameters(
    ({'class_ids': (1000,)}, 'class_id 1000 is unknown; take 0 to 999'),
    ({'class_ids': (3, -1)}, 'class_id -1 is unknown; take 0 to 999'),
    ({'models': ('alexnet',)}, "unknown network 'alexnet'; take auto, or "),
    (
      {'overrides': {'num_steps': 0}},
      'num_steps is 0; take a whole number from 1 to ',
    ),
    (
      {'overrides': {'min_span': 2.0, 'max_span': 1.0}},
      'min_span is 2.0 and max_span 1.0; take a smaller min_span',
    ),
  )
  def test_configuration(self, others: Any, message: str) -> None:
    with self.assertRaises(ValueError) as caught:
      visualize.run(_config(self.folder, **others))
    self.assertStartsWith(str(caught.exception), message)
    self.assertNotIn('\n', str(caught.exception))
    self.assertFalse(self.folder.exists())

  @parameterized.parameters('output_dir', 'log_dir')
  def test_folder_is_a_file(self, name: str) -> None:
    self.use_tiny_network()
    file = self.folder.with_name('file')
    file.touch()
    settings: Dict[str, Any] = {name: str(file)}
    config = dataclasses.replace(_config(self.folder), **settings)
    with self.assertRaisesRegex(OSError, f"^cannot write in .*'{file}' is no"):
      visualize.run(config)
    self._assert_nothing_written()

  def test_full_disk(self) -> None:
    self.use_tiny_network()
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
      visualize.run(_config(self.folder))
    self._assert_nothing_written()

  def test_nan(self) -> None:
    self.use_tiny_network(offset=np.nan)
    with self.assertRaisesRegex(
      FloatingPointError,
      '^the score or the gradient of a picture is nan at step 0; ',
    ):
      visualize.run(_config(self.folder))
    self._assert_nothing_written()

  def test_stopped_at_once(self) -> None:
    self.use_tiny_network()
    with mock.patch.object(
      summaries.Summaries, 'write', side_effect=KeyboardInterrupt
    ), self.assertRaises(KeyboardInterrupt):
      visualize.run(_config(self.folder, (281, 3)))
    self._assert_nothing_written()


if __name__ == '__main__':
  absltest.main()
