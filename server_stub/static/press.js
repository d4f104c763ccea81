// Pressing a button that acts: a double click sends once, a press that the network lost is sent
// once more by itself, and what did not arrive is said. Forms carry data-once and the id of their
// action, so that nothing happens twice however often it arrives.
(() => {
  "use strict";

  const LONGEST_TRY = 12_000; // ms
  const PAUSE = 2_000; // ms before the second try: a radio has its cell again, a server is up
  const LONGEST_PAUSE = 10_000; // ms, where the device knows that it has no network
  const NOT_NOW = [502, 503, 504]; // a proxy without its server, or a server that could not store
  const isPress = (element) => element?.matches?.("[data-once]");

  // ---- one click, one request ----

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!isPress(form)) return;
    if (form.dataset.sent) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.sent = "yes";
    // Only after the form was read: what a disabled button says is not sent.
    setTimeout(() => { if (form.dataset.sent) setDisabled(form, true); });
  }, true);

  function setDisabled(form, disabled) {
    for (const button of form.querySelectorAll("button")) button.disabled = disabled;
  }

  function release(form) {
    if (!isPress(form)) return;
    delete form.dataset.sent;
    setDisabled(form, false);
  }
  document.addEventListener("htmx:finally:request", (event) => release(event.target));
  addEventListener("pageshow", () => document.querySelectorAll("[data-once]").forEach(release));

  // ---- sent again once, or said to have failed ----

  function say(what) {
    const words = document.getElementById(what);
    if (words) document.getElementById("notice").replaceChildren(words.content.cloneNode(true));
  }

  function networkBack() {
    return new Promise((resolve) => {
      setTimeout(resolve, navigator.onLine ? PAUSE : LONGEST_PAUSE);
      addEventListener("online", resolve, { once: true });
    });
  }

  async function tryOnce(address, request) {
    const given = AbortSignal.any([request.signal, AbortSignal.timeout(LONGEST_TRY)]);
    const answer = await fetch(address, { ...request, signal: given });
    if (NOT_NOW.includes(answer.status)) throw new NotNow(answer);
    return answer;
  }

  class NotNow extends Error {
    constructor(answer) {
      super("not now");
      this.answer = answer;
    }
  }

  async function sendTwice(address, request) {
    try {
      return await tryOnce(address, request);
    } catch (lost) {
      if (request.signal.aborted) throw lost; // the page itself does not want it any more
    }
    say("sending-again");
    await networkBack();
    try {
      return await tryOnce(address, request);
    } catch (lost) {
      if (lost instanceof NotNow) return lost.answer; // it may say why
      throw lost;
    }
  }

  document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
    if (!isPress(ctx.sourceElement)) return;
    ctx.fetch = sendTwice;
    ctx.request.timeout = 2 * LONGEST_TRY + LONGEST_PAUSE;
  });

  document.addEventListener("htmx:error", (event) => {
    if (isPress(event.target)) say("not-sent");
  });

  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx } = event.detail;
    if (!isPress(ctx.sourceElement) || !(ctx.response?.status >= 500)) return;
    if (ctx.text.trimStart().startsWith("<div class=\"notice")) return;
    event.preventDefault(); // a proxy's own error page
    say("not-sent");
  });

  // ---- the menu of who is logged in ----

  const menu = document.querySelector("details.who");
  document.addEventListener("click", (event) => {
    if (menu?.open && !menu.contains(event.target)) menu.open = false;
  });
  menu?.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
})();
