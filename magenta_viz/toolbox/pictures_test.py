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

"""Tests for pictures."""

import io
from pathlib import Path
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image
import tensorflow as tf

from magenta_viz.files import free_memory
from magenta_viz.media import decoding
from magenta_viz.media import image_files
from magenta_viz.toolbox import pictures


def _png(image: np.ndarray) -> bytes:
  return image_files.encode_png(image)


def _noise(height: int, width: int, seed: int = 0) -> np.ndarray:
  """Returns a picture that a PNG has exactly."""
  levels = np.random.RandomState(seed).randint(0, 256, (height, width, 3))
  return (levels / 255).astype(np.float32)


class PicturesTest(parameterized.TestCase):
  @parameterized.parameters((40, 60, 0, 10), (61, 40, 10, 0))
  def test_square_is_the_middle(
    self, height: int, width: int, top: int, left: int
  ) -> None:
    image = _noise(height, width)
    found = pictures.square(image, 40)
    np.testing.assert_array_equal(
      found, image[top : top + 40, left : left + 40]
    )
    halved = pictures.square(np.full((height, width, 3), 0.25), 20)
    self.assertEqual(halved.shape, (20, 20, 3))
    np.testing.assert_allclose(halved, 0.25, atol=1e-6)

  @parameterized.parameters((4, 2), (2, 4), (3, 3))
  def test_stretched_is_all_of_it(self, height: int, width: int) -> None:
    image = _noise(height, width)
    # Each pixel as a block; larger sides are of their neighbours.
    found = pictures.square(image, 12, 'stretch')
    self.assertEqual(found.shape, (12, 12, 3))
    expected = tf.image.resize(image, (12, 12)).numpy()
    np.testing.assert_allclose(found, expected, atol=1e-6)
    ends = np.array([[0, 0], [0, -1], [-1, 0], [-1, -1]])
    np.testing.assert_allclose(
      found[tuple(ends.T)], image[tuple(ends.T)], atol=1e-6
    )
    same = pictures.square(image, 3, 'stretch')
    self.assertEqual(np.array_equal(same, image), height == width)

  def test_fits_are_told_apart(self) -> None:
    kept = pictures.Pictures()
    key, _ = kept.add(_png(_noise(20, 40)))
    crop, stretch = (kept.square(key, 10, fit) for fit in pictures.FITS)
    self.assertGreater(np.abs(crop - stretch).max(), 0.1)
    np.testing.assert_array_equal(crop, kept.square(key, 10))
    with self.assertRaisesRegex(ValueError, "fit is 'x'; take one of crop, st"):
      kept.square(key, 10, 'x')

  def test_what_takes_more_memory_than_there_is(self) -> None:
    image = _noise(40, 60)
    with mock.patch.object(decoding, '_SMALL_BYTES', 1000), mock.patch.object(
      free_memory, 'free_bytes', return_value=36 * 40 * 60 - 1
    ):
      with self.assertRaisesRegex(ValueError, 'GB are free'):
        pictures.square(image, 20, 'stretch')
      self.assertEqual(pictures.square(image, 40).shape, (40, 40, 3))

  def test_sent_pictures(self) -> None:
    kept = pictures.Pictures()
    image = _noise(32, 48)
    key, size = kept.add(_png(image))
    self.assertEqual(size, (32, 48))
    np.testing.assert_allclose(kept.square(key, 32), image[:, 8:40], atol=1e-6)
    self.assertEqual(kept.add(_png(image)), (key, size))
    others = [kept.add(_png(_noise(8, 8, seed)))[0] for seed in range(1, 17)]
    with self.assertRaisesRegex(KeyError, 'no such picture any more; send it'):
      pictures.Pictures().square(key, 32)
    for other in others:
      self.assertEqual(kept.square(other, 8).shape, (8, 8, 3))
    # The one that was sent first has made room; its square may stay.
    with self.assertRaises(KeyError):
      kept.square(key, 16)

  def test_photographs(self) -> None:
    folder = Path(self.create_tempdir().full_path)
    paths = [folder / f'{name}.png' for name in 'ab']
    for seed, path in enumerate(paths):
      path.write_bytes(_png(_noise(16, 16, seed)))
    kept = pictures.Pictures(paths)
    self.assertEqual(
      kept.photos,
      [{'id': 'photo-0', 'name': 'a.png'}, {'id': 'photo-1', 'name': 'b.png'}],
    )
    np.testing.assert_allclose(
      kept.square('photo-1', 16), _noise(16, 16, 1), atol=1e-6
    )

  @parameterized.parameters('GIF', 'WEBP', 'PNG')
  def test_animated(self, kind: str) -> None:
    shades = [(0, 0, 0), (90, 90, 90), (255, 255, 255)]
    stills = [Image.new('RGB', (6, 4), shade) for shade in shades]
    file = io.BytesIO()
    stills[0].save(
      file, kind, save_all=True, append_images=stills[1:], lossless=True
    )
    path = Path(self.create_tempdir().full_path, f'x.{kind.lower()}')
    path.write_bytes(file.getvalue())
    kept = pictures.Pictures([], [path])
    self.assertEqual(
      kept.photos, [{'id': 'animation-0', 'name': path.name, 'frames': 3}]
    )
    key, size = kept.add(file.getvalue())
    self.assertEqual((size, kept.num_frames(key)), ((4, 6), 3))
    for each in (key, 'animation-0'):
      for place, shade in (('', 0), ('@0', 0), ('@2', 1), ('@1', 90 / 255)):
        found = kept.square(f'{each}{place}', 4)
        np.testing.assert_allclose(found, shade, atol=0.01)
      with self.assertRaisesRegex(KeyError, "no frame '3'; take 0 to 2"):
        kept.square(f'{each}@3', 4)
    self.assertEqual(kept.name('animation-0@2'), f'{path.name}, frame 2')
    self.assertEndsWith(kept.name(f'{key}@1'), ', frame 1')

  def test_films(self) -> None:
    path = Path(self.create_tempdir().full_path, 'film.WebM')
    path.write_bytes(b'no film, which is for browsers to say')
    kept = pictures.Pictures([], [path])
    self.assertEqual(kept.films, [{'id': 'film-0', 'name': 'film.WebM'}])
    self.assertEqual(kept.photos, [])
    with kept.film('film-0') as file:
      self.assertEqual(file.read(), path.read_bytes())
    with self.assertRaisesRegex(KeyError, 'no such picture'):
      kept.square('film-0', 8)
    for key in ('film-1', 'photo-0', ''):
      with self.assertRaisesRegex(KeyError, 'no such film'):
        kept.film(key)

  def test_a_file_that_now_leads_elsewhere(self) -> None:
    folder = Path(self.create_tempdir().full_path)
    elsewhere = Path(self.create_tempdir().full_path, 'other.png')
    path, link = folder / 'own.png', folder / 'link.png'
    for each in (path, elsewhere):
      each.write_bytes(_png(_noise(8, 8)))
    # One that is a link at the start was put there by its owner.
    link.symlink_to(elsewhere)
    kept = pictures.Pictures([path, link], [path])
    self.assertEqual(kept.square('photo-1', 8).shape, (8, 8, 3))
    path.unlink()
    path.symlink_to(elsewhere)
    with self.assertRaisesRegex(ValueError, "'own.png': it leads elsewhere"):
      kept.square('photo-0', 8)
    path.unlink()
    path.mkdir()
    with self.assertRaisesRegex(ValueError, "^cannot read the picture 'own"):
      kept.square('photo-0', 8)

  @parameterized.parameters(
    'photo-2',
    'photo--1',
    'photo-',
    'photo-1.5',
    'photo-٣',
    '',
    '../a.png',
    'photo-99999999999999999999',
  )
  def test_no_such_picture(self, key: str) -> None:
    kept = pictures.Pictures([Path('a.png'), Path('b.png')])
    with self.assertRaisesRegex(KeyError, 'no such picture'):
      kept.square(key, 8)

  def test_what_is_no_picture(self) -> None:
    whole = _png(_noise(16, 16))
    file = io.BytesIO()
    pages = [Image.new('RGB', (4, 4), shade) for shade in ('red', 'blue')]
    pages[0].save(file, 'TIFF', save_all=True, append_images=pages[1:])
    for content in (b'', b'x', whole[:100], file.getvalue()):
      with self.assertRaisesRegex(ValueError, '^cannot read the picture'):
        pictures.Pictures().add(content)


if __name__ == '__main__':
  absltest.main()
