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

from typing import Dict, List, Mapping, Optional, Sequence

from absl import logging
import numpy as np
import tensorflow as tf
import tqdm

from magenta_viz import version
from magenta_viz.evaluation import config as evaluate_config
from magenta_viz.evaluation import diversity
from magenta_viz.evaluation import figures
from magenta_viz.evaluation import judge_choice
from magenta_viz.evaluation import judges as judges_lib
from magenta_viz.evaluation import naturalness
from magenta_viz.evaluation import page
from magenta_viz.evaluation import pictures
from magenta_viz.evaluation import report as report_lib
from magenta_viz.media import atomic_files
from magenta_viz.media import image_files
from magenta_viz.media import records
from magenta_viz.models import network_loading
from magenta_viz.process import tensorflow_modes

EvaluateConfig = evaluate_config.EvaluateConfig
Report = report_lib.Report

# What the figures depend on, for the report.
_PACKAGES = ('tensorflow', 'tf_slim', 'numpy', 'scipy', 'Pillow')

# Of the noise in the copies of a picture.
_NOISE_SEED = 0


@tensorflow_modes.tensorflow_2()
def run(
  config: evaluate_config.EvaluateConfig, show_progress: bool = False
) -> report_lib.Report:
  """Evaluates the pictures of a folder.

  Args:
    config: Which pictures, who judges them, and where the findings go:
      `evaluation.json` and `evaluation.html` there are replaced.
    show_progress: Whether to show progress bars.

  Returns:
    What was found. The same pictures and judges on the same machine give the
    same.

  Raises:
    ValueError: If there are no pictures, one or its record is damaged, a judge
      had a part in them all or does not know their classes, or weights are
      damaged.
    OSError: If a file cannot be read or written, or weights be fetched.
    FloatingPointError: If a judge gives what is not a number.
  """
  entries = pictures.find(config.input_dir)
  jurors = judge_choice.choose(config.judges, entries, config.allow_self)
  bench = [_Seat(juror, entries, config.batch_size) for juror in jurors]
  # Not before the judges are known to be right, for errors to leave no trace.
  atomic_files.prepare_folder(config.page_path.parent)
  # All before the first is judged, which takes longer, so that damage shows.
  measured = [
    _measure(entry)
    for entry in _shown('measured', entries, len(entries), show_progress)
  ]
  subjects = [_subject(bench, place) for place in range(len(entries))]
  opinions = _judge(entries, subjects, bench, config.batch_size, show_progress)
  findings = [
    figures.Finding(*each)
    for each in zip(entries, subjects, measured, opinions)
  ]
  report = figures.make(
    config.input_dir,
    [seat.judge for seat in bench],
    findings,
    _photographs(),
    {'magenta_viz': version.__version__, **records.versions(_PACKAGES)},
  )
  _write(report, config, entries)
  return report


