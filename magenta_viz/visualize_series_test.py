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

from pathlib import Path
from typing import Any, ClassVar, List, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import scipy.ndimage

from magenta_viz import visualize
from magenta_viz.media import films
from magenta_viz.media import frames
from magenta_viz.media import image_files
from magenta_viz.testing import drawings
from magenta_viz.visualization import source_images


def _levels(height: int, width: int, seed: int = 0) -> np.ndarray:
  """Makes a smooth picture, with room for a change of each value."""
  noise = np.random.default_rng(seed).standard_normal((height, width, 3))
  noise = scipy.ndimage.gaussian_filter(noise, (4, 4, 0))
  return np.clip(125 + 30 * noise / noise.std(), 60, 190).astype(np.uint8)


class _TestCase(drawings.TestCase):
  settings: ClassVar[Any] = {'preset': 'deepdream'}
  overrides: ClassVar[Any] = {
    'num_steps': 2,
    'octaves': 1,
    'transforms': 'roll=4',
  }

  def setUp(self) -> None:
    super().setUp()
    self.use_network(drawings.Network())
    self.photo = self.save('photo.png', _levels(68, 90))

  def draw_into(self, image: Path, **settings: Any) -> List[visualize.Picture]:
    """Dreams into a photograph or frames."""
    return self.draw(image=str(image), **settings)

  def read_film(self, name: str) -> Tuple[np.ndarray, Tuple[float, ...]]:
    """Returns the frames of a film, and the milliseconds of each."""
    with frames.open_frames(self.folder / name) as film:
      images = [film.read(index) for index in range(film.num_frames)]
      return np.stack(images), film.milliseconds


class AscentFilmTest(_TestCase):
  @parameterized.parameters('gif', 'mp4')
  def test_all_octaves(self, kind: str) -> None:
    overrides = {'num_steps': 3, 'octaves': 2, 'learning_rate': 10.0}
    pictures = self.draw_into(
      self.photo, animate=kind, num_variations=2, overrides=overrides
    )
    stems = ['photo_deepdream_0', 'photo_deepdream_1']
    self.assertEqual(self.names(kind), [f'{stem}.{kind}' for stem in stems])
    for stem, picture in zip(stems, pictures):
      film, times = self.read_film(f'{stem}.{kind}')
      # At the final size from the first octave on.
      # An MP4 holds its end by repeating it.
      self.assertEqual(film.shape, (6 if kind == 'gif' else 44, 68, 90, 3))
      # The finished picture stays for another 1.5 s.
      self.assertAlmostEqual(sum(times), 6 * 40 + 1500, delta=40)
      errors = [np.abs(image - picture.image).mean() for image in film]
      # Colours suffer in films, but no frame is like the last.
      self.assertEqual(np.argmin(errors[:6]), 5)
      self.assertLess(errors[-1], 0.05)

  def test_ends_with_what_is_displayed(self) -> None:
    # What of it is opaque is not known before the last step.
    (picture,) = self.draw(
      class_ids=(0,),
      preset='maco',
      image_size=(68, 90),
      animate='mp4',
      overrides={'num_steps': 3},
    )
    film, _ = self.read_film('000_tench_0.mp4')
    self.assertGreater(np.abs(film[1] - picture.image).mean(), 0.1)
    self.assertLess(np.abs(film[-1] - picture.image).mean(), 0.03)

  def test_rate_and_hold(self) -> None:
    with drawings.watched() as starts:
      with self.assertLogs(level='INFO') as logs:
        self.draw_into(self.photo, animate='gif', fps=10, hold=0.5)
      self.assertIn('The film is ', logs.output[-1])
      _, times = self.read_film('photo_deepdream_0.gif')
      self.assertEqual(times, (100, 600))
      before = self.files('.png')
      self.draw_into(self.photo, animate='gif', fps=10, hold=0.5)
      self.assertLen(starts, 1)
      # Its frames are nowhere else.
      with self.assertLogs(level='INFO') as logs:
        self.draw_into(self.photo, animate='gif', fps=20)
      self.assertIn("0.gif' (fps: 10.0 there, 20.0 now", '\n'.join(logs.output))
      self.assertLen(starts, 2)
    _, times = self.read_film('photo_deepdream_0.gif')
    self.assertEqual(times, (50, 1550))
    for name, (content, _) in before.items():
      self.assertEqual(self.files('.png')[name][0], content)

  @parameterized.parameters('fps', 'hold')
  def test_without_a_film(self, name: str) -> None:
    self.assert_refused(
      f'{name} does nothing, because no film is made; leave it out, or take'
      ' --animate=gif or mp4',
      image=str(self.photo),
      **{name: 2.0},
    )

  def test_missing_film(self) -> None:
    self.draw_into(self.photo)
    before = self.files('.png')
    with drawings.watched() as starts:
      self.draw_into(self.photo, animate='gif')
      self.assertLen(starts, 1)
      after = self.files('.png')
      self.assertEqual(after.keys(), before.keys())
      for name, (content, _) in before.items():
        self.assertEqual(after[name][0], content)
      # Now all is there.
      self.assertLen(self.names('.gif'), 1)
      self.draw_into(self.photo, animate='gif')
      self.assertLen(starts, 1)

  def test_codec_is_missing(self) -> None:
    with mock.patch.object(
      films, 'check_codec', side_effect=OSError('no ffmpeg')
    ) as check:
      self.assert_refused('no ffmpeg', image=str(self.photo), animate='mp4')
    check.assert_called_once_with('mp4')
    self.load.assert_not_called()

  def test_stopped(self) -> None:
    with self.assertRaises(KeyboardInterrupt), drawings.watched(stop_at=0):
      self.draw_into(self.photo, animate='gif')
    self.assertEmpty(self.names())


