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

"""Tests for saliency over folders, by several methods, and with scores."""

from pathlib import Path
from typing import Any, List, Set, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image

from magenta_viz import saliency
from magenta_viz.attribution import config as saliency_config
from magenta_viz.media import image_files
from magenta_viz.models import network_protocol
from magenta_viz.testing import saliency_case


class ScoresTest(saliency_case.SaliencyCase):
  def test_are_added_to_what_is_there(self) -> None:
    plain = self.run_it()
    self.assertNotIn('insertion', plain.record)
    before = saliency_case.snapshot(self.output_dir)
    scored = self.run_it(scores=True).record
    self.assertBetween(scored['deletion'], 0, 1)
    self.assertBetween(scored['insertion'], 0, 1)
    self.assertEqual(scored['settings'], plain.record['settings'])
    self.assertIn(' --scores', scored['command'])
    after = saliency_case.snapshot(self.output_dir)
    for name, (content, _) in before.items():
      if name.endswith('.png'):
        self.assertEqual(content, after[name][0])
    # Now they are there, asked for or not.
    for settings in ({'scores': True}, {}):
      again = self.run_it(**settings).record
      self.assertEqual(again['insertion'], scored['insertion'])
      self.assertEqual(saliency_case.snapshot(self.output_dir), after)
    other = self.run_it(scores=True, deletion_value=0.9).record
    self.assertEqual(other['deletion_value'], 0.9)
    self.assertEqual(other['insertion'], scored['insertion'])

  def test_the_object_counts(self) -> None:
    found = self.run_it(scores=True, method='occlusion', output_dir=None)
    # The class's probability is its least at no redness, 1 in 1,000; of the
    # photograph, a tenth is red.
    top = found.record['probability']
    self.assertGreater(top, 0.005)
    self.assertLess(found.record['deletion'], 0.001 + 0.2 * (top - 0.001))
    self.assertGreater(found.record['insertion'], 0.001 + 0.8 * (top - 0.001))


