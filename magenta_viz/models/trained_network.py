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

"""Checkpoints that training wrote, with what their records say of the network.

A checkpoint is three files: TensorFlow's two, '<prefix>.index' and
'<prefix>.data-00000-of-00001', and '<prefix>.json', the record. In a folder
that training writes, the prefixes are 'model.ckpt-<step>'.
"""

import dataclasses
import os
from pathlib import Path
import re
from typing import Any, List, Mapping, Optional, Sequence, Tuple

from absl import logging

from magenta_viz.files import places
from magenta_viz.files import untrusted
from magenta_viz.models import model_spec
from magenta_viz.models import picture_statistics
from magenta_viz.models import trained_record

# Names of files, for all that write and read them.
INDEX_ENDING = '.index'
DATA_ENDING = '.data-00000-of-00001'
RECORD_ENDING = '.json'

# A hundred thousand names of eighty letters.
_MAX_RECORD_BYTES = 1 << 23

_NAME = re.compile(r'model\.ckpt-([0-9]+)')


@dataclasses.dataclass(frozen=True)
class TrainedNetwork:
  """A network that was trained with this package, on any classes.

  Attributes:
    prefix: Path of its checkpoint, without the endings of the files.
    model: Name of the network, as in `model_spec`.
    image_size: Height and width, in pixels, that it was trained at.
    num_outputs: Outputs of its classifier.
    class_offset: Output that class id 0 has.
    class_names: Names of its classes, in the order of their ids.
    step: Steps of training so far.
    top1: Share of the evaluated pictures whose class is the first choice; None
      where it was not evaluated.
    pictures: What was measured of its training pictures; None if nothing was.
    record: All that the record says.
  """

  prefix: str
  model: str
  image_size: int
  num_outputs: int
  class_offset: int
  class_names: Tuple[str, ...]
  step: int
  top1: Optional[float] = None
  pictures: Optional[picture_statistics.PictureStatistics] = None
  record: Mapping[str, Any] = dataclasses.field(
    default_factory=dict, repr=False, compare=False
  )

  def spec(self) -> model_spec.ModelSpec:
    """Returns what the rest of the package must know of the network."""
    spec = dataclasses.replace(
      model_spec.find_spec(self.model),
      image_size=self.image_size,
      num_outputs=self.num_outputs,
      class_offset=self.class_offset,
    )
    return suited(spec, self.pictures)


def suited(
  spec: model_spec.ModelSpec,
  pictures: Optional[picture_statistics.PictureStatistics],
) -> model_spec.ModelSpec:
  """Returns a network that is drawn as suits its training pictures.

  Args:
    spec: The network.
    pictures: What was measured of them; None leaves the network as it is.
  """
  if pictures is None:
    return spec
  recipe = {**spec.recipe, **pictures.recipe()}
  return dataclasses.replace(spec, recipe=recipe)


def checkpoint_name(step: int) -> str:
  """Returns the name of a step's checkpoint, without the files' endings."""
  return f'model.ckpt-{step}'


def list_steps(folder: Path, ending: str) -> List[int]:
  """Returns the steps of whose checkpoints a folder has the file `ending`.

  Args:
    folder: May be missing, which is to have none.
    ending: One of the three endings.

  Raises:
    OSError: If the folder cannot be read.
  """
  steps = []
  for path in folder.iterdir() if folder.is_dir() else ():
    name = path.name
    match = _NAME.fullmatch(name[: -len(ending)])
    # Not '007', which would be another file's name.
    if match and name == checkpoint_name(int(match[1])) + ending:
      steps.append(int(match[1]))
  return sorted(steps)


def list_checkpoints(folder: Path) -> List[TrainedNetwork]:
  """Returns the whole checkpoints in a folder, the earliest first.

  What lacks one of its files, or has a damaged record, is passed over; of a
  damaged record a warning is logged.

  Args:
    folder: May be missing, which is to have none.

  Raises:
    OSError: If the folder cannot be read.
  """
  found, faults = _scan(folder)
  for fault in faults:
    logging.warning('Passed over: %s.', fault)
  return found


def _scan(folder: Path) -> Tuple[List[TrainedNetwork], List[ValueError]]:
  """Returns the whole checkpoints, and what is wrong with damaged records."""
  found, faults = [], []
  for step in list_steps(folder, INDEX_ENDING):
    try:
      found.append(_read(str(folder / checkpoint_name(step))))
    # Of another program, or deleted while the folder was read.
    except FileNotFoundError:
      continue
    except ValueError as error:
      faults.append(error)
  return found, faults


def latest(checkpoints: Sequence[TrainedNetwork]) -> Optional[TrainedNetwork]:
  """Returns the one that was trained longest; None of none."""
  return max(checkpoints, key=lambda each: each.step, default=None)


def best(checkpoints: Sequence[TrainedNetwork]) -> Optional[TrainedNetwork]:
  """Returns the one of highest `top1`, of equals the one trained longest.

  Returns:
    Where none was evaluated, the latest; None of none.
  """

  def rank(each: TrainedNetwork) -> Tuple[float, int]:
    return (-1.0 if each.top1 is None else each.top1, each.step)

  return max(checkpoints, key=rank, default=None)


