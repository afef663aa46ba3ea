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

// The server's answers: fetched, checked and decoded.

/** What the server, or the way to it, refused; the message is one sentence. */
export class Refusal extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

const running = new Map();

/**
 * Ends what is still on its way under a name, and names what comes next.
 * @param {string} name Of a kind of question; one of a kind is asked at once.
 * @return {AbortSignal}
 */
export function newest(name) {
  running.get(name)?.abort();
  const controller = new AbortController();
  running.set(name, controller);
  return controller.signal;
}

/** Whether an error only says that something newer was asked. */
export function isSuperseded(error) {
  return error?.name === 'AbortError';
}

/** An address below api/; what is null, undefined or empty is left out. */
export function address(path, query = {}) {
  const given = Object.entries(query).filter(
    ([, value]) => value !== null && value !== undefined && value !== '');
  return `api/${path}?${new URLSearchParams(given)}`;
}

async function ask(url, options) {
  let response;
  try {
    response = await fetch(url, options);
  } catch (error) {
    if (isSuperseded(error)) throw error;
    throw new Refusal('The server does not answer; is the program running?');
  }
  if (response.ok) return response;
  let text = `The server answered ${response.status}.`;
  try {
    text = (await response.json()).error ?? text;
  } catch (error) {
    if (isSuperseded(error)) throw error;
  }
  throw new Refusal(text, response.status);
}

export async function getJson(path, query, signal) {
  return (await ask(address(path, query), {signal})).json();
}

export async function getBlob(path, query, signal) {
  return (await ask(address(path, query), {signal})).blob();
}

/** A picture, decoded; the caller closes it. */
export async function getBitmap(path, query, signal, options) {
  return createImageBitmap(await getBlob(path, query, signal), options);
}

/** A header and the bytes behind it: [object, Uint8Array]. */
export async function getParts(path, query, signal) {
  return parts(await (await ask(address(path, query), {signal})).arrayBuffer());
}

export async function getMaps(query, signal) {
  return maps(...await getParts('maps', query, signal));
}

/** Sends one frame of a camera; its maps come back. */
export async function postFrame(query, blob, signal) {
  const response = await ask(
    address('frame', query), {method: 'POST', body: blob, signal});
  return maps(...parts(await response.arrayBuffer()));
}

/** Sends a picture to keep: {picture, height, width}. */
export async function postPicture(blob, signal) {
  const options = {method: 'POST', body: blob, signal};
  return (await ask('api/pictures', options)).json();
}

export async function postCancel() {
  await ask('api/drawing/cancel', {method: 'POST'});
}

/** Splits 4 bytes of length, a JSON header of that length, and the rest. */
export function parts(buffer) {
  if (buffer.byteLength < 4) throw new Refusal('The answer is cut off.');
  const length = new DataView(buffer).getUint32(0, true);
  if (4 + length > buffer.byteLength) {
    throw new Refusal('The answer is cut off.');
  }
  const text = new TextDecoder().decode(new Uint8Array(buffer, 4, length));
  return [JSON.parse(text), new Uint8Array(buffer, 4 + length)];
}

/** The header of maps with `bytes`: channel after channel, row after row. */
function maps(header, bytes) {
  const {channels, height, width} = header;
  if (bytes.length !== channels * height * width) {
    throw new Refusal('The maps are cut off.');
  }
  return {...header, bytes};
}
