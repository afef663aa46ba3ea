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

"""How the terms of an objective are written; `objective_language` reads them.

Apart from it, because it needs TensorFlow, which takes seconds to import.
"""

import re

KINDS = (
  'class',
  'probability',
  'layer',
  'channel',
  'neuron',
  'direction',
  'guide',
  'content',
  'diversity',
)
TERM = re.compile(
  r'(?:(?P<weight>[^*:]*)\*)?(?P<kind>[a-z]*)(?P<colon>:?)(?P<rest>\S*)'
)


def names_class(text: str) -> bool:
  """Tells whether a class is among what an objective raises.

  Args:
    text: An objective, right or wrong.
  """
  kinds = [
    match['kind'] for match in map(TERM.fullmatch, text.split()) if match
  ]
  return 'class' in kinds or 'probability' in kinds
