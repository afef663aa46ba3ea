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


"""Tests of the choice of a network, up to the network that runs."""

import dataclasses
import functools
import hashlib
import http.server
import json
import os
from pathlib import Path
import socket
import tarfile
import tempfile
import threading
from typing import Dict, Optional
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
import numpy as np
import tensorflow as tf

from magenta_viz.files import digests
from magenta_viz.models import imagenet_classes
from magenta_viz.models import model_spec
from magenta_viz.models import network_source
from magenta_viz.models import slim_network
from magenta_viz.models import weights
from magenta_viz.models.checkpoints import checkpoints
from magenta_viz.testing import random_weights
from magenta_viz.testing import testdata

_CONTENT = b'what is expected'


@functools.lru_cache(maxsize=None)
def _inception_values() -> Dict[str, np.ndarray]:
  path = Path(testdata.testdata_path('inception_v1_variables.json'))
  return random_weights.random_weights(json.loads(path.read_text()))


@functools.lru_cache(maxsize=None)
def _inception_archive() -> bytes:
  """Makes an archive like the released one: a checkpoint in V1 format."""
  with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, 'inception_v1.ckpt')
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
      for name, value in _inception_values().items():
        tf.compat.v1.get_variable(name, initializer=value)
      tf.compat.v1.train.get_or_create_global_step()
      session.run(tf.compat.v1.global_variables_initializer())
      saver = tf.compat.v1.train.Saver(
        write_version=tf.compat.v1.train.SaverDef.V1
      )
      saver.save(session, path, write_meta_graph=False)
    archive = os.path.join(folder, 'inception_v1.tar.gz')
    with tarfile.open(archive, 'w:gz', compresslevel=1) as file:
      file.add(path, arcname='inception_v1.ckpt')
    return Path(archive).read_bytes()


class _Server(http.server.ThreadingHTTPServer):
  """Answers with `content`, or that there is none."""

  content: Optional[bytes] = None
  num_requests = 0


class _Handler(http.server.BaseHTTPRequestHandler):
  server: _Server

  def do_GET(self) -> None:
    self.server.num_requests += 1
    if self.server.content is None:
      self.send_error(404)
      return
    self.send_response(200)
    self.send_header('Content-Length', str(len(self.server.content)))
    self.end_headers()
    self.wfile.write(self.server.content)

  def log_message(self, *unused_args: object) -> None:
    pass


class NetworkSourceTestCase(parameterized.TestCase):
  def setUp(self) -> None:
    super().setUp()
    self.folder = Path(self.create_tempdir().full_path)
    cache = {weights.CACHE_VARIABLE: str(self.folder / 'cache')}
    self.enter_context(mock.patch.dict(os.environ, cache))

  def serve(self, content: Optional[bytes]) -> _Server:
    server = _Server(('127.0.0.1', 0), _Handler)
    server.content = content
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    self.addCleanup(thread.join)
    self.addCleanup(server.server_close)
    self.addCleanup(server.shutdown)
    return server

  def release(self, port: int, content: bytes = _CONTENT) -> None:
    """Makes `content` the released weights of InceptionV1, at that port."""
    spec = model_spec.find_spec('inception_v1')
    source = dataclasses.replace(
      spec.weights,
      url=f'http://127.0.0.1:{port}/{spec.weights.file_name}',
      num_bytes=len(content),
      sha256=hashlib.sha256(content).hexdigest(),
    )
    self.enter_context(
      mock.patch.dict(
        model_spec.MODEL_SPECS,
        {spec.name: dataclasses.replace(spec, weights=source)},
      )
    )


class WholeWayTest(NetworkSourceTestCase):
  def test_from_server_to_logits(self) -> None:
    archive = _inception_archive()
    server = self.serve(archive)
    self.release(server.server_port, archive)
    source = network_source.choose('auto')
    spec = model_spec.find_spec('inception_v1')
    path = self.folder / 'cache' / 'inception_v1_2016_08_28.tar.gz'
    self.assertEqual(
      source,
      network_source.NetworkSource(
        model='inception_v1',
        path=path,
        origin=f'http://127.0.0.1:{server.server_port}/{path.name}',
        sha256=hashlib.sha256(archive).hexdigest(),
        reason='the first choice of --model=auto',
      ),
    )
    self.assertEqual(source.class_names, imagenet_classes.load_class_names())
    values = checkpoints.read_checkpoint(str(source.path))
    self.assertContainsSubset(_inception_values(), values)
    self.assertIs(slim_network.recognize(values), spec)
    generator = np.random.RandomState(0)
    images = tf.constant(generator.rand(2, 64, 96, 3), tf.float32)
    network = slim_network.SlimNetwork(spec, values)
    expected = slim_network.SlimNetwork(spec, _inception_values())
    logits = network(images).logits
    self.assertGreater(np.std(logits), 0)
    np.testing.assert_array_equal(logits, expected(images).logits)
    # What is in the cache needs no server.
    server.content = None
    for model in ('auto', 'inception_v1'):
      self.assertEqual(network_source.choose(model).path, path)
    self.assertEqual(server.num_requests, 1)


