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

"""A server of weights, for tests of downloads."""

import contextlib
import hashlib
import http.server
import os
from pathlib import Path
import socket
import threading
from typing import Any, Callable, Dict, Iterator, List, Tuple
from unittest import mock

from absl.testing import parameterized

from magenta_viz.models import model_spec
from magenta_viz.models import weights

# Several pieces of a download, and no multiple of a piece.
CONTENT = bytes(range(256)) * 1000 + b'end'

Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


def send(
  handler: http.server.BaseHTTPRequestHandler,
  content: bytes,
  num_bytes: int = len(CONTENT),
) -> None:
  """Answers with `content`, announced as `num_bytes` long."""
  handler.send_response(200)
  handler.send_header('Content-Length', str(num_bytes))
  handler.end_headers()
  handler.wfile.write(content)
  handler.wfile.flush()


def source(url: str, **kwargs: Any) -> model_spec.WeightSource:
  """Describes a file `w.bin` of CONTENT.

  Args:
    url: Where it is.
    **kwargs: Further fields.
  """
  return model_spec.WeightSource(
    file_name='w.bin',
    num_bytes=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    licence='none',
    url=url,
    **kwargs,
  )


@contextlib.contextmanager
def black_hole() -> Iterator[Tuple[str, int]]:
  """An address that answers nothing: its queue of connections is full."""
  with contextlib.ExitStack() as stack:
    listening = stack.enter_context(socket.socket())
    listening.bind(('127.0.0.1', 0))
    listening.listen(0)
    for _ in range(4):
      waiting = stack.enter_context(socket.socket())
      waiting.setblocking(False)
      waiting.connect_ex(listening.getsockname())
    yield listening.getsockname()


class WeightsTestCase(parameterized.TestCase):
  """A cache folder, and a server whose answers the test sets by path.

  Attributes:
    cache: The folder, which is not there yet.
    answers: What the server does with a request, by path: '/good' sends
      CONTENT.
    requests: The paths asked for so far.
    over: Set at the end of the test: what hangs waits for it.
    address: Of the server, without a path.
  """

  def setUp(self) -> None:
    """Starts the server."""
    super().setUp()
    # A proxy of the machine must not stand between us and our own server.
    self.enter_context(mock.patch.dict(os.environ, {'no_proxy': '127.0.0.1'}))
    self.cache = Path(self.create_tempdir().full_path) / 'new' / 'cache'
    self.answers: Dict[str, Answer] = {
      '/good': lambda handler: send(handler, CONTENT)
    }
    self.requests: List[str] = []
    self.over = threading.Event()
    test = self

    class Handler(http.server.BaseHTTPRequestHandler):
      def do_GET(self) -> None:
        test.requests.append(self.path)
        with contextlib.suppress(ConnectionError):
          test.answers[self.path](self)

      def log_message(self, *unused_args: Any) -> None:
        pass

    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    self.addCleanup(thread.join)
    self.addCleanup(server.server_close)
    self.addCleanup(server.shutdown)
    self.addCleanup(self.over.set)
    self.address = f'http://127.0.0.1:{server.server_port}'

  def fetch(self, path: str, **kwargs: Any) -> Path:
    """Fetches CONTENT from the server's `path` into the cache.

    Args:
      path: The path, from '/'.
      **kwargs: Of `weights.fetch`.
    """
    kwargs = {'timeout_seconds': 5.0, 'progress': False, **kwargs}
    return weights.fetch(source(self.address + path), self.cache, **kwargs)

  def assert_cache_holds(self, *names: str) -> None:
    """Fails unless the cache holds files of these names, and no others."""
    self.assertCountEqual(names, [path.name for path in self.cache.iterdir()])

  def assert_one_line(self, error: BaseException, *parts: str) -> None:
    """Fails unless the message is one line that holds the parts."""
    for part in parts:
      self.assertIn(part, str(error))
    self.assertNotIn('\n', str(error))
