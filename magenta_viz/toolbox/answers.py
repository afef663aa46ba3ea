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
from magenta_viz.toolbox import shelf
from magenta_viz.toolbox import thumbnails

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
  subject = _subject(question)
  if question.has('stored'):
    variation = question.number('variation', 0)
    found = session.drawings.finished(**subject, variation=variation)
  else:
    after = question.number('after') if question.has('after') else None
    found = session.drawings.watch(**subject, after=after)
  header = {
    'state': found.state,
    'step': found.step,
    'num_steps': found.num_steps,
    'score': found.score,
    'error': found.error,
    'command': found.command,
    'file': found.file,
    'variation': found.variation,
    'variations': found.num_variations,
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
    variation=question.number('variation', 0),
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


def _finished(
  session: session_lib.Session, question: question_lib.Question
) -> drawer.Progress:
  """Returns a finished drawing."""
  found = session.drawings.finished(
    **_subject(question), variation=question.number('variation', 0)
  )
  if found.state != drawer.DONE:
    raise exceptions.NotFound('it is not drawn yet')
  return found


def _place(question: question_lib.Question) -> Dict[str, Any]:
  """Returns the layer that is asked for; without one, the classes."""
  if question.has('layer'):
    return question.layer
  return {'network': question.number('network', 0), 'layer': shelf.CLASSES}


def _stored(
  session: session_lib.Session, question: question_lib.Question
) -> wrappers.Response:
  """Tells which units of a layer, or classes, have finished drawings."""
  found = session.drawings.stored(**_place(question))
  atlas = session.atlas
  return _json(
    {
      'units': list(found),
      'versions': list(found.values()),
      'is_reading': atlas is not None and atlas.is_reading,
    }
  )


def _thumbnails(
  session: session_lib.Session, question: question_lib.Question
) -> wrappers.Response:
  """Answers with many finished drawings, small, in one picture."""
  found = session.drawings.thumbnails(
    **_place(question), numbers=question.numbers('units')
  )
  header = {
    'seen': found.num_seen,
    'units': found.units,
    'side': thumbnails.SIDE,
    'columns': thumbnails.COLUMNS,
  }
  return _framed(header, thumbnails.sprite(found.levels))


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
  ('GET', 'stored'): _stored,
  ('GET', 'stored.png'): lambda s, q: wrappers.Response(
    _finished(s, q).png, content_type='image/png'
  ),
  ('GET', 'stored.json'): lambda s, q: _json(_finished(s, q).record),
  ('GET', 'thumbnails'): _thumbnails,
}
