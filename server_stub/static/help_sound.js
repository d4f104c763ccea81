// The sound of a help call: a chime every few seconds until somebody goes. A browser plays nothing
// before somebody has touched the page, so a button says whether it can be heard.
(() => {
  "use strict";

  const TONES = [880, 659.26, 880]; // A5, E5, A5, in hertz: like no call of the wall
  const TONE_SECONDS = 0.32;
  const EVERY = 4; // s
  const AHEAD = 70; // s that are scheduled at once: a hidden page's timers run once a minute
  const STORED = "ankunft-help-sound";
  const button = document.getElementById("sound");
  if (!button || !window.AudioContext) return;

  let context = null;
  let ringing = null; // the gain that all chimes go through
  let ringsUntil = 0; // of the context's clock
  let wanted = stored() === "on";

  function stored(value) {
    try {
      if (value) localStorage.setItem(STORED, value);
      return localStorage.getItem(STORED);
    } catch {
      return null;
    }
  }

  const isOn = () => wanted && context?.state === "running";
  const somebodyCalls = () => document.querySelector("#help-calls .is-open") !== null;

  function show() {
    button.hidden = false;
    button.setAttribute("aria-pressed", String(isOn()));
    button.querySelector("span").textContent = isOn() ? button.dataset.on : button.dataset.off;
    button.classList.toggle("is-needed", !isOn() && somebodyCalls());
  }

  function chime(at) {
    TONES.forEach((hertz, index) => {
      const begin = at + index * TONE_SECONDS;
      const tone = new OscillatorNode(context, { frequency: hertz, type: "triangle" });
      const loudness = new GainNode(context, { gain: 0 });
      loudness.gain.setValueAtTime(0, begin);
      loudness.gain.linearRampToValueAtTime(0.5, begin + 0.02);
      loudness.gain.exponentialRampToValueAtTime(0.001, begin + TONE_SECONDS);
      tone.connect(loudness).connect(ringing);
      tone.start(begin);
      tone.stop(begin + TONE_SECONDS);
    });
  }

  function silence() {
    ringing?.disconnect();
    ringing = null;
    ringsUntil = 0;
  }

  function ring() {
    if (!isOn() || !somebodyCalls()) {
      silence();
      return;
    }
    if (!ringing) {
      ringing = new GainNode(context);
      ringing.connect(context.destination);
    }
    const now = context.currentTime;
    for (let at = Math.max(now + 0.05, ringsUntil); at < now + AHEAD; at += EVERY) {
      chime(at);
      ringsUntil = at + EVERY;
    }
  }

  function look() {
    ring();
    show();
    document.documentElement.dataset.ringing = String(ringing !== null);
  }

  async function start() {
    if (!context) {
      context = new AudioContext();
      context.addEventListener("statechange", look);
    }
    if (context.state !== "running") await context.resume();
    look();
  }

  button.addEventListener("click", async () => {
    wanted = !isOn();
    stored(wanted ? "on" : "off");
    if (wanted) await start();
    else look();
    if (isOn() && !somebodyCalls()) {
      ringing = new GainNode(context);
      ringing.connect(context.destination);
      chime(context.currentTime + 0.05); // so that one knows how it sounds
      setTimeout(look, TONES.length * TONE_SECONDS * 1000);
    }
  });
  // It was on when this page was last open: the first touch switches it on again.
  for (const touch of ["pointerdown", "keydown"]) {
    addEventListener(touch, () => { if (wanted && !isOn()) start(); });
  }

  document.addEventListener("htmx:after:swap", look);
  setInterval(look, 20_000);
  look();
})();
