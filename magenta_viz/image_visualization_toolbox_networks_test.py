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
"""Tests of what the toolbox answers with networks of every kind."""

import io
import json
from pathlib import Path
import shlex
import tempfile
from typing import (
  Any,
  Callable,
  ClassVar,
  Dict,
  List,
  Mapping,
  NamedTuple,
  Tuple,
)
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image
import tensorflow as tf

from magenta_viz import image_visualization_visualize
from magenta_viz.media import image_files
from magenta_viz.media import records
from magenta_viz.testing import foreign_models
from magenta_viz.testing import keras_models
from magenta_viz.testing import programs
from magenta_viz.testing import toolbox_sessions
from magenta_viz.testing import trained_checkpoints
from magenta_viz.toolbox import backward
from magenta_viz.toolbox import drawer as drawer_lib
from magenta_viz.toolbox import excitations
from magenta_viz.toolbox import keepsake
from magenta_viz.toolbox import session as session_lib
from magenta_viz.visualization import networks as networks_lib

_NAMES = ('red fox', 'wren', 'teapot', 'house', 'sail')

# A pass through a network of some rules, in one array and another.
_CLOSE: Dict[str, Any] = {'rtol': 1e-3, 'atol': 1e-5}


def _trained(folder: Path) -> networks_lib.Networks:
  """Returns a network that this package trained."""
  trained_checkpoints.write_network(folder / 'train', 2)
  return toolbox_sessions.networks_of(folder / 'train')


def _keras(folder: Path) -> networks_lib.Networks:
  """Returns a model of Keras of which flags say what it cannot."""
  path = folder / f'mine{foreign_models.ENDING}'
  foreign_models.classifier((48, 48, 3), head='softmax').save(str(path))
  names = folder / 'names.txt'
  names.write_text('\n'.join(_NAMES))
  return toolbox_sessions.networks_of(
    path,
    input_range=(-1, 3),
    channel_order='bgr',
    class_names=str(names),
  )


def _saved_model(folder: Path) -> networks_lib.Networks:
  """Returns a model as others save it for those who do not have its code."""
  model = foreign_models.classifier((None, None, 3), head='softmax')
  # What `model.export` writes, for any Keras.
  call = tf.function(model, autograph=False)
  signature = call.get_concrete_function(
    tf.TensorSpec([None, None, None, 3], name='images')
  )
  path = folder / 'saved'
  tf.saved_model.save(model, str(path), signatures=signature)
  return toolbox_sessions.networks_of(path, input_size='40', input_range='0,1')


def _transformer(folder: Path) -> networks_lib.Networks:
  """Returns a vision transformer, whose tokens make maps."""
  model = keras_models.vision_transformer(64)
  signature = tf.function(model, autograph=False).get_concrete_function(
    tf.TensorSpec([None, 64, 64, 3], name='images')
  )
  path = folder / 'transformer'
  tf.saved_model.save(model, str(path), signatures=signature)
  return toolbox_sessions.networks_of(path)


class _Kind(NamedTuple):
  """A kind of network.

  Attributes:
    make: Makes one in a folder.
    layer: Name of a layer in its middle.
    names: Of its classes.
  """

  make: Callable[[Path], networks_lib.Networks]
  layer: str
  names: Tuple[str, ...]


_KINDS: Mapping[str, _Kind] = {
  'trained': _Kind(_trained, 'fire5/concat', ('house finch', 'Été', 'crane')),
  'keras': _Kind(_keras, 'second', _NAMES),
  'saved_model': _Kind(
    _saved_model, 'second', tuple(f'class {number}' for number in range(5))
  ),
  'transformer': _Kind(
    _transformer, 'block_0', tuple(f'class {number}' for number in range(3))
  ),
}


