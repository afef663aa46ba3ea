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

"""Tests that what is trained here is drawn from and explained."""

import dataclasses
import os
from pathlib import Path
import shutil
from typing import Any

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz import image_visualization_saliency
from magenta_viz import saliency
from magenta_viz import visualize
from magenta_viz.ascent import presets
from magenta_viz.attribution import config as saliency_config
from magenta_viz.media import image_files
from magenta_viz.media import records
from magenta_viz.testing import programs
from magenta_viz.testing import trained_checkpoints

_PROGRAM = 'image_visualization_visualize'
_SALIENCY = 'image_visualization_saliency'

# One step, and one trace of the network.
_QUICK = ('--num_steps=1', '--coarse_size=64', '--coarse_share=1')


class VisualizeTest(trained_checkpoints.TrainedTestCase):
  def assert_fails(self, status: int, message: str, *flags: str) -> None:
    """Fails unless the program says one line, and writes nothing."""
    output_dir = self.folder / 'none'
    ended = programs.visualize(f'--output_dir={output_dir}', *flags)
    self.assertEqual(ended.status, status, ended)
    self.assertRegex(ended.stderr, f'^{_PROGRAM}: {message}')
    self.assertEqual(ended.stderr.count('\n'), 1)
    self.assertFalse(output_dir.exists())

  def test_draws_all_classes(self) -> None:
    with trained_checkpoints.reads() as counts:
      ended = programs.visualize(
        *('--class_id=all', f'--checkpoint={self.train_dir}'),
        *(f'--output_dir={self.folder}', *_QUICK),
      )
    self.assertEqual(ended.status, 0, ended.stderr)
    # Once, for the flags as for the pictures.
    self.assertEqual(counts['model.ckpt-2.json'], 1, counts)
    names = ['000_house-finch_0', '001_ete_0', '002_crane_0']
    self.assertEqual(
      ended.stdout.splitlines(), [f'{self.folder}/{name}.png' for name in names]
    )
    self.assertCountEqual(
      os.listdir(self.folder),
      [
        'sheet.png',
        *(f'{name}{end}' for name in names for end in ('.png', '.json')),
      ],
    )
    record = records.read_record(self.folder / '002_crane_0.json')
    self.assertEqual((record['class_id'], record['class_name']), (2, 'crane'))
    # 320 * 64 / 224 is 91.4.
    drawn = image_files.read_image(self.folder / '002_crane_0.png')
    self.assertEqual(drawn.shape, (88, 88, 3))
    (network,) = record['networks']
    self.assertEqual(network['model'], 'squeezenet')
    self.assertEqual(network['weights'], f'{self.train_dir}/model.ckpt-2')
    self.assertBetween(record['probability'], 0, 1)
    self.assertIn(record['rank'], (1, 2, 3))
    with trained_checkpoints.reads() as counts:
      visualize.run(
        visualize.VisualizeConfig(
          class_ids=(0,),
          checkpoints=(str(self.train_dir),),
          overrides={'num_steps': 1, 'coarse_size': 64, 'coarse_share': 1.0},
        )
      )
    self.assertEqual(counts['model.ckpt-2.json'], 1, counts)
    # It asks for this very checkpoint, also when another one is the best.
    again = self.folder / 'again'
    ended = programs.visualize(*programs.elsewhere(record['command'], again))
    self.assertEqual(ended.status, 0, ended.stderr)
    for name in names:
      self.assertEqual(
        (again / f'{name}.png').read_bytes(),
        (self.folder / f'{name}.png').read_bytes(),
      )

  def test_class_by_name(self) -> None:
    config = programs.visualize_config(
      *('--class_name=finch', '--output_dir=a'),
      f'--checkpoint={self.train_dir}/model.ckpt-3',
    )
    self.assertEqual(config.class_ids, (0,))

  def test_lists(self) -> None:
    ended = programs.visualize(
      '--list_classes', f'--checkpoint={self.train_dir}'
    )
    self.assertEqual(ended.stdout, '0 house finch\n1 Été, summer\n2 crane\n')
    ended = programs.visualize(
      '--list_layers', f'--checkpoint={self.train_dir}'
    )
    self.assertEqual(ended.status, 0, ended.stderr)
    # At 64 pixels, and of three classes.
    self.assertRegex(ended.stdout, r'(?m)^conv1 +31 x 31 +64 channels$')
    self.assertRegex(ended.stdout, r'(?m)^pool10 +3 channels$')
    self.assertEqual(
      programs.visualize(
        *('--list_layers', f'--checkpoint={self.train_dir}'),
        '--model=squeezenet',
      ).stdout,
      ended.stdout,
    )

  def test_errors(self) -> None:
    given = f'--checkpoint={self.train_dir}'
    self.assert_fails(
      *(1, "class id 3 in '1-3' is out of range; .* class ids 0 to 2$"),
      *('--class_id=1-3', given),
    )
    self.assert_fails(
      *(1, "no class is called 'tabby'; --list_classes shows all names$"),
      *('--class_name=tabby', given),
    )
    for wanted in ('--class_id=0', '--list_layers'):
      self.assert_fails(
        *(1, f"model is googlenet, but the network in '{self.train_dir}' is "),
        *(wanted, '--model=googlenet', given),
      )
    damaged = self.folder / 'damaged'
    prefix = trained_checkpoints.write(damaged, 5)
    Path(f'{prefix}.json').write_text('{}')
    for wanted in ('--class_id=0', '--list_layers', '--list_classes'):
      self.assert_fails(
        *(1, f"the record '{prefix}.json' cannot be used "),
        *(wanted, f'--checkpoint={damaged}'),
      )

  def test_checkpoint_is_looked_at_first(self) -> None:
    keras = self.folder / 'w.keras'
    keras.touch()
    for path, message in (
      ('typo', "there is no checkpoint at 'typo'; give --checkpoint a TensorF"),
      (
        keras,
        f"'{keras}' is named as a model of Keras .* is, and does not begi",
      ),
    ):
      given = f'--checkpoint={path}'
      for flags in (
        ('--list_classes',),
        ('--list_layers', '--model=squeezenet'),
        ('--list_layers',),
        ('--class_name=finch',),
        ('--class_id=1',),
        ('--objective=layer:pool1',),
      ):
        self.assert_fails(1, message, *flags, given)
      ended = programs.run(
        image_visualization_saliency.console_entry_point,
        _SALIENCY,
        *('--image=none.png', f'--output_dir={self.folder}/none', given),
      )
      self.assertEqual(ended.status, 1)
      self.assertRegex(ended.stderr, f'^{_SALIENCY}: {message}')

  def test_damaged_weights(self) -> None:
    prefix = trained_checkpoints.write(self.folder / 'damaged', 5)
    self.assert_fails(
      *(1, f'cannot read {prefix}: it is damaged or '),
      *('--class_id=0', f'--checkpoint={self.folder}/damaged'),
    )

  def test_resumed_with_another_checkpoint(self) -> None:
    train_dir = self.folder / 'train'
    shutil.copytree(self.train_dir, train_dir)
    flags = ['--class_id=0', f'--checkpoint={train_dir}', *_QUICK]
    flags.append(f'--output_dir={self.folder}/pictures')
    before = None
    for _ in range(2):
      ended = programs.visualize(*flags)
      self.assertEqual(ended.status, 0, ended.stderr)
      time = Path(ended.stdout.strip()).stat().st_mtime_ns
      self.assertIn(before, (None, time))
      before = time
    trained_checkpoints.write_network(train_dir, 4, top1=0.95)
    self.assertRegex(
      programs.visualize(*flags).stderr,
      r'is of other settings \(checkpoint: .*ckpt-2 there, .*ckpt-4 now\); use',
    )

  def test_objective_with_a_class_by_its_name(self) -> None:
    given = (f'--checkpoint={self.train_dir}', *_QUICK)
    objective = 'class:house_finch - 0.5*class:crane'
    ended = programs.visualize(
      *(f'--objective={objective}', f'--output_dir={self.folder}', *given)
    )
    path = Path(ended.stdout.strip())
    record = records.read_record(path.with_suffix('.json'))
    self.assertEqual(record['objective'], objective)
    for objective, message in (
      ('class:tabby', ".*no class is called 'tabby'"),
      ('class:3', '.*class 3 is unknown; take 0 to 2'),
    ):
      self.assert_fails(1, message, f'--objective={objective}', *given)


