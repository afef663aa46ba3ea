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

"""The folder that a training's checkpoints are kept in.

A checkpoint counts from when its index is there: it comes to its place last
and is deleted first. So a training that is killed, at whatever moment, leaves
the checkpoints that it had, or one more. `models.trained_network` says what the
files are.
"""

import contextlib
import glob
import os
from pathlib import Path
import re
from typing import Any, Dict, Iterator, List, Mapping, Optional, Union

from absl import logging
from google.protobuf import text_format
import numpy as np
import tensorflow as tf

from magenta_viz.files import places
from magenta_viz.media import atomic_files
from magenta_viz.media import records
from magenta_viz.models import fetched_checkpoint
from magenta_viz.models import trained_network
from magenta_viz.models.checkpoints import checkpoints
from magenta_viz.training import folder_lock

# TensorFlow's own file, in which tf.train.latest_checkpoint looks.
_STATE = 'checkpoint'

_INDEX = trained_network.INDEX_ENDING
_DATA = trained_network.DATA_ENDING
_RECORD = trained_network.RECORD_ENDING

# As `atomic_files.temporary_path` names them, with TensorFlow's endings.
_TEMPORARY = re.compile(r'\.magenta_viz_[0-9a-f]{16}\..*')


class CheckpointFolder:
  """A folder with the last checkpoint of a training, the best, and some more.

  Where several processes train together, one of them prepares the folder and
  writes; all may read.
  """

  def __init__(self, path: atomic_files.PathLike):
    """Takes the folder's path, in which '~' is the user's home."""
    self._folder = places.of_user(path)

  @contextlib.contextmanager
  def prepared(self) -> Iterator[None]:
    """Makes the folder, holds it against other trainings, and tidies it up.

    What a process left behind that was killed is removed: nobody else writes
    there. A context manager; until it is left, the folder is held.

    Raises:
      ValueError: If another training holds it, it has checkpoints that are not
        ours, or damaged records, or TensorFlow could not read what it has
        written there.
      OSError: If it cannot be made or written, or a checkpoint lacks a file.
    """
    if glob.escape(str(self._folder)) != str(self._folder):
      raise ValueError(
        f"'{self._folder}' has one of * ? [ in its path, and TensorFlow would"
        ' read that as a pattern; take another --train_dir'
      )
    self._check_owner()
    atomic_files.prepare_folder(self._folder)
    with folder_lock.locked(self._folder):
      # Which an empty one at an address, that is none, has none of.
      for path in self._folder.glob('.magenta_viz_*'):
        if _TEMPORARY.fullmatch(path.name):
          path.unlink()
      if self.latest() is not None:
        self._publish()
      self._remove_others()
      yield

  def check_free(self) -> None:
    """Checks that no other training holds the folder.

    Raises:
      ValueError: If one does.
    """
    folder_lock.check(self._folder)

  def latest(self) -> Optional[trained_network.TrainedNetwork]:
    """Returns the last whole checkpoint; None if there is none.

    Raises:
      OSError: If the folder cannot be read.
    """
    found = trained_network.list_checkpoints(self._folder)
    return trained_network.latest(found)

  def read(
    self, checkpoint: trained_network.TrainedNetwork
  ) -> Dict[str, np.ndarray]:
    """Returns all values of a checkpoint, by name.

    Raises:
      ValueError: If it is damaged.
      OSError: If it cannot be read.
    """
    return checkpoints.read_checkpoint(
      fetched_checkpoint.fetched(checkpoint.prefix)
    )

  def check_settings(self, wanted: Mapping[str, Any]) -> None:
    """Checks that the folder is of no training with other settings.

    Args:
      wanted: What a record would say, as of `records.check_settings`.

    Raises:
      ValueError: If those of the last checkpoint differ; it says how.
      OSError: If the folder cannot be read.
    """
    last = self.latest()
    if last is None:
      return
    records.check_settings(
      last.record,
      wanted,
      f"'{self._folder}' has a training",
      'take another --train_dir or the same settings',
    )

  def write(
    self,
    step: int,
    values: Mapping[str, np.ndarray],
    record: Mapping[str, Any],
  ) -> str:
    """Writes a checkpoint, whole or not at all.

    Whatever stops it, a full disk or Ctrl-C, the checkpoints that were there
    stay. When it is written, those are deleted that are neither the last nor
    the best, and whose record has no true 'is_kept'.

    Args:
      step: Steps of training so far.
      values: Arrays of numbers, by name.
      record: What `trained_network.from_record` reads, and more; its 'step' is
        set to `step`.

    Returns:
      The checkpoint's prefix.

    Raises:
      ValueError: If a value is not finite, the record lacks something, or the
        folder has a checkpoint of this step or a later one, or one that is not
        ours. Nothing is written then.
      OSError: If it cannot be written.
    """
    lost = first_not_finite(values)
    if lost is not None:
      raise ValueError(
        f'{lost} holds what is not a finite number at step {step}, so no'
        ' checkpoint of it is written; go on from the last one with a smaller'
        ' learning rate'
      )
    prefix = str(self._folder / trained_network.checkpoint_name(step))
    record = {**record, 'step': step}
    trained_network.from_record(prefix, record)
    self._check_owner()
    last = self.latest()
    if last is not None and last.step >= step:
      after = f', after step {step}' if last.step > step else ''
      raise ValueError(
        f"'{self._folder}' has a checkpoint of step {last.step} already{after};"
        ' go on from it, or take another --train_dir'
      )
    with self._writing(step):
      self._add(prefix, values, record)
    return prefix

  def write_record(self, record: Mapping[str, Any]) -> None:
    """Replaces the record of the last checkpoint, whole or not at all.

    It is for what is found out once the checkpoint is safe, as its accuracy,
    on which it depends which checkpoints are kept.

    Args:
      record: As of `write`, with the checkpoint's 'step'.

    Raises:
      ValueError: If the record lacks something, the last checkpoint is of
        another step, or there is one that is not ours. Nothing is written then.
      OSError: If it cannot be written.
    """
    last = self.latest()
    if last is None or last.step != record.get('step'):
      raise ValueError(
        f"the last checkpoint in '{self._folder}' is not of step"
        f' {record.get("step")}; write that one before its record'
      )
    trained_network.from_record(last.prefix, record)
    self._check_owner()
    with self._writing(last.step):
      records.write_record(last.prefix + _RECORD, record)

  @contextlib.contextmanager
  def _writing(self, step: int) -> Iterator[None]:
    """Raises in one line that something cannot be written; tidies up after."""
    try:
      yield
      self._publish()
    except (OSError, tf.errors.OpError) as error:
      raise OSError(
        f'the checkpoint of step {step} could not be written in'
        f" '{self._folder}': {_reason(error)}; see to it that the folder can be"
        ' written and has room, and go on from the last checkpoint'
      ) from error
    self._remove_others()

  def _check_owner(self) -> None:
    """Raises an error if a checkpoint in the folder is not ours and whole.

    It would be passed over, and deleted some day.
    """
    for path in sorted(self._folder.glob(f'*{_INDEX}')):
      if _TEMPORARY.fullmatch(path.name):
        continue
      # Itself raises what is wrong with a record.
      if trained_network.find(str(path)) is None:
        raise ValueError(
          f"'{path}' is of a checkpoint that has no record, so of another"
          ' program; take another --train_dir'
        )

  def _add(
    self, prefix: str, values: Mapping[str, np.ndarray], record: Dict[str, Any]
  ) -> None:
    """Writes the files of a checkpoint, the index last."""
    temporary = str(atomic_files.temporary_path(self._folder, ''))
    try:
      _save(temporary, values)
      # A record without an index tells our remnants from what is not ours.
      records.write_record(prefix + _RECORD, record)
      for ending in (_DATA, _INDEX):
        place = places.place(prefix + ending)
        atomic_files.move_file(Path(temporary + ending), place)
    except BaseException:
      # Else the move of the index was interrupted when it was done.
      if not places.place(prefix + _INDEX).exists():
        _remove(prefix)
      raise
    finally:
      self._remove_temporary(temporary)

  def _remove_temporary(self, temporary: str) -> None:
    """Removes what an interrupted write left."""
    for path in Path(temporary).parent.glob(f'{Path(temporary).name}.*'):
      # The first error is what counts.
      with contextlib.suppress(OSError):
        path.unlink()

  def _kept(self) -> List[trained_network.TrainedNetwork]:
    """Returns the checkpoints to keep, the last one last."""
    found = trained_network.list_checkpoints(self._folder)
    best = trained_network.best(found)
    return [
      each
      for each in found
      if each in (best, found[-1]) or each.record.get('is_kept') is True
    ]

  def _publish(self) -> None:
    """Tells TensorFlow of the checkpoints to keep."""
    # Names only, so that the folder can be moved.
    names = [Path(each.prefix).name for each in self._kept()]
    state = tf.compat.v1.train.generate_checkpoint_state_proto(
      os.path.abspath(self._folder), names[-1], names
    )
    text = text_format.MessageToString(state)
    atomic_files.write_file(self._folder / _STATE, text.encode())

  def _remove_others(self) -> None:
    """Deletes checkpoints that are not kept, and remnants of deleted ones."""
    kept = {each.step for each in self._kept()}
    for step in trained_network.list_steps(self._folder, _RECORD):
      if step not in kept:
        _remove(str(self._folder / trained_network.checkpoint_name(step)))


