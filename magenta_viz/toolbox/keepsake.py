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

"""What is seen in the toolbox, to keep: a record, and a page of its own."""

from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np
import tensorflow as tf

from magenta_viz.attribution import looking
from magenta_viz.media import pages
from magenta_viz.media import records
from magenta_viz.toolbox import drawer
from magenta_viz.toolbox import pictures as pictures_lib
from magenta_viz.toolbox import session as session_lib

_TEMPLATES = Path(__file__).with_name('templates')

_PACKAGES = ('tensorflow', 'numpy', 'Pillow', 'Werkzeug')

_RULES = ('plain', 'guided', 'deconvnet')


def record(
  session: session_lib.Session,
  network: int,
  layer: str,
  channel: int,
  picture: str,
  off: Sequence[looking.Unit] = (),
  address: str = '',
  fit: str = 'crop',
  position: Optional[Tuple[int, int]] = None,
  variation: int = 0,
) -> Dict[str, Any]:
  """Returns what is seen of a unit, as JSON has it.

  Args:
    session: That sees it.
    network: Its number.
    layer: Name of an end point.
    channel: Of it.
    picture: An id.
    off: Units that are switched off.
    address: Of the view.
    fit: As of `Session.maps`.
    position: Of the map, row and column; None for that of its maximum.
    variation: Which of its finished drawings is seen.

  Raises:
    KeyError, ValueError, OSError: As of `Session.unit`.
  """
  unit = session.unit(network, layer, channel, picture, position, off, fit)
  maps = session.maps(network, layer, picture, 1, off, fit)
  drawn = session.drawings.finished(
    network, layer, channel, variation=variation
  )
  return {
    'address': address,
    'network': session.views[network].describe(),
    'layer': layer,
    'unit': channel,
    'picture': session.pictures.name(picture),
    'fit': fit,
    'off': [f'{each.layer}:{each.channel}' for each in off],
    **{name: unit[name] for name in ('maximum', 'mean', 'position', 'value')},
    'classes': [
      {'class_id': class_id, 'class_name': name, 'probability': probability}
      for class_id, name, probability in maps.header['top']
    ],
    'variation': drawn.variation,
    'command': drawn.command
    or session.views[network].drawer.command(layer, channel),
    'versions': records.versions(_PACKAGES),
  }


def page(
  session: session_lib.Session,
  found: Dict[str, Any],
  network: int,
  picture: str,
  fit: str = 'crop',
  off: Sequence[looking.Unit] = (),
) -> str:
  """Returns what is seen of a unit as one HTML page that needs nothing else.

  Args:
    session: That sees it.
    found: Its record.
    network: Number of the network.
    picture: An id.
    fit: As of `Session.maps`.
    off: Units that are switched off.

  Raises:
    KeyError, ValueError, OSError: As of `Session.unit`.
  """
  layer, channel = found['layer'], found['unit']
  image = session.picture(network, picture, fit)
  unit = session.unit(network, layer, channel, picture, off=off, fit=fit)
  pictures: List[Any] = [
    ('The picture', image),
    (f'Where unit {channel} is active', _lit(image, unit['map'])),
  ]
  for rule in _RULES:
    gradient = session.backward(
      network, layer, channel, picture, rule, 'raw', fit=fit
    )
    pictures.append((f'Backward: {rule}', gradient))
  drawn = _drawing(session, network, layer, channel, found['variation'])
  if drawn is not None:
    pictures.append(('What it wants to see', drawn))
  return str(
    pages.template(_TEMPLATES, 'keepsake.html').render(
      record=found,
      pictures=[(words, pages.shown(each).uri) for words, each in pictures],
    )
  )


def _lit(image: np.ndarray, active: List[List[float]]) -> np.ndarray:
  """Returns the picture, dark where the unit is not active."""
  shares = np.maximum(np.array(active, np.float32), 0)
  shares = shares / max(float(shares.max()), 1e-12)
  lit = tf.image.resize(shares[..., None], image.shape[:2]).numpy()
  return np.clip(image * (0.15 + 0.85 * lit), 0, 1)


def _drawing(
  session: session_lib.Session,
  network: int,
  layer: str,
  channel: int,
  variation: int,
) -> Optional[np.ndarray]:
  """Returns what the unit wants to see, if it is drawn."""
  progress = session.drawings.finished(
    network, layer, channel, variation=variation
  )
  if progress.state != drawer.DONE:
    return None
  return pictures_lib.decode(progress.png)
