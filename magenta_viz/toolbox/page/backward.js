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

// Backward from a unit to the picture: what in it the unit answers to.

import {getBlob, isSuperseded, newest} from './api.js';
import {$, say} from './dom.js';
import {isLive} from './pictures.js';
import {RULES, SHOWS, active, change, now, which} from './state.js';

export class Backward {
  /** @param {{refuse: function(Error)}} hands Are told of errors. */
  constructor(hands) {
    this.hands = hands;
    $('rule').addEventListener('change', event => {
      change({rule: event.target.value});
    });
    $('show').addEventListener('change', event => {
      change({show: event.target.value});
    });
    $('hold').addEventListener('click', () => this.toggleHold());
  }

  /** The next rule; `withOff` if off is one of them. */
  nextRule(withOff) {
    const rules = withOff ? RULES : RULES.slice(1);
    change({rule: rules[(rules.indexOf(now().rule) + 1) % rules.length]});
  }

  nextShow() {
    change({show: SHOWS[(SHOWS.indexOf(now().show) + 1) % SHOWS.length]});
  }

  /** Stays with the unit of now while another is chosen, or follows again. */
  toggleHold() {
    const {layer, unit} = active();
    change({hold: now().hold ? null : {layer, unit}});
  }

  /** The unit that backward starts from. */
  get unit() {
    const {layer, unit} = active();
    return {...which(active()), ...(now().hold ?? {layer, unit})};
  }

  mark() {
    const {rule, show, hold} = now();
    const {layer, unit} = this.unit;
    const {y, x} = now();
    $('rule').value = rule;
    $('show').value = show;
    $('show').disabled = rule === 'off';
    $('hold').setAttribute('aria-pressed', String(hold !== null));
    document.body.dataset.backward = rule === 'off' ? 'off' : 'on';
    const place = y === null || hold ? '' : `, row ${y}, column ${x}`;
    say($('backward-of'), rule === 'off' ? '' :
      `from ${hold ? 'held ' : ''}unit ${unit} of ${layer}${place}`);
  }

  /** Asks for the picture; of a live one for the frame that was kept. */
  async look(picture = now().picture) {
    this.mark();
    const {rule, show, hold, y, x, fit} = now();
    const signal = newest('backward');
    if (rule === 'off' || !picture || isLive(picture)) return;
    const place = hold ? {} : {y, x};
    try {
      const blob = await getBlob(
        'backward', {...this.unit, picture, fit, rule, show, ...place},
        signal);
      this.show(blob);
    } catch (error) {
      if (!isSuperseded(error)) this.hands.refuse(error);
    }
  }

  show(blob) {
    const image = $('backward-picture');
    const past = image.src;
    image.src = URL.createObjectURL(blob);
    if (past.startsWith('blob:')) URL.revokeObjectURL(past);
    image.alt = $('backward-of').textContent;
  }
}
