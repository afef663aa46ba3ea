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

"""Tests for the errors of the command image_visualization_visualize.

A case of each kind: the messages themselves are tested where they are made.
"""

import os
from pathlib import Path
import shutil
import tempfile
from typing import Any, Dict
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image

from magenta_viz import visualize
from magenta_viz.models import model_spec
from magenta_viz.models import network_source
from magenta_viz.models.checkpoints import checkpoints
from magenta_viz.testing import programs

_PROGRAM = 'image_visualization_visualize'
_EMBEDDED = model_spec.AUTO_MODELS[-1]

# Small pictures and views.
_QUICK = (f'--model={_EMBEDDED}', '--image_size=64', '--num_steps=2')

# Wrong beside --class_id=1: flags, the status, and what is said.
_BESIDE_A_CLASS = (
  (
    '--class_name=tench',
    2,
    'give one of --class_id and --class_name, not both',
  ),
  ('--objective=layer:a', 2, 'give one of --class_name, '),
  ('--objective=layer:a --preset=deepdream', 2, 'give one of --class_name, '),
  ('pictures', 2, "unknown argument 'pictures'; flags start with --"),
  (
    '--class_ids=281',
    2,
    'there is no flag --class_ids; did you mean --class_id',
  ),
  (
    '--num_workers=100 --worker=7',
    2,
    '--worker is gone: image_visualization_atlas shares pictures among mach',
  ),
  ('--model=vgg', 2, "unknown network 'vgg'; take auto, or "),
  ('--batch_size=ten', 2, '--batch_size is .ten.;'),
  ('--batch_size=0', 2, '--batch_size is .0.;'),
  (
    '--seed=99999999999',
    2,
    r'--seed is .9+.; .* from 0 to 2147483647$',
  ),
  ('--precision=half', 2, '--precision is .half.; .*float32'),
  ('--preset=nope', 2, '--preset is .nope.; .*default, simonyan'),
  ('--optimizer=sgd', 2, '--optimizer is .sgd.; .*adam'),
  ('--num_steps=0', 2, '--num_steps is .0.; .*1 to 100000'),
  ('--octave_scale=0.5', 2, '--octave_scale is .0.5.;'),
  ('--animate=avi', 2, '--animate is .avi.; .*gif'),
  ('--zoom_frames=-1', 2, '--zoom_frames is .-1.;'),
  ('--zoom=1.5', 1, 'zoom is 1.5; take a number between'),
  ('--blend=1', 1, 'blend is 1.0; take a number from 0'),
  ('--image_size=63', 1, 'image_size is 63; .* 64 to 16384$'),
  ('--image_size=320x1000000', 1, 'image_size is 1000000; take a whole number'),
  ('--image_size=9by9', 1, "image_size is '9by9'; give N or HxW in pixels, su"),
  ('--image=no://a/b.jpg', 1, "image is 'no://a/b.jpg', "),
  ('--learning_rate=3..x', 1, "learning_rate is '3..x'; give a number, or STA"),
  ('--learning_rate=3..1e10', 1, 'learning_rate is .3..1e10.; .* to 10+.0$'),
  (
    '--cover=0.3 --transforms=roll=8',
    *(1, "cover does nothing, because transforms is 'roll=8'; leave it out"),
  ),
  ('--min_span=2 --max_span=1', 1, 'min_span is 2.0 and max_span 1.0; '),
  ('--noise=nan', 1, 'noise is nan; take a number from 0.0 to 1.0'),
)
_WITHOUT_A_CLASS = (
  (
    '--image=photo.jpg',
    2,
    "--image alone does not say what to raise in 'photo.jpg':"
    ' --preset=deepdream dreams into it, ',
  ),
  (
    '',
    2,
    'give one of --class_name, --class_id and --objective, such as --class_n',
  ),
  ('--preset=simonyan', 2, 'give one of --class_name, --class_id and '),
  ('--class_id=1000', 1, 'class id 1000 .* class ids 0 to 999$'),
  ('--class_id=', 1, "'' is no class id; give whole numbers"),
  ('--class_name=tabbby', 1, "no class is called 'tabbby'; similar: 281 "),
  ('--list_layers', 2, 'give --list_layers a --model, which --list_models has'),
  (
    '--list_classes --checkpoint=no://a/b',
    *(1, "checkpoint is 'no://a/b', "),
  ),
)


