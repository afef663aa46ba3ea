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

"""The order of names that a person expects, where 2 comes before 10."""

import re
from typing import List, Tuple, Union


def key(name: str) -> Tuple[List[Union[str, int]], str]:
  """Returns what `sorted` is to go by: 'a2' before 'a10', 'a10' before 'B'.

  Args:
    name: Of a file or a folder. Numbers in it count as numbers, and upper and
      lower case are alike unless nothing else differs.
  """
  # The parts are text and number by turns, so like is compared with like.
  parts = re.split('([0-9]+)', name.casefold())
  return [int(p) if i % 2 else p for i, p in enumerate(parts)], name
