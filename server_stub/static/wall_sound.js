// The sound of the wall: a chime, then the call in each of its languages, one call at a time.
"use strict";

const TONES = [659.26, 523.25]; // E5, then C5, in hertz: a third downwards, as doorbells have it
const TONE_SECONDS = 0.7;
const PAUSE_SECONDS = 0.25;
const LOAD_MS = 4_000; // a sound that is not there by then is left out

class WallSound {
  #context = null;
  #before = Promise.resolve(); // the end of what was to be played before
  #loading = new Map(); // address -> promise of a buffer, or of null

  /** Whether this browser plays anything now: it may first want somebody to touch the page. */
  get isOn() {
    return this.#context?.state === "running";
  }

  /** Try to switch the sound on; without a touch the browser must have been started to allow it. */
  async start() {
    this.#context ??= new AudioContext();
    if (this.#context.state !== "running") {
      await Promise.race([this.#context.resume(), new Promise((done) => setTimeout(done, 1_000))]);
    }
    return this.isOn;
  }

  /** Begin to load sounds that will be needed, and forget those that will not. */
  prepare(addresses) {
    for (const address of this.#loading.keys()) {
      if (!addresses.includes(address)) this.#loading.delete(address);
    }
    if (!this.isOn) return;
    for (const address of addresses) {
      if (!this.#loading.has(address)) this.#loading.set(address, this.#load(address));
    }
  }

  /** Play the chime and these sounds one after the other, after whatever plays; return at their end. */
  play(addresses) {
    if (!this.isOn) return Promise.resolve();
    // Taken at once: what is prepared meanwhile must not make them load again.
    const sounds = addresses.map((address) => this.#loading.get(address) ?? this.#load(address));
    for (const address of addresses) this.#loading.delete(address);
    this.#before = this.#before.then(() => this.#play(sounds)).catch(() => {});
    return this.#before;
  }

  async #play(sounds) {
    if (!this.isOn) return; // else all of it would be heard at once, some day
    const context = this.#context;
    let at = this.#chime(context.currentTime + 0.05);
    for (const loading of sounds) {
      const buffer = await loading;
      if (!buffer) continue;
      const source = context.createBufferSource();
      source.buffer = buffer;
      source.connect(context.destination);
      at = Math.max(at, context.currentTime) + PAUSE_SECONDS;
      source.start(at);
      at += buffer.duration;
    }
    const left = (at - context.currentTime) * 1000;
    await new Promise((done) => setTimeout(done, Math.max(0, left)));
  }

  async #load(address) {
    try {
      const answer = await fetch(address, { signal: AbortSignal.timeout(LOAD_MS) });
      if (!answer.ok) return null;
      return await this.#context.decodeAudioData(await answer.arrayBuffer());
    } catch {
      return null; // the chime and the picture must do
    }
  }

  #chime(at) {
    for (const [index, hertz] of TONES.entries()) {
      const begin = at + index * TONE_SECONDS * 0.6;
      const tone = this.#context.createOscillator();
      const loudness = this.#context.createGain();
      tone.frequency.value = hertz;
      loudness.gain.setValueAtTime(0, begin);
      loudness.gain.linearRampToValueAtTime(0.4, begin + 0.02); // sooner would crack
      loudness.gain.exponentialRampToValueAtTime(0.001, begin + TONE_SECONDS);
      tone.connect(loudness).connect(this.#context.destination);
      tone.start(begin);
      tone.stop(begin + TONE_SECONDS);
    }
    return at + TONE_SECONDS * 1.6;
  }
}
