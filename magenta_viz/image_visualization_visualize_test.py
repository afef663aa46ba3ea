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

"""Tests for the command image_visualization_visualize."""

import dataclasses
import os
from pathlib import Path
import re
import shlex
import signal
import subprocess
import sys
import time
from typing import Any, Dict, Optional, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz import image_visualization_visualize
from magenta_viz import visualize
from magenta_viz.media import image_files
from magenta_viz.media import records
from magenta_viz.models import model_spec
from magenta_viz.models import weights
from magenta_viz.settings import command_line
from magenta_viz.testing import programs
from magenta_viz.visualization import config as visualize_config
from magenta_viz.visualization import workers

_PROGRAM = 'image_visualization_visualize'
_EMBEDDED = model_spec.AUTO_MODELS[-1]

# Small pictures and views, and one trace of the network.
_SMALL = (
  f'--model={_EMBEDDED}',
  '--coarse_size=64',
  '--coarse_share=1',
)
_QUICK = (*_SMALL, '--image_size=64', '--num_steps=2')


def _run(*flags: str) -> programs.Ended:
  """Runs the program in this process."""
  entry_point = image_visualization_visualize.console_entry_point
  return programs.run(entry_point, _PROGRAM, *flags)


def _config(*flags: str) -> visualize_config.VisualizeConfig:
  """Returns the configuration that the program makes of flags."""
  entry_point = image_visualization_visualize.console_entry_point
  return programs.config_of(entry_point, visualize, 'draw', _PROGRAM, *flags)


def _environment() -> Dict[str, str]:
  """Returns the environment of a user's program."""
  environment = {**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)}
  environment.pop('TF_CPP_MIN_LOG_LEVEL', None)
  return environment


class ListsTest(parameterized.TestCase):
  @parameterized.parameters(
    ('--help', r'--class_id: ', r'--\[no\]list_models: ', '--num_steps: '),
    ('--list_classes', '(?m)^0 tench', '(?m)^281 tabby, tabby cat$'),
    ('--list_models', *(f'(?m)^{name}: ' for name in model_spec.MODEL_SPECS)),
  )
  def test_does_without_tensorflow(self, flag: str, *patterns: str) -> None:
    done = subprocess.run(
      [programs.installed(_PROGRAM), flag],
      env={**_environment(), 'PYTHONPROFILEIMPORTTIME': '1'},
      capture_output=True,
      text=True,
      check=False,
    )
    for pattern in patterns:
      self.assertRegex(done.stdout, pattern)
    self.assertIn('magenta_viz.common_flags', done.stderr)
    self.assertNotRegex(done.stderr, r'\| +(tensorflow|tf_slim|scipy)')

  def test_classes(self) -> None:
    ended = _run('--list_classes')
    self.assertEqual(ended.status, 0)
    lines = ended.stdout.splitlines()
    self.assertLen(lines, 1000)
    self.assertEqual(lines[281], '281 tabby, tabby cat')
    self.assertEmpty(ended.stderr)

  @parameterized.parameters(*model_spec.MODEL_SPECS)
  def test_layers(self, model: str) -> None:
    ended = _run('--list_layers', f'--model={model}')
    self.assertEqual(ended.status, 0)
    for line in ended.stdout.splitlines():
      self.assertRegex(line, r'^\S+ +(\d+ x \d+)? +\d+ channels$')
    self.assertGreater(ended.stdout.count('\n'), 10)
    self.assertEmpty(ended.stderr)


class FlagsTest(parameterized.TestCase):
  def test_defaults_are_the_configs(self) -> None:
    self.assertEqual(
      _config('--class_id=281', '--output_dir=a'),
      visualize_config.VisualizeConfig(class_ids=(281,), output_dir='a'),
    )

  @parameterized.parameters(
    (('--class_id=1',), ('squeezenet', 'efficientnet_lite0')),
    (('--objective=layer:fire5/concat',), ('squeezenet',)),
    (('--class_id=1', '--model=googlenet:2,squeezenet'), None),
  )
  def test_workers_draw_from_the_same(
    self, flags: Tuple[str, ...], expected: Optional[Tuple[str, ...]]
  ) -> None:
    fetch = weights.fetch

    def fetch_embedded(source: model_spec.WeightSource) -> Path:
      if source.url is not None:
        raise OSError('there is no connection')
      return fetch(source)

    flags += ('--output_dir=a b', '--num_workers=2', '--overwrite')
    with mock.patch.object(workers, 'run') as run, mock.patch.object(
      weights, 'fetch', fetch_embedded
    ):
      config = _config(*flags)
    self.assertEqual(config.models, expected or ('googlenet:2', 'squeezenet'))
    (shared, num_workers), _ = run.call_args
    self.assertEqual(num_workers, 2)
    shared.remove('--verbosity=0')  # `_run` gives it, too.
    # No longer 'auto', which each would look for itself.
    self.assertEqual(
      _config(*shared, '--worker=1'),
      dataclasses.replace(config, num_workers=2, worker=1, overwrite=True),
    )

  def test_class_by_name(self) -> None:
    config = _config('--class_name=Golden Retriever', '--output_dir=a')
    self.assertEqual(config.class_ids, (207,))

  @parameterized.parameters(
    {},
    {'class_ids': (5, 0, 1, 2)},
    {'class_ids': tuple(range(1000))},
    {'models': (_EMBEDDED,), 'precision': 'bfloat16'},
    {'checkpoints': ('a b.npz',), 'log_dir': "it's"},
    {'models': ('squeezenet', 'googlenet:0.5')},
    {'image_size': (64, 96), 'batch_size': 3, 'seed': 7, 'num_variations': 2},
    {'overrides': {'num_steps': 5, 'noise': 0.1, 'learning_rate': 1e-06}},
  )
  def test_command_of_a_config(self, **settings: Any) -> None:
    if 'checkpoints' in settings:
      # It is looked at first.
      file = self.create_tempfile(*settings['checkpoints'])
      settings['checkpoints'] = (file.full_path,)
    config = visualize_config.VisualizeConfig(
      **{'class_ids': (281,), 'output_dir': '-a', **settings}
    )
    program, *flags = shlex.split(command_line.command(config))
    self.assertEqual(program, _PROGRAM)
    self.assertEqual(_config(*flags), config)


class PicturesTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)

  def test_command_of_a_record_makes_the_same_pictures(self) -> None:
    first, second = self.folder / 'first', self.folder / 'second'
    ended = _run(
      '--class_id=281,3',
      f'--output_dir={first}',
      *_SMALL,
      '--num_steps=2',
      '--image_size=64x80',
      '--seed=4',
      '--noise=0.1',
      '--precision=float32',
    )
    self.assertEqual(ended.status, 0, ended.stderr)
    names = ['281_tabby_4', '003_tiger-shark_4']
    paths = [first / f'{name}.png' for name in names]
    self.assertEqual(ended.stdout.split(), list(map(str, paths)))
    image = image_files.read_image(paths[0])
    self.assertEqual(image.shape, (64, 80, 3))

    record = records.read_record(first / f'{names[1]}.json')
    self.assertIn(f' --output_dir={first} ', record['command'])
    ended = _run(*programs.elsewhere(record['command'], second))
    self.assertEqual(ended.status, 0, ended.stderr)
    for name in ('sheet.png', *(f'{name}.png' for name in names)):
      self.assertEqual(
        (first / name).read_bytes(), (second / name).read_bytes(), name
      )

  @absltest.skipIf(os.name == 'nt', 'needs POSIX signals')
  def test_interrupt(self) -> None:
    flags = [
      '--class_id=281,3',
      f'--output_dir={self.folder}',
      *_SMALL,
      '--image_size=64',
      '--num_steps=100',
      '--batch_size=1',
      '--precision=float32',
    ]
    # A test in the background may have been told to ignore the signal.
    code = (
      'import signal\n'
      'signal.signal(signal.SIGINT, signal.default_int_handler)\n'
      f'from magenta_viz import {_PROGRAM}\n'
      f'{_PROGRAM}.console_entry_point()'
    )
    with subprocess.Popen(
      [sys.executable, '-c', code, *flags],
      env=_environment(),
      stdout=subprocess.PIPE,
      stderr=subprocess.PIPE,
      text=True,
    ) as process:
      try:
        while not list(self.folder.glob('*.json')) and process.poll() is None:
          time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
      finally:
        process.kill()
    self.assertEqual(process.returncode, 130, stderr)
    finished = ['281_tabby_0.json', '281_tabby_0.png']
    self.assertEqual(sorted(os.listdir(self.folder)), finished)
    self.assertEqual(stdout, f'{self.folder / finished[1]}\n')
    lines = re.split('[\r\n]+', stderr.strip())
    self.assertStartsWith(lines[0], f'Drawing from {_EMBEDDED} in float32, ')
    self.assertEqual(lines[-1], '-c: stopped; what is finished stays')
    # The rest is the progress bar: nothing of TensorFlow's.
    for line in lines[1:-1]:
      self.assertRegex(line, r'^ *$|\d+/200 \[')

    before = (self.folder / finished[1]).stat().st_mtime_ns
    # Not in this process, where TensorFlow was told otherwise of oneDNN.
    subprocess.run(
      [programs.installed(_PROGRAM), *flags],
      env=_environment(),
      check=True,
    )
    self.assertEqual(
      sorted(os.listdir(self.folder)),
      [
        '003_tiger-shark_0.json',
        '003_tiger-shark_0.png',
        *finished,
        'sheet.png',
      ],
    )
    self.assertEqual((self.folder / finished[1]).stat().st_mtime_ns, before)


if __name__ == '__main__':
  absltest.main()
