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

"""Tests for the configuration of `visualize`."""

import dataclasses
import math
import pathlib
from typing import Any

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.ascent import presets
from magenta_viz.visualization import config as visualize_config


class VisualizeConfigTest(parameterized.TestCase):
  def test_only_the_classes_must_be_given(self) -> None:
    config = visualize_config.VisualizeConfig(class_ids=(281, 0))
    self.assertEqual(config.class_ids, (281, 0))
    self.assertIsNone(config.output_dir)
    self.assertEqual(config.models, ('auto',))
    self.assertEmpty(config.overrides)

  def test_is_frozen(self) -> None:
    config = visualize_config.VisualizeConfig(class_ids=(281,))
    with self.assertRaises(dataclasses.FrozenInstanceError):
      config.seed = 1  # type: ignore[misc]

  @parameterized.parameters(
    ('image_size', (64, 16384)),
    ('batch_size', 1),
    ('batch_size', 1024),
    ('seed', 0),
    ('seed', 2**31 - 1),
    ('num_variations', 1),
    ('precision', 'bfloat16'),
    ('zoom_frames', 0),
    ('zoom_frames', 1_000_000),
    ('zoom', 1e-6),
    ('zoom', 0.999),
    ('blend', 0.0),
    ('blend', 0.999),
    ('animate', None),
    ('animate', 'gif'),
    ('animate', 'mp4'),
    ('preset', 'maco'),
  )
  def test_ends_of_the_ranges(self, name: str, value: Any) -> None:
    settings = {'output_dir': 'a', 'zoom_frames': 2, name: value}
    config = visualize_config.VisualizeConfig(class_ids=(0,), **settings)
    self.assertEqual(getattr(config, name), value)

  @parameterized.parameters(
    ('image_size', (63, 320), 'a whole number from 64 to 16384', 63),
    ('image_size', (320, 16385), 'a whole number from 64 to 16384', 16385),
    ('batch_size', 0, 'a whole number from 1 to 1024'),
    ('batch_size', True, 'a whole number from 1 to 1024'),
    ('seed', -1, 'a whole number from 0 to 2147483647'),
    ('seed', 1.5, 'a whole number from 0 to 2147483647'),
    ('num_variations', 0, 'a whole number from 1 to 100000'),
    ('precision', 'float64', 'one of auto, float32, bfloat16, float16'),
    ('animate', 'avi', 'one of gif, mp4'),
    ('animate', '', 'one of gif, mp4'),
    ('zoom_frames', -1, 'a whole number from 0 to 1000000'),
    ('num_workers', 0, 'a whole number from 1 to 10000'),
    ('zoom', 0.0, 'a number between 0 and 1'),
    ('zoom', 1.0, 'a number between 0 and 1'),
    ('zoom', math.nan, 'a number between 0 and 1'),
    ('zoom', '0.1', 'a number'),
    ('blend', -0.1, 'a number from 0 to 0.99'),
    ('blend', 1.0, 'a number from 0 to 0.99'),
    ('blend', math.nan, 'a number from 0 to 0.99'),
    ('overwrite', 'yes', 'True or False'),
  )
  def test_out_of_range(
    self, name: str, value: Any, wanted: str, told: Any = None
  ) -> None:
    told = value if told is None else told
    with self.assertRaises(ValueError) as caught:
      visualize_config.VisualizeConfig((0,), **{name: value})
    self.assertStartsWith(
      str(caught.exception), f'{name} is {told!r}; take {wanted}'
    )

  @parameterized.parameters(
    (
      {'class_ids': ()},
      'preset default draws what you name; give class_ids or, to'
      ' visualize.run, class_name, with at least one class, or an objective',
    ),
    (
      {'class_ids': (), 'image': 'photo.jpg'},
      'image alone does not say what to raise in it: preset="deepdream" dreams'
      ' into it, class_name draws a class into it, and saliency.run explains'
      ' it',
    ),
    (
      {'class_ids': (1, 2, 1)},
      'class_ids names a class twice; name each once',
    ),
    ({'models': None}, 'models is None; give one, or a tuple'),
    ({'models': (None,)}, 'models is None; give it as text'),
    ({'image': 5}, 'image is 5; give it as text'),
    (
      {'zoom': 0.1},
      'zoom does nothing, because zoom_frames is 0; leave it out, or take'
      ' --zoom_frames above 0',
    ),
    (
      {'animate': 'gif'},
      'animate does nothing, because there is no output_dir; leave it out, or'
      ' give one',
    ),
    (
      {'output_dir': 'memory://a', 'num_workers': 2},
      "output_dir is 'memory://a', which each process has of its own, and"
      ' several are to write there; take a folder on a disk, or at an address'
      ' that all reach',
    ),
    (
      {'objective': 'layer:a'},
      'give either class_ids or an objective, not both',
    ),
    (
      {'overrides': {'objective': 'layer:a'}},
      'overrides have an objective; give it as objective',
    ),
    (
      {'overrides': {'octaves': 0}},
      'octaves is 0; take a whole number from 1 to 100',
    ),
    (
      {'overrides': {'optimizer': 'sgd'}},
      "optimizer is 'sgd'; take one of adam, nadam, plain, mean_absolute,"
      ' root_mean_square, progress, progress01',
    ),
  )
  def test_refused(self, settings: Any, message: str) -> None:
    with self.assertRaises(ValueError) as caught:
      visualize_config.VisualizeConfig(**{'class_ids': (0,), **settings})
    self.assertStartsWith(str(caught.exception), message)


