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

"""Evaluates pictures: does another network recognise what they show?"""

import dataclasses
from typing import Any, Dict, List, Mapping, Optional, Sequence

from absl import logging
import numpy as np
import tensorflow as tf
import tqdm

from magenta_viz import version
from magenta_viz.evaluation import config as evaluate_config
from magenta_viz.evaluation import figures
from magenta_viz.evaluation import judge_choice
from magenta_viz.evaluation import judges as judges_lib
from magenta_viz.evaluation import naturalness
from magenta_viz.evaluation import page
from magenta_viz.evaluation import pictures as pictures_lib
from magenta_viz.evaluation import predictions
from magenta_viz.evaluation import report as report_lib
from magenta_viz.media import atomic_files
from magenta_viz.media import image_files
from magenta_viz.media import records
from magenta_viz.models import network_loading
from magenta_viz.process import progress
from magenta_viz.process import tensorflow_modes
from magenta_viz.settings import keywords

EvaluateConfig = evaluate_config.EvaluateConfig
Report = report_lib.Report

# What the figures depend on, for the report.
_PACKAGES = ('tensorflow', 'tf_slim', 'numpy', 'scipy', 'Pillow')


@tensorflow_modes.tensorflow_2()
def run(
  config: Optional[evaluate_config.EvaluateConfig] = None,
  show_progress: Optional[bool] = None,
  *,
  network: Any = None,
  **settings: Any,
) -> report_lib.Report:
  """Evaluates the pictures of a folder.

      evaluate.run(input_dir='pictures')

  Args:
    config: Which pictures, who judges them, and where the report goes:
      `evaluation.json` and `evaluation.html` there are replaced.
    show_progress: Whether to show progress bars; None for in a notebook alone.
    network: A keras.Model, a tf.Module, or what `models.networks` makes, who
      judges, or several, and with the judges of `config` where it names any.
    **settings: Of `EvaluateConfig`, in place of those of `config`.

  Returns:
    What was found. The same pictures and judges on the same machine give the
    same.

  Raises:
    TypeError: If there is no such setting.
    ValueError: If there are no pictures, one or its record is damaged, a judge
      had a part in them all or does not know their classes, or weights are
      damaged.
    OSError: If a file cannot be read or written, or weights be fetched.
    FloatingPointError: If a judge gives what is not a number.
  """
  config = keywords.config_of(EvaluateConfig, config, settings, ('network',))
  found = pictures_lib.find(config.input_dir)
  given = network if isinstance(network, (list, tuple)) else [network]
  chosen = judge_choice.choose(
    config.judges,
    found,
    config.allow_self,
    config.foreign,
    [each for each in given if each is not None],
  )
  judges = [_LoadedJudge(each, found, config.batch_size) for each in chosen]
  # Not before the judges are known to be right, for errors to leave no trace.
  atomic_files.prepare_folder(config.page_path.parent)
  # All before the first is judged, which takes longer, so that damage shows.
  pictures = [
    dataclasses.replace(
      _with_class(picture, place, judges), naturalness=_measure(picture)
    )
    for place, picture in enumerate(
      _shown('measured', found, len(found), show_progress)
    )
  ]
  said = _predict(pictures, judges, config.batch_size, show_progress)
  report = figures.make(
    config.input_dir,
    [judge.record for judge in judges],
    [
      dataclasses.replace(picture, predictions=each)
      for picture, each in zip(pictures, said)
    ],
    _photographs(),
    {'magenta_viz': version.__version__, **records.versions(_PACKAGES)},
  )
  _write(report, config, found)
  return report


