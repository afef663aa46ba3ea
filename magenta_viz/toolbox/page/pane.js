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

// One network on the page: its strip of layers and the grid of one layer.

import {getJson, getMaps, isSuperseded, newest} from './api.js';
import {$, make, press, say, short} from './dom.js';
import {Grid} from './grid.js';
import {areAlike, extremes} from './maps.js';
import {active, areSame, change, changePane, layerOf, now, offer, which}
  from './state.js';
import {Steps} from './steps.js';
import {Strip} from './strip.js';
import {Thumbnails} from './thumbnails.js';

const SIDES = [16, 32, 64, 128];
const MARKS_SECONDS = 5;

export class Pane {
  /**
   * @param {number} index Of the pane in the state.
   * @param {{seen: function(Pane), learned: function(),
   *     learnedClasses: function(), refuse: function(Error)}} hands Are told of
   *     new maps, of more drawings of units, of classes, and of errors.
   */
  constructor(index, hands) {
    this.index = index;
    this.hands = hands;
    this.root = $('pane').content.firstElementChild.cloneNode(true);
    $('panes').append(this.root);
    const find = selector => this.root.querySelector(selector);
    this.strip = new Strip(
      find('.strip'), layer => changePane({layer}, index));
    this.steps = new Steps(this, find('.steps'));
    this.grid = new Grid(find('canvas'), {
      choose: unit => changePane({unit}, index),
      point: unit => this.point(unit),
    });
    this.marks = {dead: new Set(), rare: new Set()};
    this.drawings = new Thumbnails({changed: () => {
      this.draw();
      hands.learned();
    }, refuse: hands.refuse});
    this.classes = new Thumbnails(
      {changed: hands.learnedClasses, refuse: hands.refuse});
    this.areLayers = false;  // Whether arrow keys go from layer to layer.
    this.root.addEventListener('focusin', ({target}) => {
      const isStrip = this.strip.root.contains(target);
      if (!target.matches(':focus-visible') ||
          !(isStrip || target === this.grid.canvas)) return;
      this.areLayers = isStrip;
      this.strip.mark(this.state.layer, isStrip);
    });
    this.listenToTools();
  }

  listenToTools() {
    this.root.addEventListener('click', event => {
      const button = event.target.closest('button');
      if (!button) return;
      const {sort, grid} = button.dataset;
      if (sort) change({sort});
      if (grid) change({grid});
      if (button.classList.contains('changes')) this.toggleChanges();
    });
    this.root.addEventListener('change', event => {
      const key = event.target.dataset.state;
      const {value} = event.target;
      if (key) change({[key]: key === 'palette' ? value : Number(value)});
    });
    const select = this.root.querySelector('header > select');
    select.append(...offer().networks.map(
      ({name}, i) => make('option', {value: i, textContent: name})));
    select.addEventListener('change', () => changePane(
      {network: Number(select.value), off: []}, this.index));
  }

  get state() {
    return now().panes[this.index];
  }

  get network() {
    return offer().networks[this.state.network];
  }

  /** What to call its network. */
  get title() {
    const {step} = this.state;
    return this.network.name + (step === null ? '' : ` · step ${step}`);
  }

  /** The longest side of maps for which the grid has pixels. */
  get side() {
    const {channels} = layerOf(this.state);
    const {clientWidth, clientHeight} = this.grid.frame;
    const cell = Math.sqrt(clientWidth * clientHeight / channels) *
      (window.devicePixelRatio || 1);
    return SIDES.find(side => side >= 0.8 * cell) ?? SIDES.at(-1);
  }

  /** What to ask of maps, but the picture. */
  get question() {
    const {layer, off} = this.state;
    return {...which(this.state), layer, side: this.side, off: off.join(',')};
  }

  /** Asks for the maps of the picture; what was asked before is dropped. */
  async look() {
    const {picture, fit} = now();
    if (!picture) return;
    const signal = newest(`maps ${this.index}`);
    const of = this.state;
    try {
      this.take({...await getMaps({...this.question, picture, fit}, signal),
        picture, of});
    } catch (error) {
      if (isSuperseded(error)) return;
      // What is there still is of another question.
      this.root.classList.toggle('failed', !this.isOf(this.maps));
      this.hands.refuse(error);
    }
  }

  /** Shows maps that came; those of what was left are dropped. */
  take(maps) {
    if (!this.isOf(maps)) return;
    this.maps = {...maps, off: maps.of.off};
    this.root.classList.remove('failed');
    this.draw();
    this.hands.seen(this);
    // Each picture tells more of who sleeps.
    if (performance.now() - this.learned > 1000 * MARKS_SECONDS) this.learn();
  }

  /** Whether maps are of the network and layer that are wanted. */
  isOf(maps) {
    return maps?.layer === this.state.layer && areSame(maps.of, this.state);
  }

  /** What stands for maps where there is no picture: drawings need none. */
  get unseen() {
    if (now().picture) return null;
    const {name: layer, channels} = layerOf(this.state);
    const nothing = Array(channels).fill(0);
    return {
      layer, channels, height: 1, width: 1, low: 0, high: 0, maxima: nothing,
      means: nothing, bytes: new Uint8Array(channels),
    };
  }

