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

"""Tests for visualize with presets and photographs, on a tiny network."""

import dataclasses
import hashlib
import json
import os
from pathlib import Path
from typing import Any, List, Mapping, Sequence
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image
import tensorflow as tf

from magenta_viz import visualize
from magenta_viz.media import image_files
from magenta_viz.models import model_spec
from magenta_viz.models import network_loading
from magenta_viz.models import network_protocol
from magenta_viz.models import sharing
from magenta_viz.models import slim_network
from magenta_viz.testing import tiny_network

_EMBEDDED = model_spec.AUTO_MODELS[-1]
_QUICK = {'num_steps': 2, 'octaves': 2}
_HEADS = ('loss2/classifier', 'loss1/classifier')


class _Network(slim_network.SlimNetwork):
  """Stands in for a network with its weights."""

  dtype = tf.float32

  def __init__(self, hidden: Sequence[str], **layers: str):
    """Takes what it lacks, and its own names of layers."""
    self.spec = dataclasses.replace(
      model_spec.find_spec('googlenet'), image_size=32, layers=layers
    )
    self._hidden = hidden
    self.shared = sharing.Shared(1)

  def __call__(self, images: tf.Tensor) -> network_protocol.Outputs:
    logits, end_points = tiny_network.network(images)
    for name in self._hidden:
      del end_points[name]
    return network_protocol.Outputs(logits, end_points)


