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

"""What there is to say of slim's InceptionV1, as plain data."""

from typing import Any, Mapping

from magenta_viz.models.architectures import googlenet_spec
from magenta_viz.models.architectures import spec

# As slim's program trains unless told otherwise (train_image_classifier.py);
# what it was told for this checkpoint was not published, nor for how long:
# at this rate the learning rate is at its end after 150 epochs.
_PUBLISHED: Mapping[str, Any] = {
  'optimizer': 'rmsprop',
  'momentum': 0.9,
  'rmsprop_decay': 0.9,
  'rmsprop_epsilon': 1.0,
  'learning_rate': 0.01,
  'schedule': 'step',
  'decay_rate': 0.94,
  'decay_epochs': 2.0,
  'end_learning_rate': 1e-4,
  'num_epochs': 150,
  'batch_size': 32,
  'weight_decay': 4e-5,
  **spec.NOT_USED_THEN,
}

# Hash and size: as recorded by Open Model Zoo (googlenet-v1-tf).
SPEC = spec.ModelSpec(
  name='inception_v1',
  description="slim's InceptionV1 (GoogLeNet with batch norm), ImageNet",
  function='magenta_viz.models.architectures.inception_v1:inception_v1',
  image_size=224,
  num_outputs=1001,
  class_offset=1,
  weights=spec.WeightSource(
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
  published=_PUBLISHED,
  recipe=googlenet_spec.SPEC.recipe,  # It has the same modules.
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
