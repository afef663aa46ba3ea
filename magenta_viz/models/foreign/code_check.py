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

"""What in a model's file would run code of whoever made it.

Keras makes whatever a file names, by module and class, and has met most ways to
abuse that: marshalled functions (CVE-2024-3660), modules of anyone
(CVE-2025-1550), its own functions that fetch and unpack (CVE-2025-8747), `.h5`
files that its safe mode passed by (CVE-2025-9905), layers that read a file or
an address that they are told (CVE-2025-12058). So a file may name what
`keras_names` has, which computes and no more, and nothing else. Keras's own
safe mode is to stay on beside this, and a model to be loaded with
`compile=False`: how it was trained is not looked at.
"""

import io
from typing import Any, BinaryIO, Iterator, List, Optional, Tuple

from magenta_viz.files import untrusted
from magenta_viz.files import zip_members
from magenta_viz.models.foreign import hdf5_check
from magenta_viz.models.foreign import keras_names
from magenta_viz.models.foreign import model_files

# NASNetLarge, of a thousand layers, takes 1 MB.
_MAX_CONFIG_BYTES = 1 << 26

_CONFIG = 'config.json'
_WEIGHTS = 'model.weights.h5'

# What reads its words from a file where it is given a text for a list.
_VOCABULARY = 'vocabulary'

_DAMAGED = 'it is damaged or not what its content begins as'
_ADVICE = 'save it again, with all of its layers and weights in it'
_ALLOWED = (
  "only what is Keras's own is read of a file, and all else with --allow_code"
  ' where you trust whoever made it'
)


def check(found: model_files.ModelFile, allow_code: bool = False) -> None:
  """Refuses what would run code when a model is loaded or called.

  Args:
    found: The model's file.
    allow_code: Whether its maker is trusted: code is let pass, but not what is
      damaged, claims to be too large or has its weights in other files.

  Raises:
    ValueError: If it has code, in one sentence that says which; or is damaged.
    OSError: If it cannot be read.
  """
  path = found.path
  if not found.kind.startswith('keras'):
    # Not before such a model is given: it brings TensorFlow in.
    from magenta_viz.models.foreign import graph_check

    graph_check.check(found, allow_code)
    return
  with untrusted.guard(f"cannot read '{path}': {_DAMAGED}", _ADVICE):
    data = _keras_config(found)
    config = None if data is None else untrusted.parse_json(data)
  if data is None:
    raise ValueError(
      f"'{path}' has weights without the model that they are of; save all of"
      " it, as model.save('model.keras') does"
    )
  if not isinstance(config, dict) or 'class_name' not in config:
    raise ValueError(f"cannot read '{path}': it names no model; {_ADVICE}")
  if not allow_code:
    problem = next(_problems(config), None)
    if problem is not None:
      raise ValueError(f"'{path}' has {problem}; {_ALLOWED}")


def _keras_config(found: model_files.ModelFile) -> Optional[bytes]:
  """Returns what a file says of its model, as JSON; None of weights alone."""
  most = model_files.MAX_BYTES
  with untrusted.open_plain(found.path, 'the model', _ADVICE) as file:
    if found.kind == model_files.KERAS.name:
      return _zipped_config(file)
    return hdf5_check.model_config(file, most, _MAX_CONFIG_BYTES)


def _zipped_config(file: BinaryIO) -> bytes:
  """Returns the configuration in Keras's zip file, if its weights are there."""
  members = {}
  for name, content in zip_members.members(file, model_files.MAX_BYTES):
    parts = name.replace('\\', '/').split('/')
    if name in members or '..' in parts or not parts[0] or ':' in parts[0]:
      raise ValueError(f'it has {name[:200]!r} twice, or outside of its folder')
    members[name] = b''
    if name == _CONFIG:
      members[name] = content()
    elif name.endswith('.h5'):
      hdf5_check.model_config(
        io.BytesIO(content()), model_files.MAX_BYTES, _MAX_CONFIG_BYTES
      )
  missing = [name for name in (_CONFIG, _WEIGHTS) if name not in members]
  if missing:
    raise ValueError(f'it lacks its {" and ".join(missing)}')
  if len(members[_CONFIG]) > _MAX_CONFIG_BYTES:
    raise ValueError(f'its {_CONFIG} has more than {_MAX_CONFIG_BYTES} bytes')
  return members[_CONFIG]


