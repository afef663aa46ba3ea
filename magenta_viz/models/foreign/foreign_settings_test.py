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

"""Tests for foreign_settings."""

import dataclasses
from typing import Any

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.models.foreign import foreign_settings


class ForeignSettingsTest(parameterized.TestCase):
  @parameterized.parameters(
    ('input_range', '-1,1', (-1.0, 1.0)),
    ('input_range', ' 0, 255 ', (0.0, 255.0)),
    ('input_range', [-1, 1], (-1, 1)),
    ('input_range', np.array([0.0, 255.0]), (0.0, 255.0)),
    ('input_mean', '0.5', (0.5,)),
    ('input_mean', 0.5, (0.5,)),
    ('input_mean', '1,2,3', (1.0, 2.0, 3.0)),
    ('input_scale', 2, (2.0,)),
    ('input_scale', '1e-2,2', (0.01, 2.0)),
    ('input_size', '96', (96, 96)),
    ('input_size', 96, (96, 96)),
    ('input_size', '96x128', (96, 128)),
    ('input_size', '96X128', (96, 128)),
    ('input_size', (96, 128), (96, 128)),
    ('input_size', '4096', (4096, 4096)),
    ('input_channels', '3,2,1', (3, 2, 1)),
    ('input_channels', [3, 0, 1023], (3, 0, 1023)),
    ('channel_order', 'bgr', 'bgr'),
    ('output', 'none', 'none'),
    ('signature', 'scores', 'scores'),
    ('allow_code', True, True),
  )
  def test_values(self, name: str, given: Any, expected: Any) -> None:
    settings = foreign_settings.ForeignSettings(**{name: given})
    self.assertEqual(getattr(settings, name), expected)
    # Networks are kept by their settings.
    self.assertEqual(
      hash(settings), hash(foreign_settings.ForeignSettings(**{name: expected}))
    )

  @parameterized.parameters(
    ('input_range', (-1, 1), ['-1,1']),
    ('input_mean', (103.939, 116.779), ['103.939,116.779']),
    ('input_channels', (3, 2, 1), ['3,2,1']),
    ('input_size', (96, 128), ['96x128']),
  )
  def test_what_a_command_has(self, name: str, value: Any, texts: Any) -> None:
    (field,) = (
      each
      for each in dataclasses.fields(foreign_settings.ForeignSettings)
      if each.name == name
    )
    self.assertEqual(field.metadata['texts'](value), texts)
    self.assertEqual(field.metadata['parse'](*texts), value)

  @parameterized.parameters(
    ('input_range', 'x', "input_range is 'x'; give two numbers, such as -1,1"),
    ('input_range', '1', "input_range is '1'; give two numbers, such as -1,1"),
    ('input_range', '1,2,3', "input_range is '1,2,3'; give two numbers"),
    (
      'input_range',
      (2, 2),
      r'input_range is \(2, 2\); give two numbers that d',
    ),
    ('input_range', '0,inf', r'input_range is \(0.0, inf\); give finite'),
    ('input_mean', '', "input_mean is ''; give a number, or one a channel"),
    ('input_mean', 'nan', r'input_mean is \(nan,\); give finite numbers'),
    ('input_mean', '1,,2', "input_mean is '1,,2'; give a number, or one a"),
    ('input_scale', '1;2', "input_scale is '1;2'; give a number, or one a"),
    ('input_scale', (1.0, np.inf), r'input_scale is \(1.0, inf\); give finite'),
    *(
      (
        'input_size',
        each,
        'input_size is .*; give N or HxW in pixels, up to 40',
      )
      for each in ('', 'x', '0', '-1', '4097', '1x2x3', '96x', '1e3', 9.5)
    ),
    ('input_size', (0, 5), r'input_size is \(0, 5\); take 1 to 4096 pixels'),
    ('input_size', (5, 9999), r'input_size is \(5, 9999\); take 1 to 4096 '),
    ('input_channels', '1,2', "input_channels is '1,2'; give three, such as 3"),
    ('input_channels', '0,1,1.5', "input_channels is '0,1,1.5'; give three"),
    ('input_channels', '0,1,-1', r'is \(0, 1, -1\); take numbers from 0 to 10'),
    ('input_channels', (0, 1, 1024), r'1024\); take numbers from 0 to 1023'),
    ('input_channels', (1, 2, 1), r'\(1, 2, 1\); give three numbers that diff'),
    ('channel_order', 'gbr', "channel_order is 'gbr'; take one of rgb, bgr"),
    ('class_names', 'no://a/b', "class_names is 'no://a/b', "),
    ('allow_code', 'yes', "allow_code is 'yes'; take True or False"),
  )
  def test_refused(self, name: str, given: Any, message: str) -> None:
    with self.assertRaisesRegex(ValueError, message):
      foreign_settings.ForeignSettings(**{name: given})


if __name__ == '__main__':
  absltest.main()
