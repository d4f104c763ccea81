// What htmx leaves open on the counter's page: its keys, its clocks, steppers, slips, and where the
// focus goes.
(() => {
  "use strict";

  const TICK = 1_000; // ms
  const page = document.getElementById("page");
  const byId = (id) => document.getElementById(id);
  const ahead = page.dataset.now ? Date.parse(page.dataset.now) - Date.now() : 0; // the server's clock

  // ---- clocks: how long ago it was called, how long a party waits ----

  const two = (number) => String(number).padStart(2, "0");
  function spent(seconds) {
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
    return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
  }

  // The page brings both forms with noughts in the places of the numbers: "0 min", "0 h 00 min".
  function waited(minutes) {
    if (minutes < 60) return page.dataset.minutes.replace("0", minutes);
    const number = (noughts) => (noughts === "00" ? two(minutes % 60) : Math.floor(minutes / 60));
    return page.dataset.hours.replace(/00|0/g, number);
  }

  function tick() {
    const now = Date.now() + ahead;
    for (const clock of document.querySelectorAll("[data-clock]")) {
      clock.textContent = spent(Math.max(0, Math.floor((now - Date.parse(clock.dateTime)) / 1000)));
    }
    for (const since of document.querySelectorAll("[data-since]")) {
      const minutes = Math.max(0, Math.floor((now - Date.parse(since.dateTime)) / 60_000));
      const told = waited(minutes);
      if (since.dataset.ago !== told) since.dataset.ago = told;
    }
  }
  setInterval(tick, TICK);
  tick();

  // ---- steppers ----

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[data-by]");
    if (!button) return;
    const field = button.parentElement.querySelector("input");
    const wanted = (Number(field.value) || 0) + Number(button.dataset.by);
    field.value = Math.min(Number(field.max), Math.max(Number(field.min), wanted));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // ---- slips ----

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-print]")) print();
    const close = event.target.closest?.("[data-close]");
    const place = close && byId(close.dataset.close);
    if (place && !byId("by-hand")) {
      event.preventDefault();
      place.replaceChildren();
      byId("number")?.focus();
    }
  });

  const remembered = {
    get(name) {
      try { return localStorage.getItem(name); } catch { return null; }
    },
    set(name, value) {
      try { localStorage.setItem(name, value); } catch { /* a browser that keeps nothing */ }
    },
  };

  function choosePaper(width) {
    for (const sheet of document.querySelectorAll(".slip-sheet")) {
      sheet.dataset.paper = width;
      for (const radio of sheet.querySelectorAll("[name=paper]")) radio.checked = radio.value === width;
      sheet.querySelector("[data-print]").hidden = false;
    }
  }
  document.addEventListener("change", (event) => {
    if (event.target.name !== "paper") return;
    remembered.set("paper", event.target.value);
    choosePaper(event.target.value);
  });
  choosePaper(remembered.get("paper") ?? "80");

  // ---- who pressed is led to what it brought ----

  const desk = () => document.querySelector(".desk");
  let shown = desk()?.dataset.visit;
  let pressed; // the form that was sent last, until its answer is there

  // What was called for whom is asked for by each page: the stream is the same for all of them.
  function askForLast() {
    const last = byId("last");
    if (!last) return;
    const address = `/staff/counter/last?counter=${encodeURIComponent(last.dataset.counter)}`;
    window.htmx.ajax("GET", address, { target: "#last", swap: "innerHTML" });
  }

  document.addEventListener("htmx:after:swap", (event) => {
    tick();
    choosePaper(remembered.get("paper") ?? "80");
    const now = desk()?.dataset.visit;
    if (now === shown) return;
    const was = shown;
    shown = now;
    if (event.detail.ctx?.sourceElement === page) askForLast();
    if (pressed) leadOn(was, now);
  });

  // Whoever pressed is led to the party that it brought, or back to the call: the stream may bring
  // it before the answer does. With the same party the focus stays, where its button still stands.
  function leadOn(was, now) {
    const party = (visit) => visit?.slice(0, 36);
    const lost = !document.activeElement || document.activeElement === document.body;
    if (party(was) === party(now) && !lost) return;
    const next = now ? desk().querySelector("h2.number") : desk().querySelector(".is-huge");
    next?.focus({ preventScroll: true });
  }
  const isWork = (element) => element?.closest?.(".work, #found");
  document.addEventListener("submit", (event) => {
    if (isWork(event.target)) pressed = event.target;
  }, true);
  document.addEventListener("htmx:finally:request", (event) => {
    const answered = event.target; // another one may be sent before the timer runs
    setTimeout(() => { if (pressed === answered) pressed = undefined; });
  });

  document.addEventListener("htmx:after:swap", () => {
    const slip = document.querySelector("#slip .slip-sheet:not([data-seen])");
    if (!slip) return;
    slip.dataset.seen = "yes";
    slip.scrollIntoView({ block: "start" });
    slip.querySelector("h2").focus({ preventScroll: true });
  });

  // ---- a number is looked for by typing its digits, Escape leads back to work ----

  const keysOn = byId("keys-on");
  if (!keysOn) return;
  const work = () => desk()?.querySelector("h2.number, .is-huge");
  const isWritten = (element) => element?.matches?.("input:not([type=checkbox], [type=radio]), select");

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") return leave(event);
    if (isWritten(event.target) || !keysOn.checked || !/^[0-9]$/.test(event.key)) return;
    event.preventDefault();
    const field = byId("number");
    field.value = event.key;
    field.focus();
  });

  function leave(event) {
    const open = [byId("slip"), byId("found")].find((place) => place.firstElementChild);
    if (open) open.replaceChildren();
    else if (event.target === byId("number")) event.target.value = "";
    else return;
    work()?.focus();
  }
})();