class _Asked:
  """A session with a network of a kind, with photographs and their index.

  Attributes:
    layer: As of `_Kind`.
    names: Likewise.
    network: The network.
    photos: What it sees of the photographs, [photos, side, side, 3].
    session: That is asked.
  """

  def __init__(self, kind: _Kind, folder: Path):
    """Makes it in a folder."""
    networks = kind.make(folder)
    self.layer, self.names = kind.layer, kind.names
    self.network = networks.first
    side = self.network.image_size
    paths = [folder / f'{number}.png' for number in range(3)]
    for seed, path in enumerate(paths):
      image = np.random.RandomState(seed).rand(side, side, 3)
      image_files.write_png(path, image.astype(np.float32))
    self.photos = np.stack([image_files.read_image(path) for path in paths])
    cache = folder / 'cache'
    index = excitations.index(networks.members[0], paths, cache)
    self.session = session_lib.Session([networks], paths, cache, [index])
    self.view = self.session.views[0]
    self.view.drawer._settings['overrides'] = {'num_steps': 2}
    one = self.values(self.photos[:1])[0]
    row, column, channel = np.unravel_index(one.argmax(), one.shape)
    # The place of the first photograph's maximum.
    self.channel, self.place = int(channel), [int(row), int(column)]

  def values(self, images: np.ndarray) -> np.ndarray:
    """Returns the layer, [batch, height, width, channels]."""
    found = self.network(tf.constant(images)).end_points[self.layer].numpy()
    return np.asarray(found)

  def draw(self, **subject: Any) -> drawer_lib.Progress:
    """Returns the last of a drawing."""
    return toolbox_sessions.watch(self.session, **subject)[-1]


