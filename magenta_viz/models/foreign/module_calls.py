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

"""What the modules of a tf.Module give while it is called."""

import contextlib
import threading
from typing import Any, Callable, Dict, Iterable, Iterator, List, Tuple

import tensorflow as tf

# Classes of modules are changed for as long as one is called.
_CALLING = threading.Lock()


def call(module: Any, inputs: tf.Tensor) -> Any:
  """Calls a module in a graph.

  Args:
    module: What can be called with pictures.
    inputs: These.

  Returns:
    What it returns, and what the modules in it give, in the order in which they
    are run, by where they are in it: 'blocks/0/conv' is `blocks[0].conv`. One
    that is called twice has '/2' behind it the second time. What is called
    inside of a tf.function is in another graph, and is not told.
  """
  names = _names(module)
  layers: Dict[str, tf.Tensor] = {}
  times: Dict[str, int] = {}

  def take(part: Any, found: Any) -> None:
    name = names.get(id(part))
    if isinstance(found, (list, tuple)) and found:
      found = found[0]
    if name is None or not isinstance(found, tf.Tensor):
      return
    if found.graph is inputs.graph:
      times[name] = times.get(name, 0) + 1
      layers[name if times[name] == 1 else f'{name}/{times[name]}'] = found

  with _watched({type(each) for each in module.submodules}, take):
    found = module(inputs)
  return found, layers


def _names(module: tf.Module) -> Dict[int, str]:
  """Returns where in a module the others are, by their identities."""
  names: Dict[int, str] = {}
  waiting: List[Tuple[str, Any]] = list(vars(module).items())
  while waiting:
    path, thing = waiting.pop(0)
    inside: Any = ()
    if isinstance(thing, tf.Module):
      if thing is module or id(thing) in names:
        continue
      names[id(thing)] = path
      inside = vars(thing).items()
    elif isinstance(thing, (list, tuple)):
      inside = enumerate(thing)
    elif isinstance(thing, dict):
      inside = thing.items()
    waiting += [(f'{path}/{key}', each) for key, each in inside]
  return names


@contextlib.contextmanager
def _watched(
  kinds: Iterable[Any], take: Callable[[Any, Any], None]
) -> Iterator[None]:
  """Hands on what modules of some classes give in this thread."""
  thread = threading.get_ident()
  running: List[Any] = []

  def watched(original: Any) -> Any:
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
      # One that calls what it inherits is called once.
      is_taken = threading.get_ident() == thread and all(
        each is not self for each in running
      )
      if is_taken:
        running.append(self)
      try:
        # A tf.function knows whose method it is by this alone.
        found = original.__get__(self, type(self))(*args, **kwargs)
      finally:
        if is_taken:
          running.pop()
      if is_taken:
        take(self, found)
      return found

    return call

  with _CALLING, contextlib.ExitStack() as stack:
    for kind in kinds:
      defined = [vars(each).get('__call__') for each in kind.__mro__]
      original = next(filter(None, defined), None)
      if original is None:
        continue
      if defined[0] is None:
        stack.callback(delattr, kind, '__call__')
      else:
        stack.callback(setattr, kind, '__call__', original)
      kind.__call__ = watched(original)
    yield
