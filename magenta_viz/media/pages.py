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

"""Pages of HTML that need nothing else, made of templates.

What comes into a template is escaped; no script is in a page, and nothing is
fetched. `templates/frame.html` is what pages are set in, `parts.html` and
`style.css` what they have in common.
"""

import base64
import functools
import io
from pathlib import Path
import re
from typing import Any, Iterable, NamedTuple

import numpy as np
from PIL import Image

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


def template(folder: Path, name: str, **values: Any) -> Any:
  """Returns a template, which escapes what comes into it.

  Args:
    folder: Where it is, and what it includes beside what pages have in common.
    name: Its file's name.
    **values: What all templates of the page know, beside the functions that
      make text of numbers here.
  """
  # Here, for no other use of the package to wait for it.
  import jinja2

  environment = jinja2.Environment(
    autoescape=True,
    loader=jinja2.FunctionLoader(functools.partial(_source, folder)),
    undefined=jinja2.StrictUndefined,
    keep_trailing_newline=True,
  )
  environment.globals.update(
    count=count,
    decimal=decimal,
    first_name=first_name,
    listed=listed,
    percent=percent,
    percents=percents,
    seconds=seconds,
    whole=Scale(0.0, 1.0),
    **values,
  )
  return environment.get_template(name)


def unicode(text: str) -> str:
  """Returns a page with a mark for what is no Unicode, as in names of files."""
  return text.encode('utf-16', 'surrogatepass').decode('utf-16', 'replace')


def _source(folder: Path, name: str) -> str:
  """Reads a template; of HTML without the line breaks that are for its reader.

  Blanks between elements would be seen.
  """
  own = folder / name
  path = own if own.exists() else _TEMPLATES / name
  text = path.read_text(encoding='utf-8')
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


def listed(facts: Iterable[str]) -> str:
  """Returns short facts in a row, without those that are empty."""
  return f'{_SPACE}\u00b7 '.join(filter(None, facts))


def first_name(class_name: str) -> str:
  """Returns the first of a class's synonyms."""
  return class_name.split(', ')[0]


class Shown(NamedTuple):
  """A picture as the page has it: an address that holds it, as a JPEG."""

  uri: str
  is_coarse: bool


def shown(image: np.ndarray) -> Shown:
  """Returns a picture of at most 256 pixels a side, for the page."""
  small = Image.fromarray(image_files.to_uint8(image))
  small.thumbnail((_MAX_SIDE, _MAX_SIDE), Image.Resampling.LANCZOS)
  file = io.BytesIO()
  # Full resolution of the colours: drawn pictures have fine coloured lines.
  small.save(file, 'JPEG', quality=_QUALITY, subsampling=0)
  data = base64.b64encode(file.getvalue()).decode()
  is_coarse = max(image.shape) < _COARSE_SIDE
  return Shown(f'data:image/jpeg;base64,{data}', is_coarse)
