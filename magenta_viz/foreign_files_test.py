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

"""Tests of the program with a file of a model of others."""

from pathlib import Path

from absl.testing import absltest

from magenta_viz.testing import keras_models
from magenta_viz.testing import programs


class FilesTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)
    self.path = self.folder / 'model.h5'
    keras_models.cnn((32, 32, 3)).save(self.path)

  def draw(self, *flags: str) -> programs.Ended:
    return programs.visualize(
      f'--checkpoint={self.path}',
      '--num_steps=2',
      '--image_size=64',
      f'--output_dir={self.folder / "out"}',
      *flags,
    )

  def test_lists_layers_and_classes(self) -> None:
    names = self.folder / 'names.txt'
    names.write_text('cat\ndog\nfish\nbird\n')
    listed = self.draw('--list_layers').stdout
    self.assertRegex(listed, r'second +14 x 14 +16 channels')
    listed = self.draw('--list_classes', f'--class_names={names}').stdout
    self.assertEqual(listed.splitlines()[1], '1 dog')
    ended = self.draw('--class_name=dog', f'--class_names={names}')
    self.assertEqual(ended.status, 0, ended.stderr)

  def test_refusals_are_one_line(self) -> None:
    for flags, message in (
      (('--class_id=9',), 'class id 9'),
      (('--class_id=1', '--model=squeezenet'), 'a whole network of its own'),
      (('--class_id=1', '--input_mean=1,2'), 'input_mean has 2 numbers'),
      (('--class_id=1', '--output=other'), "no output 'other'"),
      (('--class_id=1', '--input_size=20'), 'takes 32 x 32 pixels'),
    ):
      with self.subTest(message):
        ended = self.draw(*flags)
        self.assertEqual(ended.status, 1)
        self.assertIn(message, ended.stderr.splitlines()[-1])
    self.path.write_bytes(self.path.read_bytes()[:4000])
    ended = self.draw('--class_id=1')
    self.assertEqual(ended.status, 1)
    self.assertNotIn('Traceback', ended.stderr)


if __name__ == '__main__':
  absltest.main()
