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
import threading
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence

from absl import logging
import apache_beam as beam
from apache_beam.options import pipeline_options
from apache_beam.runners.portability.fn_api_runner import fn_runner
from apache_beam.transforms import environments
import tqdm

from magenta_viz.atlas import cells
from magenta_viz.atlas import config as atlas_config
from magenta_viz.atlas import harness
from magenta_viz.atlas import pipeline
from magenta_viz.atlas import plan as plan_lib
from magenta_viz.files import places

# Pipelines that end without a single new picture, before it is given up.
_MAX_IDLE = 2

# Seconds between two looks at the folder; at an address, each is paid for.
_GLANCE = 1.0
_GLANCE_ELSEWHERE = 30.0


@dataclasses.dataclass(frozen=True)
class Report:
  """What became of an atlas.

  Attributes:
    num_pictures: Of the atlas.
    counters: Of the pipeline that ended: pictures, skips, failures, traces,
      milliseconds; none of a runner that does not count.
    failures: What could not be drawn, as of `pipeline.FAILURES`.
  """

  num_pictures: int
  counters: Mapping[str, int]
  failures: Sequence[Mapping[str, str]]


class _Watch:
  """Counts the pictures of a plan that are there."""

  def __init__(self, plan: plan_lib.Plan):
    """Takes the plan."""
    self._names = [
      (str(run.output_dir), {f'{task.stem}.json' for task in plan.tasks(group)})
      for group, run in enumerate(plan.runs)
    ]

  @property
  def pause(self) -> float:
    """Seconds until the next look."""
    is_elsewhere = any(places.is_address(folder) for folder, _ in self._names)
    return _GLANCE_ELSEWHERE if is_elsewhere else _GLANCE

  def count(self) -> int:
    """Returns the number of their records."""
    found = 0
    for folder, names in self._names:
      with contextlib.suppress(FileNotFoundError):
        entries = places.place(folder).iterdir()
        found += sum(each.name in names for each in entries)
    return found


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
    ChildProcessError: If the pipeline fails; what is finished stays.
  """
  if not config.output_dir:
    raise ValueError('give output_dir, a folder for the atlas')
  places.check_shared('output_dir', config.output_dir)
  cells.prepare(config)
  plan = plan_lib.plan(config)
  folder = config.output_dir
  is_local = not any(each.startswith('--runner') for each in options)
  if not is_local:
    counters = _run_elsewhere(plan, folder, options)
  else:
    watch = _Watch(plan)
    with contextlib.ExitStack() as stack:
      stack.enter_context(harness.ended())
      if show_progress:
        stack.enter_context(_shown(watch, plan.num_pictures))
      counters = _run_here(plan, folder, config.num_workers, options, watch)
  failures: List[Any] = []
  path = places.place(folder) / pipeline.FAILURES
  if path.exists():
    failures = json.loads(path.read_text(encoding='utf-8'))
  return Report(plan.num_pictures, counters, failures)


def _run_here(
  plan: plan_lib.Plan,
  folder: str,
  num_workers: int,
  options: Sequence[str],
  watch: _Watch,
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
  own = [f'--direct_num_workers={num_workers}', *options]
  # Of Beam in Python alone: DirectRunner now looks for a program to download.
  runner = fn_runner.FnApiRunner(
    environments.SubprocessSDKEnvironment.from_command_string(harness.command())
  )
  num_idle = 0
  while True:
    before = watch.count()
    try:
      return _run(plan, folder, own, runner)
    except RuntimeError as error:
      cause = pipeline.cause(error)
      if cause is not None:
        raise cause from error
      num_idle = num_idle + 1 if watch.count() <= before else 0
      if num_idle >= _MAX_IDLE:
        raise ChildProcessError(
          f'one of {num_workers} processes died {num_idle} times before any new'
          ' picture, as for want of memory; take a smaller --num_workers or'
          ' --batch_size (what is finished stays)'
        ) from error
      logging.warning('A worker ended; going on with what is missing')


def _run_elsewhere(
  plan: plan_lib.Plan, folder: str, options: Sequence[str]
) -> Dict[str, int]:
  """Runs the pipeline on the runner that the options name."""
  try:
    return _run(plan, folder, options, None)
  # Each runner has errors of its own.
  except Exception as error:  # pylint: disable=broad-except
    found = pipeline.cause(error) or error
    if isinstance(found, (ValueError, OSError)):
      raise found from error
    raise ChildProcessError(
      f'the runner ended with {type(error).__name__}: {found}; what is finished'
      ' stays, and the same command goes on'
    ) from error


def _run(
  plan: plan_lib.Plan,
  folder: str,
  options: Sequence[str],
  runner: Optional[Any],
) -> Dict[str, int]:
  """Runs the pipeline once; returns its counters."""
  known = pipeline_options.PipelineOptions(list(options))
  found = beam.Pipeline(runner, known)
  pipeline.build(found, plan, folder)
  result = found.run()
  result.wait_until_finish()
  try:
    counters = result.metrics().query()['counters']
  except NotImplementedError:  # As of Dask's.
    return {}
  return {each.key.metric.name: each.committed for each in counters}


@contextlib.contextmanager
def _shown(watch: _Watch, total: int) -> Iterator[None]:
  """Shows how many pictures are there while something runs."""
  is_over = threading.Event()
  there = watch.count()
  with tqdm.tqdm(initial=there, total=total, unit='picture') as bar:

    def look() -> None:
      while not is_over.wait(watch.pause):
        bar.update(watch.count() - bar.n)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
      yield
    finally:
      is_over.set()
      thread.join()
      bar.update(watch.count() - bar.n)
