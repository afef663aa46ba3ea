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

// The strip of a network's layers, in the order in which they are computed.

import {make} from './dom.js';

export class Strip {
  /**
   * @param {Element} root
   * @param {function(string)} choose Is given the name of a layer.
   */
  constructor(root, choose) {
    this.root = root;
    this.buttons = new Map();
    root.addEventListener('click', event => {
      const button = event.target.closest('button');
      if (button) choose(button.dataset.layer);
    });
    // A wheel without a sideways axis moves it too.
    root.addEventListener('wheel', event => {
      if (event.deltaX || event.shiftKey) return;
      if (root.scrollWidth <= root.clientWidth) return;
      root.scrollLeft += event.deltaY;
      event.preventDefault();
    }, {passive: false});
    new ResizeObserver(() => this.reveal()).observe(root);
  }

  /** Shows a network's layers, those of one folder together. */
  show(network) {
    if (this.network === network) return;
    this.network = network;
    this.buttons.clear();
    this.root.replaceChildren();
    let folder = null;
    let group = null;
    for (const layer of network.layers) {
      const cut = layer.name.indexOf('/');
      const name = cut < 0 ? '' : layer.name.slice(0, cut);
      if (!group || name !== folder || !name) {
        folder = name;
        group = make('div', {className: 'layers'});
        this.root.append(make(
          'div', {className: 'folder'}, make('span', {
            className: name ? '' : 'nameless', textContent: name || '\u00a0',
          }), group));
      }
      group.append(this.button(layer, layer.name.slice(cut + 1)));
    }
  }

  button(layer, label) {
    const {name, height, width, channels} = layer;
    const size = height === 1 && width === 1 ? '' : `${height}×${width}·`;
    const button = make(
      'button', {type: 'button', title: name, data: {layer: name}},
      shortened(label),
      make('small', {textContent: size + channels}));
    button.setAttribute(
      'aria-label', `${name}: ${channels} maps of ${height} by ${width}`);
    this.buttons.set(name, button);
    return button;
  }

  /** Marks the chosen layer; `hasKeys` if arrow keys go from layer to layer. */
  mark(name, hasKeys) {
    for (const [each, button] of this.buttons) {
      const isChosen = each === name;
      button.setAttribute('aria-pressed', String(isChosen));
      button.classList.toggle('cursor', isChosen && hasKeys);
      // Tab would stop at each of two hundred.
      button.tabIndex = isChosen ? 0 : -1;
    }
    if (this.root.contains(document.activeElement)) {
      this.buttons.get(name)?.focus({preventScroll: true});
    }
    if (this.marked === name) return;
    this.marked = name;
    this.reveal();
  }

  /** Scrolls to the chosen layer. */
  reveal() {
    const button = this.buttons.get(this.marked);
    if (!button) return;
    const [strip, box] = [this.root, button.getBoundingClientRect()];
    const middle = box.left - strip.getBoundingClientRect().left +
      box.width / 2;
    strip.scrollLeft += middle - strip.clientWidth / 2;
  }
}

/** A name without its middle if it is long: layers differ at their ends. */
function shortened(name) {
  return name.length > 28 ? `${name.slice(0, 12)}…${name.slice(-13)}` : name;
}
