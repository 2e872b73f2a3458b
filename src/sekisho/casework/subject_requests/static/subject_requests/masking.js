// Boxes over pages: drawn with the pointer, moved with arrow keys; the numbers of the form are what is sent.
"use strict";
(() => {
  const form = document.getElementById("masks");
  const papers = [...form.querySelectorAll(".paper")];
  const rows = [...form.querySelectorAll(".masks fieldset")];
  const WHOLE = 1000;
  const CORNERS = ["left", "top", "right", "bottom"];
  const field = (row, name) => row.querySelector(`[name^="${name}-"]`);
  const within = (value) => Math.max(0, Math.min(WHOLE, Math.round(value)));
  const boxes = rows.map((row, place) => {
    const box = document.createElement("button");
    box.type = "button";
    box.className = "mask-box";
    box.hidden = true;
    box.setAttribute("aria-label", row.querySelector("legend").textContent);
    box.addEventListener("keydown", (event) => moved(event, place));
    box.addEventListener("dblclick", () => choose(place));
    row.addEventListener("input", () => shown(place));
    return box;
  });

  function aside(place) {
    return rows[place].querySelector('[name^="aside-"]');
  }

  function choose(place) {
    aside(place)?.focus();
  }

  function values(place) {
    return CORNERS.map((name) => field(rows[place], name).value);
  }

  function shown(place) {
    const next = rows.findIndex((_, number) => values(number).every((value) => value === ""));
    rows.forEach((row, number) => {
      row.closest("li").hidden = next >= 0 && number > next && !aside(number) && values(number).every((value) => value === "");
    });
    const [left, top, right, bottom] = values(place).map(Number);
    const paper = papers[Number(field(rows[place], "page").value) - 1];
    const box = boxes[place];
    box.hidden = !paper || values(place).some((value) => value === "") || right <= left || bottom <= top;
    if (box.hidden) return;
    if (box.parentElement !== paper) paper.append(box);
    box.classList.toggle("proposed", Boolean(aside(place)));
    box.classList.toggle("aside", Boolean(aside(place)?.value));
    box.style.left = `${left / 10}%`;
    box.style.top = `${top / 10}%`;
    box.style.width = `${(right - left) / 10}%`;
    box.style.height = `${(bottom - top) / 10}%`;
  }

  function put(place, corners) {
    CORNERS.forEach((name, index) => { field(rows[place], name).value = within(corners[index]); });
    shown(place);
  }

  function moved(event, place) {
    const step = { ArrowLeft: [-5, 0], ArrowRight: [5, 0], ArrowUp: [0, -5], ArrowDown: [0, 5] }[event.key];
    if (event.key === "Enter" && aside(place)) {
      event.preventDefault();
      choose(place);
      return;
    }
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      if (aside(place)) {  // what was found stays until it is burned in, or set aside with a reason
        choose(place);
        return;
      }
      CORNERS.forEach((name) => { field(rows[place], name).value = ""; });
      shown(place);
      field(rows[place], "left").focus();
      return;
    }
    if (!step) return;
    event.preventDefault();
    const [left, top, right, bottom] = values(place).map(Number);
    put(place, event.shiftKey
      ? [left, top, right + step[0], bottom + step[1]]
      : [left + step[0], top + step[1], right + step[0], bottom + step[1]]);
    boxes[place].focus();
  }

  for (const paper of papers) {
    let begun = null;
    const at = (event) => {
      const frame = paper.getBoundingClientRect();
      return [(event.clientX - frame.left) / frame.width * WHOLE, (event.clientY - frame.top) / frame.height * WHOLE];
    };
    paper.addEventListener("pointerdown", (event) => {
      if (event.target.classList.contains("mask-box")) return;
      const place = rows.findIndex((_, number) => values(number).every((value) => value === ""));
      if (place < 0) return;
      event.preventDefault();
      paper.setPointerCapture(event.pointerId);
      field(rows[place], "page").value = paper.dataset.page;
      begun = { place, from: at(event) };
    });
    paper.addEventListener("pointermove", (event) => {
      if (!begun) return;
      const [x, y] = at(event);
      const [left, top] = begun.from;
      put(begun.place, [Math.min(left, x), Math.min(top, y), Math.max(left, x), Math.max(top, y)]);
    });
    paper.addEventListener("pointerup", () => {
      if (begun && !boxes[begun.place].hidden) boxes[begun.place].focus();
      begun = null;
    });
  }
  rows.forEach((_, place) => shown(place));
})();
