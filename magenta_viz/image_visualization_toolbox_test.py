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

"""Tests for the command image_visualization_toolbox, as its users start it."""

import http.client
import os
from pathlib import Path
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from typing import Any, Tuple
import urllib.parse

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz import image_visualization_toolbox
from magenta_viz.models import network_choice
from magenta_viz.testing import programs
from magenta_viz.testing import testdata
from magenta_viz.testing import training_runs
from magenta_viz.toolbox import config as toolbox_config

_PROGRAM = 'image_visualization_toolbox'


def _config(*flags: str) -> Any:
  """Returns the configuration that the program makes of flags."""
  # Brings TensorFlow.
  from magenta_viz.toolbox import running

  entry_point = image_visualization_toolbox.console_entry_point
  return programs.config_of(entry_point, running, 'run', _PROGRAM, *flags)


class FlagsTest(absltest.TestCase):
  def test_help_does_without_tensorflow(self) -> None:
    text = programs.help_without(
      _PROGRAM, 'tensorflow', 'tf_slim', 'scipy', 'werkzeug'
    )
    for name in (
      'photos',
      'atlas',
      'cache_dir',
      'host',
      'port',
      'model',
      'checkpoint',
    ):
      self.assertIn(f'  --{name}:', text)

  def test_defaults(self) -> None:
    config = _config()
    self.assertEqual(config, toolbox_config.ToolboxConfig())
    self.assertEqual(config.choices, (network_choice.Choice('squeezenet'),))
    of_others = _config('--checkpoint=mine.keras')
    self.assertEqual(
      of_others.choices, (network_choice.Choice('auto', 1.0, 'mine.keras'),)
    )

  def test_given(self) -> None:
    flags = ('--photos=a', '--cache_dir=b', '--host=::1', '--port=8080')
    self.assertEqual(
      _config(*flags, '--model=googlenet', '--precision=float32'),
      toolbox_config.ToolboxConfig(
        models=('googlenet',),
        precision='float32',
        photos='a',
        cache_dir='b',
        host='::1',
        port=8080,
      ),
    )


