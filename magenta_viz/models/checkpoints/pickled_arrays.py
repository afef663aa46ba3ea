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

"""Reads NumPy's arrays from a pickle; `pickle_machine` says why so."""

import re
from typing import Any, Dict, Iterator, Mapping, Optional, Tuple

import numpy as np

from magenta_viz.models.checkpoints import pickle_machine

_DTYPE_CODE = re.compile('[biufc][0-9]{1,2}')


class _Dtype(pickle_machine.Built):
  """Stands for a `numpy.dtype`: a type code, and then the byte order."""

  def __init__(self, code: Any, *unused_args: Any):
    if not isinstance(code, str) or not _DTYPE_CODE.fullmatch(code):
      raise ValueError(f'it has an array of {code!r}, not of numbers')
    self._code = code
    self.dtype = np.dtype(code)

  def build(self, state: Any) -> None:
    """Takes the byte order, the second of a tuple."""
    if not isinstance(state, tuple) or state[1] not in ('<', '>', '|', '='):
      raise ValueError('it has a type of numbers without their order')
    self.dtype = np.dtype(state[1] + self._code)


class _Array(pickle_machine.Built):
  """Stands for a `numpy.ndarray`: made empty, and then given its content."""

  array: Optional[np.ndarray] = None

  def __init__(self, *unused_args: Any):
    pass

  def build(self, state: Any) -> None:
    """Takes shape, dtype, order and content."""
    _, shape, dtype, is_fortran, content = state
    if not isinstance(dtype, _Dtype) or not isinstance(content, bytes):
      raise ValueError('it has an array without content')
    # Refuses content that does not fill the shape. It is not copied: one
    # content may be that of many arrays.
    values = np.frombuffer(content, dtype.dtype)
    self.array = values.reshape(shape, order='F' if is_fortran else 'C')


# NumPy has moved its functions since; these are the names that files have.
_STAND_INS: Mapping[Tuple[str, str], Any] = {
  ('numpy.core.multiarray', '_reconstruct'): _Array,
  ('numpy', 'ndarray'): _Array,
  ('numpy', 'dtype'): _Dtype,
}


def parse(data: bytes) -> Dict[str, np.ndarray]:
  """Returns '<layer>/weights' and '<layer>/biases' of a pickled dictionary.

  Args:
    data: The pickle: layer name to (kernel, biases).

  Returns:
    Arrays that must not be written to.

  Raises:
    ValueError: If it holds, or calls, anything else.
    Others: What Python raises where the machine's stack or memory lacks what
      an instruction needs.
  """
  layers = pickle_machine.Machine(data, _STAND_INS).run()
  return dict(_name_arrays(layers))


def _name_arrays(layers: Any) -> Iterator[Tuple[str, np.ndarray]]:
  if not isinstance(layers, dict):
    raise ValueError('it is no dict, layer name to (kernel, biases)')
  for layer, arrays in layers.items():
    if not isinstance(layer, str):
      raise ValueError('it has a layer whose name is no text')
    kernel, biases = arrays
    for kind, array in (('weights', kernel), ('biases', biases)):
      if not isinstance(array, _Array) or array.array is None:
        raise ValueError(f'the {kind} of layer {layer!r} are no array')
      yield f'{layer}/{kind}', array.array
