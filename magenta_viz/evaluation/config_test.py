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

"""Tests for config."""

from pathlib import Path
from typing import Any

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.evaluation import config as evaluate_config


class EvaluateConfigTest(parameterized.TestCase):
  @parameterized.parameters(
    (
      {'judges': ('squeezenet', '')},
      r"judges are \['squeezenet', ''\]; give each one of inception_v1, google",
    ),
    (
      {'judges': ('auto', 'squeezenet')},
      r"judges are \['auto', 'squeezenet'\]; auto is whoever fits best where"
      ' nobody is named, so give it alone, or leave it out$',
    ),
    (
      {'judges': ('auto', 'auto')},
      r"judges are \['auto', 'auto'\]; auto is who",
    ),
    ({'input_dir': ''}, 'input_dir is empty; give a path, such as .'),
    ({'output_dir': ''}, 'output_dir is empty; give it a value, or leave it'),
    ({'judges': ('squeezenet', 3)}, 'judges is 3; give it as text'),
    ({'allow_self': 1}, 'allow_self is 1; take True or False'),
    ({'batch_size': 0}, 'batch_size is 0; take a whole number from 1 to 1024'),
    ({'input_dir': 'no://a'}, "input_dir is 'no://a', "),
    ({'output_dir': 'no://a'}, "output_dir is 'no://a', "),
    (
      {'judges': ('squeezenet', 'no://example.org/judge.npz')},
      "judges is 'no://example.org/judge.npz', ",
    ),
    ({'batch_size': 1025}, 'batch_size is 1025; take a whole number from 1 to'),
  )
  def test_refuses(self, settings: Any, message: str) -> None:
    with self.assertRaisesRegex(ValueError, f'^{message}'):
      evaluate_config.EvaluateConfig(**{'input_dir': 'a', **settings})

  def test_one_judge_and_paths(self) -> None:
    config = evaluate_config.EvaluateConfig(Path('a'), Path('b.npz'))  # type: ignore[arg-type]
    self.assertEqual(config.input_dir, 'a')
    self.assertEqual(config.judges, ('b.npz',))

  def test_nobody_named_is_auto(self) -> None:
    for settings in ({}, {'judges': ()}, {'judges': 'auto'}):
      config = evaluate_config.EvaluateConfig('a', **settings)
      self.assertEqual(config.judges, ('auto',))

  def test_findings_go_beside_the_pictures_or_elsewhere(self) -> None:
    config = evaluate_config.EvaluateConfig('a')
    self.assertEqual(config.page_path, Path('a/evaluation.html'))
    self.assertEqual(config.json_path, Path('a/evaluation.json'))
    config = evaluate_config.EvaluateConfig('a', output_dir='b/c')
    self.assertEqual(config.page_path, Path('b/c/evaluation.html'))
    self.assertEqual(config.json_path, Path('b/c/evaluation.json'))


if __name__ == '__main__':
  absltest.main()
