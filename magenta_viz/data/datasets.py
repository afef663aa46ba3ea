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

"""Finds a data set by its name."""

from typing import Callable, Mapping, Optional, Tuple

from magenta_viz.data import class_names
from magenta_viz.data import dataset
from magenta_viz.data import image_folder
from magenta_viz.data import prepared_dataset

IMAGE_FOLDER = image_folder.NAME

# The user's own sets, by their names: what opens one of a folder, and what
# messages call that. All other names are of sets of tensorflow_datasets.
_OWN: Mapping[str, Tuple[Callable[..., dataset.Dataset], str]] = {
  IMAGE_FOLDER: (image_folder.open_folder, 'image folder'),
}


def open_dataset(
  name: str,
  data_dir: Optional[str] = None,
  manual_dir: Optional[str] = None,
  train_split: str = 'train',
  eval_split: Optional[str] = None,
  split_seed: int = 0,
  fingerprint: Optional[str] = None,
) -> dataset.Dataset:
  """Opens pictures to train with and to evaluate on.

  Args:
    name: 'image_folder' for the user's own pictures, else a classification set
      of tensorflow_datasets: 'cifar10', 'name/config', 'name:version'.
    data_dir: The folder of pictures, of an 'image_folder'. Else where TFDS
      has prepared data or is to prepare them; None for its own place,
      '~/tensorflow_datasets'.
    manual_dir: Folder of the files that TFDS cannot download itself, such as
      ImageNet's. It is not needed where the data are prepared.
    train_split: Split to train with; of a set of TFDS, also a part of one or a
      sum, such as 'train[:90%]'.
    eval_split: Split to evaluate on, likewise. None for the first there is of
      'validation', 'val', 'test' and 'eval'.
    split_seed: Seed of the division of a folder that has no splits.
    fingerprint: That of the set when a training began that is to go on; None of
      a new one. A set that still is as it was keeps its order of classes, and
      their names are not checked.

  Returns:
    The data set. A set of TFDS that is not prepared is so now, which takes
    hours for ImageNet.

  Raises:
    ValueError: If there is no such set, split or class, a class has no
      pictures, the set is not for classification, there are fewer than two
      classes, or names of classes cannot be used or told apart.
    FileNotFoundError: If there are no data, or files of `manual_dir` missing.
    OSError: If data cannot be read, downloaded or written.
    ImportError: If tensorflow_datasets cannot be imported.
  """
  splits = (train_split, eval_split)
  if name not in _OWN:
    what = f"dataset '{name}'"
    opened = prepared_dataset.open_prepared(
      name, data_dir, manual_dir, *splits, others=tuple(_OWN)
    )
  elif data_dir is None:
    raise ValueError(
      f"dataset '{name}' needs a folder; name it with --data_dir"
    )
  else:
    open_own, kind = _OWN[name]
    what = f"{kind} '{data_dir}'"
    opened = open_own(data_dir, *splits, split_seed, fingerprint)
  if opened.fingerprint != fingerprint:
    class_names.check(what, opened.class_names)
    # Nobody can rename the classes of a set that others made.
    if name in _OWN:
      class_names.check_distinct(what, opened.class_names)
  return opened
