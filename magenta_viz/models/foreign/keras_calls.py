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

"""What the layers of a Keras model give while it is called."""

import contextlib
import inspect
import itertools
import re
import threading
from typing import Any, Callable, Dict, Iterator, List, Optional, Type

import tensorflow as tf

# A class of Keras is changed for as long as a model is called.
_CALLING = threading.Lock()

# What a layer's name cannot have where objectives name it.
_UNFIT = re.compile(r'[\s:@*+]')


def base_of(model: Any) -> Optional[Type[Any]]:
  """Returns Keras's own class of layers that a model is of; None for no model.

  Without an import: whoever has a model of Keras has imported the one that it
  is of, be it 2 or 3.
  """
  is_model = False
  for each in type(model).__mro__:
    if _is_of_keras(each):
      is_model = is_model or each.__name__ == 'Model'
      if each.__name__ == 'Layer' and is_model:
        return each
  return None


def _is_of_keras(kind: Type[Any]) -> bool:
  """Tells whether a class is Keras's own."""
  module = kind.__module__
  return module.split('.')[0] in ('keras', 'tf_keras') or module.startswith(
    'tensorflow.python.keras'
  )


class _Recorder:
  """Takes down what layers give, outermost first the model itself."""

  def __init__(self, graph: Any):
    """Takes the graph that the model is built in."""
    self._graph = graph
    self._above: List[Any] = []
    self._times: Dict[str, int] = {}
    self.layers: Dict[str, tf.Tensor] = {}

  def call(
    self, original: Callable[..., Any], layer: Any, args: Any, kwargs: Any
  ) -> Any:
    """Calls a layer as it is used, and takes down what it gives."""
    # A model is drawn as it is used, whatever it does to its layers.
    if kwargs.get('training') is not None:
      kwargs = {**kwargs, 'training': False}
    args = [
      False if name == 'training' and value is not None else value
      for name, value in itertools.zip_longest(
        _parameters(layer)[: len(args)], args
      )
    ]
    self._above.append(layer)
    try:
      found = original(layer, *args, **kwargs)
    finally:
      self._above.pop()
    # A model's own output is one of its last layer, and what is inside of one
    # of Keras's layers, as attention's projections, is no layer of the model.
    if self._above and all(map(_is_open, self._above)):
      self._take(layer, args, found)
    return found

  def _take(self, layer: Any, args: Any, found: Any) -> None:
    """Takes down what a layer gives, if it is a tensor of this graph."""
    if isinstance(found, (list, tuple)) and found:
      found = found[0]
    if not isinstance(found, tf.Tensor) or found.graph is not self._graph:
      return
    # What does nothing when used, as dropout.
    is_copied = found.op.type == 'Identity'
    given = found.op.inputs[0] if is_copied else found
    if any(given is each for each in args):
      return
    name = _UNFIT.sub('_', layer.name)
    others = [_UNFIT.sub('_', each.name) for each in self._above[1:]]
    # Two parts may have layers of one name, and one layer be called twice.
    if name in self.layers and others:
      name = '/'.join([*others, name])
    times = self._times[name] = self._times.get(name, 0) + 1
    self.layers[name if times == 1 else f'{name}/{times}'] = found


def _parameters(layer: Any) -> List[str]:
  """Returns the names of what a layer is called with."""
  return list(inspect.signature(layer.call).parameters)


def _is_open(layer: Any) -> bool:
  """Tells whether the layers inside of a layer are of the user's making."""
  kind = type(layer)
  return not _is_of_keras(kind) or any(
    each.__name__ == 'Model' and _is_of_keras(each) for each in kind.__mro__
  )


@contextlib.contextmanager
def _recording(base: Type[Any], recorder: _Recorder) -> Iterator[None]:
  """Lets a recorder call all layers that this thread calls."""
  original = base.__call__
  thread = threading.get_ident()

  def call(self: Any, *args: Any, **kwargs: Any) -> Any:
    if threading.get_ident() != thread:
      return original(self, *args, **kwargs)
    return recorder.call(original, self, args, kwargs)

  with _CALLING:
    base.__call__ = call
    try:
      yield
    finally:
      base.__call__ = original


def call(model: Any, inputs: tf.Tensor) -> Any:
  """Calls a model of Keras in a graph, as it is used and not as in training.

  Args:
    model: The model.
    inputs: What it takes.

  Returns:
    What it returns, and what its layers give by their names, in the order in
    which they are run. Of what layers are made of inside, as the projections of
    attention, nothing is told.
  """
  base = base_of(model)
  assert base is not None
  recorder = _Recorder(inputs.graph)
  parameters = inspect.signature(model.call).parameters.values()
  takes_training = any(
    each.name == 'training' or each.kind is each.VAR_KEYWORD
    for each in parameters
  )
  with _recording(base, recorder):
    found = model(inputs, **({'training': False} if takes_training else {}))
  return found, recorder.layers
