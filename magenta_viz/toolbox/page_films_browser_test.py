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

"""Tests of films and animated pictures on the toolbox's page."""

import io

from absl.testing import absltest
import numpy as np
from PIL import Image

from magenta_viz.testing import toolbox_page

# Makes a film of a square that turns from black to white, and drops it.
_FILM = """
const done = arguments[0];
const canvas = document.createElement('canvas');
[canvas.width, canvas.height] = [96, 64];
const context = canvas.getContext('2d');
const recorder = new MediaRecorder(canvas.captureStream(20),
  {mimeType: 'video/webm'});
recorder.ondataavailable = event => {
  const data = new DataTransfer();
  data.items.add(new File([event.data], 'film.webm', {type: 'video/webm'}));
  document.body.dispatchEvent(
    new DragEvent('drop', {dataTransfer: data, bubbles: true}));
  done();
};
recorder.start();
let count = 0;
const draw = () => {
  context.fillStyle = `rgb(${6 * count} 0 0)`;
  context.fillRect(0, 0, 96, 64);
  count += 1;
  if (count < 40) requestAnimationFrame(draw);
  else recorder.stop();
};
draw();
"""


class FilmsTest(toolbox_page.ToolboxPageCase):
  """Films by their frames, and animated pictures."""

  def play(self) -> None:
    """Drops a film, and waits for its frames."""
    self.browser.execute_async_script(_FILM)
    self.wait_for_text('#rate', 'frames/s')

  def test_film(self) -> None:
    self.open()
    self.play()
    self.assertEqual(self.state()['picture'], 'film')
    first = self.overview('#picture')
    self.wait(lambda: self.overview('#picture') != first)

  def middle(self) -> int:
    """Returns how red the middle of the picture is."""
    return int(self.pixels('#picture', np.array([[0.5, 0.5]]))[0])

  def wait_for_red(self, level: float) -> None:
    """Waits until the middle of the picture is so red."""
    self.wait(lambda: abs(self.middle() - level) < 4)

  def held(self) -> float:
    """Waits until a film is held, and returns its time."""
    self.wait(lambda: 'time' in self.state())
    self.wait(lambda: self.text('#rate') == '')
    return float(self.state()['time'])

  def seek(self, time: float) -> None:
    """Drags the film to a time, or to its end."""
    self.run_in_page(
      'const range = document.getElementById("frame");'
      'range.value = arguments[0]; range.dispatchEvent(new Event("input"))',
      time,
    )

  def go(self, key: str, time: float) -> float:
    """Presses a key, and returns the time to which the film goes."""
    self.press(key)
    self.wait(lambda: self.held() != time)
    return self.held()

  def test_film_by_its_frames(self) -> None:
    self.open(rule='guided', unit=5)
    self.play()
    self.press('f')
    self.held()
    # At its end there would be no next frame.
    self.seek(0.3)
    self.wait(lambda: abs(self.held() - 0.3) < 0.06)
    first = self.held()
    # Frames are about 0.05 s apart, each 3 of 255 brighter than the last.
    times, reds = [first], [self.middle()]
    for key in ('+', '+', '+', '-', '-', '-'):
      times.append(self.go(key, times[-1]))
      self.wait_for_text('#frame-text', f'{times[-1]:.2f} of ')
      self.wait_for_text('#photos option:checked', f'{times[-1]:.2f} s')
      reds.append(self.middle())
    self.assertEqual(times, times[:4] + times[2::-1])
    self.assertTrue((np.diff(times[:4]) > 0).all(), times)
    self.assertLess(np.diff(times[:4]).max(), 0.25, times)
    np.testing.assert_allclose(reds, reds[:4] + reds[2::-1], atol=2)
    self.assertTrue((np.diff(reds[:4]) >= 0).all(), reds)
    self.assertGreater(reds[3], reds[0])
    # What is held is a picture as any other.
    picture = self.state()['picture']
    subject = (0, toolbox_page.LAYER, 5, picture)
    self.assert_seen('#picture', self.session.picture(0, picture))
    self.assert_seen(
      '#backward-picture', self.session.backward(*subject, 'guided', 'raw')
    )
    value = self.session.unit(*subject)['maximum']
    self.wait_for_text('#unit-values', f'maximum {value:.3g}'[:12])
    # By hand, to its end; the film goes on from there.
    self.seek(10.0)
    self.wait(lambda: self.held() > times[3])
    self.wait(lambda: self.middle() > reds[3])
    self.press('f')
    self.wait_for_text('#rate', 'frames/s')
    self.assertNotIn('time', self.state())

  def test_film_at_the_time_of_its_address(self) -> None:
    self.open()
    self.play()
    self.press('f')
    time = self.go('+', self.held())
    red = self.middle()
    self.browser.refresh()
    self.wait_for_text('#unit-name', 'Unit 5')
    self.browser.execute_async_script(_FILM)
    # Another film, of which the nearest frame is shown.
    self.wait(lambda: abs(self.held() - time) < 0.2)
    self.wait(lambda: abs(self.middle() - red) < 60)

  def test_film_of_the_folder(self) -> None:
    self.open()
    self.run_in_page(
      'const list = document.getElementById("photos"); list.value = "film-0";'
      'list.dispatchEvent(new Event("change"))'
    )
    self.wait_for_text('#rate', 'frames/s')
    self.press('f')
    self.held()
    self.run_in_page(
      'const range = document.getElementById("frame"); range.value = 0.33;'
      'range.dispatchEvent(new Event("input"))'
    )
    # Ten frames a second, of which each has its level.
    self.wait_for_text('#frame-text', '0.30 of 1.20 s')
    time = 0.3
    for key, frame in (('', 3), ('+', 4), ('=', 5), ('-', 4)):
      if key:
        time = self.go(key, time)
      self.assertAlmostEqual(time, frame / 10, places=2)
      self.wait_for_red(255 * toolbox_page.FILM_LEVELS[frame])

  def test_animated_picture(self) -> None:
    self.open(rule='guided')
    stripes = np.indices((96, 96)).sum(0)[..., None] // 16 % 2 * 200
    levels = np.repeat(stripes, 3, 2).astype(np.uint8)
    frames = [Image.fromarray(levels // 2 + 40 * i) for i in range(3)]
    file = io.BytesIO()
    frames[0].save(
      file, 'WEBP', save_all=True, append_images=frames[1:], lossless=True
    )
    self.give('drop', 'three.webp', file.getvalue(), 'image/webp')
    reds = []
    for key, frame in (('', 0), ('+', 1), ('+', 2), ('+', 2), ('-', 1)):
      if key:
        self.press(key)
      self.wait_for_text('#frame-text', f'frame {frame + 1} of 3')
      picture = self.state()['picture']
      self.assertEqual(int(picture.partition('@')[2] or 0), frame)
      self.assert_seen('#picture', self.session.picture(0, picture))
      subject = (0, toolbox_page.LAYER, 5, picture, 'guided', 'raw')
      self.assert_seen('#backward-picture', self.session.backward(*subject))
      reds.append(self.pixels('#picture', np.array([[0.55, 0.55]]))[0])
    self.assertEqual(self.text('#photos option:checked'), 'three.webp')
    np.testing.assert_allclose(reds, [0, 40, 80, 80, 40], atol=3)


if __name__ == '__main__':
  absltest.main()
