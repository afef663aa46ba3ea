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

"""Writes scikit-learn's handwritten digits as a folder of pictures.

  python -m tools.digits_folder --output_dir=digits

writes `digits/train/3/0013.png` and the like: 1,797 grey pictures of 64 x 64
pixels, enlarged from 8 x 8, each under its number in `load_digits`. A fifth,
drawn with seed 0, is in `digits/eval`. They install with the package
scikit-learn, so that they are there without a network connection.

References:
  E. Alpaydin and C. Kaynak (1998), Optical Recognition of Handwritten Digits,
  UCI Machine Learning Repository, DOI 10.24432/C50P49: its test set.
"""

import argparse
import io
from pathlib import Path
import sys
from typing import Mapping, NamedTuple, Sequence

import numpy as np
from PIL import Image

# The values of the pictures are whole numbers from 0, which is paper, to this.
MAX_VALUE = 16

SIZE = 64

_EVAL_SHARE = 0.2
_SEED = 0


class Digits(NamedTuple):
  """Handwritten digits.

  Attributes:
    numbers: [n] int array, their places in `load_digits`.
    images: [n, 8, 8] float64 array, grey from 0 to `MAX_VALUE`.
    labels: [n] int array, 0 to 9.
  """

  numbers: np.ndarray
  images: np.ndarray
  labels: np.ndarray


def load_splits() -> Mapping[str, Digits]:
  """Returns the digits to train with, 'train', and the others, 'eval'."""
  # The tests of the checkout need it, the package itself does not.
  from sklearn import datasets

  bunch = datasets.load_digits()
  labels = np.asarray(bunch.target)
  # numpy promises the same numbers of `RandomState` in all versions.
  order = np.random.RandomState(_SEED).permutation(len(labels))
  num_eval = round(len(labels) * _EVAL_SHARE)
  parts = {'train': order[num_eval:], 'eval': order[:num_eval]}
  splits = {}
  for split, part in parts.items():
    numbers = np.sort(part)
    splits[split] = Digits(numbers, bunch.images[numbers], labels[numbers])
  return splits


def encode_png(image: np.ndarray) -> bytes:
  """Returns a digit as the bytes of a PNG file, grey, white on black.

  Args:
    image: [8, 8] float array, from 0 to `MAX_VALUE`.
  """
  levels = np.rint(image * (255 / MAX_VALUE)).astype(np.uint8)
  # Of 8 bits, and so with whole numbers: the same on every machine.
  enlarged = Image.fromarray(levels).resize(
    (SIZE, SIZE), Image.Resampling.BICUBIC
  )
  file = io.BytesIO()
  enlarged.save(file, 'PNG')
  return file.getvalue()


def write_folder(folder: Path) -> int:
  """Writes the digits, in the place of any that are there.

  Args:
    folder: Is made where it is not.

  Returns:
    The number of pictures.

  Raises:
    OSError: If they cannot be written.
  """
  num_pictures = 0
  for split, digits in load_splits().items():
    for number, image, label in zip(*digits):
      path = folder / split / str(label) / f'{number:04d}.png'
      path.parent.mkdir(parents=True, exist_ok=True)
      path.write_bytes(encode_png(image))
      num_pictures += 1
  return num_pictures


def main(argv: Sequence[str]) -> None:
  """Writes the digits to the folder that the arguments name.

  Args:
    argv: The arguments, without the program's name.
  """
  parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
  parser.add_argument('--output_dir', required=True, help='the folder')
  write_folder(Path(parser.parse_args(argv).output_dir))


if __name__ == '__main__':
  main(sys.argv[1:])
