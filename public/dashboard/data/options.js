/** What else can be said about a question: which columns, how many rows, gone records too, the data as it once was. */

import { element } from "/lib/dom.js";
import { moment } from "../format.js";
import { columns } from "./fields.js";
import { LIMITS, asked, changed, escaped, split } from "./question.js";

/** Shows the options of a question; `ask(question)` is called with another. Answers `{node, update(question)}`. */
export function options(fields, ask) {
  let question = new URLSearchParams();
  const limit = element(
    "select",
    { id: "limit" },
    LIMITS.map((size) => element("option", { value: size }, size)),
  );
  const gone = element("input", { id: "gone", type: "checkbox" });
  const then = element("input", { id: "then", type: "datetime-local", step: "1" });
  const now = element("button", { type: "button", onclick: () => ask(changed(question, { _as_of: null })) }, "Back to now");
  const boxes = columns(fields).map((path) => box(path));
  const picked = () => boxes.filter(({ input }) => input.checked).map(({ path }) => path);
  const all = element("button", { type: "button", onclick: () => ask(changed(question, { _select: null })) }, "All columns");
  const node = element(
    "details",
    { class: "panel options" },
    element("summary", {}, "Columns, rows and time"),
    element(
      "div",
      { class: "grid" },
      element("p", { class: "field" }, element("label", { for: "limit" }, "Rows a page"), limit),
      element("p", { class: "field" }, element("label", { for: "then" }, "As it was at"), then, element("span", {}, now)),
      element("p", {}, gone, " ", element("label", { for: "gone" }, "Also records that are gone from their page")),
    ),
    element(
      "fieldset",
      {},
      element("legend", {}, "Columns"),
      element(
        "div",
        { class: "boxes" },
        boxes.map((one) => one.node),
      ),
      all,
    ),
  );
  limit.addEventListener("change", () => ask(changed(question, { _limit: limit.value })));
  gone.addEventListener("change", () => ask(changed(question, { _gone: gone.checked ? "1" : null, _as_of: null })));
  then.addEventListener("change", () => {
    const at = new Date(then.value);
    ask(changed(question, { _as_of: Number.isNaN(at.getTime()) ? null : at.toISOString().replace(".000", ""), _gone: null }));
  });

  function box(path) {
    const input = element("input", { type: "checkbox", name: "column", value: path });
    input.addEventListener("change", () => {
      const paths = picked();
      const every = paths.length === boxes.length || paths.length === 0;
      ask(changed(question, { _select: every ? null : paths.map(escaped).join(",") }));
    });
    return { path, input, node: element("label", {}, input, " ", element("bdi", {}, path)) };
  }

  function update(next) {
    question = next;
    const size = asked(question).get("_limit");
    if (![...limit.options].some((one) => one.value === size)) limit.append(element("option", { value: size }, size));
    limit.value = size;
    gone.checked = question.get("_gone") === "1";
    then.value = local(question.get("_as_of"));
    now.hidden = !question.has("_as_of");
    const selected = question.has("_select") ? split(question.get("_select")) : null;
    for (const { path, input } of boxes) input.checked = !selected || selected.includes(path);
  }

  return { node, update };
}

/** The line that says that the past is shown; null for the present. */
export function pastNote(question) {
  const at = Date.parse(question.get("_as_of") ?? "");
  if (Number.isNaN(at)) return null;
  return element("p", { class: "note" }, "This is the past: as it was at ", element("b", {}, moment(new Date(at).toISOString())), ".");
}

/** A moment as an input of type datetime-local shows it, in the reader's time zone. */
export function local(iso) {
  const at = new Date(iso ?? "");
  if (Number.isNaN(at.getTime())) return "";
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
