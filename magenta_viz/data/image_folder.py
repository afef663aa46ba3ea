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

"""A folder of pictures as a data set.

The pictures lie in `FOLDER/SPLIT/CLASS/` as for `tfds.ImageFolder`, or in
`FOLDER/CLASS/` and are divided here. It does not read through
`tfds.ImageFolder`, whose shuffling takes no seed and which has no shards.
"""

import contextlib
import os
from typing import (
  Any,
  Callable,
  Dict,
  List,
  Optional,
  Sequence,
  Tuple,
)

from absl import logging

from magenta_viz.data import dataset
from magenta_viz.data import picture_files
from magenta_viz.files import folder_entries
from magenta_viz.files import natural_order
from magenta_viz.media import decoding

NAME = 'image_folder'

# Pictures that are not read. Other files, such as lists, are passed over.
_REFUSED_ENDINGS = ('.avif', '.heic', '.heif', '.jp2', '.jxl')


def open_folder(
  folder: str,
  train_split: str = 'train',
  eval_split: Optional[str] = None,
  split_seed: int = 0,
  fingerprint: Optional[str] = None,
) -> dataset.Dataset:
  """Opens a folder of pictures, with the endings `decoding.ENDINGS`.

  Without splits, a fifth of each class, one picture at least and never all,
  goes to the split 'eval' and the others to 'train'. The seed and the path
  inside the folder decide each picture's place alone, so pictures that are
  added later leave the others where they are, in classes of some size.

  Args:
    folder: Path of the folder: of `SPLIT/CLASS/*.jpg` or of `CLASS/*.jpg`.
      Pictures in folders inside a class's are the class's, too. What
      `folder_entries` leaves out is passed over, and so are other files.
    train_split: Folder of the pictures to train with.
    eval_split: Folder of the pictures to evaluate on; None for the first there
      is of 'validation', 'val', 'test' and 'eval'.
    split_seed: Seed of the division, where there are no splits.
    fingerprint: That of the set when a training began that is to go on. Where
      it is of the order of earlier versions, by the names' characters and
      without the pictures in inner folders, the set has that order again.

  Returns:
    The data set. Its classes have the names of their folders, in natural order
    ('2' before '10'); splits other than the two do not matter.

  Raises:
    ValueError: If the folder has another structure, no such split, a class
      without pictures, or pictures that are no plain files or in formats that
      are not read.
    FileNotFoundError: If there is no such folder.
    OSError: If it cannot be read.
  """
  # Leaves the '~' of an unknown user as it is, where pathlib would raise a
  # RuntimeError.
  root = os.path.abspath(os.path.expanduser(folder))
  split_folders = _split_folders(root, (train_split, eval_split))
  splits = split_folders or dataset.SPLITS
  if eval_split is None:
    eval_split = dataset.choose_eval_split(f"image folder '{root}'", splits)
  for split in (train_split, eval_split):
    if split not in splits:
      raise ValueError(
        f"unknown split '{split}' of the image folder '{root}'; it has"
        f' {", ".join(splits)}'
      )
  use = (train_split, eval_split)
  scanned = {
    split: _scan_classes(root, split)
    for split in (use if split_folders else ('',))
  }
  opened = _arrange(root, scanned, use, split_seed, natural_order.key)
  if fingerprint not in (None, opened.fingerprint):
    before = {
      split: _without_inner(classes, split)
      for split, classes in scanned.items()
    }
    with contextlib.suppress(ValueError):
      older = _arrange(root, before, use, split_seed, str)
      if older.fingerprint == fingerprint:
        _warn_of_inner(root, opened, older)
        return older
  return opened


def _arrange(
  root: str,
  scanned: Dict[str, picture_files.Classes],
  use: Tuple[str, str],
  split_seed: int,
  key: Callable[[str], Any],
) -> dataset.Dataset:
  """Returns the data set of the pictures that were found.

  Args:
    root: Absolute path of the folder.
    scanned: The classes of each split; of '' where there are none.
    use: The splits to train with and to evaluate on.
    split_seed: Seed of the division, where there are none.
    key: What the classes are ordered by.

  Raises:
    ValueError: If a class has too few pictures.
  """
  if '' in scanned:
    scanned = picture_files.divide(root, scanned[''], split_seed)
  train, evaluation = (scanned[split] for split in use)
  class_names = tuple(sorted({*train, *evaluation}, key=key))
  for name in class_names:
    if name not in train:
      raise ValueError(
        f"class '{name}' of '{root}' has no pictures in '{use[0]}'; put"
        f" some there, or take it out of '{use[1]}'"
      )
  return picture_files.make_dataset(
    NAME, root, class_names, {'train': train, 'eval': evaluation}
  )


def _without_inner(
  classes: picture_files.Classes, split: str
) -> picture_files.Classes:
  """Returns the pictures that lie in the classes' folders themselves."""
  depth = 2 if split else 1
  return {
    name: [each for each in pictures if each.path.count('/') == depth]
    for name, pictures in classes.items()
  }


