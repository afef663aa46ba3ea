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

"""Tests of what the toolbox's server answers, over HTTP."""

import io
import socket
import threading
import time
from typing import Any, Dict, Optional
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image

from magenta_viz.attribution import looking
from magenta_viz.testing import toolbox_server
from magenta_viz.toolbox import backward
from magenta_viz.toolbox import listening
from magenta_viz.toolbox import maps as maps_lib
from magenta_viz.toolbox import server as server_lib

_UNIT: Dict[str, Any] = {'layer': 'second', 'unit': 3}
_SEEN: Dict[str, Any] = {**_UNIT, 'picture': 'photo-0'}
_SIZE = 64


def _levels(content: bytes) -> np.ndarray:
  """Returns what is in a PNG."""
  image = Image.open(io.BytesIO(content))
  assert (image.format, image.mode) == ('PNG', 'RGB'), image
  return np.asarray(image)


def _has_ipv6() -> bool:
  """Tells whether this machine can listen at a number of IPv6."""
  try:
    socket.create_server(('::1', 0), family=socket.AF_INET6).close()
  except OSError:
    return False
  return True


class AnswersTest(toolbox_server.ServerCase):
  def assert_maps(
    self, answer: toolbox_server.Answer, expected: maps_lib.Maps
  ) -> None:
    """Fails unless an answer has a layer's maps."""
    self.assertEqual(answer.status, 200, answer.content[:300])
    self.assertEqual(answer.headers['Content-Type'], 'application/octet-stream')
    header, content = answer.framed
    for each in (header, expected.header):
      self.assertGreater(each.pop('seconds'), 0)
    self.assertEqual(header, expected.header)
    shape = [header[name] for name in ('channels', 'height', 'width')]
    levels = np.frombuffer(content, np.uint8).reshape(shape)
    np.testing.assert_array_equal(levels, expected.levels)

  def test_start(self) -> None:
    answer = self.ask('api/start')
    self.assertEqual(answer.status, 200)
    self.assertEqual(answer.json, self.session.start())
    (network,) = answer.json['networks']
    self.assertEqual(network['image_size'], _SIZE)
    self.assertIn(
      {'name': 'second', 'height': 16, 'width': 16, 'channels': 8},
      network['layers'],
    )
    self.assertEqual(
      answer.json['photos'],
      [
        {'id': 'photo-0', 'name': 'good.png'},
        {'id': 'photo-1', 'name': 'bad.png'},
      ],
    )

  def test_steps_of_a_training(self) -> None:
    answer = self.ask('api/steps', network=0)
    self.assertEqual((answer.status, answer.json), (200, {'steps': []}))
    with mock.patch.object(self.session, 'at', return_value=self.session) as at:
      answer = self.ask('api/maps', step=7, **_SEEN)
    self.assertEqual(answer.status, 200)
    at.assert_called_once_with(0, 7)
    for path in ('steps', 'maps', 'start'):
      answer = self.ask(f'api/{path}', step=7, **_SEEN)
      self.assert_refused(answer, 404, 'no checkpoint of step 7,')
      answer = self.ask(f'api/{path}', step='last', **_SEEN)
      self.assert_refused(answer, 400, 'step must be a whole number')

  @parameterized.parameters('PNG', 'JPEG', 'WEBP', 'BMP', 'TIFF')
  def test_picture_that_is_sent(self, kind: str) -> None:
    content = toolbox_server.picture(kind=kind)
    answer = self.ask('api/pictures', 'POST', content)
    self.assertEqual(answer.status, 200, answer.content)
    key = answer.json.pop('picture')
    self.assertEqual(answer.json, {'picture': key, 'height': 40, 'width': 48})
    found = _levels(self.ask('api/picture', picture=key).content)
    expected = self.session.picture(0, key)
    np.testing.assert_allclose(found / 255, expected, atol=0.51 / 255)
    answer = self.ask('api/maps', layer='first', picture=key, side=9)
    self.assert_maps(answer, self.session.maps(0, 'first', key, 9))

  @parameterized.parameters(
    ({}, 64), ({'side': 7}, 7), ({'off': 'first:0,relu:2'}, 64)
  )
  def test_maps_of_a_photograph(self, given: Dict[str, Any], side: int) -> None:
    off = [looking.Unit('first', 0), looking.Unit('relu', 2)]
    expected = self.session.maps(
      *(0, 'second', 'photo-0', side), off=off if 'off' in given else ()
    )
    answer = self.ask(
      'api/maps', network=0, layer='second', picture='photo-0', **given
    )
    self.assert_maps(answer, expected)

  def test_units_that_are_off_change_what_follows(self) -> None:
    on, off = (
      self.ask('api/maps', layer='second', picture='photo-0', off=off)
      for off in ('', ','.join(f'relu:{i}' for i in range(6)))
    )
    self.assertNotEqual(on.framed[0]['maxima'], off.framed[0]['maxima'])
    self.assertNotEqual(on.framed[0]['top'], off.framed[0]['top'])

  def test_film(self) -> None:
    films = self.ask('api/start').json['films']
    self.assertEqual(films, [{'id': 'film-0', 'name': 'film.mp4'}])
    answer = self.ask('api/film', picture='film-0')
    self.assertEqual(
      (answer.status, answer.content), (200, toolbox_server.FILM)
    )
    answer = self.ask('api/film', 'HEAD', picture='film-0')
    self.assertEqual((answer.status, answer.content), (200, b''))

  def test_frames_of_an_animated_picture(self) -> None:
    file = io.BytesIO()
    frames = [Image.new('RGB', (64, 64), (each,) * 3) for each in (0, 90)]
    frames[0].save(file, 'GIF', save_all=True, append_images=frames[1:])
    answer = self.ask('api/pictures', 'POST', file.getvalue())
    self.assertEqual(answer.json.pop('frames'), 2)
    key = answer.json['picture']
    for place, level in ((key, 0), (f'{key}@0', 0), (f'{key}@1', 90)):
      found = _levels(self.ask('api/picture', picture=place).content)
      self.assertEqual((found.min(), found.max()), (level, level))
    record = self.ask('api/record', **{**_SEEN, 'picture': f'{key}@1'}).json
    self.assertEndsWith(record['picture'], ', frame 1')

  def test_frame(self) -> None:
    content = toolbox_server.picture(32, 32, 'JPEG')
    before = self.ask('api/start').json
    answer = self.ask(
      'api/frame', 'POST', content, layer='relu', side=8, off='first:1'
    )
    off = [looking.Unit('first', 1)]
    expected = self.session.frame(0, 'relu', content, 8, off)
    self.assert_maps(answer, expected)
    # It is not kept.
    self.assertEqual(self.ask('api/start').json, before)

  @parameterized.parameters('crop', 'stretch')
  def test_fit(self, fit: str) -> None:
    answers = {
      path: self.ask(f'api/{path}', **_SEEN, fit=fit)
      for path in ('picture', 'maps', 'unit', 'backward', 'record', 'export')
    }
    image = self.session.picture(0, 'photo-0', fit)
    found = _levels(answers['picture'].content)
    np.testing.assert_allclose(found / 255, image, atol=0.51 / 255)
    maps = self.session.maps(0, 'second', 'photo-0', 64, fit=fit)
    self.assert_maps(answers['maps'], maps)
    unit = self.session.unit(0, 'second', 3, 'photo-0', fit=fit)
    self.assertEqual(answers['unit'].json, unit)
    back = self.session.backward(0, 'second', 3, 'photo-0', fit=fit)
    found = _levels(answers['backward'].content)
    np.testing.assert_allclose(found / 255, back, atol=0.51 / 255)
    record = answers['record'].json
    self.assertEqual((record['fit'], record['maximum']), (fit, unit['maximum']))
    self.assertIn(f'fit={fit}', record['address'])
    is_told = b'good.png, stretched: ' in answers['export'].content
    self.assertEqual(is_told, fit == 'stretch')
    # The photograph is no square.
    others = [each for each in ('crop', 'stretch') if each != fit]
    other = self.session.picture(0, 'photo-0', others[0])
    self.assertGreater(np.abs(image - other).max(), 0.1)

  @parameterized.parameters((None,), ((2, 5),))
  def test_unit(self, position: Any) -> None:
    given = dict(zip('yx', position or ()))
    answer = self.ask('api/unit', **_SEEN, **given)
    self.assertEqual(answer.status, 200)
    expected = self.session.unit(0, 'second', 3, 'photo-0', position)
    self.assertEqual(answer.json, expected)
    self.assertEqual(np.shape(answer.json['map']), (16, 16))
    if position is not None:
      self.assertEqual(answer.json['position'], list(position))

  def test_field(self) -> None:
    answer = self.ask('api/field', layer='second', unit=3, y=2, x=5)
    self.assertEqual(answer.json, self.session.field(0, 'second', 3, (2, 5)))
    answer = self.ask('api/field', layer='second', unit=3, y=2, x=500)
    self.assertEqual(answer.status, 404)

  @parameterized.product(
    rule=backward.RULES, show=tuple(backward.SHOWN), position=(None, (3, 4))
  )
  def test_backward(self, rule: str, show: str, position: Any) -> None:
    given = dict(zip('yx', position or ()))
    answer = self.ask('api/backward', **_SEEN, **given, rule=rule, show=show)
    self.assertEqual(answer.headers['Content-Type'], 'image/png')
    expected = self.session.backward(
      *(0, 'second', 3, 'photo-0', rule, show, position)
    )
    found = _levels(answer.content)
    self.assertEqual(found.shape, (_SIZE, _SIZE, 3))
    np.testing.assert_allclose(found / 255, expected, atol=0.51 / 255)

  def watch(self, **subject: Any) -> Any:
    """Returns the header and the picture that a drawing ends with."""
    known: Dict[str, Any] = {}
    until = time.monotonic() + 120
    while time.monotonic() < until:
      header, png = self.ask('api/drawing', **subject, **known).framed
      if header['state'] != 'drawing':
        return header, png
      known = {'after': header['step']}
    self.fail('it goes on')

  @parameterized.parameters(
    {'layer': 'second', 'unit': 1}, {'class_id': 2, 'network': 0}
  )
  def test_drawing(self, **subject: Any) -> None:
    missing, png = self.ask('api/drawing', **subject, stored=1).framed
    self.assertEqual((missing['state'], png), ('missing', b''))
    header, png = self.watch(**subject)
    self.assertEqual(header['state'], 'done', header)
    self.assertEqual(header['step'], header['num_steps'])
    self.assertIn('image_visualization_visualize ', header['command'])
    # It writes to a folder of the user's, and names none of the cache.
    self.assertIn('--output_dir=drawings', header['command'])
    self.assertNotIn('cache', header['command'])
    self.assertGreater(_levels(png).std(), 1)
    again, same = self.ask('api/drawing', **subject, stored=1).framed
    self.assertEqual((again, same), (header, png))
    if 'layer' in subject:
      self.assertEqual(self.ask('api/stored.png', **subject).content, png)
      stored = self.ask('api/stored', layer='second').json
      self.assertIn(1, stored['units'])

  def test_cancelled_at_once(self) -> None:
    subject: Dict[str, Any] = {'layer': 'relu', 'unit': 2}
    first, _ = self.ask('api/drawing', **subject).framed
    self.assertEqual(first['state'], 'drawing')
    begun = time.monotonic()
    self.assertEqual(self.ask('api/drawing/cancel', 'POST').json, {})
    self.assertLess(time.monotonic() - begun, 1)
    stored, _ = self.ask('api/drawing', **subject, stored=1).framed
    self.assertEqual(stored['state'], 'missing')
    answer = self.ask('api/stored.png', **subject)
    self.assert_refused(answer, 404, 'not drawn yet')

  def test_goes_away_from_a_drawing(self) -> None:
    connection = self.connect()
    connection.sendall(
      f'GET {self.root}api/drawing?layer=first&unit=1 HTTP/1.1\r\n'
      f'Host: {self.host}\r\n\r\n'.encode()
    )
    connection.close()
    header, _ = self.watch(layer='first', unit=1)
    self.assertEqual(header['state'], 'done')


