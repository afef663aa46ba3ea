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

"""How live the toolbox is: frames a second, and how soon a click is answered.

  python -m benchmarks.bench_toolbox --googlenet=PATH_OF_GOOGLENET_WEIGHTS

Starts the command as a user does, and asks it over HTTP as its page does: the
seconds to the first byte of the page and to the first maps; then, for a
shallow, a middle and a deep layer, frames a second (a JPEG of the middle of a
camera's picture of 640 x 480, to all maps of a layer of side 64), milliseconds
of a unit's answer, and of backward by each rule over those of a forward pass;
frames a second while a unit is drawn. One request at a time; medians.

With --browser it has a real one instead, Debian's Chromium without a window,
whose camera is a fake one: frames a second as the page itself counts them, and
the memory of the server and of the page's own process before and after many
frames. Linux alone tells that.
"""

import argparse
import contextlib
import http.client
import io
import json
from pathlib import Path
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any, Callable, Dict, List, Optional
import urllib.parse

import numpy as np
from PIL import Image
import scipy.ndimage

from magenta_viz.testing import browser as browser_lib

_SIDE = 64
_RULES = ('plain', 'guided', 'deconvnet')
_SHARES = {'shallow': 0.15, 'middle': 0.5, 'deep': 0.85}

_CAMERA = (
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
)
# Between two looks at what the page says of its last ten frames, in seconds.
_BETWEEN = 2.0

# Counts the frames that the page sends.
_COUNT = """
const fetched = window.fetch;
window.sent = 0;
window.fetch = (...given) => {
  window.sent += String(given[0]).startsWith('api/frame');
  return fetched(...given);
};
"""


def _frames(image_size: int, count: int = 8) -> List[bytes]:
  """Returns JPEGs of a camera's middle at a network's size."""
  generator = np.random.default_rng(0)
  found = []
  for _ in range(count):
    noise = generator.random((480, 640, 3))
    soft = scipy.ndimage.gaussian_filter(noise, (8, 8, 0))
    soft = (soft - soft.min()) / (soft.max() - soft.min())
    image = Image.fromarray((255 * soft).astype(np.uint8))
    middle = image.crop((80, 0, 560, 480)).resize((image_size, image_size))
    file = io.BytesIO()
    middle.save(file, 'JPEG', quality=85)
    found.append(file.getvalue())
  return found


class _Toolbox:
  """The command, as a page has it."""

  def __init__(self, folder: str, *flags: str):
    """Starts it, and waits for its address."""
    self.began = time.perf_counter()
    command = 'magenta_viz.image_visualization_toolbox'
    self._process = subprocess.Popen(
      [sys.executable, '-m', command, f'--cache_dir={folder}', *flags],
      stdout=subprocess.PIPE,
      text=True,
    )
    assert self._process.stdout is not None
    self.address = self._process.stdout.readline().strip()
    self._parts = urllib.parse.urlsplit(self.address)

  @property
  def megabytes(self) -> float:
    """Memory that it takes."""
    return _megabytes(self._process.pid)

  def ask(
    self, path: str, content: Optional[bytes] = None, **given: Any
  ) -> bytes:
    """Returns an answer.

    Raises:
      RuntimeError: If it is an error.
    """
    connection = http.client.HTTPConnection(self._parts.netloc)
    method = 'GET' if content is None else 'POST'
    query = urllib.parse.urlencode(given)
    connection.request(method, f'{self._parts.path}{path}?{query}', content)
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    if response.status != 200:
      raise RuntimeError(f'{path}: {answer[:300]!r}')
    return answer

  def end(self) -> None:
    """Ends it, as Ctrl-C does."""
    self._process.send_signal(signal.SIGINT)
    self._process.wait()


def _megabytes(pid: int) -> float:
  """Returns the memory that a process takes."""
  pages = Path(f'/proc/{pid}/statm').read_text(encoding='ascii').split()[1]
  return int(pages) * resource.getpagesize() / 1e6


class _Page:
  """The toolbox's page in a browser, with its camera on."""

  def __init__(self, toolbox: _Toolbox, folder: str):
    """Opens it, and waits for the first frames."""
    self._browser = browser_lib.start(folder, *_CAMERA, keeps_logs=False)
    self._browser.get(f'{toolbox.address}#picture=camera')
    self._browser.execute_script(_COUNT)
    while not self._say():
      time.sleep(0.1)

  def _say(self) -> str:
    """Returns what the page says of its frames."""
    script = 'return document.getElementById("rate").textContent'
    return str(self._browser.execute_script(script))

  @property
  def rate(self) -> float:
    """Frames a second, of the last ten."""
    return float(self._say().split()[0])

  @property
  def sent(self) -> int:
    """Frames so far."""
    return int(self._browser.execute_script('return window.sent'))

  @property
  def megabytes(self) -> float:
    """Memory of the page's process, and of its objects after a collection."""
    self._browser.execute_cdp_cmd('HeapProfiler.collectGarbage', {})
    # The browser's processes are below the driver's; one of them has the page.
    pids = _below(self._browser.service.process.pid)
    return max(
      _megabytes(pid)
      for pid in pids
      if b'--type=renderer' in Path(f'/proc/{pid}/cmdline').read_bytes()
    )

  @property
  def objects(self) -> Dict[str, float]:
    """What the page has: megabytes of its heap, nodes and listeners."""
    self._browser.execute_cdp_cmd('Performance.enable', {})
    found = self._browser.execute_cdp_cmd('Performance.getMetrics', {})
    by_name = {each['name']: each['value'] for each in found['metrics']}
    return {
      'heap, MB': by_name['JSHeapUsedSize'] / 1e6,
      'nodes': by_name['Nodes'],
      'listeners': by_name['JSEventListeners'],
    }

  def end(self) -> None:
    """Closes the browser."""
    self._browser.quit()


