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

"""Tells soon of servers that cannot be reached, where TFDS tries for minutes.

It downloads with `requests` and, since 4.9, connects up to eleven times with
pauses of 204 s in all (MAX_RETRIES of its core/download/downloader.py); each
time it waits for as long as the system does. A line that is slow, or breaks
once a server was reached, keeps all of this patience.
"""

from concurrent import futures
import contextlib
import socket
import threading
from typing import Any, Dict, Iterator, Tuple
from urllib import parse

from magenta_viz.files import time_limit

# For the look-up of the name and the connection, as for weights: a satellite
# takes a second, and a system that is not heard asks again after 1, 3 and 7 s.
_SECONDS = 10.0

_PORTS = {'http': 80, 'https': 443}


class UnreachableError(OSError):
  """There is no network connection, or nobody listens there."""


@contextlib.contextmanager
def checked(seconds: float = _SECONDS) -> Iterator[None]:
  """Lets requests that are made inside fail soon where nobody is reached.

  Of each server, or proxy, the first connection is tried on its own.

  Args:
    seconds: Longest wait for it.

  Raises:
    UnreachableError: In place of what `requests` raises.
  """
  # Brought by TFDS, which takes seconds; training on own pictures does without.
  import requests

  servers = _Servers(seconds)
  adapter = requests.adapters.HTTPAdapter
  original = adapter.send

  def send(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
    proxy = requests.utils.select_proxy(request.url, kwargs.get('proxies'))
    servers.check(proxy or request.url)
    return original(self, request, *args, **kwargs)

  adapter.send = send  # type: ignore[method-assign]
  try:
    yield
  finally:
    adapter.send = original  # type: ignore[method-assign]


class _Servers:
  """Servers that can be reached, and others, for all threads that download."""

  def __init__(self, seconds: float):
    """Takes the longest wait for one."""
    self._seconds = seconds
    self._lock = threading.Lock()
    self._known: Dict[Tuple[str, int], futures.Future[None]] = {}

  def check(self, url: str) -> None:
    """Raises UnreachableError if the server of an address is not reached."""
    split = parse.urlsplit(url if '://' in url else f'http://{url}')
    server = (split.hostname or '', split.port or _PORTS.get(split.scheme, 0))
    with self._lock:
      is_new = server not in self._known
      answer = self._known.setdefault(server, futures.Future())
    if is_new:
      try:
        time_limit.within(self._seconds, lambda: self._connect(server))
      # Else other threads would wait for ever; names raise UnicodeError, too.
      except Exception as error:  # pylint: disable=broad-except
        reason = getattr(error, 'strerror', None) or str(error)
        answer.set_exception(
          UnreachableError(f'no connection to {server[0]} ({reason})')
        )
      else:
        answer.set_result(None)
    answer.result()

  def _connect(self, server: Tuple[str, int]) -> None:
    """Connects, and hangs up."""
    socket.create_connection(server, self._seconds).close()
