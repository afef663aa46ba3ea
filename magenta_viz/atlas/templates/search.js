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

// A box that finds layers, units and classes by their names and numbers.

'use strict';

const MOST_FOUND = 12;

/**
 * What a text finds.
 * @return {Array<{link: string, name: string, kind: string}>} Best first.
 */
function search(text) {
  const words = text.toLowerCase().split(/[\s:,]+/).filter(Boolean);
  if (!words.length) return [];
  const found = [];
  const add = (place, link, name, kind) =>
    found.push({place, link, name, kind});
  const number = /^[0-9]{1,9}$/.test(words.at(-1)) ? Number(words.at(-1)) : null;
  const before = number === null ? words : words.slice(0, -1);
  for (const group of atlas.groups) {
    const title = group.title.toLowerCase();
    const place = placeOf(title, words);
    if (place >= 0) {
      add(place, addressOf(group), group.title, count(group.count, 'unit'));
    }
    const isOne = group.kind !== 'class' && number !== null &&
      number < (group.channels ?? Infinity);
    if (isOne && placeOf(title, before) >= 0) {
      add(before.length ? placeOf(title, before) : 3,
        addressOf(group, number), `${group.title} ${number}`, 'unit');
    }
  }
  for (const [id, name] of Object.entries(atlas.classNames)) {
    const isNumber = words.length === 1 && number === Number(id);
    const place = isNumber ? 0 : placeOf(name.toLowerCase(), words);
    if (place >= 0) add(place, address('class', id), name, `class ${id}`);
  }
  return found.map((each, i) => [each, i]).sort(
    ([a, i], [b, j]) => a.place - b.place || i - j).map(
    ([each]) => each).slice(0, MOST_FOUND);
}

/** 0 if a name is or begins with the words, up to 2 if it has them; or -1. */
function placeOf(name, words) {
  if (!words.every(word => name.includes(word))) return -1;
  const whole = words.join(' ');
  if (name === whole || name.startsWith(whole)) return 0;
  return name.split(/[\s/_-]+/).some(each => each.startsWith(words[0])) ? 1 : 2;
}

function startSearch() {
  const [box, list] = [$('search'), $('found')];
  let found = [];
  let chosen = -1;

  const choose = at => {
    chosen = at;
    [...list.children].forEach((each, i) => {
      each.setAttribute('aria-selected', String(i === chosen));
      if (i === chosen) each.scrollIntoView({block: 'nearest'});
    });
    if (chosen >= 0) {
      box.setAttribute('aria-activedescendant', `found-${chosen}`);
    } else {
      box.removeAttribute('aria-activedescendant');
    }
  };
  const show = isOpen => {
    list.hidden = !isOpen;
    box.setAttribute('aria-expanded', String(isOpen));
  };
  const look = () => {
    found = search(box.value);
    list.replaceChildren(...found.map((each, i) => make(
      'li', {role: 'option', id: `found-${i}`, 'aria-selected': 'false'},
      make('bdi', {dir: 'auto'}, each.name),
      make('span.quiet', {}, each.kind))));
    const isAsked = box.value.trim() !== '';
    if (isAsked && !found.length) {
      list.append(make('li.none', {role: 'option', 'aria-disabled': 'true'},
        'nothing of that name'));
    }
    show(isAsked);
    choose(found.length ? 0 : -1);
  };
  const go = at => {
    if (!found[at]) return;
    location.hash = found[at].link;
    box.value = '';
    show(false);
    box.blur();
  };

  box.addEventListener('input', look);
  box.addEventListener('focus', look);
  box.addEventListener('blur', () => show(false));
  box.addEventListener('keydown', event => {
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (step && found.length) {
      choose((chosen + step + found.length) % found.length);
    } else if (event.key === 'Enter') {
      go(chosen);
    } else if (event.key === 'Escape') {
      box.value = '';
      show(false);
      box.blur();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
  // Before the box loses the focus.
  list.addEventListener('pointerdown', event => {
    event.preventDefault();
    go([...list.children].indexOf(event.target.closest('li')));
  });
}
