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

// What is shown, in scripts that hand it over when they are loaded: a page that
// was opened from a disk may not fetch.

'use strict';

const handed = new Map();
const loading = new Map();

/** Called by the scripts of data. */
function take(name, data) {
  handed.set(name, data);
}

/**
 * Loads data, once.
 * @return {Promise} Of them; null if there are none.
 */
function load(name) {
  if (!loading.has(name)) {
    loading.set(name, new Promise(resolve => {
      const path = name.split('/').map(encodeURIComponent).join('/');
      const script = make('script', {src: `page/${path}.js`});
      const end = () => {
        const found = handed.get(name) ?? null;
        // It may be there the next time.
        if (found === null) loading.delete(name);
        handed.delete(name);
        script.remove();
        resolve(found);
      };
      script.addEventListener('load', end);
      script.addEventListener('error', end);
      document.head.append(script);
    }));
  }
  return loading.get(name);
}

/** What the overview knows: the groups, and how to find them. */
const atlas = {
  groups: [], networks: [], cells: [], classNames: {},
  shard: 1, shards: [],
  byAddress: new Map(), byLayer: new Map(),
};

/** Loads what the overview shows; returns whether there is any. */
async function loadAtlas() {
  const found = await load('atlas');
  if (!found) return false;
  Object.assign(atlas, found, {classNames: found.class_names});
  for (const group of atlas.groups) {
    group.title = titleOf(group);
    atlas.byAddress.set(group.address, group);
    if (group.kind === 'channel') atlas.byLayer.set(group.layer, group);
  }
  return true;
}

function titleOf(group) {
  if (group.kind === 'class') return 'Classes';
  if (group.kind === 'channel') return group.layer;
  return `${group.layer}, neurons ${
    group.place ? `at ${group.place.slice(1)}` : 'in the middle'}`;
}

/** The group of classes, if there is one. */
const classGroup = () => atlas.byAddress.get('class');

/** Units of a group by their numbers. */
async function unitsOf(group) {
  const found = group && await load(`units/${group.folder}`);
  if (!found) return new Map();
  found.byNumber ??= new Map(found.units.map(each => [each.number, each]));
  return found.byNumber;
}

/** Which units use a class: by folder, as flat lists. */
async function usersOf(classId) {
  const shard = Math.floor(classId / atlas.shard);
  if (!atlas.shards.includes(shard)) return {};
  return (await load(`classes/${shard}`))?.[classId] ?? {};
}

/** Pairs of a flat list: of a number and its effect. */
function pairs(flat = []) {
  const found = [];
  for (let i = 0; i < flat.length; i += 2) found.push([flat[i], flat[i + 1]]);
  return found;
}

/** Name of a class, as far as it is known. */
const className = id =>
  Object.hasOwn(atlas.classNames, id) ? atlas.classNames[id] : `class ${id}`;

/** Address of a group, or of one of its units. */
function addressOf(group, number = null) {
  return address(group.address, number);
}

function address(start, number = null) {
  const path = encodeURIComponent(start).replaceAll('%2F', '/');
  return `#/${path}${number === null ? '' : `/${number}`}`;
}

/**
 * What an address is of.
 * @return {{group: ?Object, number: ?number, isClass: boolean}} Null if of
 *   nothing.
 */
function find(hash) {
  let path = '';
  try {
    path = decodeURIComponent(hash.replace(/^#?\/?/, ''));
  } catch { /* No address of ours. */ return null; }
  if (path === '') return {group: null, number: null, isClass: false};
  const whole = atlas.byAddress.get(path);
  if (whole) return {group: whole, number: null, isClass: false};
  const parts = /^(.*)\/([0-9]{1,9})$/s.exec(path);
  if (!parts) return null;
  const group = atlas.byAddress.get(parts[1]) ?? null;
  const isClass = parts[1] === 'class';
  if (!group && !isClass) return null;
  return {group, number: Number(parts[2]), isClass};
}
