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

"""Pictures with records, as an atlas has them, for tests."""

from pathlib import Path
from typing import Any, Dict, Optional

import numpy as np

from magenta_viz.media import image_files
from magenta_viz.media import records
from magenta_viz.visualization import task as task_lib

# SHA-256 of the weights of a network.
SHA256 = '0123456789abcdef' * 4


def picture(seed: int, height: int = 24, width: int = 24) -> np.ndarray:
  """Returns a picture of large patches, which its thumbnail still has."""
  patches = np.random.RandomState(seed).randint(0, 256, (4, 4, 3)) / 255
  rows = np.arange(height) * 4 // height
  columns = np.arange(width) * 4 // width
  return patches[rows][:, columns].astype(np.float32)


def write(
  folder: Path,
  name: str,
  objective: Optional[str] = None,
  shown: Optional[np.ndarray] = None,
  sha256: str = SHA256,
  **fields: Any,
) -> Path:
  """Writes a picture with its record, and returns the record's path.

  Args:
    folder: Made, if it is not there.
    name: Of the files, without their endings.
    objective: What it was drawn for; None where `fields` have a class.
    shown: The picture; some picture if there is none.
    sha256: Of the network's weights.
    **fields: More of the record, or other ones.
  """
  folder.mkdir(parents=True, exist_ok=True)
  png = folder / f'{name}.png'
  image_files.write_png(png, picture(0) if shown is None else shown)
  record: Dict[str, Any] = {
    'seed': 0,
    'objective': objective,
    'networks': [{'model': 'small', 'weights_sha256': sha256, 'weight': 1.0}],
    'command': f'image_visualization_visualize --objective={objective}',
    **fields,
    'pictures_sha256': records.pictures_sha256([png]),
  }
  path = folder / f'{name}.json'
  records.write_record(path, record)
  return path


def write_whole(folder: Path, task: task_lib.PictureTask) -> Path:
  """Writes a picture of a task, with all that an atlas's page shows of it.

  Returns:
    Path of the record.
  """
  shown = picture(task.own_id, 24, 20)
  network = {'model': 'small', 'weights_sha256': SHA256, 'weight': 1.0}
  settings = {
    'networks': [network],
    'image_size': shown.shape[:2],
    'num_steps': 2,
    'objective': task.objective,
  }
  return write(
    folder,
    task.stem,
    shown=shown,
    **task.describe(),
    settings=settings,
    scores=[1.0, 2.5],
    command=f'image_visualization_visualize --output_dir={folder.name}',
  )
