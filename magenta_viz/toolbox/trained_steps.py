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
"""One network at the steps of its training, each a view when it is asked for.

The checkpoints are those that are in the training's folder just then: a
training that goes on writes some, and deletes others.
"""

import functools
from pathlib import Path
import threading
from typing import Dict, List, Optional, Sequence

from absl import logging

from magenta_viz.models import network_choice
from magenta_viz.models import network_source
from magenta_viz.models import trained_network
from magenta_viz.toolbox import atlas as atlas_lib
from magenta_viz.toolbox import excitations
from magenta_viz.toolbox import turns as turns_lib
from magenta_viz.toolbox import view as view_lib
from magenta_viz.visualization import networks as networks_lib

# Beside the first one; some 300 MB each with GoogLeNet, when all was asked.
_NUM_VIEWS = 2


class TrainedSteps:
  """The steps of one network; none where it is of no training of ours.

  Threads may use it.

  Attributes:
    first: The network as it was given.
  """

  def __init__(
    self,
    networks: networks_lib.Networks,
    cache: Path,
    turns: turns_lib.Turns,
    photos: Sequence[Path],
    index: Optional[excitations.Index],
    atlas: Optional[atlas_lib.Atlas] = None,
  ):
    """Takes the network as it was given, as of `view.View`."""
    self._view_of = functools.partial(
      view_lib.View, cache=cache, turns=turns, atlas=atlas
    )
    self.first = self._view_of(networks, photos=photos, index=index)
    self._networks = networks
    self._views: Dict[int, view_lib.View] = {}
    self._lock = threading.Lock()
    self._reading = threading.Lock()

  @property
  def views(self) -> List[view_lib.View]:
    """All that can look just now."""
    with self._lock:
      return [self.first, *self._views.values()]

  def steps(self) -> List[int]:
    """Returns the steps of which a checkpoint is there, in order."""
    if self._folder is None:
      return []
    ending = trained_network.INDEX_ENDING
    try:
      return trained_network.list_steps(self._folder, ending)
    except OSError as error:
      logging.warning('%s', error)
      return []

  def view(self, step: int) -> view_lib.View:
    """Returns what looks with the network of a step.

    Others can look while its checkpoint is read.

    Raises:
      KeyError: If there is no such checkpoint, or it cannot be read.
    """
    if step == self.first.step:
      return self.first
    known = self._known(step)
    if known is not None:
      return known
    with self._reading:
      # Somebody may have read it in between.
      found = self._known(step) or self._read(step)
      gone = []
      with self._lock:
        self._views[step] = found
        if len(self._views) > _NUM_VIEWS:
          gone.append(self._views.pop(next(iter(self._views))))
    for each in gone:
      each.drawer.cancel()
    return found

  def _known(self, step: int) -> Optional[view_lib.View]:
    """Returns a view that is there, which is then the last to go."""
    with self._lock:
      found = self._views.pop(step, None)
      if found is not None:
        self._views[step] = found
      return found

  @property
  def _folder(self) -> Optional[Path]:
    """Where the checkpoints are."""
    trained = self._networks.members[0].source.trained
    if trained is None:
      return None
    path = Path(trained.prefix)
    # Else somebody has taken it out of its folder.
    is_ours = path.name == trained_network.checkpoint_name(trained.step)
    return path.parent if is_ours else None

  def _read(self, step: int) -> view_lib.View:
    """Returns a view of a checkpoint that nobody looked with yet."""
    steps = self.steps()
    if step not in steps:
      others = ', nor is there another one'
      if steps:
        others = f'; there are {len(steps)}, from {steps[0]} to {steps[-1]}'
      raise KeyError(f'there is no checkpoint of step {step}{others}')
    member = self._networks.members[0]
    prefix = Path(str(self._folder), trained_network.checkpoint_name(step))
    choice = network_choice.Choice(member.asked, member.weight, str(prefix))
    try:
      resolved = network_source.resolve([choice])
      networks = networks_lib.load(resolved, False, self._networks.precision)
    # What is in them is for who sees the program, not for the page.
    except (OSError, ValueError) as error:
      logging.warning('%s', error)
      raise KeyError(
        f'the checkpoint of step {step} cannot be read; take another one'
      ) from error
    # An index is of one network's weights.
    return self._view_of(
      networks, photos=(), index=None, fields=self.first.fields
    )