class _Seat:
  """A judge at work.

  Attributes:
    judge: What the report says of it.
  """

  def __init__(
    self,
    juror: judge_choice.Juror,
    entries: Sequence[pictures.Entry],
    batch_size: int,
  ):
    """Loads the network.

    Args:
      juror: Which one.
      entries: The pictures that it is to judge.
      batch_size: The most pictures that it looks at together.

    Raises:
      ValueError: If it does not know the class of one, or its weights are
        damaged.
    """
    self._juror = juror
    self._entries = entries
    self._class_ids = judge_choice.class_ids(juror, entries)
    self._is_own = [juror.drew(entry) for entry in entries]
    # Judges see the same on every machine.
    network = network_loading.load(juror.source, tf.float32)
    self._eye = network.shared.get(
      ('judge', batch_size), lambda: judges_lib.Judge(network, batch_size)
    )
    self.judge = report_lib.Judge(
      juror.name,
      network.name,
      juror.source.origin,
      juror.source.sha256,
      len(juror.class_names),
      sum(self._is_own),
      juror.sees_own,
    )

  def sees(self, place: int) -> bool:
    """Tells whether it is shown the picture at a place."""
    return self._juror.sees_own or not self._is_own[place]

  def subject(self, place: int) -> Optional[figures.Subject]:
    """Returns what the picture at a place shows; None for no known class."""
    class_id = self._class_ids[place]
    if class_id is None:
      return None
    entry, name = self._entries[place], self._juror.class_names[class_id]
    key = (self.judge.name, class_id)
    if entry.labels:
      return figures.Subject(key, class_id, name)
    # As the record has it, which may count the classes otherwise.
    return figures.Subject(key, entry.class_id, entry.class_name or name)

  def look_at(
    self, images: Mapping[int, np.ndarray], noisy_places: Sequence[int]
  ) -> List[figures.Opinion]:
    """Returns an opinion on each picture.

    Args:
      images: By their places among all pictures.
      noisy_places: Of those that are looked at with noise, too.
    """
    class_ids = [self._class_ids[place] for place in images]
    verdicts = self._eye.look_at(list(images.values()), class_ids)
    noises = self._noises({place: images[place] for place in noisy_places})
    return [
      figures.Opinion(
        class_id,
        verdict.rank,
        verdict.probability,
        self._is_own[place],
        tuple(map(self._guess, verdict.guesses)),
        verdict.features,
        noises.get(place),
      )
      for place, class_id, verdict in zip(images, class_ids, verdicts)
    ]

  def _guess(self, guess: judges_lib.Guess) -> report_lib.Guess:
    """Returns a guess with the name of its class."""
    name = self._juror.class_names[guess.class_id]
    return report_lib.Guess(guess.class_id, name, guess.probability)

  def _noises(self, images: Mapping[int, np.ndarray]) -> Dict[int, float]:
    """Returns how far apart two noisy copies of each picture are."""
    copies = []
    for image in images.values():
      # Of its own, so that a picture's copies are the same in any company.
      generator = np.random.default_rng(_NOISE_SEED)
      copies += [diversity.noisy(image, generator) for _ in range(2)]
    verdicts = self._eye.look_at(copies, [None] * len(copies))
    features = [verdict.features for verdict in verdicts]
    return {
      place: diversity.between(np.stack(features[2 * i : 2 * i + 2]))
      for i, place in enumerate(images)
    }


def _subject(bench: Sequence[_Seat], place: int) -> Optional[figures.Subject]:
  """Returns what a picture shows, of the first judge that knows it."""
  subjects = (seat.subject(place) for seat in bench)
  return next((each for each in subjects if each is not None), None)


def _judge(
  entries: Sequence[pictures.Entry],
  subjects: Sequence[Optional[figures.Subject]],
  bench: Sequence[_Seat],
  batch_size: int,
  show_progress: bool,
) -> List[Dict[str, figures.Opinion]]:
  """Returns the judges' opinions of each picture, of those that see it."""
  keys = [None if subject is None else subject.key for subject in subjects]
  in_sets = {p for each in pictures.variations(entries, keys) for p in each}
  opinions: List[Dict[str, figures.Opinion]] = [{} for _ in entries]
  with _shown('judged', None, len(entries), show_progress) as bar:
    for start in range(0, len(entries), batch_size):
      batch = range(start, min(start + batch_size, len(entries)))
      images = {p: image_files.read_image(entries[p].path) for p in batch}
      for seat in bench:
        seen = {p: image for p, image in images.items() if seat.sees(p)}
        said = seat.look_at(seen, [p for p in seen if p in in_sets])
        for place, opinion in zip(seen, said):
          opinions[place][seat.judge.name] = opinion
      bar.update(len(batch))
  return opinions


def _shown(
  label: str,
  entries: Optional[Sequence[pictures.Entry]],
  total: int,
  show_progress: bool,
) -> tqdm.tqdm:
  """Returns a progress bar over pictures."""
  return tqdm.tqdm(
    entries,
    desc=label,
    total=total,
    unit='picture',
    disable=not show_progress,
  )


def _measure(entry: pictures.Entry) -> naturalness.Naturalness:
  """Measures a picture, and proves that judges can look at it."""
  image = image_files.read_image(entry.path)
  image_files.check_aspect(entry.path, *image.shape[:2])
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
  entries: Sequence[pictures.Entry],
) -> None:
  """Writes the report's files."""
  paths = {entry.name: entry.path for entry in entries}
  plain = report.as_json()
  html = page.page(plain, lambda name: image_files.read_image(paths[name]))
  # So that no page stands beside figures of other pictures.
  atomic_files.remove_file(config.json_path)
  # Names of files that are not valid UTF-8 have no other place in a page.
  atomic_files.write_file(config.page_path, html.encode('utf-8', 'replace'))
  records.write_record(config.json_path, plain)