class SeveralTest(saliency_case.SaliencyCase):
  def setUp(self) -> None:
    super().setUp()
    self.photos = self.folder / 'photos'
    (self.photos / 'inner').mkdir(parents=True)
    for name, size in (
      ('b.png', (60, 100)),
      ('a10.png', (100, 60)),
      ('a9.png', (64, 64)),
      ('inner/b.jpg', (50, 70)),
    ):
      Image.fromarray(image_files.to_uint8(saliency_case.photo(*size)[0])).save(
        self.photos / name, quality=95
      )
    self.stems = ['a9', 'a10', 'b', 'inner/b']

  def explain(
    self, on_damaged: Any = None, **settings: Any
  ) -> List[saliency.Saliency]:
    """Explains the folder."""
    defaults = {
      'image': str(self.photos),
      'output_dir': str(self.output_dir),
      'model': saliency_case.EMBEDDED,
      'precision': 'float32',
      'foreground_quantile': 0.92,
    }
    config = saliency_config.SaliencyConfig(**{**defaults, **settings})
    return list(saliency.explain(config, on_damaged=on_damaged))

  def _written(self) -> Set[str]:
    return {
      path.relative_to(self.output_dir).as_posix()
      for path in self.output_dir.rglob('*')
      if path.is_file()
    }

  def test_each_photograph_by_each_method(self) -> None:
    found = self.explain(method='gradient,grad_cam')
    told = [
      (Path(each.record['image']).name, each.record['settings']['method'])
      for each in found
    ]
    names = ('a9.png', 'a10.png', 'b.png', 'b.jpg')
    self.assertEqual(
      told, [(name, m) for name in names for m in ('gradient', 'grad_cam')]
    )
    # A trace of each, for all photographs.
    self.assertEqual(self.network.num_traces, 2)
    ends = ('.json', '_map.png', '_overlay.png', '_mask.png', '_box.png')
    self.assertEqual(
      self._written(),
      {'saliency.html'}.union(
        f'{stem}_007_cock_{method}{end}'
        for stem in self.stems
        for method in ('gradient', 'grad_cam')
        for end in ends
      ),
    )
    html = (self.output_dir / 'saliency.html').read_text(encoding='utf-8')
    self.assertEqual(html.count('src="data:image/jpeg'), 4 * (1 + 2 * 2))

  def test_is_what_one_by_one_makes(self) -> None:
    self.explain(method='gradient,grad_cam', scores=True)
    record = self.explain(method='gradient,grad_cam', scores=True)[-1].record
    self.assertNotIn('gradient,', record['command'])
    single = self.run_it(
      image=str(self.photos / 'inner/b.jpg'),
      method='grad_cam',
      scores=True,
      output_dir=str(self.folder / 'single'),
    )
    for path in single.paths.values():
      other = self.output_dir / 'inner' / path.name
      self.assertEqual(path.read_bytes(), other.read_bytes(), path.name)
    for name in ('settings', 'deletion', 'insertion', 'probability', 'box'):
      self.assertEqual(single.record[name], record[name], name)
    self.assertEqual(single.record['settings']['layer'], 'redness')

  def test_goes_on_where_it_was(self) -> None:
    config = saliency_config.SaliencyConfig(
      image=str(self.photos),
      output_dir=str(self.output_dir),
      model=saliency_case.EMBEDDED,
      precision='float32',
      foreground_quantile=0.92,
    )
    begun = saliency.explain(config)
    first = [next(begun), next(begun)]
    begun.close()  # type: ignore[attr-defined]
    self.assertFalse((self.output_dir / 'saliency.html').exists())
    before = saliency_case.snapshot(self.output_dir)
    again = self.explain()
    self.assertLen(again, 4)
    after = saliency_case.snapshot(self.output_dir)
    self.assertEqual({name: after[name] for name in before}, before)
    self.assertEqual(
      [each.record for each in again[:2]],
      [
        {**each.record, 'image_size': list(each.record['image_size'])}
        for each in first
      ],
    )
    self.assertIn('saliency.html', after)

  def test_damaged_are_passed_over_or_raised(self) -> None:
    (self.photos / 'a9.png').write_bytes(b'text')
    image_files.write_png(self.photos / 'b.png', np.zeros([60, 60, 3], 'f4'))
    image_files.write_png(self.photos / 'c.png', np.ones([60, 20, 3], 'f4'))
    told: List[Tuple[str, str]] = []
    found = self.explain(
      lambda path, error: told.append((Path(path).name, str(error))),
      method='gradient,grad_cam',
    )
    self.assertLen(found, 2 * 2)
    self.assertEqual(
      [name for name, _ in told], ['a9.png', 'b.png', 'b.png', 'c.png']
    )
    self.assertIn('as a picture', told[0][1])
    self.assertStartsWith(told[1][1], "nothing in '")
    self.assertIn('must have at least 32', told[3][1])
    html = (self.output_dir / 'saliency.html').read_text(encoding='utf-8')
    self.assertEqual(html.count('<li><bdi'), 4)
    with self.assertRaisesRegex(ValueError, 'a9.png. as a picture'):
      self.explain()

  def test_own_maps_are_no_photographs(self) -> None:
    inside = str(self.photos / 'maps')
    for _ in range(2):
      self.assertLen(self.explain(output_dir=inside), 4)
    with self.assertRaisesRegex(ValueError, "^output_dir is '.*', the folder"):
      self.explain(output_dir=str(self.photos))

  def test_other_settings_stop_it(self) -> None:
    self.explain()
    with self.assertRaisesRegex(ValueError, 'of other settings'):
      self.explain(lambda *unused: self.fail('told'), smoothness=3.0)

  def test_network_without_classes(self) -> None:
    outputs = network_protocol.Outputs(np.zeros([1, 0], np.float32), {})
    with mock.patch.object(
      saliency_case.TinyNetwork, '__call__', return_value=outputs
    ):
      with self.assertRaisesRegex(
        ValueError, '^the network has no classes, of'
      ):
        self.explain(lambda *unused: self.fail('told'))
    self.assertFalse(self.output_dir.exists())

  def test_run_is_for_one(self) -> None:
    for settings in (
      {'image': str(self.photos)},
      {'method': 'gradient,grad_cam'},
    ):
      with self.assertRaisesRegex(ValueError, 'are several; give one photogr'):
        self.run_it(**settings)

  def test_one_photograph_by_several_methods(self) -> None:
    self.explain(image=str(self.photo), method='grad_cam,rise', rise_masks=50)
    self.assertIn('saliency.html', self._written())
    self.assertIn('my photo_007_cock_rise_box.png', self._written())

  def test_without_files(self) -> None:
    self.assertLen(self.explain(output_dir=None), 4)
    self.assertFalse(self.output_dir.exists())

  @parameterized.parameters(
    ('rednes', "^unknown layer 'rednes'; take one such as redness "),
    ('score', r"^layer 'score' has no map of places: its shape is \(1,\)"),
  )
  def test_layer_that_is_none_leaves_no_trace(
    self, layer: str, message: str
  ) -> None:
    with self.assertRaisesRegex(ValueError, message):
      self.explain(
        lambda *unused: self.fail('told'), method='grad_cam', layer=layer
      )
    self.assertFalse(self.output_dir.exists())


if __name__ == '__main__':
  absltest.main()
