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

"""Tests for the command image_visualization_saliency."""

from pathlib import Path
import shlex
import shutil
from typing import Any

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz import image_visualization_saliency
from magenta_viz import saliency
from magenta_viz.attribution import config as saliency_config
from magenta_viz.media import image_files
from magenta_viz.media import records
from magenta_viz.models import model_spec
from magenta_viz.settings import command_line
from magenta_viz.testing import programs

_PROGRAM = 'image_visualization_saliency'
_EMBEDDED = model_spec.AUTO_MODELS[-1]


def _run(*flags: str) -> programs.Ended:
  """Runs the program in this process."""
  entry_point = image_visualization_saliency.console_entry_point
  return programs.run(entry_point, _PROGRAM, *flags)


def _config(*flags: str) -> saliency_config.SaliencyConfig:
  """Returns the configuration that the program makes of flags."""
  entry_point = image_visualization_saliency.console_entry_point
  return programs.config_of(entry_point, saliency, 'explain', _PROGRAM, *flags)


class FlagsTest(parameterized.TestCase):
  def test_help_does_without_tensorflow(self) -> None:
    text = programs.help_without(
      _PROGRAM, 'tensorflow', 'tf_slim', 'scipy', 'jinja2'
    )
    for name in ('image', 'method', 'smoothness', 'model', 'class_id'):
      self.assertIn(f'  --{name}:', text)

  def test_defaults_are_the_configs(self) -> None:
    self.assertEqual(
      _config('--image=a.jpg', '--output_dir=b'),
      saliency_config.SaliencyConfig(image='a.jpg', output_dir='b'),
    )

  def test_class_by_name(self) -> None:
    config = _config('--image=a', '--output_dir=b', '--class_name=tabby')
    self.assertEqual(config.class_id, 281)

  @parameterized.parameters(
    {'class_id': 7, 'method': 'deconvnet', 'model': _EMBEDDED},
    {'checkpoint': "it's b.npz", 'precision': 'bfloat16'},
    {'method': 'smoothgrad', 'smoothgrad_noise': 1e-06, 'seed': 4},
    {'method': 'integrated_gradients', 'integration_steps': 5},
    {'method': 'grad_cam,rise', 'layer': 'fire9/concat', 'rise_masks': 9},
    {'method': 'occlusion', 'occlusion_size': 0.5, 'hidden_value': 0.0},
    {'scores': True, 'deletion_value': 0.25},
    {'foreground_quantile': 0.9, 'background_quantile': 0.1},
    {'color_components': 1, 'smoothness': 0.0},
  )
  def test_command_of_a_config(self, **settings: Any) -> None:
    if 'checkpoint' in settings:
      # It is looked at first.
      file = self.create_tempfile(settings['checkpoint'])
      settings['checkpoint'] = file.full_path
    config = saliency_config.SaliencyConfig(
      image='my photo.jpg', output_dir='-a', **settings
    )
    program, *flags = shlex.split(command_line.command(config))
    self.assertEqual(program, _PROGRAM)
    self.assertEqual(_config(*flags), config)

  def test_programs_share_flags(self) -> None:
    # The other program was imported too, and its flags still are its own.
    self.assertEqual(programs.visualize('--list_models').status, 0)


