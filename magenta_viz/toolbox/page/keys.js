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

// The keys: those of the old Deep Visualization Toolbox, and ours.

import {$, make} from './dom.js';
import {BOOSTS, GAMMAS, MODES, change, changePane, now} from './state.js';

const next = (choices, value) =>
  choices[(choices.indexOf(value) + 1) % choices.length];

/** [keys, what they do, action of (parts, key)], by group. */
const TABLE = {
  Picture: [
    ['c', 'camera on or off', ({live}) => live.toggleCamera()],
    ['f', 'freeze the camera or the film', ({live}) => live.toggleFreeze()],
    ['e', 'next photograph', ({pictures}) => pictures.step(1)],
    ['w', 'previous photograph', ({pictures}) => pictures.step(-1)],
    ['-', 'previous frame of a film or an animated picture',
      ({frames}) => frames.step(-1)],
    [['+', '='], 'next frame', ({frames}) => frames.step(1)],
    ['0', 'middle square, or all of it stretched',
      ({pictures}) => pictures.toggleFit()],
  ],
  'Layers and units': [
    [['ArrowLeft', 'j'], 'left', ({move}) => move(-1, 0)],
    [['ArrowRight', 'l'], 'right', ({move}) => move(1, 0)],
    [['ArrowUp', 'i'], 'up; from the first row to the layers',
      ({move}) => move(0, -1)],
    [['ArrowDown', 'k'], 'down; from the layers to the units',
      ({move}) => move(0, 1)],
    [['J', 'L', 'I', 'K'], 'three at a time (Shift with arrows too)', null],
    ['u', 'earlier layer, unit of the same number', ({step}) => step(-1)],
    ['o', 'later layer, unit of the same number', ({step}) => step(1)],
    ['s', 'stored drawings in the grid, or maps', () =>
      change({grid: now().grid === 'maps' ? 'drawings' : 'maps'})],
    ['r', 'order by strength, or by index', () =>
      change({sort: now().sort === 'index' ? 'strength' : 'index'})],
    ['t', 'gamma: 1, 0.7, 0.5, 0.3', () =>
      change({gamma: next(GAMMAS, now().gamma)})],
    ['T', 'brightest by each map’s own maximum: 0, 0.5, 0.8, 1', () =>
      change({boost: next(BOOSTS, now().boost)})],
    ['p', 'colours of maps', () =>
      change({palette: now().palette === 'heat' ? 'grey' : 'heat'})],
    ['a', 'what changes from now on (blue less, warm more), or maps',
      ({pane}) => pane().toggleChanges()],
    ['[', 'previous network', ({network}) => network(-1)],
    [']', 'next network', ({network}) => network(1)],
    [',', 'earlier checkpoint of its training',
      ({checkpoint}) => checkpoint(-1)],
    ['.', 'later checkpoint of its training', ({checkpoint}) => checkpoint(1)],
    ['v', 'two networks, or checkpoints, side by side',
      ({beside}) => beside()],
    ['Tab', 'to the next button, as everywhere', null],
  ],
  'The unit': [
    ['z', 'what is large: map, drawing, photographs, numbers, nothing', () =>
      change({mode: next(MODES, now().mode)})],
    ['b', 'backward: off, gradient, guided, deconvolution',
      ({backward}) => backward.nextRule(true)],
    ['n', 'next rule of backward', ({backward}) => backward.nextRule(false)],
    ['m', 'backward as raw, grey, norm, blurred norm',
      ({backward}) => backward.nextShow()],
    ['d', 'hold backward on this unit', ({backward}) => backward.toggleHold()],
    ['x', 'switch the unit off, or on', ({unit}) => unit.toggleOff()],
    ['X', 'switch all units on', () => changePane({off: []})],
    ['g', 'draw what the unit wants to see', ({drawing}) => drawing.draw()],
    ['<', 'previous drawing of the unit', ({drawing}) => drawing.step(-1)],
    ['>', 'next drawing of the unit', ({drawing}) => drawing.step(1)],
    ['8', 'likeliest classes shown or not', () =>
      change({labels: 1 - now().labels})],
    ['9', 'row of stored pictures shown or not', () =>
      change({stored: 1 - now().stored})],
  ],
  Page: [
    ['h', 'these keys', ({toggleHelp}) => toggleHelp()],
    ['Escape', 'close; cancel a drawing; position at the maximum again',
      ({escape}) => escape()],
  ],
};

const NAMES = {ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓',
  Escape: 'Esc'};

/**
 * Listens to the keyboard.
 * @param {Object} parts What the actions of the table are given.
 */
export function listenToKeys(parts) {
  const actions = new Map();
  for (const [keys, , action] of Object.values(TABLE).flat()) {
    for (const key of [keys].flat()) if (action) actions.set(key, action);
  }
  addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const {target, key} = event;
    if (isTyped(target, key)) return;
    const isThrice = event.shiftKey && (/^[IJKL]$/.test(key) ||
      key.startsWith('Arrow'));
    const action = actions.get(isThrice && key.length === 1 ?
      key.toLowerCase() : key);
    if (!action || ($('keys').open && key !== 'h' && key !== 'Escape')) return;
    event.preventDefault();
    for (let i = 0; i < (isThrice ? 3 : 1); i += 1) action(parts, key);
  });
  fillHelp();
}

/** Whether a key is for the element that has the focus. */
function isTyped(target, key) {
  if (key === 'Escape') return false;
  if (target.matches('input[type=text], textarea')) return true;
  return key.startsWith('Arrow') && target.matches('select, input');
}

function fillHelp() {
  const groups = Object.entries(TABLE).map(([title, entries]) => {
    const rows = entries.map(([keys, text]) => make('div', {},
      make('dt', {}, ...[keys].flat().map(
        key => make('kbd', {textContent: NAMES[key] ?? key}))),
      make('dd', {textContent: text})));
    return make('section', {}, make('h3', {textContent: title}),
      make('dl', {}, ...rows));
  });
  $('keys-list').replaceChildren(...groups);
}
