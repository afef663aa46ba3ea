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

"""Tests for visualize's films, zooms and frames, on a tiny network."""

import contextlib
import dataclasses
import os
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image
import scipy.ndimage
import tensorflow as tf

from magenta_viz import visualize
from magenta_viz.ascent import drawing
from magenta_viz.media import films
from magenta_viz.media import frames
from magenta_viz.media import image_files
from magenta_viz.models import model_spec
from magenta_viz.models import network_loading
from magenta_viz.models import network_protocol
from magenta_viz.models import sharing
from magenta_viz.models import slim_network
from magenta_viz.testing import tiny_network
from magenta_viz.visualization import source_images as starts_lib

_EMBEDDED = model_spec.AUTO_MODELS[-1]
_QUICK = {'num_steps': 2, 'octaves': 1, 'transforms': 'roll=4'}


class _Network(slim_network.SlimNetwork):
  """Stands in for a network with its weights."""

  dtype = tf.float32
  spec = dataclasses.replace(model_spec.find_spec('googlenet'), image_size=32)

  def __init__(self) -> None:
    self.shared = sharing.Shared(1)

  def __call__(self, images: tf.Tensor) -> network_protocol.Outputs:
    return tiny_network.network(images)


@contextlib.contextmanager
def _watched(stop_at: Optional[int] = None) -> Iterator[List[Any]]:
  """Collects what each batch starts from.

  Args:
    stop_at: Number of the batch, from 0, in which Ctrl-C is pressed.
  """
  run = drawing.Drawing.run
  starts: List[Any] = []

  def watched_run(
    self: drawing.Drawing,
    class_ids: np.ndarray,
    generators: Sequence[np.random.Generator],
    photo: Any,
    on_step: drawing.OnStep,
  ) -> drawing.Drawn:
    starts.append(photo)

    def watched_step(index: int, *others: Any) -> None:
      on_step(index, *others)
      if len(starts) - 1 == stop_at and index == 1:
        raise KeyboardInterrupt

    return run(self, class_ids, generators, photo, watched_step)

  with mock.patch.object(drawing.Drawing, 'run', watched_run):
    yield starts


def _levels(height: int, width: int, seed: int = 0) -> np.ndarray:
  """Makes a smooth picture, with room for a change of each value."""
  noise = np.random.default_rng(seed).standard_normal((height, width, 3))
  noise = scipy.ndimage.gaussian_filter(noise, (4, 4, 0))
  return np.clip(125 + 30 * noise / noise.std(), 60, 190).astype(np.uint8)


def _snapshot(folder: Path) -> Dict[str, Tuple[bytes, int]]:
  """Returns bytes and time of change of each picture, by name."""
  paths = folder.glob('*.png')
  return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in paths}


