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
"""Measures how fast InceptionV1 is trained: step, input, and both together.

  python -m benchmarks.train_step

Images a second at 224 pixels in batches of 32: the step alone, on a batch in
memory; the input alone, JPEG files of 500 x 375 pixels through all of the
preprocessing; the step fed by the input, as `train` does it; and, for
comparison, the same step of the same network in Keras layers with Keras's own
optimizer. All take turns in one process, several rounds, and medians are shown.
The pictures are scikit-learn's two photographs, cut in many ways.
"""

import argparse
import itertools
from pathlib import Path
import statistics
import tempfile
import time
from typing import Any, Callable, Dict, Iterator, List, Mapping, Tuple

import numpy as np
from PIL import Image
from sklearn import datasets as sklearn_datasets
import tensorflow as tf

from magenta_viz.data import batches
from magenta_viz.data import corrupt
from magenta_viz.data import datasets
from magenta_viz.data import preprocessing
from magenta_viz.models import initial_weights
from magenta_viz.models import model_spec
from magenta_viz.training import config as train_config
from magenta_viz.training import input_pipeline
from magenta_viz.training import learning_rates
from magenta_viz.training import optimizers
from magenta_viz.training import state as state_lib
from magenta_viz.training import steps as steps_lib

_BATCH_SIZE = 32
_SIZE = 224
_NUM_CLASSES = 1000
_RATE = 0.01
_MOMENTUM = 0.9
_WEIGHT_DECAY = 4e-5

# Channels of the branches of each module of arXiv 1409.4842, table 1; None is
# a pooling layer. slim's branch of 5 x 5 has 3 x 3.
_MODULES = (
  (64, 96, 128, 16, 32, 32),
  (128, 128, 192, 32, 96, 64),
  None,
  (192, 96, 208, 16, 48, 64),
  (160, 112, 224, 24, 64, 64),
  (128, 128, 256, 24, 64, 64),
  (112, 144, 288, 32, 64, 64),
  (256, 160, 320, 32, 128, 128),
  None,
  (256, 160, 320, 32, 128, 128),
  (384, 192, 384, 48, 128, 128),
)

# Makes a step, whatever it is of.
_Step = Callable[[], Any]


def _write_photos(folder: Path, count: int) -> None:
  """Writes JPEG files of 500 x 375 pixels, as ImageNet's are on average."""
  photos = [
    Image.fromarray(photo)
    for photo in sklearn_datasets.load_sample_images().images
  ]
  generator = np.random.default_rng(0)
  for index in range(count):
    photo = photos[index % len(photos)]
    left = int(generator.integers(0, photo.width - 500))
    top = int(generator.integers(0, photo.height - 375))
    path = folder / str(index % len(photos)) / f'{index}.jpg'
    path.parent.mkdir(exist_ok=True)
    photo.crop((left, top, left + 500, top + 375)).save(path, quality=90)


def _batch() -> batches.Batch:
  """Returns a batch in memory."""
  generator = np.random.default_rng(0)
  images = generator.random((_BATCH_SIZE, _SIZE, _SIZE, 3), np.float32)
  labels = generator.integers(0, _NUM_CLASSES, _BATCH_SIZE, np.int32)
  return batches.Batch(
    tf.constant(images), tf.constant(labels), tf.ones([_BATCH_SIZE])
  )


def _input(folder: str) -> Iterator[batches.Batch]:
  """Returns the batches of a training."""
  return iter(
    input_pipeline.train_batches(
      tf.distribute.get_strategy(),
      datasets.open_dataset('image_folder', folder),
      preprocessing.Preprocessing(_SIZE, is_training=True),
      _BATCH_SIZE,
      seed=0,
      corrupt=corrupt.Corrupt(0),
    )
  )


def _ours(precision: str) -> Callable[[batches.Batch], Any]:
  """Returns the package's step."""
  strategy = tf.distribute.get_strategy()
  spec = model_spec.find_spec('inception_v1').for_classes(_NUM_CLASSES, _SIZE)
  optimizer = optimizers.Momentum(_MOMENTUM)
  state = state_lib.State(
    strategy, initial_weights.sample(spec, 0), optimizer, False, False
  )
  settings = train_config.StepSettings(
    weight_decay=_WEIGHT_DECAY, label_smoothing=0.0, clip_norm=0.0
  )
  steps = steps_lib.Steps(
    strategy, spec, state, optimizer, settings, tf.as_dtype(precision)
  )
  numbers = itertools.count()

  def step(batch: batches.Batch) -> Any:
    number = next(numbers)
    share = learning_rates.average_decay(0.0, number)
    schedule = steps_lib.make_schedule(number, _RATE, share, False)
    return steps.train(batch, schedule).loss.numpy()

  return step


