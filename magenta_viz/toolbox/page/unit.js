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

// The chosen unit large: its map over the picture, and where it looks.

import {getJson, isSuperseded, newest} from './api.js';
import {$, fit, press, say, short} from './dom.js';
import {paint, strongest} from './maps.js';
import {isOff} from './pane.js';
import {isLive} from './pictures.js';
import {active, change, changePane, layerOf, now, question} from './state.js';

const STEPS = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1],
  ArrowRight: [0, 1]};

const MOST_FIELDS = 2000;

export class Unit {
  /**
   * @param {Pictures} pictures
   * @param {{pane: function(): Pane, told: function(Object),
   *     refuse: function(Error)}} hands `pane` is the active one; `told` gets
   *     the answer of the unit.
   */
  constructor(pictures, hands) {
    this.pictures = pictures;
    this.hands = hands;
    this.canvas = $('map');
    this.fields = new Map();
    this.isAsking = false;
    $('veil').addEventListener('input', () => this.draw());
    $('peak').addEventListener('click', () => change({y: null, x: null}));
    $('switch').addEventListener('click', () => this.toggleOff());
    $('modes').addEventListener('click', event => {
      const {mode} = event.target.closest('button')?.dataset ?? {};
      if (mode) change({mode});
    });
    this.canvas.addEventListener('click', event => this.choose(event));
    this.canvas.addEventListener('keydown', event => {
      // Reached by Tab; after a click the arrows are the grid's.
      const step = STEPS[event.key];
      if (!step || !this.canvas.matches(':focus-visible')) return;
      event.preventDefault();
      event.stopPropagation();
      this.move(...step);
    });
    new ResizeObserver(() => this.draw()).observe(this.canvas.parentElement);
  }

  /** Switches the unit off, or on again. */
  toggleOff() {
    const pane = active();
    const text = `${pane.layer}:${pane.unit}`;
    const off = isOff(pane) ? pane.off.filter(each => each !== text) :
      [...pane.off, text];
    changePane({off});
  }

  /** Moves the place that is asked about, by rows and columns of the map. */
  move(down, across) {
    const seen = this.seen();
    if (!seen) return;
    const {height, width} = seen.layer;
    const within = (value, count) => Math.min(Math.max(value, 0), count - 1);
    const y = within(seen.y + down, height);
    change({y, x: within(seen.x + across, width)}, false);
  }

  /** Takes the place under the mouse as the one that is asked about. */
  choose(event) {
    const {height, width} = layerOf(active());
    if (height < 2 && width < 2) return;
    const box = this.canvas.getBoundingClientRect();
    const place = (part, whole, count) =>
      Math.min(Math.max(Math.floor(part / whole * count), 0), count - 1);
    change({
      y: place(event.clientY - box.top, box.height, height),
      x: place(event.clientX - box.left, box.width, width),
    });
  }

  /** Names the unit, and asks for its answer unless the picture moves. */
  async look() {
    this.name();
    const pane = active();
    const {picture, y, x} = now();
    this.answer = null;
    this.draw();
    if (!picture || isLive(picture)) return;
    try {
      this.answer = await getJson(
        'unit', {...question(pane), y, x}, newest('unit'));
      this.draw();
      this.hands.told(this.answer);
    } catch (error) {
      if (!isSuperseded(error)) this.hands.refuse(error);
    }
  }

  name() {
    const pane = active();
    const {mode} = now();
    const {height, width, channels} = layerOf(pane);
    const isMap = height > 1 || width > 1;
    say($('unit-layer'), `${pane.layer} · ${channels} ` +
      (isMap ? `maps of ${height} × ${width}` : 'values'));
    const name = this.hands.pane().nameOf(pane.unit);
    say($('unit-name'), `Unit ${pane.unit}${name && ` · ${name}`}`);
    $('switch').setAttribute('aria-pressed', String(isOff(pane)));
    const buttons = [...$('modes').children];
    press(buttons, buttons.find(each => each.dataset.mode === mode));
    document.body.dataset.mode = mode;
    for (const view of document.querySelectorAll('.view')) {
      view.hidden = view.dataset.mode !== mode;
    }
  }

  /** The unit's map, its values and its place; null while none is here. */
  seen() {
    const pane = this.hands.pane();
    const {maps} = pane;
    const {unit} = pane.state;
    if (!pane.isOf(maps)) return null;
    const layer = layerOf(pane.state);
    const {answer} = this;
    if (answer) {
      const [y, x] = answer.position;
      return {layer, y, x, value: answer.value, mean: answer.mean,
        maximum: answer.maximum, field: answer.receptive_field};
    }
    const scale = [layer.height / maps.height, layer.width / maps.width];
    const best = strongest(maps, unit);
    const y = Math.floor((best.y + 0.5) * scale[0]);
    const x = Math.floor((best.x + 0.5) * scale[1]);
    return {
      layer, y, x, maximum: maps.maxima[unit], mean: maps.means[unit],
      value: best.value, field: this.field({...pane.state, y, x}),
    };
  }

