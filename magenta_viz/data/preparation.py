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

"""Makes tensorflow_datasets (TFDS) prepare a data set."""

import contextlib
import difflib
import io
import os
import sys
import tempfile
from typing import Any, List, Optional, Sequence

from absl import logging
import tensorflow as tf

from magenta_viz.data import prepared_files
from magenta_viz.data import server_check
from magenta_viz.files import untrusted

# The archives without which TFDS prepares half of a set, or stops with a
# traceback.
_MANUAL_FILES = {
  'imagenet2012': ('ILSVRC2012_img_train.tar', 'ILSVRC2012_img_val.tar')
}

# So much of TFDS's own messages is repeated, which can be a page long.
_MAX_MESSAGE = 300

# So many prepared sets are named.
_MAX_NAMES = 3


def find_builder(
  name: str, data_dir: Optional[str], others: Sequence[str]
) -> Any:
  """Returns TFDS's builder of a set.

  Args:
    name: 'cifar10', 'name/config', 'name:version' or 'name/config:version'.
    data_dir: Where prepared data are; None for '~/tensorflow_datasets'.
    others: Names of sets that are not TFDS's, for messages.

  Returns:
    A `tfds.core.DatasetBuilder`, whether or not its data are prepared.

  Raises:
    ValueError: If there is none of that name, configuration and version, or
      files of it are damaged or not to be trusted.
    ImportError: If TFDS cannot be imported.
  """
  import tensorflow_datasets as tfds  # Takes seconds.

  # TFDS logs why it could not be imported, and goes on without its contents.
  if not hasattr(tfds, 'builder'):
    raise ImportError(
      'tensorflow_datasets is installed, but not with the versions of other'
      " packages that it needs; see its message above and 'pip check'"
    )
  if data_dir is not None:
    data_dir = os.path.expanduser(data_dir)
  _check_files(name, data_dir)
  # As it is by itself since 4.9: what the bucket tells of a set is found out
  # anyway, and TensorFlow tries for minutes to reach it.
  tfds.core.utils.gcs_utils._is_gcs_disabled = True
  verbosity = logging.get_verbosity()
  try:
    # What it logs of a set that it has not, the error says, too.
    logging.set_verbosity(logging.FATAL)
    return tfds.builder(name, data_dir=data_dir, try_gcs=False)
  except tfds.core.DatasetNotFoundError as error:
    known = tfds.list_builders(with_community_datasets=False)
    similar = difflib.get_close_matches(
      name.split('/')[0].split(':')[0], [*others, *known]
    )
    hint = f'similar: {", ".join(similar)}' if similar else 'none is similar'
    raise ValueError(
      f"unknown dataset '{name}'; {hint}; take {', '.join(map(repr, others))}"
      f' or one of the {len(known)} of tensorflow_datasets {tfds.__version__}'
    ) from error
  except MemoryError:
    raise
  # Nearly every type, at an unknown version, a missing package of the set's, or
  # damaged files.
  except Exception as error:
    raise ValueError(
      f"cannot open dataset '{name}': {_one_line(error)}; datasets are named"
      " 'name', 'name/config', 'name:version' or 'name/config:version'"
    ) from error
  finally:
    logging.set_verbosity(verbosity)


def _check_files(name: str, data_dir: Optional[str]) -> None:
  """Checks that TFDS will run no code for a set but its own.

  Args:
    name: The set's, as of `find_builder`.
    data_dir: Where prepared data are; None for TFDS's own places.

  Raises:
    ValueError: If the set is of another code, or its files are not to be
      trusted.
    OSError: If they cannot be read.
  """
  from tensorflow_datasets.core import naming
  from tensorflow_datasets.core.utils import file_utils

  try:
    parsed, given = naming.parse_builder_name_kwargs(name)
  except Exception:
    # What is no name is never opened; TFDS says so.
    return
  if parsed.namespace:
    raise ValueError(
      f"dataset '{name}' is of '{parsed.namespace}', whose code would be"
      " fetched and run; take a set of tensorflow_datasets' own, as 'cifar10'"
      " or 'cifar10:3.0.2'"
    )
  if not str(given.get('config', 'none')).strip('.'):
    raise ValueError(f"dataset '{name}' names no configuration; leave it out")
  for root in file_utils.list_data_dirs(given_data_dir=data_dir):
    prepared_files.check(os.path.join(os.fspath(root), parsed.name))


