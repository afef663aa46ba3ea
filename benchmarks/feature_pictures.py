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

"""How well channels and layers are drawn, beside lucid's recipe.

For each objective, one batch of two pictures by the default recipe, then by
`--preset=lucid` for as many seconds: at its own 128 pixels, and at 224. What is
compared is the objective's own score where the network looks at the finished
picture, and how natural the pictures are. About ten minutes on two cores:

  python -m benchmarks.feature_pictures --googlenet=PATH_OF_GOOGLENET_WEIGHTS
"""

import argparse
import time
from typing import Any, Callable, Dict, List, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz import visualize
from magenta_viz.ascent.objectives import language as objective_language
from magenta_viz.evaluation import naturalness
from magenta_viz.models import network_loading
from magenta_viz.models import network_source
from magenta_viz.visualization import source_images

# By network: of the middle and of the end, chosen before the first picture.
_OBJECTIVES = {
  'googlenet': (
    'channel:inception_3b/output:50',
    'channel:inception_4a/output:476',
    'channel:inception_4d/output:200',
    'channel:inception_5a/output:300',
    'layer:inception_4c/output',
  ),
  'squeezenet': (
    'channel:fire4/concat:50',
    'channel:fire6/concat:100',
    'channel:fire8/concat:200',
    'channel:fire9/concat:300',
    'layer:fire8/concat',
  ),
}
_NUM_PICTURES = 2
_FEW_STEPS = 16

_Draw = Callable[..., Tuple[np.ndarray, float]]


def _drawer(model: str, checkpoint: str, objective: str) -> _Draw:
  """Returns what draws pictures, and says how many seconds each step took."""

  def draw(num_steps: int, **settings: Any) -> Tuple[np.ndarray, float]:
    overrides: Dict[str, Any] = {'num_steps': num_steps} if num_steps else {}
    config = visualize.VisualizeConfig(
      objective=objective,
      models=(model,),
      checkpoints=(checkpoint,) if checkpoint else (),
      num_variations=_NUM_PICTURES,
      batch_size=_NUM_PICTURES,
      overrides=overrides,
      **settings,
    )
    start = time.monotonic()
    pictures = visualize.run(config)
    seconds = time.monotonic() - start
    images = [source_images.as_written(picture.image) for picture in pictures]
    return np.stack(images), seconds

  return draw


def _line(name: str, values: List[float]) -> None:
  score, slope, clipped, seconds = values
  print(
    f'{name:44} {score:14.5g} {slope:7.2f} {clipped:9.4f} {seconds:8.1f}',
    flush=True,
  )


def main() -> None:
  """Draws, and prints the table."""
  parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
  parser.add_argument('--googlenet', required=True, help='weights of GoogLeNet')
  args = parser.parse_args()
  print(f'{"":44} {"score":>14} {"slope":>7} {"clipped":>9} {"seconds":>8}')
  for model, objectives in _OBJECTIVES.items():
    checkpoint = args.googlenet if model == 'googlenet' else ''
    source = network_source.choose(model, checkpoint or None)
    network = network_loading.load(source, tf.float32)
    for text in objectives:
      objective = objective_language.parse(text, (), _no_features)
      draw = _drawer(model, checkpoint, text)

      def measured(
        images: np.ndarray,
        seconds: float,
        objective: Any = objective,
        network: Any = network,
      ) -> List[float]:
        outputs = network.look_at(images)
        targets = tf.zeros(len(images), tf.int32)
        score = float(tf.reduce_mean(objective.score(outputs, targets)))
        found = [naturalness.measure(image) for image in images]
        return [
          score,
          float(np.mean([each.slope or 0.0 for each in found])),
          float(np.mean([each.clipped for each in found])),
          seconds / len(images),
        ]

      images, seconds = draw(0)
      _line(f'{model} {text}', measured(images, seconds))
      for size in ((128, 128), (224, 224)):
        lucid = {'preset': 'lucid', 'image_size': size}
        once, few = (draw(steps, **lucid)[1] for steps in (1, 1 + _FEW_STEPS))
        num_steps = int((seconds - once) * _FEW_STEPS / (few - once))
        images, others = draw(num_steps, **lucid)
        name = f'  lucid, {size[0]} pixels, {num_steps} steps'
        _line(name, measured(images, others))


def _no_features(path: str, layer: str) -> np.ndarray:
  raise ValueError(f'no photograph is needed, but {path}@{layer} is asked for')


if __name__ == '__main__':
  main()