class ErrorsTest(parameterized.TestCase):
  """Bad input: a line, an exit status, and nothing written."""

  root: str

  @classmethod
  def setUpClass(cls) -> None:
    super().setUpClass()
    cls.root = tempfile.mkdtemp()
    cls.addClassCleanup(shutil.rmtree, cls.root)
    path = network_source.choose(_EMBEDDED).path
    values = checkpoints.read_checkpoint(str(path))

    def save(name: str, values: Dict[str, Any]) -> Path:
      np.savez(Path(cls.root, name), **values)
      return Path(cls.root, name)

    whole = save('whole.npz', values).read_bytes()
    Path(cls.root, 'truncated.npz').write_bytes(whole[: len(whole) // 2])
    save('other.npz', {'a/weights': np.zeros([3, 3])})
    save('narrow.npz', {**values, 'conv1/biases': np.zeros(3)})
    nans = np.full_like(values['conv1/weights'], np.nan)
    save('nan.npz', {**values, 'conv1/weights': nans})
    del values['conv10/weights']
    save('lacking.npz', values)
    Path(cls.root, 'file').touch()
    Path(cls.root, 'damaged.mp4').touch()
    Image.new('RGB', (45, 40)).save(Path(cls.root, 'photo.png'))

  def _assert_fails(self, status: int, message: str, *flags: str) -> str:
    """Checks how the program ends, and returns what it says."""
    before = sorted(os.listdir(self.root))
    ended = programs.visualize(
      *(flag.replace('ROOT', self.root) for flag in flags)
    )
    self.assertEqual(ended.status, status, ended)
    self.assertEmpty(ended.stdout)
    *before_it, line = ended.stderr.splitlines()
    self.assertRegex(line, f'^{_PROGRAM}: {message.replace("ROOT", self.root)}')
    self.assertEqual(sorted(os.listdir(self.root)), before)
    return '\n'.join(before_it)

  @parameterized.parameters(
    *(('--class_id=1', *case) for case in _BESIDE_A_CLASS),
    *(('', *case) for case in _WITHOUT_A_CLASS),
  )
  def test_flags(
    self, subject: str, flags: str, status: int, message: str
  ) -> None:
    words = [*subject.split(), *flags.split(), '--output_dir=ROOT/new']
    with mock.patch.object(visualize, 'draw') as draw:
      self.assertEmpty(self._assert_fails(status, message, *words))
    draw.assert_not_called()

  def test_folder_is_a_file(self) -> None:
    self._assert_fails(
      *(
        1,
        "cannot write in the folder 'ROOT/file': 'ROOT/file' is no folder; ",
      ),
      *('--output_dir=ROOT/file', '--class_id=1', *_QUICK),
    )

  @parameterized.parameters((), ('--output_dir=',))
  def test_no_folder(self, *flags: str) -> None:
    self._assert_fails(2, 'give --output_dir, a folder', '--class_id=1', *flags)

  @parameterized.parameters(
    ("there is no checkpoint at 'ROOT/none.npz'; give ", 'none'),
    ('cannot read ROOT/truncated.npz: it is damaged ', 'truncated'),
    ('the checkpoint holds 1 variables .a/weights. that make', 'other'),
    (
      f'the checkpoint lacks 1 of the 52 variables of {_EMBEDDED}:'
      ' conv10/weights; give the --model',
      *('lacking', f'--model={_EMBEDDED}'),
    ),
    (
      r"the checkpoint's conv1/biases has shape \(3,\), but .* \(64,\); ",
      *('narrow', f'--model={_EMBEDDED}'),
    ),
  )
  def test_checkpoint(self, message: str, name: str, *flags: str) -> None:
    before = self._assert_fails(
      *(1, message, '--output_dir=ROOT/new', '--class_id=1'),
      *(f'--checkpoint=ROOT/{name}.npz', *flags),
    )
    self.assertEmpty(before)

  def test_checkpoint_with_nan(self) -> None:
    folder = self.create_tempdir().full_path
    self._assert_fails(
      *(1, '.*(nan|NaN|finite).*; ', f'--output_dir={folder}', '--class_id=1'),
      *(*_QUICK, '--checkpoint=ROOT/nan.npz'),
    )
    self.assertEmpty(os.listdir(folder))

  @parameterized.parameters(
    (
      "regularizers 'blurr=1', character 1: unknown name 'blurr', perhaps",
      '--regularizers=blurr=1',
    ),
    ('unknown layer .conv11.; take one such as conv1', '--head=conv11'),
    (
      "image_size is .64, 64., but 'ROOT/photo.png' keeps its own size .40, "
      '45.; leave one out$',
      '--image=ROOT/photo.png',
    ),
    (
      "cannot read the picture 'ROOT/none.jpg': No such",
      '--image=ROOT/none.jpg',
    ),
    (
      r"cannot read frames from 'ROOT/damaged.mp4' \(",
      '--image=ROOT/damaged.mp4',
    ),
    (
      'batch_size is 2, but frames are drawn one after the other; leave it',
      *('--zoom_frames=2', '--batch_size=2'),
    ),
    (
      'num_workers is 2, but frames are drawn one after the other; take '
      '--num_workers=1$',
      *('--zoom_frames=2', '--num_workers=2'),
    ),
  )
  def test_drawing(self, message: str, *flags: str) -> None:
    words = ('--class_id=1', '--output_dir=ROOT/new', *_QUICK, *flags)
    self.assertEmpty(self._assert_fails(1, message, *words))


if __name__ == '__main__':
  absltest.main()
