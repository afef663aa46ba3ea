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
"""Trains a network: from a config to a folder of checkpoints."""

import contextlib
import dataclasses
import functools
import time
from typing import Any, Callable, Dict, FrozenSet, Iterable, Mapping, Optional

from absl import logging
import numpy as np

from magenta_viz.data import corrupt as corrupt_pictures
from magenta_viz.files import places
from magenta_viz.models import trained_network
from magenta_viz.process import progress as progress_bars
from magenta_viz.process import tensorflow_modes
from magenta_viz.settings import keywords
from magenta_viz.training import class_pictures
from magenta_viz.training import config as train_config
from magenta_viz.training import input_pipeline
from magenta_viz.training import learning_rates
from magenta_viz.training import progress as progress_lib
from magenta_viz.training import record as record_lib
from magenta_viz.training import start as start_lib
from magenta_viz.training import steps as steps_lib
from magenta_viz.training import stop_signal
from magenta_viz.training import strategies
from magenta_viz.training import summaries as summaries_lib
from magenta_viz.training import tensorflow_errors

TrainConfig = train_config.TrainConfig


@dataclasses.dataclass(frozen=True)
class Result:
  """What a training came to.

  Attributes:
    train_dir: Folder of the checkpoints.
    checkpoint: Path of the last one, without the endings of its files.
    step: Number of steps made.
    top1: Share of the evaluated pictures whose class came first, with the last
      checkpoint; None if it was not evaluated.
    top5: Share of those whose class was among the first five.
    is_finished: False if the training was told to stop, by a signal.
    stopped_by: Number of the signal that this process got; None of none, as
      where another worker got one.
  """

  train_dir: str
  checkpoint: str
  step: int
  top1: Optional[float]
  top5: Optional[float]
  is_finished: bool
  stopped_by: Optional[int] = None

  def standing(self) -> str:
    """Returns where a training stands that was told to stop."""
    return (
      f'stopped at step {self.step}, which is saved in {self.train_dir}; the'
      ' same command goes on from there'
    )


class Interrupted(KeyboardInterrupt):
  """Ctrl-C, after the training was saved.

  Attributes:
    result: What the training came to.
  """

  def __init__(self, result: Result):
    """Takes what the training came to."""
    super().__init__(result.standing())
    self.result = result


@tensorflow_modes.tensorflow_2()
def run(
  config: Optional[train_config.TrainConfig] = None,
  show_progress: Optional[bool] = None,
  **settings: Any,
) -> Result:
  """Trains a network, or goes on with a training that was interrupted.

      train.run(dataset='cifar10', train_dir='cifar10', num_steps=2000)

  With several workers it has to run on each of them, before TensorFlow has
  done anything else, and `train_dir` is a folder that all of them share.

  SIGTERM and SIGHUP end it in good order: the step is made, all is saved, and
  the result says so. So does SIGINT, that is Ctrl-C or a notebook's interrupt,
  but as an error, for whoever called is to stop, too; a second one raises
  KeyboardInterrupt at once, and the checkpoints that were there stay. (Signals
  come to Python's main thread alone.)

  Args:
    config: Which network, on what, and how.
    show_progress: Whether to show a progress bar; None for in a notebook alone.
    **settings: Of `TrainConfig`, in place of those of `config`.

  Raises:
    TypeError: If there is no such setting.
    ValueError: If the configuration does not make sense, `train_dir` has a
      training of other settings, or the data are not as they should be.
    OSError: If a file cannot be read or written, or a worker is lost.
    FloatingPointError: If the loss is not a number any more.
    MemoryError: If a step does not fit into memory.
    Interrupted: After Ctrl-C, when all is saved.
  """
  config = keywords.config_of(TrainConfig, config, settings)
  strategy = strategies.create(config.strategy)
  with strategies.errors(strategy), tensorflow_errors.errors():
    start = start_lib.prepare(config, strategy)
    return _Run(start).train(show_progress)


