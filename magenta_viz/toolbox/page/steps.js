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

// The checkpoints of a network's training, of which a pane shows one.

import {getJson} from './api.js';
import {make} from './dom.js';
import {change, now, offer} from './state.js';

export class Steps {
  /**
   * @param {Pane} pane
   * @param {Element} root
   */
  constructor(pane, root) {
    this.pane = pane;
    this.root = root;
    this.wanted = null;  // The last that was asked for, until it is here.
    this.isReading = false;
    this.slider = root.querySelector('input');
    this.select = root.querySelector('select');
    root.addEventListener('click', event => {
      const {by} = event.target.closest('button')?.dataset ?? {};
      if (by) this.move(Number(by));
    });
    this.slider.addEventListener(
      'input', () => this.go(this.steps[this.slider.value]));
    this.select.addEventListener(
      'change', () => this.go(Number(this.select.value)));
  }

  /** Those that were there when they were asked for, and the one shown. */
  get steps() {
    const {steps} = this.pane.network;
    const {step} = this.pane.state;
    if (step === null || steps.includes(step)) return steps;
    return [...steps, step].sort((one, other) => one - other);
  }

  /** Goes to the next earlier or later one, which may have come since then. */
  async move(by) {
    const {network, step} = this.pane.state;
    const from = this.wanted ?? step;
    if (from === null) return;
    const find = () => by < 0 ? this.steps.findLast(each => each < from) :
      this.steps.find(each => each > from);
    if (find() === undefined) await this.ask(network);
    if (find() !== undefined) await this.go(find());
  }

  /** Goes to a step once its network is read; of several to the last. */
  async go(step) {
    this.wanted = step;
    this.draw();
    if (this.isReading) return;
    this.isReading = true;
    const {network} = this.pane.state;
    while (this.wanted !== null) {
      const read = this.wanted;
      const isThere = await this.ask(network, read);
      const isLeft = this.pane.state?.network !== network;
      if (isThere && !isLeft && this.wanted === read) this.show(read);
      if (isLeft || this.wanted === read) this.wanted = null;
    }
    this.isReading = false;
    if (this.pane.state) this.draw();
  }

  /** Asks which there are, and to read one; returns whether that was done. */
  async ask(network, step = null) {
    try {
      const {steps} = await getJson('steps', {network, step});
      offer().networks[network].steps = steps;
      return true;
    } catch (error) {
      this.pane.hands.refuse(error);
      // Those that are there are told all the same.
      if (step !== null) await this.ask(network);
      return false;
    }
  }

  show(step) {
    const {index} = this.pane;
    const panes = now().panes.map(
      (pane, i) => i === index ? {...pane, step} : pane);
    change({panes, active: index});
  }

  draw() {
    const {steps} = this;
    const step = this.wanted ?? this.pane.state.step;
    this.root.hidden = step === null;
    this.root.ariaBusy = String(this.wanted !== null);
    if (this.listed !== steps.join()) {
      this.listed = steps.join();
      this.select.replaceChildren(
        ...steps.map(value => make('option', {value, textContent: value})));
      this.slider.max = Math.max(steps.length - 1, 0);
    }
    this.select.value = step;
    this.slider.value = steps.indexOf(step);
    this.slider.ariaValueText = `step ${step}`;
  }
}
