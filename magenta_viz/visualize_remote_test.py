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

"""Tests for drawings, maps and reports in folders at addresses."""

from pathlib import Path
from typing import Any, Dict
from unittest import mock

from absl.testing import absltest
import numpy as np
from PIL import Image

from magenta_viz import evaluate
from magenta_viz import saliency
from magenta_viz.files import digests
from magenta_viz.files import places
from magenta_viz.media import atomic_files
from magenta_viz.media import image_files
from magenta_viz.media import records
from magenta_viz.media import summaries
from magenta_viz.testing import drawings
from magenta_viz.testing import object_store
from magenta_viz.testing import saliency_case

_ENDINGS = ('.png', '.gif')


def _contents(folder: str) -> Dict[str, bytes]:
  """Returns the pictures and films in a folder, by their names."""
  return {
    path.name: path.read_bytes()
    for path in places.place(folder).iterdir()
    if path.suffix in _ENDINGS
  }


class _Case(drawings.TestCase):
  def compare(self, address: str, **settings: Any) -> None:
    """Draws here and there, twice, and compares."""
    self.use_network(drawings.thousand_classes())
    self.draw(animate='gif', class_ids=(1, 2), **settings)
    expected = _contents(str(self.folder))
    self.assertLen(expected, 5)
    log_dir = f'{address}/log'
    there = {
      'output_dir': f'{address}/out',
      'animate': 'gif',
      'class_ids': (1, 2),
      'log_dir': log_dir,
      **settings,
    }
    first, _ = self.draw(**there)
    self.assertEqual(_contents(f'{address}/out'), expected)
    self.assertStartsWith(str(first.path), f'{address}/out/001_')
    record = records.read_record(str(first.path).replace('.png', '.json'))
    self.assertIn(f' --output_dir={address}/out ', record['command'])
    (events,) = places.place(log_dir).iterdir()
    self.assertIn(b'goldfish', events.read_bytes())
    with drawings.watched() as drawn, mock.patch.object(
      image_files, 'write_png'
    ):
      self.assertLen(self.draw(**there), 2)
    self.assertEmpty(drawn)
    with self.assertRaisesRegex(ValueError, 'is of other settings'):
      self.draw(**{**there, 'seed': 0, 'overrides': {'num_steps': 1}})
    # A picture that changed is told, and one that is lost is made again.
    assert first.path is not None
    first.path.unlink()
    self.draw(**there)
    self.assertEqual(_contents(f'{address}/out'), expected)
    first.path.write_bytes(expected['sheet.png'])
    with self.assertRaisesRegex(ValueError, 'is not the picture that'):
      self.draw(**there)
    self.assertFalse(Path(address[: address.index('/')]).exists())


class MemoryTest(object_store.MemoryCase, _Case):
  def test_same_bytes(self) -> None:
    self.compare('memory://drawn/a')

  def test_objectives_of_files(self) -> None:
    self.use_network(drawings.thousand_classes())
    levels = np.random.RandomState(0).randint(0, 255, (80, 90, 3), np.uint8)
    self.save('a.png', levels)
    np.save(self.root / 'd.npy', np.ones(3, np.float32))
    object_store.upload(self.root, 'memory://files')
    told = []
    for root in (str(self.root), 'memory://files'):
      text = f'guide:{root}/a.png@mixed + direction:mixed:{root}/d.npy'
      (picture,) = self.draw(objective=text, output_dir=None)
      self.assertEqual(picture.record['objective'], text)
      told.append(str(picture.record['settings']).replace(root, ''))
    for name in ('a.png', 'd.npy'):
      sha256 = digests.file_sha256(self.root / name)
      self.assertIn(sha256, told[0])
      self.assertIn(sha256, told[1])

  def test_a_put_that_fails(self) -> None:
    self.use_network(drawings.thousand_classes())
    write = places.Remote.write_bytes

    def failing(path: places.Remote, data: bytes) -> None:
      if path.suffix == '.png':
        raise OSError('the line is cut')
      write(path, data)

    settings: Any = {'output_dir': 'memory://drawn', 'class_ids': (1,)}
    with mock.patch.object(places.Remote, 'write_bytes', failing):
      with self.assertRaisesRegex(
        OSError, "^cannot write 'memory://drawn/001_.*png': the line is cut; "
      ):
        self.draw(**settings)
    self.assertEmpty(list(places.place('memory://drawn').glob('*')))
    self.draw(**settings)
    self.assertLen(list(places.place('memory://drawn').glob('*')), 2)


