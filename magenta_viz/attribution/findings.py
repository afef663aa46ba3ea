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


"""What the record of a map says: of its class, its settings and its machine."""

from typing import Any, Dict, Optional, Sequence

import numpy as np

from magenta_viz import version
from magenta_viz.attribution import config as saliency_config
from magenta_viz.attribution import methods
from magenta_viz.files import digests
from magenta_viz.files import places
from magenta_viz.media import records
from magenta_viz.models import network_loading
from magenta_viz.process import onednn

# What the files' bytes depend on, for the record.
_PACKAGES = ('tensorflow', 'tf_slim', 'numpy', 'scipy', 'Pillow')


def of_class(
  class_id: Optional[int], probabilities: np.ndarray, names: Sequence[str]
) -> Dict[str, Any]:
  """Returns what the record says of the class, the first choice for None."""
  if not probabilities.size:
    raise ValueError(
      'the network has no classes, of one of which a map would be; give one'
      ' that tells classes apart'
    )
  first = int(np.argmax(probabilities))
  if class_id is None:
    class_id = first
  return {
    'class_id': class_id,
    'class_name': names[class_id],
    'probability': float(probabilities[class_id]),
    'rank': 1 + int(np.sum(probabilities > probabilities[class_id])),
    'first_choice': names[first],
  }


def settings(
  config: saliency_config.SaliencyConfig,
  chosen: network_loading.ChosenNetwork,
) -> Dict[str, Any]:
  """Returns all that the files depend on."""
  names = (
    'class_id',
    'method',
    *methods.METHODS[config.method].settings,
    *saliency_config.SEGMENTATION,
  )
  return {
    'image_sha256': digests.file_sha256(places.place(config.image)),
    **chosen.describe(),
    'precision': chosen.network.dtype.name,
    'onednn': onednn.told(),
    **values(config, names),
  }


def values(
  config: saliency_config.SaliencyConfig, names: Sequence[str]
) -> Dict[str, Any]:
  """Returns some fields of the configuration, by their names."""
  return {name: getattr(config, name) for name in names}


def machine() -> Dict[str, Any]:
  """Returns what the record says of memory and versions."""
  return {
    'peak_memory_bytes': records.peak_memory_bytes(),
    'versions': {
      'magenta_viz': version.__version__,
      **records.versions(_PACKAGES),
    },
  }