class RunTest(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)
    self.photo = self.folder / 'photo.png'
    image = np.random.default_rng(0).random((40, 60, 3), np.float32)
    image[10:30, 20:50, 0] = 1
    image_files.write_png(self.photo, image)

  def test_command_of_the_record_makes_the_same_files(self) -> None:
    first, second = self.folder / 'first', self.folder / 'second'
    given = (f'--image={self.photo}', f'--model={_EMBEDDED}')
    ended = _run(*given, f'--output_dir={first}', '--class_id=281')
    self.assertEqual(ended.status, 0, ended.stderr)
    paths = [Path(line) for line in ended.stdout.splitlines()]
    ends = ('map', 'overlay', 'mask', 'box')
    stem = 'photo_281_tabby_gradient'
    self.assertEqual(paths, [first / f'{stem}_{end}.png' for end in ends])
    record = records.read_record(first / f'{stem}.json')
    flags = programs.elsewhere(record['command'], second)
    self.assertEqual(_run(*flags).status, 0)
    for path in paths:
      self.assertEqual(
        path.read_bytes(), (second / path.name).read_bytes(), path.name
      )

  def test_folder_by_several_methods(self) -> None:
    photos = self.folder / 'photos'
    (photos / 'inner').mkdir(parents=True)
    shutil.copy(self.photo, photos / 'a.png')
    shutil.copy(self.photo, photos / 'inner')
    (photos / 'bad.jpg').write_bytes(b'text')
    output_dir = self.folder / 'out'
    flags = (
      *(f'--image={photos}', f'--output_dir={output_dir}', '--scores'),
      *('--method=grad_cam,occlusion,rise', '--class_id=281'),
      *('--rise_masks=16', '--occlusion_stride=0.2', f'--model={_EMBEDDED}'),
    )
    ended = _run(*flags)
    self.assertEqual(ended.status, 1)
    *log, last = ended.stderr.splitlines()
    self.assertEqual(
      last,
      f'{_PROGRAM}: all photographs could be explained but for 1, as is said'
      ' above; mend or remove what is damaged',
    )
    (damage,) = (line for line in log if 'bad.jpg' in line)
    self.assertStartsWith(damage, f"cannot read '{photos}/bad.jpg' as a pict")
    lines = ended.stdout.splitlines()
    # Two photographs, three methods, four pictures.
    self.assertLen(lines, 2 * 3 * 4 + 4 + 1)
    self.assertEqual(
      Path(lines[12]), output_dir / 'inner/photo_281_tabby_grad_cam_map.png'
    )
    self.assertEqual(
      [line.split()[0] for line in lines[24:28]],
      ['method', 'grad_cam', 'occlusion', 'rise'],
    )
    for line in lines[25:28]:
      self.assertEqual(line.split()[-1], '2')
    page = output_dir / 'saliency.html'
    self.assertEqual(lines[-1], str(page))
    html = page.read_text(encoding='utf-8')
    self.assertEqual(html.count('src="data:image/'), 2 * (1 + 3 * 2))
    self.assertIn('bad.jpg', html)
    # Again, with nothing to do but the page.
    before = {
      path: path.stat().st_mtime_ns for path in output_dir.rglob('*.png')
    }
    (photos / 'bad.jpg').unlink()
    again = _run(*flags)
    self.assertEqual((again.status, again.stdout), (0, ended.stdout))
    after = {path: path.stat().st_mtime_ns for path in before}
    self.assertEqual(before, after)
    self.assertNotIn('bad.jpg', page.read_text(encoding='utf-8'))

  def test_command_of_one_of_a_folders_records(self) -> None:
    photos = self.folder / 'photos'
    photos.mkdir()
    shutil.copy(self.photo, photos)
    first, second = self.folder / 'first', self.folder / 'second'
    ended = _run(
      *(f'--image={photos}', f'--output_dir={first}', f'--model={_EMBEDDED}'),
      *('--method=grad_cam,smoothgrad', '--layer=fire5/concat'),
      '--smoothgrad_samples=2',
    )
    self.assertEqual(ended.status, 0, ended.stderr)
    (path,) = first.glob('*_grad_cam.json')
    record = records.read_record(path)
    self.assertEqual(record['settings']['layer'], 'fire5/concat')
    flags = programs.elsewhere(record['command'], second)
    self.assertEqual(_run(*flags).status, 0)
    for picture in first.glob('*_grad_cam_*.png'):
      self.assertEqual(
        picture.read_bytes(), (second / picture.name).read_bytes(), picture.name
      )
    self.assertFalse((second / 'saliency.html').exists())

  @parameterized.parameters(
    ('--class_id=281', 2, 'give both --image, a photograph, and --output'),
    ('--output_dir=a', 2, 'give both --image, a photograph, and --output'),
    ('--image=a --output_dir=b c', 2, "unknown argument 'c'; flags st"),
    (
      '--image=a --output_dir=b --class_id=1-3',
      *(2, '3 classes are named; give one, with --class_id or --class_name'),
    ),
    (
      '--image=a --output_dir=b --class_id=1 --class_id=2',
      *(2, '2 classes are named; give one, with --class_id or --class_name'),
    ),
    (
      '--image=none.jpg --output_dir=b',
      *(1, "cannot read the picture 'none.jpg': No such file"),
    ),
    ('--image=a --output_dir=b --method=lime', 2, "--method is 'lime';"),
    (
      '--image=a --output_dir=b --method=rise,lime',
      *(2, "--method is 'rise,lime'; take one of gradient, guided"),
    ),
    (
      '--image=a --output_dir=b --method=rise --layer=x',
      *(1, "layer does nothing, because method is 'rise'; leave it out, or"),
    ),
    (
      '--image=a --output_dir=b --foreground_quantile=2',
      *(2, "--foreground_quantile is '2';"),
    ),
    (
      '--image=a --output_dir=b --background_quantile=0.96',
      *(1, 'background_quantile is 0.96 and foreground_quantile 0.95; take'),
    ),
  )
  def test_error_is_one_line(
    self, flags: str, status: int, message: str
  ) -> None:
    ended = _run(*flags.split())
    self.assertEqual(ended.status, status, ended.stderr)
    self.assertStartsWith(ended.stderr, f'{_PROGRAM}: {message}')
    self.assertEqual(ended.stderr.count('\n'), 1)
    self.assertEmpty(ended.stdout)


if __name__ == '__main__':
  absltest.main()