def _problems(config: Any) -> Iterator[str]:
  """Yields what is not Keras's own in a model's configuration."""
  # How it was trained is not read.
  parts = {key: each for key, each in config.items() if key != 'compile_config'}
  # Of each its key, and the name of the layer that it is in.
  waiting: List[Tuple[str, Any, str]] = [('', parts, '')]
  while waiting:
    key, value, owner = waiting.pop()
    if isinstance(value, list):
      waiting += [(key, each, owner) for each in reversed(value)]
    elif isinstance(value, str):
      problem = _problem_of_text(key, value)
      if problem is not None:
        yield problem.format(_placed(owner))
    elif isinstance(value, dict):
      named = value.get('config')
      if isinstance(named, dict) and isinstance(named.get('name'), str):
        owner = named['name']
      problem = _problem_of_object(value) if 'class_name' in value else None
      if problem is not None:
        yield problem.format(_placed(owner))
      waiting += [(name, value[name], owner) for name in reversed([*value])]


def _placed(owner: str) -> str:
  """Returns the layer that something is in, for messages."""
  return f', {owner[:80]!r}' if owner else ''


def _quoted(name: Any) -> str:
  """Returns a name in a file, for messages with a place for the layer's."""
  return repr(name)[:80].replace('{', '(').replace('}', ')')


def _problem_of_text(key: str, text: str) -> Optional[str]:
  """Returns what is wrong with a text, by the argument that it is for.

  Returns:
    Where the layer's name is to be, '{}'; None if nothing is.
  """
  if key == _VOCABULARY:
    return f'a layer{{}}, whose words are in another file, {_quoted(text)}'
  if key.endswith('activation') and text not in keras_names.ACTIVATIONS:
    return f"a layer{{}}, whose activation is not Keras's own, {_quoted(text)}"
  return None


def _problem_of_object(value: Any) -> Optional[str]:
  """Returns what is wrong with an object that Keras would make, likewise."""
  name, module = value['class_name'], value.get('module')
  config = value.get('config')
  if name in ('Lambda', '__lambda__'):
    return 'a Lambda layer{}, which is code of whoever made the file'
  is_own = isinstance(name, str) and (
    module is None or _matches(keras_names.MODULE, module)
  )
  if name == 'function':
    is_own = is_own or module == 'builtins'
    if is_own and isinstance(config, str) and config in keras_names.ACTIVATIONS:
      return None
    return f"a layer{{}}, with a function not Keras's own, {_quoted(config)}"
  registered = value.get('registered_name')
  is_own = is_own and registered in (None, name)
  if is_own and name in keras_names.TENSORFLOW_LAYERS:
    function = config.get('function') if isinstance(config, dict) else None
    if _matches(keras_names.TENSORFLOW_FUNCTION, function):
      return None
    return f'a layer{{}}, that calls {_quoted(function)} of TensorFlow'
  if is_own and _is_known(name, module):
    return None
  shown = name if registered in (None, name) else registered
  place = '' if module is None else f' of {_quoted(module)}'
  return f"a layer{{}}, with a class not Keras's own, {_quoted(shown)}{place}"


def _is_known(name: Any, module: Any) -> bool:
  """Tells whether a class computes and no more."""
  if not isinstance(name, str):
    return False
  if module == keras_names.CORE_MODULE:
    return name in keras_names.CORE_OPERATIONS
  if _matches(keras_names.OPERATIONS_MODULE, module):
    return bool(keras_names.OPERATION.fullmatch(name))
  return name in keras_names.CLASSES


def _matches(pattern: Any, text: Any) -> bool:
  return isinstance(text, str) and bool(pattern.fullmatch(text))