class PlainTest(parameterized.TestCase):
  def test_one_class_and_a_square(self) -> None:
    config = visualize_config.VisualizeConfig(
      class_ids=281,  # type: ignore[arg-type]
      image_size=96,  # type: ignore[arg-type]
      output_dir=pathlib.Path('a'),  # type: ignore[arg-type]
      overrides={'num_steps': np.int64(3)},
    )
    self.assertEqual(config.class_ids, (281,))
    self.assertEqual(config.image_size, (96, 96))
    self.assertEqual(config.output_dir, 'a')
    self.assertIs(type(config.overrides['num_steps']), int)

  @parameterized.parameters('image', 'output_dir', 'checkpoints', 'log_dir')
  def test_refuses_unknown_addresses(self, name: str) -> None:
    with self.assertRaisesRegex(
      ValueError, f"^{name.rstrip('s')} is 'no://bucket/x', "
    ):
      visualize_config.VisualizeConfig((0,), **{name: 'no://bucket/x'})  # type: ignore[arg-type]

  def test_refuses_an_unknown_address_of_a_guide(self) -> None:
    with self.assertRaisesRegex(ValueError, "^guide is 'no://a/b.jpg', "):
      visualize_config.VisualizeConfig(
        preset='deepdream_guided', overrides={'guide': 'no://a/b.jpg'}
      )

  def test_variations_have_a_facet_by_themselves(self) -> None:
    overrides = {'facet_layer': 'inception_4c/output'}
    visualize_config.VisualizeConfig(
      (0,), num_variations=2, overrides=overrides
    )
    with self.assertRaisesRegex(
      ValueError, '^facet_layer does nothing, because'
    ):
      visualize_config.VisualizeConfig((0,), overrides=overrides)


class PresetTest(parameterized.TestCase):
  def test_unknown(self) -> None:
    with self.assertRaisesRegex(
      ValueError,
      "^unknown preset 'nope'; take one of default, simonyan, .*, maco$",
    ):
      visualize_config.VisualizeConfig(class_ids=(0,), preset='nope')

  def test_unknown_override(self) -> None:
    with self.assertRaisesRegex(
      ValueError,
      "^the recipe has no setting 'steps'; did you mean num_steps or sweeps",
    ):
      visualize_config.VisualizeConfig(class_ids=(0,), overrides={'steps': 5})

  @parameterized.parameters(*presets.PRESETS)
  def test_needs_something_to_raise(self, name: str) -> None:
    has_own = name in ('deepdream', 'deepdream_guided', 'mcdonald_layers')
    for subject in ({'class_ids': (0,)}, {'objective': 'layer:a'}):
      visualize_config.VisualizeConfig(preset=name, **subject)
    if has_own:
      visualize_config.VisualizeConfig(preset=name)
      return
    with self.assertRaises(ValueError) as caught:
      visualize_config.VisualizeConfig(preset=name)
    self.assertEqual(
      str(caught.exception),
      f'preset {name} draws what you name; give class_ids or, to'
      ' visualize.run, class_name, with at least one class, or an objective',
    )

  def test_overrides_go_with_the_preset(self) -> None:
    """What is right for one preset is wrong for another."""
    overrides = {'window': 'crop'}
    visualize_config.VisualizeConfig((0,), None, 'tyka', overrides=overrides)
    with self.assertRaisesRegex(
      ValueError, '^window=crop changes pixels, but parameterization is maco; '
    ):
      visualize_config.VisualizeConfig((0,), None, 'maco', overrides=overrides)


class ParseImageSizeTest(parameterized.TestCase):
  @parameterized.parameters(
    ('320', (320, 320)),
    ('320x480', (320, 480)),
    ('320X480', (320, 480)),
    (' 320 x 480 ', (320, 480)),
    ('0', (0, 0)),
  )
  def test_sizes(self, text: str, size: Any) -> None:
    self.assertEqual(visualize_config.parse_image_size(text), size)

  def test_nothing(self) -> None:
    self.assertIsNone(visualize_config.parse_image_size(None))

  @parameterized.parameters(
    *('', 'x', '320x', 'x320', '1x2x3', '3.5', '-64', '320,480', 'big', '²'),
    '9' * 5000,
  )
  def test_others(self, text: str) -> None:
    with self.assertRaises(ValueError) as caught:
      visualize_config.parse_image_size(text)
    self.assertEqual(
      str(caught.exception),
      f"image_size is '{text}'; give N or HxW in pixels, such as 320 or"
      ' 320x480',
    )


if __name__ == '__main__':
  absltest.main()
