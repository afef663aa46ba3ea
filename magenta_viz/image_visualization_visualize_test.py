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
from typing import Any, List, Optional, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.ascent import presets
from magenta_viz.ascent import recipe
from magenta_viz.media import frames
from magenta_viz.media import image_files
from magenta_viz.media import records
from magenta_viz.models import model_spec
from magenta_viz.models import weights
from magenta_viz.settings import command_line
from magenta_viz.settings import parts
from magenta_viz.testing import programs
from magenta_viz.testing import testdata
from magenta_viz.visualization import config as visualize_config
from magenta_viz.visualization import workers

_PROGRAM = 'image_visualization_visualize'
_EMBEDDED = model_spec.AUTO_MODELS[-1]
_ALL_SETTINGS = parts.flat(recipe.Recipe())
# It has a flag of another kind.
del _ALL_SETTINGS['objective']


class ListsTest(parameterized.TestCase):
  @parameterized.parameters(
    ('--help', r'--class_id: ', r'--\[no\]list_models: ', '--num_steps: '),
    ('--list_classes', '^0 tench', '(?m)^281 tabby, tabby cat$'),
    ('--list_models', *(f'(?m)^{name}: ' for name in model_spec.MODEL_SPECS)),
    (
      '--list_presets',
      *(
        f'(?m)^{re.escape(f"{each.name}: {each.summary} ({each.source})")}; '
        rf'pictures of {each.image_size[0]} x \d+ pixels, .* {each.least_side} '
        for each in presets.PRESETS.values()
      ),
    ),
  )
  def test_does_without_tensorflow(self, flag: str, *patterns: str) -> None:
    text = programs.help_without(
      *(_PROGRAM, 'tensorflow', 'tf_slim', 'scipy', 'PIL'), flag=flag
    )
    for pattern in patterns:
      self.assertRegex(text, pattern)
    # A line each, and nothing else.
    num_lines = {'--list_classes': 1000, '--list_presets': len(presets.PRESETS)}
    if flag in num_lines:
      self.assertLen(text.splitlines(), num_lines[flag])

  @parameterized.parameters(
    ('squeezenet', 'fire5/concat'),
    ('squeezenet,googlenet', 'googlenet@inception_4c/output'),
  )
  def test_layers(self, model: str, layer: str) -> None:
    ended = programs.visualize('--list_layers', f'--model={model}')
    self.assertEqual(ended.status, 0)
    for line in ended.stdout.splitlines():
      self.assertRegex(line, r'^\S+ +(\d+ x \d+)? +\d+ channels$')
    self.assertRegex(ended.stdout, f'(?m)^{layer} ')
    self.assertEmpty(ended.stderr)

  def test_help_names_each_setting(self) -> None:
    text = ' '.join(programs.visualize('--help').stdout.split())
    for config in (visualize_config.VisualizeConfig, recipe.Recipe):
      for setting in parts.settings(config):
        if setting.metadata.get('help'):
          self.assertRegex(text, rf' --(\[no\])?{setting.name}: ')
          self.assertIn(' '.join(setting.metadata['help'].split()), text)
    self.assertIn('--preset: <default|simonyan|', text)
    self.assertIn("--seed: of each class's first picture; 0 by default;", text)

  @parameterized.parameters(
    ([], r'0\.7 .*\(.*squeezenet: 0\.3; efficientnet_lite0: 0\.5\)'),
    (['--model=squeezenet'], r'0\.3 with --preset=default \(squeezenet\)'),
    (['--model', 'googlenet'], r'1 with --preset=default \(googlenet\)'),
    (['--model=squeezenet,googlenet'], r'0\.7 with --preset=default'),
    (['--model=auto'], r'0\.7 with --preset=default'),
  )
  def test_help_tells_the_defaults_of_the_network(
    self, model: List[str], told: str
  ) -> None:
    ended = programs.visualize('--help', *model)
    self.assertEqual(ended.status, 0)
    self.assertRegex(
      ' '.join(ended.stdout.split()),
      r' --chroma: factor of the colours, against those of photographs;'
      rf' {told}; 0\.0 to 10\.0 --',
    )


