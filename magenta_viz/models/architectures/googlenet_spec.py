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

"""What there is to say of BVLC GoogLeNet, as plain data."""

from typing import Any, Mapping

from magenta_viz.models.architectures import spec

# What it still recognises with a part hidden is one whole object.
_RECIPE: Mapping[str, Any] = {'cover': 0.35}

# BVLC's quick_solver.prototxt, of which its readme says that it trained the
# released weights: 2,400,000 steps. The auxiliary weight is of
# train_val.prototxt.
_PUBLISHED: Mapping[str, Any] = {
  'optimizer': 'momentum',
  'momentum': 0.9,
  'learning_rate': 0.01,
  'schedule': 'polynomial',
  'power': 0.5,
  'num_epochs': 60,
  'batch_size': 32,
  'weight_decay': 2e-4,
  'auxiliary_weight': 0.3,
  **spec.NOT_USED_THEN,
}

# Hash and size: as recorded by Open Model Zoo (googlenet-v1).
SPEC = spec.ModelSpec(
  name='googlenet',
  description='BVLC GoogLeNet, as trained with Caffe, ImageNet',
  function='magenta_viz.models.architectures.googlenet:googlenet',
  image_size=224,
  num_outputs=1000,
  class_offset=0,
  weights=spec.WeightSource(
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
  published=_PUBLISHED,
  recipe=_RECIPE,
  auxiliary_heads=('loss1', 'loss2'),
)