def _below(pid: int) -> List[int]:
  """Returns the processes that one has begun, and those that these have."""
  children = [
    int(child)
    for path in Path(f'/proc/{pid}/task').glob('*/children')
    for child in path.read_text(encoding='ascii').split()
  ]
  return children + [each for child in children for each in _below(child)]


def _measure_page(
  name: str, flags: List[str], tries: int, num_frames: int
) -> None:
  """Prints the row of a network in a browser."""
  with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
    toolbox = _Toolbox(f'{folder}/cache', *flags)
    stack.callback(toolbox.end)
    page = _Page(toolbox, f'{folder}/profile')
    stack.callback(page.end)
    rates = []
    for _ in range(tries):
      time.sleep(_BETWEEN)
      rates.append(page.rate)
    start, server, tab, objects = (
      page.sent,
      toolbox.megabytes,
      page.megabytes,
      page.objects,
    )
    while page.sent - start < num_frames:
      time.sleep(0.5)
    after = page.objects
    of_which = ', '.join(
      f'{key} {value:.1f} to {after[key]:.1f}' for key, value in objects.items()
    )
    print(
      f'| {name} | {statistics.median(rates):.1f} | {min(rates):.1f} |'
      f' {server:.0f} to {toolbox.megabytes:.0f} |'
      f' {tab:.0f} to {page.megabytes:.0f} | {of_which} |',
      flush=True,
    )


def _seconds(calls: int, ask: Callable[[int], Any]) -> float:
  """Returns the median seconds of a call, after two that do not count."""
  times = []
  for index in range(calls + 2):
    begun = time.perf_counter()
    ask(index)
    times.append(time.perf_counter() - begun)
  return statistics.median(times[2:])


def _layers(network: Dict[str, Any]) -> Dict[str, Any]:
  """Returns a shallow, a middle and a deep layer of maps."""
  maps = [each for each in network['layers'] if each['height'] > 1]
  return {
    depth: maps[int(share * len(maps))] for depth, share in _SHARES.items()
  }


def _of_a_layer(
  toolbox: _Toolbox, layer: Dict[str, Any], frames: List[bytes], rounds: int
) -> str:
  """Returns a row's numbers."""
  name = layer['name']

  def send(index: int) -> bytes:
    content = frames[index % len(frames)]
    return toolbox.ask('api/frame', content, layer=name, side=_SIDE)

  picture = json.loads(toolbox.ask('api/pictures', frames[0]))['picture']
  unit = {'layer': name, 'unit': layer['channels'] // 2, 'picture': picture}
  frame = _seconds(rounds, send)
  click = _seconds(rounds, lambda _: toolbox.ask('api/unit', **unit))

  def back(rule: str) -> float:
    """Returns the seconds backward, to the page's picture, over a frame's."""
    return (
      _seconds(rounds, lambda _: toolbox.ask('api/backward', **unit, rule=rule))
      / frame
    )

  ratios = [back(rule) for rule in _RULES]
  toolbox.ask('api/drawing', **unit)
  drawn = _seconds(rounds, send)
  toolbox.ask('api/drawing/cancel', b'')
  shape = f'{layer["height"]} x {layer["channels"]}'
  return (
    f'{name} ({shape}) | {1 / frame:.1f} | {1e3 * click:.0f} |'
    f' {" / ".join(f"{each:.2f}" for each in ratios)} | {1 / drawn:.1f}'
  )


def _measure(name: str, flags: List[str], rounds: int) -> None:
  """Prints the rows of a network."""
  for precision in ('float32', 'auto'):
    with tempfile.TemporaryDirectory() as folder:
      toolbox = _Toolbox(folder, *flags, f'--precision={precision}')
      try:
        toolbox.ask('')
        page = time.perf_counter() - toolbox.began
        (network,) = json.loads(toolbox.ask('api/start'))['networks']
        layers, frames = _layers(network), _frames(network['image_size'])
        first = layers['shallow']['name']
        toolbox.ask('api/frame', frames[0], layer=first, side=_SIDE)
        maps = time.perf_counter() - toolbox.began
        start = f'{page:.1f}, {maps:.1f}'
        for layer in layers.values():
          row = _of_a_layer(toolbox, layer, frames, rounds)
          print(f'| {name}, {precision} | {row} | {start} |', flush=True)
          start = ''
      finally:
        toolbox.end()


def main() -> None:
  """Measures, and prints the table."""
  parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
  parser.add_argument('--googlenet', help='weights of GoogLeNet')
  parser.add_argument('--rounds', type=int, default=20, help='of each call')
  parser.add_argument(
    '--browser', action='store_true', help='measure in a browser'
  )
  parser.add_argument(
    '--frames', type=int, default=2000, help='of a camera, for --browser'
  )
  args = parser.parse_args()
  networks = {'squeezenet': ['--model=squeezenet']}
  if args.googlenet:
    networks['googlenet'] = [
      '--model=googlenet',
      f'--checkpoint={args.googlenet}',
    ]
  networks['efficientnet_lite0'] = ['--model=efficientnet_lite0']
  if args.browser:
    print(
      '| network | frames a second | least | server, MB | page, MB | of which |'
      f'\n{6 * "| --- "}|'
    )
    for name, flags in networks.items():
      _measure_page(name, flags, args.rounds, args.frames)
    return
  print(
    '| network | layer | frames a second | a unit, ms | backward / forward |'
    ' while drawing | page, maps after, s |\n' + 7 * '| --- ' + '|'
  )
  for name, flags in networks.items():
    _measure(name, flags, args.rounds)


if __name__ == '__main__':
  main()
