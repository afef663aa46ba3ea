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

"""Tests for an atlas at an address, which other processes draw."""

import json
import os
from unittest import mock

from absl.testing import absltest
import pytest

from magenta_viz.atlas import config as atlas_config
from magenta_viz.files import places
from magenta_viz.testing import object_store

pytest.importorskip('apache_beam', reason='Beam needs Python 3.10')

# pylint: disable=wrong-import-position
from magenta_viz.atlas import running


class StoreTest(object_store.ObjectStoreCase):
  def run_atlas(self, folder: str) -> running.Report:
    """Draws a small atlas."""
    config = atlas_config.AtlasConfig(
      'channel:fire2/concat:0-2',
      folder,
      models=('squeezenet',),
      image_size=(64, 64),
      precision='float32',
      batch_size=2,
      num_workers=1,
      overrides={'num_steps': 2},
    )
    return running.run(config)

  def test_same_bytes(self) -> None:
    self.enter_context(mock.patch.dict(os.environ, TF_NUM_INTRAOP_THREADS='1'))
    here = places.place(self.create_tempdir().full_path)
    there = places.place(f'{self.bucket}/atlas')
    self.run_atlas(str(here))
    report = self.run_atlas(str(there))
    self.assertEqual(report.counters['pictures'], 3)
    pictures = list(here.glob('fire2-concat/*.png'))
    self.assertLen(pictures, 4)
    for path in pictures:
      other = there / path.relative_to(here)
      self.assertEqual(other.read_bytes(), path.read_bytes())
    pictures[0].unlink()
    (there / pictures[0].relative_to(here)).unlink()
    report = self.run_atlas(str(there))
    self.assertEqual(report.counters['skips'], 2)
    self.assertEqual(report.counters['pictures'], 1)
    # What is told of failures is read, and is gone after them.
    (there / 'failures.json').write_bytes(json.dumps([]).encode())
    self.assertEqual(self.run_atlas(str(there)).counters.get('pictures', 0), 0)
    self.assertFalse((there / 'failures.json').exists())


if __name__ == '__main__':
  absltest.main()
