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

// The few things that every part of the page does to its elements. What comes of
// data is text, never HTML.

'use strict';

const MINUS = '\u2212';
const BETWEEN = '\u00a0\u00b7 ';

/** The element with an id. */
const $ = id => document.getElementById(id);

/**
 * Makes an element.
 * @param {string} tag With classes, as 'li.word'.
 * @param {Object} attributes
 * @param {...(Node|string|null)} children
 */
function make(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split('.');
  const element = document.createElement(name);
  element.classList.add(...classes);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null) element.setAttribute(key, value);
  }
  element.append(...children.filter(each => each !== null));
  return element;
}

/** So many things, as '1 picture' or '2 pictures'. */
function count(value, word, words = `${word}s`) {
  return `${value.toLocaleString('en')} ${value === 1 ? word : words}`;
}

/** Short facts in a row, without those that are empty. */
const listed = (...facts) => facts.filter(Boolean).join(BETWEEN);

/** A number with three digits. */
function short(value) {
  const size = Math.abs(value);
  const text = size !== 0 && (size < 0.001 || size >= 1e5) ?
    value.toExponential(1) : String(Number(value.toPrecision(3)));
  return text.replace('-', MINUS);
}

/** A number with its sign. */
const signed = value => (value > 0 ? '+' : '') + short(value);

/** Address of a file of the atlas. */
const fileOf = (folder, name) =>
  `${encodeURIComponent(folder)}/${encodeURIComponent(name)}`;

/** A picture, in a frame that has its place before it is there. */
function framed(folder, picture, words = '') {
  const frame = make('span.frame');
  if (!picture) {
    frame.append('no picture');
    return frame;
  }
  const [height, width] = picture.size;
  const image = make('img', {
    alt: words, width, height, loading: 'lazy', decoding: 'async',
    src: fileOf(folder, `${picture.file}.png`),
  });
  image.addEventListener('error', () => image.replaceWith('missing'));
  frame.append(image);
  return frame;
}
