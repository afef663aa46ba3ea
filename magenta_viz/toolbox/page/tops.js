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

// The photographs that excite a unit most, and least: nine crops of each.

import {address, getJson, isSuperseded, newest} from './api.js';
import {$, make, press, short} from './dom.js';
import {active, change, now, offer, which} from './state.js';
import {thumbnail} from './thumbnails.js';

export class Tops {
  /** @param {function(): Pane} pane Returns the active one. */
  constructor(pane) {
    this.pane = pane;
    this.end = 'highest';
    this.shown = 'crop';
    $('ends').addEventListener('click', event => {
      this.end = event.target.dataset.end ?? this.end;
      this.draw();
    });
    $('crop-shows').addEventListener('click', event => {
      this.shown = event.target.dataset.show ?? this.shown;
      this.draw();
    });
    $('crops').addEventListener('click', event => {
      const {photo, y, x} = event.target.closest('button')?.dataset ?? {};
      if (!photo) return;
      // The index is of middle squares.
      change({picture: photo, fit: 'crop', y: Number(y), x: Number(x),
        mode: 'map'});
    });
    $('stored').addEventListener('click', event => {
      const {mode} = event.target.closest('button')?.dataset ?? {};
      if (mode) change({mode});
    });
  }

  /** Asks for the unit's photographs. */
  async look() {
    this.answer = null;
    this.trouble = offer().has_index ? '' : 'No photographs are indexed. ' +
      'Start with image_visualization_toolbox --photos=FOLDER --index.';
    this.draw();
    if (!offer().has_index || !(now().mode === 'crops' || now().stored)) return;
    const {layer, unit} = active();
    try {
      this.answer = await getJson(
        'tops', {...which(active()), layer, unit}, newest('tops'));
    } catch (error) {
      if (isSuperseded(error)) return;
      this.trouble = error.message;
    }
    this.draw();
  }

  source(end, rank, show) {
    const {layer, unit} = active();
    return address(
      'top.png', {...which(active()), layer, unit, end, rank, show});
  }

  draw() {
    const pick = (id, key, value) => {
      const buttons = [...$(id).children];
      press(buttons, buttons.find(each => each.dataset[key] === value));
    };
    pick('ends', 'end', this.end);
    pick('crop-shows', 'show', this.shown);
    this.row();
    $('no-crops').hidden = !this.trouble;
    $('no-crops').textContent = this.trouble;
    if (now().mode !== 'crops') return;
    const crops = this.answer?.[this.end] ?? [];
    $('crops').replaceChildren(...crops.map((crop, rank) => {
      const [y, x] = crop.position;
      const image = make('img', {
        src: this.source(this.end, rank, this.shown), loading: 'lazy',
        alt: `${crop.name}: ${short(crop.value)}`});
      return make('li', {}, make(
        'button', {type: 'button', title: `Look at ${crop.name}`,
          data: {photo: crop.photo, y, x}},
        image, make('span', {className: 'number',
          textContent: short(crop.value)})));
    }));
  }

  /** The unit's drawing, where it is not large, if it is here. */
  get drawing() {
    return now().stored && now().mode !== 'drawing' ?
      this.pane().drawings.get(active().unit) : null;
  }

  /** Looks once more whether the drawing is here. */
  lookAgain() {
    if (this.drawing !== this.drawn) this.row();
  }

  /** The nine highest and the drawing small, below what is large. */
  row() {
    const crops = now().stored ? this.answer?.highest ?? [] : [];
    this.drawn = this.drawing;
    $('stored').hidden = now().mode === 'crops' ||
      !crops.length && !this.drawn;
    if ($('stored').hidden) return;
    const pictures = crops.map((crop, rank) => make('img', {
      src: this.source('highest', rank, 'crop'),
      alt: `${crop.name}: ${short(crop.value)}`}));
    const buttons = pictures.map(image =>
      make('button', {type: 'button', data: {mode: 'crops'}}, image));
    if (this.drawn) {
      buttons.push(make('button', {type: 'button', data: {mode: 'drawing'}},
        thumbnail(this.drawn, 'What the unit wants to see')));
    }
    $('stored').replaceChildren(...buttons);
  }
}
