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

r"""How well networks of small sets of pictures are drawn, as a table.

Makes a set, trains a network on it and others from another start, draws each
class with the command that training prints, and lets the others say what they
see: each by its first choice, and by the class whose mean features, over the
training pictures, are the nearest. Of digits a support-vector machine judges,
too, that knows nothing but 8 x 8 pixels. Takes some ten minutes a set on two
cores; flags of the command, such as --decay_power=1.35, go to all pictures:

  python -m benchmarks.small_networks --sets coloured shapes digits
  python -m benchmarks.small_networks --sets shapes --output_dir=small \
    --facet=60 --init=tint
"""

import argparse
from pathlib import Path
import subprocess
import sys
import tempfile
from typing import Any, Dict, List, Mapping, Sequence, Tuple

import numpy as np
from PIL import Image
from PIL import ImageDraw

_SIZE = 128
_COLOURS = {'red': (200, 40, 40), 'green': (40, 160, 60), 'blue': (40, 70, 200)}

# Corners of the polygons, and where the first one is.
_CORNERS = {'square': (4, np.pi / 4), 'triangle': (3, -np.pi / 2)}

# Classes by their names, each a shape and its colour, '' for any; and pictures
# of each.
_SHAPES: Mapping[str, Tuple[Mapping[str, Tuple[str, str]], int]] = {
  'coloured': (
    {
      'red circle': ('circle', 'red'),
      'green square': ('square', 'green'),
      'blue triangle': ('triangle', 'blue'),
    },
    30,
  ),
  'shapes': (
    {name: (name, '') for name in ('circle', 'square', 'triangle')},
    60,
  ),
}
_SETS = (*_SHAPES, 'digits')

_FINETUNED = '--finetune_from=auto --image_size=96 --batch_size=16'
# The first draws, the others judge.
_TRAININGS: Mapping[str, Mapping[str, str]] = {
  'coloured': {
    'drawn': f'--model=squeezenet {_FINETUNED} --num_steps=150',
    'squeezenet': f'--model=squeezenet {_FINETUNED} --num_steps=200 --seed=1',
    'efficientnet': f'--model=efficientnet_lite0 {_FINETUNED} --num_steps=200'
    ' --seed=5',
    'inception': '--image_size=96 --batch_size=16 --num_steps=400'
    ' --min_area=0.4 --central_fraction=1 --seed=6',
  },
  'shapes': {
    'drawn': f'--model=squeezenet {_FINETUNED} --num_steps=400',
    'squeezenet': f'--model=squeezenet {_FINETUNED} --num_steps=400 --seed=1',
    'efficientnet': f'--model=efficientnet_lite0 {_FINETUNED} --num_steps=400'
    ' --seed=5',
    'inception': '--image_size=96 --batch_size=16 --num_steps=800'
    ' --min_area=0.4 --central_fraction=1 --seed=6',
  },
  'digits': {
    'drawn': '--image_size=64 --nomirror --min_area=0.7 --central_fraction=1'
    ' --weight_decay=2e-3 --dropout=0.5 --num_epochs=12',
    'squeezenet': '--model=squeezenet --finetune_from=auto --image_size=64'
    ' --num_epochs=6 --nomirror',
  },
}


def draw_shape(
  generator: np.random.Generator, shape: str, colour: str
) -> Image.Image:
  """Draws a shape in front of soft clouds of all colours.

  Args:
    generator: Draws where and how large it is, and what is behind it.
    shape: 'circle', 'square' or 'triangle'.
    colour: Of `_COLOURS`; '' for any of them.
  """
  clouds = generator.uniform(60, 200, (*[generator.integers(2, 6)] * 2, 3))
  side = 2 * _SIZE
  image = Image.fromarray(clouds.astype(np.uint8)).resize(
    (side, side), Image.Resampling.BICUBIC
  )
  chosen = colour or list(_COLOURS)[generator.integers(len(_COLOURS))]
  fill = np.array(_COLOURS[chosen]) + generator.normal(0, 12, 3)
  radius = generator.uniform(0.18, 0.36) * side
  middle = generator.uniform(0.38, 0.62, 2) * side
  if shape == 'circle':
    points = np.linspace(0, 2 * np.pi, 100)
  else:
    count, first = _CORNERS[shape]
    turn = first + generator.uniform(-0.15, 0.15)
    points = turn + 2 * np.pi * np.arange(count) / count
  outline = middle + radius * np.stack([np.cos(points), np.sin(points)], axis=1)
  ImageDraw.Draw(image).polygon(
    [(x, y) for x, y in outline], fill=tuple(map(int, fill.clip(0, 255)))
  )
  small = np.asarray(
    image.resize((_SIZE, _SIZE), Image.Resampling.LANCZOS), float
  )
  noisy = small + generator.normal(0, 4, small.shape)
  return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


