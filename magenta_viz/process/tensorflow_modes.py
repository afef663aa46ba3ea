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

"""TensorFlow 2's ways, whatever mode the program around us is in.

Magenta's programs call `tf.compat.v1.disable_v2_behavior()`, others work inside
of a `tf.Graph`, or debug with `tf.config.run_functions_eagerly(True)`. Here
functions are traced and shapes are numbers; so what draws, explains, judges and
trains enters `tensorflow_2` first, and leaves all as it was.
"""

import contextlib
from typing import Generator, Iterator, TypeVar

import tensorflow as tf

_Item = TypeVar('_Item')


@contextlib.contextmanager
def tensorflow_2() -> Iterator[None]:
  """Lets TensorFlow behave as version 2 does by default.

  Tensors made inside are eager, and may be used outside if that is eager too.
  What TensorFlow keeps for the whole process, which are the kind of shapes and
  whether functions are traced, changes for other threads meanwhile.
  """
  with contextlib.ExitStack() as stack:
    if tf.config.functions_run_eagerly():
      tf.config.run_functions_eagerly(False)
      stack.callback(tf.config.run_functions_eagerly, True)
    if not isinstance(tf.TensorShape([1])[0], int):
      tf.compat.v1.enable_v2_tensorshape()
      stack.callback(tf.compat.v1.disable_v2_tensorshape)
    # Not only where no graph is: TensorFlow 2.9 that was imported by a program
    # of absl's, after its start, does not know that it began in eager mode, and
    # `tf.init_scope` then leads to a graph.
    stack.enter_context(tf.__internal__.eager_context.eager_mode())
    yield


def in_tensorflow_2(
  items: Generator[_Item, None, None],
) -> Generator[_Item, None, None]:
  """Yields what a generator does, which works within `tensorflow_2`.

  Between two items, all is as it is around.
  """
  try:
    while True:
      with tensorflow_2():
        try:
          item = next(items)
        except StopIteration:
          return
      yield item
  finally:
    with tensorflow_2():
      items.close()
