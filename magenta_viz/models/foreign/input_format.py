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

"""In what form a model takes pictures, as plain data."""

import dataclasses
from typing import NamedTuple, Optional, Sequence, Tuple

# ImageNet's means of Caffe's networks, blue first, and its means and standard
# deviations in [0, 1], red first: keras.applications' `preprocess_input`.
CAFFE_MEAN = (103.939, 116.779, 123.68)
TORCH_MEAN = (0.485, 0.456, 0.406)
TORCH_DEVIATION = (0.229, 0.224, 0.225)


@dataclasses.dataclass(frozen=True)
class InputFormat:
  """From red, green and blue in [0, 1] to the numbers that a model takes.

  In the order of Caffe's Transformer: channels are put in the model's order,
  brought to its range, less its mean, times its scale.

  Attributes:
    range: What black and white are.
    mean: What is taken off then, one number or one a channel, in the model's
      order of channels.
    scale: What that is multiplied by, likewise.
    order: 'rgb' or 'bgr'.
  """

  range: Tuple[float, float] = (0.0, 1.0)
  mean: Tuple[float, ...] = (0.0,)
  scale: Tuple[float, ...] = (1.0,)
  order: str = 'rgb'


class Said(NamedTuple):
  """What a model says of the form of its input.

  Attributes:
    format: The form; None if it does not say.
    reason: What says so, for messages: 'its layer rescaling', 'its name,
      resnet50'; '' if nothing does.
  """

  format: Optional[InputFormat] = None
  reason: str = ''


NOTHING_SAID = Said()


def is_channels_first(shape: Sequence[Optional[int]]) -> bool:
  """Tells by the shape of a picture whether channels come before its sides.

  Args:
    shape: Without the batch; None for free sides.
  """
  return len(shape) == 3 and shape[0] in (1, 3) and shape[2] not in (1, 3)
