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

// The picture: a photograph of the list, one that was given, or a live frame.

import {getBitmap, getBlob, isSuperseded, newest, postPicture}
  from './api.js';
import {$, make, say} from './dom.js';
import {active, change, now, offer} from './state.js';

export const isLive = picture => picture === 'camera' || picture === 'film';

export class Pictures {
  /**
   * @param {{seen: function(), film: function(File),
   *     refuse: function(Error)}} hands Are told of a new picture, of a film
   *     to play, and of errors.
   */
  constructor(hands) {
    this.hands = hands;
    this.canvas = $('picture');
    this.given = new Map();  // Files by their ids.
    this.counts = new Map();  // Frames of animated ones by their ids.
    this.isEmpty = true;
    this.list();
    $('photos').addEventListener('change', event => {
      if (event.target.value) this.choose(event.target.value);
    });
    $('before').addEventListener('click', () => this.step(-1));
    $('after').addEventListener('click', () => this.step(1));
    $('fit').addEventListener('click', () => this.toggleFit());
    $('file').addEventListener('change', event => {
      this.take(event.target.files[0]);
      event.target.value = '';  // The same file may be opened again.
    });
    this.listenToDrops();
  }

  listenToDrops() {
    addEventListener('dragover', event => {
      event.preventDefault();
      $('drop').classList.add('over');
    });
    addEventListener('dragleave', event => {
      if (!event.relatedTarget) $('drop').classList.remove('over');
    });
    addEventListener('drop', event => {
      event.preventDefault();
      $('drop').classList.remove('over');
      this.take(event.dataTransfer.files[0]);
    });
    addEventListener('paste', event => {
      const file = [...event.clipboardData.files].find(
        ({type}) => type.startsWith('image/'));
      if (file) this.take(file);
    });
  }

  /** Fills the list of photographs. */
  list() {
    const {photos, films} = offer();
    for (const {id, frames} of photos) if (frames) this.counts.set(id, frames);
    const pairs = each => each.map(({id, name}) => [id, name]);
    const groups = [['Photographs', pairs(photos)], ['Films', pairs(films)],
      ['Given', [...this.given].map(([id, {name}]) => [id, name])]];
    $('photos').replaceChildren(
      make('option', {value: '', textContent: '–', hidden: true}),
      ...groups.filter(([, entries]) => entries.length).map(
        ([label, entries]) => make('optgroup', {label}, ...entries.map(
          ([value, name]) => make('option', {value, textContent: name})))));
    const isAlone = this.ids.length < 2;
    for (const id of ['before', 'after']) $(id).disabled = isAlone;
    $('photos').disabled = !this.ids.length && !films.length;
    this.mark();
  }

  get ids() {
    return [...offer().photos.map(({id}) => id), ...this.given.keys()];
  }

  /** Id of the picture, whichever of its frames it is. */
  get base() {
    return now().picture.split('@')[0];
  }

  /** Which frame of an animated picture it is, and of how many. */
  get frame() {
    return Number(now().picture.split('@')[1] ?? 0);
  }

  get count() {
    return this.counts.get(this.base) ?? 1;
  }

  mark() {
    const {picture} = now();
    say($('photos').options[0], isLive(picture) ? picture : '–');
    $('photos').value = this.ids.includes(this.base) ? this.base : '';
    $('photos').title = $('photos').selectedOptions[0]?.textContent ?? '';
    $('fit').setAttribute('aria-pressed', String(now().fit === 'stretch'));
  }

  /** Goes to another picture of the list, round and round. */
  step(count) {
    const {ids} = this;
    if (!ids.length) return;
    const place = ids.indexOf(this.base);
    const next = place < 0 ? 0 : (place + count + ids.length) % ids.length;
    this.choose(ids[next]);
  }

  /** Shows a picture of the list. */
  async choose(picture) {
    const file = this.given.get(picture);
    const film = offer().films.find(({id}) => id === picture);
    try {
      if (film) {
        const blob = await getBlob('film', {picture}, newest('film'));
        this.hands.film(new File([blob], film.name, {type: blob.type}));
        return;
      }
      // The server keeps the last few alone.
      if (file) await postPicture(file);
      change({picture});
    } catch (error) {
      this.hands.refuse(error);
    }
  }

  /** Takes a file that was opened, dropped or pasted. */
  async take(file) {
    if (!file) return;
    if (file.type.startsWith('video/')) {
      this.hands.film(file);
      return;
    }
    try {
      const {picture, frames} = await postPicture(file);
      if (frames) this.counts.set(picture, frames);
      this.keep(picture, file);
      change({picture});
    } catch (error) {
      this.hands.refuse(error);
    }
  }

  /** Enters a picture that the server has; of a film's frames the last one. */
  keep(id, file, isOfFilm = false) {
    if (isOfFilm) {
      this.given.delete(this.held);
      this.held = id;
    }
    this.given.set(id, file);
    this.list();
  }

  /** The whole of the picture, or its middle square. */
  toggleFit() {
    change({fit: now().fit === 'crop' ? 'stretch' : 'crop'}, false);
  }

  /** Asks for what the network sees of the picture. */
  async look() {
    this.mark();
    const {picture, fit} = now();
    if (!picture || isLive(picture)) return;
    try {
      const bitmap = await getBitmap('picture',
        {picture, fit, network: active().network}, newest('picture'));
      this.show(bitmap);
      bitmap.close();
      this.hands.seen();
    } catch (error) {
      if (!isSuperseded(error)) this.hands.refuse(error);
    }
  }

  /** Shows a square canvas or bitmap. */
  show(image) {
    const {canvas} = this;
    if (canvas.width !== image.width || canvas.height !== image.height) {
      [canvas.width, canvas.height] = [image.width, image.height];
    }
    canvas.getContext('2d').drawImage(image, 0, 0);
    this.isEmpty = false;
    $('empty').hidden = true;
  }
}
