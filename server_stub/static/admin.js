// The pages of administration: printing, downloading what is shown once, and focus after a press.
(() => {
  "use strict";

  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-print]")) print();
    const download = target.closest("[data-download]");
    if (download) save(download.dataset.download, document.getElementById(download.dataset.from).value);
  });

  // The text is in the page already: nothing is asked for a second time.
  function save(name, text) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/toml" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href));
  }

  // Of tabs that slide, the present one is seen.
  document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

  // What is loaded again after a press is the page that it led to: so its address stands there
  // before that page is seen, not a moment after.
  document.addEventListener("htmx:before:swap", ({ detail }) => {
    const address = detail.ctx.hx?.replaceurl;
    if (address) history.replaceState(null, "", address);
  });

  // A press answers with the whole page: what it says comes into view, and is read aloud.
  document.addEventListener("htmx:after:swap", () => {
    const said = document.querySelector("#page :is(#notice:not(:empty), .notice)");
    if (!said) return;
    said.tabIndex = -1;
    said.focus();
  });
})();
