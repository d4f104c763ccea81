// The list of who comes in: filtered in the browser, because all who look at it get the same rows
// from the stream; walked through by keys; a party opens beside it in full.
(() => {
  "use strict";

  const list = document.getElementById("visits");
  const form = document.getElementById("filter");
  const panel = document.getElementById("in-full");
  const tabs = [...document.querySelectorAll(".tabs a[data-show]")];
  const beside = matchMedia("(min-width: 1100px)"); // else a party opens as a page
  const ofFinished = form.elements.show.value === "finished"; // that page holds other rows
  const wanted = { show: form.elements.show.value };

  // ---- which rows show ----

  function readForm() {
    wanted.find = form.elements.find.value.toUpperCase().replaceAll(/\s/g, "");
    wanted.language = form.elements.language.value;
    wanted.need = form.elements.need?.value ?? "";
  }

  function shows(row) {
    const { stage, language, needs = "" } = row.dataset;
    if ((stage === "finished") !== ofFinished) return false;
    if (!ofFinished && wanted.show && stage !== wanted.show) return false;
    if (wanted.language && language !== wanted.language) return false;
    if (wanted.need && !needs.split(" ").includes(wanted.need)) return false;
    return !wanted.find || row.querySelector(".number").textContent.includes(wanted.find);
  }

  function filterAll() {
    for (const row of list.children) row.hidden = !shows(row);
    sayWhyEmpty();
  }

  function sayWhyEmpty() {
    const narrowed = wanted.find || wanted.language || wanted.need;
    const why = wanted.find ? "number" : narrowed ? "filter" : "all";
    for (const words of document.querySelectorAll("[data-empty]")) {
      words.hidden = words.dataset.empty !== why;
    }
    const sought = document.getElementById("sought");
    if (sought) sought.textContent = wanted.find;
    document.getElementById("all-again").hidden = !narrowed;
  }

  function addressOf(changed = {}) {
    const asked = Object.entries({ ...wanted, ...changed }).filter(([, value]) => value);
    const query = new URLSearchParams(asked).toString();
    return query ? `/staff?${query}` : "/staff";
  }

  function changed() {
    readForm();
    filterAll();
    form.elements.show.value = wanted.show;
    history.replaceState(null, "", addressOf());
    for (const field of document.querySelectorAll("input[name=back]")) field.value = addressOf();
    for (const tab of document.querySelectorAll(".tabs a")) {
      if (tab.dataset.show === undefined) continue;
      tab.href = addressOf({ show: tab.dataset.show });
      if (tab.dataset.show === wanted.show) tab.setAttribute("aria-current", "page");
      else tab.removeAttribute("aria-current");
    }
  }

  form.querySelector("[data-without-script]").hidden = true;
  form.addEventListener("input", changed);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    changed();
    const found = visible();
    if (wanted.find && found.length === 1) linkOf(found[0])?.click();
  });
  document.getElementById("all-again").addEventListener("click", (event) => {
    event.preventDefault();
    clearFilter();
    form.elements.find.focus();
  });
  function clearFilter() {
    for (const name of ["find", "language", "need"]) {
      if (form.elements[name]) form.elements[name].value = "";
    }
    changed();
  }
  if (!ofFinished) {
    for (const tab of tabs) {
      tab.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        wanted.show = tab.dataset.show;
        changed();
      });
    }
  }

  // ---- rows that come or change ----

  let lastFocused = ""; // the row whose link had the focus: it is replaced when it changes
  document.addEventListener("focusin", (event) => {
    lastFocused = event.target.closest?.("#visits > li")?.id ?? "";
  });

  new MutationObserver((records) => {
    for (const row of records.flatMap((record) => [...record.addedNodes])) {
      if (row.nodeType !== Node.ELEMENT_NODE || !row.isConnected) continue;
      row.hidden = !shows(row);
      if (row.id === opened) {
        row.dataset.opened = "";
        showProgress();
      }
      if (row.id === lastFocused && document.activeElement === document.body) linkOf(row)?.focus();
    }
  }).observe(list, { childList: true });

  // ---- from row to row by keys ----

  const linkOf = (row) => row.querySelector("a.number");
  const visible = () => [...list.children].filter((row) => !row.hidden);

  function step(by) {
    const rows = visible();
    if (!rows.length) return;
    const at = rows.indexOf(document.activeElement.closest("#visits > li"));
    const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by];
    linkOf(next ?? rows[at])?.focus();
  }
  document.addEventListener("page:key", ({ detail }) => {
    if (detail === "j") step(1);
    if (detail === "k") step(-1);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    if (document.querySelector("dialog[open], details.who[open]")) return;
    if (panel.childElementCount) close();
    else if (event.target.closest?.("#filter") || wanted.find) clearFilter();
  });

  // ---- a party in full, beside the list ----

  let opened = ""; // the id of the row whose party stands in the panel

  function markOpened(id) {
    if (opened) delete document.getElementById(opened)?.dataset.opened;
    opened = id;
    const row = document.getElementById(id);
    if (row) row.dataset.opened = "";
  }

  async function open(link) {
    const address = link.getAttribute("href");
    try {
      await htmx.ajax("GET", address, { target: panel, swap: "innerHTML" });
    } catch {
      location.assign(address);
      return;
    }
    markOpened(`visit-${address.split("/").at(-1)}`);
    panel.querySelector("#in-full-number")?.focus();
  }

  function close() {
    const row = document.getElementById(opened);
    panel.replaceChildren();
    markOpened("");
    if (row) linkOf(row)?.focus();
  }

  function showProgress() {
    const address = panel.querySelector("[data-progress]")?.dataset.progress;
    if (address) htmx.ajax("GET", address, { target: "#visit-progress", swap: "innerMorph" });
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) {
      close();
      return;
    }
    const link = event.target.closest("a.number, a[data-visit]");
    if (!link || !beside.matches) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(link);
  });

  readForm();
  sayWhyEmpty();
})();
