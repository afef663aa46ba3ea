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

"""What the record beside a checkpoint must say, and what it may not.

A record comes with a checkpoint of whoever trained it: each of its numbers is
the size of something here, and its names go to terminals and into files.
"""

from typing import Any, Callable, Mapping, Optional, Sequence, Tuple
import unicodedata

from magenta_viz.models import picture_statistics

# What training can be asked for: its largest --image_size and --num_steps.
_MAX_SIZE = 1024
_MAX_STEPS = 10**9

# ImageNet has 21,841 classes in all; the longest name of its 1,000 has 121
# letters, and that of a folder 255.
_MAX_OUTPUTS = 100_000
_MAX_NAME = 1000

# Three thousand years.
_MAX_SECONDS = 1e11

# Unicode's categories: what moves a terminal's cursor or breaks a line, and
# halves of characters, which cannot be written.
_CONTROL = ('Cc', 'Zl', 'Zp', 'Cs')


def find_fault(
  record: Mapping[str, Any], fields: Mapping[str, 'Field']
) -> Optional[str]:
  """Returns what is wrong with a record; None if nothing is.

  Args:
    record: As read from its file or to be written.
    fields: What it must have, `FIELDS` or `RESUMED_FIELDS`; or may have,
      `LATER_FIELDS`.
  """
  for name, (meaning, is_valid) in fields.items():
    if name not in record:
      if name in LATER_FIELDS:
        continue
      return f'it lacks {name}, {meaning}'
    if not is_valid(record[name]):
      return f'its {name} is not {meaning}'
  return None


def check_class_names(names: Sequence[str]) -> None:
  """Checks that a record can have these names of classes.

  Raises:
    ValueError: If it cannot; it says which.
  """
  if len(names) > _MAX_OUTPUTS:
    raise ValueError(
      f'there are {len(names)} classes; a network has {_MAX_OUTPUTS} at most'
    )
  for name in names:
    if not _is_name(name):
      raise ValueError(
        f'{name[:_MAX_NAME]!r} is no name of a class; it may have 1 to'
        f' {_MAX_NAME} characters, but no line breaks or other control ones'
      )


def _is_whole(least: int, most: int) -> Callable[[Any], bool]:
  """Returns what tells whole numbers from `least` to `most` from all else."""
  return lambda value: type(value) is int and least <= value <= most


def _is_name(value: Any) -> bool:
  """Tells the name of a class, which goes to terminals and into files."""
  return (
    isinstance(value, str)
    and 0 < len(value) <= _MAX_NAME
    and not any(unicodedata.category(each) in _CONTROL for each in value)
  )


def _is_names(value: Any) -> bool:
  return isinstance(value, (list, tuple)) and all(map(_is_name, value))


def _is_number(most: float) -> Callable[[Any], bool]:
  """Returns what tells numbers from 0 to `most`; NaN is in no range."""
  return lambda value: (
    isinstance(value, (int, float))
    and not isinstance(value, bool)
    and 0 <= value <= most
  )


def _is_share(value: Any) -> bool:
  return value is None or _is_number(1)(value)


# What it is, and what tells whether a value is that.
Field = Tuple[str, Callable[[Any], bool]]

# What a record must have.
FIELDS: Mapping[str, Field] = {
  'model': ('the name of a network', _is_name),
  'image_size': (
    f'a number of pixels, {_MAX_SIZE} at most',
    _is_whole(1, _MAX_SIZE),
  ),
  'num_outputs': (
    f'a number of outputs, {_MAX_OUTPUTS} at most',
    _is_whole(1, _MAX_OUTPUTS),
  ),
  'class_offset': ('the output of class id 0', _is_whole(0, _MAX_OUTPUTS)),
  'class_names': (
    f'a list of names, each of {_MAX_NAME} characters at most and without'
    ' control characters',
    _is_names,
  ),
  'step': (
    f'a number of steps, {_MAX_STEPS} at most',
    _is_whole(0, _MAX_STEPS),
  ),
  'top1': ('a share from 0 to 1, or null', _is_share),
}

# What earlier versions did not write: it may be missing.
LATER_FIELDS: Mapping[str, Field] = {
  'pictures': (
    'what was measured of pictures, a colour, a covariance and a slope, or'
    ' null',
    picture_statistics.is_record,
  ),
}

# What it must have besides for training to go on.
RESUMED_FIELDS: Mapping[str, Field] = {
  'top5': ('a share from 0 to 1, or null', _is_share),
  'seconds': ('how long training took', _is_number(_MAX_SECONDS)),
}
