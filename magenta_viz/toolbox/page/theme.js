// Copyright 2026 The magenta_viz Authors.
//
// Licensed under the Apache License, Version 2.0 (the "License");
// you may not use this file except in compliance with the License.
// You may obtain a copy of the License at
//
//     http://www.apache.org/licenses/LICENSE-2.0
//
// Unless required by applicable law or agreed to in writing, software
// distributed under the License is distributed on an "AS IS" BASIS,
// WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
// See the License for the specific language governing permissions and
// limitations under the License.

// Light or dark: as the system has it until someone says otherwise.

import {$, say} from './dom.js';

const KEY = 'toolbox-theme';
const system = matchMedia('(prefers-color-scheme: dark)');

/** @param {function()} changed Is called when colours are others. */
export function startTheme(changed) {
  const root = document.documentElement;
  const mark = () => {
    const isDark = root.dataset.theme ?
      root.dataset.theme === 'dark' : system.matches;
    say($('theme'), isDark ? 'Light' : 'Dark');
    $('theme').setAttribute(
      'aria-label', `${isDark ? 'Light' : 'Dark'} colours`);
    changed();
  };
  // A browser may forbid its storage; then the choice lasts as the page does.
  try {
    const kept = localStorage.getItem(KEY);
    if (kept) root.dataset.theme = kept;
  } catch { /* As the system has it. */ }
  system.addEventListener('change', mark);
  $('theme').addEventListener('click', () => {
    root.dataset.theme = $('theme').textContent.toLowerCase();
    try {
      localStorage.setItem(KEY, root.dataset.theme);
    } catch { /* See above. */ }
    mark();
  });
  mark();
}
