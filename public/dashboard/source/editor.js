/** A text with numbered lines to edit, in which mistakes stand beside the line they are in. */

import { element } from "/lib/dom.js";

/**
 * An editor of `text`: `{node, value, set(text), mark(mistakes)}`. A mistake is `{line, where, what}`, the line counted
 * from 1, or null.
 */
export function editor(text, { label, readOnly = false }) {
  const area = element("textarea", {
    "aria-label": label,
    spellcheck: "false",
    autocapitalize: "off",
    autocomplete: "off",
    wrap: "off",
    readonly: readOnly,
  });
  const numbers = element("ol", { class: "numbers", "aria-hidden": "true" });
  const notes = element("ul", { class: "notes" });
  const node = element(
    "div",
    { class: "editor" },
    element("div", { class: "lines" }, numbers, area),
    element("div", { role: "alert" }, notes),
  );

  function fit() {
    const lines = area.value.split("\n").length;
    area.rows = lines + 1;
    while (numbers.children.length < lines) numbers.append(element("li"));
    while (numbers.children.length > lines) numbers.lastChild.remove();
  }

  function mark(mistakes) {
    for (const number of numbers.children) number.classList.remove("wrong");
    for (const { line } of mistakes) numbers.children[line - 1]?.classList.add("wrong");
    notes.replaceChildren(...mistakes.map((mistake) => note(mistake)));
    align(mistakes);
    area.setAttribute("aria-invalid", String(mistakes.length > 0));
  }

  /** Pushes each note down to its line, where there is room beside the text (dashboard.css). */
  function align(mistakes) {
    let bottom = 0;
    for (const [index, item] of [...notes.children].entries()) {
      const { line } = mistakes[index];
      const top = Math.max(line ? (numbers.children[line - 1]?.offsetTop ?? 0) : 0, bottom);
      item.style.setProperty("--push", `${top - bottom}px`);
      bottom = top + item.offsetHeight;
    }
  }

  function note({ line, where, what }) {
    const told = [
      line ? element("button", { type: "button", class: "link", onclick: () => goTo(line) }, `Line ${line}`) : null,
      line ? " " : null,
    ];
    return element("li", {}, told, where ? [element("code", {}, where), ": "] : null, what);
  }

  function goTo(line) {
    const lines = area.value.split("\n");
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    area.focus();
    area.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  }

  area.addEventListener("input", fit);
  area.value = text;
  fit();
  return {
    node,
    get value() {
      return area.value;
    },
    set(changed) {
      area.value = changed;
      fit();
      mark([]);
    },
    mark,
  };
}

/** The mistakes of a definition that the API refused, with their lines. */
export function mistakesOf(error) {
  const lines = error.body.lines ?? [];
  if (!error.errors.length) return [{ line: null, where: "", what: error.message }];
  return error.errors.map(({ where, what }, index) => ({ line: lines[index] ?? null, where, what }));
}