def _keras_network() -> Any:
  """Returns the same network in Keras layers."""
  layers = tf.keras.layers
  decay = tf.keras.regularizers.L2(_WEIGHT_DECAY / 2)

  def conv(net: Any, channels: int, side: int, strides: int = 1) -> Any:
    net = layers.Conv2D(
      channels,
      side,
      strides,
      'same',
      use_bias=False,
      kernel_regularizer=decay,
    )(net)
    net = layers.BatchNormalization(scale=False, momentum=0.9997)(net)
    return layers.ReLU()(net)

  def pool(net: Any, strides: int = 2) -> Any:
    return layers.MaxPooling2D(3, strides, 'same')(net)

  inputs = layers.Input((_SIZE, _SIZE, 3))
  net = layers.Rescaling(2.0, -1.0)(inputs)
  net = pool(conv(net, 64, 7, 2))
  net = pool(conv(conv(net, 64, 1), 192, 3))
  for channels in _MODULES:
    if channels is None:
      net = pool(net)
      continue
    one, three_reduce, three, five_reduce, five, projection = channels
    net = layers.Concatenate()(
      [
        conv(net, one, 1),
        conv(conv(net, three_reduce, 1), three, 3),
        conv(conv(net, five_reduce, 1), five, 3),
        conv(pool(net, 1), projection, 1),
      ]
    )
  net = layers.GlobalAveragePooling2D()(net)
  net = layers.Dropout(0.2)(net)
  logits = layers.Dense(
    _NUM_CLASSES, dtype='float32', kernel_regularizer=decay
  )(net)
  return tf.keras.Model(inputs, logits)


def _keras(precision: str) -> Callable[[batches.Batch], Any]:
  """Returns the same step in Keras."""
  policy = 'float32' if precision == 'float32' else f'mixed_{precision}'
  tf.keras.mixed_precision.set_global_policy(policy)
  network = _keras_network()
  tf.keras.mixed_precision.set_global_policy('float32')
  optimizer = tf.keras.optimizers.SGD(_RATE, _MOMENTUM)

  @tf.function
  def train(batch: batches.Batch) -> tf.Tensor:
    with tf.GradientTape() as tape:
      logits = network(batch.images, training=True)
      losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
        batch.labels, logits
      )
      loss = tf.reduce_mean(losses) + tf.add_n(network.losses)
    variables = network.trainable_variables
    optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
    return loss

  return lambda batch: train(batch).numpy()


def _measure(
  kinds: Mapping[str, Tuple[int, Callable[[], _Step]]], rounds: int
) -> Dict[str, List[float]]:
  """Returns the images a second of each kind of step in each round.

  Args:
    kinds: Of each kind, how many steps a round has, and what begins a round.
    rounds: How often all take turns.
  """
  speeds: Dict[str, List[float]] = {name: [] for name in kinds}
  for _ in range(rounds):
    for name, (num_steps, begin) in kinds.items():
      step = begin()
      for _ in range(2):
        step()
      start = time.monotonic()
      for _ in range(num_steps):
        step()
      seconds = time.monotonic() - start
      speeds[name].append(_BATCH_SIZE * num_steps / seconds)
  return speeds


def main() -> None:
  """Measures, and prints a table."""
  parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
  parser.add_argument('--rounds', type=int, default=5)
  parser.add_argument('--steps', type=int, default=8, help='of a round')
  parser.add_argument('--precision', default='float32')
  arguments = parser.parse_args()
  with tempfile.TemporaryDirectory() as folder:
    _write_photos(Path(folder), 512)
    batch = _batch()
    ours, keras = _ours(arguments.precision), _keras(arguments.precision)

    # Anew in each round: it would run ahead while others are measured.
    def read() -> _Step:
      feed = _input(folder)
      return lambda: next(feed)

    def train() -> _Step:
      feed = _input(folder)
      return lambda: ours(next(feed))

    steps = arguments.steps
    speeds = _measure(
      {
        'step': (steps, lambda: lambda: ours(batch)),
        # More than it has ready.
        'input': (4 * steps, read),
        'step and input': (2 * steps, train),
        'step in Keras': (steps, lambda: lambda: keras(batch)),
      },
      arguments.rounds,
    )
  medians = {name: statistics.median(each) for name, each in speeds.items()}
  print('| what | images/s, median | least | most | of the step |')
  print('| --- | --- | --- | --- | --- |')
  for name, each in speeds.items():
    share = medians[name] / medians['step']
    print(
      f'| {name} | {medians[name]:.1f} | {min(each):.1f} | {max(each):.1f} |'
      f' {share:.2f} |'
    )


if __name__ == '__main__':
  main()
