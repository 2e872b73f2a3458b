// Enhancement only: every page works without it. Enter follows the next step, "/" goes to the search field.
// What only leads somewhere is followed; a button is pressed where it says so (<kbd>). A key held down presses nothing.
(() => {
  "use strict";
  const typing = (node) => node instanceof Element && node.closest("a, button, input, select, textarea, summary, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    if (event.key === "Enter") {
      const step = document.querySelector(".next .btn.primary");
      if (step && (step.matches("a") || step.querySelector("kbd"))) { event.preventDefault(); step.click(); }
    } else if (event.key === "/") {
      const field = document.querySelector("main input[type=search]");
      if (field) { event.preventDefault(); field.focus(); }
    }
  });
})();
