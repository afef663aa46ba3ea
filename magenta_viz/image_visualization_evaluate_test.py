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

"""Tests for the command image_visualization_evaluate."""

import json
import os
from pathlib import Path
from typing import Any
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz import evaluate
from magenta_viz import image_visualization_evaluate
from magenta_viz import visualize
from magenta_viz.evaluation import config as evaluate_config
from magenta_viz.evaluation import table as evaluation_table
from magenta_viz.media import image_files
from magenta_viz.models import model_spec
from magenta_viz.models import network_source
from magenta_viz.models import weights
from magenta_viz.testing import programs
from magenta_viz.testing import testdata

_PROGRAM = 'image_visualization_evaluate'
_EMBEDDED = model_spec.AUTO_MODELS[-1]


def _run(*flags: str) -> programs.Ended:
  """Runs the program in this process."""
  entry_point = image_visualization_evaluate.console_entry_point
  return programs.run(entry_point, _PROGRAM, *flags)


def _config(*flags: str) -> evaluate_config.EvaluateConfig:
  """Returns the configuration that the program makes of flags."""
  entry_point = image_visualization_evaluate.console_entry_point
  with mock.patch.object(evaluation_table, 'table'):
    return programs.config_of(entry_point, evaluate, 'run', _PROGRAM, *flags)


class FlagsTest(absltest.TestCase):
  def test_help_does_without_tensorflow(self) -> None:
    text = programs.help_without(
      _PROGRAM, 'tensorflow', 'tf_slim', 'scipy', 'jinja2'
    )
    for name in ('input_dir', 'judge', 'output_dir', 'batch_size'):
      self.assertIn(f'  --{name}:', text)
    self.assertIn('  --[no]allow_self:', text)

  def test_defaults_are_the_configs(self) -> None:
    self.assertEqual(
      _config('--input_dir=a'), evaluate_config.EvaluateConfig(input_dir='a')
    )

  def test_all_flags(self) -> None:
    self.assertEqual(
      _config(
        *('--input_dir=a', '--judge=googlenet', '--judge=b,c.npz'),
        *('--output_dir=d', '--allow_self', '--batch_size=3'),
      ),
      evaluate_config.EvaluateConfig(
        input_dir='a',
        judges=('googlenet', 'b,c.npz'),
        output_dir='d',
        allow_self=True,
        batch_size=3,
      ),
    )


class ErrorsTest(parameterized.TestCase):
  @parameterized.parameters(
    ((), 2, 'give --input_dir, the folder of the pictures'),
    (('--input_dir=a', 'b'), 2, "unknown argument 'b'; flags start with --"),
    (('--input_dir=a', '--batch_size=0'), 2, "--batch_size is '0'; take a"),
    (('--input_dir=none',), 1, "cannot read the folder 'none': No such file"),
    (('--input_dir=none', '--judge='), 1, "judges are ['']; give each one of"),
  )
  def test_is_one_line(self, flags: Any, status: int, message: str) -> None:
    ended = _run(*flags)
    self.assertEqual(ended.status, status, ended.stderr)
    self.assertStartsWith(ended.stderr, f'{_PROGRAM}: {message}')
    self.assertEqual(ended.stderr.count('\n'), 1)
    self.assertEmpty(ended.stdout)


