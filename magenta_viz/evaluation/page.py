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

import base64
import io
from pathlib import Path
import re
from typing import (
  Any,
  Callable,
  Iterable,
  List,
  Mapping,
  NamedTuple,
  Optional,
  Tuple,
)

import numpy as np
from PIL import Image

from magenta_viz.evaluation import report as report_lib
from magenta_viz.media import image_files

_TEMPLATES = Path(__file__).with_name('templates')

# In pixels. A wall of a thousand such pictures is a file of some 30 MB.
_MAX_SIDE = 256
_QUALITY = 90

# In pixels: a smaller picture shows its pixels, instead of a blur.
_COARSE_SIDE = 96

_MINUS = '\u2212'
# One that no line breaks at.
_SPACE = '\u00a0'

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
    show=lambda name: _shown(read_picture(name)),
  )
  # Names of files need not be Unicode.
  return text.encode('utf-16', 'surrogatepass').decode('utf-16', 'replace')


def template(name: str) -> Any:
  """Returns one of the page's templates, which escape what comes into them."""
  # Here, for no other use of the package to wait for it.
  import jinja2

  environment = jinja2.Environment(
    autoescape=True,
    loader=jinja2.FunctionLoader(_source),
    undefined=jinja2.StrictUndefined,
    keep_trailing_newline=True,
  )
  environment.globals.update(
    class_title=_class_title,
    count=count,
    decimal=decimal,
    first_name=_first_name,
    listed=_listed,
    percent=percent,
    percents=percents,
    seconds=seconds,
    unknown=report_lib.UNKNOWN,
    whole=Scale(0.0, 1.0),
  )
  return environment.get_template(name)


def _source(name: str) -> str:
  """Reads a template; of HTML without the line breaks that are for its reader.

  Blanks between elements would be seen.
  """
  text = (_TEMPLATES / name).read_text(encoding='utf-8')
  if not name.endswith('.html'):
    return text.strip()
  text = re.sub(r'(?<=[>}])\s*\n\s*|\s*\n\s*(?=[<{])', '', text.strip())
  return re.sub(r'\s*\n\s*', ' ', text) + '\n'


class Scale(NamedTuple):
  """What the left and the right end of a strip stand for."""

  low: float
  high: float

  def share(self, value: float) -> float:
    """Returns where a value is, 0 at the left end, 1 at the right one."""
    if self.high <= self.low:
      return 0.5
    return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


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
  scale: Scale
  band: Optional[Tuple[float, float]]

  def text(self, value: float) -> str:
    """Returns a value as text."""
    if self.decimals is None:
      return percent(value, 1)
    return decimal(value, self.decimals)

  def span(self, low: float, high: float) -> str:
    """Returns as text from where to where values go."""
    if self.decimals is None:
      return percents(low, high, 1)
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
    scale = Scale(min(there), max(there))
    found.append(Ruler(key, label, decimals, scale, band))
  return found


def percent(share: float, decimals: int = 0) -> str:
  """Returns a share as text; nearly none is not called 0, nor nearly all 100.

  Args:
    share: In [0, 1].
    decimals: Of the percents.
  """
  return f'{_percents(share, decimals)}{_SPACE}%'


def percents(low: float, high: float, decimals: int = 0) -> str:
  """Returns as text from which share to which something goes."""
  return f'{_percents(low, decimals)} to {percent(high, decimals)}'


def _percents(share: float, decimals: int) -> str:
  """Returns the number of a share's percents."""
  least = 10.0**-decimals
  number_of_percents = 100 * share
  if 0 < number_of_percents < least / 2:
    return f'<{least:.{decimals}f}'
  if 100 - least / 2 < number_of_percents < 100:
    return f'>{100 - least:.{decimals}f}'
  return f'{number_of_percents:.{decimals}f}'


def decimal(value: float, decimals: int) -> str:
  """Returns a number with so many decimals, and a minus as long as a plus."""
  return f'{value:.{decimals}f}'.replace('-', _MINUS)


def seconds(value: float) -> str:
  """Returns a time as text."""
  return f'{value:.{1 if value < 100 else 0}f}{_SPACE}s'


def count(value: int, word: str, words: str = '') -> str:
  """Returns so many things as text, such as '1 picture' or '2 pictures'."""
  return f'{value} {word if value == 1 else words or word + "s"}'


def _listed(facts: Iterable[str]) -> str:
  """Returns short facts in a row, without those that are empty."""
  return f'{_SPACE}\u00b7 '.join(filter(None, facts))


def _class_title(picture: Mapping[str, Any]) -> str:
  """Returns the first name of a picture's class."""
  if picture['class_name'] is not None:
    return _first_name(picture['class_name'])
  if picture['class_id'] is not None:
    return f'class {picture["class_id"]}'
  return 'no class'


def _first_name(class_name: str) -> str:
  """Returns the first of a class's synonyms."""
  return class_name.split(', ')[0]


class _Shown(NamedTuple):
  """A picture as the page has it: an address that holds it, as a JPEG."""

  uri: str
  is_coarse: bool


def _shown(image: np.ndarray) -> _Shown:
  """Returns a picture of at most 256 pixels a side, for the page."""
  small = Image.fromarray(image_files.to_uint8(image))
  small.thumbnail((_MAX_SIDE, _MAX_SIDE), Image.Resampling.LANCZOS)
  file = io.BytesIO()
  # Full resolution of the colours: drawn pictures have fine coloured lines.
  small.save(file, 'JPEG', quality=_QUALITY, subsampling=0)
  data = base64.b64encode(file.getvalue()).decode()
  is_coarse = max(image.shape) < _COARSE_SIDE
  return _Shown(f'data:image/jpeg;base64,{data}', is_coarse)
