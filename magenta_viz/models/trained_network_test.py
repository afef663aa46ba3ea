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

"""Tests for trained_network."""

import dataclasses
import json
import os
from pathlib import Path
import subprocess
import sys
from typing import Any, Dict, Mapping, Optional, Tuple
from unittest import mock

from absl import logging
from absl.testing import absltest
from absl.testing import parameterized

from magenta_viz.files import untrusted
from magenta_viz.models import model_spec
from magenta_viz.models import trained_network
from magenta_viz.testing import mutations
from magenta_viz.testing import trained_checkpoints

_INDEX = trained_network.INDEX_ENDING
_DATA = trained_network.DATA_ENDING
_RECORD = trained_network.RECORD_ENDING

_PICTURES = {
  'colour': [0.2, 0.2, 0.2],
  'covariance': [[6.0, 6.0, 6.0]] * 3,
  'slope': -4.0,
}


class _TestCase(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path) / 'train'

  def write(self, step: int, **settings: Any) -> str:
    return trained_checkpoints.write(self.folder, step, **settings)

  def steps(self) -> Tuple[int, ...]:
    """Returns the steps of the checkpoints in the folder."""
    found = trained_network.list_checkpoints(self.folder)
    return tuple(each.step for each in found)

  def found_step(self, checkpoint: str) -> Optional[int]:
    """Returns the step of what is found; None for nothing."""
    trained = trained_network.find(checkpoint)
    return None if trained is None else trained.step

  def assert_refused(self, checkpoint: str, *parts: str) -> None:
    """Fails unless looking for it raises one line with these parts."""
    with self.assertRaises((ValueError, FileNotFoundError)) as caught:
      trained_network.find(checkpoint)
    for part in parts:
      self.assertIn(part, str(caught.exception))
    self.assertNotIn('\n', str(caught.exception))


class TrainedNetworkTest(_TestCase):
  def test_does_without_tensorflow(self) -> None:
    program = (
      'import sys;'
      'from magenta_viz.models import network_choice, network_source;'
      'choices = network_choice.parse([network_choice.AUTO], sys.argv[1:]);'
      'print(network_source.resolve(choices)[0].class_names[0]);'
      "assert 'tensorflow' not in sys.modules"
    )
    done = subprocess.run(
      [sys.executable, '-c', program, self.write(500)],
      env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)},
      capture_output=True,
      text=True,
      check=False,
    )
    self.assertEqual(done.stdout, 'house finch\n', done.stderr)

  def test_fields_and_spec(self) -> None:
    prefix = self.write(500, top1=0.75, class_offset=1, num_outputs=4, note='a')
    (trained,) = trained_network.list_checkpoints(self.folder)
    self.assertEqual(
      trained,
      trained_network.TrainedNetwork(
        prefix=prefix,
        model='squeezenet',
        image_size=64,
        num_outputs=4,
        class_offset=1,
        class_names=trained_checkpoints.CLASS_NAMES,
        step=500,
        top1=0.75,
      ),
    )
    self.assertEqual(trained.record['note'], 'a')
    # What a set or a key of a dictionary needs.
    self.assertEqual(hash(trained), hash(dataclasses.replace(trained)))
    spec = model_spec.find_spec('squeezenet')
    self.assertEqual(
      trained.spec(),
      dataclasses.replace(spec, image_size=64, num_outputs=4, class_offset=1),
    )
    self.assertEqual(trained.spec().num_classes, 3)


class ListTest(_TestCase):
  def test_none(self) -> None:
    self.assertEqual(self.steps(), ())
    self.folder.mkdir()
    self.assertEqual(self.steps(), ())
    self.assertIsNone(trained_network.latest([]))
    self.assertIsNone(trained_network.best([]))

  def test_in_the_order_of_their_steps(self) -> None:
    for step in (1000, 90, 0, 500):
      self.write(step)
    self.assertEqual(self.steps(), (0, 90, 500, 1000))

  @parameterized.parameters(_INDEX, _DATA, _RECORD)
  def test_what_lacks_a_file_is_passed_over(self, lacking: str) -> None:
    self.write(1)
    self.write(2, endings={_INDEX, _DATA, _RECORD} - {lacking})
    with mock.patch.object(logging, 'warning') as warning:
      self.assertEqual(self.steps(), (1,))
    warning.assert_not_called()

  def test_what_is_not_of_a_training_is_passed_over(self) -> None:
    prefix = self.write(1)
    for name in ('model.ckpt-01', 'copy', 'model.ckpt-2.bak', '.tmp'):
      for ending in (_INDEX, _DATA, _RECORD):
        content = Path(prefix + ending).read_bytes()
        (self.folder / f'{name}{ending}').write_bytes(content)
    self.assertEqual(self.steps(), (1,))

  @parameterized.parameters(b'', b'{', b'[]', b'\xff', b'{"step": 2}')
  def test_damaged_records_are_passed_over(self, content: bytes) -> None:
    self.write(1)
    Path(self.write(2) + _RECORD).write_bytes(content)
    with self.assertLogs(level='WARNING') as logs:
      self.assertEqual(self.steps(), (1,))
    self.assertLen(logs.output, 1)
    self.assertIn('model.ckpt-2.json', logs.output[0])

  def test_deleted_meanwhile(self) -> None:
    self.write(1)
    prefix = self.write(2)
    read_bytes = untrusted.read_bytes

    def delete_first(path: Path, *others: Any) -> bytes:
      if str(path) == prefix + _RECORD:
        path.unlink()
      return read_bytes(path, *others)

    with mock.patch.object(untrusted, 'read_bytes', delete_first):
      self.assertEqual(self.steps(), (1,))


