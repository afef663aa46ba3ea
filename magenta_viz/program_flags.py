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

"""Flags that may be given again, which are those of classes, and all others."""

from typing import Any, List, Mapping, Sequence, Tuple

from absl import app
from absl import flags

from magenta_viz.models import imagenet_classes

# Programs have flags of the same names, and tests import them all.
_SHARED: Mapping[str, Any] = {'allow_override': True}


def parse(argv: Sequence[str]) -> List[str]:
  """Parses the flags, and returns the arguments that are none.

  Raises:
    flags.Error: If one does not parse, or is given twice and cannot add up.
  """
  before = {name: flags.FLAGS[name].present for name in flags.FLAGS}
  rest = flags.FLAGS(argv)
  for name, times in before.items():
    flag = flags.FLAGS[name]
    # What a flagfile says counts, too, and --noNAME for --NAME.
    if flag.present - times > 1 and not isinstance(flag, flags.MultiFlag):
      raise flags.Error(
        f'--{flag.name} is given {flag.present - times} times; give it once'
      )
  return rest


def define_classes(which: str) -> None:
  """Defines the flags of the classes that are meant, for `class_ids`.

  Args:
    which: What is meant by ids, for the help.
  """
  flags.DEFINE_multi_string(
    'class_id',
    None,
    f"0-based, ILSVRC's or of --checkpoint's own classes: {which}",
    **_SHARED,
  )
  flags.DEFINE_multi_string(
    'class_name', None, 'a class by its name, in place of its id', **_SHARED
  )


def names_classes() -> bool:
  """Tells whether the flags name classes.

  Raises:
    UsageError: If they do so in two ways.
  """
  given = [flags.FLAGS[name].value for name in ('class_id', 'class_name')]
  if None not in given:
    raise app.UsageError('give one of --class_id and --class_name, not both')
  return given != [None, None]


def class_ids(names: Sequence[str]) -> Tuple[int, ...]:
  """Returns the classes that the flags name, each once.

  Args:
    names: Of all classes, in the order of their ids.

  Raises:
    ValueError: If there is no such class.
  """
  if flags.FLAGS['class_id'].value is not None:
    text = ','.join(flags.FLAGS['class_id'].value)
    return imagenet_classes.parse_class_ids(text, len(names))
  found = [
    imagenet_classes.find_class(name, names)
    for name in flags.FLAGS['class_name'].value or ()
  ]
  return tuple(dict.fromkeys(found))
