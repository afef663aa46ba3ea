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

// What the page shows: the whole, a layer, a unit, a class.

'use strict';

const SWITCHED_OFF =
  'In a unit’s own pictures the network is run with it, and with it switched ' +
  'off: what falls is what it raises. Of classes the logit counts, beside the ' +
  'mean of all; of layers the mean activation.';

/** All groups, in the order of the network. */
function overview() {
  const pictures = atlas.groups.reduce((sum, each) => sum + each.pictures, 0);
  const units = atlas.groups.reduce((sum, each) => sum + each.drawn, 0);
  const title = `Atlas of ${atlas.networks.join(', ') || 'nothing yet'}`;
  return {
    title: '',
    element: make(
      'div', {},
      heading(title),
      make('p.lead', {},
        `${count(pictures, 'picture')} of what ` +
        `${count(units, 'unit')} and classes want to see, ` +
        `in ${count(atlas.groups.length, 'group')}.`),
      make('nav', {'aria-label': 'Layers'}, make(
        'ul.chain', {}, ...atlas.groups.map(group => make('li', {}, make(
          'a', {href: addressOf(group)}, isolated(group.title), ' ',
          make('small', {}, group.count.toLocaleString('en'))))))),
      cells(),
      ...atlas.groups.map(summary)),
  };
}

function cells() {
  if (!atlas.cells.length) return null;
  return make(
    'section.group', {}, make('h2', {}, 'Photographs'),
    make('p.note', {}, 'What each layer finds in them, as a map.'),
    make('ul.chain', {}, ...atlas.cells.map(each => make(
      'li', {}, make('a', {href: each.link}, isolated(each.name))))));
}

/** A group on the overview. */
function summary(group) {
  return make(
    'section.group', {},
    make('h2', {}, make(
      'a', {href: addressOf(group)}, isolated(group.title))),
    factsOf(group),
    make('ul.samples', {}, ...group.samples.map(each => make('li', {}, cell(
      addressOf(group, each.number), framed(group.folder, each),
      nameOf(group, each.number))))));
}

function factsOf(group) {
  const things = group.kind === 'class' ?
    count(group.count, 'class', 'classes') :
    `${group.drawn.toLocaleString('en')} of ` +
      count(group.channels ?? group.count, 'unit');
  return make(
    'p.facts', {},
    listed(things, count(group.pictures, 'picture')),
    group.has_sheet ? BETWEEN : '',
    group.has_sheet ? make(
      'a', {href: fileOf(group.folder, 'sheet.png')}, 'all on one sheet') : '',
    group.missing ? BETWEEN : '',
    group.missing ? make(
      'span.warn', {}, `${count(group.missing, 'picture')} missing`) : '');
}

/** The units of a group. */
async function layerView(group) {
  const units = [...(await unitsOf(group)).values()];
  const grid = new Grid(
    units,
    unit => cell(
      addressOf(group, unit.number), framed(group.folder, unit.pictures[0]),
      nameOf(group, unit.number), verdict(unit)),
    `Units of ${group.title}`);
  grid.element.classList.toggle('named', group.kind === 'class');
  return {
    title: group.title,
    grid,
    element: make(
      'div', {}, ways(atlas.groups, group, 'layer', addressOf,
        each => each.title),
      heading(group.title), factsOf(group),
      units.length ? grid.element :
        make('p.warn', {}, 'What is here cannot be read.')),
    group,
  };
}

/** The first and the next: links that arrows follow. */
function ways(all, current, word, link, name) {
  const at = all.indexOf(current);
  const way = (to, arrow, rel) => all[to] ? make(
    'a', {href: link(all[to]), rel, 'aria-label': `${rel} ${word}: ${
      name(all[to])}`},
    ...(rel === 'prev' ? [arrow, isolated(name(all[to]))] :
      [isolated(name(all[to])), arrow])) : null;
  return make(
    'nav.way', {'aria-label': `Other ${word}s`},
    way(at - 1, '← ', 'prev'), way(at + 1, ' →', 'next'));
}

