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

"""A real browser, for tests of pages.

It is Debian's Chromium with its driver (packages chromium, chromium-driver).
Without them a test is skipped, but never where CI is set.
"""

import os
import shutil
import unittest

from selenium import webdriver
from selenium.webdriver.chrome import service

# As root and in a container: without sandbox, GPU and large shared memory; and
# without what Chromium fetches by itself, which a log of requests would have.
_FLAGS = (
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
)


def start(
  profile_dir: str, *flags: str, keeps_logs: bool = True
) -> webdriver.Chrome:
  """Starts a browser without a window.

  Args:
    profile_dir: Empty folder for what it keeps.
    *flags: Of its command line, beside those that every test wants.
    keeps_logs: Whether it logs its requests and messages, for which it keeps
      what is answered.

  Raises:
    AssertionError: If there is no browser, in continuous integration.
    unittest.SkipTest: If there is no browser.
  """
  browser_path = _program('chromium')
  driver_path = _program('chromedriver')
  options = webdriver.ChromeOptions()
  options.binary_location = browser_path
  for flag in (*_FLAGS, *flags, f'--user-data-dir={profile_dir}'):
    options.add_argument(flag)
  if keeps_logs:
    logs = {'browser': 'ALL', 'performance': 'ALL'}
    options.set_capability('goog:loggingPrefs', logs)
  return webdriver.Chrome(options=options, service=service.Service(driver_path))


def _program(name: str) -> str:
  """Returns the path of an installed program."""
  path = shutil.which(name)
  if path:
    return path
  message = (
    f'no program {name}; apt-get install chromium chromium-driver (Debian)'
  )
  if os.environ.get('CI'):
    raise AssertionError(message)
  raise unittest.SkipTest(message)
