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

"""Tests for notebook_pages."""

import base64
import json
from pathlib import Path
from typing import Any, Dict

from absl.testing import absltest

from tools import notebook_pages

_PNG = b'\x89PNG of nothing'


def _code(source: Any, *outputs: Dict[str, Any]) -> Dict[str, Any]:
  return {'cell_type': 'code', 'source': source, 'outputs': list(outputs)}


def _display(**data: Any) -> Dict[str, Any]:
  kinds = {kind.replace('_', '/'): value for kind, value in data.items()}
  return {'output_type': 'display_data', 'data': kinds}


class ReadTest(absltest.TestCase):
  def read(self, *cells: Dict[str, Any], nbformat: int = 4) -> Any:
    path = Path(self.create_tempdir().full_path, 'dreams.ipynb')
    path.write_text(json.dumps({'nbformat': nbformat, 'cells': cells}))
    return notebook_pages.read(path, lambda text: text.replace('old', 'new'))

  def test_cells_and_outputs(self) -> None:
    encoded = base64.encodebytes(_PNG).decode()
    widget = {
      'application/vnd.jupyter.widget-view+json': {},
      'text/plain': '0%',
    }
    page = self.read(
      {'cell_type': 'markdown', 'source': ['# Dreams\n', '[a](old)\n']},
      {'cell_type': 'raw', 'source': 'nothing'},
      _code(
        ["print('old')\n", 'draw()'],
        {'output_type': 'stream', 'name': 'stdout', 'text': ['old\n']},
        {'output_type': 'display_data', 'data': widget},
        _display(image_png=encoded, text_plain='<Picture>'),
        _display(image_gif=base64.b64encode(b'GIF').decode()),
      ),
      _code('[1]', {**_display(text_plain=['[1]']), 'output_type': 'other'}),
      _code('table', _display(text_html='<p>\n\na</p>', text_plain='a')),
      _code(''),
    )
    self.assertEqual(page.title, 'Dreams')
    self.assertEqual(
      page.text,
      """# Dreams
[a](new)

```python
print('old')
draw()
```

```text
old
```

![what the cell above draws](dreams_0.png)

![what the cell above draws](dreams_1.gif)

```python
[1]
```

```text
[1]
```

```python
table
```

<p>
a</p>

[This notebook as a file](dreams.ipynb)
""",
    )
    self.assertEqual(page.files, {'dreams_0.png': _PNG, 'dreams_1.gif': b'GIF'})

  def test_what_terminals_do(self) -> None:
    bar = '0%|  |\r50%|# |\r100%|##|\n'
    error = {
      'output_type': 'error',
      'traceback': ['\x1b[0;31mValueError\x1b[0m: no', '```'],
    }
    page = self.read(
      _code('run()', {'output_type': 'stream', 'text': bar}, error)
    )
    self.assertEqual(page.title, 'dreams')
    self.assertIn('# dreams\n\n```python\nrun()\n```\n\n', page.text)
    self.assertIn('```text\n100%|##|\n```\n', page.text)
    self.assertIn('````text\nValueError: no\n```\n````\n', page.text)

  def test_other_versions(self) -> None:
    with self.assertRaisesRegex(ValueError, 'dreams.ipynb is of nbformat 3'):
      self.read(nbformat=3)


if __name__ == '__main__':
  absltest.main()
