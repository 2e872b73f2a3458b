// Enhancement only: every redaction has its buttons. j, k: next, previous; x: keep; l: lift; Enter: confirm what was chosen.
(() => {
  "use strict";
  const all = [...document.querySelectorAll("[data-redaction]")];
  const off = () => { try { return localStorage.getItem("letter-keys") === "off"; } catch { return false; } };
  const switcher = document.querySelector("[data-letter-keys]");
  const inField = (node) => node instanceof Element && node.closest("input, select, textarea, [contenteditable]");
  const onControl = (node) => node instanceof Element && node.closest("a, button, summary");
  let at = -1;
  const name = () => { if (switcher) switcher.textContent = off() ? switcher.dataset.on : switcher.dataset.off; };
  const go = (to) => {
    if (!all.length) return;
    if (at >= 0) all[at].removeAttribute("data-current");
    at = Math.min(Math.max(to, 0), all.length - 1);
    all[at].setAttribute("data-current", "");
    all[at].focus({ preventScroll: true });
    all[at].scrollIntoView({ block: "center" });
  };
  const choose = (what) => {
    if (at < 0) go(0);
    if (at < 0) return;
    all[at].dataset.chosen = what;
    for (const button of all[at].querySelectorAll("button[name=decision]")) button.classList.toggle("primary", (button.dataset.does || button.value) === what);
    const reason = all[at].querySelector("select");
    if (what === "lift" && reason) reason.focus(); else all[at].focus();
  };
  const confirm = () => {
    const chosen = at >= 0 && all[at].dataset.chosen;
    const button = chosen && all[at].querySelector(`button[name=decision][value=${chosen}], button[name=decision][data-does=${chosen}]`);
    if (button) button.click();
    return Boolean(button);
  };
  name();
  if (switcher) {
    switcher.hidden = false;
    switcher.addEventListener("click", () => { try { localStorage.setItem("letter-keys", off() ? "on" : "off"); } catch { /* stays on */ } name(); });
  }
  for (const [place, one] of all.entries()) one.addEventListener("focusin", () => { if (at !== place) { if (at >= 0) all[at].removeAttribute("data-current"); at = place; one.setAttribute("data-current", ""); } });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || off()) return;
    const field = inField(event.target);
    if (event.key === "Enter" && !onControl(event.target) && (!field || event.target.matches("[data-redaction] select"))) {
      if (confirm()) event.preventDefault();
    } else if (field) return;
    else if (event.key === "j") go(at + 1);
    else if (event.key === "k") go(at - 1);
    else if (event.key === "x") { choose("keep"); event.preventDefault(); }
    else if (event.key === "l") { choose("lift"); event.preventDefault(); }
  }, { capture: true });
  // What is marked in a text goes into the field beside it.
  document.addEventListener("selectionchange", () => {
    const chosen = document.getSelection();
    const text = chosen && !chosen.isCollapsed && chosen.anchorNode && chosen.anchorNode.parentElement && chosen.anchorNode.parentElement.closest("[data-text]");
    if (!text) return;
    const field = text.parentElement.querySelector("input[name=words]");
    if (field && text.contains(chosen.focusNode)) { field.value = chosen.toString(); field.closest("details").open = true; }
  });
  const target = all.findIndex((one) => `#${one.id}` === location.hash);
  if (target >= 0) go(target);
})();
