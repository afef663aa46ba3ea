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

"""Tests for visualize with the embedded network and its real weights."""

import contextlib
import json
from pathlib import Path
import shutil
import tempfile
from typing import Any, Dict, List, Set, Tuple
from unittest import mock

from absl import logging
from absl.testing import absltest
import numpy as np
import tensorflow as tf

from magenta_viz import visualize
from magenta_viz.ascent import ascend
from magenta_viz.media import image_files
from magenta_viz.models import model_spec
from magenta_viz.models import network_source
from magenta_viz.models import slim_network
from magenta_viz.models import weights
from magenta_viz.models.checkpoints import checkpoints
from magenta_viz.process import onednn
from magenta_viz.testing import drawings

_EMBEDDED = model_spec.AUTO_MODELS[-1]

# Small views only: one trace of the network.
_OVERRIDES = {'num_steps': 3, 'coarse_size': 64, 'coarse_share': 1.0}


def _config(output_dir: Any, **others: Any) -> Any:
  """Returns the configuration of small and quick pictures."""
  return visualize.VisualizeConfig(
    **{
      'class_ids': 281,
      'output_dir': output_dir,
      'models': (_EMBEDDED,),
      'image_size': (64, 64),
      'precision': 'float32',
      'overrides': _OVERRIDES,
      **others,
    }
  )


