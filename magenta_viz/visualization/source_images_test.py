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

"""Tests for source_images."""

import hashlib
from pathlib import Path
from typing import Any, List, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image
import scipy.ndimage

from magenta_viz.media import frames
from magenta_viz.media import image_files
from magenta_viz.visualization import config as visualize_config
from magenta_viz.visualization import source_images
from magenta_viz.visualization import task as task_lib

# EXIF's tag of the orientation.
_ORIENTATION = 274


def _levels(height: int, width: int, seed: int = 0) -> np.ndarray:
  generator = np.random.default_rng(seed)
  return generator.integers(0, 256, (height, width, 3), dtype=np.uint8)


def _random(height: int, width: int, seed: int = 0) -> np.ndarray:
  return np.random.default_rng(seed).random((height, width, 3))


class ZoomedTest(parameterized.TestCase):
  @parameterized.parameters((5, 7), (64, 48), (1, 1), (2, 3))
  def test_keeps_size_and_type(self, height: int, width: int) -> None:
    image = _random(height, width).astype(np.float32)
    zoomed = source_images.zoomed(image, 0.05)
    self.assertEqual(zoomed.shape, image.shape)
    self.assertEqual(zoomed.dtype, np.float32)

  @parameterized.product(share=(0.001, 0.05, 0.5, 0.99), size=((2, 3), (9, 8)))
  def test_constant_stays(self, share: float, size: Tuple[int, int]) -> None:
    colours = np.array([0.0, 0.3, 1.0])
    image = np.broadcast_to(colours, (*size, 3))
    # The edges, too: nothing black comes in.
    np.testing.assert_allclose(
      source_images.zoomed(image, share), image, atol=1e-12
    )

  @parameterized.parameters(0.05, 0.4)
  def test_enlarges(self, share: float) -> None:
    """By hand: a slope stays one, and becomes flatter about the middle."""
    down, across = np.mgrid[:10, :7].astype(float)
    image = np.stack([down, across, down + across], axis=2)
    zoomed = source_images.zoomed(image, share)
    expected_down = 5 + (1 - share) * (down - 5)
    expected_across = 3.5 + (1 - share) * (across - 3.5)
    np.testing.assert_allclose(zoomed[..., 0], expected_down)
    np.testing.assert_allclose(zoomed[..., 1], expected_across)
    np.testing.assert_allclose(zoomed[..., 2], expected_down + expected_across)

  @parameterized.product(
    share=(0.05, 0.37, 0.9), size=((9, 12), (12, 9), (33, 2))
  )
  def test_formula(self, share: float, size: Tuple[int, int]) -> None:
    height, width = size
    image = _random(height, width)
    places = np.meshgrid(
      height * share / 2 + (1 - share) * np.arange(height),
      width * share / 2 + (1 - share) * np.arange(width),
      indexing='ij',
    )
    expected = [
      scipy.ndimage.map_coordinates(image[..., channel], places, order=1)
      for channel in range(3)
    ]
    np.testing.assert_allclose(
      source_images.zoomed(image, share), np.stack(expected, axis=2), atol=1e-12
    )


class AsWrittenTest(absltest.TestCase):
  def test_is_what_the_file_has(self) -> None:
    image = 1.4 * _random(5, 6) - 0.2
    path = Path(self.create_tempdir().full_path, 'a.png')
    image_files.write_png(path, image)
    written = source_images.as_written(image)
    np.testing.assert_array_equal(written, image_files.read_image(path))
    # Once more changes nothing, as when a run goes on.
    np.testing.assert_array_equal(source_images.as_written(written), written)


class _TestCase(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)

  def open(
    self, image: Any = None, **settings: Any
  ) -> source_images.SourceImages:
    """Opens source images, and closes them at the end of the test."""
    config = visualize_config.VisualizeConfig(
      class_ids=(0,), image=None if image is None else str(image), **settings
    )
    return self.enter_context(source_images.SourceImages(config))

  def save(self, name: str, levels: np.ndarray, **options: Any) -> Path:
    """Writes a picture file."""
    Image.fromarray(levels).save(self.folder / name, **options)
    return self.folder / name


def _start(
  sources: source_images.SourceImages, frame: Any = None, before: Any = None
) -> Any:
  """Returns what a picture of a frame starts from."""
  task = task_lib.PictureTask(0, 0, 'tench', frame=frame)
  return sources.start_of(task, before)


class StillTest(_TestCase):
  def test_stands_upright(self) -> None:
    levels = np.zeros([6, 8, 3], np.uint8)
    levels[:, 4:] = 255
    exif = Image.Exif()
    exif[_ORIENTATION] = 6  # The camera lay on its right side.
    sources = self.open(self.save('a.jpg', levels, exif=exif))
    self.assertEqual(sources.size, (8, 6))
    photo = _start(sources)
    self.assertLess(photo[:3].max(), 0.2)
    self.assertGreater(photo[-3:].min(), 0.8)

  def test_nothing(self) -> None:
    sources = self.open()
    self.assertIsNone(sources.num_frames)
    self.assertIsNone(sources.size)
    self.assertIsNone(sources.sha256)
    self.assertIsNone(_start(sources))
    # Nor does a picture start from the one before it on the sheet.
    self.assertIsNone(_start(sources, None, _random(4, 4)))

  def test_photograph(self) -> None:
    levels = _levels(5, 8)
    path = self.save('a.png', levels)
    sources = self.open(path)
    self.assertIsNone(sources.num_frames)
    self.assertEqual(sources.size, (5, 8))
    digest = hashlib.sha256(path.read_bytes())
    self.assertEqual(sources.sha256, digest.hexdigest())
    photo = _start(sources, None, _random(5, 8))
    np.testing.assert_allclose(photo, levels / 255, atol=1e-7)

  @parameterized.parameters(True, False)
  def test_zoom(self, has_photo: bool) -> None:
    path = self.save('a.png', _levels(5, 8)) if has_photo else None
    sources = self.open(path, zoom_frames=7, zoom=0.2)
    self.assertEqual(sources.num_frames, 7)
    self.assertIsNone(sources.milliseconds)
    photo = path and image_files.read_image(path)
    np.testing.assert_array_equal(_start(sources, 0), photo)
    before = _random(5, 8)
    expected = source_images.zoomed(before, 0.2)
    np.testing.assert_array_equal(_start(sources, 3, before), expected)