class PageTest(toolbox_server.ServerCase):
  @parameterized.parameters(
    ('', 'index.html', 'text/html; charset=utf-8'),
    ('static/index.html', 'index.html', 'text/html; charset=utf-8'),
    ('static/a-b_1.js', 'a-b_1.js', 'text/javascript; charset=utf-8'),
    ('static/a.css', 'a.css', 'text/css; charset=utf-8'),
  )
  def test_files(self, path: str, name: str, kind: str) -> None:
    answer = self.ask(path)
    self.assertEqual(answer.status, 200)
    self.assertEqual(answer.content.decode(), toolbox_server.PAGE[name])
    self.assertEqual(answer.headers['Content-Type'], kind)
    head = self.ask(path, 'HEAD')
    self.assertEqual((head.status, head.content), (200, b''))

  @parameterized.parameters(
    'static/',
    'static/none.js',
    'static/../secret.js',
    'static/../../server.py',
    'static/..%2fsecret.js',
    'static/%2e%2e/secret.js',
    'static/%2e%2e%2fsecret.js',
    'static/%252e%252e%252fsecret.js',
    'static/..%5csecret.js',
    'static/..\\secret.js',
    'static/%00a.css',
    'static/a.css%00.js',
    'static/a.css%00',
    'static//a.css',
    'static/./a.css',
    'static/A.CSS',
    f'static/{"a" * 5000}.js',
    f'static/{"%c3%a9" * 5000}.js',
    'static/%ff%fe.js',
    'static/SECRET',
    'static/%2FSECRET',
    '../secret.js',
    '..%2f',
    'page/index.html',
    'api',
    'api/',
    'api/none',
    'apistart',
    'api/../static/a.css',
  )
  def test_nothing_else(self, path: str) -> None:
    secret = str(self.folder / toolbox_server.SECRET)
    answer = self.ask(path.replace('SECRET', secret))
    self.assertEqual(answer.status, 404, answer.content)
    self.assertNotIn(b'the secret', answer.content)
    self.assertLess(len(answer.error), 400)