class _TestCase(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.load = self.enter_context(
      mock.patch.object(network_loading, 'load', return_value=_Network())
    )
    self.root = Path(self.create_tempdir().full_path)
    self.folder = self.root / 'pictures'
    self.photo = self.save('photo.png', _levels(68, 90))

  def save(self, name: str, levels: np.ndarray) -> Path:
    """Writes a picture file."""
    path = self.root / name
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(levels).save(path)
    return path

  def draw(self, image: Any = None, **settings: Any) -> List[visualize.Picture]:
    """Dreams into a photograph or frames."""
    config = visualize.VisualizeConfig(
      preset='deepdream',
      image=None if image is None else str(image),
      models=(_EMBEDDED,),
      overrides={**_QUICK, **settings.pop('overrides', {})},
      **{'output_dir': str(self.folder), **settings},
    )
    return visualize.run(config)

  def names(self, ending: str = '') -> List[str]:
    """Returns the names of the files that were written."""
    return sorted(each for each in os.listdir(self.folder) if ending in each)

  def read_film(self, name: str) -> Tuple[np.ndarray, Tuple[float, ...]]:
    """Returns the frames of a film, and the milliseconds of each."""
    with frames.open_frames(self.folder / name) as film:
      images = [film.read(index) for index in range(film.num_frames)]
      return np.stack(images), film.milliseconds


class AscentFilmTest(_TestCase):
  @parameterized.parameters('gif', 'mp4')
  def test_all_octaves(self, kind: str) -> None:
    overrides = {'num_steps': 3, 'octaves': 2, 'learning_rate': 10.0}
    pictures = self.draw(
      self.photo, animate=kind, num_variations=2, overrides=overrides
    )
    stems = ['photo_deepdream_0', 'photo_deepdream_1']
    self.assertEqual(self.names(kind), [f'{stem}.{kind}' for stem in stems])
    for stem, picture in zip(stems, pictures):
      film, times = self.read_film(f'{stem}.{kind}')
      # At the final size from the first octave on.
      self.assertEqual(film.shape, (6, 68, 90, 3))
      np.testing.assert_allclose(times, 40)
      errors = [np.abs(image - picture.image).mean() for image in film]
      # Colours suffer in films, but no frame is like the last.
      self.assertEqual(np.argmin(errors), 5)
      self.assertLess(errors[-1], 0.05)

  def test_missing_film(self) -> None:
    self.draw(self.photo)
    before = _snapshot(self.folder)
    with _watched() as starts:
      self.draw(self.photo, animate='gif')
      self.assertLen(starts, 1)
      after = _snapshot(self.folder)
      self.assertEqual(after.keys(), before.keys())
      for name, (content, _) in before.items():
        self.assertEqual(after[name][0], content)
      # Now all is there.
      self.assertLen(self.names('.gif'), 1)
      self.draw(self.photo, animate='gif')
      self.assertLen(starts, 1)

  def test_codec_is_missing(self) -> None:
    with mock.patch.object(
      films, 'check_codec', side_effect=OSError('no ffmpeg')
    ) as check, self.assertRaisesRegex(OSError, '^no ffmpeg$'):
      self.draw(self.photo, animate='mp4')
    check.assert_called_once_with('mp4')
    self.load.assert_not_called()
    self.assertFalse(self.folder.exists())

  def test_stopped(self) -> None:
    with self.assertRaises(KeyboardInterrupt), _watched(stop_at=0):
      self.draw(self.photo, animate='gif')
    self.assertEmpty(self.names())


class ZoomTest(_TestCase):
  @parameterized.parameters(True, False)
  def test_frames_start_from_those_before(self, has_photo: bool) -> None:
    image, size = (self.photo, None) if has_photo else (None, (64, 72))
    with _watched() as starts:
      pictures = self.draw(
        image, image_size=size, zoom_frames=3, zoom=0.1, num_variations=2
      )
    subject = 'photo_deepdream' if has_photo else 'deepdream'
    stems = [f'{subject}_{seed}_0000{n}' for seed in (0, 1) for n in range(3)]
    self.assertEqual(
      self.names(),
      [stem + ending for stem in stems for ending in ('.json', '.png')],
    )
    self.assertLen(starts, 6)
    for index, (picture, start) in enumerate(zip(pictures, starts)):
      record = picture.record
      assert picture.path is not None
      self.assertEqual(picture.path.stem, stems[index])
      self.assertEqual(record['frame'], index % 3)
      self.assertEqual(record['seed'], index // 3)
      self.assertEqual(record['settings']['zoom'], 0.1)
      self.assertIn(' --zoom_frames=3 --zoom=0.1', record['command'])
      if index % 3:
        # As a run would see it that is resumed here.
        before = image_files.read_image(self.folder / f'{stems[index - 1]}.png')
        expected = starts_lib.zoomed(before, 0.1)
        np.testing.assert_array_equal(start, expected)
      elif has_photo:
        photo = image_files.read_image(self.photo)
        np.testing.assert_array_equal(start, photo)
      else:
        self.assertIsNone(start)

  def test_without_an_ascent(self) -> None:
    overrides = {'learning_rate': 1e-9}
    pictures = self.draw(self.photo, zoom_frames=3, overrides=overrides)
    expected = image_files.read_image(self.photo)
    for picture in pictures:
      np.testing.assert_allclose(picture.image, expected, atol=1.01 / 255)
      expected = starts_lib.zoomed(starts_lib.as_written(picture.image), 0.05)

  def test_resumed(self) -> None:
    settings = {'image': self.photo, 'zoom_frames': 4, 'animate': 'gif'}
    self.draw(**settings)
    whole = _snapshot(self.folder)
    film = self.read_film('photo_deepdream_0_frames.gif')
    self.folder = self.root / 'resumed'
    with self.assertRaises(KeyboardInterrupt), _watched(stop_at=2):
      self.draw(**settings)
    stems = [f'photo_deepdream_0_0000{index}' for index in range(4)]
    before = _snapshot(self.folder)
    self.assertCountEqual(before, [f'{stem}.png' for stem in stems[:2]])
    self.assertLen(self.names(), 4)
    with _watched() as starts:
      pictures = self.draw(**settings)
    self.assertLen(starts, 2)
    self.assertEqual([each.record['frame'] for each in pictures], [0, 1, 2, 3])
    after = _snapshot(self.folder)
    self.assertEqual({**after, **before}, after)
    self.assertCountEqual(after, whole)
    for name, (content, _) in whole.items():
      self.assertEqual(after[name][0], content, name)
    resumed_film = self.read_film('photo_deepdream_0_frames.gif')
    np.testing.assert_array_equal(resumed_film[0], film[0])

    # A frame that is lost comes back from the one before it.
    (self.folder / f'{stems[1]}.png').unlink()
    with _watched() as starts:
      self.draw(**settings)
    self.assertLen(starts, 1)
    for name, (content, _) in whole.items():
      self.assertEqual(_snapshot(self.folder)[name][0], content, name)

  @parameterized.parameters('gif', 'mp4')
  def test_film(self, kind: str) -> None:
    pictures = self.draw(
      self.photo, zoom_frames=3, animate=kind, num_variations=2
    )
    names = [f'photo_deepdream_{seed}_frames.{kind}' for seed in (0, 1)]
    self.assertEqual(self.names(kind), names)
    for seed in (0, 1):
      film, times = self.read_film(f'photo_deepdream_{seed}_frames.{kind}')
      self.assertEqual(film.shape, (3, 68, 90, 3))
      np.testing.assert_allclose(times, 40)
      for index, image in enumerate(film):
        picture = pictures[3 * seed + index]
        self.assertLess(np.abs(image - picture.image).mean(), 0.03)


class FramesTest(_TestCase):
  def save_frames(self, *seeds: int) -> Path:
    """Writes a folder of pictures, not in the order of the alphabet."""
    for index, seed in enumerate(seeds):
      self.save(f'My Walk/f{8 + index}.png', _levels(68, 90, seed))
    return self.root / 'My Walk'

  @parameterized.parameters(0.0, 0.25)
  def test_folder(self, blend: float) -> None:
    folder = self.save_frames(1, 2, 3)
    with _watched() as starts:
      pictures = self.draw(folder, blend=blend, num_variations=2)
    self.assertEqual(
      self.names('.png'),
      [f'my-walk_deepdream_{s}_0000{n}.png' for s in (0, 1) for n in range(3)],
    )
    for index, start in enumerate(starts):
      expected = _levels(68, 90, 1 + index % 3) / np.float32(255)
      if index % 3:
        before = starts_lib.as_written(pictures[index - 1].image)
        expected = blend * before + (1 - blend) * expected
      np.testing.assert_allclose(start, expected, atol=1e-6)
      change = np.abs(pictures[index].image - start).mean()
      self.assertBetween(change, 0.5 / 255, 10 / 255)
    self.assertEqual(pictures[4].record['frame'], 1)
    self.assertEqual(pictures[4].record['settings']['blend'], blend)

  @parameterized.parameters((0.0, True), (0.25, False))
  def test_without_blend_frames_are_apart(
    self, blend: float, is_same: bool
  ) -> None:
    settings = {'blend': blend, 'output_dir': None}
    first = self.draw(self.save_frames(1, 2), **settings)
    second = self.draw(self.save_frames(3, 2), **settings)
    self.assertEqual(np.array_equal(first[1].image, second[1].image), is_same)

  @parameterized.parameters(
    ('gif', (50, 500, 120), (50, 500, 120)), ('mp4', (30, 60), (30,) * 3)
  )
  def test_film_keeps_its_times(self, kind: str, times: Any, new: Any) -> None:
    path = self.root / 'walk.gif'
    with films.FilmWriter(path, (68, 90), times) as film:
      for seed in range(len(times)):
        film.write(_levels(68, 90, seed) / 255)
    self.draw(path, animate=kind)
    images, found = self.read_film(f'walk_deepdream_0_frames.{kind}')
    self.assertEqual(images.shape, (len(new), 68, 90, 3))
    np.testing.assert_allclose(found, new, rtol=1e-3)
    self.assertLen(self.names('.png'), len(times))

  def test_mixed_sizes(self) -> None:
    folder = self.save_frames(1, 2)
    odd = self.save('My Walk/f10.png', _levels(68, 91))
    with self.assertRaisesRegex(
      ValueError, f"^'{odd}' has height 68 and width"
    ):
      self.draw(folder)
    self.assertFalse(self.folder.exists())

  def test_zoom_of_a_film(self) -> None:
    folder = self.save_frames(1)
    with self.assertRaisesRegex(ValueError, f"^'{folder}' has frames of its "):
      self.draw(folder, zoom_frames=2)
    self.assertFalse(self.folder.exists())


if __name__ == '__main__':
  absltest.main()
