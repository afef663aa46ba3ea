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


"""Pictures that are drawn: as arrays, in notebooks and as files."""

import itertools
from pathlib import Path
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Sequence

import numpy as np
from PIL import Image

from magenta_viz.files import places
from magenta_viz.media import atomic_files
from magenta_viz.media import contact_sheet
from magenta_viz.media import image_files
from magenta_viz.media import picture_text
from magenta_viz.media import records
from magenta_viz.models import imagenet_classes


class Picture(NamedTuple):
  """A picture that is drawn.

  Attributes:
    image: [height, width, 3] float32 in [0, 1].
    record: What made it and what became of it, as in the JSON file.
    path: Of its PNG file; None if none was written.
  """

  image: np.ndarray
  record: Dict[str, Any]
  path: Optional[Path]

  @classmethod
  def open(cls, path: atomic_files.PathLike) -> 'Picture':
    """Reads a picture with its record, which is beside it or inside it.

    Args:
      path: Of a PNG file that this package wrote, wherever it is now.

    Raises:
      OSError: If it cannot be read.
      ValueError: If it is no such picture, or is damaged.
    """
    path = _checked(path)
    beside = path.with_suffix('.json')
    image = image_files.read_image(path)
    if beside.exists():
      return cls(image, records.read_record(beside), path)
    record = picture_text.record_in(path)
    if record is None:
      raise ValueError(
        f"'{path}' has no record; take a picture that magenta_viz wrote"
      )
    return cls(image, record, path)

  def __repr__(self) -> str:
    """Says what it shows."""
    height, width = self.image.shape[:2]
    where = '' if self.path is None else f', {self.path}'
    return f'<Picture of {self.label}, {width} x {height}{where}>'

  def _repr_png_(self) -> bytes:
    """Shows it in a notebook."""
    return image_files.encode_png(self.image)

  @property
  def subject(self) -> str:
    """What it shows, in a few words."""
    name = self.record.get('class_name')
    if name is None:
      return str(self.record.get('objective', ''))
    return f'{self.record.get("class_id")} {imagenet_classes.short_name(name)}'

  @property
  def label(self) -> str:
    """What it shows, and its seed."""
    seed = self.record.get('seed')
    return self.subject if seed is None else f'{self.subject}, seed {seed}'

  def show(self) -> None:
    """Shows it in the system's viewer of pictures."""
    Image.fromarray(image_files.to_uint8(self.image)).show(self.label)

  def save(self, path: atomic_files.PathLike) -> None:
    """Writes a PNG file, with the record inside it and beside it.

    Args:
      path: Ends with '.png'; the record's file ends with '.json' instead. Both
        are replaced if they exist.

    Raises:
      OSError: If they cannot be written.
      ValueError: If the path has another ending.
    """
    path = _checked(path)
    text = picture_text.texts(
      self.label, self.record.get('command'), self.record
    )
    beside = path.with_suffix('.json')
    # What tells of a picture goes first and comes last.
    atomic_files.remove_file(beside)
    image_files.write_png(path, self.image, text)
    told = records.pictures_sha256([path])
    records.write_record(beside, {**self.record, 'pictures_sha256': told})


class Pictures(List[Picture]):
  """Pictures of a run, which show on one sheet."""

  def __repr__(self) -> str:
    """Says what they show, a line each."""
    lines = ''.join(f'  {each!r},\n' for each in self)
    return f'[\n{lines}]' if lines else '[]'

  def __getitem__(self, index: Any) -> Any:
    """Returns a picture, or those of a slice."""
    found = super().__getitem__(index)
    return Pictures(found) if isinstance(index, slice) else found

  def _repr_png_(self) -> Optional[bytes]:
    """Shows the sheet in a notebook."""
    return image_files.encode_png(self.sheet()) if self else None

  def sheet(self) -> np.ndarray:
    """Returns all on one sheet, [height, width, 3] float32 in [0, 1].

    Raises:
      ValueError: If there are none.
    """
    if len(self) == 1:
      return self[0].image
    has_seeds = len({each.record.get('seed') for each in self}) > 1
    return on_sheet(self, len(self), has_seeds, _differing(self))

  def show(self) -> None:
    """Shows the sheet in the system's viewer of pictures."""
    Image.fromarray(image_files.to_uint8(self.sheet())).show()

  def save(self, path: atomic_files.PathLike) -> None:
    """Writes the sheet as a PNG file.

    Raises:
      OSError: If it cannot be written.
      ValueError: If the path has another ending, or there are no pictures.
    """
    image_files.write_png(_checked(path), self.sheet())


def _asked(picture: Picture) -> Dict[str, Any]:
  """Returns what was asked for in a picture, its subject and seed left out."""
  asked = {'preset': picture.record.get('preset')}
  return {**asked, **picture.record.get('overrides', {})}


def _differing(pictures: Sequence[Picture]) -> Sequence[str]:
  """Returns the settings that tell pictures of one subject and seed apart."""
  names = {(each.subject, each.record.get('seed')) for each in pictures}
  if len(names) == len(pictures):
    return ()
  asked = [_asked(each) for each in pictures]
  return [
    name
    for name in dict.fromkeys(itertools.chain(*asked))
    if any(each.get(name) != asked[0].get(name) for each in asked)
  ]


def on_sheet(
  pictures: Iterable[Picture],
  count: int,
  has_seeds: bool,
  differing: Sequence[str] = (),
) -> np.ndarray:
  """Returns pictures on one sheet, [height, width, 3] float32 in [0, 1].

  Args:
    pictures: The pictures, of which one at a time is held.
    count: How many they are.
    has_seeds: Whether labels tell the seeds.
    differing: Settings that labels tell.
  """

  def label(picture: Picture) -> str:
    told = [f'seed {picture.record.get("seed")}'] if has_seeds else []
    asked = _asked(picture)
    told += [f'{name} {asked.get(name, "as usual")}' for name in differing]
    words = [picture.subject, ', '.join(told)] if told else [picture.subject]
    return contact_sheet.APART.join(words)

  labelled = ((label(each), each.image) for each in pictures)
  return contact_sheet.contact_sheet(labelled, count)


def _checked(path: atomic_files.PathLike) -> Path:
  """Returns the path of a PNG file."""
  path = places.place(path)
  if path.suffix.lower() != '.png':
    raise ValueError(f"'{path}' is no name of a PNG file; let it end with .png")
  return path