class FramesTest(_TestCase):
  def _save_folder(self) -> List[np.ndarray]:
    """Writes three frames, whose names are not in alphabetical order."""
    images = [_levels(4, 6, seed) for seed in range(3)]
    for name, levels in zip(('f2.png', 'f9.bmp', 'f10.png'), images):
      self.save(name, levels)
    return [levels / 255 for levels in images]

  def test_folder(self) -> None:
    images = self._save_folder()
    sources = self.open(self.folder)
    self.assertEqual(sources.num_frames, 3)
    self.assertEqual(sources.size, (4, 6))
    self.assertEqual(sources.milliseconds, (40,) * 3)
    for index, image in enumerate(images):
      frame = _start(sources, index, _random(4, 6))
      np.testing.assert_allclose(frame, image, atol=1e-7)

  def test_blend(self) -> None:
    images = self._save_folder()
    sources = self.open(self.folder, blend=0.25)
    before = _random(4, 6, seed=9)
    first = _start(sources, 0)
    np.testing.assert_allclose(first, images[0], atol=1e-7)
    second = _start(sources, 1, before)
    mixed = 0.25 * before + 0.75 * images[1]
    np.testing.assert_allclose(second, mixed, atol=1e-7)

  def test_hash_of_a_folder(self) -> None:
    self._save_folder()
    hashes = [self.open(self.folder).sha256, self.open(self.folder).sha256]
    self.assertEqual(hashes[0], hashes[1])
    (self.folder / 'f2.png').rename(self.folder / 'f3.png')
    hashes.append(self.open(self.folder).sha256)
    self.save('f3.png', _levels(4, 6, seed=7))
    hashes.append(self.open(self.folder).sha256)
    self.assertLen(set(hashes), 3)

  def test_animated_picture(self) -> None:
    pages = [Image.new('RGB', (6, 4), colour) for colour in ('red', 'blue')]
    path = self.folder / 'a.gif'
    times = [50, 500]
    pages[0].save(path, save_all=True, append_images=pages[1:], duration=times)
    sources = self.open(path)
    self.assertEqual(sources.num_frames, 2)
    self.assertEqual(sources.size, (4, 6))
    self.assertEqual(sources.milliseconds, (50, 500))
    for index, colour in enumerate(([1, 0, 0], [0, 0, 1])):
      frame = _start(sources, index)
      np.testing.assert_allclose(frame[2, 3], colour, atol=0.01)

  def test_is_closed(self) -> None:
    opened = mock.create_autospec(frames.Frames, instance=True)
    opened.num_frames, opened.size, opened.milliseconds = 3, (4, 6), (40,) * 3
    self._save_folder()
    config = visualize_config.VisualizeConfig((0,), image=str(self.folder))
    with mock.patch.object(frames, 'open_frames', return_value=opened):
      with self.assertRaises(KeyboardInterrupt), source_images.SourceImages(
        config
      ):
        opened.close.assert_not_called()
        raise KeyboardInterrupt
    opened.close.assert_called_once_with()


class ErrorsTest(_TestCase):
  def _assert_fails(self, message: str, image: Any, **settings: Any) -> None:
    with self.assertRaises((ValueError, OSError)) as caught:
      self.open(image, **settings)
    text = str(caught.exception)
    self.assertStartsWith(text, message.replace('~', str(self.folder)))
    self.assertNotIn('\n', text)

  def test_settings_that_do_not_go_together(self) -> None:
    path = self.save('a.png', _levels(5, 8))
    for image in (path, self.folder):
      self._assert_fails(
        f"image_size is (64, 72), but '{image}' keeps its own size (5, 8);"
        ' leave one out',
        image,
        image_size=(64, 72),
      )
    self._assert_fails(
      "'~' has frames of its own; give a single picture with --zoom_frames",
      self.folder,
      zoom_frames=2,
    )
    self._assert_fails(
      'blend is 0.5, but there are no frames to blend; give a film or a folder',
      path,
      blend=0.5,
    )
    self._assert_fails(
      "'~' is both --image and --output_dir; take another folder",
      self.folder,
      output_dir=f'{self.folder}/.',
    )

  @parameterized.parameters('none.jpg', 'none/a.png', 'none.mp4')
  def test_missing(self, name: str) -> None:
    with self.assertRaisesRegex(
      FileNotFoundError, f"^cannot read .*'.*/{name}': No such file or direct"
    ):
      self.open(self.folder / name)


if __name__ == '__main__':
  absltest.main()