class _Run:
  """A training on its way."""

  def __init__(self, start: start_lib.Start):
    self._start = start
    self._config = start.config
    self._lengths = start.lengths
    self._corrupt = {
      split: corrupt_pictures.Corrupt(start.config.corrupt_limit)
      for split in ('train', 'eval')
    }
    self._folder = places.of_user(start.config.train_dir)
    self._saved = start.latest
    self._began = time.monotonic()

  def train(self, show_progress: Optional[bool]) -> Result:
    """Makes the steps that are missing."""
    start = self._start
    is_evaluated = self._saved is not None and self._saved.top1 is not None
    if start.step >= self._lengths.num_steps and is_evaluated:
      return self._result()
    # What can be wrong with them is to be found before anything is written.
    for split, corrupt in self._corrupt.items():
      corrupt.add_all(start.source.find_damaged(split))
    start = self._start = start_lib.measured(start)
    batches = self._batches(start.step)
    is_chief = strategies.is_chief(start.strategy)
    with contextlib.ExitStack() as stack:
      if is_chief:
        stack.enter_context(start.folder.prepared())
        self._check_still_latest()
      logging.info(
        'Training %s on %s with %d pictures, %s; steps %d to %d.',
        start.spec.name,
        start.source.name,
        start.source.num_train,
        strategies.describe(start.strategy),
        start.step,
        self._lengths.num_steps,
      )
      stop = stack.enter_context(stop_signal.StopSignal())
      summaries = stack.enter_context(
        summaries_lib.Summaries(self._config.log_dir if is_chief else None)
      )
      bar = stack.enter_context(
        progress_bars.bar(
          wanted=show_progress if is_chief else False,
          total=self._lengths.num_steps,
          initial=start.step,
          unit='step',
        )
      )
      for corrupt in self._corrupt.values():
        stack.enter_context(corrupt.errors())
      progress = progress_lib.Progress(
        summaries,
        bar,
        self._config.length.batch_size,
        may_overflow=self._config.precision == 'float16',
      )
      try:
        result = self._loop(batches, stop, summaries, progress)
      except FloatingPointError as error:
        raise FloatingPointError(f'{error}; {self._advice()}') from error
    result = dataclasses.replace(result, stopped_by=stop.number)
    if stop.is_interrupted:
      raise Interrupted(result)
    return result

  def _check_still_latest(self) -> None:
    """Raises ValueError if another training wrote before this one held it."""
    latest = self._start.folder.latest()
    if latest is not None and latest.step != self._start.step:
      raise ValueError(
        f'another training has just saved step {latest.step} in'
        f" '{self._folder}'; give the same command again to go on from there"
      )

  def _loop(
    self,
    batches: Iterable[Any],
    stop: stop_signal.StopSignal,
    summaries: summaries_lib.Summaries,
    progress: progress_lib.Progress,
  ) -> Result:
    """Makes step after step, and what is due between them."""
    config = self._config
    done = self._start.step
    if done >= self._lengths.num_steps:
      # It was stopped in its last evaluation.
      self._pause(done, frozenset({'evaluate'}), summaries)
      return self._result()
    for batch in batches:
      if done == self._start.step:
        images = strategies.local(self._start.strategy, batch.images)
        summaries.inputs(done, images.numpy())
      rate = config.learning_rate(
        done, self._lengths.num_steps, self._lengths.epoch_steps
      )
      schedule = steps_lib.make_schedule(
        done,
        rate,
        learning_rates.average_decay(config.step.average_decay, done),
        stop.is_set,
      )
      found = self._start.steps.train(
        batch, schedule, head_only=done < config.finetuning.freeze_steps
      )
      is_stopped = progress.look()
      progress.note(done, rate, found)
      done += 1
      due = self._due(done, is_stopped)
      if due:
        # What is lost is neither kept nor drawn.
        progress.look()
        self._pause(done, due, summaries)
        progress.resume()
      if is_stopped or done == self._lengths.num_steps:
        return self._result()
    raise RuntimeError('the batches came to an end, which they never do')

  def _due(self, done: int, is_stopped: bool) -> FrozenSet[str]:
    """Returns what is to do: 'save', also to 'keep', 'evaluate', 'draw'."""
    every = {
      'save': self._lengths.checkpoint_every,
      'keep': self._config.length.keep_every,
      'evaluate': self._lengths.eval_every,
      'draw': self._config.pictures.visualize_every,
    }
    due = {name for name, steps in every.items() if steps and not done % steps}
    if done == self._lengths.num_steps:
      due = {name for name, steps in every.items() if steps}
    elif is_stopped:
      # The system does not wait for long.
      due = {'save'}
    # The best checkpoint is to be kept.
    return frozenset(due | {'save'} if due & {'evaluate', 'keep'} else due)

  def _pause(
    self, step: int, due: FrozenSet[str], summaries: summaries_lib.Summaries
  ) -> None:
    """Does what is due between two steps."""
    start = self._start
    start.state.synchronize()
    # All workers take part in reading what is distributed.
    values = start.state.values()
    progress_lib.check_finite(step, values)
    values['global_step'] = np.array(step, np.int64)
    if 'save' in due:
      # First, for the others take long, and a system may not wait for them.
      write = functools.partial(start.folder.write, step, values)
      self._save(step, {'top1': None, 'top5': None}, write)
    if 'draw' in due and strategies.is_chief(start.strategy):
      self._draw(step, summaries)
    if 'evaluate' in due:
      found = self._evaluate()
      summaries.scalars(step, {f'eval/{name}': found[name] for name in found})
      accuracy = {name: found[name] for name in ('top1', 'top5')}
      logging.info('Step %d: top-1 %.4f, top-5 %.4f.', step, *accuracy.values())
      self._save(step, accuracy, start.folder.write_record)

  def _save(
    self,
    step: int,
    accuracy: Mapping[str, Optional[float]],
    write: Callable[[Dict[str, Any]], Any],
  ) -> None:
    """Lets the chief write a checkpoint, or the accuracy beside it.

    Args:
      step: Steps made.
      accuracy: 'top1' and 'top5'.
      write: Takes the record.
    """
    start = self._start
    record = record_lib.describe(
      start, step, accuracy, self._corrupt, time.monotonic() - self._began
    )
    if strategies.is_chief(start.strategy):
      write(record)
    # Nobody goes on, or away, while the chief is writing.
    start.agreement.check(step)
    name = trained_network.checkpoint_name(step)
    self._saved = trained_network.from_record(str(self._folder / name), record)

  def _batches(self, step: int) -> Iterable[Any]:
    """Returns the batches from a step on."""
    return input_pipeline.train_batches(
      self._start.strategy,
      self._start.source,
      start_lib.preprocessing_of(self._config, is_training=True),
      self._config.length.batch_size,
      self._config.seed,
      self._corrupt['train'],
      start_step=step,
    )

  def _advice(self) -> str:
    """Returns what there is and what to do when a training is lost."""
    latest = self._start.folder.latest()
    kept = 'there is no checkpoint yet'
    if latest is not None:
      kept = f"the last good checkpoint is '{latest.prefix}'"
    return (
      f'{kept}; take a smaller --learning_rate, --warmup_steps or a --clip_norm'
      ' such as 1, and another --train_dir'
    )

  def _evaluate(self) -> Dict[str, float]:
    """Returns the shares of right first and first five, and the mean loss."""
    batches, num_steps = input_pipeline.eval_batches(
      self._start.strategy,
      self._start.source,
      start_lib.preprocessing_of(self._config, is_training=False),
      self._config.length.batch_size,
      self._corrupt['eval'],
    )
    sums = np.zeros(4)
    for _, batch in zip(range(num_steps), batches):
      sums += [float(each) for each in self._start.steps.evaluate(batch)]
    pictures, *others = (float(each) for each in sums)
    if not pictures:
      raise ValueError(
        f'none of the {self._start.source.num_eval} pictures to evaluate on can'
        ' be decoded; mend them, or take another --eval_split'
      )
    names = ('top1', 'top5', 'loss')
    return {name: each / pictures for name, each in zip(names, others)}

  def _draw(self, step: int, summaries: summaries_lib.Summaries) -> None:
    """Draws some classes as the network sees them now."""
    try:
      images = class_pictures.draw(
        self._start.network(), self._config.pictures.visualize_classes
      )
    except FloatingPointError as error:
      # A network that cannot be drawn yet may still learn.
      logging.warning('Nothing is drawn at step %d: %s.', step, error)
      return
    summaries.pictures(step, images)
    class_pictures.write(self._folder, step, images)

  def _result(self) -> Result:
    """Returns what the training came to, of which there is a checkpoint."""
    saved = self._saved
    if saved is None:
      raise RuntimeError('a training has ended without a checkpoint')
    return Result(
      train_dir=self._config.train_dir,
      checkpoint=saved.prefix,
      step=saved.step,
      top1=saved.top1,
      top5=saved.record['top5'],
      is_finished=saved.step >= self._lengths.num_steps,
    )
