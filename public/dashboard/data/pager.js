/** The way through the pages of a question. The API's cursors lead forward only; the way back is remembered here. */

import { element } from "/lib/dom.js";
import { number } from "../format.js";
import { changed } from "./question.js";

const REMEMBERED = 1_000; // places of this visit; whoever walked further goes back to the first page
const places = new Map(); // the question of a page -> {offset, before: the question of the page before it}

/** Shows where in the pages one is; `ask(question)` is called by its buttons. Answers `{node, update(question, answer)}`. */
export function pager(ask) {
  let [forward, back] = [null, null];
  const where = element("span", { class: "quiet" });
  const button = (text, question) => element("button", { type: "button", onclick: () => question() && ask(question()) }, text);
  const previous = button("Previous", () => back);
  const next = button("Next", () => forward);
  const node = element("nav", { class: "actions pager", "aria-label": "Pages of documents" }, previous, where, next);

  /** `found` is how many documents the page has, `token` the cursor behind it, `total` how many there are or null. */
  function update(question, { found, token, total }) {
    const place = places.get(String(question));
    const later = question.has("_after");
    const offset = later ? place?.offset : 0;
    forward = token ? changed(question, { _after: token }) : null;
    back = later ? new URLSearchParams(place?.before ?? changed(question, {})) : null;
    if (forward && offset !== undefined) remember(String(forward), { offset: offset + found, before: String(question) });
    previous.textContent = later && !place ? "First page" : "Previous";
    // never `disabled`: a button that is pressed to the end must not lose the focus
    previous.setAttribute("aria-disabled", String(!back));
    next.setAttribute("aria-disabled", String(!forward));
    where.textContent = told(found, offset, total);
    node.hidden = !forward && !back && found === 0;
  }

  return { node, update };
}

function told(found, offset, total) {
  const of = total === null ? "" : ` of ${number(total)}`;
  if (!found) return "Nothing here";
  if (offset === undefined) return `${number(found)}${of}`;
  return `${number(offset + 1)}–${number(offset + found)}${of}`;
}

function remember(question, place) {
  places.delete(question);
  places.set(question, place);
  if (places.size > REMEMBERED) places.delete(places.keys().next().value);
}
