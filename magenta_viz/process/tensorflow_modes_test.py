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

"""Tests of TensorFlow's modes around the package: all come to the same."""

import json
import os
from pathlib import Path
import subprocess
import sys
import tempfile
from typing import Any, Dict, Generator, List

from absl.testing import absltest
from absl.testing import parameterized
import tensorflow as tf

from magenta_viz.process import tensorflow_modes
from magenta_viz.testing import testdata
from magenta_viz.testing import training_runs

# Draws, explains, judges and trains within a mode that argument 1 sets, and
# prints what came of it and whether the mode is still as it was.
_RUNS = """
import contextlib, json, sys
import tensorflow as tf
from magenta_viz import evaluate, saliency, train, visualize

def findings(photo, folder):
  config = visualize.VisualizeConfig(
    class_ids=(281, 388), models=('squeezenet',), precision='float32',
    image_size=(64, 64), overrides={'num_steps': 2}, output_dir='pictures',
  )
  yield 'drawn', [float(each.image.sum()) for each in visualize.draw(config)]
  config = visualize.VisualizeConfig(
    objective='channel:fire5/concat:3 + 0.1*diversity:fire5/concat',
    num_variations=2, batch_size=2, models=('squeezenet',), precision='float32',
    image_size=(64, 64), overrides={'num_steps': 2},
  )
  yield 'diverse', [float(each.image.sum()) for each in visualize.run(config)]
  found = saliency.run(saliency.SaliencyConfig(
    image=photo, model='squeezenet', precision='float32'
  ))
  yield 'explained', [float(found.map.sum()), found.record['first_choice']]
  report = evaluate.run(evaluate.EvaluateConfig(
    input_dir='pictures', judges=('squeezenet',), allow_self=True
  ))
  yield 'judged', report.groups[0].judges['squeezenet'].probability.value
  result = train.run(train.TrainConfig.of(
    dataset='image_folder', data_dir=folder, model='squeezenet', image_size=64,
    batch_size=4, num_steps=2, train_dir='trained'
  ))
  checkpoint = tf.train.load_checkpoint(result.checkpoint)
  yield 'trained', float(checkpoint.get_tensor('fire9/expand3x3/biases').sum())

def mode():
  shape = tf.TensorShape([1])[0]
  return [
    tf.executing_eagerly(), type(shape).__name__,
    tf.config.functions_run_eagerly(), tf.compat.v1.get_default_graph() is graph
  ]

with contextlib.ExitStack() as stack:
  if 'disable_v2' in sys.argv[1]:
    tf.compat.v1.disable_v2_behavior()
  if 'graph' in sys.argv[1]:
    stack.enter_context(tf.Graph().as_default())
    stack.enter_context(tf.compat.v1.Session())
  if 'functions' in sys.argv[1]:
    tf.config.run_functions_eagerly(True)
  graph = tf.compat.v1.get_default_graph()
  before = mode()
  found = {}
  for name, value in findings(*sys.argv[2:]):
    found[name] = value
    assert mode() == before, (name, before, mode())
print(json.dumps(found))
"""

# What is put right is put right one by one: each is there once.
_MODES = ('disable_v2', 'graph functions')


class RunsTest(parameterized.TestCase):
  birds: Path
  expected: Dict[str, Any]

  @classmethod
  def setUpClass(cls) -> None:
    super().setUpClass()
    folder = cls.enter_context(tempfile.TemporaryDirectory())
    cls.birds = Path(folder, 'birds')
    training_runs.write_pictures(cls.birds, num_train=2, num_eval=1)
    cls.expected = cls.findings('none')

  @classmethod
  def findings(cls, mode: str) -> Dict[str, Any]:
    """Returns what a process finds that does all in a mode."""
    photo = testdata.testdata_path('photo_48x32.png')
    with tempfile.TemporaryDirectory() as folder:
      done = subprocess.run(
        [sys.executable, '-c', _RUNS, mode, photo, str(cls.birds)],
        env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=training_runs.LIMIT,
        check=False,
      )
    if done.returncode:
      raise AssertionError(done.stderr)
    found: Dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found

  @parameterized.parameters(*_MODES)
  def test_come_to_the_same(self, mode: str) -> None:
    self.assertEqual(self.findings(mode), self.expected)


class ModesTest(absltest.TestCase):
  def assert_is_version_2(self) -> None:
    """Asserts that TensorFlow behaves as it does by default."""
    self.assertTrue(tf.executing_eagerly())
    self.assertFalse(tf.config.functions_run_eagerly())
    self.assertIsInstance(tf.TensorShape([1])[0], int)

  def test_is_as_before_after_an_error(self) -> None:
    with tf.Graph().as_default():
      with self.assertRaises(KeyError):
        with tensorflow_modes.tensorflow_2():
          self.assert_is_version_2()
          raise KeyError
      self.assertFalse(tf.executing_eagerly())

  def test_is_as_around_between_two_items(self) -> None:
    tf.config.run_functions_eagerly(True)
    self.addCleanup(tf.config.run_functions_eagerly, False)
    seen: List[bool] = []

    def items() -> Generator[int, None, None]:
      try:
        for item in (1, 2, 3):
          self.assert_is_version_2()
          yield item
      finally:
        seen.append(tf.executing_eagerly())

    with tf.Graph().as_default():
      taken = []
      for item in tensorflow_modes.in_tensorflow_2(items()):
        self.assertFalse(tf.executing_eagerly())
        self.assertTrue(tf.config.functions_run_eagerly())
        taken.append(item)
      self.assertEqual(taken, [1, 2, 3])
      # Of who takes no more, the end comes there, too.
      some = tensorflow_modes.in_tensorflow_2(items())
      self.assertEqual(next(some), 1)
      some.close()
    self.assertEqual(seen, [True, True])


if __name__ == '__main__':
  absltest.main()
