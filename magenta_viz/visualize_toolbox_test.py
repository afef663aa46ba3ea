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

"""Tests that the toolbox draws what visualize draws."""

import hashlib
from typing import Any

from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz import visualize
from magenta_viz.media import image_files
from magenta_viz.testing import toolbox_sessions
from magenta_viz.toolbox import drawer as drawer_lib
from magenta_viz.toolbox import session as session_lib

_STEPS = toolbox_sessions.NUM_STEPS


class ToolboxTest(toolbox_sessions.TestCase):
  @parameterized.parameters({'layer': 'second', 'channel': 5}, {'class_id': 2})
  def test_drawing_is_the_packages_own(self, **subject: Any) -> None:
    progress = self.watch(**subject)
    last = progress[-1]
    self.assertEqual(last.state, drawer_lib.DONE, last.error)
    self.assertEqual((last.step, last.num_steps), (_STEPS, _STEPS))
    steps = [each.step for each in progress]
    self.assertEqual(steps, sorted(steps))
    wanted: Any = {'class_ids': (2,)}
    if 'layer' in subject:
      wanted = {'objective': 'channel:second:5'}
    (expected,) = visualize.run(
      visualize.VisualizeConfig(
        **wanted,
        batch_size=1,
        overrides={'num_steps': _STEPS},
      ),
      network=self.networks.first,
    )
    self.assertEqual(
      hashlib.sha256(last.png).digest(),
      hashlib.sha256(image_files.encode_png(expected.image)).digest(),
    )
    # The next time it is there, also for another session.
    other = session_lib.Session([self.networks], (), self.folder / 'cache')
    other.views[0].drawer._settings['overrides'] = {'num_steps': _STEPS}
    again = other.drawings.finished(0, **subject)
    self.assertEqual(again.state, drawer_lib.DONE)
    self.assertEqual(again.png, last.png)
    if 'layer' in subject:
      self.assertEqual(list(self.session.drawings.stored(0, 'second')), [5])
      self.assertEqual(list(self.session.drawings.stored(0, 'first')), [])


if __name__ == '__main__':
  absltest.main()
