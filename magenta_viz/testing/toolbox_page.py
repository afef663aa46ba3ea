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

"""The toolbox's page in a real browser, on the real server, for tests."""

import base64
from pathlib import Path
import threading
import time
from typing import Any, ClassVar, Dict, List, Optional, Tuple
import urllib.parse

import numpy as np

from magenta_viz.attribution import looking
from magenta_viz.media import films
from magenta_viz.media import image_files
from magenta_viz.models import network_choice
from magenta_viz.models import network_source
from magenta_viz.models.foreign import foreign_settings
from magenta_viz.testing import page_case
from magenta_viz.testing import testdata
from magenta_viz.toolbox import atlas as atlas_lib
from magenta_viz.toolbox import excitations
from magenta_viz.toolbox import maps as maps_lib
from magenta_viz.toolbox import server as server_lib
from magenta_viz.toolbox import session as session_lib
from magenta_viz.visualization import networks as networks_lib

_CAMERA = (
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
)

# A layer whose maps are small enough for all of their values to be seen.
LAYER = 'fire6/squeeze1x1'
MAP_SIDE = 13

# Of the frames of the folder's film, ten a second.
FILM_LEVELS = tuple((15 + 6 * frame) / 100 for frame in range(12))

# Of a canvas or a loaded image, red of the pixels at places in [0, 1].
_PIXELS = """
const [source, places] = [document.querySelector(arguments[0]), arguments[1]];
const width = source.naturalWidth || source.width;
const height = source.naturalHeight || source.height;
const canvas = new OffscreenCanvas(width, height);
const context = canvas.getContext('2d');
context.drawImage(source, 0, 0);
const {data} = context.getImageData(0, 0, width, height);
return places.map(([x, y]) => data[
  4 * (Math.floor(y * height) * width + Math.floor(x * width))]);
"""

# Moves the mouse over the grid, along its first row and its first column: how
# wide a cell is, and which unit is in each place.
CELLS = """
const canvas = document.querySelector('.grid canvas');
const box = canvas.getBoundingClientRect();
const at = (x, y) => {
  canvas.dispatchEvent(new PointerEvent('pointermove', {
    clientX: box.left + x, clientY: box.top + y}));
  return Number(/unit (\\d+)/.exec(
    document.getElementById('pointed').textContent)?.[1] ?? -1);
};
const first = at(3, 3);
let cell = 3;
while (at(cell, 3) === first && cell < box.width) cell += 1;
const units = [];
for (let y = 3; y < box.height; y += cell) {
  for (let x = 3; x < box.width; x += cell) units.push(at(x, y));
}
canvas.dispatchEvent(new PointerEvent('pointerleave'));
return [cell, box.width, box.height, units];
"""


# Gives a file to the page as the mouse, or the clipboard, does.
_GIVE = """
const [kind, name, type, content] = arguments;
const bytes = Uint8Array.from(atob(content), each => each.charCodeAt(0));
const data = new DataTransfer();
data.items.add(new File([bytes], name, {type}));
document.body.dispatchEvent(kind === 'paste' ?
  new ClipboardEvent('paste', {clipboardData: data, bubbles: true}) :
  new DragEvent('drop', {dataTransfer: data, bubbles: true}));
"""

_IS_LOADED = """
const found = document.querySelector(arguments[0]);
return found.tagName === 'CANVAS' || found.naturalWidth > 0;
"""

_POINT = """
const canvas = document.querySelector('.grid canvas');
const box = canvas.getBoundingClientRect();
canvas.dispatchEvent(new PointerEvent('pointermove', {
  clientX: box.left + arguments[0], clientY: box.top + arguments[1]}));
"""


def _write_film(path: Path) -> None:
  """Writes a film of grey frames, a level each."""
  imageio = films.load_imageio()
  with imageio.get_writer(
    path, format='FFMPEG', fps=10, codec='libvpx', ffmpeg_log_level='quiet'
  ) as writer:
    for level in FILM_LEVELS:
      writer.append_data(np.full((64, 96, 3), round(255 * level), np.uint8))


def grid(count: int) -> np.ndarray:
  """Returns [count * count, 2] places in [0, 1], row after row."""
  middles = (np.arange(count) + 0.5) / count
  y, x = np.meshgrid(middles, middles, indexing='ij')
  return np.stack([x.ravel(), y.ravel()], axis=-1)


def _wait_for_threads(count: int) -> None:
  """Waits until all but so many have ended: Python must not end one in TF."""
  end = time.monotonic() + ToolboxPageCase.seconds
  while threading.active_count() > count and time.monotonic() < end:
    time.sleep(0.05)


