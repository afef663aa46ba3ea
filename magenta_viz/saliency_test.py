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

"""Tests for saliency: whole runs, with a tiny network or real weights."""

import dataclasses
import json
import os
from pathlib import Path
import tracemalloc
from typing import Any, Dict, List, Set, Tuple
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image
import tensorflow as tf

from magenta_viz import saliency
from magenta_viz.attribution import config as saliency_config
from magenta_viz.attribution import methods
from magenta_viz.attribution import questions
from magenta_viz.attribution import segmentation
from magenta_viz.media import image_files
from magenta_viz.models import model_spec
from magenta_viz.models import network_loading
from magenta_viz.models import network_protocol
from magenta_viz.models import sharing
from magenta_viz.models import slim_network
from magenta_viz.testing import testdata

_EMBEDDED = model_spec.AUTO_MODELS[-1]
_SIDE = 28


class _TinyNetwork(slim_network.SlimNetwork):
  """Tells how red a picture is, as class 7, and no other class."""

  spec = dataclasses.replace(model_spec.find_spec(_EMBEDDED), image_size=_SIDE)
  dtype = tf.float32

  def __init__(self) -> None:
    self.shared = sharing.Shared(1)
    self.num_traces = 0

  def __call__(self, images: tf.Tensor) -> network_protocol.Outputs:
    self.num_traces += not tf.executing_eagerly()
    redness = tf.nn.relu(images[..., :1] - images[..., 1:2] - 0.1)
    score = 1000 * tf.reduce_mean(redness**2, [1, 2])
    return network_protocol.Outputs(
      score * tf.one_hot([7], 1000), {'redness': redness, 'score': score}
    )


def _photo(height: int, width: int) -> Tuple[np.ndarray, segmentation.Box]:
  """Returns a picture of a red rectangle on green, and where it is."""
  box = segmentation.Box(
    height // 4, width // 5, height // 4 * 3, width // 5 * 2
  )
  image = np.empty([height, width, 3], np.float32)
  image[:] = 0.2, 0.5, 0.2
  # Redder towards the bottom, and never the same twice.
  image[box.top : box.bottom, box.left : box.right, 0] = np.linspace(
    0.7, 0.9, box.bottom - box.top
  )[:, None]
  noise = np.random.default_rng(0).random(image.shape, np.float32)
  return image + 0.05 * noise, box


def _snapshot(folder: Path) -> Dict[str, Tuple[bytes, int]]:
  """Returns content and time of change of each file, by name."""
  return {
    path.name: (path.read_bytes(), path.stat().st_mtime_ns)
    for path in folder.iterdir()
    if path.is_file()
  }


class _TestCase(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)
    self.output_dir = self.folder / 'pictures'
    self.photo = self.folder / 'my photo.png'
    image, self.box = _photo(60, 100)
    image_files.write_png(self.photo, image)
    self.network = _TinyNetwork()
    self.enter_context(
      mock.patch.object(network_loading, 'load', return_value=self.network)
    )

  def run_it(self, **settings: Any) -> saliency.Saliency:
    """Explains the photograph."""
    defaults = {
      'image': str(self.photo),
      'output_dir': str(self.output_dir),
      'model': _EMBEDDED,
      'precision': 'float32',
      'foreground_quantile': 0.92,
    }
    return saliency.run(
      saliency_config.SaliencyConfig(**{**defaults, **settings})
    )


