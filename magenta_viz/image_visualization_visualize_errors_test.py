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

"""Tests for the errors of the command image_visualization_visualize."""

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

from magenta_viz import image_visualization_visualize
from magenta_viz import visualize
from magenta_viz.models import model_spec
from magenta_viz.models import network_source
from magenta_viz.models.checkpoints import checkpoints
from magenta_viz.testing import programs

_PROGRAM = 'image_visualization_visualize'
_EMBEDDED = model_spec.AUTO_MODELS[-1]

# Small pictures and views.
_QUICK = (
  f'--model={_EMBEDDED}',
  '--image_size=64',
  '--num_steps=2',
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
    flags = tuple(flag.replace('ROOT', self.root) for flag in flags)
    before = sorted(os.listdir(self.root))
    entry_point = image_visualization_visualize.console_entry_point
    ended = programs.run(entry_point, _PROGRAM, *flags)
    self.assertEqual(ended.status, status, ended)
    self.assertEmpty(ended.stdout)
    *before_it, line = ended.stderr.splitlines()
    self.assertRegex(line, f'^{_PROGRAM}: {message.replace("ROOT", self.root)}')
    self.assertEqual(sorted(os.listdir(self.root)), before)
    return '\n'.join(before_it)

  @parameterized.parameters(
    (1, 'class id 1000 .* the ids 0 to 999$', '--class_id=1000'),
    (1, "'28l' is no class id; give whole numbers", '--class_id=28l'),
    (1, "'' is no class id; give whole numbers", '--class_id='),
    (1, "range '9-0' runs backwards; ", '--class_id=9-0'),
    (1, "no class is called 'tabbby'; similar: 281 ", '--class_name=tabbby'),
    (1, "class name 'retriever' fits [0-9]+ ", '--class_name=retriever'),
    (2, 'give one of --class_id, --class_name and --objective; --list_classes'),
    (
      *(2, 'give one of --class_id and --class_name, not both'),
      *('--class_id=1', '--class_name=tench'),
    ),
    (1, 'image_size is 63; .* 64 to 16384$', '--class_id=1', '--image_size=63'),
    (
      *(1, 'image_size is 1000000; take a whole number from 64 to 16384$'),
      *('--class_id=1', '--image_size=320x1000000'),
    ),
    (
      *(1, "image_size is '9by9'; give N or HxW in pixels, such as 320 or "),
      *('--class_id=1', '--image_size=9by9'),
    ),
    (
      *(2, 'flag --seed=99999999999: .* in the range .0, 2147483647.$'),
      *('--class_id=1', '--seed=99999999999'),
    ),
    (2, "unknown argument 'pictures'; flags start with --", 'pictures'),
    (
      *(1, "checkpoint is 'gs://a/b', an address; take a path on this machine"),
      *('--list_classes', '--checkpoint=gs://a/b'),
    ),
    (
      *(1, "image is 's3://a/b.jpg', an address; take a path on this machine"),
      *('--class_id=1', '--image=s3://a/b.jpg'),
    ),
    (
      *(1, "guide is 'http://a/b.jpg', an address; take a path on this"),
      *('--preset=deepdream_guided', '--guide=http://a/b.jpg'),
    ),
    (2, "Unknown command line flag 'class_ids'", '--class_ids=281'),
    (2, 'flag --batch_size=ten: ', '--class_id=1', '--batch_size=ten'),
    (2, 'flag --batch_size=0: ', '--class_id=1', '--batch_size=0'),
    (2, 'flag --num_steps=0: .*1, 100000', '--class_id=1', '--num_steps=0'),
    (2, "unknown network 'vgg'; take auto, or ", '--class_id=1', '--model=vgg'),
    (2, 'flag --precision=half: .*float32', '--class_id=1', '--precision=half'),
    (2, 'flag --preset=nope: .*default.simonyan', '--preset=nope'),
    (2, 'flag --optimizer=sgd: .*adam', '--class_id=1', '--optimizer=sgd'),
    (2, 'flag --octaves=0: .*1, 100', '--class_id=1', '--octaves=0'),
    (2, 'flag --octave_scale=0.5: ', '--class_id=1', '--octave_scale=0.5'),
    (2, 'flag --cover=1.5: .*0.0, 0.9', '--class_id=1', '--cover=1.5'),
    (
      *(1, "cover does nothing, because transforms is 'roll=8'; leave it out"),
      *('--class_id=1', '--cover=0.3', '--transforms=roll=8'),
    ),
    (2, 'flag --animate=avi: .*gif', '--class_id=1', '--animate=avi'),
    (2, 'flag --zoom_frames=-1: ', '--class_id=1', '--zoom_frames=-1'),
    (1, 'zoom is 1.5; take a number between', '--class_id=1', '--zoom=1.5'),
    (1, 'blend is 1.0; take a number from 0', '--class_id=1', '--blend=1'),
    (
      *(1, "learning_rate is '3..x'; give a number, or START..END as in 3..1"),
      *('--class_id=1', '--learning_rate=3..x'),
    ),
    (
      *(1, 'learning_rate is 3..1e10; take a number from .* to 10+.0$'),
      *('--class_id=1', '--learning_rate=3..1e10'),
    ),
    (2, 'give one of --class_id, --class_name and ', '--preset=simonyan'),
    (2, 'give one of --class_id, ', '--objective=layer:a', '--class_id=1'),
    (
      *(2, 'give one of --class_id, '),
      *('--preset=deepdream', '--objective=layer:a', '--class_id=1'),
    ),
    (
      2,
      'give --list_layers a --model, which --list_models has',
      '--list_layers',
    ),
  )
  def test_flags(self, status: int, message: str, *flags: str) -> None:
    with mock.patch.object(visualize, 'draw') as draw:
      before = self._assert_fails(
        status, message, '--output_dir=ROOT/new', *flags
      )
    self.assertEmpty(before)
    draw.assert_not_called()

  @parameterized.parameters((), ('--output_dir=',))
  def test_no_folder(self, *flags: str) -> None:
    self._assert_fails(2, 'give --output_dir, a folder', '--class_id=1', *flags)

  @parameterized.parameters(
    ("there is no checkpoint at 'ROOT/none.npz'; give ", 'none.npz'),
    ('cannot read ROOT/truncated.npz: it is damaged ', 'truncated.npz'),
    ('the checkpoint holds 1 variables .a/weights. that make', 'other.npz'),
    (
      f'the checkpoint lacks 1 of the 52 variables of {_EMBEDDED}:'
      ' conv10/weights; give the --model',
      *('lacking.npz', f'--model={_EMBEDDED}'),
    ),
    (
      r"the checkpoint's conv1/biases has shape \(3,\), but .* \(64,\); ",
      *('narrow.npz', f'--model={_EMBEDDED}'),
    ),
  )
  def test_checkpoint(self, message: str, name: str, *flags: str) -> None:
    before = self._assert_fails(
      1,
      message,
      '--output_dir=ROOT/new',
      '--class_id=1',
      f'--checkpoint=ROOT/{name}',
      *flags,
    )
    self.assertEmpty(before)

  def test_checkpoint_with_nan(self) -> None:
    folder = self.create_tempdir().full_path
    self._assert_fails(
      1,
      '.*(nan|NaN|finite).*; ',
      *(f'--output_dir={folder}', '--class_id=1', *_QUICK),
      '--checkpoint=ROOT/nan.npz',
    )
    self.assertEmpty(os.listdir(folder))

  def test_folder_is_a_file(self) -> None:
    self._assert_fails(
      1,
      "cannot write in the folder 'ROOT/file': 'ROOT/file' is no folder; ",
      *('--output_dir=ROOT/file', '--class_id=1', *_QUICK),
    )

  @parameterized.parameters(
    ('min_span is 2.0 and max_span 1.0; ', '--min_span=2', '--max_span=1'),
    ('noise is nan; take a number from 0.0 to 1.0', '--noise=nan'),
    (
      "regularizers 'l2=0.1 blurr=1', character 8: unknown name 'blurr', "
      'perhaps blur; take one of ',
      '--regularizers=l2=0.1 blurr=1',
    ),
    (
      "regularizers 'clip', character 1: clip works on pixels; take --param",
      '--regularizers=clip',
    ),
    (
      "transforms 'pad=4 shift=x', character 13: REACH of shift is 'x'; take",
      '--transforms=pad=4 shift=x',
    ),
    (
      'a picture of 64 x 64 pixels is too small for 4 octaves: the first would'
      ' have 24 pixels, and needs 32; take fewer --octaves or a larger pictur',
      '--preset=deepdream',
    ),
    (
      "these weights have no head 'loss2/classifier', which --preset=deepdraw"
      ' raises; take --preset=deepdraw_coherent, or --head=logits to raise the'
      ' last classifier instead, or weights with auxiliary heads$',
      *('--preset=deepdraw', '--octaves=3', '--octave_scale=1'),
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
  )
  def test_recipe(self, message: str, *flags: str) -> None:
    before = self._assert_fails(
      1, message, '--output_dir=ROOT/new', '--class_id=1', *_QUICK, *flags
    )
    self.assertEmpty(before)

  @parameterized.parameters(
    (
      "objective 'guide:{guide}@fire5/concat' is what another photograph has;"
      ' give it as --guide=photo.jpg$',
    ),
    ("cannot read the picture 'none.jpg': No such file", '--guide=none.jpg'),
    (
      "objective 'diversity:pool1' compares the pictures of a batch, and"
      ' 2 in batches of 1 leave one alone; take another'
      ' --num_variations or --batch_size$',
      *('--objective=diversity:pool1', '--batch_size=1', '--num_variations=2'),
    ),
    (
      "objective 'layer:pool1 . layr:x', character 15: unknown kind 'layr'; ",
      '--objective=layer:pool1 + layr:x',
    ),
  )
  def test_objective(self, message: str, *flags: str) -> None:
    before = self._assert_fails(
      1,
      message,
      *('--output_dir=ROOT/new', '--preset=deepdream_guided'),
      *(*_QUICK, *flags),
    )
    self.assertEmpty(before)


if __name__ == '__main__':
  absltest.main()
