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

"""Where a model of others is: a file or a folder, or in this process.

Nothing is imported before the model is asked for: Keras takes seconds.
"""

import dataclasses
import functools
from typing import TYPE_CHECKING, Any, Optional, Tuple

from magenta_viz.models.foreign import foreign_settings
from magenta_viz.models.foreign import model_files

if TYPE_CHECKING:
  from magenta_viz.models.foreign import foreign_network


@dataclasses.dataclass(frozen=True, eq=False)
class ForeignSource:
  """A model of others.

  Attributes:
    settings: What is to be known of it.
    file: Its file or folder; None of a model in this process.
    given: That model.
  """

  settings: foreign_settings.ForeignSettings
  file: Optional[model_files.ModelFile] = None
  given: Any = None

  @functools.cached_property
  def network(self) -> 'foreign_network.ForeignNetwork':
    """The network, read from where it is.

    Raises:
      ValueError: If the file is damaged, brings code that is not allowed, or
        is no model that takes pictures.
      OSError: If it cannot be read.
    """
    from magenta_viz.models.foreign import loading

    if self.file is None:
      return loading.of_model(self.given, self.settings)
    return loading.of_file(self.file, self.settings)

  @property
  def class_names(self) -> Tuple[str, ...]:
    """Names of its classes, in the order of their ids."""
    return self.network.class_names
