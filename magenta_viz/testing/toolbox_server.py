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

"""A toolbox's server with a small network, and what asks it over HTTP."""

import http.client
import io
import json
from pathlib import Path
import socket
import tempfile
import threading
from typing import Any, Dict, NamedTuple, Optional, Tuple
from unittest import mock
import urllib.parse

from absl.testing import parameterized
import numpy as np
from PIL import Image

from magenta_viz.media import image_files
from magenta_viz.models import network_choice
from magenta_viz.models import network_source
from magenta_viz.models.foreign import foreign_settings
from magenta_viz.testing import foreign_models
from magenta_viz.toolbox import server as server_lib
from magenta_viz.toolbox import session as session_lib
from magenta_viz.visualization import networks as networks_lib

# Of the page, in its folder; and what is beside that folder.
PAGE = {'index.html': '<!doctype html>', 'a-b_1.js': 'export {}', 'a.css': ''}
SECRET = 'secret.js'
# More than one block of what browsers are to decode.
FILM = bytes(range(256)) * 700

_PATIENCE = 60


class Answer(NamedTuple):
  """What the server says.

  Attributes:
    status: Of HTTP.
    headers: Of HTTP.
    content: What follows.
  """

  status: int
  headers: http.client.HTTPMessage
  content: bytes

  @property
  def json(self) -> Any:
    """What it says as JSON."""
    return json.loads(self.content)

  @property
  def error(self) -> str:
    """What is wrong."""
    (name,) = self.json
    assert name == 'error', name
    return str(self.json[name])

  @property
  def framed(self) -> Tuple[Dict[str, Any], bytes]:
    """Header and bytes."""
    end = 4 + int.from_bytes(self.content[:4], 'little')
    return json.loads(self.content[4:end]), self.content[end:]


def networks(folder: Path) -> networks_lib.Networks:
  """Returns the small network, read from a folder that it is saved to."""
  path = folder / f'small{foreign_models.ENDING}'
  foreign_models.classifier(head='softmax', name='small').save(path)
  return networks_lib.load(
    network_source.resolve(
      network_choice.parse((network_choice.AUTO,), (str(path),)),
      foreign_settings.ForeignSettings(),
    ),
    False,
    'auto',
  )


def picture(height: int = 40, width: int = 48, kind: str = 'PNG') -> bytes:
  """Returns the file of a picture."""
  generator = np.random.default_rng(height * width)
  levels = generator.integers(0, 256, (height, width, 3)).astype(np.uint8)
  file = io.BytesIO()
  Image.fromarray(levels).save(file, kind)
  return file.getvalue()


class ServerCase(parameterized.TestCase):
  """Tests of a server that all of a class share.

  Attributes:
    session: That answers.
    server: That listens.
    folder: With photographs, `photo-0` and the damaged `photo-1`, and others.
  """

  session: session_lib.Session
  server: server_lib.Server
  folder: Path

  @classmethod
  def setUpClass(cls) -> None:
    """Starts the server."""
    super().setUpClass()
    temporary = tempfile.TemporaryDirectory()
    cls.addClassCleanup(temporary.cleanup)
    cls.folder = Path(temporary.name)
    photos = [cls.folder / 'good.png', cls.folder / 'bad.png']
    image = np.random.default_rng(1).random((36, 50, 3), np.float32)
    image_files.write_png(photos[0], image)
    photos[1].write_bytes(photos[0].read_bytes()[:200])
    page = cls.folder / 'page'
    page.mkdir()
    for name, text in PAGE.items():
      (page / name).write_text(text, encoding='utf-8')
    (cls.folder / SECRET).write_text('the secret', encoding='utf-8')
    patch = mock.patch.object(server_lib, '_PAGE', page)
    patch.start()
    cls.addClassCleanup(patch.stop)
    (cls.folder / 'film.mp4').write_bytes(FILM)
    cls.session = session_lib.Session(
      [networks(cls.folder)],
      photos,
      cls.folder / 'cache',
      moving=[cls.folder / 'film.mp4'],
    )
    cls.server = server_lib.Server(lambda: cls.session)
    thread = threading.Thread(target=cls.server.serve)
    thread.start()
    cls.addClassCleanup(thread.join)
    cls.addClassCleanup(cls.server.stop)
    cls.addClassCleanup(cls.session.cancel)

  @property
  def host(self) -> str:
    """Where it listens, as Host has it."""
    return urllib.parse.urlsplit(self.server.address).netloc

  @property
  def root(self) -> str:
    """Path of the page: the token between two slashes."""
    return urllib.parse.urlsplit(self.server.address).path

  def ask(
    self,
    path: str,
    method: str = 'GET',
    content: Optional[bytes] = None,
    headers: Optional[Dict[str, str]] = None,
    **parameters: Any,
  ) -> Answer:
    """Asks.

    Args:
      path: After the token; from the root, if it starts with a slash.
      method: Of HTTP.
      content: To be sent.
      headers: More of them.
      **parameters: Of the query.
    """
    if not path.startswith('/'):
      path = f'{self.root}{path}'
    if parameters:
      path = f'{path}?{urllib.parse.urlencode(parameters)}'
    connection = http.client.HTTPConnection(self.host, timeout=_PATIENCE)
    try:
      connection.request(method, path, content, headers or {})
      response = connection.getresponse()
      return Answer(response.status, response.headers, response.read())
    finally:
      connection.close()

  def connect(self) -> socket.socket:
    """Returns a connection, for what no client of HTTP would send."""
    host, _, port = self.host.rpartition(':')
    connection = socket.create_connection((host, int(port)), _PATIENCE)
    self.addCleanup(connection.close)
    return connection

  def send(self, content: bytes) -> bytes:
    """Returns what is answered to bytes."""
    connection = self.connect()
    connection.sendall(content)
    connection.shutdown(socket.SHUT_WR)
    return b''.join(iter(lambda: connection.recv(1 << 16), b''))

  def assert_refused(self, answer: Answer, status: int, *words: str) -> None:
    """Fails unless it is one sentence that gives nothing away."""
    self.assertEqual(answer.status, status, answer.content[:300])
    self.assertEqual(answer.headers['Content-Type'], 'application/json')
    self.assertNotEmpty(answer.error)
    for word in words:
      self.assertIn(word, answer.error)
    for leak in ('\n', 'Traceback', 'File "', '.py', str(self.folder)):
      self.assertNotIn(leak, answer.error)