class ToolboxPageCase(page_case.BrowserCase):
  """Tests of the page, with two photographs, a film and two networks.

  Attributes:
    session: What the server asks.
    address: Of the page.
  """

  session: ClassVar[session_lib.Session]
  address: ClassVar[str]
  browser_flags = _CAMERA
  seconds = 60
  tells = '#status'

  @classmethod
  def setUpClass(cls) -> None:
    """Opens a browser and starts the server."""
    # The last to be done: threads end after the server and the browser.
    cls.addClassCleanup(_wait_for_threads, threading.active_count())
    super().setUpClass()

  @classmethod
  def write(cls, folder: Path) -> None:
    """Writes photographs and a film to a folder, and serves the page."""
    photo = image_files.read_image(testdata.testdata_path('photo_48x32.png'))
    paths = [folder / 'first.png', folder / 'second.png']
    image_files.write_png(paths[0], photo)
    image_files.write_png(paths[1], photo[::-1, ::-1])
    _write_film(folder / 'film.webm')
    cls.session = cls.make_session(folder, paths)
    for view in cls.session.views:
      view.drawer._settings.update(image_size=64, overrides={'num_steps': 40})
    server = server_lib.Server(lambda: cls.session)
    cls.addClassCleanup(server.stop)
    cls.addClassCleanup(cls.session.cancel)
    threading.Thread(target=server.serve, daemon=True).start()
    cls.address = server.address

  @classmethod
  def make_session(cls, root: Path, paths: List[Path]) -> session_lib.Session:
    """Returns the session, with files in `root`, two photographs and a film."""
    choices = network_choice.parse(('squeezenet', 'efficientnet_lite0'), ())
    networks = networks_lib.load(
      network_source.resolve(choices, foreign_settings.NOTHING), False, 'auto'
    )
    return session_lib.Session(
      [networks_lib.Networks([each]) for each in networks.members],
      paths,
      root / 'drawings',
      # Of the first network alone.
      [excitations.index(networks.members[0], paths, root / 'drawings'), None],
      [root / 'film.webm'],
      cls.atlas(root, networks),
    )

  @classmethod
  def atlas(
    cls, unused_root: Path, unused_networks: networks_lib.Networks
  ) -> Optional[atlas_lib.Atlas]:
    """Returns an atlas in a folder, for tests that want one."""
    return None

  def setUp(self) -> None:
    """Gives the window its usual width."""
    super().setUp()
    self.show(scheme='dark')

  def open(self, layer: str = LAYER, unit: int = 5, **state: Any) -> None:
    """Opens the page at a state, and waits for its maps."""
    state = {'layer': layer, 'unit': unit, **state}
    self.visit(f'{self.address}#{urllib.parse.urlencode(state)}')
    self.wait(
      lambda: (
        self.run_in_page(
          'return document.querySelectorAll(".classes li").length'
        )
        >= 5
      )
    )
    self.wait(lambda: self.text('#unit-values') != '')
    self.wait(
      lambda: self.run_in_page('return document.getElementById("empty").hidden')
    )

  def requests(self) -> List[str]:
    """Lists what the page asked for since this was asked last."""
    return page_case.requests(self.browser)

  def wait_for_text(self, selector: str, text: str) -> None:
    """Waits until an element's text has another in it."""
    self.wait(lambda: text in self.text(selector))

  def click(self, selector: str) -> None:
    """Clicks on an element, wherever it is."""
    self.run_in_page('document.querySelector(arguments[0]).click()', selector)

  def state(self) -> Dict[str, str]:
    """Returns what the address says."""
    # It follows keys that are held a moment later.
    time.sleep(0.15)
    fragment = urllib.parse.urlsplit(self.browser.current_url).fragment
    return dict(urllib.parse.parse_qsl(fragment))

  def pixels(self, selector: str, places: np.ndarray) -> np.ndarray:
    """Returns red in [0, 255] at places: rows of x and y in [0, 1]."""
    return np.array(self.run_in_page(_PIXELS, selector, places.tolist()))

  def overview(self, selector: str) -> List[int]:
    """Returns pixels of all over something, to tell whether it has changed."""
    found = self.pixels(selector, grid(40))
    return [int(each) for each in found]

  def give(self, kind: str, name: str, content: bytes, media: str) -> None:
    """Gives a file to the page, by 'drop' or 'paste'."""
    self.run_in_page(
      _GIVE, kind, name, media, base64.b64encode(content).decode()
    )

  def assert_seen(self, selector: str, expected: np.ndarray) -> None:
    """Waits until a picture is [side, side, 3] in [0, 1] of a square."""
    red = expected[4::8, 4::8, 0] * 255

    def is_seen() -> bool:
      if not self.run_in_page(_IS_LOADED, selector):
        return False
      seen = self.pixels(selector, grid(28)).reshape(28, 28)
      return bool(np.abs(seen - red).max() <= 1)

    self.wait(is_seen)

  def point(self, unit: int) -> None:
    """Moves the mouse to a unit of the first rows."""
    cell, width, _, units = self.run_in_page(CELLS)
    row, column = divmod(units.index(unit), round(width / cell))
    self.run_in_page(_POINT, (column + 0.5) * cell, (row + 0.5) * cell)

  def maps(self, off: Tuple[looking.Unit, ...] = ()) -> maps_lib.Maps:
    """Returns the layer's maps of the first photograph."""
    return self.session.maps(0, LAYER, 'photo-0', 64, off)

  def values(self) -> np.ndarray:
    """Returns the layer's maps, [channels, height, width]."""
    found = self.session.views[0].look(self.session.picture(0, 'photo-0'))
    return found.map(LAYER).transpose(2, 0, 1)