class FlagsTest(parameterized.TestCase):
  @parameterized.parameters(
    (('--class_id=1',), ('squeezenet', 'efficientnet_lite0')),
    (('--objective=layer:fire5/concat',), ('squeezenet',)),
    (('--class_id=1', '--model=squeezenet:2,efficientnet_lite0'), None),
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
      config = programs.visualize_config(*flags)
    self.assertEqual(
      config.models, expected or ('squeezenet:2', 'efficientnet_lite0')
    )
    (shared, num_workers), _ = run.call_args
    self.assertEqual(num_workers, 2)
    shared.remove('--verbosity=0')  # `programs.run` gives it, too.
    # No longer 'auto', which each would look for itself.
    self.assertEqual(
      programs.visualize_config(*shared, worker=1),
      dataclasses.replace(config, num_workers=2, overwrite=True),
    )

  @parameterized.parameters(
    ({},),
    ({'class_ids': (5, 0, 1, 2)}, '--class_id=5,0-2'),
    ({'class_ids': tuple(range(1000))}, '--class_id=0-999'),
    ({'models': (_EMBEDDED,)}, f'--model={_EMBEDDED}'),
    (
      {'models': ('squeezenet', 'googlenet:0.5')},
      '--model=squeezenet,googlenet:0.5',
    ),
    ({'image_size': (64, 96)}, '--image_size=64x96'),
    ({'batch_size': 3, 'seed': 7}, '--batch_size=3', '--seed=7'),
    ({'num_variations': 2}, '--num_variations=2'),
    ({'precision': 'bfloat16'}, '--precision=bfloat16'),
    ({'log_dir': "it's"}, "--log_dir=it's"),
    ({'preset': 'deepdraw'}, '--preset=deepdraw'),
    ({'class_ids': (), 'preset': 'deepdream'}, '--preset=deepdream'),
    ({'image': "it's my photo.jpg"}, "--image=it's my photo.jpg"),
    (
      {'image': 'walk', 'animate': 'mp4', 'blend': 0.3},
      *('--image=walk', '--animate=mp4', '--blend=0.3'),
    ),
    (
      {'zoom_frames': 100, 'zoom': 0.025},
      *('--zoom_frames=100', '--zoom=0.025'),
    ),
    (
      {'class_ids': (), 'objective': 'layer:a - 2*class:3', 'preset': 'lucid'},
      *('--objective=layer:a - 2*class:3', '--preset=lucid'),
    ),
    (
      {'overrides': {'num_steps': 5, 'noise': 0.1, 'learning_rate': 1e-06}},
      *('--num_steps=5', '--noise=0.1', '--learning_rate=1e-06'),
    ),
    (
      {
        'preset': 'mcdonald_class',
        'overrides': {
          'learning_rate': '3..1.5',
          'transforms': 'pad=12,0.5 shift=8 zoom=0.9,1.1',
          'regularizers': '',
          'init': '200,200,200',
          'carry': 'picture',
        },
      },
      *('--preset=mcdonald_class', '--learning_rate=3..1.5'),
      *('--transforms=pad=12,0.5 shift=8 zoom=0.9,1.1', '--regularizers='),
      *('--init=200,200,200', '--carry=picture'),
    ),
    (
      {'preset': 'deepdream_guided', 'overrides': {'guide': "it's a.jpg"}},
      *('--preset=deepdream_guided', "--guide=it's a.jpg"),
    ),
    (
      {'overrides': _ALL_SETTINGS},
      *(f'--{name}={value}' for name, value in _ALL_SETTINGS.items()),
    ),
  )
  def test_command_of_a_config(self, settings: Any, *flags: str) -> None:
    config = visualize_config.VisualizeConfig(
      **{
        'class_ids': (281,),
        'output_dir': "-my 'pictures' $HOME; ls",
        **settings,
      }
    )
    program, *words = shlex.split(command_line.command(config))
    self.assertEqual(program, _PROGRAM)
    subject = ['--class_id=281'] * (config.class_ids == (281,))
    self.assertCountEqual(
      words, [*subject, *flags, f'--output_dir={config.output_dir}']
    )
    self.assertEqual(programs.visualize_config(*words), config)

  def test_command_leaves_out(self) -> None:
    # Whether pictures were there before says nothing of them.
    config = visualize_config.VisualizeConfig((281,), overwrite=True)
    self.assertEqual(command_line.command(config), f'{_PROGRAM} --class_id=281')

  def test_command_with_a_checkpoint(self) -> None:
    # It is looked at first.
    path = self.create_tempfile('a b.npz').full_path
    config = visualize_config.VisualizeConfig(
      (281,), output_dir='a', checkpoints=(path,)
    )
    _, *words = shlex.split(command_line.command(config))
    self.assertIn(f'--checkpoint={path}', words)
    self.assertEqual(programs.visualize_config(*words), config)


class PicturesTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)

  def test_command_of_a_record_makes_the_same_frames(self) -> None:
    first, second = self.folder / 'first', self.folder / 'second'
    photo = testdata.testdata_path('photo_48x32.png')
    ended = programs.visualize(
      '--preset=deepdream',
      *(f'--image={photo}', f'--output_dir={first}', f'--model={_EMBEDDED}'),
      *('--octaves=1', '--num_steps=2', '--learning_rate=3..1.5', '--seed=4'),
      *('--zoom_frames=2', '--animate=gif', '--precision=float32'),
    )
    self.assertEqual(ended.status, 0, ended.stderr)
    stem = 'photo-48x32_deepdream_4'
    names = [f'{stem}_00000.png', f'{stem}_00001.png']
    paths = [str(first / name) for name in names]
    self.assertEqual(ended.stdout.split(), paths)
    images = [image_files.read_image(path) for path in paths]
    for image in images:
      self.assertEqual(image.shape, (48, 32, 3))
    change = np.abs(images[0] - image_files.read_image(photo)).mean()
    self.assertBetween(change, 1 / 255, 6 / 255)
    with frames.open_frames(first / f'{stem}_frames.gif') as film:
      self.assertEqual((film.num_frames, film.size), (2, (48, 32)))

    record = records.read_record(first / f'{stem}_00001.json')
    self.assertEqual(record['settings']['objective'], 'layer:fire7/concat')
    self.assertEqual(
      record['overrides'],
      {'num_steps': 2, 'learning_rate': '3..1.5', 'octaves': 1},
    )
    ended = programs.visualize(*programs.elsewhere(record['command'], second))
    self.assertEqual(ended.status, 0, ended.stderr)
    for name in names:
      self.assertEqual(
        (first / name).read_bytes(), (second / name).read_bytes(), name
      )

  @absltest.skipIf(os.name == 'nt', 'needs POSIX signals')
  def test_interrupt(self) -> None:
    flags = [
      *('--class_id=281,3', f'--output_dir={self.folder}', '--num_steps=50'),
      *(f'--model={_EMBEDDED}', '--coarse_size=64', '--coarse_share=1'),
      *('--image_size=64', '--batch_size=1', '--precision=float32'),
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
      env=programs.environment(),
      stdout=subprocess.PIPE,
      stderr=subprocess.PIPE,
      text=True,
    ) as process:
      try:
        assert process.stdout is not None
        told = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
      finally:
        process.kill()
    self.assertEqual(process.returncode, 130, stderr)
    finished = ['281_tabby_0.json', '281_tabby_0.png']
    self.assertEqual(sorted(os.listdir(self.folder)), finished)
    self.assertEqual(told + stdout, f'{self.folder / finished[1]}\n')
    lines = re.split('[\r\n]+', stderr.strip())
    self.assertStartsWith(lines[0], f'Drawing from {_EMBEDDED} in float32, ')
    self.assertEqual(lines[-1], '-c: stopped; what is finished stays')
    # The rest is the progress bar: nothing of TensorFlow's.
    for line in lines[1:-1]:
      self.assertRegex(line, r'^ *$|\d+/100 \[')


if __name__ == '__main__':
  absltest.main()
