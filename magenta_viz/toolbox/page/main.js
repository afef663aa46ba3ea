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

// Puts the page together: who hears of what.

import {address, getJson, isSuperseded, postFrame, postPicture} from './api.js';
import {Backward} from './backward.js';
import {Classes} from './classes.js';
import {$, make, say} from './dom.js';
import {Drawing} from './drawing.js';
import {FrameRow} from './film.js';
import {listenToKeys} from './keys.js';
import {Live} from './live.js';
import {Numbers} from './numbers.js';
import {Pane, activePane, isAskedAnew} from './pane.js';
import {Pictures, isLive} from './pictures.js';
import {active, areSame, begin, change, changePane, format, listen, now, offer,
} from './state.js';
import {startTheme} from './theme.js';
import {Tops} from './tops.js';
import {Unit} from './unit.js';

const panes = [];
const parts = {};

/** Says what went wrong, in the one place for it. */
function refuse(error) {
  if (isSuperseded(error)) return;
  say($('status'), error.message);
}

function build() {
  const pane = () => activePane(panes);
  parts.pictures = new Pictures({
    seen: () => parts.unit.draw(), film: file => parts.live.play(file),
    refuse});
  parts.unit = new Unit(parts.pictures, {
    pane, told: answer => parts.numbers.show(answer), refuse});
  parts.classes = new Classes({refuse});
  parts.numbers = new Numbers();
  parts.backward = new Backward({refuse});
  parts.drawing = new Drawing({drawn: () => pane().learn(), refuse});
  parts.tops = new Tops(pane);
  parts.live = new Live({
    size: () => offer().networks[active().network].image_size,
    frame: sendFrame, keep: keepFrame, refuse});
  parts.frames = new FrameRow(parts.live, parts.pictures);
  listenToKeys({
    ...parts, pane, move: (columns, rows) => pane().move(columns, rows),
    step: count => pane().step(count), network: stepNetwork, beside,
    checkpoint: count => pane().steps.move(count),
    toggleHelp, escape,
  });
  startBar();
}

/** The networks and links above. */
function startBar() {
  const {networks} = offer();
  $('network').append(...networks.map(
    ({name}, i) => make('option', {value: i, textContent: name})));
  $('network').addEventListener('change', event => changePane(
    {network: Number(event.target.value), off: []}));
  $('beside').addEventListener('click', beside);
  $('help').addEventListener('click', toggleHelp);
  $('keys-close').addEventListener('click', () => $('keys').close());
  $('save-address').addEventListener('click', () => {
    navigator.clipboard?.writeText(location.href);
    $('save').open = false;
  });
  addEventListener('click', event => {
    if (!$('save').contains(event.target)) $('save').open = false;
  });
  $('show-unit').addEventListener('click', () => change({mode: 'map'}));
  startTheme(() => parts.numbers.draw());
}

function stepNetwork(count) {
  const {length} = offer().networks;
  const network = (active().network + count + length) % length;
  changePane({network, off: []});
}

/** A second network or step beside the first, or the first alone again. */
function beside() {
  const {networks} = offer();
  if ($('beside').hidden) return;
  if (now().panes.length > 1) {
    change({panes: [active()], active: 0});
    return;
  }
  const network = (active().network + 1) % networks.length;
  const other = {network, step: null, layer: '', unit: 0, off: []};
  // One network alone is shown beside what it was at first.
  const step = networks[network].steps.find(each => each !== active().step);
  const past = {...active(), step, off: []};
  change({panes: [active(), networks.length > 1 ? other : past]});
}

function toggleHelp() {
  if ($('keys').open) $('keys').close();
  else $('keys').showModal();
}

function escape() {
  if ($('keys').open) $('keys').close();
  else if ($('save').open) $('save').open = false;
  else if (parts.drawing.isDrawing) parts.drawing.cancel();
  else if (now().y !== null) change({y: null, x: null});
  else if (now().mode === 'none') change({mode: 'map'});
}

/** Sends a frame to each network; its maps are shown with it. */
async function sendFrame(frame) {
  const blob = await frame.convertToBlob({type: 'image/jpeg', quality: 0.9});
  const {picture} = now();
  for (const pane of panes) {
    const of = pane.state;
    const maps = await postFrame(pane.question, blob);
    if (now().picture !== picture) return;
    if (pane.index === 0) parts.pictures.show(frame);
    pane.take({...maps, picture, of});
  }
  say($('status'), '');
  if (now().rule !== 'off') {
    await parts.backward.look((await postPicture(blob)).picture);
  }
}