class ZoomTest(_TestCase):
  @parameterized.parameters(True, False)
  def test_frames_start_from_those_before(self, has_photo: bool) -> None:
    image, size = (str(self.photo), None) if has_photo else (None, (64, 72))
    with drawings.watched() as starts:
      pictures = self.draw(
        image=image, image_size=size, zoom_frames=3, zoom=0.1, num_variations=2
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
        expected = source_images.zoomed(before, 0.1)
        np.testing.assert_array_equal(start, expected)
      elif has_photo:
        photo = image_files.read_image(self.photo)
        np.testing.assert_array_equal(start, photo)
      else:
        self.assertIsNone(start)

  def test_resumed(self) -> None:
    settings = {'zoom_frames': 4, 'animate': 'gif'}
    self.draw_into(self.photo, **settings)
    whole = self.files('.png')
    film = self.read_film('photo_deepdream_0_frames.gif')
    self.folder = self.root / 'resumed'
    with self.assertRaises(KeyboardInterrupt), drawings.watched(stop_at=2):
      self.draw_into(self.photo, **settings)
    stems = [f'photo_deepdream_0_0000{index}' for index in range(4)]
    before = self.files('.png')
    self.assertCountEqual(before, [f'{stem}.png' for stem in stems[:2]])
    self.assertLen(self.names(), 4)
    with drawings.watched() as starts:
      pictures = self.draw_into(self.photo, **settings)
    self.assertLen(starts, 2)
    self.assertEqual([each.record['frame'] for each in pictures], [0, 1, 2, 3])
    after = self.files('.png')
    self.assertEqual({**after, **before}, after)
    self.assertCountEqual(after, whole)
    for name, (content, _) in whole.items():
      self.assertEqual(after[name][0], content, name)
    resumed_film = self.read_film('photo_deepdream_0_frames.gif')
    np.testing.assert_array_equal(resumed_film[0], film[0])

    # A frame that is lost comes back from the one before it.
    (self.folder / f'{stems[1]}.png').unlink()
    with drawings.watched() as starts:
      self.draw_into(self.photo, **settings)
    self.assertLen(starts, 1)
    for name, (content, _) in whole.items():
      self.assertEqual(self.files()[name][0], content, name)

  @parameterized.parameters('gif', 'mp4')
  def test_film(self, kind: str) -> None:
    pictures = self.draw(
      class_ids=(0, 1),
      image_size=(68, 90),
      zoom_frames=2,
      animate=kind,
      num_variations=2,
    )
    names = self.names(kind)
    self.assertEqual(
      names,
      [
        f'{stem}_{seed}_frames.{kind}'
        for stem in ('000_tench', '001_goldfish')
        for seed in (0, 1)
      ],
    )
    for series, name in enumerate(names):
      film, times = self.read_film(name)
      self.assertEqual(film.shape, (2, 68, 90, 3))
      np.testing.assert_allclose(times, 40)
      for index, image in enumerate(film):
        picture = pictures[2 * series + index]
        self.assertLess(np.abs(image - picture.image).mean(), 0.03)


class FramesTest(_TestCase):
  @parameterized.parameters(0.0, 0.25)
  def test_folder(self, blend: float) -> None:
    # Not in the order of the alphabet.
    for index in range(3):
      self.save(f'My Walk/f{8 + index}.png', _levels(68, 90, 1 + index))
    with drawings.watched() as starts:
      pictures = self.draw_into(
        self.root / 'My Walk', blend=blend, num_variations=2
      )
    self.assertEqual(
      self.names('.png'),
      [f'my-walk_deepdream_{s}_0000{n}.png' for s in (0, 1) for n in range(3)],
    )
    for index, start in enumerate(starts):
      expected = _levels(68, 90, 1 + index % 3) / np.float32(255)
      if index % 3:
        before = source_images.as_written(pictures[index - 1].image)
        expected = blend * before + (1 - blend) * expected
      np.testing.assert_allclose(start, expected, atol=1e-6)
      change = np.abs(pictures[index].image - start).mean()
      self.assertBetween(change, 0.5 / 255, 10 / 255)
    self.assertEqual(pictures[4].record['frame'], 1)
    self.assertEqual(pictures[4].record['settings']['blend'], blend)

  @parameterized.parameters(
    ('gif', (50, 500, 120), (50, 500, 120)), ('mp4', (30, 60), (30,) * 3)
  )
  def test_film_keeps_its_times(self, kind: str, times: Any, new: Any) -> None:
    path = self.root / 'walk.gif'
    with films.FilmWriter(path, (68, 90), times) as film:
      for seed in range(len(times)):
        film.write(_levels(68, 90, seed) / 255)
    self.draw_into(path, animate=kind)
    images, found = self.read_film(f'walk_deepdream_0_frames.{kind}')
    self.assertEqual(images.shape, (len(new), 68, 90, 3))
    np.testing.assert_allclose(found, new, rtol=1e-3)
    self.assertLen(self.names('.png'), len(times))
    # Other times take no drawing.
    with drawings.watched() as starts:
      self.draw_into(path, animate=kind, fps=20, hold=1)
      self.assertEmpty(starts)
    _, found = self.read_film(f'walk_deepdream_0_frames.{kind}')
    self.assertAlmostEqual(sum(found), 50 * len(times) + 1000, delta=1)


if __name__ == '__main__':
  absltest.main()
