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

"""Tests of the command of a drawing; the program's own parse it."""

import shlex
from typing import Any

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.settings import command_line
from magenta_viz.visualization import config as visualize_config


def _command(class_ids: Any = (281,), **settings: Any) -> str:
  return command_line.command(
    visualize_config.VisualizeConfig(class_ids=class_ids, **settings)
  )


class VisualizeCommandTest(parameterized.TestCase):
  def test_defaults_are_left_out(self) -> None:
    self.assertEqual(
      _command(output_dir='pictures'),
      'image_visualization_visualize --class_id=281 --output_dir=pictures',
    )

  @parameterized.parameters(
    ('models', ('squeezenet',), '--model=squeezenet'),
    (
      'models',
      ('squeezenet', 'googlenet:0.5'),
      '--model=squeezenet,googlenet:0.5',
    ),
    ('checkpoints', ('a/b.npz',), '--checkpoint=a/b.npz'),
    ('image_size', (64, 96), '--image_size=64x96'),
    ('batch_size', 3, '--batch_size=3'),
    ('seed', 7, '--seed=7'),
    ('num_variations', 2, '--num_variations=2'),
    ('precision', 'bfloat16', '--precision=bfloat16'),
    ('log_dir', 'log', '--log_dir=log'),
    ('preset', 'deepdraw', '--preset=deepdraw'),
    ('image', 'a b.jpg', "'--image=a b.jpg'"),
    ('zoom_frames', 100, '--zoom_frames=100'),
    ('blend', 0.5, '--blend=0.5'),
    (
      'overrides',
      {'num_steps': 5, 'noise': 0.1},
      '--num_steps=5 --noise=0.1',
    ),
    (
      'overrides',
      {'learning_rate': '3..1.5', 'regularizers': '', 'init': '1,2,3'},
      '--learning_rate=3..1.5 --regularizers= --init=1,2,3',
    ),
    (
      'overrides',
      {'transforms': 'pad=12 shift=8', 'guide': "it's.jpg"},
      """'--transforms=pad=12 shift=8' '--guide=it'"'"'s.jpg'""",
    ),
  )
  def test_each_setting(self, name: str, value: Any, flags: str) -> None:
    self.assertEqual(
      _command(**{name: value}),
      f'image_visualization_visualize --class_id=281 {flags}',
    )

  @parameterized.parameters(
    ({'preset': 'deepdream'}, '--preset=deepdream'),
    ({'objective': 'layer:a/b'}, '--objective=layer:a/b'),
    (
      {'objective': 'layer:a - 2*class:3', 'preset': 'lucid'},
      "'--objective=layer:a - 2*class:3' --preset=lucid",
    ),
  )
  def test_without_a_class(self, settings: Any, flags: str) -> None:
    self.assertEqual(
      _command((), **settings), f'image_visualization_visualize {flags}'
    )

  def test_settings_that_need_another(self) -> None:
    self.assertEndsWith(
      _command(output_dir='a', animate='mp4', zoom_frames=2, zoom=0.1),
      ' --output_dir=a --animate=mp4 --zoom_frames=2 --zoom=0.1',
    )

  def test_classes(self) -> None:
    self.assertIn('--class_id=5,0-2', _command((5, 0, 1, 2)))

  def test_overwrite_is_left_out(self) -> None:
    # What was there before says nothing of the picture.
    self.assertNotIn('overwrite', _command(overwrite=True))

  def test_quotes_for_the_shell(self) -> None:
    folder = "my 'pictures' $HOME; ls"
    words = shlex.split(_command(output_dir=folder))
    self.assertEqual(words[2:], [f'--output_dir={folder}'])


if __name__ == '__main__':
  absltest.main()
