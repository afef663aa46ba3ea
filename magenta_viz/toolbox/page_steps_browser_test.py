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
"""Tests of the page's steps through a training, in a real browser."""

import json
from pathlib import Path
import shutil
import threading
from typing import Any, ClassVar, Dict, List
from unittest import mock
import urllib.request

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np

from magenta_viz.models import network_loading
from magenta_viz.models import trained_network
from magenta_viz.testing import toolbox_page
from magenta_viz.testing import toolbox_sessions
from magenta_viz.testing import trained_checkpoints
from magenta_viz.toolbox import drawer as drawer_lib
from magenta_viz.toolbox import session as session_lib

_STEPS = [100, 200, 300, 400]
_BEST = 300
_NUM_UNITS = 48

_PLAIN: Dict[str, Any] = {'palette': 'grey', 'gamma': 1, 'labels': 1}

_SIZE = """
const {style} = document.querySelector(arguments[0]);
return [parseFloat(style.width), parseFloat(style.height)];
"""


class StepsTest(toolbox_page.ToolboxPageCase):
  """A training of four checkpoints, and a network that is of none."""

  train_dir: ClassVar[Path]

  @classmethod
  def make_session(cls, root: Path, paths: List[Path]) -> session_lib.Session:
    cls.train_dir = root / 'train'
    for step in _STEPS:
      cls.train(step, top1=0.9 if step == _BEST else 0.5)
    networks = [
      toolbox_sessions.networks_of(cls.train_dir),
      toolbox_sessions.networks_alone(),
    ]
    return session_lib.Session(networks, paths, root / 'drawings')

  @classmethod
  def train(cls, step: int, **others: Any) -> None:
    """Writes a checkpoint of a network as large as the embedded one."""
    names = [f'kind {number}' for number in range(6)]
    trained_checkpoints.write_network(
      *(cls.train_dir, step),
      image_size=224,
      num_outputs=len(names),
      class_names=names,
      **others,
    )

  def setUp(self) -> None:
    super().setUp()
    # Each test begins with nothing read.
    self.session._trained[0]._views.clear()

  def delete(self, step: int) -> None:
    """Deletes a checkpoint until the test ends."""
    kept = Path(self.create_tempdir().full_path)
    name = trained_network.checkpoint_name(step)
    for path in list(self.train_dir.glob(f'{name}.*')):
      shutil.move(str(path), kept)
      self.addCleanup(shutil.move, kept / path.name, path)

  def is_shown(self, step: int, pane: int = 1) -> bool:
    """Tells whether a pane's grid has the maps of a step."""
    maps = self.session.at(0, step).maps(0, toolbox_page.LAYER, 'photo-0', 64)
    selector = f'.pane:nth-child({pane}) .grid canvas'
    width, height = self.run_in_page(_SIZE, selector)
    if not width:
      return False
    columns = min(
      range(1, _NUM_UNITS + 1),
      key=lambda each: abs(width / each - height / -(-_NUM_UNITS // each)),
    )
    cell = width / columns
    inner = toolbox_page.grid(toolbox_page.MAP_SIDE) * (cell - 2) + 1
    # Those in sight, but the chosen one, which has a frame.
    for unit in range(6, min(12, columns)):
      corner = np.array([unit % columns, unit // columns]) * cell
      seen = self.pixels(selector, (inner + corner) / [width, height])
      levels = maps.levels[unit].astype(float)
      # The number of a cell covers its upper left.
      lower = seen.reshape(levels.shape)[7:], levels[7:]
      if not np.allclose(*lower, atol=1):
        return False
    return True

  def wait_for_step(self, step: int) -> None:
    """Waits until all of the page is of a step."""
    self.wait(lambda: self.state().get('step') == str(step))
    self.wait(lambda: self.is_shown(step))
    session = self.session.at(0, step)
    unit = session.unit(0, toolbox_page.LAYER, 5, 'photo-0')
    maximum = unit['maximum']

    def is_told() -> bool:
      # A map may be flat.
      text = self.text('#unit-values').replace('maximum', '')
      shown = float(text.split()[0])
      return abs(shown - maximum) <= 0.01 * maximum + 1e-6

    self.wait(is_told)
    self.assertEqual(self.classes(), self.top(step))
    controls = self.run_in_page(
      'return [...document.querySelectorAll('
      '  ".steps select, .steps input")].map(each => each.value)'
    )
    place = self.session.steps(0).index(step)
    self.assertEqual(controls, [str(place), str(step)])

  def top(self, step: int) -> List[str]:
    """Returns the names of the likeliest classes at a step."""
    session = self.session.at(0, step)
    maps = session.maps(0, toolbox_page.LAYER, 'photo-0', 1)
    return [name for _, name, _ in maps.header['top']]

  def classes(self, pane: int = 0) -> List[str]:
    """Returns the names of the classes that a pane's list has."""
    names: List[str] = self.run_in_page(
      'return [...document.querySelectorAll('
      '  `.classes[data-pane="${arguments[0]}"] .name`)].map('
      '  each => each.textContent)',
      pane,
    )
    return names

  def put(self, selector: str, value: int) -> None:
    """Sets a control of the steps."""
    self.run_in_page(
      'const control = document.querySelector(arguments[0]);'
      'control.value = arguments[1];'
      'for (const type of ["input", "change"]) {'
      '  control.dispatchEvent(new Event(type, {bubbles: true}));}',
      selector,
      value,
    )

  def test_best_comes_first_and_keys_step(self) -> None:
    self.open(**_PLAIN)
    self.wait_for_step(_BEST)
    options = (
      'return [...document.querySelectorAll(".steps option")].map('
      '  each => Number(each.textContent))'
    )
    self.assertEqual(self.run_in_page(options), _STEPS)
    for key, step in ((',', 200), (',', 100), (',', 100), ('.', 200)):
      self.press(key)
      self.wait_for_step(step)
      self.assertFalse(self.is_shown(_BEST))
    for by, step in ((-1, 100), (1, 200)):
      self.click(f'.steps [data-by="{by}"]')
      self.wait_for_step(step)
    self.put('.steps select', 400)
    self.wait_for_step(400)
    self.put('.steps input', 0)
    self.wait_for_step(100)
    self.assertEqual(self.browser.get_log('browser'), [])

  def test_address_and_back_button(self) -> None:
    self.open(step=100, **_PLAIN)
    self.wait_for_step(100)
    self.press('.')
    self.wait_for_step(200)
    self.browser.back()
    self.wait_for_step(100)
    self.browser.forward()
    self.wait_for_step(200)
    self.browser.refresh()
    self.wait(lambda: self.classes())
    self.wait_for_step(200)

  def test_all_else_stays(self) -> None:
    state = {
      **_PLAIN,
      'picture': 'photo-1',
      'mode': 'drawing',
      'class_id': 4,
      'rule': 'guided',
      'y': 3,
      'x': 4,
      'off': f'{toolbox_page.LAYER}:7',
    }
    self.open(step=100, **state)
    self.wait(lambda: self.overview('#backward-picture'))
    before, past = self.state(), self.overview('#backward-picture')
    self.press('.')
    self.wait(lambda: self.state()['step'] == '200')
    self.assertEqual(self.state(), {**before, 'step': '200'})
    self.wait(lambda: self.overview('#backward-picture') != past)
    self.assertIn(f'{toolbox_page.LAYER}:7', self.text('.chips'))

  def test_the_one_shown_stays_until_the_next_has_come(self) -> None:
    self.open(step=100, unit=5, **_PLAIN)
    self.wait_for_step(100)
    classes, grid = self.classes(), self.overview('.grid canvas')
    is_read, may_go_on = threading.Event(), threading.Event()
    self.addCleanup(may_go_on.set)
    read: List[int] = []
    load = network_loading.load

    def wait(source: Any, *others: Any) -> Any:
      read.append(source.trained.step)
      is_read.set()
      self.assertTrue(may_go_on.wait(60))
      return load(source, *others)

    self.session._trained[0]._views.clear()
    with mock.patch.object(network_loading, 'load', wait):
      self.press('.')
      self.assertTrue(is_read.wait(60))
      # It is said which is being read, of what is seen.
      self.assertEqual(
        self.run_in_page(
          'const steps = document.querySelector(".steps");'
          'return [steps.ariaBusy, steps.querySelector("select").value]'
        ),
        ['true', '200'],
      )
      self.assertEqual(self.state()['step'], '100')
      self.assertEqual(self.classes(), classes)
      self.assertEqual(self.overview('.grid canvas'), grid)
      # Of those that are asked for meanwhile only the last is read.
      self.press('.', '.', ',')
      may_go_on.set()
      self.wait_for_step(300)
    self.assertEqual(read.count(200), 1)
    self.assertNotIn(400, read)

  def test_while_it_is_trained(self) -> None:
    self.open(step=400, **_PLAIN)
    self.wait_for_step(400)
    self.press('.')
    self.wait_for_step(400)
    self.train(500)
    for path in self.train_dir.glob('*-500.*'):
      self.addCleanup(path.unlink)
    self.press('.')
    self.wait_for_step(500)
    self.press(',')
    self.wait_for_step(400)

  def test_one_that_is_gone_is_one_error(self) -> None:
    self.open(step=100, **_PLAIN)
    self.wait_for_step(100)
    self.delete(200)
    self.press('.')
    words = 'no checkpoint of step 200; there are 3, from 100 to 400'
    self.wait_for_text('#status', words)
    self.wait_for_step(100)
    self.press('.')
    self.wait_for_step(300)
    self.wait(lambda: not self.text('#status'))
    # Nor is anything else shown in its place.
    self.run_in_page('location.hash = location.hash.replace("300", "200")')
    self.wait_for_text('#status', words)
    hidden = (
      'return getComputedStyle(document.querySelector(".grid canvas"))'
      '.visibility'
    )
    self.wait(lambda: self.run_in_page(hidden) == 'hidden')
    self.press('.')
    self.wait_for_step(300)
    self.assertEqual(self.run_in_page(hidden), 'visible')

  def test_drawing_and_record_are_of_the_step(self) -> None:
    self.open(step=200, mode='drawing', **_PLAIN)
    self.wait(lambda: self.state().get('step') == '200')
    view = self.session.at(0, 200).views[0]
    view.drawer._settings.update(image_size=64, overrides={'num_steps': 3})
    self.press('g')
    prefix = self.train_dir / trained_network.checkpoint_name(200)
    self.wait_for_text('#command', f'--checkpoint={prefix} ')
    drawn = self.session.at(0, 200).drawings.finished(0, toolbox_page.LAYER, 5)
    self.assertEqual(drawn.state, drawer_lib.DONE)
    self.press(',')
    self.wait(lambda: self.state()['step'] == '100')
    self.wait_for_text('#undrawn', 'No drawing of unit 5')
    self.press('.')
    self.wait_for_text('#command', f'--checkpoint={prefix} ')
    href = 'return document.getElementById(arguments[0]).href'
    with urllib.request.urlopen(self.run_in_page(href, 'save-record')) as found:
      record = json.load(found)
    self.assertIn('step=200', record['address'])
    self.assertEqual(record['network']['step'], 200)
    self.assertIn(f'--checkpoint={prefix} ', record['command'])
    with urllib.request.urlopen(self.run_in_page(href, 'save-export')) as found:
      page = found.read().decode()
    self.assertIn('squeezenet at step 200', page)
    self.assertIn('What it wants to see', page)

  def test_what_has_changed_between_steps(self) -> None:
    self.open(step=100, **_PLAIN)
    self.wait_for_step(100)
    self.press('a')
    still = self.overview('.grid canvas')
    self.assertGreater(np.mean(np.array(still) == 0), 0.9)
    self.press('.')
    self.wait(
      lambda: np.mean(np.array(self.overview('.grid canvas')) == 0) < 0.9
    )

  def test_two_steps_side_by_side(self) -> None:
    self.open(
      step=200,
      other_network=0,
      other_layer=toolbox_page.LAYER,
      other_step=400,
      **_PLAIN,
    )
    self.wait(lambda: self.is_shown(200) and self.is_shown(400, pane=2))
    self.wait(lambda: self.classes(1) == self.top(400))
    self.assertEqual(self.classes(0), self.top(200))
    self.assertIn('step 400', self.text('#classes-lists'))
    self.click('.pane:nth-child(2) .steps [data-by="-1"]')
    self.wait(lambda: self.is_shown(300, pane=2))
    self.assertTrue(self.is_shown(200))
    self.press(',')
    # The keys are those of the side that was used last.
    self.wait(lambda: self.is_shown(200, pane=2))
    self.assertTrue(self.is_shown(200))
    state = self.state()
    self.assertEqual((state['step'], state['other_step']), ('200', '200'))

  @parameterized.parameters(320, 390, 700, 1280)
  def test_there_is_room_for_the_steps(self, width: int) -> None:
    self.show(width)
    self.open(step=200, other_network=0, other_step=400)
    wide, seen = self.run_in_page(
      'const e = document.documentElement;return [e.scrollWidth, e.clientWidth]'
    )
    self.assertLessEqual(wide, seen)
    sliders = self.run_in_page(
      'return [...document.querySelectorAll(".steps input")].map('
      '  each => each.getBoundingClientRect().width)'
    )
    self.assertLen(sliders, 2)
    self.assertGreater(min(sliders), 90)
    nameless = self.run_in_page(
      'return [...document.querySelectorAll(".steps :is(button, input, select)'
      '")].filter(each => !each.ariaLabel).length'
    )
    self.assertEqual(nameless, 0)

  def test_networks_of_no_training_have_no_steps(self) -> None:
    self.open(**_PLAIN)
    hidden = 'return document.querySelector(".steps").hidden'
    self.assertFalse(self.run_in_page(hidden))
    self.press(']')
    self.wait(lambda: self.state()['network'] == '1')
    self.assertNotIn('step', self.state())
    self.assertTrue(self.run_in_page(hidden))
    self.press('.', ',')
    self.assertNotIn('step', self.state())
    self.press('[')
    self.wait(lambda: self.state().get('step') == str(_BEST))

  def test_one_network_beside_itself(self) -> None:
    with mock.patch.object(self.session, 'views', self.session.views[:1]):
      self.open(step=100, **_PLAIN)
      self.press('v')
      self.wait(lambda: self.is_shown(200, pane=2))
      self.assertTrue(self.is_shown(100))
      self.press('v')
      self.assertNotIn('other_step', self.state())


if __name__ == '__main__':
  absltest.main()