@absltest.skipIf(os.name == 'nt', 'needs signals of POSIX')
class RunTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.enter_context(tempfile.TemporaryDirectory()))
    # What is ignored, as where the tests run in the background, would be so in
    # the program.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    self.addCleanup(signal.signal, signal.SIGINT, before)

  def start(self, *flags: str) -> Tuple[Any, str]:
    """Returns the program, and the address that it prints."""
    program = subprocess.Popen(
      [programs.installed(_PROGRAM), *flags],
      cwd=self.folder,
      env=programs.environment(),
      stdout=subprocess.PIPE,
      stderr=subprocess.PIPE,
      text=True,
    )
    self.enter_context(program)
    self.addCleanup(program.kill)
    assert program.stdout is not None
    line = program.stdout.readline()
    self.assertRegex(line, r'^http://[\w.:\[\]-]+:\d+/[\w-]{20,}/\n$')
    return program, line.strip()

  def ask(self, address: str, path: str, method: str = 'GET') -> Any:
    """Returns status and content."""
    parts = urllib.parse.urlsplit(address)
    limit = training_runs.LIMIT
    connection = http.client.HTTPConnection(parts.netloc, timeout=limit)
    self.addCleanup(connection.close)
    connection.request(method, parts.path + path)
    response = connection.getresponse()
    return response.status, response.read()

  def stop(self, program: Any, number: int = signal.SIGINT) -> str:
    """Returns what else a program says as Ctrl-C ends it, within a second."""
    begun = time.monotonic()
    program.send_signal(number)
    said, errors = program.communicate(timeout=training_runs.LIMIT)
    seconds = time.monotonic() - begun
    self.assertEqual((program.returncode, said), (128 + number, ''), errors)
    self.assertLess(seconds, 1.0, errors)
    self.assertNotIn('Traceback', errors)
    self.assertEndsWith(
      errors, f'{_PROGRAM}: stopped; what is finished stays\n'
    )
    return str(errors)

  @parameterized.parameters(signal.SIGINT, signal.SIGTERM)
  def test_page_and_end(self, number: int) -> None:
    photos = self.folder / 'photos'
    photos.mkdir()
    photo = testdata.testdata_path('photo_48x32.png')
    shutil.copy(photo, photos / 'one.png')
    program, address = self.start('--photos=photos')
    self.assertStartsWith(address, 'http://127.0.0.1:')
    status, content = self.ask(address, '')
    self.assertEqual(status, 200)
    self.assertStartsWith(content.lower(), b'<!doctype html>')
    status, content = self.ask(address, 'api/start')
    self.assertEqual(status, 200, content)
    for words in (b'"squeezenet"', b'fire5/concat', b'one.png'):
      self.assertIn(words, content)
    errors = self.stop(program, number)
    self.assertNotIn('Other machines', errors)
    with self.assertRaises(ConnectionError):
      self.ask(address, '')

  def test_ends_while_networks_are_read(self) -> None:
    program, _ = self.start()
    self.stop(program)

  def test_atlas(self) -> None:
    drawn = subprocess.run(
      [
        programs.installed('image_visualization_visualize'),
        *('--model=squeezenet', '--objective=channel:fire5/concat:3'),
        *('--num_steps=2', '--image_size=64', '--output_dir=atlas/deep'),
      ],
      cwd=self.folder,
      env=programs.environment(),
      capture_output=True,
    )
    self.assertEqual(drawn.returncode, 0, drawn.stderr)
    program, address = self.start('--atlas=atlas')
    _, content = self.ask(address, 'api/start')
    self.assertIn(b'"has_atlas": true', content)
    question = 'api/drawing?layer=fire5/concat&unit=3&stored=1'
    until = time.monotonic() + training_runs.LIMIT
    while time.monotonic() < until:
      _, content = self.ask(address, question)
      if b'"state": "done"' in content:
        break
      time.sleep(0.1)
    (picture,) = self.folder.glob('atlas/deep/*.png')
    self.assertEndsWith(content, picture.read_bytes())
    errors = self.stop(program)
    line = "The atlas 'atlas': 1 picture of squeezenet."
    self.assertIn(line, errors)

  def test_ends_while_it_draws(self) -> None:
    program, address = self.start()
    drawing = 'api/drawing?layer=fire5/concat&unit=3'
    status, content = self.ask(address, drawing)
    self.assertEqual(status, 200, content)
    self.assertIn(b'"state": "drawing"', content)
    # Nobody reads what this one would be told.
    parts = urllib.parse.urlsplit(address)
    waiting = http.client.HTTPConnection(parts.netloc)
    self.addCleanup(waiting.close)
    waiting.request('GET', f'{parts.path}{drawing}&after=500')
    self.stop(program)

  def test_all_numbers_of_this_machine(self) -> None:
    program, address = self.start('--host=0.0.0.0')
    port = urllib.parse.urlsplit(address).port
    local = urllib.parse.urlsplit(address)._replace(netloc=f'127.0.0.1:{port}')
    self.assertEqual(self.ask(local.geturl(), '')[0], 200)
    other = local._replace(path='/api/start')
    self.assertEqual(self.ask(other.geturl(), '')[0], 404)
    errors = self.stop(program)
    self.assertIn(f'Other machines can open the page at {address}: ', errors)

  def test_port_in_use(self) -> None:
    with socket.create_server(('127.0.0.1', 0)) as other:
      port = other.getsockname()[1]
      self.assert_error(
        f"cannot listen at host '127.0.0.1', port {port}: Address already in",
        f'--port={port}',
      )

  @parameterized.parameters(
    ('cannot ', '--photos=none'),
    (
      "cannot read the folder 'none': No such file or directory; give --atlas",
      '--atlas=none',
    ),
    ("cannot listen at host '203.0.113.1', port 0: ", '--host=203.0.113.1'),
    ("cannot listen at host 'a..b', port 0: ", '--host=a..b'),
    ("unknown argument 'a'; flags start with --", 'a', 2),
    ("--port is '70000';", '--port=70000', 2),
    ("unknown network 'vgg'; ", '--model=vgg', 2),
  )
  def test_error_is_one_line(
    self, words: str, flag: str, status: int = 1
  ) -> None:
    self.assert_error(words, flag, status=status)

  def assert_error(self, words: str, *flags: str, status: int = 1) -> None:
    """Fails unless the program ends with one line."""
    ended = programs.run(
      image_visualization_toolbox.console_entry_point, _PROGRAM, *flags
    )
    self.assertEqual(ended.status, status, ended.stderr)
    self.assertStartsWith(ended.stderr, f'{_PROGRAM}: {words}')
    self.assertEqual(ended.stderr.count('\n'), 1, ended.stderr)
    self.assertEmpty(ended.stdout)

  def test_checkpoint_that_is_none(self) -> None:
    path = self.folder / 'bad.npz'
    path.write_bytes(b'text')
    program, _ = self.start(f'--checkpoint={path}')
    said, errors = program.communicate(timeout=training_runs.LIMIT)
    self.assertEqual((program.returncode, said), (1, ''), errors)
    (line,) = (x for x in errors.splitlines() if x.startswith(_PROGRAM))
    self.assertIn('bad.npz', line)
    self.assertNotIn('Traceback', errors)


if __name__ == '__main__':
  absltest.main()
