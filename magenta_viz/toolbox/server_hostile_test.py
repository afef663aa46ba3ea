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

"""Tests of the toolbox's server with what it must withstand."""

import contextlib
import io
import json
import struct
import threading
import time
from typing import Any, Callable, Dict, List, Tuple
from unittest import mock
import zlib

from absl import logging
from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image

from magenta_viz.media import decoding
from magenta_viz.testing import toolbox_server
from magenta_viz.toolbox import drawings
from magenta_viz.toolbox import listening
from magenta_viz.toolbox import pictures
from magenta_viz.toolbox import session as session_lib

_MAPS: Dict[str, Any] = {'layer': 'second', 'picture': 'photo-0'}
_UNIT: Dict[str, Any] = {**_MAPS, 'unit': 3}
_SENDS: Tuple[Dict[str, Any], ...] = (
  {'path': 'api/pictures'},
  {'path': 'api/frame', 'layer': 'first'},
)


def _bomb(side: int) -> bytes:
  """Returns a PNG of black pixels, a thousandth of their size."""

  def chunk(kind: bytes, content: bytes) -> bytes:
    crc = zlib.crc32(kind + content)
    head = struct.pack('>I', len(content)) + kind
    return head + content + struct.pack('>I', crc)

  header = struct.pack('>IIBBBBB', side, side, 8, 2, 0, 0, 0)
  packer = zlib.compressobj(9)
  line = bytes(3 * side + 1)
  rows = b''.join(packer.compress(line) for _ in range(side)) + packer.flush()
  return (
    b'\x89PNG\r\n\x1a\n'
    + chunk(b'IHDR', header)
    + chunk(b'IDAT', rows)
    + chunk(b'IEND', b'')
  )


def _frames(kind: str) -> bytes:
  """Returns a picture of two frames, or pages."""
  frames = [Image.new('L', (20, 20), each) for each in (0, 200)]
  file = io.BytesIO()
  frames[0].save(file, kind, save_all=True, append_images=frames[1:])
  return file.getvalue()


