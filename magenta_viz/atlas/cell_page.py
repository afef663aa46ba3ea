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

"""The page of an activation atlas: a map of its cells, from disk, as it is."""

from pathlib import Path
from typing import Sequence

from magenta_viz.atlas import cell_files
from magenta_viz.media import atomic_files
from magenta_viz.media import pages

_TEMPLATES = Path(__file__).with_name('templates')

PAGE = 'index.html'
_DATA = 'data.js'
_MAP = 'cells.js'


def write(folder: Path, pictures: Sequence[str]) -> None:
  """Writes the page of cells that are collected.

  Args:
    folder: Theirs.
    pictures: Name of the file of each, in order, whether it is there or not.

  Raises:
    OSError: If a file cannot be read or written.
    ValueError: If the record of the cells is damaged.
  """
  record = cell_files.read(folder)
  settings = record['settings']
  data = {
    'grid': settings['grid'],
    'map': record['map'],
    'names': record['shown'],
    'cells': [
      {**cell, 'picture': picture}
      for cell, picture in zip(record['cells'], pictures)
    ],
  }
  html = pages.template(_TEMPLATES, 'cells.html').render(
    layer=settings['layer'],
    model=settings['network']['model'],
    image=record['image'],
    positions=settings['positions'],
    seed=settings['seed'],
    grid=settings['grid'],
    num_cells=len(data['cells']),
    num_points=record['num_points'],
    num_photographs=record['num_photographs'],
    passed_over=record['passed_over'],
    scripts=(cell_files.PHOTOGRAPHS, _DATA, _MAP),
  )
  script = (_TEMPLATES / _MAP).read_bytes()
  atomic_files.write_file(folder / _MAP, script)
  atomic_files.write_file(folder / _DATA, cell_files.script('CELLS', data))
  atomic_files.write_file(folder / PAGE, pages.unicode(html).encode('utf-8'))
