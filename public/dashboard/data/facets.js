/** The values that occur in a few fields, with how often: a click filters by one. Asked when somebody opens them. */

import { element } from "/lib/dom.js";
import { ask as askApi } from "../api.js";
import { number } from "../format.js";
import { mistake } from "../states.js";
import { columns, filtered, kinds, valueAt } from "./fields.js";
import { keepingFocus } from "./focus.js";
import { address, changed, narrowed, parameter } from "./question.js";
import { words } from "./value.js";

const FIELDS_MAX = 6; // each is a question to the API
const VALUES_MAX = 12; // of a field; who has more kinds of values is better searched
const NOT_FACETS = new Set(["date", "object", "json", "price"]);

/** Shows facets; `ask(question)` is called with a filter more or less. Answers `{node, update(question, items)}`. */
export function facets(collection, ask, signal) {
  let asking = new AbortController();
  const fields = filtered(collection);
  let [question, items] = [new URLSearchParams(), []];
  const list = element("div", { tabindex: "-1" });
  const node = element("details", { class: "panel facets" }, element("summary", {}, "Values that occur"), list);
  node.addEventListener("toggle", () => node.open && fill());

  async function fill() {
    asking.abort();
    asking = new AbortController();
    const either = AbortSignal.any([signal, asking.signal]);
    try {
      const paths = candidates(fields, items, question);
      const found = await Promise.all(paths.map((path) => valuesOf(path, either)));
      keepingFocus(list, () => list.replaceChildren(...shown(paths, found)));
    } catch (error) {
      if (!either.aborted) list.replaceChildren(mistake(error));
    }
  }

  async function valuesOf(path, either) {
    const { data } = await askApi(address(collection.name, changed(narrowed(question), { _distinct: path })), { signal: either });
    return data.values;
  }

  function shown(paths, found) {
    const made = paths
      .map((path, index) => [path, found[index]])
      .filter(([, values]) => values.length)
      .map(([path, values]) => facet(path, values));
    return made.length ? made : [element("p", { class: "quiet" }, "No field here repeats its values.")];
  }

  function facet(path, values) {
    const most = values.toSorted((one, other) => other.count - one.count).slice(0, VALUES_MAX);
    const rest = values.length - most.length;
    return element(
      "section",
      {},
      element("h2", {}, element("bdi", {}, path)),
      element(
        "ul",
        { class: "facet" },
        most.map((one) => element("li", {}, choice(path, one))),
      ),
      rest > 0 ? element("p", { class: "quiet" }, `and ${number(rest)} other values`) : null,
    );
  }

  function choice(path, { value, count }) {
    const param = parameter(path, "eq");
    const text = filterText(value, fields[path]);
    const chosen = question.get(param) === text;
    const said = [
      element("bdi", { class: "text" }, typeof value === "string" ? value || "empty text" : words(value)),
      " ",
      element("span", { class: "quiet" }, number(count)),
    ];
    if (value === null || typeof value === "object" || text === "") return element("span", {}, said); // no filter says exactly that
    return element(
      "button",
      {
        type: "button",
        class: "link",
        "aria-pressed": String(chosen),
        "data-focus": `${path} ${text}`,
        onclick: () => ask(changed(question, { [param]: chosen ? null : text })),
      },
      said,
    );
  }

  function update(nextQuestion, nextItems) {
    [question, items] = [nextQuestion, nextItems];
    if (node.open) fill();
  }

  return { node, update };
}

/** The fields worth counting, the most repetitive first: some value is twice in the page at hand, or filtered by already. */
function candidates(fields, items, question) {
  const countable = columns(fields).filter((path) => !kinds(fields[path]).some((kind) => NOT_FACETS.has(kind)));
  const variety = (path) => {
    const seen = items.flatMap((item) => valueAt(item, path) ?? []).map((value) => JSON.stringify(value));
    return question.has(path) ? 0 : new Set(seen).size / seen.length;
  };
  const ranked = countable.map((path) => [path, variety(path)]).filter(([, share]) => share < 1);
  return ranked
    .toSorted(([, one], [, other]) => one - other)
    .slice(0, FIELDS_MAX)
    .map(([path]) => path);
}

/** A value as a filter's text: on a field of several kinds a text that looks like JSON is written as JSON. */
function filterText(value, type) {
  if (typeof value !== "string") return JSON.stringify(value);
  return kinds(type).length > 1 && isJson(value) ? JSON.stringify(value) : value;
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
