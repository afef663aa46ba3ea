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

"""A folder of pictures with a tiny judge, for tests of `evaluate`."""

import json
from typing import Any, Dict, Optional, Tuple
from unittest import mock

import numpy as np
import tensorflow as tf

from magenta_viz import evaluate
from magenta_viz.evaluation import naturalness
from magenta_viz.evaluation import report as report_lib
from magenta_viz.media import image_files
from magenta_viz.models import network_loading
from magenta_viz.models import network_source
from magenta_viz.testing import picture_records
from magenta_viz.testing import trained_checkpoints

NAMES = trained_checkpoints.CLASS_NAMES

# Of 'house finch', 'Été, summer' and 'crane', by the names; None of none.
CLASSES: Dict[str, Optional[int]] = {
  '0_a.png': 0,
  '1.png': 1,
  '2/a.png': 2,
  '2/b.png': 2,
  'none.png': None,
}

PHOTOGRAPHS = naturalness.summarize(
  [naturalness.Naturalness(0.25, -2.5, 0.5, 0.25, 40.0, 0.5)]
)


def image(seed: int, height: int = 48, width: int = 64) -> np.ndarray:
  """Returns a picture of noise, [height, width, 3] float32 in [0, 1]."""
  generator = np.random.default_rng(seed)
  return generator.random((height, width, 3), np.float32)


def record(*parts: Dict[str, Any], **others: Any) -> Dict[str, Any]:
  """Returns the record of a picture of class 0 that some networks drew."""
  shown = {'seed': 0, 'class_id': 0, 'class_name': NAMES[0]}
  return picture_records.record(*parts, **{**shown, **others})


class FolderTestCase(trained_checkpoints.TrainedTestCase):
  """A test with a folder for pictures, and one for the report.

  Attributes:
    input_dir: For the pictures.
    output_dir: For the report; not there yet.
    judge: Path of a network with three classes.
    photographs: What measures photographs, mocked.
  """

  def setUp(self) -> None:
    """Makes the folder of the judge."""
    super().setUp()
    # What was traced of it knows nothing of a test's mocks.
    network_loading.forget()
    self.input_dir = self.folder / 'in'
    self.output_dir = self.folder / 'out'
    self.judge = f'{self.train_dir}/model.ckpt-2'
    # To measure the real ones takes a second.
    self.photographs = self.enter_context(
      mock.patch.object(naturalness, 'of_photographs', return_value=PHOTOGRAPHS)
    )

  def write(
    self, name: str, image: np.ndarray, record: Optional[Any] = None
  ) -> None:
    """Writes a picture, with its record if there is one."""
    path = self.input_dir / name
    path.parent.mkdir(parents=True, exist_ok=True)
    image_files.write_png(path, image)
    if record is not None:
      path.with_suffix('.json').write_text(json.dumps(record))

  def write_all(self) -> None:
    """Writes `CLASSES`, of two sizes."""
    for seed, name in enumerate(CLASSES):
      self.write(name, image(seed, 48 + 16 * (seed % 2)))

  def evaluate(self, **settings: Any) -> report_lib.Report:
    """Evaluates the pictures, by the judge if there is no other."""
    values = {
      'input_dir': str(self.input_dir),
      'judges': (self.judge,),
      'output_dir': str(self.output_dir),
      **settings,
    }
    return evaluate.run(evaluate.EvaluateConfig(**values))

  def network(self) -> Tuple[network_source.NetworkSource, Any]:
    """Returns the judge."""
    source = network_source.choose('auto', self.judge)
    return source, network_loading.load(source, tf.float32)

  def own_part(self) -> Dict[str, Any]:
    """Returns what a record says of the judge, if it had a part."""
    source, _ = self.network()
    return picture_records.part('squeezenet', source.sha256)

  def own_record(self, **others: Any) -> Dict[str, Any]:
    """Returns the record of a picture that the judge drew alone."""
    return record(self.own_part(), **others)
