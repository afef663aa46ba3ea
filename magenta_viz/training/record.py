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
"""The JSON record beside a checkpoint: what made it, and what it is."""

from typing import Any, Dict, Mapping, Optional

from magenta_viz import version
from magenta_viz.data import corrupt as corrupt_pictures
from magenta_viz.media import records
from magenta_viz.settings import command_line
from magenta_viz.training import start as start_lib

# What weights depend on.
_PACKAGES = ('tensorflow', 'tf_slim', 'numpy', 'tensorflow-datasets')


def describe(
  start: start_lib.Start,
  step: int,
  accuracy: Mapping[str, Optional[float]],
  corrupt: Mapping[str, corrupt_pictures.Corrupt],
  seconds: float,
) -> Dict[str, Any]:
  """Returns the record of a checkpoint.

  Args:
    start: The training.
    step: Steps made.
    accuracy: 'top1' and 'top5', None where it was not evaluated.
    corrupt: The pictures that could not be decoded, by split.
    seconds: How long this process has trained.
  """
  before = 0.0 if start.latest is None else start.latest.record['seconds']
  source = start.source
  keep_every = start.config.length.keep_every
  return {
    'model': start.spec.name,
    'image_size': start.spec.image_size,
    'num_outputs': start.spec.num_outputs,
    'class_offset': start.spec.class_offset,
    'class_names': list(source.class_names),
    'step': step,
    'num_steps': start.lengths.num_steps,
    'is_kept': bool(keep_every) and step % keep_every == 0,
    **accuracy,
    'dataset': {
      'name': source.name,
      'version': source.version,
      'fingerprint': source.fingerprint,
      'num_train': source.num_train,
      'num_eval': source.num_eval,
      'corrupt': {split: each.names for split, each in corrupt.items()},
    },
    'pictures': start.pictures and start.pictures.record(),
    'settings': dict(start.settings),
    'seconds': round(before + seconds, 1),
    'peak_memory_bytes': records.peak_memory_bytes(),
    'versions': {
      'magenta_viz': version.__version__,
      **records.versions(_PACKAGES),
    },
    'command': command_line.command(start.config),
  }