class ChoiceTest(_TestCase):
  @parameterized.parameters(
    ({1: None}, 1, 1),
    ({1: None, 2: None}, 2, 2),
    ({1: 0.5, 2: None}, 1, 2),
    ({1: 0.0, 2: None}, 1, 2),
    ({1: 0.5, 2: 0.9, 3: 0.7}, 2, 3),
    # Of equals the later.
    ({1: 0.5, 2: 0.9, 3: 0.9, 4: 0.8}, 3, 4),
    ({9: 1, 10: 0.99}, 9, 10),
  )
  def test_best_and_latest(
    self, top1: Mapping[int, Optional[float]], best: int, latest: int
  ) -> None:
    for step, share in top1.items():
      self.write(step, top1=share)
    found = trained_network.list_checkpoints(self.folder)
    for order in (found, found[::-1]):
      chosen = trained_network.best(order)
      assert chosen is not None
      self.assertEqual(chosen.step, best)
      chosen = trained_network.latest(order)
      assert chosen is not None
      self.assertEqual(chosen.step, latest)
    self.assertEqual(self.found_step(str(self.folder)), best)


class FindTest(_TestCase):
  @parameterized.parameters('model.ckpt-5', 'model.ckpt-5.index')
  def test_one_by_its_path(self, name: str) -> None:
    self.write(5, top1=0.1)
    self.write(50, top1=0.9)
    self.assertEqual(self.found_step(str(self.folder / name)), 5)

  def test_one_of_any_name(self) -> None:
    prefix = self.write(5)
    for ending in (_INDEX, _DATA, _RECORD):
      os.rename(prefix + ending, self.folder / f'my birds{ending}')
    self.assertEqual(self.found_step(str(self.folder / 'my birds')), 5)
    self.assertIsNone(self.found_step(str(self.folder)))

  def test_home_folder(self) -> None:
    self.write(5)
    with mock.patch.dict(os.environ, {'HOME': str(self.folder.parent)}):
      for checkpoint in ('~/train', '~/train/model.ckpt-5'):
        trained = trained_network.find(checkpoint)
        assert trained is not None
        self.assertEqual(trained.prefix, str(self.folder / 'model.ckpt-5'))

  def test_nothing_of_ours(self) -> None:
    prefix = self.write(5, endings=(_INDEX, _DATA))
    Path(self.folder, 'w.npz').touch()
    # Of a picture, say.
    Path(self.folder, 'w.npz.json').write_text('{}')
    Path(self.folder, '281_tabby_0.json').write_text('{}')
    for checkpoint in (
      str(self.folder),
      prefix,
      f'{prefix}.index',
      f'{self.folder}/w.npz',
      f'{self.folder}/281_tabby_0',
      f'{self.folder}/none',
      f'{self.folder}/none/none',
      '~no_such_user/train',
    ):
      self.assertIsNone(self.found_step(checkpoint), checkpoint)

  def test_stopped_before_the_first_was_whole(self) -> None:
    prefix = self.write(5, endings=(_RECORD,))
    self.assertIsNone(self.found_step(prefix))
    self.assertIsNone(self.found_step(str(self.folder)))

  @parameterized.parameters(_INDEX, _DATA)
  def test_only_one_that_lacks_a_file(self, lacking: str) -> None:
    prefix = self.write(5, endings={_INDEX, _DATA, _RECORD} - {lacking})
    for checkpoint in (prefix, str(self.folder)):
      self.assert_refused(
        checkpoint,
        f"'{prefix}' is not whole",
        f"no file 'model.ckpt-5{lacking}",
      )
    self.write(4)
    self.assertEqual(self.found_step(str(self.folder)), 4)

  def test_damaged_record(self) -> None:
    prefix = self.write(5)
    Path(prefix + _RECORD).write_text('{"model": ')
    for checkpoint in (prefix, f'{prefix}.index', str(self.folder)):
      self.assert_refused(
        checkpoint, f"the record '{prefix}.json' cannot be used (", 'line 1'
      )
    self.write(4)
    with self.assertLogs(level='WARNING'):
      self.assertEqual(self.found_step(str(self.folder)), 4)

  @parameterized.parameters(
    ({'model': 'vgg'}, "unknown network 'vgg'; take one of inception_v1"),
    ({'model': None}, 'its model is not the name of a network'),
    ({'image_size': 0}, 'its image_size is not a number of pixels'),
    ({'image_size': '64'}, 'its image_size is not '),
    ({'image_size': True}, 'its image_size is not '),
    ({'num_outputs': 3.0}, 'its num_outputs is not '),
    ({'num_outputs': 4}, 'it has 3 class_names for 4 classes'),
    ({'class_offset': 1}, 'it has 3 class_names for 2 classes'),
    ({'class_offset': -1}, 'its class_offset is not '),
    ({'class_names': 'abc'}, 'its class_names is not a list of names'),
    ({'class_names': ['a', '', 'c']}, 'its class_names is not '),
    ({'class_names': ['a', 'b', 3]}, 'its class_names is not '),
    ({'step': None}, 'its step is not a number of steps'),
    ({'step': 4}, 'it is of step 4'),
    ({'top1': 'high'}, 'its top1 is not a share from 0 to 1'),
    ({'top1': 97.3}, 'its top1 is not '),
    ({'top1': float('nan')}, 'top1: NaN is no JSON number'),
    ({'image_size': 10**9}, 'its image_size is not a number of pixels, 1024 '),
    ({'num_outputs': 10**6}, 'its num_outputs is not a number of outputs, 100'),
    ({'class_offset': 10**18}, 'its class_offset is not '),
    ({'step': 10**10}, 'its step is not a number of steps, 1000000000 at most'),
    (
      {'step': 10**400},
      'step: 1000000000000000000000000000000000000000 is too ',
    ),
    ({'class_names': ['a', 'b', 'c\n']}, 'its class_names is not a list of na'),
    ({'class_names': ['a', 'b', '\x1b[2J']}, 'its class_names is not '),
    ({'class_names': ['a', 'b', 'c' * 1001]}, 'its class_names is not '),
    ({'model': 'squeezenet\n'}, 'its model is not '),
    ({'pictures': 'grey'}, 'its pictures is not what was measured of pictures'),
    ({'pictures': {**_PICTURES, 'slope': 1e9}}, 'its pictures is not '),
    ({'pictures': {**_PICTURES, 'colour': [0, 0, 2]}}, 'its pictures is not '),
    ({'pictures': {'slope': -3.0}}, 'its pictures is not '),
  )
  def test_records_without_sense(
    self, others: Dict[str, Any], reason: str
  ) -> None:
    prefix = self.write(5)
    record = json.dumps({**trained_checkpoints.record(5), **others})
    Path(prefix + _RECORD).write_text(record)
    self.assert_refused(prefix, f"'{prefix}.json' cannot be used ({reason}")

  @parameterized.parameters(*trained_checkpoints.record(5))
  def test_lacking(self, name: str) -> None:
    prefix = self.write(5)
    record = trained_checkpoints.record(5)
    del record[name]
    Path(prefix + _RECORD).write_text(json.dumps(record))
    self.assert_refused(prefix, f'it lacks {name}, ')

  def test_is_drawn_as_suits_its_pictures(self) -> None:
    released = model_spec.find_spec(trained_checkpoints.MODEL).recipe
    trained = trained_network.find(self.write(5, pictures=_PICTURES))
    assert trained is not None and trained.pictures is not None
    recipe = trained.spec().recipe
    self.assertEqual(recipe, {**released, **trained.pictures.recipe()})
    self.assertEqual(recipe['decay_power'], 2.6)
    self.assertEqual(recipe['noise'], released['noise'])
    for others in ({}, {'pictures': None}):
      trained = trained_network.find(self.write(6, **others))
      assert trained is not None
      self.assertIsNone(trained.pictures)
      self.assertEqual(trained.spec().recipe, released)

  def test_damaged_copies(self) -> None:
    path = Path(self.write(5, pictures=_PICTURES) + _RECORD)
    for copy in mutations.all_mutated(path.read_bytes(), 2000):
      path.write_bytes(copy)
      try:
        trained = trained_network.find(str(self.folder))
        assert trained is not None
        trained_network.check_resumable(trained)
      except ValueError as error:
        self.assertStartsWith(str(error), f"the record '{path}' cannot be used")
        self.assertNotIn('\n', str(error))


if __name__ == '__main__':
  absltest.main()
