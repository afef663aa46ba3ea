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

"""A session of the toolbox, for tests that ask it."""

from pathlib import Path
from typing import Any, ClassVar, List

from absl.testing import parameterized
import numpy as np

from magenta_viz.media import image_files
from magenta_viz.models import network_choice
from magenta_viz.models import network_source
from magenta_viz.models.foreign import foreign_settings
from magenta_viz.testing import keras_models
from magenta_viz.toolbox import drawer as drawer_lib
from magenta_viz.toolbox import session as session_lib
from magenta_viz.visualization import networks as networks_lib

# Of a drawing.
NUM_STEPS = 6


def networks_alone(seed: int = 0) -> networks_lib.Networks:
  """Returns a small network alone."""
  model = keras_models.cnn((64, 64, 3))
  if seed:
    # Another one: the same weights in another order.
    shuffle = np.random.RandomState(seed).permutation
    model.set_weights(
      [
        shuffle(each.ravel()).reshape(each.shape)
        for each in model.get_weights()
      ]
    )
  resolved = network_source.given(model, foreign_settings.NOTHING)
  return networks_lib.load([resolved], False, 'auto')


def networks_of(path: Path, **settings: Any) -> networks_lib.Networks:
  """Returns the network of a checkpoint, or of a model's file, alone.

  Args:
    path: Of it.
    **settings: What is to be known of a model, as of `ForeignSettings`.
  """
  resolved = network_source.resolve(
    network_choice.parse((network_choice.AUTO,), (str(path),)),
    foreign_settings.ForeignSettings(**settings),
  )
  return networks_lib.load(resolved, False, 'float32')


def watch(
  session: session_lib.Session, **subject: Any
) -> List[drawer_lib.Progress]:
  """Has the first network draw, and watches it to its end."""
  found = [session.drawings.watch(0, **subject)]
  while found[-1].state == drawer_lib.DRAWING:
    found.append(session.drawings.watch(0, after=found[-1].step, **subject))
  return found


class TestCase(parameterized.TestCase):
  """Asks a session of two small networks, with a photograph and a cache."""

  networks: ClassVar[networks_lib.Networks]

  @classmethod
  def setUpClass(cls) -> None:
    """Makes the first network, once."""
    super().setUpClass()
    cls.networks = networks_alone()

  def setUp(self) -> None:
    """Makes the photograph and the session."""
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)
    levels = np.random.RandomState(0).randint(0, 256, (64, 64, 3))
    self.photo: np.ndarray = (levels / 255).astype(np.float32)
    path = self.folder / 'photo.png'
    image_files.write_png(path, self.photo)
    self.session = session_lib.Session(
      [self.networks, networks_alone(1)], [path], self.folder / 'cache'
    )
    for view in self.session.views:
      view.drawer._settings['overrides'] = {'num_steps': NUM_STEPS}

  def watch(self, **subject: Any) -> List[drawer_lib.Progress]:
    """Watches a drawing to its end."""
    return watch(self.session, **subject)
