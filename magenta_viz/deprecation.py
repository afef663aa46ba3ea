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

"""Old names of what has moved: they work until the next version, and say so.

`MODULES` and `ROOMS` hold what a program that imports the package may have
named: configurations, results, the parts of an ascent and the networks. What
only a run is made of has moved without a trace. After `install`, every form of
import of an old module gives the new one, the very same, with a
DeprecationWarning at the importer's line; one in a process, as Python then
knows the name.
"""

import importlib
from importlib import abc
from importlib import machinery
import pathlib
import sys
import types
from typing import Any, Callable, Mapping, Optional, Sequence, Tuple
import warnings

# The version that has the old names no more.
REMOVED_IN = '0.3.0'

_ASCENT = 'magenta_viz.ascent'
_NETWORKS = 'magenta_viz.models.architectures'

# Modules, old to new.
MODULES: Mapping[str, str] = {
  'magenta_viz.evaluate_config': 'magenta_viz.evaluation.config',
  'magenta_viz.evaluation_table': 'magenta_viz.evaluation.table',
  'magenta_viz.saliency_config': 'magenta_viz.attribution.config',
  'magenta_viz.tensorflow_modes': 'magenta_viz.process.tensorflow_modes',
  'magenta_viz.train_config': 'magenta_viz.training.config',
  'magenta_viz.train_result': 'magenta_viz.train',
  'magenta_viz.visualize_config': 'magenta_viz.visualization.config',
  f'{_ASCENT}.awakening': f'{_ASCENT}.objectives.awakening',
  f'{_ASCENT}.blurring': f'{_ASCENT}.views.blur',
  f'{_ASCENT}.canvases': f'{_ASCENT}.parameterizations.choice',
  f'{_ASCENT}.covers': f'{_ASCENT}.views.covers',
  f'{_ASCENT}.cuts': f'{_ASCENT}.views.crops_and_tiles',
  f'{_ASCENT}.enlargement': f'{_ASCENT}.tiled_upscaling',
  f'{_ASCENT}.facets': f'{_ASCENT}.objectives.random_direction',
  f'{_ASCENT}.feature_objectives': f'{_ASCENT}.objectives.features',
  f'{_ASCENT}.maco': f'{_ASCENT}.parameterizations.maco',
  f'{_ASCENT}.mixing': f'{_ASCENT}.parameterizations.separable',
  f'{_ASCENT}.mosaic': f'{_ASCENT}.tiling',
  f'{_ASCENT}.objective_language': f'{_ASCENT}.objectives.language',
  f'{_ASCENT}.objective_terms': f'{_ASCENT}.objectives.terms',
  f'{_ASCENT}.parts': f'{_ASCENT}.protocols',
  f'{_ASCENT}.pixels': f'{_ASCENT}.parameterizations.pixels',
  f'{_ASCENT}.pyramid': f'{_ASCENT}.parameterizations.pyramid',
  f'{_ASCENT}.regularizers': f'{_ASCENT}.filters',
  f'{_ASCENT}.schedules': 'magenta_viz.settings.schedules',
  f'{_ASCENT}.score_reader': f'{_ASCENT}.step_results',
  f'{_ASCENT}.settings': 'magenta_viz.settings.fields',
  f'{_ASCENT}.tints': f'{_ASCENT}.views.tints',
  f'{_ASCENT}.transforms': f'{_ASCENT}.views.transforms',
  f'{_ASCENT}.warping': f'{_ASCENT}.views.resampling',
  f'{_ASCENT}.windows': f'{_ASCENT}.random_crop',
  'magenta_viz.models.efficientnet_lite0': f'{_NETWORKS}.efficientnet_lite0',
  'magenta_viz.models.googlenet': f'{_NETWORKS}.googlenet',
  'magenta_viz.models.inception_v1': f'{_NETWORKS}.inception_v1',
  'magenta_viz.models.squeezenet': f'{_NETWORKS}.squeezenet',
}

# Modules whose name a room has now: the module inside it, and what was in it.
ROOMS: Mapping[str, Tuple[str, Tuple[str, ...]]] = {
  f'{_ASCENT}.objectives': (
    'objectives',
    (
      'Channel',
      'ClassLogit',
      'Diversity',
      'Layer',
      'Neuron',
      'Objective',
      'Probability',
      'Sum',
      'activations',
      'spatial_activations',
    ),
  ),
  f'{_ASCENT}.parameterizations': (
    'fourier',
    ('Fourier', 'decorrelated_to_rgb', 'to_canvas', 'to_rgb'),
  ),
  f'{_ASCENT}.views': ('random_views', ('Chain', 'RandomViews')),
  'magenta_viz.models.checkpoints': (
    'checkpoints',
    ('Located', 'locate', 'read_checkpoint'),
  ),
}


# Flags that are gone, with their programs: what to do in place of it.
FLAGS: Mapping[Tuple[str, str], str] = {
  ('image_visualization_visualize', 'worker'): (
    'image_visualization_atlas shares pictures among machines, and'
    ' --num_workers alone among processes of this one'
  ),
}


class _OldModules(abc.MetaPathFinder, abc.Loader):
  """Finds the modules of `MODULES`, and gives the new one for the old."""

  def find_spec(
    self,
    fullname: str,
    path: Optional[Sequence[str]],
    target: Optional[types.ModuleType] = None,
  ) -> Optional[machinery.ModuleSpec]:
    """Returns a spec for an old name, and None for all others."""
    del path, target
    is_old = fullname in MODULES
    return machinery.ModuleSpec(fullname, self) if is_old else None

  def exec_module(self, module: types.ModuleType) -> None:
    """Puts the new module in the place of the empty one that Python made."""
    old = module.__name__
    warnings.warn(_message(old, MODULES[old]), DeprecationWarning, stacklevel=2)
    # Python takes what stands here afterwards.
    sys.modules[old] = importlib.import_module(MODULES[old])


_FINDER = _OldModules()


def install() -> None:
  """Lets Python find old modules: last, so only what nobody else has found."""
  if _FINDER not in sys.meta_path:
    sys.meta_path.append(_FINDER)


def old_names_of(room: str) -> Callable[[str], Any]:
  """Returns the `__getattr__` of a room that has an old module's name.

  Args:
    room: Dotted name of the package, one of `ROOMS`.
  """
  inner, names = ROOMS[room]

  def get(name: str) -> Any:
    if name not in names:
      raise AttributeError(f"module '{room}' has no attribute '{name}'")
    new = f'{room}.{inner}'
    message = _message(f'{room}.{name}', f'{new}.{name}')
    warnings.warn(message, DeprecationWarning, stacklevel=2)
    return getattr(importlib.import_module(new), name)

  return get


def of_flag(program: str, error: Exception) -> str:
  """Returns what to say of a flag that a program does not know.

  Args:
    program: Its path.
    error: Of absl's, which may be any of its flags.
  """
  name = str(getattr(error, 'flagname', ''))
  instead = FLAGS.get((pathlib.Path(program).stem, name))
  return str(error) if instead is None else f'--{name} is gone: {instead}'


def _message(old: str, new: str) -> str:
  """Returns what to say to one who uses an old name."""
  return (
    f'{old} has moved to {new}; the old name goes with version {REMOVED_IN}'
  )
