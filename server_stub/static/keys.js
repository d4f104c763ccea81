// The keys of a page: each visible element with data-key is pressed by its key, or focused where it
// is a field or has data-key-focus; "?" opens the dialog #keys that lists them. They can be switched off on a device, for
// who speaks to the computer or has a trembling hand (WCAG 2.2, 2.1.4).
(() => {
  "use strict";

  const STORED = "ankunft-keys";
  const FIELDS = "input, select, textarea, [contenteditable]";
  const dialog = document.getElementById("keys");
  const choice = document.getElementById("keys-on");
  let on = stored() !== "off";

  function stored(value) {
    try {
      if (value) localStorage.setItem(STORED, value);
      return localStorage.getItem(STORED);
    } catch {
      return null; // a browser that keeps nothing: the keys are on
    }
  }

  function show() {
    if (dialog && !dialog.open) dialog.showModal();
  }

  for (const opener of document.querySelectorAll("[data-open=keys]")) {
    opener.hidden = false;
    opener.addEventListener("click", show);
  }
  if (choice) {
    choice.checked = on;
    choice.addEventListener("change", () => {
      on = choice.checked;
      stored(on ? "on" : "off");
    });
  }
  dialog?.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // beside it
  });

  document.addEventListener("keydown", (event) => {
    if (!on || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.target.matches?.(FIELDS)) return;
    if (event.key === "?") {
      event.preventDefault();
      show();
      return;
    }
    const key = CSS.escape(event.key.toLowerCase());
    const pressed = [...document.querySelectorAll(`[data-key="${key}"]`)].find(
      (element) => element.checkVisibility() && !element.disabled,
    );
    if (!pressed) {
      const detail = event.key.toLowerCase();
      document.dispatchEvent(new CustomEvent("page:key", { detail })); // a key of no element
      return;
    }
    event.preventDefault();
    if (pressed.matches(FIELDS) || "keyFocus" in pressed.dataset) {
      pressed.focus();
      pressed.select?.();
    } else pressed.click();
  });
})();
