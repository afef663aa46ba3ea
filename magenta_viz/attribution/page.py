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

"""The maps of photographs, by one or several methods, as a page to look at."""

from pathlib import Path
from typing import Any, Callable, Dict, Mapping, NamedTuple, Sequence, Tuple

import numpy as np

from magenta_viz.attribution import comparison
from magenta_viz.attribution import methods
from magenta_viz.media import pages

_TEMPLATES = Path(__file__).with_name('templates')


class Row(NamedTuple):
  """A photograph, and what was found in it.

  Attributes:
    path: Of its file.
    name: What to call it.
    found: Of each method the record, and the PNG files' paths by what they
      show, as `files.Saliency` has them.
  """

  path: str
  name: str
  found: Dict[str, Tuple[Mapping[str, Any], Mapping[str, Path]]]


def page(
  image: str,
  rows: Sequence[Row],
  means: Sequence[comparison.Mean],
  passed_over: Sequence[str],
  read_picture: Callable[[Any], np.ndarray],
) -> str:
  """Returns what was found as one HTML page that needs nothing else.

  Each photograph is beside its maps and boxes, method by method.

  Args:
    image: The photograph or folder that was asked for.
    rows: The photographs, in the order in which they are shown.
    means: Scores of the methods; none where none were measured.
    passed_over: Why each of the other photographs is not there.
    read_picture: Returns the picture at a path, [height, width, 3] float in
      [0, 1], RGB. It is shown with at most 256 pixels a side.

  Returns:
    HTML 5, to be written as UTF-8.

  Raises:
    OSError, ValueError: If a picture cannot be read.
  """
  names = dict.fromkeys(method for row in rows for method in row.found)
  text = pages.template(_TEMPLATES, 'saliency.html').render(
    image=image,
    rows=rows,
    means=means,
    passed_over=passed_over,
    helps={name: methods.METHODS[name].help for name in names},
    show=lambda path: pages.shown(read_picture(path)),
  )
  return pages.unicode(text)
