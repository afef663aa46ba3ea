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

"""What TensorBoard finds in a folder."""

import collections
from pathlib import Path
from typing import Any, Dict, Tuple

import tensorflow as tf


def read(folder: Path) -> Dict[Tuple[str, str], Dict[int, Any]]:
  """Returns (tag, its plugin) to steps' values."""
  found: Dict[Tuple[str, str], Dict[int, Any]] = collections.defaultdict(dict)
  for path in sorted(folder.glob('events.out.tfevents.*')):
    for record in tf.data.TFRecordDataset(str(path)):
      event = tf.compat.v1.Event.FromString(record.numpy())
      for value in event.summary.value:
        key = (value.tag, value.metadata.plugin_data.plugin_name)
        found[key][event.step] = tf.make_ndarray(value.tensor)
  return dict(found)
