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

"""Makes networks of models: of files, and of what is in this process."""

import dataclasses
import inspect
from typing import Any, Optional, Sequence, Tuple

from absl import logging
import tensorflow as tf

from magenta_viz.files import places
from magenta_viz.files import untrusted
from magenta_viz.models import sharing
from magenta_viz.models import trained_record
from magenta_viz.models.foreign import code_check
from magenta_viz.models.foreign import foreign_network
from magenta_viz.models.foreign import foreign_settings
from magenta_viz.models.foreign import function_model
from magenta_viz.models.foreign import graph_model
from magenta_viz.models.foreign import keras_model
from magenta_viz.models.foreign import model_files
from magenta_viz.models.foreign import raw_model
from magenta_viz.process import tensorflow_modes

# A hundred thousand names of a hundred letters.
_MAX_NAMES_BYTES = 1 << 23

# Those that draw together and one that judges, with all that was traced.
_NETWORKS = sharing.Shared(4)


@dataclasses.dataclass(frozen=True)
class _Same:
  """Something that is equal to itself alone.

  Attributes:
    thing: That, which is kept.
  """

  thing: Any

  def __eq__(self, other: object) -> bool:
    """Tells whether two are of the same."""
    return isinstance(other, _Same) and self.thing is other.thing

  def __hash__(self) -> int:
    """Returns a number that is the same for the same thing."""
    return id(self.thing)


def forget() -> None:
  """Lets go of the networks that are kept, and of all that they keep."""
  _NETWORKS.clear()


@tensorflow_modes.tensorflow_2()
def of_model(
  model: Any,
  settings: foreign_settings.ForeignSettings,
  class_names: Optional[Sequence[str]] = None,
) -> foreign_network.ForeignNetwork:
  """Returns the network of a model in this process, the same for the same one.

  Args:
    model: A keras.Model, a tf.Module or a function as of
      `networks.from_function`, a `function_model.FunctionModel`, or a network.
    settings: What is to be known of it.
    class_names: Of its classes, in place of a file of the settings.

  Raises:
    ValueError: If it is none that takes pictures.
  """
  if isinstance(model, foreign_network.ForeignNetwork):
    return model
  names = _class_names(settings)
  if class_names is not None:
    names = tuple(map(str, class_names))
    trained_record.check_class_names(names)

  def make() -> foreign_network.ForeignNetwork:
    return _network(_raw(model, settings), settings, names)

  return _NETWORKS.get((_Same(model), settings, names), make)


@tensorflow_modes.tensorflow_2()
def of_file(
  file: model_files.ModelFile, settings: foreign_settings.ForeignSettings
) -> foreign_network.ForeignNetwork:
  """Returns the network of a model's file, the same for the same content.

  Args:
    file: Which one.
    settings: What is to be known of it.

  Raises:
    ValueError: If it is damaged, brings code that is not allowed, or takes no
      pictures.
    OSError: If it cannot be read.
  """
  sha256 = file.sha256
  names = _class_names(settings)

  def make() -> foreign_network.ForeignNetwork:
    code_check.check(file, settings.allow_code)
    raw: raw_model.RawModel
    if file.kind in (model_files.KERAS.name, model_files.KERAS_H5.name):
      raw = _keras(file, sha256, settings.allow_code)
    else:
      raw = graph_model.GraphModel(file, settings.signature)
    # Keras opens the file by its name.
    if file.sha256 != sha256:
      raise ValueError(
        f"'{file.path}' is no longer what it was when this run began; start"
        ' again when nobody writes to it'
      )
    return _network(raw, settings, names)

  return _NETWORKS.get((sha256, settings, names), make)


def _raw(
  model: Any, settings: foreign_settings.ForeignSettings
) -> raw_model.RawModel:
  """Returns a model in this process, of whatever kind it is."""
  if isinstance(model, function_model.FunctionModel):
    return model
  if keras_model.is_one(model):
    return keras_model.KerasModel(model)
  if callable(model):
    return function_model.of(model, settings.input_size)
  raise ValueError(
    f'the network is of type {type(model).__name__}; give a keras.Model, a'
    ' tf.Module or a function from pictures to logits, or name a network of the'
    " package as models='squeezenet'"
  )


def _network(
  model: raw_model.RawModel,
  settings: foreign_settings.ForeignSettings,
  class_names: Optional[Sequence[str]],
) -> foreign_network.ForeignNetwork:
  """Makes the network of a model, and tells what is taken for granted."""
  network = foreign_network.ForeignNetwork(model, settings, class_names)
  logging.info('%s', network.tell())
  return network


def _keras(
  file: model_files.ModelFile, sha256: str, allow_code: bool
) -> raw_model.RawModel:
  """Reads a model of Keras."""
  # From TensorFlow 2.13 on. `code_check` has looked at the file in any case.
  load = tf.keras.models.load_model
  kwargs = {'compile': False}
  if 'safe_mode' in inspect.signature(load).parameters:
    kwargs['safe_mode'] = not allow_code
  with untrusted.guard(
    f"cannot read '{file.path}', {file.words}",
    'save it again, with the version of Keras that is installed here, or'
    ' export it as a SavedModel',
  ):
    model = load(str(file.path), **kwargs)
  return keras_model.KerasModel(model, sha256)


def _class_names(
  settings: foreign_settings.ForeignSettings,
) -> Optional[Tuple[str, ...]]:
  """Returns the names of classes in a file, if there is one."""
  if settings.class_names is None:
    return None
  path = places.place(settings.class_names).expanduser()
  advice = 'give a text file with a name a line'
  content = untrusted.read_bytes(
    path, _MAX_NAMES_BYTES, 'the names of the classes', advice
  )
  with untrusted.guard(f"cannot read '{path}'", advice):
    names = tuple(
      line.strip() for line in content.decode('utf-8-sig').splitlines()
    )
    trained_record.check_class_names(names)
  return names
