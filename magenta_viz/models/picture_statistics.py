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

"""What the pictures of a data set are like, and how to draw for it.

A network knows of no other pictures than it saw. Those of a small set are few
and alike, and drawings that are not like them show what it never learned: the
fur of the released weights that it began with.
"""

import dataclasses
import math
from typing import Any, Callable, Dict, Mapping, Optional, Tuple

import numpy as np

Colour = Tuple[float, float, float]

# Black and white have no logits: colours are kept so far from either.
DARKEST = 0.02

# The squares of the two contrasts of colour, against that of brightness, in the
# pictures that `chroma` is a factor of: columns of `fourier`'s matrix.
_CONTRASTS = (0.0162 + 0.0038) / 0.2134

# How much steeper than those of the pictures the waves of drawings fall off,
# where these are recognised most often (docs/training.md).
_STEEPER = 0.6

# What `recipe_parts` allows.
_MAX_DECAY = 4.0
_MAX_CHROMA = 10.0
_CONTRASTS_ALLOWED = (0.05, 10.0)

# Of the waves that the contrast is shared out to.
_MAX_CYCLES = 64

# Chosen with the above. A shape is one in any light. Several pictures of a
# class are kept apart by their noise: features beside the class's lead them
# away from it.
_SETTINGS: Mapping[str, Any] = {
  'facet': 0.0,
  'learning_rate': 0.05,
  'brightness_reach': 0.1,
  'contrast_reach': 0.3,
  'gain_reach': 0.3,
}

# Logits of what is `DARKEST` from black or white are 3.9 from 0.
_MAX_COVARIANCE = 16.0
_MAX_SLOPE = 100.0


@dataclasses.dataclass(frozen=True)
class PictureStatistics:
  """What was measured of pictures, as `data.picture_measuring` does it.

  Attributes:
    colour: Red, green and blue in [0, 1], whose logits are the means of the
      pixels' logits.
    covariance: Of these logits, [3, 3].
    slope: Of the radial power spectrum of brightness, the exponent a of power
      ~ frequency**a; None where there is none, as of one colour.
  """

  colour: Colour
  covariance: Tuple[Colour, Colour, Colour]
  slope: Optional[float]

  def recipe(self) -> Dict[str, Any]:
    """Returns settings of class pictures, by their names in `recipe.Recipe`.

    They begin with the mean colour. `decay_power` follows the spectrum;
    `contrast` and `chroma` are such that parameters of 1 make a picture that
    deviates in brightness and in colour as far as the pictures do.
    """
    covariance = np.array(self.covariance)
    brightness = max(float(covariance.sum()) / 3, 1e-6)
    colours = max(float(np.trace(covariance)) - brightness, 0.0)
    chroma = min(math.sqrt(colours / brightness / _CONTRASTS), _MAX_CHROMA)
    settings = {
      **_SETTINGS,
      'init': ','.join(f'{255 * each:.1f}' for each in self.colour),
      'chroma': round(chroma, 2),
    }
    if self.slope is not None:
      decay = round(min(max(_STEEPER - self.slope / 2, 0.0), _MAX_DECAY), 2)
      contrast = math.sqrt(brightness) / _deviation(decay)
      least, most = _CONTRASTS_ALLOWED
      settings['decay_power'] = decay
      settings['contrast'] = round(min(max(contrast, least), most), 3)
    return settings

  def record(self) -> Dict[str, Any]:
    """Returns it as a JSON record has it."""
    return dataclasses.asdict(self)


def from_record(
  record: Optional[Mapping[str, Any]],
) -> Optional[PictureStatistics]:
  """Returns what a record says; None if nothing was measured.

  Args:
    record: For which `is_record` holds.
  """
  if record is None:
    return None
  return PictureStatistics(
    _numbers(record['colour']),
    tuple(_numbers(row) for row in record['covariance']),  # type: ignore[arg-type]
    record['slope'],
  )


def is_record(value: Any) -> bool:
  """Tells whether a stranger's value is what `record` returns, or None."""
  if value is None:
    return True
  if not isinstance(value, Mapping):
    return False
  covariance, slope = value.get('covariance'), value.get('slope')
  return (
    _is_three(value.get('colour'), lambda each: _is_number(each, 0, 1))
    and _is_three(
      covariance,
      lambda row: _is_three(
        row, lambda each: _is_number(each, -_MAX_COVARIANCE, _MAX_COVARIANCE)
      ),
    )
    and 'slope' in value
    and (slope is None or _is_number(slope, -_MAX_SLOPE, _MAX_SLOPE))
  )


def _numbers(values: Any) -> Colour:
  red, green, blue = map(float, values)
  return red, green, blue


def _is_three(value: Any, holds: Callable[[Any], bool]) -> bool:
  """Tells a list of three for each of which something holds."""
  is_list = isinstance(value, (list, tuple)) and len(value) == 3
  return is_list and all(map(holds, value))


def _is_number(value: Any, low: float, high: float) -> bool:
  """Tells a number of a range, in which NaN never is."""
  is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
  return is_number and low <= value <= high


def _deviation(decay_power: float) -> float:
  """Returns how far waves with parameters of 1 deviate from their mean."""
  cycles = (np.arange(2 * _MAX_CYCLES + 1) + 1) // 2
  weights = np.maximum(np.hypot(cycles[:, None], cycles), 1) ** -decay_power
  return math.sqrt(np.sum(weights**2) - 1)