/** Keeps a frame as a picture, which has an address; of a film its time too. */
async function keepFrame(frame, filmName = '', time = null) {
  try {
    const blob = await frame.convertToBlob();
    const {picture} = await postPicture(blob);
    const name = filmName || `frozen ${parts.pictures.given.size + 1}`;
    const file = new File([blob], name, {type: blob.type});
    parts.pictures.keep(picture, file, Boolean(filmName));
    const at = time === null ? null : Number(time.toFixed(4));
    change({picture, time: at}, at === null || isLive(now().picture));
  } catch (error) {
    refuse(error);
  }
}

/** Makes as many panes as the state has. */
function layPanes() {
  const wanted = now().panes.length;
  while (panes.length > wanted) panes.pop().root.remove();
  while (panes.length < wanted) panes.push(new Pane(panes.length, {
    seen: () => {
      if (!isLive(now().picture)) say($('status'), '');
      parts.classes.show(panes);
      parts.unit.draw();
    }, learned: () => {
      parts.drawing.lookAgain(activePane(panes));
      parts.tops.lookAgain();
    }, learnedClasses: () => {
      parts.drawing.lookAgain(activePane(panes));
      parts.classes.show(panes);
    }, refuse}));
  $('panes').classList.toggle('two', wanted > 1);
  $('beside').setAttribute('aria-pressed', String(wanted > 1));
}

/** Everything that a change of the state may ask for. */
function follow(state, before) {
  layPanes();
  const [pane, past] = [active(state), active(before)];
  const has = (...keys) => keys.some(key => state[key] !== before[key]);
  const isUnit = !areSame(pane, past) || pane.layer !== past.layer ||
    pane.unit !== past.unit || before === state;
  const isPicture = has('picture', 'fit') || before === state;
  if (isPicture) {
    parts.pictures.look();
    parts.live.follow();
  }
  panes.forEach((each, i) => {
    const [own, former] = [state.panes[i], before.panes[i]];
    const isNew = before === state || !former;
    if (isNew || !areSame(own, former) || own.layer !== former.layer) {
      each.learn();
    }
    each.draw();
    if ((isNew || isAskedAnew(i, state, before)) && !isLive(state.picture)) {
      each.look();
    }
  });
  const isOff = pane.off.join() !== past.off.join();
  if (isUnit || isPicture || isOff || has('y', 'x')) parts.unit.look();
  else if (has('mode', 'gamma', 'boost', 'palette')) parts.unit.name();
  if (isUnit || isPicture || has('rule', 'show', 'hold', 'y', 'x')) {
    if (!parts.live.isRunning) parts.backward.look();
    else parts.backward.mark();
  }
  if (isUnit || has('mode', 'class_id', 'variation')) parts.drawing.look();
  if (isUnit || has('mode', 'stored')) parts.tops.look();
  parts.unit.draw();
  parts.numbers.draw();
  parts.frames.mark();
  if (has('labels', 'panes')) parts.classes.show(panes);
  link();
}

/** Where what is seen can be had. */
function link() {
  const {picture, fit} = now();
  const {networks} = offer();
  $('beside').hidden = networks.length < 2 && networks[0].steps.length < 2;
  $('network').value = active().network;
  $('network').closest('label').hidden = panes.length > 1;
  document.title = `${active().layer} ${active().unit} · ` +
    'Deep Visualization Toolbox';
  const isKept = picture && !isLive(picture);
  const links = {
    picture: address('picture', {picture, fit, network: active().network}),
    record: `api/record?${format(now()).slice(1)}`,
    export: `api/export?${format(now()).slice(1)}`,
  };
  for (const [name, href] of Object.entries(links)) {
    const element = $(`save-${name}`);
    if (isKept) element.href = href;
    else element.removeAttribute('href');
    element.title = isKept ? '' : 'Freeze the picture first';
  }
}

async function start() {
  try {
    begin(await getJson('start'));
    say($('status'), '');
  } catch (error) {
    refuse(error);
    return;
  }
  build();
  listen(follow);
  follow(now(), now());
  document.body.classList.add('ready');
}

start();
