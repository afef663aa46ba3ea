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

"""Addresses for tests: a server of S3 on this machine, and memory://."""

import logging
import os
from pathlib import Path
from typing import List
import unittest
from unittest import mock

from absl.testing import absltest

from magenta_viz.files import places


def upload(folder: Path, address: str) -> None:
  """Puts the files of a folder, and of those inside it, to an address."""
  for inner, _, names in os.walk(folder):
    place = places.place(address) / Path(inner).relative_to(folder)
    for name in names:
      (place / name).write_bytes(Path(inner, name).read_bytes())


class MemoryCase(absltest.TestCase):
  """Tests with nothing at memory://."""

  def setUp(self) -> None:
    """Takes what is there away, for as long as the test is."""
    super().setUp()
    from fsspec.implementations import memory

    system = memory.MemoryFileSystem
    for name, value in (('store', {}), ('pseudo_dirs', [''])):
      self.enter_context(mock.patch.object(system, name, value))


class ObjectStoreCase(absltest.TestCase):
  """Tests with an empty bucket of a server of their own.

  Attributes:
    bucket: Its address.
  """

  bucket = 's3://bucket'

  @classmethod
  def setUpClass(cls) -> None:
    """Starts the server, and lets this process and its children know it."""
    try:
      from moto import server
      import s3fs
    except ImportError as error:
      raise unittest.SkipTest(
        f'needs moto and s3fs, of Python 3.10 on ({error})'
      ) from error
    super().setUpClass()
    logging.getLogger('werkzeug').setLevel(logging.ERROR)
    started = server.ThreadedMotoServer('127.0.0.1', 0, verbose=False)
    started.start()
    cls.addClassCleanup(started.stop)
    host, port = started.get_host_and_port()
    known = {
      'AWS_ENDPOINT_URL': f'http://{host}:{port}',
      'AWS_ACCESS_KEY_ID': 'key',
      'AWS_SECRET_ACCESS_KEY': 'secret',
      'AWS_DEFAULT_REGION': 'us-east-1',
    }
    environment = mock.patch.dict(os.environ, known)
    environment.start()
    cls.addClassCleanup(environment.stop)
    # Which know the address of the server before.
    s3fs.S3FileSystem.clear_instance_cache()

  def setUp(self) -> None:
    """Makes the bucket."""
    super().setUp()
    import s3fs

    system = s3fs.S3FileSystem(use_listings_cache=False)
    system.mkdir('bucket')
    self.addCleanup(system.rm, 'bucket', recursive=True)
    cache = mock.patch.dict(
      os.environ, {'MAGENTA_VIZ_CACHE': self.create_tempdir().full_path}
    )
    cache.start()
    self.addCleanup(cache.stop)

  def names_in(self, folder: str) -> List[str]:
    """Returns the names of what is in a folder."""
    return [path.name for path in places.place(folder).iterdir()]
