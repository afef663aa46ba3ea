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

// What is seen: one plain object, which is the address's fragment.
//
// Whoever changes it says so by `change`; the address follows, and everyone who
// listens hears of it. The back button is a change as any other.

const NUMBERS = ['y', 'x', 'class_id', 'variation', 'gamma', 'boost', 'time'];

const DEFAULTS = {
  panes: [{network: 0, step: null, layer: '', unit: 0, off: []}],
  active: 0,  // Pane that has the keyboard and whose unit is large.
  picture: '',  // Id, 'camera' or 'film'.
  time: null,  // Of a film that is held, in seconds.
  mode: 'map',  // What is large: one of MODES.
  rule: 'off', show: 'raw', hold: null,  // Backward; hold is {layer, unit}.
  y: null, x: null,  // Chosen position of the map.
  class_id: null,  // Class whose drawing is shown in place of the unit's.
  variation: 0,  // Which of its drawings.
  sort: 'index', gamma: 0.5, boost: 0, grid: 'maps', palette: 'heat',
  labels: 1, stored: 1, fit: 'crop',
};

export const MODES = ['map', 'drawing', 'crops', 'numbers', 'none'];
export const RULES = ['off', 'plain', 'guided', 'deconvnet'];
export const SHOWS = ['raw', 'grey', 'norm', 'blurred'];
export const GAMMAS = [1, 0.7, 0.5, 0.3];
export const BOOSTS = [0, 0.5, 0.8, 1];
const CHOICES = {
  mode: MODES, rule: RULES, show: SHOWS, sort: ['index', 'strength'],
  grid: ['maps', 'drawings'], palette: ['heat', 'grey'],
  fit: ['crop', 'stretch'],
};

// A key that is held is faster, and browsers stop listening to whoever writes
// a hundred addresses in ten seconds.
const WRITES_A_SECOND = 8;

let start = null;
let state = DEFAULTS;
const listeners = [];
let written = 0;
let waiting = 0;

/** The state; treat it as constant. */
export const now = () => state;

/** What the server said at the start. */
export const offer = () => start;

/** The pane whose unit is large. */
export const active = (of = state) => of.panes[of.active];

/** {name, height, width, channels} of a pane's layer. */
export function layerOf(pane) {
  return start.networks[pane.network].layers.find(
    layer => layer.name === pane.layer);
}

/** Calls `listener(state, before)` after every change. */
export function listen(listener) {
  listeners.push(listener);
}

/** Takes the start's answer and the address; nothing was seen before. */
export function begin(answer) {
  start = answer;
  state = fitted(parse(location.hash));
  history.replaceState(null, '', format(state));
  addEventListener('popstate', () => {
    clearTimeout(waiting);
    const next = fitted(parse(location.hash));
    if (format(next) !== format(state)) tell(next);
  });
}

/**
 * Changes the state.
 * @param {Object} patch What is new.
 * @param {boolean} isStep Whether the back button returns to what was before.
 */
export function change(patch, isStep = true) {
  const time = 'picture' in patch ? null : state.time;
  const next = fitted({...state, time, ...patch});
  if (format(next) === format(state)) return;
  if (isStep) {
    write();
    history.pushState(null, '', format(next));
  }
  tell(next);
  if (isStep) return;
  clearTimeout(waiting);
  const left = written + 1000 / WRITES_A_SECOND - performance.now();
  if (left <= 0) write();
  else waiting = setTimeout(write, left);
}

/** Brings the address to the state. */
function write() {
  clearTimeout(waiting);
  written = performance.now();
  history.replaceState(null, '', format(state));
}

/** Changes a pane; a new unit begins at its own strongest position. */
export function changePane(patch, index = state.active, isStep = true) {
  // Steps are those of a network.
  const step = 'network' in patch ? {step: null} : {};
  const panes = state.panes.map(
    (pane, i) => i === index ? {...pane, ...step, ...patch} : pane);
  change({
    panes, active: index, y: null, x: null, class_id: null, variation: 0,
  }, isStep);
}

function tell(next) {
  const before = state;
  state = next;
  for (const listener of listeners) listener(state, before);
}

/** The parameters that say which network a pane has, at which step. */
export const which = ({network, step}) => ({network, step});

