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

"""Which photographs are explained, and where the files of each go."""

import os
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional

from magenta_viz.files import places
from magenta_viz.media import still_folders


class Photograph(NamedTuple):
  """A photograph that is to be explained.

  Attributes:
    path: Of its file.
    name: What to call it: its path inside the folder that was searched, or its
      file's name.
    output_dir: Folder for its files; None writes none.
  """

  path: str
  name: str
  output_dir: Optional[str]


def find(image: str, output_dir: Optional[str]) -> List[Photograph]:
  """Finds the photographs that `--image` names.

  Args:
    image: A photograph, whether it is there or not, or a folder, as of
      `still_folders.find`.
    output_dir: Folder for the files; what is in there is no photograph. Those
      of a photograph in an inner folder go to a folder of that name in it.

  Raises:
    ValueError: If the folder has no pictures, is `output_dir` itself, or has
      two in one place whose files would have the same names.
    OSError: If a folder cannot be read.
  """
  if not places.is_dir(image):
    return [Photograph(image, Path(image).name, output_dir)]
  if output_dir is not None and os.path.realpath(output_dir) == (
    os.path.realpath(image)
  ):
    raise ValueError(
      f"output_dir is '{output_dir}', the folder of the photographs, where the"
      ' next run would take maps for photographs; take another, inside it or'
      ' elsewhere'
    )
  found: Dict[Path, Photograph] = {}
  for path in still_folders.find(image, 'image', output_dir):
    place = path.relative_to(image)
    before = found.get(place.with_suffix(''))
    if before is not None:
      raise ValueError(
        f"'{before.path}' and '{path}' give files the same names; call one of"
        ' them otherwise'
      )
    inner = None
    if output_dir is not None:
      inner = str(places.place(output_dir) / place.parent)
    found[place.with_suffix('')] = Photograph(
      str(path), place.as_posix(), inner
    )
  return list(found.values())
