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

"""The files of a run of `saliency`: pictures of what it found, and a record."""

from pathlib import Path
from typing import Any, Dict, Mapping, NamedTuple, Optional

import numpy as np
from PIL import Image

from magenta_viz.attribution import config as saliency_config
from magenta_viz.attribution import illustrations
from magenta_viz.attribution import segmentation
from magenta_viz.files import names
from magenta_viz.files import places
from magenta_viz.files import untrusted
from magenta_viz.media import atomic_files
from magenta_viz.media import image_files
from magenta_viz.media import memory_images
from magenta_viz.media import picture_text
from magenta_viz.media import records
from magenta_viz.models import imagenet_classes

# By the ends of their files' names.
_PICTURES = ('map', 'overlay', 'mask', 'box')


class Saliency(NamedTuple):
  """What a network sees of a class in a photograph.

  Attributes:
    map: [height, width] float32 in [0, 1], of the photograph's size; 1 stands
      for the 99 % quantile and all above.
    mask: [height, width] bool, the object.
    box: The smallest one around the object.
    record: What made it and what became of it, as in the JSON file.
    paths: Of the PNG files, by what they show: 'map', 'overlay', 'mask' and
      'box'; none if none were written.
    image: [height, width, 3] float32 in [0, 1], RGB: the photograph.
  """

  map: np.ndarray
  mask: np.ndarray
  box: segmentation.Box
  record: Dict[str, Any]
  paths: Mapping[str, Path]
  image: np.ndarray

  def __repr__(self) -> str:
    """Says what it shows."""
    height, width = self.map.shape
    class_name = imagenet_classes.short_name(self.record['class_name'])
    subject = f'{self.record["class_id"]} {class_name}'
    method = self.record['settings']['method']
    return f'<Saliency of {subject} by {method}, {width} x {height}>'

  def _repr_png_(self) -> bytes:
    """Shows the map over the photograph in a notebook."""
    return image_files.encode_png(self.overlay)

  @property
  def overlay(self) -> np.ndarray:
    """The map over the photograph, [height, width, 3] float32 in [0, 1]."""
    return illustrations.overlay(self.image, self.map)

  def show(self) -> None:
    """Shows the map over the photograph in the system's viewer of pictures."""
    Image.fromarray(image_files.to_uint8(self.overlay)).show(repr(self))


class SaliencyFiles:
  """The files of a run, if it has any."""

  def __init__(self, config: saliency_config.SaliencyConfig, class_name: str):
    """Names them.

    Args:
      config: With a class.
      class_name: All of the class's synonyms.
    """
    self._config = config
    self._subject = {
      'class_name': class_name,
      'image': memory_images.told(config.image),
    }
    self._stem: Optional[Path] = None
    if config.output_dir is not None:
      slug = names.slug(imagenet_classes.short_name(class_name))
      photo = names.part(Path(config.image).stem)
      name = f'{photo}_{config.class_id:03}_{slug}_{config.method}'
      self._stem = places.place(config.output_dir) / name

  @property
  def paths(self) -> Dict[str, Path]:
    """The PNG files, by what they show."""
    if self._stem is None:
      return {}
    return {end: self._path(f'_{end}.png') for end in _PICTURES}

  def are_written(self, wanted: Mapping[str, Any]) -> bool:
    """Tells whether all files are there, with these settings.

    Args:
      wanted: What the record would say, as of `records.check_settings`.

    Raises:
      ValueError: If they are there with other settings, have changed since, or
        are of another subject whose files have the same names.
    """
    if self._stem is None:
      return False
    record_path = self._path('.json')
    image_sha256 = wanted['settings'].get('image_sha256')
    records.check_subject(record_path, self._subject, image_sha256)
    if self._config.overwrite:
      return False
    paths = self.paths.values()
    if not records.is_recorded(record_path, wanted) or not all(
      picture.exists() for picture in paths
    ):
      return False
    records.check_pictures(record_path, paths)
    return True

  def read(self, image: np.ndarray) -> Saliency:
    """Returns what is written, when `are_written` says so.

    Args:
      image: [height, width, 3] float32 in [0, 1], RGB: the photograph.

    Raises:
      ValueError: If the record is damaged.
    """
    path = self._path('.json')
    record = records.read_record(path)
    box = record.get('box')
    with untrusted.guard(
      f"record '{path}' is damaged",
      'delete it, or explain the photograph again with --overwrite',
    ):
      if not isinstance(box, dict) or not all(
        type(side) is int for side in box.values()
      ):
        raise ValueError('its box is not the sides of a rectangle')
      sides = segmentation.Box(**box)
    paths = self.paths
    return Saliency(
      image_files.read_image(paths['map'])[..., 0],
      image_files.read_image(paths['mask'])[..., 0] >= 0.5,
      sides,
      record,
      paths,
      image,
    )

  def prepare(self) -> None:
    """Makes the folder."""
    if self._stem is not None:
      atomic_files.prepare_folder(self._stem.parent)

  def write(
    self,
    photo: np.ndarray,
    levels: np.ndarray,
    mask: np.ndarray,
    box: segmentation.Box,
    record: Mapping[str, Any],
  ) -> Dict[str, Any]:
    """Writes the pictures and the record, in place of others.

    The record comes last and says that all is whole.

    Args:
      photo: [height, width, 3] float32 in [0, 1], RGB.
      levels: [height, width] float32 in [0, 1], the map.
      mask: [height, width] bool.
      box: Around the mask.
      record: What made them.

    Returns:
      The record, with what it says of the pictures' files.

    Raises:
      OSError: If one cannot be written.
    """
    if self._stem is None:
      return dict(record)
    atomic_files.remove_file(self._path('.json'))
    images = {
      'map': illustrations.to_grey(levels),
      'overlay': illustrations.overlay(photo, levels),
      'mask': illustrations.to_grey(mask),
      'box': illustrations.draw_box(photo, box),
    }
    name = imagenet_classes.short_name(str(self._subject['class_name']))
    for end, path in self.paths.items():
      text = picture_text.of_record(f'{name}, {end}', record)
      image_files.write_png(path, images[end], text)
    hashes = records.pictures_sha256(self.paths.values())
    record = {**record, 'pictures_sha256': hashes}
    records.write_record(self._path('.json'), record)
    return record

  def _path(self, end: str) -> Path:
    assert self._stem is not None
    return self._stem.with_name(self._stem.name + end)
