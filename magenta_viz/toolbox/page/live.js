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

// The camera, or a film: one frame on its way at a time, always the newest.

import {$, say} from './dom.js';
import {FilmFrames} from './film.js';
import {change, now} from './state.js';
import {isLive} from './pictures.js';

// Of a frame that is kept, in pixels.
const MOST_SIDE = 1280;

export class Live {
  /**
   * @param {{size: function(): number, frame: function(OffscreenCanvas),
   *     keep: function(OffscreenCanvas, string=, number=),
   *     refuse: function(Error)}} hands `size` is the side of frames; `frame`
   *     gets one, and the next when it is done; `keep` gets the one that was
   *     frozen, and of a film its name and time.
   */
  constructor(hands) {
    this.hands = hands;
    this.video = $('video');
    this.frames = new FilmFrames(this.video);
    this.sheets = [new OffscreenCanvas(1, 1), new OffscreenCanvas(1, 1)];
    this.source = '';  // 'camera', 'film' or ''.
    this.isBusy = false;
    $('camera').addEventListener('click', () => this.toggleCamera());
    $('freeze').addEventListener('click', () => this.toggleFreeze());
    requestAnimationFrame(() => this.tick());
  }

  get isRunning() {
    return Boolean(this.source) && now().picture === this.source;
  }

  toggleCamera() {
    if (this.source === 'camera') {
      this.close();
      change({picture: this.last ?? ''});
    } else {
      this.last = isLive(now().picture) ? null : now().picture;
      change({picture: 'camera'});
    }
  }

  /** Opens the camera if the state wants it; it may have come by address. */
  async follow() {
    const {picture} = now();
    if (picture === 'camera' && this.source !== 'camera') await this.open();
    // A film does not come by its address.
    if (picture === 'film' && !this.source) change({picture: ''}, false);
    if (this.source === 'film') {
      if (picture !== 'film') this.video.pause();
      else if (this.video.paused) this.video.play().catch(() => {});
    }
    this.mark();
  }

  async open() {
    try {
      if (!navigator.mediaDevices) {
        throw new Error('A camera needs an address of 127.0.0.1 or https.');
      }
      const stream = await navigator.mediaDevices.getUserMedia(
        {video: {width: {ideal: 640}, height: {ideal: 480}}});
      this.close();
      this.source = 'camera';
      this.video.srcObject = stream;
      await this.video.play();
    } catch (error) {
      this.close();
      const message = error.name === 'NotAllowedError' ?
        'The camera is not allowed; allow it beside the address.' :
        `There is no camera: ${error.message}`;
      change({picture: this.last ?? ''}, false);
      this.hands.refuse(new Error(message));
    }
    this.mark();
  }

  /** Plays a film, again and again; one of an address stands at its time. */
  async play(file) {
    const time = this.source ? null : now().time;
    this.close();
    this.source = 'film';
    this.name = file.name;
    this.frames.begin();
    this.video.src = URL.createObjectURL(file);
    this.video.loop = true;
    try {
      await this.video.play();
      await this.frames.measure();
      if (time === null) change({picture: 'film'});
      else await this.hold(() => this.frames.seek(time));
    } catch {
      this.close();
      this.hands.refuse(new Error(
        `${file.name} is no film that this browser plays; WebM and MP4 are.`));
    }
    this.mark();
  }

  close() {
    const {video} = this;
    for (const track of video.srcObject?.getTracks() ?? []) track.stop();
    video.srcObject = null;
    if (video.src) {
      URL.revokeObjectURL(video.src);
      video.removeAttribute('src');
      video.load();
    }
    this.source = '';
    [this.seen, this.seenAt] = [null, null];
    this.mark();
  }

  /** Keeps the frame of which the maps are, or lets the source go on. */
  toggleFreeze() {
    if (!this.source) return;
    if (!this.isRunning) {
      change({picture: this.source});
    } else if (this.source === 'film') {
      this.hold(() => this.frames.seek(this.seenAt ?? this.frames.time));
    } else if (this.seen) {
      this.hands.keep(this.seen);
    }
  }

  /**
   * Holds a film at a frame, which is kept as a picture.
   * @param {function(): Promise<number>} find Goes to the frame; of several
   *     that are asked for meanwhile the last one counts.
   */
  async hold(find) {
    this.wanted = find;
    if (this.isHolding) return;
    this.isHolding = true;
    try {
      while (this.wanted && this.source === 'film') {
        const next = this.wanted;
        this.wanted = null;
        this.video.pause();
        const time = await next();
        if (this.source !== 'film') break;
        await this.hands.keep(
          this.grab(0), `${this.name} at ${time.toFixed(2)} s`, time);
      }
    } finally {
      this.isHolding = false;
    }
  }

  mark() {
    const {source, isRunning} = this;
    $('camera').setAttribute('aria-pressed', String(source === 'camera'));
    $('freeze').disabled = !source;
    $('freeze').setAttribute('aria-pressed', String(source && !isRunning));
    if (!isRunning) say($('rate'), '');
  }

  tick() {
    requestAnimationFrame(() => this.tick());
    const {video} = this;
    if (this.isBusy || this.isHolding || !this.isRunning ||
        video.readyState < 2) return;
    this.isBusy = true;
    const {time} = this.frames;
    this.step(this.grab(this.hands.size()), time).finally(() => {
      this.isBusy = false;
    });
  }

  async step(frame, time) {
    try {
      await this.hands.frame(frame);
      if (!this.isRunning) return;
      [this.seen, this.seenAt] = [frame, time];
      this.count();
    } catch (error) {
      this.hands.refuse(error);
      // What is wrong now is mostly wrong a moment later too.
      await new Promise(resolve => setTimeout(resolve, 1000));
    }
  }

  /** Says how many frames a second, of the last ten. */
  count() {
    const time = performance.now();
    this.times = [...(this.times ?? []), time].slice(-11);
    const [first] = this.times;
    if (time - first > 20000) this.times = [time];
    if (this.times.length < 3) return;
    const rate = 1000 * (this.times.length - 1) / (time - first);
    say($('rate'), `${rate.toFixed(1)} frames/s`);
  }

  /** A canvas that nobody needs: new ones would fill the memory. */
  sheet(side) {
    const found = this.sheets.find(each => each !== this.seen);
    if (found.width !== side) [found.width, found.height] = [side, side];
    return found;
  }

  /** The newest frame as a square: its middle, or all; 0 for all as it is. */
  grab(side) {
    const {videoWidth: width, videoHeight: height} = this.video;
    const share = Math.min(1, MOST_SIDE / Math.max(width, height));
    const size = side ? [side, side] :
      [width, height].map(each => Math.max(Math.round(share * each), 1));
    const canvas = side ? this.sheet(side) : new OffscreenCanvas(...size);
    const least = Math.min(width, height);
    const box = !side || now().fit === 'stretch' ? [0, 0, width, height] :
      [(width - least) / 2, (height - least) / 2, least, least];
    const context = canvas.getContext('2d');
    context.imageSmoothingQuality = 'high';
    context.drawImage(this.video, ...box, 0, 0, ...size);
    return canvas;
  }
}
