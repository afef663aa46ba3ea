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

"""Records of pictures for tests, as a run of `visualize` writes them."""

from typing import Any, Dict


def part(model: str, sha256: str, weight: float = 1.0) -> Dict[str, Any]:
  """Returns what a record's settings say of a network that had a part."""
  return {'model': model, 'weights_sha256': sha256, 'weight': weight}


PARTS = (part('squeezenet', 'cd', 0.5), part('googlenet', 'ab'))


def record(*parts: Dict[str, Any], **others: Any) -> Dict[str, Any]:
  """Returns a record, shortened.

  Args:
    *parts: What its settings say of the networks that drew; else `PARTS`.
    **others: Values in place of its own.
  """
  said = {'probability': 0.75, 'rank': 2}
  drew = list(parts or PARTS)
  return {
    'seed': 7,
    'class_id': 281,
    'class_name': 'tabby, tabby cat',
    'preset': 'lucid',
    'networks': [
      {**each, 'weights': 'somewhere', 'scores': [1.0], **said} for each in drew
    ],
    'settings': {
      'preset': 'lucid',
      'networks': drew,
      'image_size': [320, 320],
    },
    **said,
    'seconds': 12.5,
    **others,
  }
