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

"""Tests of how programs start TensorFlow: quickly, and without its remarks."""

import contextlib
import logging
import os
import subprocess
import sys
import tempfile
import types
from typing import Any, Callable, Iterator, List, Optional
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import tensorflow as tf

from magenta_viz.process import onednn
from magenta_viz.process import tensorflow_start

# A TensorFlow that is only there to remark on the machine.
_FAKE = f"""
import logging, os
import fake_config as config
onednn = os.environ.get('{onednn.VARIABLE}')
logger = logging.Logger('tensorflow')
get_logger = lambda: logger
"""

_START = """
from magenta_viz.process import tensorflow_start
tensorflow_start.start()
import os, sys
import tensorflow as tf
"""


@contextlib.contextmanager
def _written_to_stderr() -> Iterator[List[bytes]]:
  """Collects what is written to the file descriptor of the standard error."""
  written: List[bytes] = []
  sys.stderr.flush()
  with tempfile.TemporaryFile() as file:
    before = os.dup(2)
    os.dup2(file.fileno(), 2)
    try:
      yield written
    finally:
      sys.stderr.flush()
      os.dup2(before, 2)
      os.close(before)
      file.seek(0)
      written.append(file.read())


def _remark() -> None:
  os.write(2, b'No drivers.\n')


class FakeTest(parameterized.TestCase):
  def _start(
    self,
    list_devices: Callable[[], Any] = _remark,
    with_onednn: bool = False,
    **environment: Optional[str],
  ) -> Any:
    """Starts it where variables are set, or not if None, and returns it."""
    folder = self.create_tempdir()
    folder.create_file('tensorflow.py', _FAKE)
    config: Any = types.SimpleNamespace(list_physical_devices=list_devices)
    slim: Any = types.SimpleNamespace()
    path = [folder.full_path, *sys.path]
    with mock.patch.dict(sys.modules, fake_config=config, tf_slim=slim):
      with mock.patch.object(sys, 'path', path), mock.patch.dict(os.environ):
        del sys.modules['tensorflow']
        for name, value in environment.items():
          os.environ.pop(name, None)
          os.environ.update({name: value} if value is not None else {})
        tensorflow_start.start(with_onednn)
        self.level = os.environ['TF_CPP_MIN_LOG_LEVEL']
        return sys.modules['tensorflow']

  @parameterized.parameters(
    (None, '2', b''), ('0', '0', b'No drivers.\n'), ('1', '1', b'')
  )
  def test_holds_remarks_back_unless_the_user_wants_them(
    self, said: Optional[str], level: str, shown: bytes
  ) -> None:
    with _written_to_stderr() as written:
      started = self._start(TF_CPP_MIN_LOG_LEVEL=said)
      os.write(2, b'Later.\n')
    self.assertEqual(written, [shown + b'Later.\n'])
    self.assertEqual(self.level, level)
    wanted = logging.NOTSET if level == '0' else logging.WARNING
    self.assertEqual(started.logger.level, wanted)

  @parameterized.parameters(
    (ImportError, b'No drivers.\n'), (KeyboardInterrupt, b'')
  )
  def test_shows_them_after_an_error_alone(
    self, kind: type, shown: bytes
  ) -> None:
    def fail() -> None:
      _remark()
      raise kind('no such library')

    with _written_to_stderr() as written:
      with self.assertRaisesRegex(kind, '^no such library$'):
        self._start(fail, TF_CPP_MIN_LOG_LEVEL=None)
      os.write(2, b'Later.\n')
    self.assertEqual(written, [shown + b'Later.\n'])

  @parameterized.parameters(
    (True, None, '1'),
    (True, '0', '0'),
    (False, None, None),
    (False, '1', '1'),
    (True, 'default', None),
    (False, 'default', None),
  )
  def test_onednn_is_on_unless_the_user_says_no(
    self, is_wanted: bool, said: Optional[str], expected: Optional[str]
  ) -> None:
    given: Any = {onednn.VARIABLE: said}
    started = self._start(with_onednn=is_wanted, **given)
    self.assertEqual(started.onednn, expected)


class RealTest(absltest.TestCase):
  def _printed(
    self, code: str, stderr: Optional[int] = None, **environment: str
  ) -> List[str]:
    """Returns the words that a Python of its own prints."""
    own = {'PYTHONPATH': os.pathsep.join(sys.path), **environment}
    kept = {k: v for k, v in os.environ.items() if k != 'TF_CPP_MIN_LOG_LEVEL'}
    return subprocess.run(
      [sys.executable, '-c', code],
      env={**kept, **own},
      stdout=subprocess.PIPE,
      stderr=stderr,
      check=True,
      text=True,
    ).stdout.split()

  def test_what_nobody_needs_comes_when_it_is_asked_for(self) -> None:
    printed = self._printed(
      f'{_START}\n'
      'print("tf_slim" in sys.modules, "sklearn" in sys.modules)\n'
      'print("keras" in sys.modules, "TF_USE_LEGACY_KERAS" in os.environ)\n'
      'import sklearn.metrics\n'
      'print(sklearn.metrics.accuracy_score([1, 0], [1, 1]))\n'
      'print(tf.keras.layers.Dense.__name__)\n'
    )
    # Before 2.16, Keras is part of TensorFlow's import in any case.
    version = tuple(map(int, tf.__version__.split('.')[:2]))
    has_keras = str(version < (2, 16))
    self.assertEqual(
      printed, ['True', 'False', has_keras, 'False', '0.5', 'Dense']
    )

  def test_a_notebook_has_all_of_it_without_remarks(self) -> None:
    printed = self._printed(
      'import os, sys, types\n'
      'shell = types.SimpleNamespace(kernel=None)\n'
      'ipython = types.SimpleNamespace(get_ipython=lambda: shell)\n'
      'sys.modules["IPython"] = ipython\n'
      # Parts of the package, before what draws.
      'from magenta_viz.ascent.objectives import objectives\n'
      'import tensorflow as tf\n'
      'print(int(tf.constant(1) + 1), tf.keras.layers.Dense.__name__)\n'
      'print("TF_USE_LEGACY_KERAS" in os.environ, flush=True)\n'
      'os.write(2, b"Later.")\n',
      stderr=subprocess.STDOUT,
    )
    self.assertEqual(printed, ['2', 'Dense', 'False', 'Later.'])

  def test_what_was_there_stays(self) -> None:
    printed = self._printed(
      f'import sklearn.metrics\n{_START}\n'
      'print(sys.modules["sklearn.metrics"] is sklearn.metrics)\n'
      'print(os.environ["TF_USE_LEGACY_KERAS"])',
      TF_USE_LEGACY_KERAS='0',
    )
    self.assertEqual(printed, ['True', '0'])


if __name__ == '__main__':
  absltest.main()
