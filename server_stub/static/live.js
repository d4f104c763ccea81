// What htmx leaves open on a live page: it says when the page is not current, loads itself anew
// when it cannot follow, and never lets an older answer overwrite a newer one.
(() => {
  "use strict";

  const SILENCE = 40_000; // ms; the server gives a sign of life every 15 s
  const LOOK = 5_000; // ms between two looks at the silence
  const page = document.documentElement;
  const stream = document.querySelector("[data-live]");
  const byId = (id) => document.getElementById(id);
  const title = document.title;

  let heardAt = Date.now();
  let connection = null;
  let leaving = false;

  // ---- current or not ----

  function current() {
    heardAt = Date.now();
    page.classList.remove("stale");
    byId("stale").hidden = true;
    byId("over").hidden = true;
  }

  function notCurrent() {
    if (leaving || page.classList.contains("stale")) return;
    page.classList.add("stale");
    const banner = byId("stale");
    const time = banner.querySelector("time");
    if (time) {
      const zone = stream.dataset.zone; // the site's, as everywhere on the page
      const shape = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone };
      time.textContent = new Intl.DateTimeFormat(page.lang, shape).format(heardAt);
    }
    banner.hidden = false;
  }

  function over() {
    notCurrent();
    byId("stale").hidden = true;
    byId("over").hidden = false;
  }

  // Only when the server answers: a wall display must never end on the browser's error page.
  async function loadAnew() {
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (!answer.ok) return;
      leaving = true;
      location.reload();
    } catch {
      // No server yet: the next look tries again.
    }
  }

  setInterval(() => {
    const silent = Date.now() - heardAt;
    if (silent < SILENCE) return;
    notCurrent();
    if (silent > 2 * SILENCE) loadAnew();
    else connection?.reader?.cancel(); // a dead line looks like a quiet one: connect again
  }, LOOK);

  addEventListener("pagehide", () => { leaving = true; });
  addEventListener("pageshow", () => { leaving = false; });

  stream.addEventListener("htmx:sse:after:connection", (event) => {
    connection = event.detail.connection;
  });
  stream.addEventListener("htmx:sse:before:message", (event) => {
    current();
    const kind = event.detail.message.event;
    if (kind === "reload") loadAnew();
    if (kind === "over") over();
  });
  stream.addEventListener("htmx:sse:error", (event) => {
    const refused = [401, 403].includes(event.detail.status);
    if (refused) over();
    else notCurrent();
  });
  for (const failed of ["htmx:error", "htmx:response:error"]) {
    // The very first connection is not repeated by htmx: the look above loads the page anew.
    stream.addEventListener(failed, (event) => {
      if (event.target === stream) notCurrent();
    });
  }

  // ---- what comes in ----

  document.addEventListener("htmx:before:swap", (event) => {
    const { tasks } = event.detail;
    for (const task of tasks) {
      const offered = task.fragment.querySelector?.("[data-event]")?.dataset.event;
      const target = typeof task.target === "string" ? byId(task.target.slice(1)) : task.target;
      const shown = target?.dataset?.event;
      if (Number(offered) < Number(shown)) task.swapSpec = { style: "none" };
    }
  });

  document.addEventListener("htmx:after:swap", () => {
    const open = document.querySelectorAll("#help-calls .is-open").length;
    document.title = open ? `(${open}) ${title}` : title;
  });
})();
