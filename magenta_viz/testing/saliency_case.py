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

"""A network, a photograph, and runs that explain it, for tests."""

import dataclasses
from pathlib import Path
from typing import Any, Dict, Tuple
from unittest import mock

from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz import saliency
from magenta_viz.attribution import config as saliency_config
from magenta_viz.attribution import segmentation
from magenta_viz.media import image_files
from magenta_viz.models import model_spec
from magenta_viz.models import network_loading
from magenta_viz.models import network_protocol
from magenta_viz.models import sharing
from magenta_viz.models import slim_network

EMBEDDED = model_spec.AUTO_MODELS[-1]
SIDE = 28


class TinyNetwork(slim_network.SlimNetwork):
  """Tells how red a picture is, as class 7, and no other class."""

  spec = dataclasses.replace(model_spec.find_spec(EMBEDDED), image_size=SIDE)
  dtype = tf.float32

  def __init__(self) -> None:
    """Starts without traces."""
    self.shared = sharing.Shared(1)
    self.num_traces = 0

  def __call__(self, images: tf.Tensor) -> network_protocol.Outputs:
    """Returns the redness, and its score."""
    self.num_traces += not tf.executing_eagerly()
    redness = tf.nn.relu(images[..., :1] - images[..., 1:2] - 0.1)
    score = 1000 * tf.reduce_mean(redness**2, [1, 2])
    return network_protocol.Outputs(
      score * tf.one_hot([7], 1000), {'redness': redness, 'score': score}
    )


def photo(height: int, width: int) -> Tuple[np.ndarray, segmentation.Box]:
  """Returns a picture of a red rectangle on green, and where it is."""
  box = segmentation.Box(
    height // 4, width // 5, height // 4 * 3, width // 5 * 2
  )
  image = np.empty([height, width, 3], np.float32)
  image[:] = 0.2, 0.5, 0.2
  # Redder towards the bottom, and never the same twice.
  image[box.top : box.bottom, box.left : box.right, 0] = np.linspace(
    0.7, 0.9, box.bottom - box.top
  )[:, None]
  noise = np.random.default_rng(0).random(image.shape, np.float32)
  return image + 0.05 * noise, box


def snapshot(folder: Path) -> Dict[str, Tuple[bytes, int]]:
  """Returns content and time of change of each file, by name."""
  return {
    path.name: (path.read_bytes(), path.stat().st_mtime_ns)
    for path in folder.iterdir()
    if path.is_file()
  }


class SaliencyCase(parameterized.TestCase):
  """Has a photograph of a red rectangle, and a network that looks for it."""

  def setUp(self) -> None:
    """Writes the photograph."""
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)
    self.output_dir = self.folder / 'pictures'
    self.photo = self.folder / 'my photo.png'
    image, self.box = photo(60, 100)
    image_files.write_png(self.photo, image)
    self.network = TinyNetwork()
    self.enter_context(
      mock.patch.object(network_loading, 'load', return_value=self.network)
    )

  def run_it(self, **settings: Any) -> saliency.Saliency:
    """Explains the photograph."""
    defaults = {
      'image': str(self.photo),
      'output_dir': str(self.output_dir),
      'model': EMBEDDED,
      'precision': 'float32',
      'foreground_quantile': 0.92,
    }
    return saliency.run(
      saliency_config.SaliencyConfig(**{**defaults, **settings})
    )
