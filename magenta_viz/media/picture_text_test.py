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

"""Tests for what PNG files tell of their pictures."""

import io
import json

from absl.testing import absltest
import numpy as np
from PIL import Image

from magenta_viz import version
from magenta_viz.media import image_files
from magenta_viz.media import picture_text

_RECORD = {
  'seed': 3,
  'image': '/home/me/my cat.jpg',
  'settings': {'image_size': (8, 12)},
  'networks': [{'weights': '/home/me/a.npz', 'scores': [1.0]}],
  'scores': [1.0],
  'seconds': 1.5,
  'peak_memory_bytes': 7,
  'command': "OPT=1 program --class_id=1 '--image=/home/me/my cat.jpg'"
  ' --animate=gif --fps=3.0 --hold=0.0 --log_dir=a --output_dir=b --noise=0.1',
}


class PictureTextTest(absltest.TestCase):
  def test_keeps_what_every_run_has(self) -> None:
    found = picture_text.of_record('1 goldfish', _RECORD)
    command = "OPT=1 program --class_id=1 '--image=my cat.jpg' --noise=0.1"
    record = json.loads(found.pop(picture_text.RECORD))
    self.assertEqual(
      found,
      {
        'Title': '1 goldfish',
        'Software': f'magenta_viz {version.__version__}',
        'Comment': command,
      },
    )
    self.assertEqual(
      record,
      {
        'seed': 3,
        'image': 'my cat.jpg',
        'settings': {'image_size': [8, 12]},
        'command': command,
      },
    )

  def test_no_command_makes_it(self) -> None:
    found = picture_text.of_record('a', {'seed': 3, 'command': None})
    self.assertNotIn('Comment', found)
    self.assertEqual(list(picture_text.texts('a')), ['Title', 'Software'])

  def test_names_that_are_no_unicode(self) -> None:
    found = picture_text.of_record(
      'a\udce9\n', {'image': 'b\udce9', 'command': "a '--image=b\udce9'"}
    )
    self.assertEqual(found['Title'], r'a\udce9\n')
    data = image_files.encode_png(np.zeros((2, 3, 3)), found)
    with Image.open(io.BytesIO(data)) as image:
      self.assertEqual(image.info, found)
    record = json.loads(found[picture_text.RECORD])
    self.assertEqual(record['image'], 'b\udce9')


if __name__ == '__main__':
  absltest.main()
