// The editor of the site file: numbers beside its lines, and the way to a line with a fault.
(() => {
  "use strict";

  const text = document.querySelector("textarea[data-gutter]");
  if (!text) return;
  const numbers = text.parentElement.querySelector(".numbers");

  function number() {
    const lines = text.value.split("\n").length;
    if (numbers.dataset.lines === String(lines)) return;
    numbers.dataset.lines = String(lines);
    numbers.textContent = Array.from({ length: lines }, (_, n) => n + 1).join("\n");
  }

  function follow() { numbers.scrollTop = text.scrollTop; }

  function goTo(line) {
    const lines = text.value.split("\n");
    const begin = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    text.focus({ preventScroll: true });
    text.setSelectionRange(begin, begin + (lines[line - 1] ?? "").length);
    text.scrollTop = (line - 4) * parseFloat(getComputedStyle(text).lineHeight);
    text.scrollIntoView({ block: "nearest" });
    follow();
  }

  text.addEventListener("input", number);
  text.addEventListener("scroll", follow);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-line]");
    if (!link) return;
    event.preventDefault();
    goTo(Number(link.dataset.line));
  });
  text.parentElement.classList.add("has-numbers");
  number();
})();
