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

"""Names that somebody may have meant."""

import difflib
import re
from typing import FrozenSet, Iterable, List, Mapping, Tuple

# What settings of Lucid, Xplique, tf-keras-vis and the notebooks of 2015 are
# called here (docs/coming_from.md), and what else comes to mind.
_ELSEWHERE: Mapping[str, Tuple[str, ...]] = {
  'batch': ('num_variations',),
  'batches': ('num_variations',),
  'channel': ('objective',),
  'decorrelate': ('colours',),
  'fft': ('parameterization',),
  'iterations': ('num_steps',),
  'iter_n': ('num_steps',),
  'jitter': ('transforms',),
  'layer': ('layer', 'objective'),
  'lr': ('learning_rate',),
  'nb_steps': ('num_steps',),
  'neuron': ('objective',),
  'octave_n': ('octaves',),
  'param_f': ('parameterization',),
  'size': ('image_size',),
  'thresholds': ('num_steps',),
  'use_fft': ('parameterization',),
}


def nearest(name: str, known: Iterable[str], count: int = 3) -> List[str]:
  """Returns names that are nearly as one that is not known, the best first.

  Those that differ in case and signs alone, else the one that other tools call
  so, else those that have all of its
  words, as num_steps has those of steps, and those that are spelled alike.

  Args:
    name: The name.
    known: Names that are known.
    count: Most to return.
  """
  names = list(dict.fromkeys(known))
  same = [each for each in names if _letters(each) == _letters(name)]
  if same:
    return same[:count]
  elsewhere = [each for each in _ELSEWHERE.get(name, ()) if each in names]
  if elsewhere:
    return elsewhere[:1]
  words = _words(name)
  longer = [each for each in names if words and words <= _words(each)]
  by_letters = {_letters(each): each for each in reversed(names)}
  close = difflib.get_close_matches(_letters(name), by_letters, count)
  found = longer + [by_letters[each] for each in close]
  return list(dict.fromkeys(found))[:count]


def question(name: str, known: Iterable[str], sign: str = '') -> str:
  """Returns 'did you mean X or Y?'; nothing where no name is near.

  Args:
    name: The name.
    known: Names that are known.
    sign: What comes before each, as before flags.
  """
  found = [sign + each for each in nearest(name, known)]
  if not found:
    return ''
  *others, last = found
  return f'did you mean {", ".join(others)}{" or " if others else ""}{last}?'


def _letters(name: str) -> str:
  return re.sub(r'[\W_]+', '', name.casefold())


def _words(name: str) -> FrozenSet[str]:
  return frozenset(re.findall(r'[^\W_]+', name.casefold()))
