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

"""What there is to say of SqueezeNet 1.1, as plain data."""

from typing import Any, Mapping

from magenta_viz.models.architectures import spec

# A small network, easily fooled: it needs smoother pictures, blur, noise, and
# milder colours. Coarse views cost it recognition.
_RECIPE: Mapping[str, Any] = {
  'num_steps': 200,
  'learning_rate': 0.025,
  'decay_power': 1.35,
  'contrast': 1.2,
  'chroma': 0.3,
  'noise': 0.02,
  'blur': 2.5,
  'mirror_share': 0.5,
  'coarse_share': 0.0,
}

# The authors' solver.prototxt of SqueezeNet_v1.1: 170,000 steps of 16
# batches of 32.
_PUBLISHED: Mapping[str, Any] = {
  'optimizer': 'momentum',
  'momentum': 0.9,
  'learning_rate': 0.04,
  'schedule': 'polynomial',
  'power': 1.0,
  'num_epochs': 68,
  'batch_size': 512,
  'weight_decay': 2e-4,
  **spec.NOT_USED_THEN,
}

# Hash and size: read off the released package.
SPEC = spec.ModelSpec(
  name='squeezenet',
  description='SqueezeNet 1.1, installed with the package, ImageNet',
  function='magenta_viz.models.architectures.squeezenet:squeezenet',
  image_size=224,
  num_outputs=1000,
  class_offset=0,
  weights=spec.WeightSource(
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
  published=_PUBLISHED,
  # The eyes that it sees everywhere are fewer so (docs/recipe.md).
  weight=0.5,
  recipe=_RECIPE,
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
