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

"""Tests of the toolbox's server while photographs and its index change."""

import contextlib
import functools
import gc
import os
from pathlib import Path
import resource
import shutil
import threading
import time
from typing import Any, Callable, Dict, Iterator, List, Sequence
from unittest import mock
import urllib.parse

from absl import logging
from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image

from magenta_viz.files import free_memory
from magenta_viz.media import image_files
from magenta_viz.testing import toolbox_server
from magenta_viz.toolbox import answers
from magenta_viz.toolbox import excitations
from magenta_viz.toolbox import pictures
from magenta_viz.toolbox import session as session_lib

_GETS = tuple(name for method, name in answers.ANSWERS if method == 'GET')

# What every question is answered to.
_GOOD: Dict[str, Any] = {
  'network': 0,
  'layer': 'second',
  'unit': 3,
  'picture': 'photo-0',
  'y': 2,
  'x': 1,
  'side': 8,
  'end': 'highest',
  'rank': 0,
  'stored': 1,
  'units': '0,3',
}

_WRONG = (
  *('', ' ', '-1', '1e9', '9' * 400, 'nan', 'NaN', 'inf', '0x10', '1.0'),
  *('null', '[]', '{}', '%00', '\x00', '\r\nSet-Cookie: a=b', '../../x'),
  *('<script>', '\u0663', '\u202e', '\U0001f600', 'e\u0301' * 90, '\ud800'),
  *('photo-0@9', 'film-0', 'second:3,', '*', "' OR 1=1", 'a' * 5000),
)


class IndexedCase(toolbox_server.ServerCase):
  """A server with an index of two photographs, beside a damaged one."""

  @classmethod
  def setUpClass(cls) -> None:
    """Makes the index."""
    super().setUpClass()
    cls.index_dir = cls.folder / 'index'
    chosen = toolbox_server.networks(cls.folder)
    cls.paths = [cls.folder / f'{name}.png' for name in ('one', 'two')]
    for seed, path in enumerate(cls.paths):
      image = np.random.default_rng(seed).random((40, 40 + seed, 3), np.float32)
      image_files.write_png(path, image)
    cls.paths.append(cls.folder / 'bad.png')
    index = excitations.index(chosen.members[0], cls.paths, cls.index_dir)
    cls.session = session_lib.Session(
      [chosen],
      cls.paths,
      cls.folder / 'cache',
      [index],
      moving=[cls.folder / 'f.mp4'],
    )

  index_dir: Path
  paths: List[Path]

  def ask_all(self, **given: Any) -> Dict[str, toolbox_server.Answer]:
    """Returns what every question is answered to."""
    return {
      name: self.ask(f'api/{name}', **{**_GOOD, **given}) for name in _GETS
    }

  def assert_clear(self, answer: toolbox_server.Answer, *context: Any) -> None:
    """Fails unless it is an answer, or one sentence that is a refusal."""
    with self.subTest(context):
      if answer.status != 200:
        self.assertIn(answer.status, (400, 404))
        self.assert_refused(answer, answer.status)


