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

"""Draws an atlas: runs its pipeline on this machine, or wherever is asked."""

import contextlib
import dataclasses
import json
import os
from pathlib import Path
import threading
from typing import Any, Dict, Iterator, List, Mapping, Sequence

from absl import logging
import apache_beam as beam
from apache_beam.options import pipeline_options
import tqdm

from magenta_viz.atlas import config as atlas_config
from magenta_viz.atlas import pipeline
from magenta_viz.atlas import plan as plan_lib

# Of Beam in Python alone: DirectRunner now looks for a program to download.
LOCAL_RUNNER = 'FnApiRunner'

# Pipelines that end without a single new picture, before it is given up.
_MAX_IDLE = 2

_GLANCE = 1.0


@dataclasses.dataclass(frozen=True)
class Report:
  """What became of an atlas.

  Attributes:
    num_pictures: Of the atlas.
    counters: Of the pipeline that ended: pictures, skips, failures, traces,
      milliseconds.
    failures: What could not be drawn, as of `pipeline.FAILURES`.
  """

  num_pictures: int
  counters: Mapping[str, int]
  failures: Sequence[Mapping[str, str]]


def run(
  config: atlas_config.AtlasConfig,
  options: Sequence[str] = (),
  show_progress: bool = False,
) -> Report:
  """Draws what is missing of an atlas.

  Args:
    config: What to draw, and where to.
    options: Of Beam: '--runner=...' and all that the runner takes; none for
      several processes on this machine.
    show_progress: Whether to show a progress bar.

  Raises:
    ValueError: If the configuration does not fit the network, or the folder has
      pictures of other settings.
    OSError: If a file cannot be read or written, or weights be fetched.
    RuntimeError: If the pipeline fails.
  """
  plan = plan_lib.plan(config)
  folder = str(config.output_dir)
  is_local = not any(each.startswith('--runner') for each in options)
  with _watched(plan, folder, show_progress and is_local) as bar:
    if is_local:
      counters = _run_here(plan, folder, config.num_workers, options, bar)
    else:
      counters = _run(plan, folder, options)
  failures: List[Any] = []
  path = Path(folder) / pipeline.FAILURES
  if path.exists():
    failures = json.loads(path.read_text(encoding='utf-8'))
  return Report(plan.num_pictures, counters, failures)


def _run_here(
  plan: plan_lib.Plan,
  folder: str,
  num_workers: int,
  options: Sequence[str],
  bar: tqdm.tqdm,
) -> Dict[str, int]:
  """Runs the pipeline in processes of this machine.

  One that dies, as for want of memory, takes the pipeline with it; what is
  finished stays, so it is begun again as long as it gets on.
  """
  num_cores = os.cpu_count() or 1
  num_workers = num_workers or num_cores
  # Which processes that are started inherit.
  threads = str(max(num_cores // num_workers, 1))
  os.environ.setdefault('TF_NUM_INTRAOP_THREADS', threads)
  own = [
    f'--runner={LOCAL_RUNNER}',
    '--direct_running_mode=multi_processing',
    f'--direct_num_workers={num_workers}',
    *options,
  ]
  num_idle = 0
  while True:
    before = _count(plan)
    try:
      return _run(plan, folder, own)
    except RuntimeError as error:
      num_idle = num_idle + 1 if _count(plan) <= before else 0
      if num_idle >= _MAX_IDLE or not pipeline.is_of_worker(error):
        raise
      logging.warning('a worker ended; going on with what is missing')
      bar.refresh()


def _run(
  plan: plan_lib.Plan, folder: str, options: Sequence[str]
) -> Dict[str, int]:
  """Runs the pipeline once; returns its counters."""
  found = beam.Pipeline(options=pipeline_options.PipelineOptions(list(options)))
  pipeline.build(found, plan, folder)
  result = found.run()
  result.wait_until_finish()
  counters = result.metrics().query()['counters']
  return {each.key.metric.name: each.committed for each in counters}


def _count(plan: plan_lib.Plan) -> int:
  """Returns the number of records in the folders of the groups."""
  count = 0
  for run in plan.runs:
    with contextlib.suppress(FileNotFoundError), os.scandir(
      str(run.output_dir)
    ) as entries:
      count += sum(each.name.endswith('.json') for each in entries)
  return count


@contextlib.contextmanager
def _watched(
  plan: plan_lib.Plan, folder: str, is_wanted: bool
) -> Iterator[tqdm.tqdm]:
  """Shows how many pictures are there while something runs."""
  is_over = threading.Event()
  with tqdm.tqdm(
    total=plan.num_pictures, unit='picture', disable=not is_wanted
  ) as bar:

    def watch() -> None:
      while not is_over.wait(_GLANCE):
        bar.update(_count(plan) - bar.n)

    thread = threading.Thread(target=watch, daemon=True)
    if is_wanted:
      thread.start()
    try:
      yield bar
    finally:
      is_over.set()
      if is_wanted:
        thread.join()
        bar.update(_count(plan) - bar.n)
