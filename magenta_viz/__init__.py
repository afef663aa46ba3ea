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

"""Draws what an image network has learned.

    from magenta_viz import visualize

    pictures = visualize.run(class_name='tabby')
    pictures[0].show()

Each of these modules has a `run`, which takes settings by their names:

- `visualize` draws pictures of classes, layers, channels, and dreams;
- `saliency` shows where in a photograph a network sees a class;
- `evaluate` tells how good pictures are;
- `train` trains networks, on pictures of one's own, too.

README.md has the tour.
"""

from magenta_viz import deprecation
from magenta_viz.process import notebook
from magenta_viz.process import tensorflow_start
from magenta_viz.version import __version__ as __version__

# All that happens on import: Python has one more place, the last, to look for
# modules that it does not find.
deprecation.install()

# But in a notebook, whose next import takes TensorFlow in any case, and where
# the remarks of its start would stand in red above the first picture. There it
# starts here, for what a cell imports first may be any module.
if notebook.is_here():
  tensorflow_start.start_in_notebook()
