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

// The five likeliest classes, and what they were before a unit was off.

import {getMaps, isSuperseded, newest} from './api.js';
import {$, make, percent, say} from './dom.js';
import {isLive} from './pictures.js';
import {active, change, changePane, now, offer} from './state.js';
import {thumbnail} from './thumbnails.js';

export class Classes {
  /** @param {{refuse: function(Error)}} hands Are told of errors. */
  constructor(hands) {
    this.hands = hands;
    this.whole = [];  // By pane: {key, top} with all units on.
    $('classes').addEventListener('click', event => {
      const button = event.target.closest('button');
      if (!button) return;
      const index = Number(button.closest('ol').dataset.pane);
      changePane({}, index);
      change({class_id: Number(button.dataset.class), variation: 0,
        mode: 'drawing'});
    });
    $('switched').addEventListener('click', event => {
      const text = event.target.closest('button')?.dataset.off;
      if (text) changePane({off: active().off.filter(each => each !== text)});
      else if (text === '') changePane({off: []});
    });
  }

  /** Shows what the networks say, by their panes. */
  async show(panes) {
    $('classes').hidden = !now().labels;
    const lists = [];
    for (const pane of panes) {
      if (!pane.isOf(pane.maps)) continue;
      lists.push(this.list(pane, await this.before(pane)));
    }
    $('classes-lists').replaceChildren(...lists);
    const isOff = active().off.length > 0;
    say($('classes-note'), isOff ? 'was: all units on' : '');
    this.chips();
  }

  /** The classes with all units on, if some are off; else null. */
  async before(pane) {
    const {network, step, layer, off} = pane.state;
    const {picture, fit} = now();
    const looked = isLive(picture) ? 'live' : picture;
    const key = `${network} ${step} ${looked} ${fit}`;
    if (!pane.maps.off.length) {
      this.whole[pane.index] = {key, top: pane.maps.top};
    }
    if (!off.length) return null;
    const known = this.whole[pane.index];
    if (known?.key === key) return known.top;
    if (isLive(picture) || !picture) return null;
    try {
      const {top} = await getMaps(
        {network, step, layer, picture, fit, side: 1},
        newest(`before ${pane.index}`));
      this.whole[pane.index] = {key, top};
      return top;
    } catch (error) {
      if (!isSuperseded(error)) this.hands.refuse(error);
      return null;
    }
  }

  list(pane, before) {
    const shares = new Map((before ?? []).map(([id, , share]) => [id, share]));
    pane.classes.begin();
    const rows = pane.maps.top.map(([id, name, share]) =>
      row(pane.classes, id, name, share, before ? shares.get(id) : null));
    const seen = new Set(pane.maps.top.map(([id]) => id));
    const gone = (before ?? []).filter(([id]) => !seen.has(id)).slice(0, 2);
    rows.push(...gone.map(([id, name, share]) =>
      row(pane.classes, id, name, null, share)));
    const list = make('ol', {className: 'classes',
      data: {pane: pane.index}}, ...rows);
    if (now().panes.length < 2) return list;
    return make('div', {},
      make('h3', {textContent: pane.title}), list);
  }

  /** What is switched off, each to be switched on again. */
  chips() {
    const {off, network} = active();
    const name = offer().networks.length > 1 ?
      `${offer().networks[network].name} ` : '';
    $('switched').replaceChildren(...off.map(text => {
      const button = make('button', {type: 'button', data: {off: text}},
        `${text} ×`);
      button.setAttribute('aria-label', `Switch ${name}${text} on again`);
      return button;
    }));
    if (off.length > 1) {
      $('switched').append(make(
        'button', {type: 'button', data: {off: ''}}, 'All on'));
    }
  }
}

/** A class with its drawing, its share now, and before if that is known. */
function row(drawings, id, name, share, before) {
  const bar = make('span', {className: 'bar'});
  const fill = make('i');
  fill.style.width = `${100 * (share ?? 0)}%`;
  bar.append(fill);
  if (before !== null && before !== undefined) {
    const mark = make('b');
    mark.style.left = `${100 * before}%`;
    bar.append(mark);
  }
  const text = share === null ? 'below' : percent(share);
  const was = before === null || before === undefined ? '' :
    `was ${percent(before)}`;
  const button = make('button', {type: 'button', title: `Draw ${name}`,
    data: {class: id}}, ...small(drawings, id, name),
    make('span', {className: 'name', textContent: name}),
    make('small', {className: 'number', textContent: was}),
    make('span', {className: 'number', textContent: text}), bar);
  return make('li', {className: share === null ? 'gone' : ''}, button);
}

/** A class's drawing, or the room for it where others have one. */
function small(drawings, id, name) {
  if (!drawings.versions.size) return [];
  const label = `What ${name} looks like to the network`;
  return [thumbnail(drawings.get(id), label)];
}