/** A unit, or a class. */
async function unitView(group, number, isClass) {
  const units = await unitsOf(group);
  const unit = units.get(number);
  const name = isClass ? className(number) : `${group.title} ${number}`;
  const users = isClass ? await usersOf(number) : {};
  const isThere = isClass ? Object.keys(users).length > 0 :
    number < (group.channels ?? 0);
  if (!unit && !isThere) return nothing();
  const effects = isClass ?
    await usedBy(users) : await feedsOf(group, number);
  const up = group && addressOf(group);
  return {
    title: isClass ? `${name} (class ${number})` : name,
    up,
    element: make(
      'div', {},
      group ? make(
        'div.way', {},
        make('a', {href: up, rel: 'up'}, '↑ ', isolated(group.title)),
        unit ? ways([...units.values()], unit, isClass ? 'class' : 'unit',
          each => addressOf(group, each.number),
          each => nameOf(group, each.number)) : null) : null,
      make('article.unit', {},
        make('div', {},
          heading(name),
          make('p.facts', {}, listed(
            isClass ? `class ${number}` : `unit ${number}`,
            unit ? count(unit.pictures.length, 'picture') : 'not drawn')),
          ...unit ? await drawnOf(group, unit, name) : []),
        make('div.effects', {}, ...effects))),
  };
}

/** The pictures of a unit, and how they were made. */
async function drawnOf(group, unit, name) {
  const {makings} = await load(`units/${group.folder}`);
  const total = unit.pictures.length;
  const figures = unit.pictures.map((picture, i) => {
    const words = `What ${name} wants to see, picture ${i + 1} of ${total}`;
    const frame = framed(group.folder, picture, words);
    const image = frame.firstElementChild;
    image.loading = 'eager';
    return make(
      'figure', {},
      make('a', {href: image.getAttribute('src'), 'aria-label':
        `${words}, alone`}, image),
      make('figcaption', {},
        listed(`score ${short(picture.score)}`, verdict({pictures: [picture]}),
          `seed ${picture.seed}`),
        BETWEEN,
        make('a', {href: fileOf(group.folder, `${picture.file}.json`)},
          'its record'),
        picture.warning ? make('p.warn', {}, picture.warning) : null));
  });
  const missing = (unit.missing ?? []).map(each => make(
    'p.warn', {}, `The picture of seed ${each.seed} is missing: ${
      each.error}.`));
  const used = [...new Set(unit.pictures.map(each => each.making))];
  return [
    make('div.large', {}, ...figures), ...missing,
    ...used.map(each => madeBy(makings[each])),
  ];
}

function madeBy(making) {
  if (!making) return '';
  const known = Object.entries(making.settings).filter(
    ([, value]) => value !== null && value !== '');
  return make(
    'div', {},
    making.command ? make('details', {},
      make('summary', {}, 'The command that draws it again'),
      make('pre', {}, making.command)) : null,
    make('details', {}, make('summary', {}, 'Its settings'), make(
      'dl', {}, ...known.flatMap(([key, value]) => [
        make('dt', {}, key),
        make('dd', {}, typeof value === 'object' ?
          JSON.stringify(value) : String(value))]))));
}

/** What a unit feeds, what feeds it, and which classes use it. */
async function feedsOf(group, number) {
  const feeds = group.has_feeds ? await load(`feeds/${group.folder}`) : null;
  const parts = [];
  for (const [layer, told] of Object.entries(feeds?.layers ?? {})) {
    parts.push(await effectsOf(
      ['Feeds ', linked(layer)], pairs(told.units[number]),
      atlas.byLayer.get(layer) ?? null));
  }
  const before = atlas.groups.filter(each => each.feeds.includes(group.layer));
  if (group.kind === 'channel') {
    for (const each of before.reverse()) {
      const told = (await load(`feeds/${each.folder}`))?.layers[group.layer];
      parts.push(await effectsOf(
        ['Fed by ', linked(each.layer)], pairs(told?.things[number]), each,
        false, ' it'));
    }
  }
  if (feeds) {
    const classes = pairs(feeds.classes.units[number]);
    parts.unshift(await effectsOf(
      ['Classes'], classes, classGroup() ?? null, true));
    parts.push(make('p.note', {}, SWITCHED_OFF));
  }
  return parts;
}