class KindsTest(parameterized.TestCase):
  folder: ClassVar[Path]
  known: ClassVar[Dict[str, _Asked]]

  @classmethod
  def setUpClass(cls) -> None:
    super().setUpClass()
    temporary = tempfile.TemporaryDirectory()
    cls.addClassCleanup(temporary.cleanup)
    cls.folder, cls.known = Path(temporary.name), {}

  def asked(self, kind: str) -> _Asked:
    """Returns the session of a kind, which all tests share."""
    if kind not in self.known:
      folder = self.folder / kind
      folder.mkdir()
      self.known[kind] = _Asked(_KINDS[kind], folder)
    return self.known[kind]

  @parameterized.parameters(*_KINDS)
  def test_start_and_maps(self, kind: str) -> None:
    asked = self.asked(kind)
    (network,) = asked.session.start()['networks']
    self.assertEqual(tuple(network['classes']), asked.names)
    found = asked.session.maps(0, asked.layer, 'photo-0', 64)
    maxima = asked.values(asked.photos[:1])[0].max((0, 1))
    np.testing.assert_allclose(found.header['maxima'], maxima, **_CLOSE)
    logits = asked.network(tf.constant(asked.photos[:1])).logits
    shares = tf.nn.softmax(logits)[0].numpy()
    class_id, name, share = found.header['top'][0]
    self.assertEqual(class_id, shares.argmax())
    self.assertEqual(name, asked.names[class_id])
    self.assertAlmostEqual(share, shares.max(), places=3)

  @parameterized.parameters(*_KINDS)
  def test_unit_and_its_field(self, kind: str) -> None:
    asked = self.asked(kind)
    found = asked.session.unit(0, asked.layer, asked.channel, 'photo-0')
    one = asked.values(asked.photos[:1])[0, ..., asked.channel]
    self.assertEqual(found['position'], asked.place)
    np.testing.assert_allclose(found['map'], one, **_CLOSE)
    side = asked.network.image_size
    box = {
      name: round(end * side) for name, end in found['receptive_field'].items()
    }
    inside = np.s_[0, box['top'] : box['bottom'], box['left'] : box['right']]
    for changed, other in (
      (True, asked.photos[:1].copy()),
      (False, asked.photos[1:2].copy()),
    ):
      source = asked.photos[1:2] if changed else asked.photos[:1]
      other[inside] = source[inside]
      value = asked.values(other)[(0, *asked.place, asked.channel)]
      is_same = np.isclose(value, found['value'], **_CLOSE)
      self.assertEqual(is_same, not changed)

  @parameterized.product(kind=tuple(_KINDS), rule=backward.RULES)
  def test_backward(self, kind: str, rule: str) -> None:
    asked = self.asked(kind)
    found = asked.view.backward(
      asked.photos[0], asked.layer, asked.channel, rule
    )
    self.assertEqual(found.shape, asked.photos[0].shape)
    self.assertTrue(np.isfinite(found).all())
    self.assertGreater(np.abs(found).max(), 0)
    images = tf.constant(asked.photos[:1])
    with tf.GradientTape() as tape:
      tape.watch(images)
      unit = asked.network(images).end_points[asked.layer][..., asked.channel]
      raised = tf.reduce_sum(unit * tf.stop_gradient(unit))
    gradient = tape.gradient(raised, images)[0].numpy()
    is_gradient = np.allclose(
      found, gradient, rtol=1e-3, atol=1e-3 * np.abs(gradient).max()
    )
    # There is no relu in the transformer, of which the others are rules.
    self.assertEqual(is_gradient, rule == 'plain' or kind == 'transformer')
    shown = asked.session.backward(
      0, asked.layer, asked.channel, 'photo-0', rule
    )
    self.assertGreater(shown.std(), 0)

  @parameterized.parameters(*_KINDS)
  def test_a_records_command_draws_the_unit_that_is_shown(
    self, kind: str
  ) -> None:
    asked = self.asked(kind)
    unit = (asked.layer, asked.channel)
    record = keepsake.record(asked.session, 0, *unit, 'photo-0')
    drawn = asked.draw(layer=asked.layer, channel=asked.channel)
    self.assert_drawn(record['command'], drawn)
    self.assertIn(
      asked.channel, list(asked.session.drawings.stored(0, asked.layer))
    )

  @parameterized.parameters(*_KINDS)
  def test_a_class_and_its_command(self, kind: str) -> None:
    drawn = self.asked(kind).draw(class_id=1)
    assert drawn.record is not None
    name = self.asked(kind).names[1]
    self.assertStartsWith(drawn.record['class_name'], name)
    self.assert_drawn(drawn.record['command'], drawn)

  def assert_drawn(self, command: str, drawn: drawer_lib.Progress) -> None:
    """Fails unless a command draws the picture."""
    self.assertEqual(drawn.state, drawer_lib.DONE, drawn.error)
    assert drawn.record is not None
    self.assertEqual(command, drawn.record['command'])
    words = shlex.split(command)
    program = words[words.index('image_visualization_visualize') :]
    folder = Path(self.create_tempdir().full_path)
    ended = programs.run(
      image_visualization_visualize.console_entry_point,
      *(word for word in program if not word.startswith('--output_dir')),
      f'--output_dir={folder}',
    )
    self.assertEqual(ended.status, 0, ended.stderr)
    (path,) = folder.glob('*.png')
    settings = records.read_record(path.with_suffix('.json'))['settings']
    shown = json.loads(json.dumps(drawn.record['settings']))
    self.assertEqual(settings, shown)
    with Image.open(path) as written, Image.open(io.BytesIO(drawn.png)) as own:
      np.testing.assert_array_equal(written, own)

  @parameterized.parameters(*_KINDS)
  def test_tops_and_dead(self, kind: str) -> None:
    asked = self.asked(kind)
    values = asked.values(asked.photos)
    maxima = values[..., asked.channel].max((1, 2))
    found = asked.session.tops(0, asked.layer, asked.channel)
    order: List[int] = np.argsort(-maxima).tolist()
    self.assertEqual(
      [each['photo'] for each in found['highest']],
      [f'photo-{number}' for number in order],
    )
    for show in ('crop', 'deconvnet', 'guided'):
      crop = asked.session.top(
        0, asked.layer, asked.channel, 'highest', 0, show
      )
      self.assertGreater(crop.std(), 0, show)
    asleep = np.flatnonzero(values.max((0, 1, 2)) <= 0).tolist()
    assert asked.view.index is not None
    self.assertEqual(asked.view.index.dead(asked.layer), asleep)
    # Three photographs are too few to tell by.
    self.assertEqual(asked.session.dead(0, asked.layer)['dead'], [])
    with mock.patch.object(session_lib, '_FEWEST_PICTURES', 3):
      self.assertEqual(asked.session.dead(0, asked.layer)['dead'], asleep)


if __name__ == '__main__':
  absltest.main()
