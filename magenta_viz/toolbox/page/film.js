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

// Films and animated pictures by their frames.

import {$, say} from './dom.js';
import {change, now} from './state.js';

// Longest way to a next frame that is not skipped, in seconds.
const LONGEST = 1 / 15;
const PATIENCE = 5000;

const pause = milliseconds =>
  new Promise(resolve => setTimeout(resolve, milliseconds));

/** The frames of a video element, of which browsers tell times alone. */
export class FilmFrames {
  constructor(video) {
    this.video = video;
    this.begin();
    const seen = (time, {mediaTime}) => {
      const away = Math.abs(mediaTime - this.time);
      if (away > 0.001) this.interval = Math.min(this.interval, away);
      this.time = mediaTime;
      // One that was on its way as the film was stopped is not the one sought.
      const late = this.sought - mediaTime;
      if (late > -0.001 && late < 2 * LONGEST) this.told?.();
      video.requestVideoFrameCallback(seen);
    };
    video.requestVideoFrameCallback?.(seen);
  }

  /** Another film begins. */
  begin() {
    this.time = 0;  // Of the frame that is shown.
    this.interval = LONGEST;  // Least between two frames, so far.
  }

  /** Goes to the frame of a time. */
  async seek(time) {
    const {video} = this;
    const {duration} = video;
    const last = Number.isFinite(duration) ? duration - 0.001 : time;
    const sought = new Promise(resolve =>
      video.addEventListener('seeked', resolve, {once: true}));
    const told = new Promise(resolve => {
      this.told = resolve;
    });
    this.sought = Math.max(Math.min(time, last), 0);
    video.currentTime = this.sought;
    await Promise.race([sought, pause(PATIENCE)]);
    // Where it is the frame that was there before, nobody tells.
    if (video.requestVideoFrameCallback) await Promise.race([told, pause(150)]);
    else this.time = video.currentTime;
    return this.time;
  }

  /** Goes to the next frame, or the one before. */
  async step(count) {
    const from = this.time;
    if (count < 0) return this.seek(from - 0.0005);
    let way = this.interval / 2;
    for (let time = from + way; time < this.video.duration; time += way) {
      if (await this.seek(time) > from + 1e-4) break;
      // A film may rest for long.
      if (time > from + 4 * LONGEST) way *= 1.5;
    }
    return this.time;
  }

  /** Finds out how long a film is that does not say it, as recorders make. */
  async measure() {
    if (!Number.isFinite(this.video.duration)) await this.seek(1e9);
  }
}

/** The row below the picture: which frame it is. */
export class FrameRow {
  /**
   * @param {Live} live
   * @param {Pictures} pictures
   */
  constructor(live, pictures) {
    this.live = live;
    this.pictures = pictures;
    $('frame-before').addEventListener('click', () => this.step(-1));
    $('frame-after').addEventListener('click', () => this.step(1));
    $('frame').addEventListener('input', event =>
      this.go(Number(event.target.value)));
    live.video.addEventListener('timeupdate', () => this.mark());
    live.video.addEventListener('durationchange', () => this.mark());
  }

  /** Whether a film is there, be it that it plays or that it is held. */
  get isFilm() {
    return this.live.source === 'film' &&
      (now().picture === 'film' || now().time !== null);
  }

  /** Goes to the next frame, or the one before. */
  step(count) {
    if (this.isFilm) this.live.hold(() => this.live.frames.step(count));
    else this.go(this.pictures.frame + count);
  }

  /** Goes to a time of a film, or a frame of an animated picture. */
  go(place) {
    if (this.isFilm) {
      this.live.hold(() => this.live.frames.seek(place));
      return;
    }
    const {base, count} = this.pictures;
    const frame = Math.max(Math.min(place, count - 1), 0);
    if (count > 1) change({picture: `${base}@${frame}`}, false);
  }

  mark() {
    const {video} = this.live;
    const {frame, count} = this.pictures;
    $('frames').hidden = !this.isFilm && count < 2;
    if ($('frames').hidden) return;
    const [place, last, text] = this.isFilm ?
      film(now().time ?? video.currentTime, video.duration) :
      [frame, count - 1, `frame ${frame + 1} of ${count}`];
    const range = $('frame');
    range.max = last;
    range.step = this.isFilm ? 'any' : 1;
    // A finger that drags it is ahead.
    if (!this.live.isHolding) range.value = place;
    range.setAttribute('aria-valuetext', text);
    say($('frame-text'), text);
  }
}

function film(time, duration) {
  const length = Number.isFinite(duration) ? duration : time;
  return [time, length, `${time.toFixed(2)} of ${length.toFixed(2)} s`];
}
