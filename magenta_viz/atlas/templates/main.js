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

// Shows what the address says, and moves with keys.

'use strict';

const page = {view: null, hash: null, turn: 0, places: new Map()};
const TITLE = document.title;

/** Shows what the address is of. */
async function show() {
  const turn = page.turn += 1;
  const {hash} = location;
  const wanted = find(hash);
  $('main').setAttribute('aria-busy', 'true');
  const view = !wanted ? nothing() :
    wanted.number !== null ?
      await unitView(wanted.group, wanted.number, wanted.isClass) :
      wanted.group ? await layerView(wanted.group) : overview();
  // Somebody may have gone on meanwhile.
  if (turn !== page.turn) return;
  const before = page.hash;
  const last = before === null ? null : find(before);
  [page.view, page.hash] = [view, hash];
  $('main').replaceChildren(view.element);
  $('main').removeAttribute('aria-busy');
  document.title = view.title ? `${view.title} – ${TITLE}` : TITLE;
  $('said').textContent = document.title;
  const isBack = !view.up && page.places.has(hash);
  scrollTo(0, isBack ? page.places.get(hash) : 0);
  view.grid?.update();
  if (before === null) return;
  // To the unit that was looked at, or else to what is read first.
  const at = view.grid && last?.group === view.group ?
    view.grid.items.findIndex(each => each.number === last.number) : -1;
  if (at >= 0) {
    view.grid.focus(at);
  } else {
    view.element.querySelector('h1').focus({preventScroll: true});
  }
}

function press(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest('input')) return;
  const follow = selector => {
    const link = $('main').querySelector(selector);
    if (!link) return false;
    location.hash = link.getAttribute('href');
    return true;
  };
  const isUnit = Boolean(page.view?.up);
  if (event.key === '/') {
    $('search').focus();
  } else if (event.key === 'Escape') {
    if (!follow('a[rel=up]') && !page.view?.group) return;
    if (!isUnit) location.hash = '#/';
  } else if (isUnit && event.key === 'ArrowLeft') {
    if (!follow('a[rel=prev]')) return;
  } else if (isUnit && event.key === 'ArrowRight') {
    if (!follow('a[rel=next]')) return;
  } else {
    return;
  }
  event.preventDefault();
}

async function start() {
  history.scrollRestoration = 'manual';
  startSearch();
  addEventListener('keydown', press);
  let isWaiting = false;
  const update = () => {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => {
      isWaiting = false;
      // While another view is made, the height is still this one's.
      if (page.hash === location.hash) page.places.set(page.hash, scrollY);
      page.view?.grid?.update();
    });
  };
  addEventListener('scroll', update, {passive: true});
  addEventListener('resize', update);
  $('skip').addEventListener('click', event => {
    event.preventDefault();
    $('main').querySelector('h1')?.focus();
  });
  if (!await loadAtlas()) {
    $('main').replaceChildren(make(
      'p.lead', {}, 'The file page/atlas.js is missing or damaged; the command ',
      'that drew the atlas makes it again.'));
    return;
  }
  addEventListener('hashchange', show);
  await show();
}

start();
