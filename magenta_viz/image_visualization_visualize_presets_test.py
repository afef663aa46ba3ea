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

"""Tests for the presets, photographs and films of the command."""

import dataclasses
import os
from pathlib import Path
import shlex
import subprocess
import sys
from typing import Any

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz import image_visualization_visualize
from magenta_viz import visualize
from magenta_viz.ascent import presets
from magenta_viz.ascent import recipe
from magenta_viz.media import frames
from magenta_viz.media import image_files
from magenta_viz.media import records
from magenta_viz.models import model_spec
from magenta_viz.settings import command_line
from magenta_viz.testing import programs
from magenta_viz.testing import testdata
from magenta_viz.visualization import config as visualize_config

_PROGRAM = 'image_visualization_visualize'
_EMBEDDED = model_spec.AUTO_MODELS[-1]


def _run(*flags: str) -> programs.Ended:
  """Runs the program in this process."""
  entry_point = image_visualization_visualize.console_entry_point
  return programs.run(entry_point, _PROGRAM, *flags)


def _config(*flags: str) -> visualize_config.VisualizeConfig:
  """Returns the configuration that the program makes of flags."""
  entry_point = image_visualization_visualize.console_entry_point
  return programs.config_of(entry_point, visualize, 'draw', _PROGRAM, *flags)


class ListsTest(absltest.TestCase):
  def test_presets(self) -> None:
    done = subprocess.run(
      [programs.installed(_PROGRAM), '--list_presets'],
      env={
        **os.environ,
        'PYTHONPATH': os.pathsep.join(sys.path),
        'PYTHONPROFILEIMPORTTIME': '1',
      },
      capture_output=True,
      text=True,
      check=False,
    )
    self.assertEqual(done.returncode, 0)
    lines = done.stdout.splitlines()
    self.assertLen(lines, len(presets.PRESETS))
    for line, preset in zip(lines, presets.PRESETS.values()):
      expected = f'{preset.name}: {preset.summary} ({preset.source})'
      self.assertEqual(line, expected)
    self.assertIn('magenta_viz.common_flags', done.stderr)
    self.assertNotRegex(done.stderr, r'\| +(tensorflow|tf_slim|scipy|PIL)')

  def test_help_names_each_setting(self) -> None:
    text = ' '.join(_run('--help').stdout.split())
    for field in dataclasses.fields(recipe.Recipe):
      if field.metadata['help']:
        self.assertIn(f' --{field.name}: ', text)
        self.assertIn(' '.join(field.metadata['help'].split()), text)
    self.assertIn('--preset: <default|simonyan|', text)
    self.assertIn('scales that the gradient is made equally strong at; 0', text)
    for name in ('image', 'animate', 'zoom_frames', 'zoom', 'blend'):
      self.assertIn(f' --{name}: ', text)


class FlagsTest(parameterized.TestCase):
  @parameterized.parameters(*presets.PRESETS)
  def test_presets(self, name: str) -> None:
    flags = [f'--preset={name}', '--output_dir=a']
    if not presets.PRESETS[name].objectives:
      flags.append('--objective=layer:b')
    config = _config(*flags)
    self.assertEqual(config.preset, name)
    self.assertEmpty(config.class_ids)
    self.assertEmpty(config.overrides)

  @parameterized.parameters(
    {'preset': 'deepdream', 'image': "it's my photo.jpg"},
    {'preset': 'deepdream', 'class_ids': (281,)},
    {'preset': 'mcdonald_layers', 'objective': 'layer:a - 2*class:tabby'},
    {'image': 'walk', 'class_ids': (3,), 'animate': 'mp4', 'blend': 0.3},
    {
      'preset': 'deepdream',
      'image': 'a.png',
      'animate': 'gif',
      'zoom_frames': 100,
      'zoom': 0.025,
      'num_variations': 2,
    },
    {
      'preset': 'mcdonald_class',
      'class_ids': (1,),
      'overrides': {
        'learning_rate': '3..1.5',
        'transforms': 'pad=12,0.5 shift=8 zoom=0.9,1.1',
        'regularizers': '',
        'init': '200,200,200',
        'octaves': 2,
        'start_scale': 1.5,
        'carry': 'picture',
      },
    },
    {
      'preset': 'deepdream_guided',
      'overrides': {'guide': 'a b.jpg', 'head': 'loss2/classifier'},
    },
  )
  def test_command_of_a_config(self, **settings: Any) -> None:
    config = visualize_config.VisualizeConfig(output_dir='-a', **settings)
    program, *flags = shlex.split(command_line.command(config))
    self.assertEqual(program, _PROGRAM)
    self.assertEqual(_config(*flags), config)

  def test_each_setting_has_a_flag(self) -> None:
    """A command with all settings comes back as it was."""
    settings = dataclasses.asdict(recipe.Recipe())
    del settings['objective']
    config = visualize_config.VisualizeConfig(
      class_ids=(5,), output_dir='a', overrides=settings
    )
    _, *flags = shlex.split(command_line.command(config))
    self.assertEqual(_config(*flags), config)


class PicturesTest(absltest.TestCase):
  def test_command_of_a_record_makes_the_same_frames(self) -> None:
    root = Path(self.create_tempdir().full_path)
    first, second = root / 'first', root / 'second'
    photo = testdata.testdata_path('photo_48x32.png')
    ended = _run(
      '--preset=deepdream',
      *(f'--image={photo}', f'--output_dir={first}', f'--model={_EMBEDDED}'),
      *('--octaves=1', '--num_steps=2', '--learning_rate=3..1.5'),
      *('--zoom_frames=2', '--animate=gif', '--precision=float32'),
    )
    self.assertEqual(ended.status, 0, ended.stderr)
    stem = 'photo-48x32_deepdream_0'
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
    ended = _run(*programs.elsewhere(record['command'], second))
    self.assertEqual(ended.status, 0, ended.stderr)
    for name in names:
      self.assertEqual(
        (first / name).read_bytes(), (second / name).read_bytes(), name
      )


if __name__ == '__main__':
  absltest.main()
