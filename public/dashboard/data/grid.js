/** The table of a collection: a column a field with its type, sorted by its header; a row a document. */

import { element } from "/lib/dom.js";
import { link, part } from "../router.js";
import { columns, filtered, idText, kinds, titleOf, valueAt } from "./fields.js";
import { sortKeys, sorted, split } from "./question.js";
import { brief } from "./value.js";

const READ_FROM = 50; // characters from which a text is a sentence
const SORTS = { true: ["descending", "▼"], false: ["ascending", "▲"] };

/** Shows pages of a collection as a table; `ask(question)` is called by its headers. Answers `{node, update(question, items)}`. */
export function grid(collection, ask) {
  const fields = filtered(collection);
  let question = new URLSearchParams();
  let shown = null; // the columns that the head has
  const head = element("tr");
  const body = element("tbody");
  const node = element(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": `Documents of ${collection.name}` },
    element(
      "table",
      { class: "data" },
      element("caption", { class: "unseen" }, `Documents of ${collection.name}`),
      element("thead", {}, head),
      body,
    ),
  );

  function update(next, items) {
    question = next;
    const paths = wanted(fields, question);
    if (shown !== paths.join("\n")) {
      shown = paths.join("\n");
      head.replaceChildren(...paths.map((path) => header(path)));
    }
    for (const [index, path] of paths.entries()) showSort(head.children[index], path);
    body.replaceChildren(...items.map((item) => row(item, paths)));
  }

  function header(path) {
    const type = path === "_id" ? "id" : (collection.fields[path] ?? "");
    const button = element(
      "button",
      { type: "button", class: "sort", title: "Sort by this; with Shift also by this" },
      element("bdi", {}, path),
      element("span", { class: "sign", "aria-hidden": "true" }),
    );
    button.addEventListener("click", (event) => ask(sorted(question, path, event.shiftKey)));
    return element(
      "th",
      { scope: "col", class: isNumeric(fields[path]) ? "number" : null },
      button,
      element("small", { class: "type" }, type.replaceAll("|", " or ")),
    );
  }

  function showSort(cell, path) {
    const keys = sortKeys(question);
    const at = keys.findIndex((key) => key.field === path);
    const [order, sign] = at < 0 ? ["none", ""] : SORTS[keys[at].descending];
    cell.setAttribute("aria-sort", order);
    cell.querySelector(".sign").textContent = at >= 0 && keys.length > 1 ? `${sign}${at + 1}` : sign;
  }

  function row(item, paths) {
    const gone = item._meta?.gone_at;
    const cells = paths.map((path, index) => {
      if (index === 0) return element("th", { scope: "row" }, naming(item, path), gone ? element("span", { class: "gone" }, "gone") : null);
      const value = valueAt(item, path);
      return element("td", { class: look(value, fields[path]) }, value === undefined ? null : brief(value));
    });
    return element("tr", { class: gone ? "is-gone" : null }, cells);
  }

  function naming(item, path) {
    const value = path === "_id" ? undefined : valueAt(item, path);
    const then = question.get("_as_of");
    const query = then ? { _as_of: then } : {};
    const text = typeof value === "string" && value.trim() ? value : idText(item._id);
    return element("a", { href: link(`/collections/${part(collection.name)}/${part(item._id)}`, query) }, element("bdi", {}, text));
  }

  return { node, update };
}

/** The columns of a question: those it selects, else all; the first one leads to the document. */
function wanted(fields, question) {
  const selected = question.has("_select") ? split(question.get("_select")).filter((path) => path !== "_id") : columns(fields);
  return titleOf(selected.slice(0, 1)) ? selected : ["_id", ...selected];
}

/** The class of a cell: numbers stand to the right, texts that are read get room. */
function look(value, type) {
  if (isNumeric(type)) return "number";
  return typeof value === "string" && value.length > READ_FROM ? "long" : null;
}

function isNumeric(type) {
  return Boolean(type) && kinds(type).every((kind) => kind === "number" || kind === "null") && kinds(type).includes("number");
}