class UploadTest(toolbox_server.ServerCase):
  def assert_goes_on(self) -> None:
    """Fails unless the server still answers."""
    self.assertEqual(self.ask('api/maps', **_MAPS).status, 200)

  def upload(self, content: bytes, **headers: str) -> None:
    """Sends what is no picture, by both ways."""
    for given in _SENDS:
      answer = self.ask(
        given['path'], 'POST', content, headers, layer=given.get('layer')
      )
      self.assert_refused(answer, 400, 'cannot read the ', 'send a PNG or JPEG')
    self.assert_goes_on()

  def test_no_picture(self) -> None:
    photo = toolbox_server.picture()
    for content in (
      b'',
      b'text',
      b'\x00' * 1000,
      b'<svg xmlns="http://www.w3.org/2000/svg"/>',
      b'%PDF-1.4',
      photo[: len(photo) // 2],
      photo[:40],
      photo[::-1],
      toolbox_server.picture(kind='JPEG')[:100],
      _frames('TIFF'),
    ):
      with self.subTest(content[:20]):
        self.upload(content)

  def test_damaged_anywhere(self) -> None:
    generator = np.random.default_rng(0)
    kinds = ('PNG', 'JPEG', 'GIF', 'WEBP', 'TIFF', 'BMP')
    wholes = [toolbox_server.picture(9, 11, kind) for kind in kinds]
    wholes += [_frames(kind) for kind in ('GIF', 'PNG', 'WEBP')]
    for whole in wholes:
      for _ in range(8):
        content = bytearray(whole)
        for at in generator.integers(0, len(content), 4):
          content[at] = generator.integers(256)
        answer = self.ask('api/pictures', 'POST', bytes(content))
        if answer.status != 200:
          self.assert_refused(answer, 400, 'cannot read the picture')
        elif 'frames' in answer.json:
          key = answer.json['picture']
          answer = self.ask('api/picture', picture=f'{key}@1')
          if answer.status != 200:
            self.assert_refused(answer, 400, 'cannot read the picture')
    self.assert_goes_on()

  def test_animated(self) -> None:
    # A camera's frame is one.
    answer = self.ask('api/frame', 'POST', _frames('GIF'), layer='first')
    self.assert_refused(answer, 400, 'cannot read the frame', 'animated')
    key = self.ask('api/pictures', 'POST', _frames('GIF')).json['picture']
    for number in ('2', '-1', '', ' 1', '1.0', '٣', '9' * 40, '0@1', 'x' * 300):
      answer = self.ask('api/picture', picture=f'{key}@{number}')
      self.assert_refused(answer, 404, 'has no frame', 'take 0 to 1')
    still = self.ask('api/picture', picture='photo-0@1')
    self.assert_refused(still, 404, 'take 0 to 0')

  def test_too_many_pixels(self) -> None:
    # 17,000 x 17,000 of a few hundred KB, which would take 4.6 GB; and others.
    for side in (17000, 9000):
      answer = self.ask('api/pictures', 'POST', _bomb(side))
      self.assert_refused(answer, 400, f'{side} x {side} pixels')
    # Which only claims to be large.
    small = bytearray(toolbox_server.picture())
    small[16:24] = struct.pack('>II', 60000, 60000)
    self.upload(bytes(small))

  def test_many_large_ones_take_turns(self) -> None:
    content = toolbox_server.picture()
    at_once: List[int] = []
    inside = 0
    decode = decoding.decode

    def slow(file: Any) -> np.ndarray:
      nonlocal inside
      inside += 1
      at_once.append(inside)
      time.sleep(0.02)
      inside -= 1
      return decode(file)

    with mock.patch.object(decoding, 'decode', slow):
      answers = _together(
        8, lambda: self.ask('api/pictures', 'POST', content).status
      )
    self.assertEqual(answers, [200] * 8)
    self.assertEqual(max(at_once), 1)

  def test_only_the_last_few_are_kept(self) -> None:
    keys = [
      self.ask('api/pictures', 'POST', toolbox_server.picture(8, 8 + i)).json[
        'picture'
      ]
      for i in range(pictures._NUM_KEPT + 1)
    ]
    first, second, *_, last = (
      self.ask('api/maps', layer='first', picture=key) for key in keys
    )
    self.assert_refused(first, 404, 'send it again')
    self.assertEqual((second.status, last.status), (200, 200))

  def post(self, *headers: str, content: bytes = b'') -> Any:
    """Returns status and error of a request with headers of its own."""
    lines = [f'POST {self.root}api/pictures HTTP/1.1', f'Host: {self.host}']
    head = '\r\n'.join([*lines, *headers, '', '']).encode()
    answer, _, body = self.send(head + content).partition(b'\r\n\r\n')
    self.assertIn(b'Content-Security-Policy: ', answer)
    return int(answer.split()[1]), json.loads(body)['error']

  def test_length(self) -> None:
    most = pictures.MAX_BYTES
    status, error = self.post(f'Content-Length: {most + 1}')
    self.assertEqual(status, 413)
    self.assertIn(f'{most + 1} bytes; send {most} at most', error)
    status, _ = self.post('Content-Length: 99999999999999999999')
    self.assertEqual(status, 413)
    status, error = self.post()
    self.assertEqual((status, error), (411, 'say how long the picture is'))
    status, error = self.post(
      'Transfer-Encoding: chunked', content=b'3\r\nabc\r\n0\r\n\r\n'
    )
    self.assertEqual((status, error), (411, 'say how long the picture is'))
    for wrong in ('-5', 'abc', '1e3', '٣'):
      status, _ = self.post(f'Content-Length: {wrong}')
      self.assertIn(status, (400, 411), wrong)
    # More than comes; less than comes.
    status, _ = self.post('Content-Length: 1000', content=b'abc')
    self.assertEqual(status, 408)
    photo = toolbox_server.picture()
    status, _ = self.post('Content-Length: 50', content=photo)
    self.assertEqual(status, 400)
    self.assert_goes_on()

  def test_who_says_nothing_is_let_go(self) -> None:
    with mock.patch.object(listening.Handler, 'timeout', 0.3):
      start = f'POST {self.root}api/pictures HTTP/1.1\r\nHost: {self.host}\r\n'
      silent = []
      for content in ('', 'GET', start, f'{start}Content-Length: 9\r\n\r\nabc'):
        connection = self.connect()
        connection.sendall(content.encode())
        silent.append(connection)
      self.assert_goes_on()
      said = [connection.recv(1 << 16) for connection in silent]
    self.assertEqual(said[:3], [b'', b'', b''])
    self.assertIn(b' 408 ', said[3].splitlines()[0])


class ParametersTest(toolbox_server.ServerCase):
  @parameterized.parameters(
    *('-1', '1.5', '1e3', '', ' 1', '+1', '0x1', '٣', '²', 'nan', '1_0'),
    *('9' * 10, '9' * 5000, 'null', '1;2', '%00'),
  )
  def test_numbers(self, value: str) -> None:
    requests: List[Dict[str, Any]] = [
      *({'path': 'api/unit', **_UNIT, name: value} for name in ('unit', 'y')),
      {'path': 'api/maps', **_MAPS, 'side': value},
      {'path': 'api/maps', **_MAPS, 'network': value},
      {'path': 'api/maps', **_MAPS, 'off': f'first:{value}'},
      {'path': 'api/backward', **_UNIT, 'unit': value},
      {'path': 'api/drawing', 'class_id': value},
      {'path': 'api/drawing', **_UNIT, 'after': value},
      {'path': 'api/stored.png', **_UNIT, 'unit': value},
    ]
    for request in requests:
      with self.subTest(request):
        self.assert_refused(self.ask(**request), 400)

  @parameterized.parameters(
    ('api/maps', 'layer'),
    ('api/maps', 'picture'),
    ('api/unit', 'unit'),
    ('api/backward', 'layer'),
    ('api/drawing', 'unit'),
    ('api/stored.png', 'unit'),
    ('api/picture', 'picture'),
  )
  def test_missing(self, path: str, name: str) -> None:
    given = {key: value for key, value in _UNIT.items() if key != name}
    self.assert_refused(self.ask(path, **given), 400, f'the parameter {name} ')

  @parameterized.parameters(
    ('api/maps', {'layer': 'third'}, "no layer 'third'"),
    ('api/maps', {'layer': '../../x'}, 'no layer'),
    ('api/maps', {'layer': ''}, 'no layer'),
    ('api/maps', {'layer': '\x00\n'}, 'no layer'),
    ('api/maps', {'network': 1}, 'no network 1; take 0 to 0'),
    ('api/maps', {'off': 'third:1'}, "no layer 'third'"),
    ('api/maps', {'off': 'first:6'}, 'no unit 6; take 0 to 5'),
    ('api/unit', {'unit': 8}, 'no unit 8; take 0 to 7'),
    ('api/unit', {'y': 16, 'x': 0}, 'no position (16, 0)'),
    ('api/backward', {'y': 0, 'x': 99}, 'no position (0, 99)'),
    ('api/drawing', {'layer': 'third'}, "no layer 'third'"),
    ('api/stored', {'layer': 'third'}, "no layer 'third'"),
    ('api/picture', {'picture': 'photo-2'}, 'no such picture'),
    ('api/picture', {'picture': 'photo-\u0660'}, 'no such picture'),
    ('api/picture', {'picture': 'photo-'}, 'no such picture'),
    ('api/picture', {'picture': 'photo--1'}, 'no such picture'),
    ('api/picture', {'picture': 'good.png'}, 'no such picture'),
    ('api/picture', {'picture': '../good.png'}, 'no such picture'),
  )
  def test_unknown(self, path: str, given: Dict[str, Any], words: str) -> None:
    self.assert_refused(self.ask(path, **{**_UNIT, **given}), 404, words)

  @parameterized.parameters(
    ('api/maps', {'layer': 'a' * 401}, 'too long'),
    ('api/maps', {'off': 'first'}, 'give LAYER:UNIT'),
    ('api/maps', {'off': ':' * 300}, 'give LAYER:UNIT'),
    ('api/maps', {'off': ','.join(['first:1'] * 65)}, 'take 64 at most'),
    ('api/backward', {'rule': 'x'}, 'take one of plain, guided, deconvnet'),
    ('api/backward', {'show': 'x'}, 'take one of raw, grey, norm, blurred'),
    ('api/unit', {'y': 1}, 'the parameter x '),
    ('api/maps', {'fit': ''}, "fit is ''; take one of crop, stretch"),
    ('api/picture', {'fit': 'Crop'}, 'take one of crop, stretch'),
    ('api/record', {'fit': 'x' * 401}, 'the parameter fit '),
    ('api/drawing', {'class_id': 5}, '0 to 4'),
    ('api/picture', {'picture': 'photo-1'}, "'bad.png'"),
  )
  def test_wrong(self, path: str, given: Dict[str, Any], words: str) -> None:
    self.assert_refused(self.ask(path, **{**_UNIT, **given}), 400, words)

  def test_photograph_that_is_gone(self) -> None:
    path = self.folder / 'good.png'
    moved = path.rename(self.folder / 'moved')
    self.addCleanup(moved.rename, path)
    self.session.pictures._squares.clear()
    answer = self.ask('api/picture', picture='photo-0')
    self.assert_refused(answer, 400, "cannot read the picture 'good.png'")

  def test_largest_that_is_allowed(self) -> None:
    answer = self.ask('api/maps', **_MAPS, side=999999999)
    self.assertEqual(answer.status, 200)
    off = ','.join(['first:1'] * 64)
    self.assertEqual(self.ask('api/maps', **_MAPS, off=off).status, 200)

  @parameterized.parameters(
    (RuntimeError('of ours in /home/x'), 500, 'the program tells why'),
    (OSError(28, 'No space left', '/home/x'), 500, 'the program tells why'),
    (KeyError(), 404, ''),
    (MemoryError(), 503, 'no memory left'),
    (FloatingPointError('not finite'), 400, 'not finite'),
  )
  def test_faults_of_ours(
    self, error: Exception, status: int, words: str
  ) -> None:
    with mock.patch.object(drawings.Drawings, 'stored', side_effect=error):
      answer = self.ask('api/stored', layer='first')
    self.assertEqual(answer.status, status)
    self.assertIn(words, answer.error)
    self.assertNotIn('/home', answer.error)
    self.assertEqual(self.ask('api/stored', layer='first').status, 200)

  def test_numbers_that_are_none(self) -> None:
    found = {'maximum': float('nan')}
    with mock.patch.object(session_lib.Session, 'unit', return_value=found):
      answer = self.ask('api/unit', **_UNIT)
    self.assert_refused(answer, 400, 'not finite')


def _together(
  count: int,
  ask: Callable[[], Any],
  meanwhile: Callable[[List[Any]], None] = lambda found: None,
) -> List[Any]:
  """Returns what a function returns in threads that begin together."""
  found: List[Any] = []
  start = threading.Barrier(count)

  def run() -> None:
    start.wait()
    found.append(ask())

  threads = [threading.Thread(target=run) for _ in range(count)]
  for each in threads:
    each.start()
  meanwhile(found)
  for each in threads:
    each.join()
  return found


class ManyTest(toolbox_server.ServerCase):
  def test_a_thousand_at_once(self) -> None:
    def ask() -> Any:
      answer = self.ask('api/maps', **_MAPS)
      if answer.status != 200:
        self.assert_refused(answer, 503, 'too many requests at a time')
      return answer.status

    # Nobody is answered before all others are sent away.
    turn = contextlib.ExitStack()
    turn.enter_context(self.session.turns.at_once())

    def wait(found: List[Any]) -> None:
      until = time.monotonic() + 60
      while len(found) < 1000 - 64 and time.monotonic() < until:
        time.sleep(0.01)
      turn.close()

    found = _together(1000, ask, wait)
    self.assertEqual(sorted(found), [200] * 64 + [503] * (1000 - 64))
    # All places are free again.
    found = _together(60, ask)
    self.assertEqual(found, [200] * 60)

  def test_a_thousand_that_go_away(self) -> None:
    request = (
      f'GET {self.root}api/maps?layer=second&picture=photo-0 HTTP/1.1\r\n'
      f'Host: {self.host}\r\n\r\n'
    ).encode()
    with mock.patch.object(logging, 'exception') as told:
      for index in range(1000):
        connection = self.connect()
        connection.sendall(request[: 1 + index % len(request)])
        connection.close()
      until = time.monotonic() + 60
      while self.ask('api/maps', **_MAPS).status != 200:
        self.assertLess(time.monotonic(), until)
    told.assert_not_called()

  def test_pictures_at_once(self) -> None:
    contents = [toolbox_server.picture(6, 6 + i) for i in range(40)]

    def send() -> Any:
      return self.ask('api/pictures', 'POST', contents.pop()).status

    self.assertEqual(_together(40, send), [200] * 40)


if __name__ == '__main__':
  absltest.main()
