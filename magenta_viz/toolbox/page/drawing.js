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

import {address, getParts, isSuperseded, newest, postCancel} from './api.js';
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
    $('of-unit').addEventListener('click', () =>
      change({class_id: null, variation: 0}));
    $('variation-before').addEventListener('click', () => this.step(-1));
    $('variation-after').addEventListener('click', () => this.step(1));
    $('class-name').addEventListener('change', event => {
      const id = this.names.indexOf(event.target.value);
      if (id >= 0) change({class_id: id, variation: 0});
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

  /** What is asked of a finished one. */
  get stored() {
    return {...this.question, variation: now().variation};
  }

  /** Shows what is stored of the unit; what is being drawn goes on. */
  async look() {
    if (this.done === address('', this.stored)) return;
    const signal = newest('drawing');  // Steps of another are no longer shown.
    if (now().mode !== 'drawing') return;
    this.list();
    this.clear();
    try {
      const [header, bytes] = await getParts(
        'drawing', {...this.stored, stored: 1}, signal);
      if (header.state === 'done') this.done = address('', this.stored);
      this.show(header, bytes);
      if (header.state === 'missing' && this.running === this.subject) {
        await this.follow(0);
      }
    } catch (error) {
      if (!isSuperseded(error)) this.hands.refuse(error);
    }
  }

  /** Looks once more for what was not there, where a pane knows of it now. */
  lookAgain({drawings, classes}) {
    if (!this.isMissing || this.running === this.subject) return;
    const {class_id} = now();
    const isKnown = class_id === null ? drawings.versions.has(active().unit) :
      classes.versions.has(class_id);
    if (isKnown) this.look();
  }

  /** Goes to another of the drawings of the unit. */
  step(count) {
    if (!this.count) return;
    const variation = (this.variation + count + this.count) % this.count;
    change({variation}, false);
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
    this.done = null;
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
    this.isCancelled = false;
    await this.follow(null);
  }

  /**
   * Shows a drawing step by step.
   * @param {?number} after Steps that are known; null to have it begun. Who
   *     goes on asking has nothing begun: two pages would cancel one another's
   *     drawings for ever.
   */
  async follow(after) {
    const signal = newest('drawing');
    const {question} = this;
    this.running = this.subject;
    try {
      for (let state = 'drawing'; state === 'drawing';) {
        const [header, bytes] = await getParts(
          'drawing', {...question, after}, signal);
        ({state, step: after} = header);
        // It is the last of several.
        if (state === 'done') this.done = address(
          '', {...question, variation: header.variation});
        this.show(header, bytes);
      }
      this.running = null;
      change({variation: this.variation}, false);
      this.hands.drawn();
    } catch (error) {
      if (isSuperseded(error)) return;
      this.running = null;
      this.mark({state: 'failed', error: error.message});
      this.hands.refuse(error);
    }
  }

  async cancel() {
    this.isCancelled = true;
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
  mark(header) {
    const {state, step, num_steps: steps, score, error, command} = header;
    this.isDrawing = state === 'drawing';
    this.isMissing = state === 'missing';
    this.markStored(header);
    $('cancel').hidden = !this.isDrawing;
    const progress = $('progress');
    progress.hidden = !this.isDrawing;
    if (steps) progress.value = step / steps;
    else progress.removeAttribute('value');
    const share = steps ? `step ${step} of ${steps}` : 'starting';
    const known = Number.isFinite(score) ? ` · score ${short(score)}` : '';
    say($('progress-text'), {
      drawing: `${share}${known}`, done: `done${known}`,
      cancelled: this.isCancelled ? 'cancelled' :
        'cancelled: another was begun',
      failed: error ?? 'failed', missing: '',
    }[state] ?? state);
    $('undrawn').hidden = !$('drawn').hidden;
    say($('undrawn'), this.isDrawing ? `Drawing ${this.name} …` :
      `No drawing of ${this.name} is stored yet. Draw makes one.`);
    $('command').hidden = !command;
    say($('command').firstElementChild, command ?? '');
  }

  /** Says which of the stored ones it is, and how to have it drawn. */
  markStored({state, file, variation, variations}) {
    const isDone = state === 'done';
    this.variation = isDone ? variation : now().variation;
    this.count = isDone ? variations : 0;
    $('draw').hidden = this.isDrawing || isDone && !file;
    say($('draw').firstElementChild, isDone ? 'Draw anew' :
      state === 'cancelled' ? 'Draw again' : 'Draw');
    $('variations').hidden = !isDone;
    for (const id of ['variation-before', 'variation', 'variation-after']) {
      $(id).hidden = this.count < 2;
    }
    say($('variation'), `${this.variation + 1} of ${this.count}`);
    say($('variation-file').firstElementChild, file ?? 'drawn here');
    $('variation-file').title = file ?? '';
    $('drawing-record').href = address('stored.json', this.stored);
  }
}
