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

"""Tests of checkpoints in archives."""

import gzip
import io
from pathlib import Path
import tarfile
import tempfile
import tracemalloc
from typing import List, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.models.checkpoints import checkpoints
from magenta_viz.testing import checkpoint_files


class ArchiveTest(checkpoint_files.CheckpointsTestCase):
  def setUp(self) -> None:
    super().setUp()
    # Where archives are unpacked, to see that nothing is left there.
    self.unpacked = Path(self.create_tempdir().full_path)
    self.enter_context(
      mock.patch.object(tempfile, 'tempdir', str(self.unpacked))
    )

  def tearDown(self) -> None:
    self.assertEmpty(list(self.unpacked.iterdir()))
    super().tearDown()

  def pack(self, name: str, members: List[Tuple[str, str]]) -> str:
    """Writes an archive of (file, name in the archive)."""
    path = self.path(name)
    with tarfile.open(
      path, 'w' if name.endswith('.tar') else 'w:gz'
    ) as archive:
      for file, member in members:
        archive.add(file, member)
    return path

  @parameterized.product(
    name=('a.tar.gz', 'a.tgz', 'a.tar', 'A.TAR.GZ'),
    member=('inception_v1.ckpt', './deep/er/inception_v1.ckpt'),
  )
  def test_v1(self, name: str, member: str) -> None:
    self.save('v1')
    self.assert_reads(self.pack(name, [(self.path('v1'), member)]), self.values)

  def test_v2_among_other_files(self) -> None:
    self.save('run/model.ckpt', checkpoint_files.VERSIONS.V2)
    (self.folder / 'run' / 'README').write_text('read me')
    path = self.pack('a.tgz', [(self.path('run'), '.')])
    self.assert_reads(path, self.values)

  def test_must_hold_exactly_one(self) -> None:
    (self.folder / 'README').write_text('read me')
    path = self.pack('a.tar', [(self.path('README'), 'README')])
    self.assert_refused(path, 'holds no TensorFlow checkpoint')
    v1, v2 = self.save('v1'), self.save('v2', checkpoint_files.VERSIONS.V2)
    members = [(v1, 'one.ckpt'), (v2 + '.index', 'sub/two.index')]
    path = self.pack('a.tar', members)
    self.assert_refused(path, 'holds one.ckpt, sub/two.index', 'exactly one')

  @parameterized.parameters('.tar', '.tar.gz')
  def test_truncated(self, suffix: str) -> None:
    path = self.pack('a' + suffix, [(self.save('v1'), 'inception_v1.ckpt')])
    content = Path(path).read_bytes()
    # The end is padding that nobody misses.
    for size in (0, 5, 400, 600, 1500):
      Path(path).write_bytes(content[:size])
      self.assert_refused(path)
    Path(path).write_bytes(b'<html>Not found</html>')
    self.assert_refused(path, 'damaged')

  def test_damaged_checkpoint_inside(self) -> None:
    checkpoint = self.save('v1')
    content = bytearray(Path(checkpoint).read_bytes())
    content[len(content) // 2] ^= 0xFF
    Path(checkpoint).write_bytes(content)
    # The name would speak for another format.
    path = self.pack('a.tgz', [(checkpoint, 'inception_v1.npz')])
    self.assert_refused(path, f'cannot read {path}')
    self.cut(checkpoint, -1)
    path = self.pack('a.tgz', [(checkpoint, 'inception_v1.ckpt')])
    self.assert_refused(path, 'holds no TensorFlow checkpoint')

  @parameterized.parameters('../evil', 'a/../../evil', '..', '/tmp/evil')
  def test_member_outside_is_refused(self, name: str) -> None:
    self.assert_member_refused(tarfile.TarInfo(name))

  @parameterized.parameters(
    tarfile.SYMTYPE,
    tarfile.LNKTYPE,
    tarfile.CHRTYPE,
    tarfile.FIFOTYPE,
    tarfile.GNUTYPE_SPARSE,
  )
  def test_link_or_device_is_refused(self, kind: bytes) -> None:
    member = tarfile.TarInfo('evil')
    member.type = kind
    member.linkname = 'v1'
    self.assert_member_refused(member)

  def assert_member_refused(self, member: tarfile.TarInfo) -> None:
    content = b'evil' if member.isfile() else b''
    member.size = len(content)
    path = self.path('a.tar.gz')
    v1 = self.save('v1')
    with tarfile.open(path, 'w:gz') as archive:
      archive.add(v1, 'v1')
      archive.addfile(member, io.BytesIO(content))
    self.assert_refused(path, repr(member.name))

  @parameterized.product(
    name=('a.tar', 'a.tgz'),
    format_=(tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT),
    member=('x' * 90 + '/' + 'y' * 60, '\u732b/v1', 'v1'),
  )
  def test_reads_what_python_packs(
    self, name: str, format_: int, member: str
  ) -> None:
    prefix = self.save('v2', checkpoint_files.VERSIONS.V2)
    path = self.path(name)
    with tarfile.open(
      path, 'w' if name.endswith('.tar') else 'w:gz', format=format_
    ) as archive:
      for ending in ('.index', '.data-00000-of-00001'):
        archive.add(prefix + ending, member + ending)
    self.assert_reads(path, self.values)

  @parameterized.parameters(
    (1 << 40, f'claims {1 << 40} bytes that it lacks'), (-512, 'damaged')
  )
  def test_claims_of_what_is_not_there(self, size: int, words: str) -> None:
    member = tarfile.TarInfo('v1')
    member.size = size
    content = member.tobuf(tarfile.GNU_FORMAT)
    content = tarfile.TarInfo('a').tobuf(tarfile.GNU_FORMAT) + content
    for name, data in (('a.tar', content), ('a.tgz', gzip.compress(content))):
      Path(self.path(name)).write_bytes(data)
      self.assert_refused(self.path(name), words)

  def test_holds_more_than_a_network_has(self) -> None:
    path = self.pack('a.tgz', [(self.save('v1'), 'v1')])
    with mock.patch.object(checkpoints, 'MAX_BYTES', 10_000):
      self.assert_refused(path, 'more than 10000 bytes')

  def test_does_not_inflate_more_than_a_network_has(self) -> None:
    path = self.path('a.tgz')
    # A thousand times smaller than what it holds.
    Path(path).write_bytes(gzip.compress(bytes(1 << 26)) * 20)
    tracemalloc.start()
    self.addCleanup(tracemalloc.stop)
    with mock.patch.object(checkpoints, 'MAX_BYTES', 1 << 23):
      self.assert_refused(path, 'more than 8388608 bytes')
    self.assertLess(tracemalloc.get_traced_memory()[1], 1 << 25)

  def test_too_many_files(self) -> None:
    content = tarfile.TarInfo('a').tobuf() * 10_001
    Path(self.path('a.tar')).write_bytes(content)
    self.assert_refused(self.path('a.tar'), 'more than 10000 files')

  def test_wrong_checksum(self) -> None:
    path = self.pack('a.tar', [(self.save('v1'), 'v1')])
    content = bytearray(Path(path).read_bytes())
    content[0] ^= 1
    Path(path).write_bytes(content)
    self.assert_refused(path, 'no tar archive')


if __name__ == '__main__':
  absltest.main()
