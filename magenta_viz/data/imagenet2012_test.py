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

"""Tests for ImageNet's own way: from its archives to examples."""

import contextlib
import io
from pathlib import Path
from typing import Optional

from absl.testing import absltest

from magenta_viz.data import dataset
from magenta_viz.data import datasets
from magenta_viz.models import imagenet_classes
from magenta_viz.testing import data_files
from magenta_viz.testing import prepared_sets

# Three of ILSVRC's WordNet ids and their class ids.
_CLASS_IDS = {'n01440764': 0, 'n02123045': 281, 'n15075141': 999}


class Imagenet2012Test(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.enter_context(prepared_sets.offline())
    self._manual_dir = Path(self.create_tempdir().full_path)
    self._data_dir = Path(self.create_tempdir().full_path)

  def _open(
    self, name: str = 'imagenet2012', manual_dir: Optional[Path] = None
  ) -> dataset.Dataset:
    return datasets.open_dataset(
      name,
      data_dir=str(self._data_dir),
      manual_dir=None if manual_dir is None else str(manual_dir),
    )

  def test_prepares_and_reads(self) -> None:
    data_files.write_imagenet(
      self._manual_dir, dict.fromkeys(_CLASS_IDS, 3), num_validation=4
    )
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
      imagenet = self._open(manual_dir=self._manual_dir)
    self.assertEqual(printed.getvalue(), '')
    self.assertEqual(imagenet.name, 'imagenet2012:5.1.0')
    self.assertEqual(imagenet.version, '5.1.0')
    self.assertEqual(imagenet.class_names, imagenet_classes.load_class_names())
    self.assertEqual((imagenet.num_train, imagenet.num_eval), (9, 4))
    self.assertCountEqual(
      data_files.read(imagenet.examples('train', 0, 0)),
      [
        (
          data_files.encode(10 * offset + i, 'JPEG'),
          class_id,
          f'{wnid}_{i + 1}.JPEG',
        )
        for offset, (wnid, class_id) in enumerate(_CLASS_IDS.items())
        for i in range(3)
      ],
    )
    # The first of ILSVRC's 50,000 validation labels, n01751748 sea snake,
    # n09193705 alp, n02105855 Shetland sheepdog and n04263257 soup bowl.
    evaluation = data_files.read(imagenet.examples('eval', 0, 0))
    self.assertCountEqual(
      [(label, name) for _, label, name in evaluation],
      [
        (65, 'ILSVRC2012_val_00000001.JPEG'),
        (970, 'ILSVRC2012_val_00000002.JPEG'),
        (230, 'ILSVRC2012_val_00000003.JPEG'),
        (809, 'ILSVRC2012_val_00000004.JPEG'),
      ],
    )
    self.assertEqual(
      {
        name: data == data_files.encode(99 + int(name[-6]), 'JPEG')
        for data, _, name in evaluation
      },
      {name: True for _, _, name in evaluation},
    )
    self.assertIn('sea snake', imagenet.class_names[65])

    # Prepared data need no archives, and are the same by their version.
    for name in ('imagenet2012', 'imagenet2012:5.1.0'):
      again = self._open(name)
      self.assertEqual(again, imagenet)
      self.assertCountEqual(
        data_files.read(again.examples('eval', 0, 0)), evaluation
      )

  def test_names_missing_archives(self) -> None:
    both = 'ILSVRC2012_img_train.tar and ILSVRC2012_img_val.tar;'
    with self.assertRaisesRegex(
      FileNotFoundError, f'--manual_dir is missing: {both}'
    ) as caught:
      self._open()
    self.assertNotIn('\n', str(caught.exception))
    for folder in (self._manual_dir, self._manual_dir / 'none'):
      with self.assertRaisesRegex(
        FileNotFoundError, f"'{folder}' has not: {both}"
      ):
        self._open(manual_dir=folder)
    (self._manual_dir / 'ILSVRC2012_img_train.tar').touch()
    with self.assertRaisesRegex(
      FileNotFoundError, 'has not: ILSVRC2012_img_val.tar; put the files'
    ):
      self._open(manual_dir=self._manual_dir)
    self.assertEmpty(list(self._data_dir.iterdir()))

  def test_damaged_archives_leave_nothing_prepared(self) -> None:
    data_files.write_imagenet(self._manual_dir, {'n01440764': 1}, 1)
    archive = self._manual_dir / 'ILSVRC2012_img_train.tar'
    archive.write_bytes(b'no archive' * 200)
    for _ in range(2):
      with self.assertRaisesRegex(
        OSError, f"cannot prepare dataset 'imagenet2012' in '{self._data_dir}'"
      ) as caught:
        self._open(manual_dir=self._manual_dir)
      self.assertNotIn('\n', str(caught.exception))


if __name__ == '__main__':
  absltest.main()
