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

"""Runs of `visualize` for tests: small pictures, quick, of what is made up."""

import contextlib
import dataclasses
from pathlib import Path
from typing import (
  Any,
  Callable,
  ClassVar,
  Dict,
  Iterator,
  List,
  Mapping,
  Optional,
  Tuple,
)
from unittest import mock

from absl.testing import parameterized
import numpy as np
from PIL import Image
import tensorflow as tf

from magenta_viz import visualize
from magenta_viz.ascent import drawing
from magenta_viz.models import model_spec
from magenta_viz.models import network_loading
from magenta_viz.models import network_protocol
from magenta_viz.models import sharing
from magenta_viz.models import slim_network
from magenta_viz.testing import tiny_network

EMBEDDED = model_spec.AUTO_MODELS[-1]


class Network(slim_network.SlimNetwork):
  """Stands in for a network with its weights.

  Attributes:
    shapes: Of the images that it saw, in order.
    traced: Those for which it was traced.
  """

  dtype = tf.float32

  def __init__(
    self,
    compute: Callable[
      [tf.Tensor], network_protocol.Outputs
    ] = tiny_network.network,
    image_size: int = 32,
    **layers: str,
  ):
    """Takes what it computes.

    Args:
      compute: From [batch, height, width, 3] images to its outputs.
      image_size: Height and width that it was trained at, in pixels.
      **layers: Its own names of layers, by GoogLeNet's.
    """
    self.spec = dataclasses.replace(
      model_spec.find_spec('googlenet'),
      image_size=image_size,
      layers=layers,
      recipe={},
    )
    self.shared = sharing.Shared(1)
    self.compute = compute
    self.shapes: List[Tuple[int, ...]] = []
    self.traced: List[Tuple[int, ...]] = []

  def __call__(self, images: tf.Tensor) -> network_protocol.Outputs:
    """Returns the outputs for [batch, height, width, 3] images."""
    self.shapes.append(tuple(images.shape))
    if not tf.executing_eagerly():
      self.traced.append(tuple(images.shape))
    return self.compute(images)


def thousand_classes(offset: Any = 0.0) -> Network:
  """Returns a network of ImageNet's classes, and of 80 pixels.

  Args:
    offset: What is added to the logits, [1000] or a number.
  """

  def compute(images: tf.Tensor) -> network_protocol.Outputs:
    kernel = tf.random.stateless_normal([3, 1000], (1, 2))
    logits = tf.reduce_mean(images, [1, 2]) @ kernel
    return network_protocol.Outputs(logits + offset, {'mixed': images})

  return Network(compute, 80, **{'inception_4d/output': 'mixed'})


def files(folder: Path, ending: str = '') -> Dict[str, Tuple[bytes, int]]:
  """Returns content and time of change of each file of a folder, by name."""
  return {
    path.name: (path.read_bytes(), path.stat().st_mtime_ns)
    for path in sorted(folder.glob(f'*{ending}'))
  }


class TestCase(parameterized.TestCase):
  """Draws into a folder of its own.

  Attributes:
    settings: Of all runs of the class, but where a test has others.
    overrides: Likewise, of the recipe.
    root: A folder for what a test writes.
    folder: That of the pictures, which a run makes.
    load: Stands for the loading of networks, after `use_network`.
  """

  settings: ClassVar[Mapping[str, Any]] = {}
  overrides: ClassVar[Mapping[str, Any]] = {'num_steps': 2}
  load: mock.Mock

  def setUp(self) -> None:
    """Makes a folder."""
    super().setUp()
    self.root = Path(self.create_tempdir().full_path)
    self.folder = self.root / 'pictures'

  def use_network(self, network: Network) -> Network:
    """Lets this test's runs draw from a network, and returns it."""
    self.load = self.enter_context(
      mock.patch.object(network_loading, 'load', return_value=network)
    )
    return network

  def config(self, **settings: Any) -> visualize.VisualizeConfig:
    """Returns the configuration of a run."""
    overrides = {**self.overrides, **settings.pop('overrides', {})}
    return visualize.VisualizeConfig(
      **{
        'output_dir': str(self.folder),
        'models': (EMBEDDED,),
        'precision': 'float32',
        'overrides': overrides,
        **self.settings,
        **settings,
      }
    )

  def draw(self, **settings: Any) -> List[visualize.Picture]:
    """Draws, and returns the pictures."""
    return visualize.run(self.config(**settings))

  def files(self, ending: str = '') -> Dict[str, Tuple[bytes, int]]:
    """Returns content and time of change of each picture's file, by name."""
    return files(self.folder, ending)

  def names(self, ending: str = '') -> List[str]:
    """Returns the names of the pictures' files."""
    return list(self.files(ending))

  def save(self, name: str, levels: np.ndarray) -> Path:
    """Writes a picture file of a [height, width, 3] uint8 array."""
    path = self.root / name
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(levels).save(path)
    return path

  def assert_refused(self, message: str, **settings: Any) -> None:
    """Fails unless a run ends with a line, before anything is written.

    Args:
      message: What it says; of the test's folder as '~'. One that ends with
        '...' is a beginning.
      **settings: Of the run.
    """
    with self.assertRaises((ValueError, OSError)) as caught:
      self.draw(**settings)
    text = str(caught.exception).replace(str(self.root), '~')
    if message.endswith('...'):
      self.assertStartsWith(text, message[:-3])
    else:
      self.assertEqual(text, message)
    self.assertNotIn('\n', text)
    self.assertFalse(self.folder.exists())


@contextlib.contextmanager
def watched(stop_at: Optional[int] = None) -> Iterator[List[Any]]:
  """Collects what each batch starts from.

  Args:
    stop_at: Number of the batch, from 0, in which Ctrl-C is pressed.
  """
  run = drawing.Drawing.run
  starts: List[Any] = []

  def watched_run(
    self: drawing.Drawing,
    class_ids: np.ndarray,
    generators: Any,
    start: Any,
    on_step: drawing.OnStep,
  ) -> drawing.Drawn:
    starts.append(start)

    def watched_step(index: int, *others: Any) -> None:
      on_step(index, *others)
      if len(starts) - 1 == stop_at and index == 1:
        raise KeyboardInterrupt

    return run(self, class_ids, generators, start, watched_step)

  with mock.patch.object(drawing.Drawing, 'run', watched_run):
    yield starts
