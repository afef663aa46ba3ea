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

// Thousands of pictures in a grid: each has its place from the beginning, but
// only those that are seen, and some around them, are there.

'use strict';

/** A picture that is a link, with words below it. */
function cell(link, frame, words, more = '') {
  return make(
    'a.cell', {href: link}, frame,
    make('span.words', {}, make('bdi.name', {dir: 'auto', title: words}, words),
      more ? make('span.number.quiet', {}, more) : null));
}

class Grid {
  /**
   * @param {Array} items
   * @param {function(Object): Element} show Makes the link of an item.
   * @param {string} label What the list is of.
   */
  constructor(items, show, label) {
    this.items = items;
    this.show = show;
    this.active = 0;
    this.first = 0;
    this.end = 0;
    this.element = make('ol.grid', {'aria-label': label});
    this.element.append(...items.map(() => document.createElement('li')));
    this.element.addEventListener('keydown', event => this.press(event));
    this.element.addEventListener('focusin', event => {
      const at = [...this.element.children].indexOf(
        event.target.closest('li'));
      if (at >= 0) this.activate(at);
    });
  }

  /** Columns, and height of a row with the gap below it. */
  measure() {
    const style = getComputedStyle(this.element);
    const columns = style.gridTemplateColumns.split(' ').length;
    const height = this.element.firstChild?.offsetHeight ?? 0;
    return [columns, height + parseFloat(style.rowGap)];
  }

  /** Fills what is seen and a screen around it, and empties the rest. */
  update() {
    if (!this.items.length) return;
    const [columns, height] = this.measure();
    if (!(height > 0)) return;
    const top = -this.element.getBoundingClientRect().top;
    const row = value => Math.floor(value / height) * columns;
    const first = Math.max(row(top - innerHeight), 0);
    const end = Math.min(
      Math.max(row(top + 2 * innerHeight) + columns, 0), this.items.length);
    for (let i = this.first; i < this.end; i += 1) {
      if ((i < first || i >= end) && i !== this.active) this.empty(i);
    }
    for (let i = first; i < end; i += 1) this.fill(i);
    this.first = Math.min(first, end);
    this.end = end;
    this.fill(this.active);
  }

  fill(at) {
    const place = this.element.children[at];
    if (!place || place.firstChild) return;
    const link = this.show(this.items[at]);
    // One stop of the Tab key for all.
    link.tabIndex = at === this.active ? 0 : -1;
    place.append(link);
  }

  empty(at) {
    this.element.children[at]?.replaceChildren();
  }

  activate(at) {
    const before = this.element.children[this.active]?.firstChild;
    if (before) before.tabIndex = -1;
    if (this.active < this.first || this.active >= this.end) {
      if (this.active !== at) this.empty(this.active);
    }
    this.active = at;
    this.fill(at);
    this.element.children[at].firstChild.tabIndex = 0;
  }

  /** Moves to an item. */
  focus(at) {
    this.activate(at);
    const place = this.element.children[at];
    place.firstChild.focus({preventScroll: true});
    place.scrollIntoView({block: 'nearest'});
  }

  press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const [columns] = this.measure();
    const last = this.items.length - 1;
    const to = {
      ArrowLeft: this.active - 1, ArrowRight: this.active + 1,
      ArrowUp: this.active - columns, ArrowDown: this.active + columns,
      Home: 0, End: last,
    }[event.key];
    // Beyond its ends the page scrolls.
    if (to === undefined || to < 0 || to > last) return;
    event.preventDefault();
    event.stopPropagation();
    this.focus(to);
  }
}
