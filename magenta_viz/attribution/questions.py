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

"""What methods ask a network for: gradients to several things, or scores alone.

A method names one of `QUESTIONS`. What is made of it answers for any images and
class, and is traced once; methods that ask the same share it.
"""

import functools
from typing import Any, Callable, Mapping, NamedTuple

import tensorflow as tf

from magenta_viz.attribution import class_gradients
from magenta_viz.attribution import class_scores
from magenta_viz.attribution import layer_gradients
from magenta_viz.models import network_protocol


class Question(NamedTuple):
  """What a network may be asked for.

  Attributes:
    make: From a network and the side of its images to what answers: it takes
      [batch, side, side, 3] float32 images and `class_id`.
    is_of_whole: Whether it is asked about the whole photograph, squeezed into
      the network's square, as the class's probability is. Else about its crops:
      their gradients are as sharp as the network sees, but a score of each for
      hundreds of masks would take ten times as long.
  """

  make: Callable[[network_protocol.Network, int], Any]
  is_of_whole: bool = False


def _gradient(rule: str) -> Question:
  return Question(functools.partial(class_gradients.ClassGradient, rule=rule))


QUESTIONS: Mapping[str, Question] = {
  'gradient': _gradient('plain'),
  'guided_gradient': _gradient('guided'),
  'deconvnet_gradient': _gradient('deconvnet'),
  'layer_gradient': Question(layer_gradients.LayerGradient),
  # Zeiler and Fergus take the probability, which hardly moves where it is near
  # 0 or 1, and moves with other classes' (docs/saliency.md).
  'logit': Question(class_scores.ClassScore, is_of_whole=True),
  'probability': Question(
    functools.partial(class_scores.ClassScore, of_logits=tf.nn.softmax),
    is_of_whole=True,
  ),
}


def answerer(network: network_protocol.Network, question: str) -> Any:
  """Returns what answers one of `QUESTIONS`, made once for a network."""
  return network.shared.get(
    ('saliency', question),
    lambda: QUESTIONS[question].make(network, network.image_size),
  )