/** Whether two panes have the same network, at the same step. */
export const areSame = (one, other) =>
  one.network === other.network && one.step === other.step;

/** The parameters that a question about a pane's unit has. */
export function question(pane = active(), of = state) {
  return {
    ...which(pane), layer: pane.layer, unit: pane.unit,
    picture: of.picture, off: pane.off.join(','),
    fit: of.fit === DEFAULTS.fit ? '' : of.fit,
  };
}

/** The state's address, of which api/record and api/export know too. */
export function format(of) {
  const query = {...question(active(of), of)};
  if (of.panes.length > 1) {
    const other = of.panes[1 - of.active];
    for (const [key, value] of Object.entries(other)) {
      query[`other_${key}`] = Array.isArray(value) ? value.join(',') : value;
    }
    if (of.active === 1) query.at = 'right';
  }
  for (const [key, value] of Object.entries(of)) {
    if (['panes', 'active'].includes(key) || value === DEFAULTS[key]) continue;
    query[key] = key === 'hold' ? `${value.layer}:${value.unit}` : value;
  }
  const given = Object.entries(query).filter(
    ([, value]) => value !== '' && value !== null);
  // Slashes and colons of layers stay legible.
  const text = new URLSearchParams(given).toString();
  return '#' + text.replaceAll('%2F', '/').replaceAll('%3A', ':');
}

function parse(fragment) {
  const query = new URLSearchParams(fragment.replace(/^#/, ''));
  const of = {...DEFAULTS};
  for (const key of Object.keys(DEFAULTS)) {
    if (query.has(key) && key !== 'panes' && key !== 'active') {
      of[key] = query.get(key);
    }
  }
  for (const key of [...NUMBERS, 'labels', 'stored']) {
    if (of[key] === null) continue;
    of[key] = Number(of[key]);
    if (!Number.isFinite(of[key]) || of[key] < 0) of[key] = DEFAULTS[key];
  }
  if (of.hold !== null) [of.hold] = units([of.hold]);
  of.panes = [pane(query, '')];
  if (query.has('other_network')) {
    of.panes.push(pane(query, 'other_'));
    if (query.get('at') === 'right') {
      of.panes.reverse();
      of.active = 1;
    }
  }
  return of;
}

function pane(query, prefix) {
  const given = query.get(`${prefix}off`) ?? '';
  return {
    network: Number(query.get(`${prefix}network`) ?? 0),
    step: Number(query.get(`${prefix}step`) ?? NaN),
    layer: query.get(`${prefix}layer`) ?? '',
    unit: Number(query.get(`${prefix}unit`) ?? 0),
    off: given.split(',').filter(text => units([text])[0]),
  };
}

/** Reads each LAYER:UNIT; null where a text is none. */
function units(texts) {
  return texts.map(text => {
    const found = /^(.+):(\d+)$/.exec(text);
    return found && {layer: found[1], unit: Number(found[2])};
  });
}

/** Brings a state, which anyone may have typed, to what there is. */
function fitted(of) {
  const next = {...of};
  for (const [key, choices] of Object.entries(CHOICES)) {
    if (!choices.includes(next[key])) next[key] = DEFAULTS[key];
  }
  next.panes = of.panes.map(pane => {
    const network = start.networks[pane.network] ? pane.network : 0;
    const {layers, steps, step: first} = start.networks[network];
    const isStep = Number.isInteger(pane.step) && pane.step >= 0;
    // One that is not in the list may have come since then.
    const step = steps.length ? (isStep ? pane.step : first) : null;
    const layer = layers.find(each => each.name === pane.layer) ??
      middle(layers);
    const last = layer.channels - 1;
    const unit = Math.min(Math.max(Math.trunc(pane.unit) || 0, 0), last);
    return {...pane, network, step, layer: layer.name, unit};
  });
  const held = next.hold && layerOf({...active(next), ...next.hold});
  if (!(held?.channels > next.hold?.unit)) next.hold = null;
  if (!next.picture && start.photos.length) next.picture = start.photos[0].id;
  return next;
}

/** Where units see parts of things: small maps, but maps. */
function middle(layers) {
  const spatial = layers.filter(layer => layer.height > 1);
  const all = spatial.length ? spatial : layers;
  return all[Math.floor(0.55 * all.length)];
}