class ParametersTest(IndexedCase):
  def test_all_are_answered(self) -> None:
    for name, answer in self.ask_all().items():
      is_there = name not in ('film', 'stored.png', 'stored.json')
      expected = 200 if is_there else 404
      self.assertEqual(answer.status, expected, (name, answer.content[:200]))

  @parameterized.parameters(
    *_GOOD,
    *('off', 'fit', 'rule', 'show', 'class_id', 'step', 'variation', 'after'),
  )
  def test_wrong_values(self, name: str) -> None:
    with mock.patch.object(logging, 'exception') as told:
      for value in _WRONG:
        value = value.encode('utf-8', 'surrogatepass').decode('latin-1')
        for route, answer in self.ask_all(**{name: value}).items():
          self.assert_clear(answer, route, value[:40])
    told.assert_not_called()

  def test_bytes_that_are_no_text(self) -> None:
    for route in _GETS:
      query = urllib.parse.urlencode(_GOOD)
      for more in ('layer=%ff%fe', '%ff=%ff', '=', '&&&', 'a' * 5000, '%', '#'):
        self.assert_clear(self.ask(f'api/{route}?{more}&{query}'), route, more)

  def test_of_doubled_ones_the_first_counts(self) -> None:
    query = urllib.parse.urlencode(_GOOD)
    for route in _GETS:
      once = self.ask(f'api/{route}?{query}')
      twice = self.ask(f'api/{route}?{query}&{query.replace("=", "=x")}')
      self.assertEqual(once.status, twice.status, route)

  @parameterized.parameters(
    ('tops', 'layer'),
    ('tops', 'unit'),
    ('top.png', 'end'),
    ('top.png', 'rank'),
    ('dead', 'layer'),
    ('record', 'picture'),
    ('record', 'unit'),
    ('export', 'layer'),
    ('field', 'y'),
    ('field', 'x'),
    ('film', 'picture'),
  )
  def test_missing(self, route: str, name: str) -> None:
    given = {key: value for key, value in _GOOD.items() if key != name}
    self.assert_refused(
      self.ask(f'api/{route}', **given), 400, f'the parameter {name} '
    )

  @parameterized.parameters(
    ('top.png', {'rank': 9}, 400, 'take 0 to'),
    ('top.png', {'end': 'middle'}, 400, 'highest, lowest'),
    ('top.png', {'show': 'raw'}, 400, 'crop, deconvnet, guided'),
    ('tops', {'unit': 8}, 404, 'no unit 8; take 0 to 7'),
    ('dead', {'layer': 'none'}, 404, "no layer 'none'"),
    ('field', {'y': 99}, 404, 'no position (99, 1)'),
    ('record', {'picture': 'photo-9'}, 404, 'no such picture'),
    ('export', {'picture': 'photo-2'}, 400, "'bad.png'"),
    ('film', {'picture': 'photo-0'}, 404, 'no such film'),
    ('film', {'picture': 'film-0'}, 400, "'f.mp4'"),
  )
  def test_what_is_not_there(
    self, route: str, given: Dict[str, Any], status: int, words: str
  ) -> None:
    answer = self.ask(f'api/{route}', **{**_GOOD, **given})
    self.assert_refused(answer, status, words)