class RunTest(_TestCase):
  def test_runs_of_like_methods_share_a_trace(self) -> None:
    for method in ('gradient', 'smoothgrad', 'integrated_gradients'):
      self.run_it(method=method)
    self.assertEqual(self.network.num_traces, 1)
    self.run_it(method='deconvnet')
    self.assertEqual(self.network.num_traces, 2)

  @parameterized.parameters(*methods.METHODS)
  def test_finds_the_object(self, method: str) -> None:
    samples = {'smoothgrad_samples': 3} if method == 'smoothgrad' else {}
    found = self.run_it(method=method, **samples)
    self.assertEqual((found.record['class_id'], found.record['rank']), (7, 1))
    asked = questions.QUESTIONS[methods.METHODS[method].asks]
    # A pixel of the whole, 28 pixels wide, is 100 / 28 of the photograph's.
    atol = 5 if asked.is_of_whole else 1
    np.testing.assert_allclose(found.box, self.box, atol=atol)
    self.assertEqual((found.map.shape, found.mask.shape), ((60, 100),) * 2)
    self.assertBetween(float(found.map.min()), 0, 0.1)
    self.assertGreater(float(found.map.max()), 0.9)
    stem = f'my photo_007_cock_{method}'
    ends = ('map', 'overlay', 'mask', 'box')
    self.assertCountEqual(
      os.listdir(self.output_dir),
      [f'{stem}.json', *(f'{stem}_{end}.png' for end in ends)],
    )
    for path in found.paths.values():
      self.assertEqual(image_files.read_image(path).shape, (60, 100, 3))

  @parameterized.parameters(((100, 60),), ((40, 400),), ((64, 64),))
  def test_shapes(self, size: Tuple[int, int]) -> None:
    image, box = _photo(*size)
    image_files.write_png(self.photo, image)
    found = self.run_it(output_dir=None)
    self.assertEqual(found.mask.shape, size)
    np.testing.assert_allclose(found.box, box, atol=1)
    self.assertEmpty(found.paths)
    self.assertEqual(os.listdir(self.folder), ['my photo.png'])

  def test_memory_of_a_large_photo(self) -> None:
    image, _ = _photo(900, 1200)
    image_files.write_png(self.photo, image)
    tracemalloc.start()
    self.addCleanup(tracemalloc.stop)
    self.run_it()
    _, peak = tracemalloc.get_traced_memory()
    # Of 4000 x 3000 pixels, 1.1 GB; TensorFlow's own memory is not counted.
    self.assertLess(peak / image[..., 0].size, 90)

  @parameterized.parameters((None,), (3,), ({'top': 1},), ({'top': 'x'},))
  def test_record_without_a_box(self, box: Any) -> None:
    self.run_it()
    (path,) = self.output_dir.glob('*.json')
    path.write_text(json.dumps({**json.loads(path.read_text()), 'box': box}))
    with self.assertRaises(ValueError) as caught:
      self.run_it()
    self.assertStartsWith(
      str(caught.exception), f"record '{path}' is damaged ("
    )

  def test_record(self) -> None:
    record = self.run_it(method='smoothgrad', smoothgrad_samples=2).record
    self.assertEqual(record['class_name'], 'cock')
    self.assertEqual(record['first_choice'], 'cock')
    self.assertLen(record['settings']['image_sha256'], 64)
    self.assertEqual(record['settings']['smoothgrad_samples'], 2)
    self.assertNotIn('integration_steps', record['settings'])
    self.assertContainsSubset(
      ('probability', 'seconds', 'peak_memory_bytes', 'versions'), record
    )
    self.assertEqual(
      record['command'],
      f"image_visualization_saliency '--image={self.photo}'"
      f' --output_dir={self.output_dir} --class_id=7 --method=smoothgrad'
      ' --model=squeezenet --precision=float32 --smoothgrad_samples=2'
      ' --foreground_quantile=0.92',
    )

  def test_same_bytes_every_time(self) -> None:
    settings = {'method': 'smoothgrad', 'smoothgrad_samples': 2}
    self.run_it(**settings)
    before = _snapshot(self.output_dir)
    self.run_it(**settings, overwrite=True)
    after = _snapshot(self.output_dir)
    for name in before:
      if name.endswith('.png'):
        self.assertEqual(before[name][0], after[name][0], name)
        self.assertNotEqual(before[name][1], after[name][1], name)