def write_set(name: str, folder: Path) -> None:
  """Writes a set as a folder of pictures.

  Args:
    name: Of `_SETS`.
    folder: Where to.
  """
  if name == 'digits':
    from tools import digits_folder

    digits_folder.write_folder(folder)
    return
  classes, count = _SHAPES[name]
  generator = np.random.default_rng(len(classes) + count)
  for class_name, (shape, colour) in classes.items():
    for i in range(count + 15):
      split = 'train' if i < count else 'eval'
      path = folder / split / class_name / f'{i:03}.png'
      path.parent.mkdir(parents=True, exist_ok=True)
      draw_shape(generator, shape, colour).save(path)


def _run(program: str, *flags: str) -> None:
  """Runs a command of the package."""
  path = Path(sys.executable).with_name(f'image_visualization_{program}')
  subprocess.run([str(path), *flags, '--verbosity=-1'], check=True)


class Judge:
  """A network, and the mean features of each class that it was trained on."""

  def __init__(self, checkpoint: Path, pictures: Path):
    """Reads the network, and shows it the training pictures.

    Args:
      checkpoint: Folder of the training.
      pictures: Folder of its set.
    """
    import tensorflow as tf

    from magenta_viz.models import network_loading
    from magenta_viz.models import network_source

    source = network_source.choose('auto', str(checkpoint))
    self._network: Any = network_loading.load(source, tf.float32)
    means = []
    for name in self._network.class_names:
      paths = sorted((pictures / 'train' / name).iterdir())[:60]
      means.append(self._features(read(paths))[0].mean(axis=0))
    self._middle = np.mean(means, axis=0)
    self._means = _lengthened(np.stack(means) - self._middle)

  def __call__(self, images: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
    """Returns first choices and nearest means of [n, h, w, 3] pictures."""
    features, logits = self._features(images)
    nearness = _lengthened(features - self._middle) @ self._means.T
    return logits.argmax(axis=1), nearness.argmax(axis=1)

  def _features(self, images: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
    found: List[Tuple[np.ndarray, np.ndarray]] = []
    for i in range(0, len(images), 32):
      outputs = self._network.look_at(images[i : i + 32])
      features = np.asarray(outputs.end_points[self._network.features])
      axes = tuple(range(1, features.ndim - 1))
      found.append((features.mean(axis=axes), np.asarray(outputs.logits)))
    features, logits = map(np.concatenate, zip(*found))
    return features, logits


def _lengthened(vectors: np.ndarray) -> np.ndarray:
  """Returns vectors of length 1, each a row."""
  return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def read(paths: Sequence[Path]) -> np.ndarray:
  """Returns pictures of one size, [n, height, width, 3] float32 in [0, 1]."""
  images = [np.asarray(Image.open(path).convert('RGB')) for path in paths]
  return np.stack(images).astype(np.float32) / 255


def measure(name: str, root: Path, count: int, flags: Sequence[str]) -> None:
  """Trains what is not trained yet, draws, and prints what is seen.

  Args:
    name: Of the set.
    root: Of the set and the networks; those that are there are taken.
    count: Pictures a class.
    flags: For the command that draws.
  """
  pictures = root / name
  if not pictures.exists():
    write_set(name, pictures)
  trained: Dict[str, Path] = {}
  for each, words in _TRAININGS[name].items():
    trained[each] = root / f'{name}_{each}'
    data = ('--dataset=image_folder', f'--data_dir={pictures}')
    _run('train', *data, f'--train_dir={trained[each]}', *words.split())
  drawn = Path(tempfile.mkdtemp(dir=root, prefix=f'{name}_pictures_'))
  paths: List[Path] = []
  # Each seed by itself, as a user draws it.
  for seed in range(count):
    output = drawn / str(seed)
    _run(
      'visualize',
      f'--checkpoint={trained["drawn"]}',
      '--class_id=all',
      f'--seed={seed}',
      f'--output_dir={output}',
      *flags,
    )
    paths += [path for path in sorted(output.glob('0*.png'))]
  images = read(paths)
  ids = np.array([int(path.name[:3]) for path in paths])
  print(f'{name}: {len(ids)} pictures in {drawn}', flush=True)
  for each in list(trained)[1:]:
    first, nearest = Judge(trained[each], pictures)(images)
    for what, found in (('first choice', first), ('nearest mean', nearest)):
      print(f'{each:14} {what:14} {np.mean(found == ids):.2f}', flush=True)
  if name == 'digits':
    from tools import digits_chain_test

    seen = digits_chain_test.recognise(images)
    print(f'{"8 x 8 pixels":29} {np.mean(seen == ids):.2f}', flush=True)


def main() -> None:
  """Measures, and prints the tables."""
  parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
  parser.add_argument('--sets', nargs='+', default=_SETS, choices=_SETS)
  parser.add_argument('--output_dir', help='keeps sets and networks here')
  parser.add_argument('--count', type=int, default=8, help='pictures a class')
  args, flags = parser.parse_known_args()
  root = Path(args.output_dir or tempfile.mkdtemp())
  for name in args.sets:
    measure(name, root, args.count, flags)


if __name__ == '__main__':
  main()
