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

// All units of a layer on one canvas: each its map, or its stored drawing.

import {fit} from './dom.js';
import {ordered, paint} from './maps.js';
import {drawThumbnail} from './thumbnails.js';

// CSS pixels: what a finger, or a mouse, still finds.
const LEAST_CELL = matchMedia('(pointer: coarse)').matches ? 40 : 24;
const MOST_CELL = 120;
const GAP = 2;

export class Grid {
  /**
   * @param {HTMLCanvasElement} canvas In an element that scrolls.
   * @param {{choose: function(number), point: function(?number)}} hands Are
   *     given the unit that is clicked on, or is under the mouse.
   */
  constructor(canvas, hands) {
    this.canvas = canvas;
    this.frame = canvas.parentElement;
    this.order = [];
    this.pictures = null;
    this.pointed = null;
    canvas.addEventListener('click', event => {
      const unit = this.unitAt(event);
      if (unit !== null) hands.choose(unit);
    });
    canvas.addEventListener('pointermove', event => {
      const unit = this.unitAt(event);
      if (unit === this.pointed) return;
      this.pointed = unit;
      hands.point(unit);
      this.draw();
    });
    canvas.addEventListener('pointerleave', () => {
      this.pointed = null;
      hands.point(null);
      this.draw();
    });
    this.frame.addEventListener('scroll', () => this.draw(), {passive: true});
    new ResizeObserver(() => this.draw()).observe(this.frame);
  }

  /**
   * Shows a layer's maps.
   * @param {Object} maps
   * @param {Object} look palette, gamma, boost, sort; past for changes; unit
   *     chosen; off, dead and rare: sets of units; pictures: Thumbnails of
   *     drawings, or null; labels: whether cells have their numbers.
   */
  show(maps, look) {
    const isResorted = this.maps?.layer !== maps.layer ||
      this.look.sort !== look.sort || this.maps.picture !== maps.picture;
    const isMoved = isResorted || this.look.unit !== look.unit;
    this.maps = maps;
    this.look = look;
    // A live picture changes which is strongest at each frame: nobody could
    // click on what jumps about.
    const time = performance.now();
    if (isResorted || !(time - this.sorted < 1000)) {
      this.order = ordered(maps, look.sort);
      this.sorted = time;
    }
    this.measure();
    this.paint();
    this.draw();
    if (isMoved) this.reveal();
  }

  paint() {
    if (this.look.pictures) return;
    this.painted = paint(this.maps, this.order, this.columns, this.look,
      this.look.past, this.painted);
  }

  /** Largest square cells with which all fit, or with which rows scroll. */
  measure() {
    const count = this.order.length;
    const {clientWidth: width, clientHeight: height} = this.frame;
    let cell = 0;
    let columns = 1;
    for (let tried = 1; tried <= count; tried += 1) {
      const side = Math.min(
        width / tried, height / Math.ceil(count / tried), MOST_CELL);
      if (side > cell) [cell, columns] = [side, tried];
      if (width / tried < cell) break;
    }
    if (cell < LEAST_CELL) {
      columns = Math.max(1, Math.floor(width / LEAST_CELL));
      cell = width / columns;
    }
    this.columns = columns;
    this.cell = Math.floor(cell);
  }

  /** Draws what is in sight. */
  draw() {
    if (!this.maps || !this.frame.clientWidth) return;
    const [columns, cell] = [this.columns, this.cell];
    this.measure();
    if (columns !== this.columns) this.paint();
    const rows = Math.ceil(this.order.length / this.columns);
    const size = [this.columns * this.cell, rows * this.cell];
    this.canvas.style.width = `${size[0]}px`;
    this.canvas.style.height = `${size[1]}px`;
    const context = fit(this.canvas, ...size);
    context.clearRect(0, 0, ...size);
    this.look.pictures?.begin();
    const first = Math.floor(this.frame.scrollTop / this.cell);
    const last = Math.ceil(
      (this.frame.scrollTop + this.frame.clientHeight) / this.cell);
    for (let row = Math.max(first, 0); row < Math.min(last, rows); row += 1) {
      for (let column = 0; column < this.columns; column += 1) {
        const place = row * this.columns + column;
        if (place < this.order.length) this.drawCell(context, place);
      }
    }
    if (cell !== this.cell) this.reveal();
  }

