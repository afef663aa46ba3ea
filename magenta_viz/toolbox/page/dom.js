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

// The few things that every part of the page does to its elements.

/** The element with an id. */
export const $ = id => document.getElementById(id);

/**
 * Makes an element.
 * @param {string} tag
 * @param {Object} properties Of the element; `data` go to its dataset.
 * @param {...(Node|string)} children
 */
export function make(tag, properties = {}, ...children) {
  const {data = {}, ...rest} = properties;
  const element = Object.assign(document.createElement(tag), rest);
  Object.assign(element.dataset, data);
  element.append(...children);
  return element;
}

/** Marks one of several buttons as pressed. */
export function press(buttons, chosen) {
  for (const button of buttons) {
    button.setAttribute('aria-pressed', String(button === chosen));
  }
}

/** Sets text only where it changes, for what is read aloud to be new. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A number with three significant digits, short. */
export function short(value) {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e5)) {
    return value.toExponential(1);
  }
  return String(Number(value.toPrecision(3)));
}

/** A share of 1 in percent. */
export function percent(share) {
  const value = 100 * share;
  return `${value >= 9.95 ? Math.round(value) : value.toFixed(1)} %`;
}

/**
 * Gives a canvas as many pixels as the screen has for it.
 * @return {CanvasRenderingContext2D} In CSS pixels.
 */
export function fit(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const size = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== size[0] || canvas.height !== size[1]) {
    [canvas.width, canvas.height] = size;
  }
  const context = canvas.getContext('2d');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}
