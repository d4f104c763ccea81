// The wall: follows the server, shows the calls one after the other and lets them be heard.
// Without the server it keeps its last picture, says so, and comes back by itself.
(() => {
  "use strict";

  const SILENCE = 40_000; // ms; the server gives a sign of life every 15 s
  const CONNECTING = 10_000; // ms until an answer must have begun
  const LOOK = 5_000; // ms between two looks at the silence
  const AGAIN = [500, 1_000, 2_000, 4_000]; // ms before each try to connect; the last for ever
  const REFUSED = 30_000; // ms before trying again where the display is not set up any more
  const ASK = 120_000; // ms after which people had better ask at the counters
  const MEMORY = "ankunft-wall";

  const byId = (id) => document.getElementById(id);
  const wall = byId("wall");
  const sound = new WallSound();
  const queue = new WallQueue({ shown: remembered() });

  let last = wall.dataset.after; // the event that the picture includes
  let heardAt = Date.now();
  let triedAt = Date.now();
  let connected = false;
  let control = null; // of the present try to follow
  let timer = null;
  let drawn = "";

  // ---- what was shown, also after the page was loaded again ----

  function remembered() {
    try {
      return JSON.parse(localStorage.getItem(MEMORY));
    } catch {
      return null;
    }
  }

  function remember() {
    try {
      localStorage.setItem(MEMORY, JSON.stringify(queue.memory));
    } catch {
      // Full or forbidden: after a restart a call may be shown once more.
    }
  }

  // ---- calls ----

  function take(content) {
    const stages = wall.dataset.stages.split(" ").filter(Boolean); // a new site file may change them
    const rows = [...content.querySelectorAll(".call")];
    const mine = rows.filter((row) => !stages.length || stages.includes(row.dataset.stage));
    queue.follow(mine.map((row) => ({
      visit: row.dataset.visit,
      at: Number(row.dataset.at),
      arrived: row.dataset.arrived === "yes",
      sounds: row.dataset.sounds.split(" ").filter(Boolean),
      row,
    })));
    moveOn();
  }

  function moveOn() {
    clearTimeout(timer);
    const begins = queue.look(performance.now());
    draw(begins);
    if (begins) {
      remember();
      announce(begins);
    }
    sound.prepare(queue.coming.slice(0, 3).flatMap((call) => call.sounds));
    const wait = queue.wait(performance.now());
    if (wait !== null) timer = setTimeout(moveOn, wait);
  }

  async function announce(call) {
    byId("mute").hidden = sound.isOn || await sound.start();
    await sound.play(call.sounds);
    queue.release(call);
    moveOn();
  }

  function draw(begins) {
    const { large, small } = queue;
    const picture = JSON.stringify([large, ...small].map((call) => call && [call.visit, call.at]));
    if (picture === drawn && !begins) return;
    drawn = picture;
    const now = byId("now");
    now.replaceChildren(...(large ? [copy(large, "div")] : []));
    now.firstElementChild?.classList.toggle("is-new", Boolean(begins));
    byId("last").replaceChildren(...small.map((call) => copy(call, "li")));
    byId("quiet").hidden = Boolean(large);
  }

  function copy(call, tag) {
    const made = document.createElement(tag);
    made.className = "call";
    made.dataset.visit = call.visit;
    made.append(...[...call.row.childNodes].map((node) => node.cloneNode(true)));
    return made;
  }

  // ---- following ----

  async function followForEver() {
    let tries = 0;
    for (;;) {
      let pause = AGAIN[Math.min(tries, AGAIN.length - 1)];
      tries += 1;
      try {
        const refused = await follow(() => { tries = 0; });
        if (refused) pause = REFUSED;
      } catch {
        // No server, or none that answers: below it is tried again.
      }
      connected = false;
      notCurrent();
      await new Promise((done) => setTimeout(done, pause));
    }
  }

  // Not EventSource: it ends for good on any answer but 200, and hides which bytes came when.
  async function follow(onHeard) {
    triedAt = Date.now();
    control = new AbortController();
    const query = new URLSearchParams({ after: last, edition: wall.dataset.edition });
    const answer = await fetch(`/display/live?${query}`, { cache: "no-store", signal: control.signal });
    if (answer.status === 401 || answer.status === 403) return over();
    if (!answer.ok) throw new Error(String(answer.status));
    connected = true;
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return false;
      heardAt = Date.now();
      onHeard();
      const messages = (rest + value).split("\n\n");
      rest = messages.pop();
      for (const message of messages) {
        if (await hear(message)) return true;
      }
    }
  }

  // Returns whether the display is over.
  async function hear(message) {
    const fields = { id: "", event: "message", data: [] };
    for (const line of message.split("\n")) {
      const at = line.indexOf(": ");
      if (at < 1) continue;
      const [name, value] = [line.slice(0, at), line.slice(at + 2)];
      if (name === "data") fields.data.push(value);
      else fields[name] = value;
    }
    if (fields.event === "over") return over();
    if (fields.event === "reload") {
      await lookAnew();
      throw new Error("follow from the new picture");
    }
    current();
    if (fields.id) last = fields.id;
    if (fields.event === "message" && fields.id && fields.data.length) take(parsed(fields.data.join("\n")));
    return false;
  }

  function parsed(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content;
  }

  // Takes the picture of a new page without loading it; only another edition of the program needs
  // that, and the server has just answered: a wall must never end on a browser's error page.
  async function lookAnew() {
    const answer = await fetch("/display", { cache: "no-store", signal: AbortSignal.timeout(CONNECTING) });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const there = page.getElementById("wall");
    if (!there) return;
    if (there.dataset.edition !== wall.dataset.edition) {
      location.reload();
      return;
    }
    last = there.dataset.after;
    wall.dataset.stages = there.dataset.stages;
    for (const name of ["h1", "title"]) {
      document.querySelector(name).textContent = page.querySelector(name).textContent;
    }
    take(page.getElementById("calls").content);
  }

  // ---- current or not ----

  function current() {
    for (const id of ["stale", "ask", "over"]) byId(id).hidden = true;
  }

  function notCurrent() {
    if (!byId("over").hidden) return;
    const shape = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: wall.dataset.zone };
    byId("stale").querySelector("time").textContent =
      new Intl.DateTimeFormat(document.documentElement.lang, shape).format(heardAt);
    byId("stale").hidden = false;
    byId("ask").hidden = Date.now() - heardAt < ASK;
  }

  function over() {
    byId("stale").hidden = true;
    byId("ask").hidden = true;
    byId("over").hidden = false;
    return true;
  }

  // A dead line looks like a quiet one, and a try may hang for ever: both are ended here.
  setInterval(() => {
    const silent = Date.now() - Math.max(heardAt, triedAt);
    if (silent >= (connected ? SILENCE : CONNECTING)) control?.abort();
    if (Date.now() - heardAt >= SILENCE) notCurrent();
  }, LOOK);

  addEventListener("pointerdown", async () => {
    byId("mute").hidden = await sound.start();
  });

  sound.start().then((isOn) => { byId("mute").hidden = isOn; });
  take(byId("calls").content);
  followForEver();
})();