  draw() {
    const {state} = this;
    this.root.classList.toggle('active', now().active === this.index);
    say(this.root.querySelector('h2'), this.network.name);
    this.root.querySelector('header > select').value = state.network;
    this.steps.draw();
    this.strip.show(this.network);
    this.strip.mark(state.layer, this.areLayers);
    this.drawTools();
    const maps = this.isOf(this.maps) ? this.maps : this.unseen;
    if (!maps) return;
    const here = state.off.filter(
      text => text.slice(0, text.lastIndexOf(':')) === state.layer);
    this.grid.show(maps, {
      ...now(), unit: state.unit, dead: this.marks.dead, rare: this.marks.rare,
      off: new Set(here.map(text => Number(text.split(':').at(-1)))),
      past: areAlike(this.maps, this.past) ? this.past : null,
      pictures: now().grid === 'drawings' ? this.drawings : null,
    });
  }

  drawTools() {
    const state = now();
    for (const key of ['sort', 'grid']) {
      const buttons = [...this.root.querySelectorAll(`[data-${key}]`)];
      press(buttons, buttons.find(each => each.dataset[key] === state[key]));
    }
    for (const select of this.root.querySelectorAll('[data-state]')) {
      select.value = String(state[select.dataset.state]);
    }
    this.root.querySelector('.changes').setAttribute(
      'aria-pressed', String(areAlike(this.maps, this.past)));
  }

  /** What has changed since now is shown, or the maps themselves again. */
  toggleChanges() {
    this.past = areAlike(this.maps, this.past) ? null : this.maps;
    this.draw();
  }

  /** Asks which units are dead, and which have drawings. */
  async learn() {
    const {network, step, layer} = this.state;
    const signal = newest(`marks ${this.index}`);
    this.learned = performance.now();
    if (this.marks.of !== `${network} ${step} ${layer}`) {
      this.marks = {dead: new Set(), rare: new Set()};
    }
    this.drawings.learn({...which(this.state), layer});
    this.classes.learn(which(this.state));
    try {
      const marks = await getJson('dead', {network, step, layer}, signal);
      this.marks = {
        of: `${network} ${step} ${layer}`,
        dead: new Set(marks.dead), rare: new Set(marks.rare),
      };
      this.draw();
    } catch (error) {
      if (!isSuperseded(error)) this.hands.refuse(error);
    }
  }

  /** Says below what the mouse is on. */
  point(unit) {
    if (unit === null) {
      say($('pointed'), '');
      return;
    }
    const name = this.nameOf(unit);
    const words = `unit ${unit}${name && ` (${name})`}`;
    if (!this.isOf(this.maps)) {
      say($('pointed'), words);
      return;
    }
    const {maxima, means} = this.maps;
    const {dead, rare} = this.marks;
    const past = areAlike(this.maps, this.past) ? this.past : null;
    const [least, most] = extremes(this.maps, unit, past);
    say($('pointed'), [
      words, `maximum ${short(maxima[unit])}`, `mean ${short(means[unit])}`,
      // What colours alone say otherwise.
      past ? `changed by ${short(least)} to ${short(most)}` :
        least < 0 ? `minimum ${short(least)}` : '',
      dead.has(unit) ? 'never active' : rare.has(unit) ? 'rarely active' : '',
    ].filter(Boolean).join(' · '));
  }

  /** The class that a unit of the last layers stands for, or ''. */
  nameOf(unit) {
    const {classes, layers} = this.network;
    const tail = layers.slice(-3).some(({name}) => name === this.state.layer);
    const {channels} = layerOf(this.state);
    return tail && channels === classes.length ? classes[unit] : '';
  }

  /** Moves from unit to unit, or from layer to layer. */
  move(columns, rows) {
    if (this.areLayers) {
      if (rows > 0) this.areLayers = false;
      else if (columns) this.step(columns);
      this.draw();
      return;
    }
    const unit = this.grid.neighbour(this.state.unit, columns, rows);
    if (unit === null) {
      this.areLayers = true;
      this.draw();
    } else {
      changePane({unit}, this.index, false);
    }
  }

  /** Goes to a later layer, with the unit's number. */
  step(count) {
    const {layers} = this.network;
    const place = layers.indexOf(layerOf(this.state)) + count;
    const next = layers[Math.min(Math.max(place, 0), layers.length - 1)];
    changePane({layer: next.name}, this.index);
  }
}

/** Whether a pane's question has another answer than before. */
export function isAskedAnew(index, state, before) {
  const [pane, past] = [state.panes[index], before.panes[index]];
  return !past || state.picture !== before.picture ||
    state.fit !== before.fit ||
    !areSame(pane, past) || pane.layer !== past.layer ||
    pane.off.join() !== past.off.join();
}

/** The pane that has the keyboard, of those given. */
export const activePane = panes => panes[now().active] ?? panes[0];

/** Whether the active unit is switched off. */
export function isOff(pane = active()) {
  return pane.off.includes(`${pane.layer}:${pane.unit}`);
}