/** Which units use a class, layer by layer, the last first. */
async function usedBy(users) {
  const parts = [];
  for (const group of [...atlas.groups].reverse()) {
    const found = pairs(users[group.folder]);
    if (found.length) {
      parts.push(await effectsOf(
        ['Units of ', linked(group.layer)], found, group, false, ' it'));
    }
  }
  if (parts.length) parts.push(make('p.note', {}, SWITCHED_OFF));
  return parts;
}

/**
 * Units or classes with effects, those raised and those lowered.
 * @param {Array} words Of the heading.
 * @param {Array} found Numbers with effects.
 * @param {?Object} group Of these, where it is drawn.
 * @param {boolean} areClasses
 * @param {string} what Is raised, where these are what raises it.
 */
async function effectsOf(
  words, found, group, areClasses = false, what = '') {
  const units = await unitsOf(group);
  const most = Math.max(...found.map(([, value]) => Math.abs(value)));
  const one = ([number, value]) => {
    const name = areClasses ? className(number) : String(number);
    const link = areClasses ? address('class', number) :
      group && addressOf(group, number);
    const picture = units.get(number)?.pictures[0];
    if (!picture) {
      return make('li', {}, link ?
        make('a', {href: link}, isolated(name)) : isolated(name),
      ' ', make('span.number.quiet', {}, signed(value)));
    }
    const shown = cell(
      link, framed(group.folder, picture), name, signed(value));
    const bar = make('i');
    bar.style.width = `${Math.round(100 * Math.abs(value) / most)}%`;
    shown.append(make('span.strength', {'aria-hidden': 'true'}, bar));
    return make('li', {}, shown);
  };
  const part = (title, kind, some) => {
    const drawn = some.filter(([number]) => units.get(number)?.pictures.length);
    const others = some.filter(each => !drawn.includes(each));
    return some.length ? make(
      `div.${kind}`, {}, make('h3', {}, title),
      drawn.length ? make('ul.row', {}, ...drawn.map(one)) : null,
      others.length ? make('ul.plain', {}, ...others.map(one)) : null) : null;
  };
  return make(
    'section', {}, make('h2', {}, ...words),
    found.length ? null : make('p.note', {}, 'Nothing changes without it.'),
    part(`raises${what} most`, 'raised', found.filter(([, value]) => value > 0)),
    part(`lowers${what} most`, 'lowered',
      found.filter(([, value]) => value < 0).reverse()));
}

/** What is shown where there is nothing. */
function nothing() {
  return {
    title: 'Nothing here',
    element: make(
      'div', {}, heading('Nothing here'),
      make('p.lead', {}, 'The atlas has nothing of this address. ',
        make('a', {href: '#/'}, 'All that it has'), '.')),
  };
}

function heading(text) {
  return make('h1', {tabindex: '-1'}, isolated(text));
}

/** A text of others, which may run from right to left. */
const isolated = text => make('bdi', {dir: 'auto'}, text);

function linked(layer) {
  const group = atlas.byLayer.get(layer);
  return group ? make('a', {href: addressOf(group)}, isolated(layer)) :
    isolated(layer);
}

function nameOf(group, number) {
  return group.kind === 'class' ?
    `${number} ${className(number)}` : String(number);
}

/** How sure the network is of the picture of a class. */
function verdict(unit) {
  const {probability, rank} = unit.pictures[0] ?? {};
  if (probability === undefined) return '';
  return rank === 1 ? `${Math.floor(100 * probability)} %` : `rank ${rank}`;
}