class ExistingTest(_TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.first = self.run_it()
    self.before = _snapshot(self.output_dir)

  def test_is_read(self) -> None:
    again = self.run_it()
    self.assertEqual(_snapshot(self.output_dir), self.before)
    self.assertEqual(again.box, self.first.box)
    self.assertEqual(again.paths, self.first.paths)
    np.testing.assert_array_equal(again.mask, self.first.mask)
    np.testing.assert_allclose(again.map, self.first.map, atol=0.002)

  @parameterized.parameters('.json', '_map.png', '_box.png')
  def test_what_is_missing_is_made(self, end: str) -> None:
    (self.output_dir / f'my photo_007_cock_gradient{end}').unlink()
    self.run_it()
    after = _snapshot(self.output_dir)
    self.assertCountEqual(after, self.before)
    for name, (content, _) in self.before.items():
      if name.endswith('.png'):
        self.assertEqual(after[name][0], content)

  def test_other_settings(self) -> None:
    with self.assertRaisesRegex(
      ValueError, r'of other settings \(smoothness: 50.0 there, 3.0 now\); use'
    ):
      self.run_it(smoothness=3.0)
    self.assertEqual(_snapshot(self.output_dir), self.before)
    self.run_it(smoothness=3.0, overwrite=True)

  def test_other_photo_of_the_same_name(self) -> None:
    image_files.write_png(self.photo, _photo(70, 90)[0])
    with self.assertRaisesRegex(
      ValueError, r'of other settings \(image_sha256'
    ):
      self.run_it()


class ScoresTest(_TestCase):
  def test_are_added_to_what_is_there(self) -> None:
    plain = self.run_it()
    self.assertNotIn('insertion', plain.record)
    before = _snapshot(self.output_dir)
    scored = self.run_it(scores=True).record
    self.assertBetween(scored['deletion'], 0, 1)
    self.assertBetween(scored['insertion'], 0, 1)
    self.assertEqual(scored['settings'], plain.record['settings'])
    self.assertIn(' --scores', scored['command'])
    after = _snapshot(self.output_dir)
    for name, (content, _) in before.items():
      if name.endswith('.png'):
        self.assertEqual(content, after[name][0])
    # Now they are there, asked for or not.
    for settings in ({'scores': True}, {}):
      again = self.run_it(**settings).record
      self.assertEqual(again['insertion'], scored['insertion'])
      self.assertEqual(_snapshot(self.output_dir), after)
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


class SeveralTest(_TestCase):
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
      Image.fromarray(image_files.to_uint8(_photo(*size)[0])).save(
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
      'model': _EMBEDDED,
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
      model=_EMBEDDED,
      precision='float32',
      foreground_quantile=0.92,
    )
    begun = saliency.explain(config)
    first = [next(begun), next(begun)]
    begun.close()  # type: ignore[attr-defined]
    self.assertFalse((self.output_dir / 'saliency.html').exists())
    before = _snapshot(self.output_dir)
    again = self.explain()
    self.assertLen(again, 4)
    after = _snapshot(self.output_dir)
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


class BadInputTest(_TestCase):
  @parameterized.parameters(
    (
      {'image': 'none.jpg'},
      "^cannot read the picture 'none.jpg'",
      FileNotFoundError,
    ),
    ({'class_id': 1000}, '^class_id 1000 is unknown; take 0 to 999'),
    ({}, "^cannot read '.*my photo.png' as a picture"),
    ({}, 'is 31 x 100 pixels; both sides must have at least 32', 31, 100),
    ({}, 'is 32 x 321 pixels; one side may be at most 10 times', 32, 321),
  )
  def test_leaves_no_trace(
    self, settings: Any, message: str, *size: Any
  ) -> None:
    if not settings:
      self.photo.write_bytes(b'text')
    error = ValueError
    if len(size) == 2:
      image_files.write_png(self.photo, np.ones([*size, 3], np.float32))
    elif size:
      (error,) = size
    with self.assertRaisesRegex(error, message) as caught:
      self.run_it(**settings)
    self.assertNotIn('\n', str(caught.exception))
    self.assertFalse(self.output_dir.exists())

  def test_folder(self) -> None:
    with self.assertRaisesRegex(OSError, 'is no folder'):
      self.run_it(output_dir=str(self.photo))

  def test_class_that_nothing_changes(self) -> None:
    with self.assertRaisesRegex(
      ValueError, "^nothing in '.*my photo.png' changes the score of class 3 in"
    ):
      self.run_it(class_id=3)
    self.assertEmpty(os.listdir(self.output_dir))


class RealPhotoTest(absltest.TestCase):
  def test_dog(self) -> None:
    found = saliency.run(
      saliency_config.SaliencyConfig(
        image=testdata.photo_path('dog_cat.jpg'),
        checkpoint=testdata.googlenet_weights_path(),
        precision='float32',
      )
    )
    self.assertEqual(found.record['class_name'], 'golden retriever')
    self.assertGreater(found.record['probability'], 0.5)
    self.assertEqual(found.mask.shape, (367, 550))
    # By eye, from the head's top, the tail, and the paws, without the cat.
    np.testing.assert_allclose(found.box, (55, 50, 325, 340), atol=15)
    # Muzzle and flank, and the kitten's face.
    self.assertTrue(found.mask[140, 300] and found.mask[220, 180])
    self.assertFalse(found.mask[190, 400])


if __name__ == '__main__':
  absltest.main()