class _LoadedJudge:
  """A chosen judge with its network.

  Attributes:
    chosen: Which one.
    class_ids: Of each picture its class among the judge's, or None.
    record: What the report says of it.
  """

  def __init__(
    self,
    chosen: judge_choice.ChosenJudge,
    pictures: Sequence[pictures_lib.Picture],
    batch_size: int,
  ):
    """Loads the network.

    Args:
      chosen: Which one.
      pictures: Those that it is to judge.
      batch_size: The most pictures that it looks at together.

    Raises:
      ValueError: If it does not know the class of one, or its weights are
        damaged.
    """
    self.chosen = chosen
    self.class_ids = judge_choice.class_ids(chosen, pictures)
    # Judges see the same on every machine.
    network = network_loading.load(chosen.source, tf.float32)
    names = chosen.class_names
    self._judge: judges_lib.Judge = network.shared.get(
      ('judge', batch_size), lambda: judges_lib.Judge(network, batch_size)
    )
    self.record = report_lib.Judge(
      chosen.name,
      network.name,
      chosen.source.origin,
      chosen.source.sha256,
      len(names),
      sum(map(chosen.drew, pictures)),
      chosen.sees_own,
    )

  def predict(
    self, images: Mapping[int, np.ndarray], copied: Sequence[int]
  ) -> Dict[int, predictions.Prediction]:
    """Returns what it says of pictures, by their places.

    Args:
      images: By their places among all pictures.
      copied: Places of those that it is shown with noise, too.
    """
    class_ids = [self.class_ids[place] for place in images]
    said = self._judge.look_at(list(images.values()), class_ids)
    noises = self._judge.noises([images[place] for place in copied])
    noise_at = dict(zip(copied, noises))
    return {
      place: dataclasses.replace(each, noise=noise_at.get(place))
      for place, each in zip(images, said)
    }


def _with_class(
  picture: pictures_lib.Picture, place: int, judges: Sequence[_LoadedJudge]
) -> pictures_lib.Picture:
  """Returns a picture with its class, of the first judge that knows it."""
  for judge in judges:
    class_id = judge.class_ids[place]
    if class_id is not None:
      name = judge.chosen.class_names[class_id]
      key = (judge.chosen.name, class_id)
      if not picture.labels:
        # As the record has it, which may count the classes otherwise.
        class_id, name = picture.class_id, picture.class_name or name
      return dataclasses.replace(
        picture, class_key=key, class_id=class_id, class_name=name
      )
  return dataclasses.replace(picture, class_id=None, class_name=None)


def _predict(
  pictures: Sequence[pictures_lib.Picture],
  judges: Sequence[_LoadedJudge],
  batch_size: int,
  show_progress: Optional[bool],
) -> List[Dict[str, predictions.Prediction]]:
  """Returns of each picture the predictions of the judges that see it."""
  sets = pictures_lib.variations(pictures)
  varied = {picture for each in sets for picture in each}
  said: List[Dict[str, predictions.Prediction]] = [{} for _ in pictures]
  with _shown('judged', None, len(pictures), show_progress) as bar:
    for start in range(0, len(pictures), batch_size):
      batch = range(start, min(start + batch_size, len(pictures)))
      images = {p: image_files.read_image(pictures[p].path) for p in batch}
      for judge in judges:
        sees = judge.chosen.sees
        seen = {p: image for p, image in images.items() if sees(pictures[p])}
        copied = [p for p in seen if pictures[p] in varied]
        for place, prediction in judge.predict(seen, copied).items():
          said[place][judge.chosen.name] = prediction
      bar.update(len(batch))
  return said


def _shown(
  label: str,
  pictures: Optional[Sequence[pictures_lib.Picture]],
  total: int,
  show_progress: Optional[bool],
) -> tqdm.tqdm:
  """Returns a progress bar over pictures."""
  return progress.bar(
    pictures, wanted=show_progress, desc=label, total=total, unit='picture'
  )


def _measure(picture: pictures_lib.Picture) -> naturalness.Naturalness:
  """Measures a picture, and proves that judges can look at it."""
  image = image_files.read_image(picture.path)
  image_files.check_aspect(picture.path, *image.shape[:2])
  return naturalness.measure(image)


def _photographs() -> Optional[naturalness.Summary]:
  """Measures photographs; None without scikit-image, which has them."""
  try:
    return naturalness.of_photographs()
  except OSError as error:
    logging.warning('%s', error)
    return None


def _write(
  report: report_lib.Report,
  config: evaluate_config.EvaluateConfig,
  pictures: Sequence[pictures_lib.Picture],
) -> None:
  """Writes the report's files."""
  paths = {picture.name: picture.path for picture in pictures}
  plain = report.as_json()
  html = page.page(plain, lambda name: image_files.read_image(paths[name]))
  # So that no page stands beside figures of other pictures.
  atomic_files.remove_file(config.json_path)
  # Names of files that are not valid UTF-8 have no other place in a page.
  atomic_files.write_file(config.page_path, html.encode('utf-8', 'replace'))
  records.write_record(config.json_path, plain)
