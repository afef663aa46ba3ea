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

"""Tests for shelf."""

import json
import os
from pathlib import Path
import stat
from typing import Any, Dict, List
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.media import image_files
from magenta_viz.media import records
from magenta_viz.testing import atlas_folders
from magenta_viz.toolbox import shelf as shelf_lib

_SHA = atlas_folders.SHA256
_OTHER = 'f' * 64


class ShelfTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.outside = Path(self.create_tempdir().full_path)
    self.folder = self.outside / 'atlas'
    self.folder.mkdir()
    self.shelf = shelf_lib.Shelf(self.folder)

  def write(self, name: str, *subject: Any, **fields: Any) -> Path:
    """Writes a picture into the folder."""
    return atlas_folders.write(self.folder, name, *subject, **fields)

  def names(self, layer: str, sha256: str = _SHA) -> Dict[int, List[str]]:
    """Returns the names of what is known of a layer."""
    return {
      unit: [self.shelf.name(each.path) for each in several]
      for unit, several in self.shelf.units(sha256, layer).items()
    }

  def test_units_and_classes_at_any_depth(self) -> None:
    self.write('a', 'channel:fire5/concat:3')
    deep = self.folder / 'squeezenet' / 'xxx'
    atlas_folders.write(deep, 'b', 'channel:fire5/concat:12')
    self.write('c', 'channel:layer:0:7')
    self.write('d', class_id=281, class_name='tabby')
    self.assertEqual(self.shelf.read(), [])
    self.assertEqual(
      self.names('fire5/concat'),
      {3: ['a.json'], 12: [os.path.relpath(deep / 'b.json', self.folder)]},
    )
    # Keras's names may have colons.
    self.assertEqual(self.names('layer:0'), {7: ['c.json']})
    self.assertEqual(self.names(shelf_lib.CLASSES), {281: ['d.json']})
    self.assertEqual(self.names('layer'), {})

  def test_variations(self) -> None:
    for seed in (10, 2, 0):
      self.write(f'a_{seed}', 'channel:a:1', seed=seed)
    self.write('b', 'channel:a:1 + 2*diversity:a', seed=1)
    self.assertEqual(self.shelf.read(), [])
    names = ['a_0.json', 'b.json', 'a_2.json', 'a_10.json']
    self.assertEqual(self.names('a'), {1: names})
    self.assertLen(self.shelf.unit(_SHA, 'a', 1), 4)
    self.assertEqual(self.shelf.unit(_SHA, 'a', 2), [])

  def test_two_networks(self) -> None:
    self.write('a', 'channel:a:1')
    self.write('b', 'channel:a:1', sha256=_OTHER)
    self.shelf.read()
    self.assertEqual(self.names('a'), {1: ['a.json']})
    self.assertEqual(self.names('a', _OTHER), {1: ['b.json']})
    self.assertEqual(self.shelf.counts(), {_SHA: 1, _OTHER: 1})

  @parameterized.parameters(
    {'objective': '2*channel:a:1'},
    {'objective': 'channel:a:1 + channel:b:2'},
    {'objective': 'channel:a:1 - 3*layer:b'},
    {'objective': 'neuron:a:1'},
    {'objective': 'channel:a:1@2'},
    {'objective': 'channel:a:-1'},
    {'objective': 'channel:a:\u0661'},
    {'objective': f'channel:a:{"9" * 5000}'},
    {'objective': 'channel::1'},
    {'objective': ['channel:a:1']},
    {'objective': None},
    {'class_id': -1},
    {'class_id': 10**12},
    {'class_id': '281'},
    {'objective': 'channel:a:1', 'image': 'photo.jpg'},
    {'objective': 'channel:a:1', 'frame': 3},
    {'objective': 'channel:a:1', 'networks': []},
    {'objective': 'channel:a:1', 'networks': {'a': 1}},
    {'objective': 'channel:a:1', 'networks': [3, {'weights_sha256': 4}]},
  )
  def test_of_something_else(self, **fields: Any) -> None:
    self.write('a', **fields)
    (error,) = self.shelf.read()
    self.assertEqual(error.why, 'of something else than one unit or class')
    self.assertEqual(self.shelf.counts(), {})

  def test_several_networks(self) -> None:
    networks = [{'weights_sha256': each} for each in (_SHA, _OTHER)]
    self.write('a', class_id=1, networks=networks)
    (error,) = self.shelf.read()
    self.assertEqual(error.why, 'drawn from several networks together')

  @parameterized.parameters(
    b'', b'{', b'[1]', b'\xff\xfe', b'{"a": NaN', b'[' * 100_000, b'null'
  )
  def test_damaged_records(self, content: bytes) -> None:
    self.write('a', 'channel:a:1')
    self.write('b', 'channel:a:2').write_bytes(content)
    (error,) = self.shelf.read()
    self.assertEqual(error.why, 'damaged')
    self.assertIn('b.json', str(error))
    self.assertEqual(self.names('a'), {1: ['a.json']})
    # It is told once.
    self.assertEqual(self.shelf.read(), [])

  def test_pipes_are_not_waited_for(self) -> None:
    os.mkfifo(self.folder / 'a.json')
    self.write('b', 'channel:a:1').with_suffix('.png').unlink()
    os.mkfifo(self.folder / 'b.png')
    (error,) = self.shelf.read()
    self.assertEqual(error.why, 'damaged')
    (entry,) = self.shelf.unit(_SHA, 'a', 1)
    with self.assertRaisesRegex(shelf_lib.PassedOverError, 'no plain file'):
      self.shelf.picture(entry)

  def test_pictures_that_are_missing(self) -> None:
    path = self.write('a', 'channel:a:1')
    content = path.with_suffix('.png').read_bytes()
    path.with_suffix('.png').unlink()
    (error,) = self.shelf.read()
    self.assertEqual(error.why, 'without their picture')
    path.with_suffix('.png').write_bytes(content)
    self.assertEqual(self.shelf.read(), [])
    self.assertEqual(self.names('a'), {1: ['a.json']})

  def test_pictures_that_have_changed(self) -> None:
    path = self.write('a', 'channel:a:1')
    self.shelf.read()
    (entry,) = self.shelf.unit(_SHA, 'a', 1)
    png = path.with_suffix('.png')
    content = png.read_bytes()
    png.write_bytes(image_files.encode_png(atlas_folders.picture(1)))
    with self.assertRaisesRegex(shelf_lib.PassedOverError, 'a.json: its pict'):
      self.shelf.picture(entry)
    # It counts no more, until it is put back.
    self.assertEqual(self.names('a'), {})
    png.write_bytes(content)
    os.utime(png, (1, 1))
    self.shelf.read()
    (entry,) = self.shelf.unit(_SHA, 'a', 1)
    found = self.shelf.picture(entry)
    self.assertEqual(found.content, content)
    self.assertEqual(found.record, json.loads(path.read_text()))
    np.testing.assert_allclose(found.image, atlas_folders.picture(0), atol=1e-6)

  @parameterized.parameters(b'', b'<svg/>', b'\x89PNG\r\n\x1a\n' + b'\0' * 99)
  def test_damaged_pictures(self, content: bytes) -> None:
    path = self.write('a', 'channel:a:1')
    png = path.with_suffix('.png')
    png.write_bytes(content)
    record = json.loads(path.read_text())
    record['pictures_sha256'] = records.pictures_sha256([png])
    records.write_record(path, record)
    self.shelf.read()
    (entry,) = self.shelf.unit(_SHA, 'a', 1)
    with self.assertRaisesRegex(shelf_lib.PassedOverError, 'a.json: '):
      self.shelf.picture(entry)
    self.assertEqual(self.names('a'), {})

  def test_what_is_gone_is_forgotten(self) -> None:
    paths = [self.write(f'a_{n}', f'channel:a:{n}') for n in range(3)]
    self.shelf.read()
    self.assertLen(self.names('a'), 3)
    (entry,) = self.shelf.unit(_SHA, 'a', 1)
    paths[1].unlink()
    with self.assertRaises(shelf_lib.PassedOverError):
      self.shelf.picture(entry)
    paths[2].unlink()
    self.assertEqual(self.shelf.read(), [])
    self.assertEqual(self.names('a'), {0: ['a_0.json']})

  def test_what_has_changed_is_read_again_and_nothing_else(self) -> None:
    for n in range(3):
      self.write(f'a_{n}', f'channel:a:{n}')
    self.shelf.read()
    self.write('a_1', 'channel:b:7')
    with mock.patch.object(
      records, 'read_record', wraps=records.read_record
    ) as reads:
      self.shelf.read()
    self.assertEqual(
      [Path(call.args[0]).name for call in reads.mock_calls], ['a_1.json']
    )
    self.assertEqual(sorted(self.names('a')), [0, 2])
    self.assertEqual(self.names('b'), {7: ['a_1.json']})

  def test_newest_first(self) -> None:
    for n in (1, 3, 2):
      os.utime(self.write(f'a_{n}', f'channel:a:{n}'), (n, n))
    with mock.patch.object(
      records, 'read_record', wraps=records.read_record
    ) as reads:
      self.shelf.read()
    self.assertEqual(
      [Path(call.args[0]).name for call in reads.mock_calls],
      ['a_3.json', 'a_2.json', 'a_1.json'],
    )

  def test_links_that_lead_out(self) -> None:
    inside = self.write('a', 'channel:a:1')
    outside = atlas_folders.write(self.outside, 'b', 'channel:a:2')
    (self.folder / 'record.json').symlink_to(outside)
    (self.folder / 'record.png').symlink_to(outside.with_suffix('.png'))
    copy = self.folder / 'picture.json'
    copy.write_bytes(outside.read_bytes())
    copy.with_suffix('.png').symlink_to(outside.with_suffix('.png'))
    (self.folder / 'deep').symlink_to(self.outside)
    (self.folder / 'nowhere.json').symlink_to(self.outside / 'none')
    (self.folder / 'itself.json').symlink_to(self.folder / 'itself.json')
    errors = self.shelf.read()
    self.assertEqual(
      [error.why for error in errors], ['links that lead out of the folder'] * 2
    )
    self.assertEqual(self.names('a'), {1: ['a.json']})
    # One that stays inside is a file as any other.
    (self.folder / 'c.json').symlink_to(inside)
    (self.folder / 'c.png').symlink_to('a.png')
    self.shelf.read()
    self.assertEqual(self.names('a'), {1: ['a.json', 'c.json']})

  def test_links_that_are_made_later(self) -> None:
    path = self.write('a', 'channel:a:1')
    self.shelf.read()
    (entry,) = self.shelf.unit(_SHA, 'a', 1)
    outside = atlas_folders.write(self.outside, 'a', 'channel:a:1')
    path.with_suffix('.png').unlink()
    path.with_suffix('.png').symlink_to(outside.with_suffix('.png'))
    with self.assertRaisesRegex(shelf_lib.PassedOverError, 'out of the folder'):
      self.shelf.picture(entry)

  def test_the_folder_may_be_a_link(self) -> None:
    self.write('a', 'channel:a:1')
    link = self.outside / 'link'
    link.symlink_to(self.folder)
    shelf = shelf_lib.Shelf(link)
    self.assertEqual(shelf.read(), [])
    (entry,) = shelf.unit(_SHA, 'a', 1)
    self.assertNotEmpty(shelf.picture(entry).content)

  @parameterized.parameters(
    *('..', '...', '-rf', 'a b', 'a\nb', 'a"b', '<b>', 'a\\b', '%2e%2e'),
    *('a.json', 'a.png', '\u202eb', 'x' * 240, os.fsdecode(b'\xff\xfe')),
  )
  def test_hostile_names(self, name: str) -> None:
    if name != '..':
      atlas_folders.write(self.folder / name, 'x', 'channel:a:1')
    self.write(f'a{name}', 'channel:a:2')
    self.assertEqual(self.shelf.read(), [])
    self.assertEqual(2 in self.names('a'), True)
    for several in self.shelf.units(_SHA, 'a').values():
      found = self.shelf.picture(several[0])
      self.assertNotEmpty(found.content)

  def test_hidden_ones_and_folders_that_cannot_be_read(self) -> None:
    atlas_folders.write(self.folder / '.hidden', 'a', 'channel:a:1')
    self.write('.a', 'channel:a:2')
    self.write('b', 'channel:a:3')
    closed = self.folder / 'closed'
    closed.mkdir()
    closed.chmod(0)
    self.addCleanup(closed.chmod, stat.S_IRWXU)
    (self.folder / 'folder.json').mkdir()
    self.assertEqual(self.shelf.read(), [])
    self.assertEqual(self.names('a'), {3: ['b.json']})

  def test_no_folder_yet(self) -> None:
    shelf = shelf_lib.Shelf(self.folder / 'later')
    self.assertEqual(shelf.read(), [])
    atlas_folders.write(self.folder / 'later', 'a', 'channel:a:1')
    self.assertEqual(shelf.read(), [])
    self.assertLen(shelf.units(_SHA, 'a'), 1)


if __name__ == '__main__':
  absltest.main()
