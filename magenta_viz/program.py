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

"""How a program runs: from its flags to its exit status."""

import logging as python_logging
import os
import signal
import sys
from typing import Callable, List, NoReturn, Sequence

from absl import app
from absl import logging

from magenta_viz import common_flags
from magenta_viz import deprecation
from magenta_viz.files import copies
from magenta_viz.process import interrupts
from magenta_viz.process import terminal

_ERRORS = (
  ValueError,
  OSError,
  ImportError,
  FloatingPointError,
  MemoryError,
)


def run(main: Callable[[Sequence[str]], None], module: str) -> None:
  """Runs a program, and exits.

  The exit status is 0, 1 after an error, 2 for flags that do not parse, 130
  after Ctrl-C, 143 after SIGTERM, or what `main` leaves with. An error is one
  line on the standard error. If the reader of the standard output has enough,
  as in `--list_classes | head`, the work goes on to its end.

  Args:
    main: Takes the arguments that are no flags.
    module: Name of the program's module, whose flags `--help` shows.
  """

  def parse(argv: Sequence[str]) -> List[str]:
    common_flags.show_help(argv, module)
    try:
      return common_flags.parse(argv)
    except common_flags.Error as error:
      leave(deprecation.of_flag(sys.argv[0], error), 2)

  def guarded(argv: Sequence[str]) -> None:
    logging.get_absl_handler().setFormatter(terminal.LineFormatter())
    # Which tells where it found credentials.
    python_logging.getLogger('aiobotocore').setLevel(python_logging.WARNING)
    try:
      with interrupts.heeded():
        main(argv)
      stdout.check()
    except app.UsageError as error:
      leave(error, 2)
    except _ERRORS as error:
      leave(error, 1)
    except KeyboardInterrupt as error:
      _leave_interrupted(error)

  with terminal.lasting_streams() as stdout:
    app.run(guarded, flags_parser=parse)


def leave_at_once(interrupt: KeyboardInterrupt) -> NoReturn:
  """Ends a program that is interrupted, and does not wait for its threads.

  Python would, for those that compute in TensorFlow: seconds, or for ever.
  """
  try:
    _leave_interrupted(interrupt)
  except SystemExit as ended:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(int(ended.code or 0))


def _leave_interrupted(interrupt: KeyboardInterrupt) -> NoReturn:
  """Ends as a shell tells of a program that the signal ended."""
  number = interrupt.args[0] if interrupt.args else signal.SIGINT
  leave('stopped; what is finished stays', 128 + number)


def leave(message: object, status: int) -> NoReturn:
  """Ends the program with one line on the standard error."""
  program = os.path.basename(sys.argv[0])
  text = copies.as_given(' '.join(str(message).split()))
  line = terminal.harmless(f'{program}: {text}')
  print(line, file=sys.stderr)
  sys.exit(status)
