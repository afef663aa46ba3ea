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

import hashlib
from pathlib import Path
from typing import Any, ClassVar, List, Mapping

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image

from magenta_viz import visualize
from magenta_viz.media import image_files
from magenta_viz.models import network_protocol
from magenta_viz.testing import drawings
from magenta_viz.testing import tiny_network

_QUICK = {'num_steps': 2, 'octaves': 2}
_HEADS = ('loss2/classifier', 'loss1/classifier')


class _TestCase(drawings.TestCase):
  overrides: ClassVar[Any] = _QUICK

  def setUp(self) -> None:
    super().setUp()
    self.photo = self.save_photo('My Photo.png', 67, 90)
    self.use_network(drawings.Network())

  def lack(self, *hidden: str, **layers: str) -> None:
    """Lets runs draw from a network that lacks end points.

    Args:
      *hidden: Their names.
      **layers: Its own names of layers, by GoogLeNet's.
    """

    def compute(images: Any) -> network_protocol.Outputs:
      logits, end_points = tiny_network.network(images)
      for name in hidden:
        del end_points[name]
      return network_protocol.Outputs(logits, end_points)

    self.use_network(drawings.Network(compute, 32, **layers))

  def save_photo(self, name: str, height: int, width: int) -> Path:
    levels = np.random.default_rng(0).integers(60, 190, (height, width, 3))
    return self.save(name, levels.astype(np.uint8))

  def config(self, **settings: Any) -> visualize.VisualizeConfig:
    if 'image' not in settings:
      settings.setdefault('image_size', (64, 72))
    return super().config(**settings)

  def draw_by(self, preset: str, **settings: Any) -> List[visualize.Picture]:
    return self.draw(preset=preset, **settings)


class RecordTest(_TestCase):
  def test_preset_and_overrides(self) -> None:
    (picture,) = self.draw_by('deepdream', image=str(self.photo))
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
    (picture,) = self.draw_by('mcdonald_layers', overrides={'octaves': 4})
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
    (picture,) = self.draw_by('deepdraw', class_ids=(1,), overrides=overrides)
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
    self.draw_by('deepdream', image=str(self.photo))
    Image.new('RGB', (90, 67)).save(self.photo)
    with self.assertRaisesRegex(
      ValueError, r'other settings \(the photograph has'
    ):
      self.draw_by('deepdream', image=str(self.photo))


