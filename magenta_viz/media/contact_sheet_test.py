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

"""Tests for contact_sheet."""

import contextlib
import gc
from typing import Iterator, List, Tuple
from unittest import mock
import weakref

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.media import contact_sheet
from magenta_viz.media import lettering

_RED = (1.0, 0.0, 0.0)
_GREEN = (0.0, 1.0, 0.0)
_BLUE = (0.0, 0.0, 1.0)
_COLOURS = (_RED, _GREEN, _BLUE)


def _plain(
  colour: Tuple[float, ...], height: int = 64, width: int = 64
) -> np.ndarray:
  return np.full((height, width, 3), colour, np.float32)


def _colour_box(
  sheet: np.ndarray, colour: Tuple[float, ...]
) -> Tuple[int, int, int, int]:
  """Returns top, left, height and width of the area of a colour, if full."""
  rows, columns = np.nonzero((np.abs(sheet - colour) < 0.1).all(axis=2))
  height = int(np.ptp(rows)) + 1
  width = int(np.ptp(columns)) + 1
  assert rows.size == height * width, 'not one full rectangle'
  return int(rows.min()), int(columns.min()), height, width


def _cells(sheet: np.ndarray) -> List[int]:
  """Returns the number of pictures in each row, from pictures all of red."""
  red: np.ndarray = np.all(np.abs(sheet - _RED) < 0.1, axis=2)

  def runs(line: np.ndarray) -> int:
    return int(np.count_nonzero(np.diff(np.concatenate([[0], line])) == 1))

  tops = np.nonzero(np.diff(np.concatenate([[0], red.any(axis=1)])) == 1)[0]
  return [runs(red[top + 1].astype(int)) for top in tops]


