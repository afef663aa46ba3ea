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

"""What the first operations of a graph say of the pictures that it takes."""

from typing import Any, Dict, List, Mapping, Optional, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.models.foreign import frozen_graph
from magenta_viz.models.foreign import graph_layers
from magenta_viz.models.foreign import input_format

_BYTES = (0.0, 255.0)

# Networks compute with numbers up to 2.7 (keras.applications' 'torch') once
# they have scaled a picture, and with those of Caffe's up to 152, which has
# only taken off a mean of 104 or more.
_MAX_SCALED = 3.0
_MIN_SPAN = 0.4
_MIN_MEAN = 60.0

_HANDED_ON = ('Cast', 'Identity')
_ARITHMETIC = ('Add', 'AddV2', 'Sub', 'Mul', 'RealDiv', 'Div')


def said(graph: frozen_graph.FrozenGraph) -> input_format.Said:
  """Returns the form of a graph's input, if it begins by rescaling it.

  Each factor and summand is followed that is a number, or one a channel.
  """
  if graph.is_bytes:
    return input_format.Said(
      input_format.InputFormat(range=_BYTES), 'its input of bytes'
    )
  scale, offset, last = _followed(graph)
  if last is None:
    return input_format.NOTHING_SAID
  for black, white in (_BYTES, (0.0, 1.0)):
    ends = np.array([offset + black * scale, offset + white * scale])
    span = np.max(np.abs(ends[1] - ends[0]))
    is_scaled = np.max(np.abs(ends)) <= _MAX_SCALED and span >= _MIN_SPAN
    is_centred = (
      white > 1 and np.all(scale == 1) and np.min(-offset) > _MIN_MEAN
    )
    if is_scaled or is_centred:
      found = input_format.InputFormat(range=(black, white))
      place = '/'.join(graph_layers.path_of(last)[-2:])
      return input_format.Said(found, f'its operation {place}')
  return input_format.NOTHING_SAID


def _followed(
  graph: frozen_graph.FrozenGraph,
) -> Tuple[np.ndarray, np.ndarray, Optional[str]]:
  """Returns what a picture is multiplied by, what is added then, and where.

  Returns:
    Two arrays of one number or one a channel, and the name of the last
    operation that is a part of it; None if none is.
  """
  takers: Dict[str, List[Any]] = {}
  nodes = {node.name: node for node in graph.graph_def.node}
  for node in nodes.values():
    for text in node.input:
      takers.setdefault(text, []).append(node)
  scale, offset, last = np.ones(1), np.zeros(1), None
  name = graph.input_name.partition(':')[0]
  while len(takers.get(name, [])) == 1:
    (node,) = takers[name]
    if node.op in _ARITHMETIC:
      place = list(node.input).index(name)
      value = _number(nodes, node.input[1 - place])
      # Of one number less the picture, or through it, nothing is known.
      if value is None or (place and node.op not in ('Add', 'AddV2', 'Mul')):
        break
      if node.op in ('Mul', 'RealDiv', 'Div'):
        factor = value if node.op == 'Mul' else 1 / value
        scale, offset = scale * factor, offset * factor
      else:
        offset = offset + (value if node.op.startswith('Add') else -value)
      last = node.name
    elif node.op not in _HANDED_ON:
      break
    name = node.name
  return scale, offset, last


def _number(nodes: Mapping[str, Any], text: str) -> Optional[np.ndarray]:
  """Returns a constant of one number, or one a channel."""
  node = nodes.get(text.partition(':')[0])
  while node is not None and node.op in _HANDED_ON:
    node = nodes.get(node.input[0].partition(':')[0])
  if node is None or node.op != 'Const':
    return None
  value = np.asarray(tf.make_ndarray(node.attr['value'].tensor), np.float64)
  is_known = value.size == max(value.shape, default=1) and np.all(value != 0)
  return value.ravel() if is_known else None