class ObjectiveTest(_TestCase):
  def test_layers_in_the_networks_names(self) -> None:
    layer = 'inception_4c/output'
    self.lack(*tiny_network.LAYERS[1:], **{layer: 'conv'})
    (picture,) = self.draw_by('deepdream')
    self.assertEqual(picture.record['settings']['objective'], 'layer:conv')
    # The user's own text stays as it is.
    with self.assertRaisesRegex(ValueError, f"^unknown layer '{layer}'; "):
      self.draw_by('deepdream', objective=f'layer:{layer}')

  def test_instead_of_the_presets(self) -> None:
    (picture,) = self.draw_by(
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
    (picture,) = self.draw_by(
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
    (picture,) = self.draw_by('deepdream_guided', overrides=overrides)
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
    self.assert_refused(
      "objective 'guide:{guide}@inception_3b/output' is what another photograph"
      ' has; give it as --guide=photo.jpg',
      preset='deepdream_guided',
    )

  def test_thin_photograph(self) -> None:
    thin = self.save_photo('thin.png', 101, 10)
    for settings in (
      {'preset': 'deepdream_guided', 'overrides': {'guide': str(thin)}},
      {'preset': 'lucid', 'objective': f'content:{thin}@conv'},
    ):
      self.assert_refused(
        "'~/thin.png' is 101 x 10 pixels; one side may be at most 10 times the"
        ' other: cut it into parts',
        **settings,
      )

  @parameterized.parameters((_HEADS,), (_HEADS[1:],))
  def test_missing_heads(self, hidden: Any) -> None:
    self.lack(*hidden)
    self.assert_refused(
      f"these weights have no head '{hidden[0]}', which --preset=deepdraw"
      ' raises; take --preset=deepdraw_coherent, or --head=logits to raise the'
      ' last classifier instead, or weights with auxiliary heads',
      preset='deepdraw',
      class_ids=(0,),
      overrides={'octaves': 4},
    )

  def test_without_heads(self) -> None:
    self.lack(*_HEADS)
    overrides = {'octaves': 4, 'head': 'logits', 'num_steps': 1}
    (picture,) = self.draw_by('deepdraw', class_ids=(0,), overrides=overrides)
    for octave in picture.record['settings']['later_octaves']:
      self.assertNotIn('head', octave)

  @parameterized.parameters((1, 2), (8, 1), (1, 1), (2, 3))
  def test_too_few_to_differ(self, batch_size: int, num_pictures: int) -> None:
    self.assert_refused(
      "objective 'layer:conv + diversity:conv' compares the pictures of a"
      f' batch, and {num_pictures} in batches of {batch_size} leave one alone;'
      ' take another --num_variations or --batch_size',
      objective='layer:conv + diversity:conv',
      batch_size=batch_size,
      num_variations=num_pictures,
    )

  def test_frames_have_none_to_differ_from(self) -> None:
    self.assert_refused(
      "objective 'diversity:conv' compares pictures, but frames are drawn one"
      ' by one; take it without diversity',
      objective='diversity:conv',
      zoom_frames=2,
    )

  def test_enough_to_differ(self) -> None:
    settings = {'batch_size': 2, 'overrides': {'transforms': ''}}
    pictures = self.draw_by(
      'lucid', objective='diversity:conv', num_variations=2, **settings
    )
    for picture in pictures:
      self.assertBetween(picture.record['scores'][0], -1, -0.001)
      self.assertEqual(picture.record['settings']['company'], [0, 2, 2])
    (alone,) = self.draw_by('lucid', objective='layer:conv', **settings)
    self.assertIsNone(alone.record['settings']['company'])

  @parameterized.parameters(
    ({'objective': 'channel:conv:2'}, 'clouds'), ({'class_ids': 2}, 'grey')
  )
  def test_settings_are_those_of_what_is_raised(
    self, subject: Any, init: str
  ) -> None:
    overrides = {'num_steps': 1, 'octaves': 1, 'chroma': 0.7}
    (picture,) = self.draw(**subject, overrides=overrides)
    settings = picture.record['settings']
    self.assertEqual((settings['init'], settings['chroma']), (init, 0.7))


class PhotographTest(_TestCase):
  @parameterized.parameters(
    ('deepdream', 'deepdream', {}),
    ('mcdonald_layers', 'mcdonald_layers', {}),
    (
      'lucid',
      'layer-conv',
      {'objective': 'layer:conv', 'overrides': {'transforms': ''}},
    ),
    (
      'maco',
      '001_goldfish',
      {'class_ids': 1, 'overrides': {'transforms': '', 'phases': 'free'}},
    ),
  )
  def test_size_is_kept(
    self, preset: str, subject: str, settings: Mapping[str, Any]
  ) -> None:
    (picture,) = self.draw_by(preset, image=str(self.photo), **settings)
    self.assertEqual(picture.image.shape, (67, 90, 3))
    self.assertBetween(picture.image.min(), 0, 0.5)
    self.assertBetween(picture.image.max(), 0.5, 1)
    stem = f'my-photo_{subject}_0'
    self.assertEqual(self.names(), [f'{stem}.json', f'{stem}.png'])

  def test_is_drawn_into(self) -> None:
    photo = image_files.read_image(self.photo)
    pictures = self.draw_by(
      'deepdream', image=str(self.photo), num_variations=2
    )
    for picture in pictures:
      change = np.abs(picture.image - photo).mean()
      self.assertBetween(change, 1 / 255, 10 / 255)
    # From one photograph, by other draws.
    difference = np.abs(pictures[0].image - pictures[1].image).mean()
    self.assertGreater(difference, 1 / 255)
    self.assertIn('my-photo_deepdream_1.png', self.names())
    self.assertIn('sheet.png', self.names())

  def test_too_small(self) -> None:
    self.assert_refused(
      'a picture of 67 x 90 pixels is too small: in octave 1 of 4 it has 24 x'
      ' 33, and needs 32; take one whose sides have 88 or more, or fewer'
      ' --octaves',
      preset='deepdream',
      image=str(self.photo),
      overrides={'octaves': 4},
    )

  @parameterized.parameters(
    (
      {'preset': 'maco', 'class_ids': 1, 'overrides': {'octaves': 1}},
      'standardised phases cannot be those of a picture to start from; take'
      ' --phases=free',
    ),
    (
      {'class_ids': 1, 'overrides': {'init': 'clouds'}},
      'init does nothing beside --image, which is what pictures start from;'
      ' leave one out',
    ),
  )
  def test_not_with_a_photograph(self, settings: Any, message: str) -> None:
    self.assert_refused(message, image=str(self.photo), **settings)


if __name__ == '__main__':
  absltest.main()
