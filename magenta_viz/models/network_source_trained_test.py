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

"""Tests for network_source with networks that were trained here."""

import hashlib
from pathlib import Path

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.models import imagenet_classes
from magenta_viz.models import network_source
from magenta_viz.testing import trained_checkpoints


class TrainedTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path) / 'train'
    for step, top1 in ((5, 0.5), (50, 0.9), (500, 0.8)):
      trained_checkpoints.write(self.folder, step, top1=top1)

  @parameterized.parameters(
    ('', 50),
    ('model.ckpt-50', 50),
    ('model.ckpt-5', 5),
    ('model.ckpt-500.index', 500),
  )
  def test_source(self, name: str, step: int) -> None:
    source = network_source.choose('auto', str(self.folder / name))
    prefix = str(self.folder / f'model.ckpt-{step}')
    line = ''.join(
      hashlib.sha256(Path(prefix + ending).read_bytes()).hexdigest()
      for ending in ('.data-00000-of-00001', '.index')
    )
    assert source.trained is not None
    self.assertEqual(source.trained.step, step)
    self.assertEqual(
      source,
      network_source.NetworkSource(
        model='squeezenet',
        path=Path(prefix),
        origin=prefix,
        sha256=hashlib.sha256(line.encode()).hexdigest(),
        reason='as --checkpoint asks',
        checkpoint=prefix,
        trained=source.trained,
      ),
    )
    self.assertEqual(source.class_names, trained_checkpoints.CLASS_NAMES)
    self.assertEqual(
      network_source.class_names(str(self.folder / name)), source.class_names
    )

  def test_sha256_is_of_the_weights_alone(self) -> None:
    first = network_source.choose('auto', str(self.folder)).sha256
    trained_checkpoints.write(self.folder, 50, top1=1.0, note='changed')
    trained_checkpoints.write(self.folder, 600)
    (self.folder / 'checkpoint').touch()
    second = network_source.choose('squeezenet', str(self.folder)).sha256
    self.assertEqual(first, second)
    (self.folder / 'model.ckpt-50.data-00000-of-00001').write_text('changed')
    third = network_source.choose('auto', str(self.folder)).sha256
    self.assertNotEqual(first, third)

  def test_of_another_network(self) -> None:
    with self.assertRaises(ValueError) as caught:
      network_source.choose('googlenet', str(self.folder))
    self.assertEqual(
      str(caught.exception),
      f"model is googlenet, but the network in '{self.folder}' is squeezenet;"
      ' leave --model out, or give another --checkpoint',
    )

  def test_classes_of_other_weights(self) -> None:
    expected = imagenet_classes.load_class_names()
    (self.folder / 'model.ckpt-5.json').unlink()
    for checkpoint in (None, str(self.folder / 'model.ckpt-5')):
      self.assertEqual(network_source.class_names(checkpoint), expected)

  def test_damaged_record(self) -> None:
    prefix = str(self.folder / 'model.ckpt-5')
    Path(f'{prefix}.json').write_text('{}')
    with self.assertRaisesRegex(ValueError, 'ckpt-5.json. cannot be used'):
      network_source.class_names(prefix)
    with self.assertRaisesRegex(ValueError, 'ckpt-5.json. cannot be used'):
      network_source.choose('auto', prefix)


if __name__ == '__main__':
  absltest.main()