  drawCell(context, place) {
    const unit = this.order[place];
    const side = this.cell - GAP;
    const x = place % this.columns * this.cell + GAP / 2;
    const y = Math.floor(place / this.columns) * this.cell + GAP / 2;
    context.save();
    context.beginPath();
    context.rect(x, y, side, side);
    context.clip();
    this.fill(context, place, x, y, side);
    const {off, dead, rare, labels} = this.look;
    if (off.has(unit)) cross(context, x, y, side);
    else if (dead.has(unit)) hatch(context, x, y, side);
    else if (rare.has(unit)) dot(context, x, y, side);
    if (labels && side >= 38) label(context, String(unit), x, y);
    context.restore();
    if (unit === this.look.unit) {
      frame(context, x, y, side, '#000', 4);
      frame(context, x, y, side, '#ffb000', 2);
    } else if (unit === this.pointed) {
      frame(context, x, y, side, '#fff', 1);
    }
  }

  fill(context, place, x, y, side) {
    if (this.look.pictures) {
      context.fillStyle = '#1c1b19';
      context.fillRect(x, y, side, side);
      const picture = this.look.pictures.get(this.order[place]);
      if (picture) drawThumbnail(context, picture, x, y, side);
      return;
    }
    const {height, width} = this.maps;
    const scale = side / Math.max(height, width);
    context.imageSmoothingEnabled = scale < 1;
    context.drawImage(
      this.painted, place % this.columns * width,
      Math.floor(place / this.columns) * height, width, height,
      x + (side - scale * width) / 2, y + (side - scale * height) / 2,
      scale * width, scale * height);
  }

  unitAt(event) {
    const box = this.canvas.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left) / this.cell);
    const row = Math.floor((event.clientY - box.top) / this.cell);
    if (column < 0 || column >= this.columns || row < 0) return null;
    return this.order[row * this.columns + column] ?? null;
  }

  /** The unit so many columns and rows away, or null above the first row. */
  neighbour(unit, columns, rows) {
    const place = Math.max(this.order.indexOf(unit), 0);
    if (rows < 0 && place < this.columns) return null;
    let next = place + columns + rows * this.columns;
    if (rows) {
      while (next < 0) next += this.columns;
      while (next >= this.order.length) next -= this.columns;
      return this.order[Math.max(next, 0)];
    }
    return this.order[Math.min(Math.max(next, 0), this.order.length - 1)];
  }

  /** Scrolls to the chosen unit. */
  reveal() {
    const place = this.order.indexOf(this.look?.unit);
    if (place < 0) return;
    const top = Math.floor(place / this.columns) * this.cell;
    const {scrollTop, clientHeight} = this.frame;
    if (top < scrollTop) this.frame.scrollTop = top;
    if (top + this.cell > scrollTop + clientHeight) {
      this.frame.scrollTop = top + this.cell - clientHeight;
    }
  }
}

function frame(context, x, y, side, color, width) {
  context.strokeStyle = color;
  context.lineWidth = width;
  context.strokeRect(x, y, side, side);
}

function lines(context, color, width, draw) {
  context.strokeStyle = color;
  context.lineWidth = width;
  context.beginPath();
  draw();
  context.stroke();
}

/** Never active. */
function hatch(context, x, y, side) {
  context.fillStyle = '#2b2926';
  context.fillRect(x, y, side, side);
  lines(context, '#8d867a', 1, () => {
    for (let at = -side; at < side; at += 6) {
      context.moveTo(x + at, y + side);
      context.lineTo(x + at + side, y);
    }
  });
}

/** Switched off. */
function cross(context, x, y, side) {
  context.fillStyle = 'rgb(0 0 0 / 70%)';
  context.fillRect(x, y, side, side);
  lines(context, '#fff', 2, () => {
    context.moveTo(x + 3, y + 3);
    context.lineTo(x + side - 3, y + side - 3);
    context.moveTo(x + side - 3, y + 3);
    context.lineTo(x + 3, y + side - 3);
  });
}

/** Rarely active: a ring in the lower right corner. */
function dot(context, x, y, side) {
  lines(context, '#000', 4, () => context.arc(
    x + side - 6, y + side - 6, 3, 0, 7));
  lines(context, '#d8d2c6', 1.5, () => context.arc(
    x + side - 6, y + side - 6, 3, 0, 7));
}

function label(context, text, x, y) {
  context.font = '10px system-ui, sans-serif';
  context.textBaseline = 'top';
  context.fillStyle = 'rgb(0 0 0 / 65%)';
  context.fillRect(x, y, context.measureText(text).width + 5, 13);
  context.fillStyle = '#fff';
  context.fillText(text, x + 2, y + 2);
}