class PicturesTest(absltest.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)

  def evaluate(self, *flags: str, input_dir: Any = None) -> programs.Ended:
    """Runs the program on the pictures of a folder, which succeeds."""
    ended = _run(f'--input_dir={input_dir or self.folder}', *flags)
    self.assertEqual(ended.status, 0, ended.stderr)
    return ended

  def report(self, folder: Path) -> Any:
    """Reads what the program wrote for programs."""
    return json.loads((folder / 'evaluation.json').read_text())

  def draw(self, folder: Path, **settings: Any) -> None:
    """Draws with the network that needs no download."""
    visualize.run(
      visualize.VisualizeConfig(
        output_dir=str(folder),
        models=(_EMBEDDED,),
        overrides={'num_steps': 2},
        **settings,
      )
    )

  def test_our_pictures(self) -> None:
    googlenet = testdata.googlenet_weights_path()
    pictures, output_dir = self.folder / 'pictures', self.folder / 'report'
    self.draw(
      pictures, class_ids=(130, 281), image_size=(96, 96), num_variations=2
    )
    with self.subTest('the network that drew them is no judge'):
      ended = _run(
        f'--input_dir={pictures}',
        f'--output_dir={output_dir}',
        '--judge=squeezenet',
      )
      self.assertEqual(ended.status, 1)
      self.assertStartsWith(
        ended.stderr.splitlines()[-1],
        f'{_PROGRAM}: squeezenet had a part in all of the pictures; take'
        ' another --judge',
      )
      self.assertFalse(output_dir.exists())
    ended = self.evaluate(
      *(f'--output_dir={output_dir}', f'--judge={googlenet}'),
      *('--judge=squeezenet', '--allow_self'),
      input_dir=pictures,
    )
    for row in (
      r'\nAll pictures \(preset default, drawn by squeezenet\): 4',
      r'(?m)^  bvlc_googlenet\.npz +\d\.\d\d \(',
      r'(?m)^  squeezenet \(itself\) +\d\.\d\d \(',
      '4 photographs',
      f'Pictures from best to worst: {output_dir}/evaluation.html\n'
      f'All figures: {output_dir}/evaluation.json\n$',
    ):
      self.assertRegex(ended.stdout, row)
    report = self.report(output_dir)
    names = [
      f'{shown}_{seed}.png'
      for shown in ('130_flamingo', '281_tabby')
      for seed in (0, 1)
    ]
    self.assertCountEqual([each['name'] for each in report['pictures']], names)
    group = report['groups'][0]
    self.assertEqual((group['num_pictures'], group['num_classes']), (4, 2))
    for name, is_self in (('bvlc_googlenet.npz', False), ('squeezenet', True)):
      summary = group['judges'][name]
      self.assertEqual(summary['is_self'], is_self)
      self.assertEqual(summary['diversity']['count'], 2)
      self.assertLen(report['pictures'][0]['judges'][name]['guesses'], 5)
    # The record says the same of the drawing network as it says here, but for
    # the rounding to 8 bits.
    for each in report['pictures']:
      here = each['judges']['squeezenet']['probability']
      self.assertAlmostEqual(each['self']['probability'], here, delta=1e-2)
    page = (output_dir / 'evaluation.html').read_text(encoding='utf-8')
    self.assertEqual(page.count('src="data:image/'), 4)
    self.assertIn('flamingo', page)

  def test_our_pictures_where_there_is_no_other_judge(self) -> None:
    self.draw(self.folder, class_ids=(130,), image_size=(64, 64))
    choose = network_source.choose

    def choose_embedded(model: str) -> network_source.NetworkSource:
      if model != _EMBEDDED:
        raise OSError('no connection')
      return choose(model)

    with mock.patch.object(network_source, 'choose', choose_embedded):
      ended = self.evaluate()
    self.assertIn(
      'squeezenet had a part in all of the pictures: its word proves little.',
      ended.stderr,
    )
    self.assertRegex(ended.stdout, r'(?m)^  squeezenet \(itself\) +\d\.\d\d \(')
    note = 'had a part in 1 picture: of it its word proves little'
    self.assertIn(f'    which {note}\n', ended.stdout)
    page = (self.folder / 'evaluation.html').read_text(encoding='utf-8')
    self.assertIn(note, page)

  def test_photographs_named_by_their_class(self) -> None:
    # The folders tell the ids: golden retriever and goldfish.
    for name, photo in (
      ('207/dog.png', 'dog_cat.jpg'),
      ('207/sky.png', 'sky.jpg'),
      ('1/no goldfish.png', 'dog_cat.jpg'),
    ):
      path = self.folder / name
      path.parent.mkdir(exist_ok=True)
      photo_path = testdata.photo_path(photo)
      image_files.write_png(path, image_files.read_image(photo_path))
    ended = self.evaluate('--judge=squeezenet')
    self.assertIn('\nAll pictures: 3, classes: 2\n', ended.stdout)
    self.assertRegex(ended.stdout, r'\n  squeezenet +0\.25 \(0\.00-0\.50\) ')
    report = self.report(self.folder)
    best, *others = report['pictures']
    self.assertEqual((best['name'], best['class_id']), ('207/dog.png', 207))
    said = best['judges']['squeezenet']
    self.assertEqual(said['rank'], 1)
    # Golden retriever, and next Labrador retriever.
    guesses = [guess['class_id'] for guess in said['guesses']]
    self.assertEqual(guesses[:2], [207, 208])
    self.assertStartsWith(said['guesses'][0]['class_name'], 'golden retriever')
    self.assertAlmostEqual(said['probability'], 0.78, delta=0.03)
    for each in others:
      self.assertGreater(each['judges']['squeezenet']['rank'], 5)
      self.assertIsNone(each['self'])
    self.assertIn(
      'goldfish, Carassius auratus', [o['class_name'] for o in others]
    )
    summary = report['groups'][0]['judges']['squeezenet']
    self.assertGreater(summary['diversity']['value'], 0.7)
    self.assertBetween(summary['noise']['value'], 0.005, 0.05)

  def test_judge_that_nobody_names(self) -> None:
    image_files.write_png(self.folder / '1.png', np.zeros((64, 64, 3)))
    cache = {weights.CACHE_VARIABLE: str(self.folder / 'none')}
    packaged = [
      spec for spec in model_spec.MODEL_SPECS.values() if spec.weights.package
    ]
    best = max(packaged, key=lambda spec: spec.top1)
    for flags in ((), ('--judge=auto',)):
      with mock.patch.dict(os.environ, cache):
        ended = self.evaluate(*flags)
      (judge,) = self.report(self.folder)['judges']
      self.assertEqual(judge['weights_sha256'], best.weights.sha256)
      self.assertIn(
        f'{best.name} judges: it is the best at hand of those that had no part'
        ' in the pictures.',
        ended.stderr,
      )


if __name__ == '__main__':
  absltest.main()
