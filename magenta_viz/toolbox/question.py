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

"""What a request asks of a session: its parameters, each checked."""

import socket
from typing import Any, Dict, List, Optional, Tuple

from werkzeug import exceptions
from werkzeug import wrappers

from magenta_viz.attribution import looking
from magenta_viz.toolbox import pictures

_MAX_TEXT = 400


class Question:
  """What a request asks for."""

  def __init__(self, request: wrappers.Request):
    """Takes the request."""
    self._request = request
    self._args = request.args

  @property
  def content(self) -> bytes:
    """The bytes that were sent.

    Raises:
      RequestEntityTooLarge, LengthRequired: If they are too many, or nobody
        says how many.
      RequestTimeout: If not all of them come.
    """
    length = self._request.content_length
    if length is None:
      raise exceptions.LengthRequired('say how long the picture is')
    if length > pictures.MAX_BYTES:
      raise exceptions.RequestEntityTooLarge(
        f'the picture has {length} bytes; send {pictures.MAX_BYTES} at most'
      )
    try:
      return self._request.get_data(cache=False)
    except (exceptions.ClientDisconnected, socket.timeout) as error:
      message = 'the picture did not come whole'
      raise exceptions.RequestTimeout(message) from error

  def text(self, name: str, default: Optional[str] = None) -> str:
    """Returns a parameter."""
    found = self._args.get(name, default)
    if found is None or len(found) > _MAX_TEXT:
      raise ValueError(f'the parameter {name} is missing or too long')
    return found

  def number(self, name: str, default: Optional[int] = None) -> int:
    """Returns a parameter that is a whole number from 0 on."""
    found = self._args.get(name)
    if found is None and default is not None:
      return default
    if found is None or not _is_number(found):
      raise ValueError(
        f'the parameter {name} must be a whole number from 0 on, of 9 digits at'
        ' most'
      )
    return int(found)

  def numbers(self, name: str) -> List[int]:
    """Returns a parameter that is whole numbers from 0 on: 1,2,3."""
    found = self.text(name).split(',')
    if not all(map(_is_number, found)):
      raise ValueError(
        f'the parameter {name} must be whole numbers from 0 on, with commas'
      )
    return [int(each) for each in found]

  def has(self, name: str) -> bool:
    """Tells whether there is a parameter."""
    return name in self._args

  @property
  def address(self) -> str:
    """What the page's own address ends with, to see the same."""
    return '#' + self._request.query_string.decode('utf-8', 'replace')

  @property
  def step(self) -> Optional[int]:
    """Of the network's training, if that is asked for."""
    return self.number('step') if self.has('step') else None

  @property
  def position(self) -> Optional[Tuple[int, int]]:
    """Row and column of a map, if they are asked for."""
    if not self.has('y') and not self.has('x'):
      return None
    return self.number('y'), self.number('x')

  @property
  def off(self) -> List[looking.Unit]:
    """The units that are switched off: LAYER:UNIT,LAYER:UNIT."""
    found = []
    for word in filter(None, self._args.get('off', '').split(',')):
      layer, _, channel = word.rpartition(':')
      if not (channel.isascii() and channel.isdecimal() and len(channel) < 10):
        raise ValueError(f"off has '{word[:80]}'; give LAYER:UNIT")
      found.append(looking.Unit(layer, int(channel)))
    return found

  @property
  def picture(self) -> Dict[str, Any]:
    """A picture, and how it becomes a square."""
    return {'picture': self.text('picture'), 'fit': self.text('fit', 'crop')}

  @property
  def unit(self) -> Dict[str, Any]:
    """Network, layer and channel."""
    return {
      'network': self.number('network', 0),
      'layer': self.text('layer'),
      'channel': self.number('unit'),
    }

  @property
  def layer(self) -> Dict[str, Any]:
    """Network and layer."""
    return {
      'network': self.number('network', 0),
      'layer': self.text('layer'),
    }


def _is_number(text: str) -> bool:
  """Tells whether a text is a whole number that is not too large."""
  return text.isascii() and text.isdecimal() and len(text) < 10