class SafeTest(toolbox_server.ServerCase):
  @parameterized.parameters(
    *('/', '//', '/api/start', '/static/a.css', '/x/', '/%00/', '/%ff/'),
    *('/favicon.ico', f'/{"a" * 3000}/'),
  )
  def test_without_the_token(self, path: str) -> None:
    self.assert_refused(self.ask(path), 404, 'open the whole address')

  def test_with_nearly_the_token(self) -> None:
    token = self.root.strip('/')
    self.assertGreaterEqual(len(token), 20)
    for wrong in (token[:-1], f'{token}a', token.swapcase(), f'{token}%00'):
      for rest in ('', 'api/start', 'static/a.css'):
        answer = self.ask(f'/{wrong}/{rest}')
        self.assert_refused(answer, 404, 'open the whole address')
    # Its relative addresses would lead elsewhere.
    self.assert_refused(self.ask(f'/{token}'), 404, 'open the whole address')

  def test_each_server_has_its_own_token(self) -> None:
    other = server_lib.Server(lambda: self.session)
    self.addCleanup(other._server.server_close)
    self.assertNotIn(self.root, other.address)

  @parameterized.parameters(
    ('127.0.0.1:PORT', 200),
    ('localhost:PORT', 200),
    ('LOCALHOST:PORT', 200),
    ('', 403),
    ('127.0.0.1', 403),
    ('127.0.0.1:1', 403),
    ('127.0.0.2:PORT', 403),
    ('[::1]:PORT', 403),
    ('evil.example:PORT', 403),
    ('127.0.0.1.evil.example:PORT', 403),
    ('evil.example#127.0.0.1:PORT', 403),
    ('user@127.0.0.1:PORT', 403),
    ('localhost:PORT, evil.example', 403),
  )
  def test_host(self, host: str, status: int) -> None:
    host = host.replace('PORT', self.host.rpartition(':')[-1])
    for path in ('', 'static/a.css', 'api/stored?layer=first'):
      answer = self.ask(path, headers={'Host': host})
      if status == 200:
        self.assertEqual(answer.status, 200, path)
      else:
        self.assert_refused(answer, status, 'not the host')

  def test_no_host(self) -> None:
    answer = self.send(f'GET {self.root} HTTP/1.0\r\n\r\n'.encode())
    self.assertIn(b' 403 ', answer.splitlines()[0])

  @parameterized.parameters(
    ('http://HOST', 200),
    (None, 200),
    ('null', 403),
    ('', 403),
    ('https://HOST', 403),
    ('http://HOST.evil.example', 403),
    ('http://localhost', 403),
    ('http://evil.example', 403),
    ('file://', 403),
  )
  def test_origin(self, origin: Optional[str], status: int) -> None:
    headers = {}
    if origin is not None:
      headers = {'Origin': origin.replace('HOST', self.host)}
    for path, method in (('', 'GET'), ('api/drawing/cancel', 'POST')):
      answer = self.ask(path, method, headers=headers)
      if status == 200:
        self.assertEqual(answer.status, 200, path)
      else:
        self.assert_refused(answer, status, 'another site may not')

  @parameterized.parameters(
    ('', 'GET'),
    ('static/a.css', 'GET'),
    ('static/none', 'GET'),
    ('api/stored?layer=first', 'GET'),
    ('api/maps?layer=first&picture=photo-0', 'GET'),
    ('api/picture?picture=photo-0', 'GET'),
    ('api/picture?picture=none', 'GET'),
    ('api/drawing/cancel', 'POST'),
    ('api/drawing/cancel', 'OPTIONS'),
    ('/', 'GET'),
    (f'/{"a" * 70000}', 'GET'),
  )
  def test_headers(self, path: str, method: str) -> None:
    answer = self.ask(path, method, headers={'Origin': f'http://{self.host}'})
    self.assert_guarded(answer)
    self.assertEqual(
      answer.headers['Content-Security-Policy'],
      "default-src 'self'; img-src 'self' blob: data:; style-src 'self';"
      " media-src 'self' blob:; script-src 'self'; object-src 'none';"
      " base-uri 'none'; frame-ancestors 'none'",
    )

  def assert_guarded(self, answer: toolbox_server.Answer) -> None:
    """Fails unless an answer has all that keeps others out."""
    for name, value in listening.HEADERS.items():
      self.assertEqual(answer.headers.get_all(name), [value])
    self.assertEqual(answer.headers['Server'], 'magenta_viz')
    for name in answer.headers:
      self.assertNotStartsWith(name.lower(), 'access-control')

  @parameterized.parameters(
    *((method, '', 'GET') for method in ('PUT', 'POST', 'TRACE', 'X')),
    *((method, 'static/a.css', 'GET') for method in ('DELETE', 'OPTIONS')),
    *((method, 'api/start', 'GET') for method in ('POST', 'PUT', 'PATCH')),
    *((method, 'api/frame', 'POST') for method in ('GET', 'HEAD', 'PUT')),
    *((method, 'api/drawing', 'GET') for method in ('POST', 'DELETE')),
  )
  def test_methods(self, method: str, path: str, allowed: str) -> None:
    answer = self.ask(path, method)
    self.assertEqual(answer.status, 405)
    self.assertEqual(answer.headers['Allow'], allowed)
    self.assert_guarded(answer)
    if method != 'HEAD':
      self.assert_refused(answer, 405, f'ask for it by {allowed}')

  @parameterized.parameters(
    (b'nonsense\r\n\r\n', b' 400 '),
    (b'GET / HTTP/9.9\r\n\r\n', b' 505 '),
    (b'GET / HTTP/1.1\r\n' + b'a: b\r\n' * 200 + b'\r\n', b' 431 '),
    (b'GET / HTTP/1.1\r\na: ' + b'b' * 70000 + b'\r\n\r\n', b' 431 '),
  )
  def test_what_is_no_request(self, content: bytes, status: bytes) -> None:
    head, _, body = self.send(content).partition(b'\r\n\r\n')
    self.assertIn(status, head.splitlines()[0])
    self.assertIn(b'Content-Security-Policy: default-src', head)
    self.assertStartsWith(body, b'{"error": "this is no request')

  @absltest.skipUnless(_has_ipv6(), 'needs IPv6')
  def test_number_of_ipv6(self) -> None:
    server = server_lib.Server(lambda: self.session, '::1')
    thread = threading.Thread(target=server.serve)
    thread.start()
    self.addCleanup(thread.join)
    self.addCleanup(server.stop)
    self.assertRegex(server.address, r'^http://\[::1\]:\d+/[\w-]+/$')
    with mock.patch.object(self, 'server', server):
      self.assertEqual(self.ask('').status, 200)
      self.assertEqual(self.ask('api/stored', layer='first').status, 200)
      self.assert_refused(self.ask('/'), 404, 'open the whole address')
      answer = self.ask('', headers={'Host': self.host.replace('::1', '::2')})
      self.assert_refused(answer, 403, 'not the host')

  def test_all_numbers_of_this_machine(self) -> None:
    hosts = listening.Hosts('0.0.0.0', 80)
    for host in ('192.168.1.7', '192.168.1.7:80', 'localhost', '[fe80::1]:80'):
      self.assertTrue(hosts.has(host), host)
    # A name of others could be made to lead here.
    for host in ('evil.example', '192.168.1.7:81', '1.2.3.4.evil.example:80'):
      self.assertFalse(hosts.has(host), host)
    with mock.patch('socket.gethostname', return_value='Mine'):
      self.assertTrue(listening.Hosts('::', 8).has('mine.local:8'))


if __name__ == '__main__':
  absltest.main()
