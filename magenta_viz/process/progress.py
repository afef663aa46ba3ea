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

"""Progress bars: of a terminal, or a notebook's."""

import sys
from typing import Any, Optional
import warnings

import tqdm

from magenta_viz.process import notebook


def is_shown(wanted: Optional[bool]) -> bool:
  """Tells whether progress shows; None is for a notebook's users alone."""
  return notebook.is_here() if wanted is None else wanted


def bar(*items: Any, wanted: Optional[bool], **settings: Any) -> tqdm.tqdm:
  """Returns a progress bar.

  In a notebook it is a widget, or text where the package ipywidgets is not
  there, and goes when it has reached its end, for the cell to keep its result
  alone.

  Args:
    *items: What it goes over; nothing for one that is told how far it is.
    wanted: As of `is_shown`.
    **settings: Others of tqdm's.
  """
  if notebook.is_here():
    with warnings.catch_warnings():
      # That there are no widgets; it shows text then.
      warnings.simplefilter('ignore')
      from tqdm import auto
    # Notebooks show the standard error as something wrong.
    settings = {'leave': False, 'file': sys.stdout, **settings}
    return auto.tqdm(*items, disable=not is_shown(wanted), **settings)
  return tqdm.tqdm(*items, disable=not is_shown(wanted), **settings)
