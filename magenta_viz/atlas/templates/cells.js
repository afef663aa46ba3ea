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

// The map of an activation atlas: cells to move over, come closer to and open.
// What is shown comes from data.js and photographs.js; names become text, never
// HTML.

'use strict';

const SIDE = 100;
const MOST = 8;
const BETWEEN = '\u00a0\u00b7 ';
// In pixels: what moved less was a click.
const STILL = 5;

const $ = id => document.getElementById(id);
const map = $('map');
const plane = $('plane');
const opened = $('opened');

const {cells, grid} = window.CELLS;
const byPlace = new Map();
const pointers = new Map();

let view = {x: 0, y: 0, scale: 1};
let current = null;
let shining = '';
let moved = 0;

/** Makes an element; what comes into it is text. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

const count = (value, word) =>
  `${value.toLocaleString('en')} ${word}${value === 1 ? '' : 's'}`;

const firstName = name => name.split(', ')[0];

const addressOf = cell => `#r${cell.row}c${cell.column}`;

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** The least scale, at which all of the map is seen. */
function least() {
  const side = Math.min(map.clientWidth, map.clientHeight);
  return Math.min(side / (grid * SIDE), MOST);
}

/** Moves the plane, so far that the map's middle stays over some of it. */
function show(x, y, scale) {
  const bounded = clamp(scale, least(), MOST);
  const extent = grid * SIDE * bounded;
  view = {
    x: clamp(x, map.clientWidth / 2 - extent, map.clientWidth / 2),
    y: clamp(y, map.clientHeight / 2 - extent, map.clientHeight / 2),
    scale: bounded,
  };
  plane.style.transform =
    `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
}

function showAll() {
  const scale = least();
  show((map.clientWidth - grid * SIDE * scale) / 2,
    (map.clientHeight - grid * SIDE * scale) / 2, scale);
}

/** Comes closer to a place of the window, or goes away from it. */
function zoom(factor, x = map.clientWidth / 2, y = map.clientHeight / 2) {
  const scale = clamp(view.scale * factor, least(), MOST);
  const ratio = scale / view.scale;
  show(x - (x - view.x) * ratio, y - (y - view.y) * ratio, scale);
}

/** Brings a cell into sight, if it is not. */
function reveal(cell) {
  const size = SIDE * view.scale;
  const left = view.x + cell.column * size;
  const top = view.y + cell.row * size;
  const dx = left < 0 ? -left : Math.min(map.clientWidth - left - size, 0);
  const dy = top < 0 ? -top : Math.min(map.clientHeight - top - size, 0);
  if (dx || dy) show(view.x + dx, view.y + dy, view.scale);
}

function makeCell(cell) {
  const names = cell.classes.map(each => firstName(each.class_name));
  const label = `row ${cell.row}, column ${cell.column}: ` +
    [count(cell.num_points, 'point'), ...names.slice(0, 3)].join(', ');
  const button = make('button', {
    type: 'button', class: 'cell', 'aria-label': label, title: label,
    'aria-pressed': 'false', tabindex: '-1',
    style: `left:${cell.column * SIDE}px;top:${cell.row * SIDE}px`,
  });
  const image = make('img', {
    src: encodeURIComponent(cell.picture), alt: '', loading: 'lazy',
    draggable: 'false',
  });
  image.addEventListener('error', () => image.replaceWith(
    make('span', {class: 'missing'}, 'not drawn')));
  button.append(image);
  button.addEventListener('click', () => {
    // Of a key it has no detail, and of a drag it is no click.
    if (moved < STILL) location.hash = addressOf(cell);
  });
  button.addEventListener('focus', () => reveal(cell));
  cell.button = button;
  return button;
}

/** Lets one cell be reached by the Tab key. */
function setReachable(cell) {
  for (const each of cells) each.button.tabIndex = each === cell ? 0 : -1;
}

/** The nearest cell in a direction, the straightest way first. */
function next(from, down, right) {
  let best = null;
  for (const each of cells) {
    const y = each.row - from.row;
    const x = each.column - from.column;
    const ahead = y * down + x * right;
    const aside = Math.abs(y * right) + Math.abs(x * down);
    const cost = ahead + 3 * aside;
    if (ahead > 0 && (!best || cost < best.cost)) best = {cost, cell: each};
  }
  return best && best.cell;
}

function bar(share) {
  const fill = make('i', {style: `width:${(100 * share).toFixed(1)}%`});
  return make('span', {class: 'bar', 'aria-hidden': 'true'}, fill);
}

function classRow(each, most) {
  const button = make('button', {
    type: 'button', 'aria-pressed': String(shining === String(each.class_id)),
    title: `Shine where ${each.class_name} is attributed`,
  }, make('bdi', {dir: 'auto'}, firstName(each.class_name)),
  make('span', {class: 'number'}, each.attribution.toFixed(3)),
  bar(each.attribution / most));
  button.dataset.id = each.class_id;
  button.addEventListener('click', () =>
    shine(shining === button.dataset.id ? '' : button.dataset.id));
  return make('li', {}, button);
}

function photographRow(each) {
  const [height, width] = window.CELLS.map;
  const size = 100 / Math.max(height, width);
  const name = window.CELLS.names[each.number];
  const shown = make('span', {class: 'shown'}, make('img', {
    src: window.PHOTOGRAPHS[each.number], alt: name, title: name,
  }), make('span', {
    class: 'place', style: `left:${100 * (each.column + .5) / width}%;` +
      `top:${100 * (each.row + .5) / height}%;` +
      `width:${Math.max(2 * size, 12)}%;height:${Math.max(2 * size, 12)}%`,
  }));
  return make('li', {}, shown, make('bdi', {dir: 'auto'}, name));
}

/** Shows a cell large, with what is known of it. */
function fill(cell) {
  const close = make('button', {type: 'button', id: 'close'}, 'Close');
  close.addEventListener('click', () => { location.hash = ''; });
  const parts = [
    make('div', {class: 'top'},
      make('h2', {}, `Row ${cell.row}, column ${cell.column}`), close),
    make('img', {
      class: 'large', src: encodeURIComponent(cell.picture),
      alt: 'What the points of this cell have in common',
    }),
    make('p', {class: 'facts'}, [
      count(cell.num_points, 'point'),
      count(cell.num_photographs, 'photograph'),
    ].join(BETWEEN)),
  ];
  if (cell.classes.length) {
    const most = Math.max(...cell.classes.map(each => each.attribution));
    parts.push(make('h3', {}, 'What it says of classes'),
      make('p', {class: 'facts'},
        'What a point here adds to the logit of each, on average.'),
      make('ol', {class: 'classes'},
        ...cell.classes.map(each => classRow(each, most))));
  }
  parts.push(make('h3', {}, 'Photographs that are most like it'),
    make('ul', {class: 'photographs'},
      ...cell.photographs.map(photographRow)));
  opened.replaceChildren(...parts);
}

function open(cell) {
  if (current) current.button.setAttribute('aria-pressed', 'false');
  current = cell;
  if (!cell) {
    opened.replaceChildren(make('p', {class: 'quiet'},
      'A cell that you click, or open by Enter, is shown here.'));
    return;
  }
  cell.button.setAttribute('aria-pressed', 'true');
  setReachable(cell);
  reveal(cell);
  fill(cell);
  // Below the map, where the window is narrow.
  opened.scrollIntoView({block: 'nearest'});
}

/** Dims the cells that say less of a class, or none. */
function shine(id) {
  shining = id;
  $('class').value = id;
  const found = cells.map(cell => {
    const each = cell.classes.find(one => String(one.class_id) === id);
    return each ? each.attribution : 0;
  });
  const most = Math.max(...found);
  cells.forEach((cell, index) => {
    const share = id ? found[index] / most : 1;
    cell.button.style.opacity = (.12 + .88 * share).toFixed(3);
    cell.button.style.filter = share ? '' : 'grayscale(1)';
    cell.button.dataset.share = share.toFixed(3);
  });
  const number = found.filter(Boolean).length;
  $('shining').textContent = id ? `in ${count(number, 'cell')}` : '';
  for (const each of opened.querySelectorAll('.classes button')) {
    each.setAttribute('aria-pressed', String(each.dataset.id === id));
  }
}

/** Offers all classes, those first of which most is said. */
function offer() {
  const known = new Map();
  for (const cell of cells) {
    for (const each of cell.classes) {
      const before = known.get(each.class_id) || {...each, attribution: 0};
      before.attribution += each.attribution * cell.num_points;
      known.set(each.class_id, before);
    }
  }
  const sorted = [...known.values()].sort(
    (a, b) => b.attribution - a.attribution);
  $('class').append(make('option', {value: ''}, 'all'), ...sorted.map(each =>
    make('option', {value: each.class_id}, firstName(each.class_name))));
  $('choice').hidden = !sorted.length;
}

function goTo(hash) {
  const match = /^#r(\d+)c(\d+)$/.exec(hash);
  open(match ? byPlace.get(`${+match[1]},${+match[2]}`) || null : null);
}

function within(event) {
  const box = map.getBoundingClientRect();
  return {x: event.clientX - box.left, y: event.clientY - box.top};
}

/** Middle of the pointers, and how far two are from one another. */
function hands() {
  const places = [...pointers.values()];
  const mean = name =>
    places.reduce((sum, each) => sum + each[name], 0) / places.length;
  const [a, b] = places;
  const apart = b ? Math.hypot(a.x - b.x, a.y - b.y) : 0;
  return {x: mean('x'), y: mean('y'), apart};
}

function listenToHands() {
  map.addEventListener('wheel', event => {
    event.preventDefault();
    const {x, y} = within(event);
    const pixels = event.deltaY * (event.deltaMode ? 30 : 1);
    zoom(Math.exp(-clamp(pixels, -300, 300) / 400), x, y);
  }, {passive: false});
  map.addEventListener('pointerdown', event => {
    if (event.target.closest('.zoom')) return;
    if (!pointers.size) moved = 0;
    pointers.set(event.pointerId, within(event));
  });
  window.addEventListener('pointermove', event => {
    if (!pointers.has(event.pointerId)) return;
    const before = hands();
    pointers.set(event.pointerId, within(event));
    const now = hands();
    moved += Math.hypot(now.x - before.x, now.y - before.y);
    if (before.apart && now.apart) {
      moved = Math.max(moved, STILL);
      zoom(now.apart / before.apart, now.x, now.y);
    }
    if (moved < STILL) return;
    map.classList.add('moving');
    show(view.x + now.x - before.x, view.y + now.y - before.y, view.scale);
  });
  const release = event => {
    pointers.delete(event.pointerId);
    if (!pointers.size) map.classList.remove('moving');
  };
  window.addEventListener('pointerup', release);
  window.addEventListener('pointercancel', release);
}

const ARROWS = {
  ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
};

function listenToKeys() {
  map.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const from = cells.find(each => each.button === event.target);
    const arrow = ARROWS[event.key];
    // Of keys a click has moved nothing.
    moved = 0;
    if (arrow && from) {
      const cell = next(from, ...arrow);
      if (cell) {
        setReachable(cell);
        cell.button.focus({preventScroll: true});
      }
    } else if (event.key === '+' || event.key === '=') {
      zoom(1.4);
    } else if (event.key === '-') {
      zoom(1 / 1.4);
    } else if (event.key === '0') {
      showAll();
    } else {
      return;
    }
    event.preventDefault();
  });
  window.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || !current) return;
    const {button} = current;
    location.hash = '';
    button.focus({preventScroll: true});
  });
}

function start() {
  for (const cell of cells) byPlace.set(`${cell.row},${cell.column}`, cell);
  plane.style.width = plane.style.height = `${grid * SIDE}px`;
  plane.append(...cells.map(makeCell));
  setReachable(cells[0]);
  offer();
  $('class').addEventListener('change', () => shine($('class').value));
  $('closer').addEventListener('click', () => zoom(1.4));
  $('away').addEventListener('click', () => zoom(1 / 1.4));
  $('all').addEventListener('click', showAll);
  // The browser would bring a focused cell into sight by itself.
  map.addEventListener('scroll', () => map.scrollTo(0, 0));
  listenToHands();
  listenToKeys();
  window.addEventListener('hashchange', () => goTo(location.hash));
  let width = 0;
  new ResizeObserver(() => {
    if (map.clientWidth !== width) showAll();
    width = map.clientWidth;
  }).observe(map);
  showAll();
  goTo(location.hash);
}

start();