def prepare(name: str, builder: Any, manual_dir: Optional[str]) -> None:
  """Makes TFDS download a set's files and write the data.

  Args:
    name: The set's name, for messages.
    builder: TFDS's builder of it.
    manual_dir: Folder of files that cannot be downloaded.

  Raises:
    FileNotFoundError: If files of `manual_dir` are missing.
    OSError: If it fails for any other reason.
  """
  import tensorflow_datasets as tfds

  if manual_dir is not None:
    manual_dir = os.path.expanduser(manual_dir)
  if builder.MANUAL_DOWNLOAD_INSTRUCTIONS:
    _check_manual_files(name, builder, manual_dir)
  root = os.fspath(builder.data_dir)[: -len(builder.info.full_name) - 1]
  config = tfds.download.DownloadConfig(
    manual_dir=manual_dir, try_download_gcs=False
  )
  logging.info("Preparing dataset '%s' in '%s'.", name, root)
  try:
    # TFDS would complain of it only after the work, or with a traceback.
    if '://' not in root:
      os.makedirs(root, exist_ok=True)
      with tempfile.TemporaryFile(dir=root):
        pass
    # The bars of many files are pages of text where they cannot move.
    tfds.display_progress_bar(sys.stderr.isatty())
    with contextlib.redirect_stdout(io.StringIO()), server_check.checked():
      builder.download_and_prepare(download_config=config)
  except MemoryError:
    raise
  except server_check.UnreachableError as error:
    there = [f'--dataset={each}' for each in _prepared(root)]
    there.append('your own pictures, by --dataset=image_folder')
    raise OSError(
      f"cannot download dataset '{name}': {error}; check the network"
      f' connection, or train on what is at hand: {" or ".join(there)}'
      ' with their folder as --data_dir'
    ) from error
  # Builders raise nearly every type, AssertionError and tf.errors among them.
  except Exception as error:
    raise OSError(
      f"cannot prepare dataset '{name}' in '{root}': {_one_line(error)}; it"
      ' needs room and leave to write in --data_dir, and the network or, of'
      ' some sets, whole files in --manual_dir'
    ) from error


def _prepared(root: str) -> List[str]:
  """Returns the names of some sets that are prepared in a folder."""
  found = []
  # Of NAME/VERSION and NAME/CONFIG/VERSION.
  for inner in ('*/*', '*/*/*'):
    for path in tf.io.gfile.glob(f'{root}/{inner}/dataset_info.json'):
      parts = path.replace(os.sep, '/').split('/')
      found.append('/'.join(parts[-inner.count('*') - 1 : -2]))
  return sorted(set(found))[:_MAX_NAMES]


def _check_manual_files(
  name: str, builder: Any, manual_dir: Optional[str]
) -> None:
  """Raises FileNotFoundError if files that the user has to bring are missing.

  Which files a set needs is known of ImageNet only; of others, a folder that
  is not empty is all that is checked, as by TFDS.
  """
  needed = _MANUAL_FILES.get(builder.name, ())
  present: List[str] = []
  if manual_dir is not None and tf.io.gfile.isdir(manual_dir):
    present = tf.io.gfile.listdir(manual_dir)
  missing = [file for file in needed if file not in present]
  if present and not missing:
    return
  where = f"'{manual_dir}' has not" if manual_dir else '--manual_dir is missing'
  what = ' and '.join(missing) or 'the files that TFDS asks for'
  raise FileNotFoundError(
    f"dataset '{name}' cannot be downloaded without you: {where}: {what}; put"
    ' the files into one folder and name it with --manual_dir'
    f' ({_one_line(builder.MANUAL_DOWNLOAD_INSTRUCTIONS)})'
  )


def _one_line(message: object) -> str:
  """Returns a message in one line, shortened; its type if it is empty."""
  return untrusted.reason(message, _MAX_MESSAGE).rstrip('.')
