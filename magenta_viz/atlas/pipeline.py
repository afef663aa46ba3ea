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

"""The pipeline that draws an atlas, of Apache Beam.

A batch is an element. All of it is drawn by whoever has it, on whatever runner;
the folder tells what is done, so a pipeline that ended in any way goes on where
it was.
"""

import dataclasses
import json
import re
from typing import Any, Dict, Iterable, Iterator, List, Optional, Tuple, Type

import apache_beam as beam
from apache_beam import pvalue
from apache_beam.metrics import metric
from apache_beam.utils import shared

from magenta_viz.atlas import cell_page
from magenta_viz.atlas import feeds as feeds_lib
from magenta_viz.atlas import page
from magenta_viz.atlas import plan as plan_lib
from magenta_viz.atlas import units as units_lib
from magenta_viz.atlas import worker as worker_lib
from magenta_viz.files import places
from magenta_viz.media import atomic_files
from magenta_viz.media import records
from magenta_viz.process import tensorflow_start
from magenta_viz.visualization import folder as folder_lib

_NAMESPACE = 'atlas'

# Beside the folders of the groups.
FAILURES = 'failures.json'


class _Draw(beam.DoFn):
  """Draws batches, each in what is loaded and traced for those before."""

  def __init__(self, plan: plan_lib.Plan):
    """Takes the plan."""
    self._plan = plan
    self._shared = shared.Shared()
    self._counters = {
      name: metric.Metrics.counter(_NAMESPACE, name)
      for name in ('pictures', 'skips', 'failures', 'traces', 'milliseconds')
    }

  def setup(self) -> None:
    """Takes the process's worker: threads and bundles have one together."""

    def make() -> worker_lib.Worker:
      tensorflow_start.start(with_onednn=True)
      return worker_lib.Worker(self._plan)

    self._worker = self._shared.acquire(make)

  def process(
    self, batch: plan_lib.Batch
  ) -> Iterator[Tuple[int, worker_lib.Outcome]]:
    """Yields the number of the group, and what became of the batch."""
    outcome = self._worker.draw(batch)
    counts = {
      'pictures': outcome.num_drawn,
      'skips': outcome.num_there,
      'failures': len(outcome.failures),
      'traces': outcome.num_traces,
      'milliseconds': round(outcome.seconds * 1000),
    }
    for name, count in counts.items():
      self._counters[name].inc(count)
    yield batch.group, outcome


class _Finish(beam.DoFn):
  """Makes the sheet of a group whose batches are all done, and its page."""

  def __init__(self, plan: plan_lib.Plan, folder: str):
    """Takes the plan, and the folder of the atlas."""
    self._plan = plan
    self._folder = folder
    self._shared = shared.Shared()

  def setup(self) -> None:
    """Takes the process's own of what tells what units feed."""

    def make() -> feeds_lib.Feeds:
      tensorflow_start.start(with_onednn=True)
      return feeds_lib.Feeds(self._plan)

    self._feeds = self._shared.acquire(make)

  def process(
    self, item: Tuple[int, Iterable[worker_lib.Outcome]]
  ) -> Iterator[List[Dict[str, Any]]]:
    """Yields the failures of the group."""
    group, outcomes = item
    failures = [each for one in outcomes for each in one.failures]
    if not failures:
      folder = folder_lib.PictureFolder(
        self._plan.runs[group].output_dir, False
      )
      folder.write_sheet(self._plan.tasks(group))
    if self._plan.groups[group].kind == units_lib.CELLS:
      cell_page.write(
        places.place(str(self._plan.runs[group].output_dir)),
        [f'{task.stem}.png' for task in self._plan.tasks(group)],
      )
    else:
      page.write_group(
        self._plan,
        group,
        places.place(self._folder),
        {each.picture: each.error for each in failures},
        self._feeds,
      )
    yield [dataclasses.asdict(each) for each in failures]


def build(
  root: beam.Pipeline, plan: plan_lib.Plan, folder: str
) -> pvalue.PCollection[int]:
  """Puts what draws an atlas into a pipeline.

  Args:
    root: The pipeline.
    plan: What to draw.
    folder: Of the atlas.

  Returns:
    One element: failures, as JSON has them.
  """
  return (
    root
    | 'Batches' >> beam.Create(list(plan.batches()))
    # Else those of one layer would stay together on one worker.
    | 'Shuffle' >> beam.Reshuffle()
    | 'Draw' >> beam.ParDo(_Draw(plan))
    | 'ByGroup' >> beam.GroupByKey()
    | 'Finish' >> beam.ParDo(_Finish(plan, folder))
    | 'Failures' >> beam.CombineGlobally(_joined)
    | 'Tell' >> beam.Map(_write_failures, folder)
    | 'Page' >> beam.Map(_write_page, folder)
  )


def _joined(lists: Iterable[List[Any]]) -> List[Any]:
  """Returns one list of several."""
  return [each for one in lists for each in one]


def _write_failures(failures: List[Dict[str, Any]], folder: str) -> int:
  """Writes what could not be drawn, or that all is; returns how many."""
  path = places.place(folder) / FAILURES
  if failures:
    failures = sorted(failures, key=lambda each: sorted(each.items()))
    text = json.dumps(failures, indent=2) + '\n'
    atomic_files.write_file(path, text.encode())
  else:
    atomic_files.remove_file(path)
  return len(failures)


def _write_page(num_failures: int, folder: str) -> int:
  """Writes the page of all that is there; returns what it was told."""
  page.write(places.place(folder))
  return num_failures


def cause(error: Exception) -> Optional[Exception]:
  """Returns what a step raised, which Beam tells in a text; None if none did.

  Without one, a process ended that worked on a step.
  """
  # With the module of a class that is none of Python's own.
  told = r"^(?:\w+\.)*(\w+): (.*) \[while running '\w+'\]$"
  found = re.findall(told, str(error), re.M)
  if not found:
    return None
  name, message = found[-1]
  kinds: List[Type[Exception]] = [ValueError, records.OtherPictureError]
  kinds += [OSError, *OSError.__subclasses__()]
  by_name = {each.__name__: each for each in kinds}
  return by_name.get(name, RuntimeError)(message)
