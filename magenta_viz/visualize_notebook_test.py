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


"""Tests of drawing in a notebook, whose cells show pictures that grow."""

import base64
import io
from typing import Any, Dict
from unittest import mock

from absl.testing import absltest
import numpy as np
from PIL import Image

from magenta_viz import visualize
from magenta_viz.testing import notebook_shell
from magenta_viz.visualization import growing as growing_lib

_NOTHING = {'text/plain': ''}


def _picture(content: Any) -> np.ndarray:
  """Returns what a place in the output shows."""
  with Image.open(io.BytesIO(base64.b64decode(content['image/jpeg']))) as file:
    return np.asarray(file).astype(np.float32) / 255


class RunTest(absltest.TestCase):
  def draw(self, **settings: Any) -> np.ndarray:
    """Draws two small pictures."""
    common: Dict[str, Any] = {
      'class_ids': (281, 130),
      'models': 'squeezenet',
      'image_size': 64,
      'num_steps': 4,
      'precision': 'float32',
    }
    pictures = visualize.run(**{**common, **settings})
    return np.stack([each.image for each in pictures])

  def test_a_run_shows_its_pictures_and_draws_the_same(self) -> None:
    alone = self.draw()
    with notebook_shell.notebook_shell() as shell:
      with mock.patch.object(growing_lib, '_PAUSE', 0.0), mock.patch.object(
        growing_lib, '_SHARE', 0.0
      ):
        watched = self.draw()
    np.testing.assert_array_equal(watched, alone)
    nothing, *looks, nothing_again = shell.contents
    self.assertEqual([nothing, nothing_again], [_NOTHING, _NOTHING])
    self.assertLen(looks, 4)
    shown = [_picture(each) for each in looks]
    self.assertGreater(np.abs(shown[0] - shown[-1]).mean(), 0.003)

  def test_nothing_shows_of_pictures_that_are_there(self) -> None:
    folder = self.create_tempdir().full_path
    self.draw(output_dir=folder)
    with notebook_shell.notebook_shell() as shell:
      self.draw(output_dir=folder)
    self.assertEmpty(shell.contents)


if __name__ == '__main__':
  absltest.main()
