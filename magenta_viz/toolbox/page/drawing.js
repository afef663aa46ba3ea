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

// What a unit, or a class, wants to see: drawn step by step, or from the store.

import {getParts, isSuperseded, newest, postCancel} from './api.js';
import {$, make, say, short} from './dom.js';
import {active, change, now, offer, which} from './state.js';

export class Drawing {
  /**
   * @param {{drawn: function(), refuse: function(Error)}} hands Are told of a
   *     drawing that is done, and of errors.
   */
  constructor(hands) {
    this.hands = hands;
    this.isDrawing = false;
    $('draw').addEventListener('click', () => this.draw());
    $('cancel').addEventListener('click', () => this.cancel());
    $('of-unit').addEventListener('click', () => change({class_id: null}));
    $('class-name').addEventListener('change', event => {
      const id = this.names.indexOf(event.target.value);
      if (id >= 0) change({class_id: id});
    });
    $('command').querySelector('button').addEventListener('click', () =>
      navigator.clipboard?.writeText($('command').firstChild.textContent));
  }

  get names() {
    const names = offer().networks[active().network].classes;
    // Some are two animals, as the cranes are.
    return names.map((name, id) => names.indexOf(name) === id ? name :
      `${name} (${id})`);
  }

  get question() {
    const {layer, unit} = active();
    const {class_id} = now();
    const subject = class_id === null ? {layer, unit} : {class_id};
    return {...which(active()), ...subject};
  }

  /** Tells one question from another. */
  get subject() {
    return Object.values(this.question).join(' ');
  }

  get name() {
    const {layer, unit} = active();
    const {class_id} = now();
    return class_id === null ? `unit ${unit} of ${layer}` :
      this.names[class_id] ?? `class ${class_id}`;
  }

  /** Shows what is stored of the unit; what is being drawn goes on. */
  async look() {
    const signal = newest('drawing');  // Steps of another are no longer shown.
    if (now().mode !== 'drawing') return;
    this.list();
    this.clear();
    try {
      const [header, bytes] = await getParts(
        'drawing', {...this.question, stored: 1}, signal);
      this.show(header, bytes);
      if (header.state === 'missing' && this.running === this.subject) {
        await this.follow(null);
      }
    } catch (error) {
      if (!isSuperseded(error)) this.hands.refuse(error);
    }
  }

  list() {
    const {network} = active();
    const {class_id} = now();
    if (this.listed !== network) {
      this.listed = network;
      $('class-names').replaceChildren(
        ...this.names.map(value => make('option', {value})));
    }
    $('class-name').value = class_id === null ? '' : this.name;
    $('of-unit').hidden = class_id === null;
  }

  clear() {
    this.put(null);
    this.mark({state: 'missing'});
  }

  /** Starts to draw, from the screen of wherever it was asked. */
  async draw() {
    if (now().mode !== 'drawing') {
      newest('drawing');
      change({mode: 'drawing'});
    }
    newest('drawing');
    this.clear();
    this.mark({state: 'drawing', step: 0});
    await this.follow(null);
  }

  async follow(after) {
    const signal = newest('drawing');
    const {question} = this;
    this.running = this.subject;
    try {
      for (let state = 'drawing'; state === 'drawing';) {
        const [header, bytes] = await getParts(
          'drawing', {...question, after}, signal);
        this.show(header, bytes);
        ({state, step: after} = header);
      }
      this.running = null;
      this.hands.drawn();
    } catch (error) {
      if (isSuperseded(error)) return;
      this.running = null;
      this.mark({state: 'failed', error: error.message});
      this.hands.refuse(error);
    }
  }

  async cancel() {
    try {
      await postCancel();
    } catch (error) {
      this.hands.refuse(error);
    }
  }

  show(header, bytes) {
    if (bytes.length) this.put(new Blob([bytes], {type: 'image/png'}));
    this.mark(header);
  }

  put(blob) {
    const image = $('drawn');
    if (image.src.startsWith('blob:')) URL.revokeObjectURL(image.src);
    if (blob) image.src = URL.createObjectURL(blob);
    else image.removeAttribute('src');
    image.hidden = !blob;
    image.alt = `What ${this.name} wants to see`;
  }

  /** Says how far it is; a header as the server has it. */
  mark({state, step, num_steps: steps, score, error, command}) {
    this.isDrawing = state === 'drawing';
    $('draw').hidden = this.isDrawing || state === 'done';
    $('cancel').hidden = !this.isDrawing;
    const progress = $('progress');
    progress.hidden = !this.isDrawing;
    if (steps) progress.value = step / steps;
    else progress.removeAttribute('value');
    const share = steps ? `step ${step} of ${steps}` : 'starting';
    const known = Number.isFinite(score) ? ` · score ${short(score)}` : '';
    say($('progress-text'), {
      drawing: `${share}${known}`, done: `done${known}`,
      cancelled: 'cancelled', failed: error ?? 'failed', missing: '',
    }[state] ?? state);
    $('undrawn').hidden = !$('drawn').hidden;
    say($('undrawn'), this.isDrawing ? `Drawing ${this.name} …` :
      `No drawing of ${this.name} is stored yet. Draw makes one.`);
    $('command').hidden = !command;
    say($('command').firstElementChild, command ?? '');
  }
}
