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

"""How the terms of an objective are written; `objective_language` reads them.

Apart from it, because it needs TensorFlow, which takes seconds to import.
"""

import re
from typing import Iterator, Tuple

from magenta_viz.models import model_spec

KINDS = (
  'class',
  'probability',
  'layer',
  'channel',
  'neuron',
  'direction',
  'guide',
  'content',
  'diversity',
)
# The others are about layers.
OF_CLASSES = ('class', 'probability')
# These compare with a photograph: PHOTO@LAYER.
OF_PHOTOS = ('guide', 'content')
TERM = re.compile(
  r'(?:(?P<weight>[^*:]*)\*)?(?P<kind>[a-z]*)(?P<colon>:?)(?P<rest>\S*)'
)


def names_class(text: str) -> bool:
  """Tells whether a class is among what an objective raises.

  Args:
    text: An objective, right or wrong.
  """
  return any(kind in OF_CLASSES for kind in _kinds(text))


def names_logit(text: str) -> bool:
  """Tells whether a class's logit is."""
  return 'class' in _kinds(text)


def names_layer(text: str) -> bool:
  """Tells whether a layer is, of whatever network."""
  return any(kind not in OF_CLASSES for kind in _kinds(text))


def _kinds(text: str) -> Iterator[str]:
  for match in map(TERM.fullmatch, text.split()):
    if match and match['kind'] in KINDS:
      yield match['kind']


def split_network(kind: str, rest: str) -> Tuple[str, str, str]:
  """Splits what a term about a layer is of, at the network that it names.

  Args:
    kind: Of the term.
    rest: What comes after it: NETWORK@LAYER or PHOTO@NETWORK@LAYER and the
      like, or the same without NETWORK@.

  Returns:
    What is before the network, its name, '' where none is named, and what
    comes after its '@'.
  """
  start = 0
  if kind in OF_PHOTOS:
    start = rest.rpartition('@')[0].rfind('@') + 1
    if not start:
      return '', '', rest
  network, at, after = rest[start:].partition('@')
  if at and network in model_spec.MODEL_SPECS:
    return rest[:start], network, after
  return '', '', rest