class EmbeddedNetworkTest(absltest.TestCase):
  """One run in three parts: stopped, taken up again, and mended."""

  folder: Path
  log_dir: Path
  stopped: Dict[str, Tuple[bytes, int]]
  whole: Dict[str, Tuple[bytes, int]]
  mended: Dict[str, Tuple[bytes, int]]
  pictures: List[visualize.Picture]
  written_records: List[Dict[str, Any]]

  @classmethod
  def setUpClass(cls) -> None:
    super().setUpClass()
    # `create_tempdir` is a method of instances.
    root = tempfile.mkdtemp()
    cls.addClassCleanup(shutil.rmtree, root)
    cls.folder, cls.log_dir = Path(root, 'new', 'pictures'), Path(root, 'log')
    config = _config(
      cls.folder, class_ids=(281, 3, 7), batch_size=2, log_dir=cls.log_dir
    )
    with contextlib.suppress(KeyboardInterrupt), drawings.watched(1):
      visualize.run(config)
    cls.stopped = drawings.files(cls.folder)
    cls.pictures = visualize.run(config)
    cls.written_records = [
      json.loads(picture.path.with_suffix('.json').read_text())
      for picture in cls.pictures
      if picture.path is not None
    ]
    cls.whole = drawings.files(cls.folder)
    (cls.folder / '003_tiger-shark_0.png').unlink()
    visualize.run(config)
    cls.mended = drawings.files(cls.folder)

  def test_stopped_run_leaves_the_first_batch(self) -> None:
    self.assertCountEqual(
      self.stopped,
      [
        '281_tabby_0.png',
        '281_tabby_0.json',
        '003_tiger-shark_0.png',
        '003_tiger-shark_0.json',
      ],
    )

  def test_second_run_makes_what_is_missing(self) -> None:
    self.assertCountEqual(
      set(self.whole) - set(self.stopped),
      ['007_cock_0.png', '007_cock_0.json', 'sheet.png'],
    )
    for name, file in self.stopped.items():
      self.assertEqual(self.whole[name], file, name)

  def test_deleted_picture_comes_back_the_same(self) -> None:
    self.assertCountEqual(self.mended, self.whole)
    shark = '003_tiger-shark_0.png'
    self.assertEqual(self.mended[shark][0], self.whole[shark][0])
    self.assertNotEqual(self.mended[shark][1], self.whole[shark][1])
    for name in ('281_tabby_0.png', '281_tabby_0.json', '007_cock_0.png'):
      self.assertEqual(self.mended[name], self.whole[name], name)
    # The sheet is laid out anew, from the same pictures.
    self.assertEqual(self.mended['sheet.png'][0], self.whole['sheet.png'][0])

  def test_returns_each_picture_in_order(self) -> None:
    self.assertEqual(
      [picture.path for picture in self.pictures],
      [
        self.folder / '281_tabby_0.png',
        self.folder / '003_tiger-shark_0.png',
        self.folder / '007_cock_0.png',
      ],
    )
    for picture, record in zip(self.pictures, self.written_records):
      assert picture.path is not None
      self.assertEqual(picture.image.shape, (64, 64, 3))
      self.assertEqual(picture.image.dtype, np.float32)
      np.testing.assert_allclose(
        picture.image, image_files.read_image(picture.path), atol=0.51 / 255
      )
      self.assertEqual(json.loads(json.dumps(picture.record)), record)

  def test_record(self) -> None:
    record = self.pictures[0].record
    self.assertEqual(record['class_id'], 281)
    self.assertEqual(record['class_name'], 'tabby, tabby cat')
    self.assertEqual(record['seed'], 0)
    source = model_spec.find_spec(_EMBEDDED).weights
    self.assertEqual(record['networks'][0]['weights'], source.origin)
    settings = record['settings']
    self.assertEqual(settings['networks'][0]['model'], _EMBEDDED)
    self.assertEqual(settings['networks'][0]['weights_sha256'], source.sha256)
    self.assertEqual(list(settings['image_size']), [64, 64])
    self.assertEqual(settings['precision'], 'float32')
    for name, value in _OVERRIDES.items():
      self.assertEqual(settings[name], value)
    for name in ('learning_rate', 'decay_power', 'rotation', 'noise'):
      self.assertIsInstance(settings[name], (int, float))
    self.assertLen(record['scores'], 3)
    # Of three views of other places, which need not rise.
    self.assertLen(set(record['scores']), 3)
    self.assertBetween(record['seconds'], 0.01, 600)
    # A picture takes more than 100 MB, and nobody has 1 TB.
    self.assertBetween(record['peak_memory_bytes'], 1e8, 1e12)
    self.assertContainsSubset(
      ['magenta_viz', 'python', 'tensorflow', 'tf_slim', 'numpy', 'Pillow'],
      record['versions'],
    )
    self.assertEqual(record['versions']['tensorflow'], tf.__version__)
    self.assertEqual(
      record['command'],
      onednn.same(
        'image_visualization_visualize --class_id=281,3,7'
        f' --output_dir={self.folder} --model={_EMBEDDED} --image_size=64x64'
        f' --batch_size=2 --precision=float32 --log_dir={self.log_dir}'
        ' --num_steps=3 --coarse_size=64 --coarse_share=1.0',
        own='on',
      ),
    )

  def test_probability_and_rank(self) -> None:
    source = network_source.choose(_EMBEDDED)
    values = checkpoints.read_checkpoint(str(source.path))
    network = slim_network.SlimNetwork(model_spec.find_spec(_EMBEDDED), values)
    # Drawn last, so that it has not been rounded to the file's 8 bits.
    image, record, _ = self.pictures[-1]
    view = tf.image.resize(image[None], [224, 224], antialias=True)
    logits = network(view).logits.numpy()[0]
    probability = np.exp(logits[7]) / np.exp(logits).sum()
    self.assertAlmostEqual(record['probability'] / probability, 1, places=4)
    self.assertEqual(record['rank'], 1 + np.sum(logits > logits[7]))
    # The ascent raised the class above the others.
    grey = tf.fill([1, 224, 224, 3], 0.5)
    risen = logits - network(grey).logits.numpy()[0]
    self.assertGreater(risen[7], np.mean(risen) + 0.5)

  def test_summaries(self) -> None:
    tags: Set[str] = set()
    for path in self.log_dir.iterdir():
      for record in tf.data.TFRecordDataset(str(path)):
        event = tf.compat.v1.Event.FromString(record.numpy())
        tags.update(value.tag for value in event.summary.value)
    self.assertEqual(
      tags,
      {
        f'{stem}_0/{kind}'
        for stem in ('281_tabby', '003_tiger-shark', '007_cock')
        for kind in ('score', 'picture')
      },
    )

  def test_same_settings_draw_nothing(self) -> None:
    before = drawings.files(self.folder)
    with mock.patch.object(ascend.Ascent, 'run') as run:
      with self.assertLogs('absl', 'INFO') as logs:
        (picture,) = visualize.run(_config(self.folder))
    run.assert_not_called()
    self.assertIn('All pictures are there', '\n'.join(logs.output))
    self.assertEqual(picture.record['class_id'], 281)
    self.assertEqual(drawings.files(self.folder), before)


class LogTest(absltest.TestCase):
  def test_says_which_network_and_why(self) -> None:
    refusal = OSError('there is no connection')
    fetch = weights.fetch

    def fetch_embedded(source: model_spec.WeightSource) -> Path:
      if source.url is not None:
        raise refusal
      return fetch(source)

    config = _config(None, models=('auto',))
    with mock.patch.object(weights, 'fetch', fetch_embedded), mock.patch.object(
      ascend.Ascent, 'run', side_effect=KeyboardInterrupt
    ), self.assertLogs(logging.get_absl_logger(), 'INFO') as logs:
      with self.assertRaises(KeyboardInterrupt):
        visualize.run(config)
    (line,) = [record.getMessage() for record in logs.records]
    self.assertStartsWith(
      line,
      f'Drawing from {_EMBEDDED} and efficientnet_lite0 in float32, weights',
    )
    self.assertEndsWith(
      line,
      '(all that are at hand, as --model=auto has it; not'
      f' {model_spec.AUTO_MODELS[0]}: there is no connection).',
    )


if __name__ == '__main__':
  absltest.main()