class ContactSheetTest(parameterized.TestCase):
  def test_pictures_in_reading_order_on_white(self) -> None:
    pictures = [('', _plain(colour)) for colour in _COLOURS]
    sheet = contact_sheet.contact_sheet(pictures, 3)
    self.assertEqual(sheet.dtype, np.float32)
    boxes = [_colour_box(sheet, colour) for colour in _COLOURS]
    for _, _, height, width in boxes:
      self.assertEqual((height, width), (224, 224))
    red, green, blue = boxes
    self.assertEqual(red[0], green[0])
    self.assertEqual(red[1], blue[1])
    self.assertGreaterEqual(green[1], red[1] + 224)
    self.assertGreater(blue[0], red[0] + 224)
    for top, left, height, width in boxes:
      sheet[top : top + height, left : left + width] = 1.0
    np.testing.assert_array_equal(sheet, np.ones_like(sheet))

  def test_pictures_of_the_networks_size_stay_as_they_are(self) -> None:
    levels = np.random.RandomState(0).randint(0, 256, (224, 224, 3))
    picture = (levels / 255).astype(np.float32)
    sheet = contact_sheet.contact_sheet([('x', picture)], 1)
    np.testing.assert_allclose(sheet[10:234, 10:234], picture, atol=1e-6)

  @parameterized.parameters(
    (1, [1]),
    (2, [2]),
    (3, [2, 1]),
    (7, [3, 3, 1]),
    (9, [3, 3, 3]),
    (10, [4, 4, 2]),
  )
  def test_about_square(self, count: int, rows: List[int]) -> None:
    sheet = contact_sheet.contact_sheet([('', _plain(_RED))] * count, count)
    self.assertEqual(_cells(sheet), rows)

  @parameterized.parameters((64, 128), (128, 64), (300, 200))
  def test_cells_have_the_shape_of_the_first_picture(
    self, height: int, width: int
  ) -> None:
    pictures = [('', _plain(_RED, height, width))] * 8
    sheet = contact_sheet.contact_sheet(pictures, 8)
    self.assertBetween(sheet.shape[0] / sheet.shape[1], 0.5, 2.0)
    single = contact_sheet.contact_sheet(pictures[:1], 1)
    _, _, cell_height, cell_width = _colour_box(single, _RED)
    self.assertEqual(max(cell_height, cell_width), 224)
    self.assertAlmostEqual(cell_width / cell_height, width / height, delta=0.02)

  def test_other_shapes_are_fitted_and_centred(self) -> None:
    pictures = [
      ('', _plain(_RED)),
      ('', _plain(_GREEN, 32, 128)),
      ('', _plain(_BLUE, 900, 1)),
    ]
    sheet = contact_sheet.contact_sheet(pictures, 3)
    red, green, blue = (_colour_box(sheet, colour) for colour in _COLOURS)
    self.assertEqual(green[2:], (56, 224))
    self.assertEqual(green[0], red[0] + (224 - 56) // 2)
    self.assertEqual(blue[2:], (224, 1))
    self.assertEqual(blue[1], red[1] + (224 - 1) // 2)

  def test_label_stands_under_its_picture(self) -> None:
    sheet = contact_sheet.contact_sheet(
      [('281 tabby', _plain(_RED)), ('', _plain(_RED))], 2
    )
    dark = (sheet < 0.3).all(axis=2)
    rows, columns = np.nonzero(dark)
    self.assertGreater(rows.size, 50)
    self.assertGreaterEqual(rows.min(), 10 + 224)
    self.assertLess(rows.max(), sheet.shape[0] - 4)
    # In the middle of the left cell.
    self.assertAlmostEqual((columns.min() + columns.max()) / 2, 122, delta=4)

  @parameterized.parameters(
    'long ' * 50, 'W' * 500, 'two\nlines ' * 40, '猫 ' * 100, 'é\t' * 200
  )
  def test_long_labels_stay_in_their_cell(self, label: str) -> None:
    pictures = [(label, _plain(_RED)), ('', _plain(_RED))]
    sheet = contact_sheet.contact_sheet(pictures, 2)
    label_area = sheet[10 + 224 :]
    columns = np.nonzero((label_area < 0.9).any(axis=(0, 2)))[0]
    self.assertGreater(columns.max() - columns.min(), 180)
    self.assertBetween(columns.min(), 9, 100)
    self.assertBetween(columns.max(), 150, 10 + 224 + 1)
    # The rows of one line of text alone.
    self.assertLess(label_area.shape[0], 40)

  def test_shortened_label_ends_in_dots(self) -> None:
    def sheet_of(label: str) -> np.ndarray:
      return contact_sheet.contact_sheet([(label, _plain(_RED))], 1)

    # As long as two labels begin alike, they look alike if both are cut.
    np.testing.assert_array_equal(
      sheet_of('a' * 100 + 'b'), sheet_of('a' * 100 + 'c')
    )
    cut = sheet_of('i ' * 200)[10 + 224 :]
    columns = np.nonzero((cut < 0.6).any(axis=(0, 2)))[0]
    last = cut[:, columns.max() - 6 : columns.max() + 1]
    rows = np.nonzero((last < 0.6).any(axis=(1, 2)))[0]
    # Dots are low.
    self.assertLessEqual(int(np.ptp(rows)), 2)

  @parameterized.parameters(' · seed {}', ':{}', ':{} · seed 3')
  def test_what_tells_pictures_apart_is_not_cut(self, end: str) -> None:
    def sheet_of(label: str) -> np.ndarray:
      return contact_sheet.contact_sheet([(label, _plain(_RED))], 1)

    name = 'long ' * 50
    one, two = (sheet_of(name + end.format(number)) for number in (1, 2))
    different = np.nonzero((one != two).any(axis=(0, 2)))[0]
    # In one letter alone.
    self.assertNotEmpty(different)
    self.assertLess(np.ptp(different), 12)
    self.assertGreater(different.min(), 150)

  def test_tells_what_brings_missing_letters(self) -> None:
    pictures = [('\ue000', _plain(_RED))]
    with mock.patch.object(lettering, 'has_fonts', return_value=False):
      with self.assertLogs(level='WARNING') as logs:
        contact_sheet.contact_sheet(pictures, 1)
    self.assertIn("pip install 'magenta_viz[fonts]'", logs.output[0])
    with (
      self.assertNoLogs(level='WARNING')
      if hasattr(self, 'assertNoLogs')
      else contextlib.nullcontext()
    ):
      contact_sheet.contact_sheet(pictures, 1)

  def test_a_thousand_pictures(self) -> None:
    sheet = contact_sheet.contact_sheet(
      [('281 tabby', _plain(_RED))] * 1000, 1000
    )
    # Every fourth pixel shows the gaps and spares seconds.
    self.assertEqual(_cells(sheet[::4, ::4]), [32] * 31 + [8])
    self.assertBetween(sheet.shape[1], 3900, 4096)
    self.assertBetween(sheet.shape[0], 3900, 5000)

  def test_holds_one_picture_at_a_time(self) -> None:
    alive: List[weakref.ref[np.ndarray]] = []

    def pictures() -> Iterator[Tuple[str, np.ndarray]]:
      for index in range(6):
        gc.collect()
        held = sum(reference() is not None for reference in alive)
        # The one before, which the loop still names.
        self.assertLessEqual(held, 1)
        picture = _plain(_RED)
        alive.append(weakref.ref(picture))
        yield str(index), picture
        del picture

    contact_sheet.contact_sheet(pictures(), 6)
    self.assertLen(alive, 6)

  @parameterized.parameters(
    (0, 0, 'of 0 pictures was given 0;'),
    (0, 3, 'of 3 pictures was given 0;'),
    (2, 3, 'of 3 pictures was given 2;'),
    (4, 3, 'of 3 pictures was given more;'),
    (1, 0, 'of 0 pictures was given more;'),
  )
  def test_wrong_count(self, num_given: int, count: int, message: str) -> None:
    with self.assertRaisesRegex(ValueError, message):
      contact_sheet.contact_sheet([('', _plain(_RED))] * num_given, count)


if __name__ == '__main__':
  absltest.main()