def find(checkpoint: str) -> Optional[TrainedNetwork]:
  """Returns the trained network that `--checkpoint` means.

  Args:
    checkpoint: Path of a folder that training wrote, for the best checkpoint
      in it, or the latest where none was evaluated; or the prefix or the
      '.index' file of a checkpoint.

  Returns:
    None if no checkpoint with a record is there, but other weights or nothing.

  Raises:
    FileNotFoundError: If there is a record, but no whole checkpoint.
    ValueError: If the record is damaged.
    OSError: If a file cannot be read.
  """
  # Leaves the '~' of an unknown user as it is.
  path = os.path.expanduser(checkpoint)
  if places.is_dir(path):
    return _find_in(places.place(path))
  if path.endswith(INDEX_ENDING):
    path = path[: -len(INDEX_ENDING)]
  elif places.is_file(path):
    return None
  return _read(path) if _has_record(path) else None


def _has_record(prefix: str) -> bool:
  """Tells whether a prefix has a record, and is a checkpoint's.

  A picture has a record too, and a first checkpoint may have been stopped
  before there was more.
  """
  weights = (prefix + INDEX_ENDING, prefix + DATA_ENDING)
  return places.is_file(prefix + RECORD_ENDING) and any(
    places.is_file(path) for path in weights
  )


def _find_in(folder: Path) -> Optional[TrainedNetwork]:
  """Returns the best checkpoint in a folder; None if none has a record."""
  found, faults = _scan(folder)
  if faults and not found:
    raise faults[-1]
  for fault in faults:
    logging.warning('Passed over: %s.', fault)
  if not found:
    for step in reversed(list_steps(folder, RECORD_ENDING)):
      prefix = str(folder / checkpoint_name(step))
      if _has_record(prefix):
        # Says which file it lacks.
        return _read(prefix)
  return best(found)


def _read(prefix: str) -> TrainedNetwork:
  """Reads a record.

  Raises:
    FileNotFoundError: If a file of the checkpoint is missing.
    ValueError: If the record is damaged.
    OSError: If it cannot be read.
  """
  for ending in (INDEX_ENDING, DATA_ENDING, RECORD_ENDING):
    if not places.is_file(prefix + ending):
      raise FileNotFoundError(
        f"checkpoint '{prefix}' is not whole: it has no file"
        f" '{Path(prefix).name}{ending}'; give another one, or train again"
      )
  path = places.place(prefix + RECORD_ENDING)
  content = untrusted.read_bytes(
    path,
    _MAX_RECORD_BYTES,
    'the record',
    'make it readable, or give another checkpoint',
  )
  with untrusted.guard(*_problem(prefix)):
    record = untrusted.parse_json(content)
  trained = from_record(prefix, record)
  match = _NAME.fullmatch(Path(prefix).name)
  if match and int(match[1]) != trained.step:
    raise _damaged(prefix, f'it is of step {trained.step}')
  return trained


def from_record(prefix: str, record: Mapping[str, Any]) -> TrainedNetwork:
  """Returns the network that a record describes.

  Args:
    prefix: Path of the checkpoint.
    record: The record, as read from its file or to be written.

  Raises:
    ValueError: If it lacks something, or does not make sense.
  """
  if not isinstance(record, Mapping):
    raise _damaged(prefix, 'it holds no JSON object')
  fault = trained_record.find_fault(
    record, {**trained_record.FIELDS, **trained_record.LATER_FIELDS}
  )
  if fault:
    raise _damaged(prefix, fault)
  fields = {name: record[name] for name in trained_record.FIELDS}
  fields['class_names'] = tuple(record['class_names'])
  fields['pictures'] = picture_statistics.from_record(record.get('pictures'))
  trained = TrainedNetwork(prefix=prefix, record=record, **fields)
  try:
    num_classes = trained.spec().num_classes
  except ValueError as error:
    raise _damaged(prefix, str(error)) from error
  num_names = len(trained.class_names)
  if num_names != num_classes:
    raise _damaged(
      prefix, f'it has {num_names} class_names for {num_classes} classes'
    )
  return trained


def check_resumable(trained: TrainedNetwork) -> None:
  """Checks what training needs of the record of a checkpoint to go on from.

  Raises:
    ValueError: If it lacks something, or does not make sense.
  """
  fault = trained_record.find_fault(
    trained.record, trained_record.RESUMED_FIELDS
  )
  if fault:
    raise _damaged(trained.prefix, fault)


def _problem(prefix: str) -> Tuple[str, str]:
  """Returns what is wrong with a record that is of no use, and what to do."""
  return (
    f"the record '{prefix}{RECORD_ENDING}' cannot be used",
    'give another checkpoint, or put back the record that training wrote',
  )


def _damaged(prefix: str, reason: str) -> ValueError:
  """Returns the error for a record that is of no use."""
  problem, advice = _problem(prefix)
  return ValueError(f'{problem} ({reason}); {advice}')