class ChangesTest(IndexedCase):
  """What happens to the folders while the server runs."""

  def setUp(self) -> None:
    super().setUp()
    self.session.pictures._squares.clear()
    self.session.views[0].seen.clear()

  def first(self) -> Path:
    """Returns the photograph that excites a unit most."""
    found = self.session.tops(0, 'second', 3)['highest'][0]['photo']
    return self.paths[int(found.rpartition('-')[-1])]

  @contextlib.contextmanager
  def without(self, path: Path) -> Iterator[None]:
    """Takes a file away, and puts it back."""
    aside = path.rename(path.with_suffix('.aside'))
    try:
      yield
    finally:
      if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
      elif path.exists() or path.is_symlink():
        path.unlink()
      aside.rename(path)

  def assert_told(self, path: Path) -> None:
    """Fails unless all that needs a photograph says that it is not there."""
    number = self.paths.index(path)
    found = self.ask_all(picture=f'photo-{number}')
    for name in ('picture', 'maps', 'unit', 'backward', 'record', 'export'):
      self.assert_refused(found[name], 400, f"'{path.name}'")
    self.assert_refused(found['top.png'], 400, f"'{path.name}'")
    for name in ('tops', 'dead', 'field', 'start', 'stored'):
      self.assertEqual(found[name].status, 200, name)
    others = [i for i in range(2) if i != number]
    answer = self.ask('api/maps', **{**_GOOD, 'picture': f'photo-{others[0]}'})
    self.assertEqual(answer.status, 200)

  def test_photographs_that_are_gone(self) -> None:
    with self.without(self.first()):
      self.assert_told(self.first())

  def test_a_folder_in_its_place(self) -> None:
    path = self.first()
    with self.without(path):
      path.mkdir()
      self.assert_told(path)

  def test_links_out_of_the_folder(self) -> None:
    path = self.first()
    secret = Path(self.create_tempdir().full_path, 'secret.png')
    image_files.write_png(secret, np.zeros((40, 40, 3), np.float32))
    for target in (secret, Path('/etc/passwd'), Path('/dev/zero'), path):
      with self.without(path):
        path.symlink_to(target)
        self.assert_told(path)

  def test_a_pipe_in_its_place(self) -> None:
    path = self.first()
    with self.without(path):
      os.mkfifo(path)
      self.assert_told(path)

  def test_others_in_its_place(self) -> None:
    path = self.first()
    for content in (b'', b'words', toolbox_server.picture()[:90]):
      with self.without(path):
        path.write_bytes(content)
        self.assert_told(path)

  def test_a_hundred_megapixels_in_its_place(self) -> None:
    path = self.first()
    number = self.paths.index(path)
    with self.without(path):
      Image.new('1', (10000, 10000)).save(path, 'PNG', compress_level=1)
      with mock.patch.object(free_memory, 'free_bytes', return_value=1 << 30):
        answer = self.ask('api/picture', picture=f'photo-{number}')
    self.assert_refused(answer, 400, f"'{path.name}'", '1.1 GB are free')
    self.assertEqual(self.ask('api/maps', **_GOOD).status, 200)

  def test_an_index_that_is_gone_or_damaged(self) -> None:
    (path,) = self.index_dir.iterdir()
    before = self.ask('api/tops', **_GOOD).content
    with self.without(path):
      self.assertEqual(self.ask('api/tops', **_GOOD).content, before)
      path.write_bytes(b'PK no index')
      self.assertEqual(self.ask('api/tops', **_GOOD).content, before)
      self.assertEqual(self.ask('api/dead', **_GOOD).status, 200)

  def test_a_cache_that_is_gone_or_damaged(self) -> None:
    subject: Dict[str, Any] = {'layer': 'first', 'unit': 1}
    while self.ask('api/drawing', **subject).framed[0]['state'] == 'drawing':
      pass
    cache = self.folder / 'cache'
    self.assertEqual(self.ask('api/stored.png', **subject).status, 200)
    (png,) = cache.rglob('*.png')
    for path in (png, png.with_suffix('.json')):
      for content in (b'', b'{}', b'\x00' * 99, b'[' * 10**6, b'NaN'):
        with self.without(path):
          path.write_bytes(content)
          for route in ('stored', 'stored.png', 'drawing', 'export'):
            answer = self.ask(f'api/{route}', **{**_GOOD, **subject})
            self.assert_clear(answer, route, content[:9])
    with self.without(png):
      self.assert_refused(self.ask('api/stored.png', **subject), 404)
    shutil.rmtree(cache)
    for route in ('stored', 'dead', 'tops'):
      self.assertEqual(self.ask(f'api/{route}', **_GOOD).status, 200)

  def test_what_is_not_finite(self) -> None:
    session = self.session
    wrong = {'maximum': float('nan'), 'mean': 1, 'position': [0, 0], 'value': 1}
    for name, route, value in (
      ('tops', 'tops', {'highest': [{'value': float('inf')}]}),
      ('dead', 'dead', {'dead': [float('nan')]}),
      ('field', 'field', {'top': float('-inf')}),
      ('unit', 'record', wrong),
    ):
      with mock.patch.object(type(session), name, return_value=value):
        answer = self.ask(f'api/{route}', **_GOOD)
      self.assert_refused(answer, 400, 'not finite')


