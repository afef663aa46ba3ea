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

"""Tests for the flags of networks."""

from absl import app
from absl.testing import absltest
from absl.testing import flagsaver

from magenta_viz import common_flags


class NetworkFlagsTest(absltest.TestCase):
  def test_networks(self) -> None:
    with flagsaver.flagsaver():
      for _ in range(2):
        common_flags.define_networks()
      common_flags.flags.FLAGS(['program', '--checkpoint=a.npz'])
      self.assertEqual(
        common_flags.networks(),
        {'models': ('auto',), 'checkpoints': ('a.npz',), 'precision': 'auto'},
      )
      self.assertEqual(
        common_flags.one_network(),
        {'model': 'auto', 'checkpoint': 'a.npz', 'precision': 'auto'},
      )

  def test_several_networks(self) -> None:
    with flagsaver.flagsaver():
      common_flags.define_networks()
      common_flags.flags.FLAGS(
        [
          'program',
          '--model=googlenet,squeezenet:0.5',
          '--checkpoint=squeezenet=a',
          '--checkpoint=googlenet=b',
        ]
      )
      self.assertEqual(
        common_flags.network_choices(),
        (('googlenet', 1.0, 'b'), ('squeezenet', 0.5, 'a')),
      )
      with self.assertRaisesRegex(
        ValueError,
        '^model is googlenet,squeezenet, but this is for one network; ',
      ):
        common_flags.one_network()

  def test_checkpoint_that_is_an_address(self) -> None:
    with flagsaver.flagsaver():
      common_flags.define_networks()
      common_flags.flags.FLAGS(['program', '--checkpoint=gs://bucket/a'])
      with self.assertRaisesRegex(
        ValueError, "^checkpoint is 'gs://bucket/a', an address; "
      ):
        common_flags.network_choices()

  def test_wrong_networks(self) -> None:
    with flagsaver.flagsaver():
      common_flags.define_networks()
      common_flags.flags.FLAGS(['program', '--model=squeezenet,vgg'])
      with self.assertRaisesRegex(app.UsageError, "^unknown network 'vgg'; "):
        common_flags.networks()


if __name__ == '__main__':
  absltest.main()