  /** The receptive field of a place of a live picture's map, once it is here. */
  field({network, layer, unit, y, x}) {
    if (!isLive(now().picture)) return null;
    const key = `${network} ${layer} ${unit} ${y} ${x}`;
    if (!this.fields.has(key) && !this.isAsking) {
      this.isAsking = true;
      if (this.fields.size > MOST_FIELDS) this.fields.clear();
      getJson('field', {network, layer, unit, y, x}).then(
        field => this.fields.set(key, field), this.hands.refuse,
      ).finally(() => {
        this.isAsking = false;
      });
    }
    return this.fields.get(key);
  }

  /** Draws the map over the picture, with the receptive field. */
  draw() {
    const side = this.canvas.parentElement.clientWidth;
    const seen = this.seen();
    if (!seen) return;
    this.say(seen);
    if (!side || now().mode !== 'map') return;
    const context = fit(this.canvas, side, side);
    context.fillStyle = '#000';
    context.fillRect(0, 0, side, side);
    const veil = Number($('veil').value);
    context.imageSmoothingEnabled = true;
    if (!this.pictures.isEmpty) {
      context.globalAlpha = Math.min(1, 1.25 * (1 - veil));
      context.drawImage(this.pictures.canvas, 0, 0, side, side);
    }
    if (seen.layer.height > 1 || seen.layer.width > 1) {
      context.globalAlpha = veil;
      context.globalCompositeOperation = 'lighter';
      context.imageSmoothingEnabled = veil < 1;
      context.drawImage(this.map(), 0, 0, side, side);
    }
    context.globalAlpha = 1;
    context.globalCompositeOperation = 'source-over';
    if (!isFlat(seen)) drawPlace(context, side, seen);
  }

  /** The unit's map alone, brightest at its own maximum. */
  map() {
    const look = {...now(), boost: 1};
    const {maps, state} = this.hands.pane();
    const {unit} = state;
    if (!this.answer) return paint(maps, [unit], 1, look);
    const values = this.answer.map.flat();
    const low = Math.min(0, ...values);
    const high = Math.max(...values);
    const single = {
      height: this.answer.map.length, width: this.answer.map[0].length,
      channels: 1, low, high, maxima: [high],
    };
    const range = single.high - single.low || 1;
    single.bytes = Uint8Array.from(
      values, value => Math.round(255 * (value - single.low) / range));
    return paint(single, [0], 1, look);
  }

  say(seen) {
    const {layer, maximum, mean, value, y, x} = seen;
    const isMap = layer.height > 1 || layer.width > 1;
    const isChosen = now().y !== null;
    say($('unit-values'), isMap && isFlat(seen) ?
      `${short(maximum)} everywhere` : [
        isChosen && isMap ? `${short(value)} at row ${y}, column ${x}` : '',
        isMap ? `maximum ${short(maximum)}${
          isChosen ? '' : ` at row ${y}, column ${x}`}` :
          `value ${short(value)}`,
        isMap ? `mean ${short(mean)}` : '',
      ].filter(Boolean).join(' · '));
    $('peak').disabled = !isChosen;
    // Nobody could listen to every frame.
    $('unit-values').ariaLive = isLive(now().picture) ? 'off' : 'polite';
  }
}

/** Whether a map is the same everywhere, so that no place is the strongest. */
const isFlat = ({maximum, mean}) => maximum === mean && now().y === null;

/** A cross where the value is, and a box around all that it depends on. */
function drawPlace(context, side, {layer, y, x, field}) {
  const outline = (draw, width) => {
    for (const [color, more] of [['#000', 2], ['#fff', 0]]) {
      context.strokeStyle = color;
      context.lineWidth = width + more;
      context.beginPath();
      draw();
      context.stroke();
    }
  };
  if (field) {
    const left = Math.max(field.left * side, 1.5);
    const top = Math.max(field.top * side, 1.5);
    const right = Math.min(field.right * side, side - 1.5);
    const bottom = Math.min(field.bottom * side, side - 1.5);
    outline(() => context.rect(left, top, right - left, bottom - top), 1.5);
  }
  if (layer.height < 2 && layer.width < 2) return;
  const [down, across] = [(y + 0.5) / layer.height, (x + 0.5) / layer.width];
  const [cx, cy] = [across * side, down * side];
  outline(() => {
    context.moveTo(cx - 7, cy);
    context.lineTo(cx + 7, cy);
    context.moveTo(cx, cy - 7);
    context.lineTo(cx, cy + 7);
  }, 1.5);
}
