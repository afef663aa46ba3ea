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

"""What was found in photographs, for tests of the page that shows it."""

from pathlib import Path
from typing import Any, Dict, List, Tuple

import numpy as np

from magenta_viz.attribution import page

# Names that would do harm if they were not taken as text.
HOSTILE_FILE = '<script>hacked=1</script>"\'&amp; /\u732b \udce9.png'
HOSTILE_CLASS = '"><img src=x onerror=hacked=1> & </style>\u202e, second name'

# Height and width of the photographs, by name.
_SIZES = {
  'dog_cat.jpg': (80, 120),
  HOSTILE_FILE: (300, 70),
  'tiny.png': (32, 40),
}


def rows() -> List[page.Row]:
  """Returns three photographs, of which the last one lacks a method."""
  found = []
  for rank, name in enumerate(_SIZES, start=1):
    methods = ['gradient', 'grad_cam', 'rise'][: 3 if rank < 3 else 2]
    found.append(
      page.Row(
        name, name, {method: _found(name, method, rank) for method in methods}
      )
    )
  return found


def read_picture(path: Any) -> np.ndarray:
  """Returns a photograph or a picture of what was found in it, all one grey."""
  name, _, end = str(path).rpartition('|')
  level = {'': 0.2, 'map': 0.4, 'overlay': 0.6, 'mask': 0.8, 'box': 1.0}
  is_photograph = str(path) in _SIZES
  size = _SIZES[str(path) if is_photograph else name]
  return np.full([*size, 3], level['' if is_photograph else end], np.float32)


def _found(
  name: str, method: str, rank: int
) -> Tuple[Dict[str, Any], Dict[str, Path]]:
  """Returns a record and the paths of pictures."""
  record = {
    'class_name': HOSTILE_CLASS if rank == 2 else 'tabby, tabby cat',
    'probability': 0.75 / rank,
    'rank': rank,
    'first_choice': 'tiger cat, tom',
    'deletion': 0.125 * rank,
    'insertion': 0.25 * rank,
    'weights': 'package <ndf>',
    'settings': {
      'method': method,
      'model': 'squeezenet',
      'weights_sha256': 'f286bbf4' * 8,
    },
    'versions': {'magenta_viz': '0.2', 'tensorflow': '2.21'},
  }
  ends = ('map', 'overlay', 'mask', 'box')
  return record, {end: Path(f'{name}|{end}') for end in ends}