class ManyTest(IndexedCase):
  """Many who ask, and who go away."""

  def together(self, asks: Sequence[Callable[[], Any]]) -> List[Any]:
    """Returns what functions return in threads that begin together."""
    found: List[Any] = []
    start = threading.Barrier(len(asks))

    def run(ask: Callable[[], Any]) -> None:
      start.wait()
      found.append(ask())

    threads = [threading.Thread(target=run, args=(ask,)) for ask in asks]
    for each in threads:
      each.start()
    for each in threads:
      each.join()
    return found

  def ask_one(self, index: int) -> toolbox_server.Answer:
    """Asks one of all questions, now and then wrongly, or sends a picture."""
    route = _GETS[index % len(_GETS)]
    content = toolbox_server.picture(20, 20 + index % 9)
    if index % 11 == 0:
      return self.ask('api/pictures', 'POST', content)
    if index % 13 == 0:
      return self.ask('api/frame', 'POST', content, layer='first')
    given = {**_GOOD, 'unit': index % 9, 'picture': f'photo-{index % 4}'}
    return self.ask(f'api/{route}', **given)

  def test_a_thousand_of_all_kinds(self) -> None:
    asks = [functools.partial(self.ask_one, each) for each in range(1000)]
    with mock.patch.object(logging, 'exception') as told:
      found = self.together(asks)
    told.assert_not_called()
    for answer in found:
      if answer.status == 503:
        self.assert_refused(answer, 503, 'too many requests at a time')
      else:
        self.assert_clear(answer)
    self.assertGreater(sum(each.status == 200 for each in found), 64)
    self.assertEqual(self.ask('api/maps', **_GOOD).status, 200)

  def leave(self, head: str, content: bytes = b'', wait: float = 0) -> None:
    """Asks, and goes away."""
    connection = self.connect()
    request = f'{head} HTTP/1.1\r\nHost: {self.host}\r\n'
    if content:
      request += f'Content-Length: {2 * len(content)}\r\n'
    connection.sendall(request.encode() + b'\r\n' + content)
    time.sleep(wait)
    connection.close()

  def test_who_goes_away_leaves_nothing_behind(self) -> None:
    query = urllib.parse.urlencode({**_GOOD, 'after': 0, 'unit': 4})
    drawing = f'GET {self.root}api/drawing?{query}'.replace('stored=1', '')
    heads = [f'GET {self.root}api/{name}?{query}' for name in _GETS]
    photo = toolbox_server.picture(60, 60)
    threads, files = threading.active_count(), len(os.listdir('/proc/self/fd'))
    with mock.patch.object(logging, 'exception') as told:
      for index in range(150):
        self.leave(heads[index % len(heads)])
        self.leave(f'POST {self.root}api/pictures', photo)
        self.leave(f'POST {self.root}api/frame?layer=first', photo[:50])
        if index % 30 == 0:
          self.leave(drawing, wait=0.05)
      self.assertEqual(self.ask('api/drawing/cancel', 'POST').status, 200)
    told.assert_not_called()
    until = time.monotonic() + 60
    while (
      threading.active_count() > threads
      or len(os.listdir('/proc/self/fd')) > files + 2
    ):
      self.assertLess(time.monotonic(), until)
      time.sleep(0.05)
    self.assertEqual(self.ask('api/maps', **_GOOD).status, 200)

  def test_memory_is_flat(self) -> None:
    def round_of_all(count: int) -> int:
      """Asks all sorts of things, and returns the memory that is taken."""
      for index in range(count):
        self.assert_clear(self.ask_one(index))
      gc.collect()
      pages = Path('/proc/self/statm').read_text(encoding='ascii').split()[1]
      return int(pages) * resource.getpagesize()

    with mock.patch.object(pictures, '_NUM_KEPT', 4):
      round_of_all(200)
      before = round_of_all(50)
      after = round_of_all(350)
    self.assertLess(after - before, 40 << 20)


if __name__ == '__main__':
  absltest.main()