class ReleasedTest(NetworkSourceTestCase):
  def unused_port(self) -> int:
    """Returns a port that refuses connections while the test runs."""
    # Bound, so that no one else gets it, and not listening.
    bound = socket.socket()
    self.addCleanup(bound.close)
    bound.bind(('127.0.0.1', 0))
    port: int = bound.getsockname()[1]
    return port

  def assert_falls_back(self, *parts: str) -> None:
    source = network_source.choose('auto')
    spec = model_spec.find_spec('squeezenet')
    self.assertEqual(source.model, 'squeezenet')
    self.assertEqual(source.origin, spec.weights.origin)
    self.assertEqual(source.sha256, spec.weights.sha256)
    self.assertEqual(digests.file_sha256(source.path), source.sha256)
    self.assertStartsWith(source.reason, 'not inception_v1: ')
    for part in parts:
      self.assertIn(part, source.reason)
    self.assertNotIn('\n', source.reason)

  def test_no_server(self) -> None:
    port = self.unused_port()
    self.release(port)
    self.assert_falls_back('cannot download', f'127.0.0.1:{port}', 'refused')
    with self.assertRaisesRegex(weights.UnreachableError, f':{port}/.*refused'):
      network_source.choose('inception_v1')

  def test_no_such_file(self) -> None:
    self.release(self.serve(None).server_port)
    self.assert_falls_back('HTTP status 404')
    with self.assertRaisesRegex(weights.UnreachableError, 'status 404'):
      network_source.choose('inception_v1')

  @parameterized.parameters(b'', _CONTENT[:-1], b'What is expected')
  def test_damaged(self, content: bytes) -> None:
    server = self.serve(content)
    self.release(server.server_port)
    self.assert_falls_back('is damaged', f'got {len(content)} with')
    with self.assertRaisesRegex(ValueError, 'is damaged'):
      network_source.choose('inception_v1')
    self.assertEqual(server.num_requests, 2)
    self.assertEmpty(list((self.folder / 'cache').iterdir()))

  def test_damaged_in_the_cache(self) -> None:
    server = self.serve(_CONTENT)
    self.release(server.server_port)
    path = network_source.choose('auto').path
    path.write_bytes(_CONTENT[::-1])
    self.assertEqual(network_source.choose('auto').model, 'inception_v1')
    self.assertEqual(path.read_bytes(), _CONTENT)
    self.assertEqual(server.num_requests, 2)

  def test_named(self) -> None:
    server = self.serve(_CONTENT)
    self.release(server.server_port)
    source = network_source.choose('inception_v1')
    self.assertEqual(source.reason, 'as --model asks')
    source = network_source.choose('squeezenet')
    self.assertEqual(source.model, 'squeezenet')
    self.assertEqual(source.reason, 'as --model asks')
    self.assertEqual(server.num_requests, 1)

  @parameterized.parameters(None, '/dev/null')
  def test_unknown(self, checkpoint: Optional[str]) -> None:
    with self.assertRaisesRegex(ValueError, "unknown network 'vgg'; take one"):
      network_source.choose('vgg', checkpoint)

  def test_nothing_can_be_had(self) -> None:
    self.release(self.unused_port())
    spec = model_spec.find_spec('squeezenet')
    source = dataclasses.replace(spec.weights, package='no_such_package')
    with mock.patch.dict(
      model_spec.MODEL_SPECS,
      {spec.name: dataclasses.replace(spec, weights=source)},
    ), self.assertRaisesRegex(FileNotFoundError, 'no_such_package is not inst'):
      network_source.choose('auto')


if __name__ == '__main__':
  absltest.main()
