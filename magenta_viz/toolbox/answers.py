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

"""What a session's answers are on HTTP, each under its name."""

import json
from typing import Any, Callable, Dict, Mapping, Tuple

import numpy as np
from werkzeug import exceptions
from werkzeug import wrappers

from magenta_viz.media import image_files
from magenta_viz.media import pages
from magenta_viz.toolbox import drawer
from magenta_viz.toolbox import keepsake
from magenta_viz.toolbox import maps as maps_lib
from magenta_viz.toolbox import question as question_lib
from magenta_viz.toolbox import session as session_lib

_BINARY = 'application/octet-stream'

# Of a film, in bytes.
_BLOCK = 1 << 16


def _text(value: Any) -> str:
  """Returns JSON, which knows no number that is not finite.

  Raises:
    FloatingPointError: If there is one.
  """
  try:
    return json.dumps(value, allow_nan=False)
  except ValueError as error:
    raise FloatingPointError(
      'what the network makes of it is not finite; take --precision=float32,'
      ' or other weights'
    ) from error


def _json(value: Any, status: int = 200) -> wrappers.Response:
  """Answers with JSON."""
  return wrappers.Response(
    _text(value), status, content_type='application/json'
  )


def _png(image: np.ndarray) -> wrappers.Response:
  """Answers with a picture."""
  content = image_files.encode_png(image)
  return wrappers.Response(content, content_type='image/png')


def _framed(header: Mapping[str, Any], content: bytes) -> wrappers.Response:
  """Answers with the length of a header, the header as JSON, and bytes."""
  words = _text(header).encode()
  return wrappers.Response(
    len(words).to_bytes(4, 'little') + words + content, content_type=_BINARY
  )


def _maps(maps: maps_lib.Maps) -> wrappers.Response:
  """Answers with a layer's maps."""
  return _framed(maps.header, maps.levels.tobytes())


def _add_picture(
  session: session_lib.Session, question: question_lib.Question
) -> wrappers.Response:
  """Takes a picture."""
  key, (height, width) = session.pictures.add(question.content)
  found = {'picture': key, 'height': height, 'width': width}
  num_frames = session.pictures.num_frames(key)
  return _json({**found, 'frames': num_frames} if num_frames > 1 else found)


def _film(
  session: session_lib.Session, question: question_lib.Question
) -> wrappers.Response:
  """Answers with a film, which browsers can play and this program need not."""
  file = session.pictures.film(question.text('picture'))
  response = wrappers.Response(
    iter(lambda: file.read(_BLOCK), b''), content_type=_BINARY
  )
  response.call_on_close(file.close)
  return response


def _subject(question: question_lib.Question) -> Dict[str, Any]:
  """Returns what is to be drawn."""
  if question.has('class_id'):
    return {
      'network': question.number('network', 0),
      'class_id': question.number('class_id'),
    }
  return question.unit


def _drawing(
  session: session_lib.Session, question: question_lib.Question
) -> wrappers.Response:
  """Tells how far a drawing is."""
  found = session.drawing(
    **_subject(question),
    after=question.number('after', 0),
    stored=question.has('stored'),
  )
  header = {
    'state': found.state,
    'step': found.step,
    'num_steps': found.num_steps,
    'score': found.score,
    'error': found.error,
    'command': found.record and found.record.get('command'),
  }
  return _framed(header, found.png)


def _record(
  session: session_lib.Session, question: question_lib.Question
) -> Dict[str, Any]:
  """Returns the record of what is seen."""
  return keepsake.record(
    session,
    **question.unit,
    **question.picture,
    position=question.position,
    off=question.off,
    address=question.address,
  )


def _export(
  session: session_lib.Session, question: question_lib.Question
) -> wrappers.Response:
  """Answers with what is seen as a page to keep."""
  found = _record(session, question)
  network = question.number('network', 0)
  text = keepsake.page(
    session, found, network, **question.picture, off=question.off
  )
  response = wrappers.Response(
    pages.unicode(text), content_type='text/html; charset=utf-8'
  )
  response.headers['Content-Disposition'] = (
    'attachment; filename="toolbox.html"'
  )
  return response


def _cancel(
  session: session_lib.Session, unused_question: question_lib.Question
) -> wrappers.Response:
  """Ends what is being drawn."""
  session.cancel()
  return _json({})


def _stored(
  session: session_lib.Session, question: question_lib.Question
) -> wrappers.Response:
  """Answers with a finished drawing."""
  found = session.drawing(**_subject(question), stored=True)
  if found.state != drawer.DONE:
    raise exceptions.NotFound('it is not drawn yet')
  return wrappers.Response(found.png, content_type='image/png')


# By method and name.
ANSWERS: Mapping[
  Tuple[str, str],
  Callable[[session_lib.Session, question_lib.Question], wrappers.Response],
] = {
  ('GET', 'start'): lambda s, q: _json(s.start()),
  ('GET', 'steps'): lambda s, q: _json(
    {'steps': s.steps(q.number('network', 0))}
  ),
  ('POST', 'pictures'): _add_picture,
  ('GET', 'picture'): lambda s, q: _png(
    s.picture(q.number('network', 0), **q.picture)
  ),
  ('GET', 'film'): _film,
  ('POST', 'frame'): lambda s, q: _maps(
    s.frame(**q.layer, content=q.content, side=q.number('side', 64), off=q.off)
  ),
  ('GET', 'maps'): lambda s, q: _maps(
    s.maps(
      **q.layer,
      **q.picture,
      side=q.number('side', 64),
      off=q.off,
    )
  ),
  ('GET', 'unit'): lambda s, q: _json(
    s.unit(**q.unit, **q.picture, position=q.position, off=q.off)
  ),
  ('GET', 'field'): lambda s, q: _json(
    s.field(**q.unit, position=(q.number('y'), q.number('x')))
  ),
  ('GET', 'backward'): lambda s, q: _png(
    s.backward(
      **q.unit,
      **q.picture,
      rule=q.text('rule', 'plain'),
      show=q.text('show', 'raw'),
      position=q.position,
    )
  ),
  ('GET', 'drawing'): _drawing,
  ('POST', 'drawing/cancel'): _cancel,
  ('GET', 'tops'): lambda s, q: _json(s.tops(**q.unit)),
  ('GET', 'top.png'): lambda s, q: _png(
    s.top(
      **q.unit,
      end=q.text('end'),
      rank=q.number('rank'),
      show=q.text('show', 'crop'),
    )
  ),
  ('GET', 'dead'): lambda s, q: _json(s.dead(**q.layer)),
  ('GET', 'record'): lambda s, q: _json(_record(s, q)),
  ('GET', 'export'): _export,
  ('GET', 'stored'): lambda s, q: _json({'units': s.stored(**q.layer)}),
  ('GET', 'stored.png'): _stored,
}
