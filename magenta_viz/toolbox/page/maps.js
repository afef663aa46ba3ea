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

// From bytes of activation maps to pixels.

// Stops of the colour map inferno (Nathaniel Smith, Stéfan van der Walt, 2015,
// CC0): its lightness rises evenly, so that it says the same without colours.
const HEAT = [
  [0, 0, 4], [27, 12, 65], [74, 12, 107], [120, 28, 109], [165, 44, 96],
  [207, 68, 70], [237, 105, 37], [251, 155, 6], [247, 209, 61], [252, 255, 164],
];
const GREY = [[0, 0, 0], [255, 255, 255]];
// Below zero: dark to light too, of a hue that none of the others has.
const COLD = [[0, 0, 4], [8, 48, 107], [33, 113, 181], [107, 174, 214],
  [222, 235, 247]];

const PALETTES = {heat: colors(HEAT), grey: colors(GREY), cold: colors(COLD)};

/** 256 colours, as the little-endian words of an ImageData: ABGR. */
function colors(stops) {
  return Uint32Array.from({length: 256}, (_, level) => {
    const place = level / 255 * (stops.length - 1);
    const i = Math.min(Math.floor(place), stops.length - 2);
    const [r, g, b] = stops[i].map(
      (from, k) => Math.round(from + (place - i) * (stops[i + 1][k] - from)));
    return (0xff000000 | b << 16 | g << 8 | r) >>> 0;
  });
}

/** Values above and below zero as two lists of colours, after gamma. */
function ramps(palette, gamma) {
  const of = name => Uint32Array.from({length: 256}, (_, level) =>
    PALETTES[name][Math.round(255 * (level / 255) ** gamma)]);
  return {above: of(palette), below: of('cold')};
}

/** The value that a byte stands for. */
export function valueOf(maps, byte) {
  return maps.low + (maps.high - maps.low) * byte / 255;
}

/** The largest absolute value of each channel. */
export function extents(maps) {
  if (maps.low >= 0) return maps.maxima;
  const size = maps.height * maps.width;
  return maps.maxima.map((maximum, channel) => {
    const from = channel * size;
    let least = 255;
    for (let i = from; i < from + size; i += 1) {
      if (maps.bytes[i] < least) least = maps.bytes[i];
    }
    return Math.max(Math.abs(maximum), Math.abs(valueOf(maps, least)));
  });
}

/**
 * Paints channels side by side on a canvas, in the order given.
 * @param {Object} maps As api.js has them.
 * @param {number[]} order Channels; the i-th stands in column i % columns.
 * @param {number} columns
 * @param {Object} look {palette, gamma, boost}: boost is the share in which a
 *     map's brightest is its own maximum, not the layer's.
 * @param {?Object} past Maps of the same layer, whose values are taken off.
 * @param {OffscreenCanvas} canvas To paint on, once more: a camera would fill
 *     the memory with new ones.
 * @return {OffscreenCanvas} It, of the size of all maps.
 */
export function paint(maps, order, columns, look, past = null,
    canvas = new OffscreenCanvas(1, 1)) {
  const {height, width} = maps;
  const rows = Math.ceil(order.length / columns);
  if (canvas.width !== columns * width || canvas.height !== rows * height) {
    [canvas.width, canvas.height] = [columns * width, rows * height];
  }
  const context = canvas.getContext('2d');
  const image = context.createImageData(canvas.width, canvas.height);
  const words = new Uint32Array(image.data.buffer);
  const shade = past ? changes(maps, past, look) : activations(maps, look);
  order.forEach((channel, place) => {
    const at = shade(channel);
    let from = channel * height * width;
    let to = Math.floor(place / columns) * height * canvas.width +
      place % columns * width;
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1, from += 1) words[to + x] = at(from);
      to += canvas.width;
    }
  });
  context.putImageData(image, 0, 0);
  return canvas;
}

/** Channel to a function from place in the bytes to colour. */
function activations(maps, {palette, gamma, boost}) {
  const {above, below} = ramps(palette, gamma);
  const whole = Math.max(Math.abs(maps.low), Math.abs(maps.high));
  const own = boost ? extents(maps) : null;
  const table = top => Uint32Array.from({length: 256}, (_, byte) => {
    const value = valueOf(maps, byte);
    const level = top > 0 ? Math.min(Math.abs(value) / top, 1) : 0;
    return (value < 0 ? below : above)[Math.round(255 * level)];
  });
  const shared = boost ? null : table(whole);
  return channel => {
    const colors = shared ??
      table(boost * own[channel] + (1 - boost) * whole);
    return place => colors[maps.bytes[place]];
  };
}

/** As activations, of what has changed since `past`. */
function changes(maps, past, {palette, gamma}) {
  const {above, below} = ramps(palette, gamma);
  const change = place =>
    valueOf(maps, maps.bytes[place]) - valueOf(past, past.bytes[place]);
  // Two steps of a byte are rounding alone.
  let top = 2 * (maps.high - maps.low) / 255;
  for (let i = 0; i < maps.bytes.length; i += 1) {
    top = Math.max(top, Math.abs(change(i)));
  }
  return () => place => {
    const value = change(place);
    const level = Math.round(255 * Math.min(Math.abs(value) / top, 1));
    return (value < 0 ? below : above)[level];
  };
}

/** The least and largest value of a channel, or of its changes since `past`. */
export function extremes(maps, channel, past = null) {
  const size = maps.height * maps.width;
  let [least, most] = [Infinity, -Infinity];
  for (let i = channel * size; i < (channel + 1) * size; i += 1) {
    const value = valueOf(maps, maps.bytes[i]) -
      (past ? valueOf(past, past.bytes[i]) : 0);
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return [least, most];
}

/** Whether two answers can be compared value by value. */
export function areAlike(one, other) {
  return Boolean(one && other) && one.layer === other.layer &&
    one.bytes.length === other.bytes.length;
}

/** The place of a channel's largest byte: {y, x, value}. */
export function strongest(maps, channel) {
  const size = maps.height * maps.width;
  const from = channel * size;
  let best = from;
  for (let i = from; i < from + size; i += 1) {
    if (maps.bytes[i] > maps.bytes[best]) best = i;
  }
  return {
    y: Math.floor((best - from) / maps.width),
    x: (best - from) % maps.width,
    value: maps.maxima[channel],
  };
}

/** Channels, by index or the strongest first. */
export function ordered(maps, sort) {
  const order = Array.from({length: maps.channels}, (_, i) => i);
  if (sort !== 'strength') return order;
  return order.sort((a, b) => maps.maxima[b] - maps.maxima[a] || a - b);
}