class StoreTest(object_store.ObjectStoreCase, _Case):
  def test_same_bytes(self) -> None:
    self.compare(self.bucket)

  def test_photographs_and_films(self) -> None:
    self.use_network(drawings.thousand_classes())
    levels = np.random.RandomState(0).randint(0, 255, (3, 80, 90, 3), np.uint8)
    photo = self.save('a/photo.png', levels[0])
    folder = self.root / 'frames'
    folder.mkdir()
    for index, each in enumerate(levels[:2]):
      self.save(f'frames/{index}.png', each)
    film = self.root / 'a' / 'film.gif'
    first, *others = map(Image.fromarray, levels)
    first.save(film, save_all=True, append_images=others)
    object_store.upload(self.root, self.bucket)
    for path, count in ((photo, 1), (folder, 2), (film, 3)):
      here = self.draw(class_ids=(1,), image=str(path))
      address = f'{self.bucket}/{path.relative_to(self.root)}'
      there = self.draw(class_ids=(1,), image=address, output_dir=None)
      self.assertLen(there, count)
      for one, other in zip(here, there):
        self.assertTrue(np.allclose(one.image, other.image, atol=1 / 255))
        self.assertEqual(other.record['image'], address)
        key = 'image_sha256'
        self.assertEqual(
          one.record['settings'][key], other.record['settings'][key]
        )

  def test_no_bucket(self) -> None:
    self.use_network(drawings.thousand_classes())
    self.assert_refused(
      "cannot write in the folder 's3://no-bucket/a': The specified bucket does"
      ' not exist; name a folder that can be made and written to, with room on'
      ' its disk',
      class_ids=(1,),
      output_dir='s3://no-bucket/a',
    )


class OthersTest(object_store.ObjectStoreCase, saliency_case.SaliencyCase):
  def setUp(self) -> None:
    super().setUp()
    (self.folder / 'photos' / 'inner').mkdir(parents=True)
    for name in ('b.png', 'inner/a.png'):
      image, _ = saliency_case.photo(60, 100)
      image_files.write_png(self.folder / 'photos' / name, image)
    object_store.upload(self.folder / 'photos', f'{self.bucket}/photos')

  def explain(self, **settings: Any) -> int:
    """Explains a folder; returns how many maps there are."""
    config = saliency.SaliencyConfig(
      model=saliency_case.EMBEDDED,
      precision='float32',
      foreground_quantile=0.92,
      **settings,
    )
    return len(list(saliency.explain(config)))

  def test_saliency(self) -> None:
    here = self.folder / 'maps'
    self.explain(image=str(self.folder / 'photos'), output_dir=str(here))
    there = f'{self.bucket}/maps'
    settings = {'image': f'{self.bucket}/photos', 'output_dir': there}
    for _ in range(2):
      self.assertEqual(self.explain(**settings), 2)
    for inner in ('', '/inner'):
      found = _contents(there + inner)
      self.assertLen(found, 4)
      self.assertEqual(found, _contents(f'{here}{inner}'))
    page = (places.place(there) / 'saliency.html').read_text('utf-8')
    self.assertIn(f'{self.bucket}/photos', page)
    with self.assertRaisesRegex(ValueError, 'the folder of the photographs'):
      self.explain(image=there, output_dir=there)


class EvaluateTest(object_store.ObjectStoreCase):
  def test_in_place(self) -> None:
    image, _ = saliency_case.photo(60, 100)
    address = f'{self.bucket}/photos/inner/001_a.png'
    image_files.write_png(address, image)
    config = evaluate.EvaluateConfig(
      f'{self.bucket}/photos', judges=(saliency_case.EMBEDDED,)
    )
    report = evaluate.run(config)
    self.assertIn('inner/001_a.png', str(report.as_json()))
    self.assertEqual(
      self.names_in(f'{self.bucket}/photos'),
      ['evaluation.html', 'evaluation.json', 'inner'],
    )
    records.read_record(config.json_path)


class SummariesTest(object_store.MemoryCase):
  def test_put_now_and_then(self) -> None:
    log_dir = 'memory://logs/a'
    with mock.patch.object(summaries, '_PUT_EVERY', -1.0):
      with summaries.Summaries(log_dir, ['a'], 20) as log:
        log.write(0, np.array([1.5]), lambda: np.zeros([1, 8, 8, 3]))
        (path,) = places.place(log_dir).iterdir()
        before = path.read_bytes()
        self.assertIn(b'a/score', before)
    self.assertTrue(path.read_bytes().startswith(before))

  def test_a_put_that_fails(self) -> None:
    with self.assertRaisesRegex(
      OSError, "^cannot write 'memory://logs/events.*: the line is cut; "
    ):
      with summaries.Summaries('memory://logs', ['a'], 20):
        self.enter_context(
          mock.patch.object(
            places.Remote, 'write_bytes', side_effect=OSError('the line is cut')
          )
        )


class AtomicTest(object_store.MemoryCase):
  def test_replaced_and_removed(self) -> None:
    path = places.place('memory://atomic/a')
    atomic_files.prepare_folder(path.parent)
    atomic_files.write_file(path, b'1')
    atomic_files.write_file(str(path), b'2')
    self.assertEqual(path.read_bytes(), b'2')
    self.assertLen(list(path.parent.iterdir()), 1)
    for _ in range(2):
      atomic_files.remove_file(path)
    self.assertFalse(path.exists())
    temporary = atomic_files.temporary_path(path.parent)
    temporary.write_bytes(b'3')
    atomic_files.move_file(temporary, path)
    self.assertEqual(path.read_bytes(), b'3')
    self.assertFalse(temporary.exists())


if __name__ == '__main__':
  absltest.main()