class _TestCase(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.root = Path(self.create_tempdir().full_path)
    self.folder = self.root / 'pictures'
    self.photo = self.save_photo('My Photo.png', 67, 90)
    self.use_network()

  def use_network(self, hidden: Sequence[str] = (), **layers: str) -> None:
    """Lets runs draw from a tiny network."""
    network = _Network(hidden, **layers)
    self.enter_context(
      mock.patch.object(network_loading, 'load', return_value=network)
    )

  def save_photo(self, name: str, height: int, width: int) -> Path:
    levels = np.random.default_rng(0).integers(60, 190, (height, width, 3))
    Image.fromarray(levels.astype(np.uint8)).save(self.root / name)
    return self.root / name

  def config(self, preset: str, **settings: Any) -> visualize.VisualizeConfig:
    """Returns the configuration of quick pictures."""
    overrides = {**_QUICK, **settings.pop('overrides', {})}
    if 'image' not in settings:
      settings.setdefault('image_size', (64, 72))
    return visualize.VisualizeConfig(
      preset=preset,
      output_dir=str(self.folder),
      models=(_EMBEDDED,),
      overrides=overrides,
      **settings,
    )

  def draw(self, preset: str, **settings: Any) -> List[visualize.Picture]:
    return visualize.run(self.config(preset, **settings))

  def names(self) -> List[str]:
    """Returns the names of the files that were written."""
    return sorted(os.listdir(self.folder))

  def assert_fails(self, message: str, preset: str, **settings: Any) -> None:
    """Checks that a run fails with a line, before anything is written."""
    with self.assertRaises((ValueError, OSError)) as caught:
      self.draw(preset, **settings)
    self.assertEqual(
      str(caught.exception).replace(str(self.root), '~'), message
    )
    self.assertFalse(self.folder.exists())


class RecordTest(_TestCase):
  def test_preset_and_overrides(self) -> None:
    (picture,) = self.draw('deepdream', image=str(self.photo))
    record, settings = picture.record, picture.record['settings']
    self.assertEqual(record['preset'], 'deepdream')
    self.assertEqual(record['overrides'], _QUICK)
    self.assertEqual(record['image'], str(self.photo))
    self.assertEqual(settings['preset'], 'deepdream')
    self.assertEqual(settings['transforms'], 'roll=32')
    self.assertEqual(settings['objective'], 'layer:inception_4c/output')
    self.assertEqual(settings['later_octaves'], [{}])
    digest = hashlib.sha256(self.photo.read_bytes()).hexdigest()
    self.assertEqual(settings['image_sha256'], digest)
    self.assertLen(record['scores'], 4)
    self.assertIn(' --preset=deepdream ', record['command'])
    for name in ('class_id', 'class_name', 'rank', 'probability', 'frame'):
      self.assertNotIn(name, record)

  def test_octaves_show_what_differs(self) -> None:
    (picture,) = self.draw('mcdonald_layers', overrides={'octaves': 4})
    settings = picture.record['settings']
    self.assertIsNone(settings['image_sha256'])
    self.assertEqual(settings['objective'], 'layer:inception_3b/output')
    self.assertEqual(
      settings['later_octaves'],
      [
        {'objective': 'layer:inception_4c/output'},
        {'objective': 'layer:inception_4d/output'},
        {},
      ],
    )

  def test_own_settings_in_each_octave(self) -> None:
    overrides = {'octaves': 4, 'learning_rate': 5.0}
    (picture,) = self.draw('deepdraw', class_ids=(1,), overrides=overrides)
    settings = picture.record['settings']
    blur = 'clip blur=0.936..'
    self.assertEqual(settings['head'], 'logits')
    self.assertEqual(
      settings['later_octaves'],
      [
        {'regularizers': f'{blur}0.78'},
        {'regularizers': f'{blur}0.44', 'head': _HEADS[0]},
        {
          'octave_scale': 1.0,
          'regularizers': 'clip blur=0.44..0.304',
          'head': _HEADS[1],
        },
      ],
    )
    self.assertIn(picture.record['rank'], (1, 2, 3))

  def test_another_photograph(self) -> None:
    self.draw('deepdream', image=str(self.photo))
    Image.new('RGB', (90, 67)).save(self.photo)
    with self.assertRaisesRegex(ValueError, r'of other settings \(image_sha'):
      self.draw('deepdream', image=str(self.photo))

  def test_another_preset(self) -> None:
    self.draw('simonyan', class_ids=(0,))
    with self.assertRaisesRegex(ValueError, 'preset: "simonyan" there, "lucid'):
      self.draw('lucid', class_ids=(0,))


class ObjectiveTest(_TestCase):
  def test_layers_in_the_networks_names(self) -> None:
    layer = 'inception_4c/output'
    self.use_network(tiny_network.LAYERS[1:], **{layer: 'conv'})
    (picture,) = self.draw('deepdream')
    self.assertEqual(picture.record['settings']['objective'], 'layer:conv')
    # The user's own text stays as it is.
    with self.assertRaisesRegex(ValueError, f"^unknown layer '{layer}'; "):
      self.draw('deepdream', objective=f'layer:{layer}')

  def test_instead_of_the_presets(self) -> None:
    (picture,) = self.draw(
      'mcdonald_layers', objective='channel:conv:2 - layer:conv'
    )
    settings = picture.record['settings']
    self.assertEqual(settings['objective'], 'channel:conv:2 - layer:conv')
    self.assertEqual(settings['later_octaves'], [{}])
    assert picture.path is not None
    self.assertEqual(
      picture.path.name, 'channel-conv-2-layer-conv-95c2f582_0.png'
    )

  def test_class_instead_of_the_presets(self) -> None:
    (picture,) = self.draw(
      'deepdream',
      class_ids=(2,),
      image=str(self.photo),
      overrides={'octaves': 1, 'transforms': ''},
    )
    record = picture.record
    self.assertEqual(record['settings']['objective'], '')
    self.assertEqual(record['class_id'], 2)
    score = tiny_network.class_score(image_files.read_image(self.photo), 2)
    self.assertAlmostEqual(record['scores'][0] / score, 1, places=4)

  def test_guide(self) -> None:
    # As high as the network wants it, so that it is seen as it is.
    guide = self.save_photo('guide.png', 32, 40)
    overrides = {'guide': str(guide), 'octaves': 1, 'initial_deviation': 0.0}
    (picture,) = self.draw('deepdream_guided', overrides=overrides)
    layer = 'inception_3b/output'
    self.assertEqual(
      picture.record['settings']['objective'], f'guide:{{guide}}@{layer}'
    )
    start = np.broadcast_to(np.array([123, 117, 104]) / 255, (64, 72, 3))
    net = tiny_network.activations(start, layer).reshape(-1, 5)
    features = tiny_network.activations(image_files.read_image(guide), layer)
    score = (net @ features.reshape(-1, 5).T).max(axis=1).sum()
    self.assertAlmostEqual(picture.record['scores'][0] / score, 1, places=4)

  def test_guide_is_missing(self) -> None:
    self.assert_fails(
      "objective 'guide:{guide}@inception_3b/output' is what another photograph"
      ' has; give it as --guide=photo.jpg',
      'deepdream_guided',
    )

  @parameterized.parameters(
    ('deepdream_guided', {'overrides': {'guide': '{}'}}),
    ('lucid', {'objective': 'content:{}@conv'}),
  )
  def test_thin_photograph(self, preset: str, settings: Any) -> None:
    thin = self.save_photo('thin.png', 101, 10)
    settings = json.loads(json.dumps(settings).replace('{}', str(thin)))
    self.assert_fails(
      "'~/thin.png' is 101 x 10 pixels; one side may be at most 10 times the"
      ' other: cut it into parts',
      preset,
      **settings,
    )

  @parameterized.parameters((_HEADS,), (_HEADS[1:],))
  def test_missing_heads(self, hidden: Any) -> None:
    self.use_network(hidden)
    config = {'class_ids': (0,), 'overrides': {'octaves': 4}}
    self.assert_fails(
      f"these weights have no head '{hidden[0]}', which --preset=deepdraw"
      ' raises; take --preset=deepdraw_coherent, or --head=logits to raise the'
      ' last classifier instead, or weights with auxiliary heads',
      'deepdraw',
      **config,
    )
    overrides = {'octaves': 4, 'head': 'logits'}
    (picture,) = self.draw('deepdraw', class_ids=(0,), overrides=overrides)
    for octave in picture.record['settings']['later_octaves']:
      self.assertNotIn('head', octave)

  @parameterized.parameters((1, 2), (8, 1), (1, 1), (2, 3))
  def test_too_few_to_differ(self, batch_size: int, num_pictures: int) -> None:
    self.assert_fails(
      "objective 'layer:conv + diversity:conv' compares the pictures of a"
      f' batch, and {num_pictures} in batches of {batch_size} leave one alone;'
      ' take another --num_variations or --batch_size',
      'default',
      objective='layer:conv + diversity:conv',
      batch_size=batch_size,
      num_variations=num_pictures,
    )

  def test_enough_to_differ(self) -> None:
    pictures = self.draw(
      'lucid',
      objective='diversity:conv',
      batch_size=2,
      num_variations=2,
      overrides={'transforms': ''},
    )
    for picture in pictures:
      self.assertBetween(picture.record['scores'][0], -1, -0.001)
      self.assertEqual(picture.record['settings']['company'], [0, 2, 2])
    (alone,) = self.draw('lucid', objective='layer:conv', batch_size=2)
    self.assertIsNone(alone.record['settings']['company'])


class PhotographTest(_TestCase):
  @parameterized.parameters(
    ('deepdream', 'deepdream', {}),
    ('mcdonald_layers', 'mcdonald_layers', {}),
    ('lucid', 'layer-conv', {'objective': 'layer:conv'}),
    ('maco', '001_goldfish', {'class_ids': (1,)}),
  )
  def test_size_is_kept(
    self, preset: str, subject: str, settings: Mapping[str, Any]
  ) -> None:
    (picture,) = self.draw(
      preset,
      image=str(self.photo),
      overrides={'phases': 'free'} if preset == 'maco' else {},
      **settings,
    )
    self.assertEqual(picture.image.shape, (67, 90, 3))
    self.assertBetween(picture.image.min(), 0, 0.5)
    self.assertBetween(picture.image.max(), 0.5, 1)
    stem = f'my-photo_{subject}_0'
    self.assertEqual(self.names(), [f'{stem}.json', f'{stem}.png'])

  def test_is_drawn_into(self) -> None:
    photo = image_files.read_image(self.photo)
    pictures = self.draw('deepdream', image=str(self.photo), num_variations=2)
    for picture in pictures:
      change = np.abs(picture.image - photo).mean()
      self.assertBetween(change, 1 / 255, 10 / 255)
    # From one photograph, by other draws.
    difference = np.abs(pictures[0].image - pictures[1].image).mean()
    self.assertGreater(difference, 1 / 255)
    self.assertIn('my-photo_deepdream_1.png', self.names())
    self.assertIn('sheet.png', self.names())

  def test_too_small(self) -> None:
    self.assert_fails(
      'a picture of 67 x 90 pixels is too small for 4 octaves: the first would'
      ' have 24 pixels, and needs 32; take fewer --octaves or a larger picture',
      'deepdream',
      image=str(self.photo),
      overrides={'octaves': 4},
    )

  def test_with_a_size(self) -> None:
    self.assert_fails(
      "image_size is (64, 72), but '~/My Photo.png' keeps its own size (67,"
      ' 90); leave one out',
      'deepdream',
      image=str(self.photo),
      image_size=(64, 72),
    )


if __name__ == '__main__':
  absltest.main()
