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

"""Runs the toolbox: networks, session and server, until somebody ends it."""

from pathlib import Path
import threading
import time
from typing import Callable, List, Optional, Sequence

from absl import logging
import tqdm

from magenta_viz.media import still_folders
from magenta_viz.models import network_loading
from magenta_viz.models import network_source
from magenta_viz.toolbox import atlas as atlas_lib
from magenta_viz.toolbox import config as toolbox_config
from magenta_viz.toolbox import excitations
from magenta_viz.toolbox import server as server_lib
from magenta_viz.toolbox import session as session_lib
from magenta_viz.visualization import networks as networks_lib

# Between two looks whether to end, in seconds.
_GLANCE = 0.1


class _Coming:
  """A session whose networks are still being read."""

  def __init__(self) -> None:
    """Not there yet."""
    self._is_there = threading.Event()
    self._session: Optional[session_lib.Session] = None

  def give(self, session: session_lib.Session) -> None:
    """Gives it to all who wait."""
    self._session = session
    self._is_there.set()

  def wait(self) -> session_lib.Session:
    """Returns it, once it is there."""
    self._is_there.wait()
    assert self._session is not None
    return self._session


def run(
  config: toolbox_config.ToolboxConfig, say: Callable[[str], None]
) -> None:
  """Shows the page until Ctrl-C.

  Args:
    config: What to look at, with what, and where the page is.
    say: Told the address, as soon as somebody listens there.

  Raises:
    ValueError: If there is no such network, or its weights are damaged.
    OSError: If a file cannot be read, weights not be fetched, or nobody may
      listen there.
    KeyboardInterrupt: When it is ended.
  """
  photos: List[Path] = []
  moving: List[Path] = []
  if config.photos is not None:
    photos, moving = still_folders.find_with_films(config.photos, 'photos')
  atlas: Optional[atlas_lib.Atlas] = None
  if config.atlas is not None:
    atlas = atlas_lib.Atlas(Path(config.atlas))
  coming = _Coming()
  server = server_lib.Server(coming.wait, config.host, config.port)
  if config.host not in (toolbox_config.LOCAL_HOST, 'localhost', '::1'):
    logging.warning(
      'Other machines can open the page at %s: give the address to nobody whom'
      ' you would not let use this one.',
      server.address,
    )
  threading.Thread(target=server.serve, daemon=True).start()
  say(server.address)
  # Each alone: ids of classes are its own.
  networks = [
    networks_lib.load([each], False, config.precision)
    for each in network_source.resolve(config.choices, config.foreign)
  ]
  cache = Path(config.cache_dir)
  indices = [
    _index(each.members[0], photos, cache, config.index) for each in networks
  ]
  session = session_lib.Session(
    networks, photos, cache, indices, moving=moving, atlas=atlas
  )
  coming.give(session)
  threading.Thread(target=session.warm_up, daemon=True).start()
  try:
    # Not for ever at a time: where another thread is given the signal, Python
    # raises nothing here before this one goes on.
    while True:
      time.sleep(_GLANCE)
  finally:
    session.cancel()
    server.stop()


def _index(
  chosen: network_loading.ChosenNetwork,
  photos: Sequence[Path],
  folder: Path,
  is_wanted: bool,
) -> Optional[excitations.Index]:
  """Returns the index of photographs, made if it is wanted; None for none."""
  if not photos:
    return None
  if not is_wanted:
    try:
      found = excitations.read(chosen, photos, folder)
    except FileNotFoundError:
      return None
    except ValueError as error:
      logging.warning('%s', error)
      return None
    return found
  with tqdm.tqdm(total=len(photos), unit='photo') as bar:

    def on_progress(done: int, unused_total: int) -> None:
      bar.update(done - bar.n)

    return excitations.index(chosen, photos, folder, on_progress)
