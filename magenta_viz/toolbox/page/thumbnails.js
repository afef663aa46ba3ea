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

// Finished drawings in small, for the cells of a grid: many a request, and only
// those that are in sight.

import {getJson, getParts, isSuperseded} from './api.js';
import {make} from './dom.js';

const MOST_AT_ONCE = 32;
const MOST_SPRITES = 64;  // Of some 1.2 MB each.
const READING_SECONDS = 1;
const CANVAS = 96;  // Pixels, of which the screen may show fewer.

export class Thumbnails {
  /**
   * @param {{changed: function(), refuse: function(Error)}} hands Are told that
   *     there is more to see, and of errors.
   */
  constructor(hands) {
    this.hands = hands;
    this.place = {};
    this.key = '';
    this.versions = new Map();  // By unit, of those that have a drawing.
    this.cells = new Map();
    this.sprites = [];
    this.wanted = new Set();
    this.isReading = false;
  }

  /**
   * Asks which units have drawings.
   * @param {Object} place Network and layer whose units these are, as in a
   *     question; without a layer, the network's classes.
   */
  async learn(place) {
    const key = Object.values(place).join(' ');
    clearTimeout(this.waiting);
    if (key !== this.key) {
      this.sending?.abort();
      this.wanted.clear();
      Object.assign(this, {place, key, versions: new Map()});
    }
    this.learning?.abort();
    this.learning = new AbortController();
    try {
      const found = await getJson('stored', place, this.learning.signal);
      this.versions = new Map(
        found.units.map((unit, i) => [unit, found.versions[i]]));
      this.isReading = found.is_reading;
      if (found.is_reading) {
        this.waiting = setTimeout(
          () => this.learn(place), 1000 * READING_SECONDS);
      }
      this.hands.changed();
    } catch (error) {
      if (!isSuperseded(error)) this.hands.refuse(error);
    }
  }

  /** Before those that are in sight are gotten: others are no longer wanted. */
  begin() {
    this.wanted.clear();
  }

  /** A unit's drawing, {image, x, y, side}; null while it is not here. */
  get(unit) {
    if (!this.versions.has(unit)) return null;
    const cell = this.cells.get(this.nameOf(unit));
    if (cell === undefined) {
      if (!this.wanted.size) setTimeout(() => this.send());
      this.wanted.add(unit);
    }
    return cell ?? null;
  }

  nameOf(unit) {
    return `${this.key} ${unit} ${this.versions.get(unit)}`;
  }

  /** Asks for some of those that are wanted, unless it has asked already. */
  async send() {
    if (this.sending || !this.wanted.size) return;
    const units = [...this.wanted].slice(0, MOST_AT_ONCE);
    const names = new Map(units.map(unit => [unit, this.nameOf(unit)]));
    const {key} = this;
    this.sending = new AbortController();
    try {
      const [header, bytes] = await getParts('thumbnails',
        {...this.place, units: units.join(',')}, this.sending.signal);
      const image = bytes.length ? await createImageBitmap(
        new Blob([bytes], {type: 'image/png'})) : null;
      this.keep(key, names, header, image);
      this.sending = null;
      this.hands.changed();
    } catch (error) {
      this.sending = null;
      if (isSuperseded(error)) this.send();
      else this.hands.refuse(error);
    }
  }

  /** Keeps an answer's drawings, and null for those that are not there. */
  keep(key, names, {seen, units, side, columns}, image) {
    for (const name of [...names.values()].slice(0, seen)) {
      this.cells.set(name, null);
    }
    units.forEach((unit, i) => this.cells.set(names.get(unit), {
      image, side, x: i % columns * side, y: Math.floor(i / columns) * side}));
    this.sprites.push({key, image, names: [...names.values()]});
    // Those of the layer in sight stay: they would be sent for again at once.
    while (this.sprites.length > MOST_SPRITES &&
        this.sprites[0].key !== this.key) {
      const oldest = this.sprites.shift();
      oldest.image?.close();
      for (const name of oldest.names) this.cells.delete(name);
    }
  }
}

/** Draws one on a canvas. */
export function drawThumbnail(context, {image, x, y, side}, left, top, size) {
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, x, y, side, side, left, top, size, size);
}

/** A canvas of its own with a drawing, or with nothing. */
export function thumbnail(cell, label) {
  const canvas = make('canvas', {width: CANVAS, height: CANVAS});
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', label);
  if (cell) drawThumbnail(canvas.getContext('2d'), cell, 0, 0, CANVAS);
  return canvas;
}
