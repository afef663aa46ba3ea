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

import io
import json
import os
import tracemalloc
from typing import Any, Tuple

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
from PIL import Image

from magenta_viz import saliency
from magenta_viz.attribution import config as saliency_config
from magenta_viz.attribution import methods
from magenta_viz.attribution import questions
from magenta_viz.media import image_files
from magenta_viz.testing import saliency_case
from magenta_viz.testing import testdata


class RunTest(saliency_case.SaliencyCase):
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
    image, box = saliency_case.photo(*size)
    image_files.write_png(self.photo, image)
    found = self.run_it(output_dir=None)
    self.assertEqual(found.mask.shape, size)
    np.testing.assert_allclose(found.box, box, atol=1)
    self.assertEmpty(found.paths)
    self.assertEqual(os.listdir(self.folder), ['my photo.png'])

  def test_memory_of_a_large_photo(self) -> None:
    image, _ = saliency_case.photo(900, 1200)
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
    before = saliency_case.snapshot(self.output_dir)
    self.run_it(**settings, overwrite=True)
    after = saliency_case.snapshot(self.output_dir)
    for name in before:
      if name.endswith('.png'):
        self.assertEqual(before[name][0], after[name][0], name)
        self.assertNotEqual(before[name][1], after[name][1], name)


class ExistingTest(saliency_case.SaliencyCase):
  def setUp(self) -> None:
    super().setUp()
    self.first = self.run_it()
    self.before = saliency_case.snapshot(self.output_dir)

  def test_is_read(self) -> None:
    again = self.run_it()
    self.assertEqual(saliency_case.snapshot(self.output_dir), self.before)
    self.assertEqual(again.box, self.first.box)
    self.assertEqual(again.paths, self.first.paths)
    np.testing.assert_array_equal(again.mask, self.first.mask)
    np.testing.assert_allclose(again.map, self.first.map, atol=0.002)
    np.testing.assert_array_equal(again.image, self.first.image)

  def test_shows_itself_in_a_notebook(self) -> None:
    said = '<Saliency of 7 cock by gradient, 100 x 60>'
    self.assertEqual(repr(self.first), said)
    overlay = self.output_dir / 'my photo_007_cock_gradient_overlay.png'
    with Image.open(io.BytesIO(self.first._repr_png_())) as shown:
      with Image.open(overlay) as written:
        np.testing.assert_array_equal(shown, written)

  @parameterized.parameters('.json', '_map.png', '_box.png')
  def test_what_is_missing_is_made(self, end: str) -> None:
    (self.output_dir / f'my photo_007_cock_gradient{end}').unlink()
    self.run_it()
    after = saliency_case.snapshot(self.output_dir)
    self.assertCountEqual(after, self.before)
    for name, (content, _) in self.before.items():
      if name.endswith('.png'):
        self.assertEqual(after[name][0], content)

  def test_other_settings(self) -> None:
    with self.assertRaisesRegex(
      ValueError, r'of other settings \(smoothness: 50.0 there, 3.0 now\); use'
    ):
      self.run_it(smoothness=3.0)
    self.assertEqual(saliency_case.snapshot(self.output_dir), self.before)
    self.run_it(smoothness=3.0, overwrite=True)

  def test_other_photo_of_the_same_name(self) -> None:
    image_files.write_png(self.photo, saliency_case.photo(70, 90)[0])
    with self.assertRaisesRegex(
      ValueError, r'of other settings \(the photograph has changed\); use'
    ):
      self.run_it()


class BadInputTest(saliency_case.SaliencyCase):
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


class RealPhotoTest(parameterized.TestCase):
  @parameterized.parameters('grad_cam', 'occlusion', 'rise')
  def test_dog_is_the_dog_and_kitten_the_kitten(self, method: str) -> None:
    masks: Any = {'rise_masks': 300} if method == 'rise' else {}
    shares = {}
    for class_id in (207, 281):
      levels = saliency.run(
        saliency_config.SaliencyConfig(
          image=testdata.photo_path('dog_cat.jpg'),
          class_id=class_id,
          method=method,
          model='squeezenet',
          precision='float32',
          **masks,
        )
      ).map
      peaks = levels > 0.8
      shares[class_id] = [
        float(peaks[:, left:right].sum() / peaks.sum())
        for left, right in ((50, 340), (341, 480))
      ]
    # The dog is at the left of the kitten.
    self.assertGreater(shares[207][0], 0.9)
    self.assertGreater(shares[281][1], 0.9)

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