class DefaultSizeTest(parameterized.TestCase):
  @parameterized.parameters(
    # As the preset has it, multiple of 8 or not.
    (224, (320, 323), (320, 323)),
    (448, (320, 323), (640, 648)),
    (64, (320, 448), (88, 128)),
    (100, (224, 320), (96, 144)),
    (32, (320, 858), (64, 120)),
  )
  def test_goes_with_the_networks(
    self, image_size: int, preset: Any, expected: Any
  ) -> None:
    default = presets.find_preset(presets.DEFAULT)
    sized = dataclasses.replace(default, image_size=preset)
    self.assertEqual(sized.default_size(image_size), expected)


class SaliencyTest(trained_checkpoints.TrainedTestCase):
  def test_class_of_the_trained_network(self) -> None:
    photo = self.folder / 'photo.png'
    image = np.random.default_rng(0).random((70, 90, 3), np.float32)
    image[20:50, 30:70, 0] = 1
    image_files.write_png(photo, image)
    settings: Any = {'image': str(photo), 'checkpoint': str(self.train_dir)}
    config = saliency_config.SaliencyConfig(
      output_dir=str(self.folder / 'pictures'), precision='float32', **settings
    )
    with trained_checkpoints.reads() as counts:
      record = saliency.run(config).record
    self.assertEqual(counts['model.ckpt-2.json'], 1, counts)
    self.assertIn(record['class_id'], (0, 1, 2))
    name = trained_checkpoints.CLASS_NAMES[record['class_id']]
    self.assertEqual(record['class_name'], name)
    self.assertEqual(record['first_choice'], name)
    self.assertIn(
      f'--checkpoint={self.train_dir}/model.ckpt-2 ', record['command']
    )
    with self.assertRaisesRegex(
      ValueError, '^class_id 3 is unknown; take 0 to 2, of 3 classes$'
    ):
      saliency.run(saliency_config.SaliencyConfig(class_id=3, **settings))

  def test_class_for_saliency(self) -> None:
    def config(*flags: str) -> saliency_config.SaliencyConfig:
      return programs.config_of(
        image_visualization_saliency.console_entry_point,
        *(saliency, 'explain', _SALIENCY),
        *('--image=photo.png', f'--output_dir={self.folder}'),
        *(f'--checkpoint={self.train_dir}', *flags),
      )

    self.assertEqual(config('--class_name=Crane').class_id, 2)
    self.assertEqual(config('--class_id=1').class_id, 1)
    with self.assertRaisesRegex(AssertionError, "'3' .* has class ids 0 to 2"):
      config('--class_id=3')


if __name__ == '__main__':
  absltest.main()