def _warn_of_inner(
  root: str, opened: dataset.Dataset, older: dataset.Dataset
) -> None:
  """Tells that a training goes on without pictures that it began without."""
  num_left_out = (opened.num_train + opened.num_eval) - (
    older.num_train + older.num_eval
  )
  if num_left_out:
    logging.warning(
      "%d pictures in inner folders of the classes of '%s' are left out, as"
      ' when this training began; a new --train_dir takes them.',
      num_left_out,
      root,
    )


def _split_folders(
  root: str, wanted: Sequence[Optional[str]]
) -> Tuple[str, ...]:
  """Returns the names of the splits; nothing of a folder without splits.

  Folders that hold folders are splits if one of them has a split's name. Else
  they are classes, whose pictures lie in inner folders, where others hold
  pictures.

  Args:
    root: Path of the whole folder.
    wanted: Splits that the user named.

  Raises:
    ValueError: If it has neither structure, or both.
    OSError: If it cannot be read.
  """
  deep = []
  flat = []
  names, loose = _list(root)
  for name in names:
    folders, pictures = _list(root, name)
    if folders:
      deep.append(name)
    if pictures:
      flat.append(name)
  if not deep and not flat:
    raise FileNotFoundError(
      f"there are no pictures in folders of '{root}'; put each class's"
      f' pictures ({", ".join(decoding.ENDINGS)}) into a folder with its name'
    )
  if loose:
    logging.warning(
      "%d pictures in '%s' itself are of no class, and left out: %s.",
      len(loose),
      root,
      ', '.join(each.path for each in loose[:3]),
    )
  known = {*wanted, 'train', *dataset.EVAL_SPLITS}
  named = [name for name in deep if name in known]
  if flat and named:
    raise ValueError(
      f"'{root}' has pictures in '{flat[0]}' and folders in '{named[0]}'; have"
      ' either a folder for each class, or one for each split with the'
      " classes' folders in it"
    )
  if flat:
    return ()
  if not named and wanted[1] is None:
    raise ValueError(
      f"all folders of '{root}' ({', '.join(deep)}) hold folders, and none has"
      " a split's name; if they are splits, name two with --train_split and"
      ' --eval_split, and if they are classes, put their pictures into them'
    )
  return tuple(deep)


def _scan_classes(root: str, split: str) -> picture_files.Classes:
  """Returns the pictures of every class folder.

  Args:
    root: Path of the whole folder.
    split: Folder of the split inside it; '' if there are no splits.

  Raises:
    ValueError: If a class has no pictures.
    OSError: If a folder cannot be read.
  """
  classes = {}
  for name in _list(root, split)[0]:
    path = f'{split}/{name}' if split else name
    classes[name] = _all_pictures(root, path)
    if not classes[name]:
      raise ValueError(
        f"class '{name}' has no pictures in '{os.path.join(root, path)}'; put"
        ' some there, or remove the folder'
      )
  return classes


def _all_pictures(
  root: str, inner: str, above: Tuple[str, ...] = ()
) -> List[picture_files.Picture]:
  """Returns the pictures in a folder and in all folders inside it, by path.

  Args:
    root: Path of the whole folder.
    inner: Path of this one inside it.
    above: Real paths of the folders that it lies in.

  Raises:
    ValueError: If a link leads back to a folder that it lies in.
    OSError: If a folder cannot be read.
  """
  path = os.path.join(root, inner)
  real = os.path.realpath(path)
  if real in above:
    raise ValueError(
      f"'{path}' is a link to a folder that it lies in; remove it"
    )
  folders, pictures = _list(root, inner)
  for name in folders:
    pictures += _all_pictures(root, f'{inner}/{name}', (*above, real))
  return sorted(pictures)


def _list(
  root: str, inner: str = ''
) -> Tuple[Sequence[str], List[picture_files.Picture]]:
  """Lists a folder: the names of its folders, and its pictures, both sorted.

  Raises:
    ValueError: If a picture is no plain file, or in a format that is not read.
    OSError: If it cannot be read.
  """
  path = os.path.join(root, inner) if inner else root
  folders = []
  pictures = []
  try:
    entries = folder_entries.entries(path)
  except OSError as error:
    raise type(error)(
      f"cannot read the image folder '{path}': {error.strerror or error};"
      ' give --data_dir a folder with a folder of pictures for each class'
    ) from error
  for entry in entries:
    ending = os.path.splitext(entry.name)[1].lower()
    if entry.is_folder:
      folders.append(entry.name)
    elif ending in _REFUSED_ENDINGS:
      raise ValueError(
        f"'{os.path.join(path, entry.name)}' is in a format that is not read;"
        ' save it as PNG or JPEG, or remove it'
      )
    elif ending not in decoding.ENDINGS:
      continue
    # A pipe would be waited for, and a device read without end.
    elif entry.num_bytes is None:
      raise ValueError(
        f"'{os.path.join(path, entry.name)}' is no plain file, nor a link to"
        ' one; remove it, or put the picture in its place'
      )
    else:
      inner_path = f'{inner}/{entry.name}' if inner else entry.name
      pictures.append(picture_files.Picture(inner_path, entry.num_bytes))
  return folders, pictures
