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

Such a file is a protobuf `NetParameter`. The messages are built at run time
from the few fields that hold weights, so that no generated code is carried
along; protobuf skips all others.

References:
  Field numbers and types: `src/caffe/proto/caffe.proto` of
  https://github.com/BVLC/caffe. Jia et al. (2014), "Caffe: Convolutional
  Architecture for Fast Feature Embedding", arXiv:1408.5093.
"""

from typing import Any, Dict, Iterator, Mapping, Tuple

from google.protobuf import descriptor_pb2
from google.protobuf import descriptor_pool
from google.protobuf import message_factory
import numpy as np

from magenta_viz.models.checkpoints import protobuf_wire

# Message -> (field, number, type, whether it is repeated). The values of a blob
# are packed numbers, which have the wire format of `bytes`: declared so, 53 MB
# are parsed without a Python object for each number. `repeated`, because a
# writer may split a packed field.
_SCHEMA: Mapping[str, Tuple[Tuple[str, int, str, bool], ...]] = {
  'NetParameter': (
    ('layers', 2, 'V1LayerParameter', True),  # Files until 2014.
    ('layer', 100, 'LayerParameter', True),
  ),
  'V1LayerParameter': (
    ('name', 4, 'string', False),
    ('blobs', 6, 'BlobProto', True),
  ),
  'LayerParameter': (
    ('name', 1, 'string', False),
    ('blobs', 7, 'BlobProto', True),
  ),
  'BlobProto': (
    ('num', 1, 'int32', False),
    ('channels', 2, 'int32', False),
    ('height', 3, 'int32', False),
    ('width', 4, 'int32', False),
    ('data', 5, 'bytes', True),  # Packed float.
    ('shape', 7, 'BlobShape', False),
    ('double_data', 8, 'bytes', True),  # Packed double.
  ),
  'BlobShape': (('dim', 1, 'int64', True),),
}


# A network has some hundred layers of some ten fields.
_MAX_FIELDS = 100_000

# Of a blob that Caffe can make: kMaxBlobAxes.
_MAX_AXES = 32


def message_class(name: str) -> Any:
  """Returns the class of the protobuf message called `name` in `_SCHEMA`.

  `data` and `double_data` of a `BlobProto` are lists of little-endian bytes.
  """
  file = descriptor_pb2.FileDescriptorProto(
    name='magenta_viz/caffe.proto', package='magenta_viz.caffe'
  )
  for message_name, fields in _SCHEMA.items():
    message_type = file.message_type.add(name=message_name)
    for field_name, number, type_name, is_repeated in fields:
      field = message_type.field.add(name=field_name, number=number)
      field.label = (
        field.LABEL_REPEATED if is_repeated else field.LABEL_OPTIONAL
      )
      if type_name in _SCHEMA:
        field.type = field.TYPE_MESSAGE
        field.type_name = f'.{file.package}.{type_name}'
      else:
        field.type = getattr(field, f'TYPE_{type_name.upper()}')
      # Numbers are packed only where proto2 is told so.
      field.options.packed = type_name == 'int64' and is_repeated
  # A pool of our own: another library may have registered Caffe's messages.
  pool = descriptor_pool.DescriptorPool()
  pool.AddSerializedFile(file.SerializeToString())
  descriptor = pool.FindMessageTypeByName(f'{file.package}.{name}')
  # protobuf before 4.22, as TensorFlow 2.9 wants it, has only the factory.
  if hasattr(message_factory, 'GetMessageClass'):
    return message_factory.GetMessageClass(descriptor)
  return message_factory.MessageFactory(pool).GetPrototype(descriptor)


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
    Others: What protobuf raises at damaged bytes.
  """
  _check_num_fields(memoryview(data))
  net = message_class('NetParameter')()
  net.ParseFromString(data)
  values = dict(_read_layers(net))
  if not values:
    raise ValueError('it holds no layer with weights')
  return values


def _check_num_fields(net: memoryview) -> None:
  """Raises an error if protobuf would make too many objects of a network.

  A field of three bytes may take a hundred.
  """
  messages = [(net, 'NetParameter')]
  num_fields = 0
  while messages:
    message, kind = messages.pop()
    kinds = {number: type_ for _, number, type_, _ in _SCHEMA[kind]}
    for number, value in protobuf_wire.fields(message, _MAX_FIELDS):
      num_fields += 1
      if num_fields > _MAX_FIELDS:
        raise ValueError(
          f'it has more than {_MAX_FIELDS} fields, the most for a network'
        )
      if kinds.get(number) in _SCHEMA:
        messages.append((protobuf_wire.content(value), kinds[number]))


def _read_layers(net: Any) -> Iterator[Tuple[str, np.ndarray]]:
  for layers in (net.layers, net.layer):
    for layer in layers:
      if len(layer.blobs) > 2:
        raise ValueError(
          f'layer {layer.name!r} has {len(layer.blobs)} blobs, not the 2 of a '
          'convolution or an inner product'
        )
      for blob, kind in zip(layer.blobs, ('weights', 'biases')):
        name = f'{layer.name}/{kind}'
        values = _read_blob(name, blob)
        if kind == 'weights':
          values = _transpose(name, values)
        else:
          values = values.reshape(-1)  # Old files have [1, 1, 1, out].
        yield name, np.ascontiguousarray(values)


def _read_blob(name: str, blob: Any) -> np.ndarray:
  """Returns the blob's values in Caffe's own shape."""
  if len(blob.shape.dim) > _MAX_AXES:
    raise ValueError(f'{name!r} has a shape of {len(blob.shape.dim)} axes')
  if blob.HasField('shape'):
    shape = tuple(blob.shape.dim)
  else:
    shape = (blob.num, blob.channels, blob.height, blob.width)
  if blob.double_data:
    values = np.frombuffer(b''.join(blob.double_data), '<f8')
  else:
    values = np.frombuffer(b''.join(blob.data), '<f4')
  # In Python's integers, because a damaged shape may overflow into a good one.
  num_values = 1
  for size in shape:
    num_values *= size
  if num_values != len(values) or min(shape, default=0) < 0:
    raise ValueError(f'{name!r} has {len(values)} values for shape {shape}')
  return values.astype(np.float32).reshape(shape)


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
