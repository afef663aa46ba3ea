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

"""What programs say: harmless text, to streams that may be gone."""

import contextlib
import errno
import logging as python_logging
import os
import sys
from typing import Any, Callable, Iterator, Optional, TextIO, cast
import unicodedata

from absl import logging


def harmless(text: object) -> str:
  """Returns a text in one line that shows what is in it and does nothing.

  Names of files and classes are foreign: a line break in one would forge a line
  of the log, an escape code would speak to the terminal, and a mark of writing
  direction would show another name.

  Args:
    text: A text, or what `str` makes one of.

  Returns:
    The text; of its characters, those that are neither visible nor blanks are
    escaped as Python does.
  """
  return ''.join(
    character
    if character.isprintable() or unicodedata.category(character) == 'Zs'
    else ascii(character)[1:-1]
    for character in str(text)
  )


def say(text: object) -> None:
  """Writes a line to the standard output, beside a progress bar if need be."""
  import tqdm

  # In one piece: several processes may write to the same pipe.
  tqdm.tqdm.write(f'{harmless(text)}\n', file=sys.stdout, end='')
  sys.stdout.flush()


class LineFormatter(python_logging.Formatter):
  """Makes a harmless line of each record of the log."""

  def formatMessage(self, record: python_logging.LogRecord) -> str:  # noqa: N802
    """Returns the record's message, in one line."""
    return harmless(super().formatMessage(record))


class LastingStream:
  """A standard stream whose loss does not end the work of a program.

  What cannot be written is dropped: the reader has gone, as that of `| head`,
  or the disk is full.
  """

  def __init__(self, stream: TextIO):
    """Takes a stream, which gets all that is written as long as it can."""
    self._stream = stream
    self._error: Optional[OSError] = None

  def __getattr__(self, name: str) -> Any:
    """Returns what else the stream has."""
    return getattr(self._stream, name)

  def write(self, text: str) -> int:
    """Writes a text, what its encoding lacks in escapes."""
    encoding = getattr(self._stream, 'encoding', None)
    if encoding:
      text = text.encode(encoding, 'backslashreplace').decode(encoding)
    self._try(lambda: self._stream.write(text))
    return len(text)

  def flush(self) -> None:
    """Writes what is held back."""
    self._try(self._stream.flush)

  def check(self) -> None:
    """Checks that what was written has arrived, or its reader had enough.

    Raises:
      OSError: If it was lost to anything else.
    """
    self.flush()
    if self._error is not None and self._error.errno != errno.EPIPE:
      raise OSError(
        f'cannot write to the standard output: {self._error.strerror}; what'
        ' else was asked for is done'
      )

  def _try(self, write: Callable[[], Any]) -> None:
    """Writes, if nothing has failed so far."""
    if self._error is None:
      try:
        write()
      except OSError as error:
        self._error = error
        # For what is held back, and for those who write to the descriptor.
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, self._stream.fileno())
        os.close(null)


@contextlib.contextmanager
def lasting_streams() -> Iterator[LastingStream]:
  """Lets no loss of a standard stream end the work of a program.

  Yields:
    The standard output, to be checked when the work is done.
  """
  _occupy_closed()
  before = (sys.stdout, sys.stderr)
  handler = logging.get_absl_handler().python_handler
  log_stream = handler.stream
  stdout, stderr = (
    # None stands for one that was closed before the program began.
    LastingStream(stream or open(os.devnull, 'w'))
    for stream in before
  )
  sys.stdout, sys.stderr = cast(TextIO, stdout), cast(TextIO, stderr)
  # absl logs twice to another one.
  handler.stream = sys.stderr
  try:
    yield stdout
  finally:
    for stream in (stdout, stderr):
      stream.flush()
    handler.stream = log_stream
    sys.stdout, sys.stderr = before


def _occupy_closed() -> None:
  """Opens the standard descriptors that are closed.

  Else the next file that is opened becomes the standard error, and gets what
  TensorFlow writes there.
  """
  descriptor = os.open(os.devnull, os.O_RDWR)
  while descriptor <= 2:
    os.set_inheritable(descriptor, True)
    descriptor = os.open(os.devnull, os.O_RDWR)
  os.close(descriptor)
