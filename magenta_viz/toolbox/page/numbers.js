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

// The unit's numbers: a histogram of its values, and units that follow it.

import {$, fit, make, say, short} from './dom.js';
import {changePane, now} from './state.js';

export class Numbers {
  constructor() {
    this.canvas = $('histogram');
    $('correlations').addEventListener('click', event => {
      const {unit} = event.target.closest('button')?.dataset ?? {};
      if (unit !== undefined) changePane({unit: Number(unit)});
    });
    new ResizeObserver(() => this.draw()).observe(this.canvas.parentElement);
  }

  /** Shows the answer of a unit; null while the picture moves. */
  show(answer) {
    this.answer = answer;
    const pairs = answer?.correlations ?? [];
    $('uncorrelated').hidden = !answer || pairs.length > 0;
    say($('uncorrelated'), this.isSingle ? 'None: single values make no map.' :
      'None: its map is the same everywhere.');
    $('correlations').replaceChildren(...pairs.map(([unit, r]) => {
      const bar = make('span', {className: 'bar'});
      const fill = make('i', {className: r < 0 ? 'against' : ''});
      fill.style.width = `${100 * Math.abs(r)}%`;
      bar.append(fill);
      return make('li', {}, make('button', {type: 'button', data: {unit}},
        make('span', {className: 'name', textContent: `unit ${unit}`}),
        make('span', {className: 'number', textContent: r.toFixed(2)}), bar));
    }));
    this.draw();
  }

  get isSingle() {
    return this.answer?.map.flat().length === 1;
  }

  draw() {
    if (now().mode !== 'numbers') return;
    const width = this.canvas.parentElement.clientWidth;
    const height = 150;
    if (!width) return;
    this.canvas.style.height = `${height}px`;
    const context = fit(this.canvas, width, height);
    const style = getComputedStyle(document.documentElement);
    context.clearRect(0, 0, width, height);
    context.fillStyle = style.getPropertyValue('--quiet');
    context.font = '12px system-ui, sans-serif';
    if (!this.answer?.histogram) {
      context.fillText('Freeze the picture to count its values.', 8, 20);
      return;
    }
    const {maximum, mean} = this.answer;
    if (this.isSingle || maximum === mean) {
      context.fillText(this.isSingle ? `One value: ${short(maximum)}` :
        `${short(maximum)} everywhere`, 8, 20);
      return;
    }
    const {edges, counts} = this.answer.histogram;
    const bottom = height - 18;
    // Zeros are most of a map: by their logarithm the others are seen too.
    const top = Math.log1p(Math.max(...counts)) || 1;
    const span = edges.at(-1) - edges[0] || 1;
    const at = value => 4 + (value - edges[0]) / span * (width - 8);
    context.fillStyle = style.getPropertyValue('--accent');
    counts.forEach((count, i) => {
      const size = Math.log1p(count) / top * (bottom - 6);
      context.fillRect(
        at(edges[i]) + 0.5, bottom - size,
        Math.max(at(edges[i + 1]) - at(edges[i]) - 1, 1), size);
    });
    context.fillStyle = style.getPropertyValue('--quiet');
    context.fillRect(4, bottom, width - 8, 1);
    context.textBaseline = 'bottom';
    context.fillText(short(edges[0]), 4, height);
    context.textAlign = 'right';
    context.fillText(short(edges.at(-1)), width - 4, height);
    context.textAlign = 'center';
    const most = Math.max(...counts);
    context.fillText(`most: ${most} (heights logarithmic)`, width / 2, height);
    this.canvas.setAttribute('aria-label',
      `Histogram from ${short(edges[0])} to ${short(edges.at(-1))}: ` +
      counts.join(', '));
    context.textAlign = 'left';
  }
}
