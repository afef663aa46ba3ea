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


"""Settings with which the networks were trained on ImageNet, as published.

By their names in `config.TrainConfig`.
"""

from typing import Any, Mapping

# What the networks before EfficientNet were trained without.
_NOT_USED_THEN: Mapping[str, Any] = {
  'label_smoothing': 0.0,
  'average_decay': 0.0,
  'clip_norm': 0.0,
}

# As slim's program trains unless told otherwise (train_image_classifier.py);
# what it was told for this checkpoint was not published, nor for how long:
# at this rate the learning rate is at its end after 150 epochs.
INCEPTION_V1: Mapping[str, Any] = {
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
  **_NOT_USED_THEN,
}

# BVLC's quick_solver.prototxt, of which its readme says that it trained the
# released weights: 2,400,000 steps. The auxiliary weight is of
# train_val.prototxt.
GOOGLENET: Mapping[str, Any] = {
  'optimizer': 'momentum',
  'momentum': 0.9,
  'learning_rate': 0.01,
  'schedule': 'polynomial',
  'power': 0.5,
  'num_epochs': 60,
  'batch_size': 32,
  'weight_decay': 2e-4,
  'auxiliary_weight': 0.3,
  **_NOT_USED_THEN,
}

# The authors' solver.prototxt of SqueezeNet_v1.1: 170,000 steps of 16
# batches of 32.
SQUEEZENET: Mapping[str, Any] = {
  'optimizer': 'momentum',
  'momentum': 0.9,
  'learning_rate': 0.04,
  'schedule': 'polynomial',
  'power': 1.0,
  'num_epochs': 68,
  'batch_size': 512,
  'weight_decay': 2e-4,
  **_NOT_USED_THEN,
}

# The defaults of Google's program (efficientnet/main.py and preprocessing.py
# in tensorflow/tpu), to which the Lite networks' own readme refers: a rate of
# 0.016 for 256 pictures, and a warm-up of 5 epochs.
EFFICIENTNET_LITE0: Mapping[str, Any] = {
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
