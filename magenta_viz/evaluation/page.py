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

"""The report of an evaluation as a page to look at."""

from pathlib import Path
from typing import (
  Any,
  Callable,
  List,
  Mapping,
  NamedTuple,
  Optional,
  Tuple,
)

import numpy as np

from magenta_viz.evaluation import report as report_lib
from magenta_viz.media import pages

_TEMPLATES = Path(__file__).with_name('templates')

# Figures of `naturalness.Naturalness`: what a reader calls them, and their
# decimals; None of a share, which is shown in percents.
_FIGURES: Mapping[str, Tuple[str, Optional[int]]] = {
  'clipped': ('Clipped', None),
  'slope': ('Spectrum', 2),
  'brightness': ('Brightness', 2),
  'contrast': ('Contrast', 2),
  'colourfulness': ('Colours', 0),
  'saturation': ('Saturation', 2),
}


def page(
  report: Mapping[str, Any], read_picture: Callable[[str], np.ndarray]
) -> str:
  """Returns a report as one HTML page that needs nothing else.

  It has tables of who recognises what and of naturalness, and below them the
  pictures in the order of the report, each with the judges' guesses. No script
  is in it, nothing is fetched, and names of files and classes stay text.

  Args:
    report: The report as plain data, of `report.Report.as_json`.
    read_picture: Returns the picture of a name in the report, [height, width,
      3] float in [0, 1], RGB; called once a picture, in their order. It is
      shown with at most 256 pixels a side.

  Returns:
    HTML 5, to be written as UTF-8.

  Raises:
    ValueError: If a picture has another shape or type, or values that are not
      finite.
  """
  judges = [report_lib.Judge(**judge) for judge in report['judges']]
  text = template('page.html').render(
    report=report,
    notes=[(judge.name, judge.note) for judge in judges if judge.note],
    rulers=rulers(report),
    show=lambda name: pages.shown(read_picture(name)),
  )
  return pages.unicode(text)


def template(name: str) -> Any:
  """Returns one of the page's templates, which escape what comes into them."""
  return pages.template(
    _TEMPLATES,
    name,
    class_title=_class_title,
    unknown=report_lib.UNKNOWN,
  )


class Ruler(NamedTuple):
  """What every picture's value of a figure is drawn against.

  Attributes:
    key: The figure's name in `naturalness.Naturalness`.
    label: Its name for a reader.
    decimals: Of its values; None of a share.
    scale: Holds every picture and photograph of the report.
    band: From where to where photographs go; None if none were measured.
  """

  key: str
  label: str
  decimals: Optional[int]
  scale: pages.Scale
  band: Optional[Tuple[float, float]]

  def text(self, value: float) -> str:
    """Returns a value as text."""
    if self.decimals is None:
      return pages.percent(value, 1)
    return pages.decimal(value, self.decimals)

  def span(self, low: float, high: float) -> str:
    """Returns as text from where to where values go."""
    if self.decimals is None:
      return pages.percents(low, high, 1)
    return f'{self.text(low)} to {self.text(high)}'


def rulers(report: Mapping[str, Any]) -> List[Ruler]:
  """Returns the rulers of a report's figures of naturalness."""
  photographs = report['photographs']
  summaries = [group['naturalness'] for group in report['groups']]
  summaries += [photographs] if photographs else []
  found = []
  for key, (label, decimals) in _FIGURES.items():
    ends = [each[end][key] for each in summaries for end in ('low', 'high')]
    there = [end for end in ends if end is not None] or [0.0]
    band = (ends[-2], ends[-1]) if photographs else None
    scale = pages.Scale(min(there), max(there))
    found.append(Ruler(key, label, decimals, scale, band))
  return found


def _class_title(picture: Mapping[str, Any]) -> str:
  """Returns the first name of a picture's class."""
  if picture['class_name'] is not None:
    return pages.first_name(picture['class_name'])
  if picture['class_id'] is not None:
    return f'class {picture["class_id"]}'
  return 'no class'
