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

"""Reads the weights in a .caffemodel file; Caffe itself is not needed.

Such a file is a protobuf `NetParameter`, of which the few fields that hold
weights are read and all others are passed over.

References:
  Field numbers and types: `src/caffe/proto/caffe.proto` of
  https://github.com/BVLC/caffe. Jia et al. (2014), "Caffe: Convolutional
  Architecture for Fast Feature Embedding", arXiv:1408.5093.
"""

from typing import Dict, Iterator, List, Mapping, Tuple

import numpy as np

from magenta_viz.models.checkpoints import protobuf_wire

# The field of a NetParameter that has layers -> those of a layer's name and of
# its blobs: V1LayerParameter, of files until 2014, and LayerParameter.
_LAYERS: Mapping[int, Tuple[int, int]] = {2: (4, 6), 100: (1, 7)}

# The fields of a BlobProto with its sizes, in files until 2014, with its values
# of either type, and with its BlobShape, whose only field has the sizes.
_SIZES = (1, 2, 3, 4)
_VALUES: Mapping[int, str] = {8: '<f8', 5: '<f4'}
_SHAPE, _DIMS = 7, 1

# A network has some hundred layers; their own fields are some ten.
_MAX_LAYERS = 10_000

# Of a blob that Caffe can make: kMaxBlobAxes.
_MAX_AXES = 32


def parse(data: bytes) -> Dict[str, np.ndarray]:
  """Returns the weights in a .caffemodel file by name, as float32.

  Args:
    data: Content of a file with layers in either of Caffe's encodings, or in
      both.

  Returns:
    '<layer>/weights' and '<layer>/biases' of each layer that has them. The
    kernel of a convolution is [height, width, in, out], the matrix of an inner
    product [in, out], biases are [out].

  Raises:
    ValueError: If it is damaged, or has layers that are neither convolutions
      nor inner products, or none at all.
  """
  net = memoryview(data)
  values: Dict[str, np.ndarray] = {}
  for number, (name, blobs) in _LAYERS.items():
    for layer in protobuf_wire.contents(net, number, _MAX_LAYERS):
      values.update(_read_layer(layer, name, blobs))
  if not values:
    raise ValueError('it holds no layer with weights')
  return values


def _read_layer(
  layer: memoryview, name_field: int, blobs_field: int
) -> Iterator[Tuple[str, np.ndarray]]:
  """Yields the weights of a layer with their names."""
  names = protobuf_wire.contents(layer, name_field)
  name = str(names[-1], 'utf-8') if names else ''
  blobs = protobuf_wire.contents(layer, blobs_field)
  if len(blobs) > 2:
    raise ValueError(
      f'layer {name!r} has {len(blobs)} blobs, not the 2 of a convolution or an'
      ' inner product'
    )
  for blob, kind in zip(blobs, ('weights', 'biases')):
    values = _read_blob(f'{name}/{kind}', blob)
    if kind == 'weights':
      values = _transpose(f'{name}/{kind}', values)
    else:
      values = values.reshape(-1)  # Old files have [1, 1, 1, out].
    yield f'{name}/{kind}', np.ascontiguousarray(values)


def _read_blob(name: str, blob: memoryview) -> np.ndarray:
  """Returns the blob's values in Caffe's own shape."""
  sizes: Dict[int, int] = {}
  pieces: Dict[int, List[memoryview]] = {number: [] for number in _VALUES}
  shapes: List[memoryview] = []
  for number, value in protobuf_wire.fields(blob):
    if number in _SIZES:
      sizes[number] = protobuf_wire.signed(value)
    elif number in _VALUES:
      # A writer may split them.
      pieces[number].append(protobuf_wire.content(value))
    elif number == _SHAPE:
      shapes.append(protobuf_wire.content(value))
  if shapes:
    shape = _read_shape(name, shapes[-1])
  else:
    shape = tuple(sizes.get(number, 0) for number in _SIZES)
  number = next((each for each in _VALUES if pieces[each]), 5)
  values = np.frombuffer(b''.join(pieces[number]), _VALUES[number])
  # In Python's integers, because a damaged shape may overflow into a good one.
  num_values = 1
  for size in shape:
    num_values *= size
  if num_values != len(values) or min(shape, default=0) < 0:
    raise ValueError(f'{name!r} has {len(values)} values for shape {shape}')
  return values.astype(np.float32).reshape(shape)


def _read_shape(name: str, data: memoryview) -> Tuple[int, ...]:
  """Returns the sizes in a BlobShape, which may be packed."""
  shape: List[int] = []
  for number, value in protobuf_wire.fields(data):
    if number != _DIMS:
      continue
    if isinstance(value, int):
      shape.append(protobuf_wire.signed(value))
      continue
    place = 0
    while place < len(value) and len(shape) <= _MAX_AXES:
      size, place = protobuf_wire.read_varint(value, place)
      shape.append(protobuf_wire.signed(size))
  if len(shape) > _MAX_AXES:
    raise ValueError(f'{name!r} has a shape of more than {_MAX_AXES} axes')
  return tuple(shape)


def _transpose(name: str, values: np.ndarray) -> np.ndarray:
  """Turns Caffe's order of axes, outputs first, into TensorFlow's."""
  # Old files pad the shape of an inner product, [1, 1, out, in]. No network of
  # ours has a convolution with one input and one output, which looks the same.
  if values.ndim == 4 and values.shape[:2] == (1, 1):
    values = values[0, 0]
  if values.ndim == 4:
    return values.transpose(2, 3, 1, 0)
  if values.ndim == 2:
    return values.T
  raise ValueError(f'{name!r} has shape {values.shape}, not 2 or 4 axes')