def first_not_finite(values: Mapping[str, np.ndarray]) -> Optional[str]:
  """Returns the first name whose value has infinity or NaN; None of none."""
  for name, value in values.items():
    if not np.isfinite(value).all():
      return name
  return None


def _save(prefix: str, values: Mapping[str, np.ndarray]) -> None:
  """Writes values by name, in TensorFlow's V2 format."""
  names = sorted(values)
  # The operation has no other kernel, and the values shall not go elsewhere.
  with tf.device('CPU:0'):
    tf.raw_ops.SaveV2(
      prefix=prefix,
      tensor_names=names,
      shape_and_slices=[''] * len(names),
      tensors=[tf.constant(values[name]) for name in names],
    )


def _remove(prefix: str) -> None:
  """Removes a checkpoint, the index first; what is not there is no matter."""
  try:
    for ending in (_INDEX, _DATA, _RECORD):
      places.place(prefix + ending).unlink(missing_ok=True)
  except OSError as error:
    # Such as a file that another process has open on Windows. It is tried
    # again with the next checkpoint.
    logging.warning('%s could not be removed: %s.', prefix, error)


def _reason(error: Union[OSError, tf.errors.OpError]) -> str:
  """Returns the system's words for an error, without numbers and paths."""
  # Our own errors are raised from the system's.
  cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
  text = getattr(cause, 'strerror', None) or str(cause)
  if isinstance(cause, tf.errors.OpError):
    # '{{node}} path; reason [Op:SaveV2]'.
    text = re.sub(r' \[Op:\w+\]$', '', cause.message).rpartition('; ')[2]
  return ' '.join(text.split())
