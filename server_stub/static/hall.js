// The shift lead's hall: asks for the live part when the stream tells that something changed, at
// most every two seconds, and every twenty seconds without, for waits grow by themselves.
(() => {
  "use strict";

  const REST = 2_000; // ms between two questions
  const PACE = 20_000; // ms after which nobody need have told anything
  const page = document.querySelector("[data-live]");

  let askedAt = Date.now();
  let planned = 0;

  function ask() {
    planned = 0;
    askedAt = Date.now();
    const hall = document.getElementById("hall");
    if (hall) htmx.trigger(hall, "hall-moved");
  }

  function plan() {
    if (planned || document.hidden) return;
    planned = setTimeout(ask, Math.max(askedAt + REST - Date.now(), 0));
  }

  page.addEventListener("htmx:sse:before:message", (event) => {
    if (!event.detail.message.event) plan();
  });
  // What is no hall must not stand in its place: the last one stays, and the next question is due.
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx } = event.detail;
    if (ctx.sourceElement?.id === "hall" && ctx.response?.status !== 200) event.preventDefault();
  });
  document.addEventListener("visibilitychange", plan); // who comes back sees no old picture
  setInterval(() => {
    if (Date.now() - askedAt >= PACE) plan();
  }, 1_000);
})();
