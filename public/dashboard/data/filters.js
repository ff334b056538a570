/** The part of a collection's page that narrows it down: words to search, filters as chips, a form that adds one. */

import { element } from "/lib/dom.js";
import { columns, kinds, operators } from "./fields.js";
import { keepingFocus } from "./focus.js";
import { changed, filters, parameter } from "./question.js";

/** Shows the filters of a question; `ask(question)` is called with another. Answers `{node, update(question, errors)}`. */
export function filterBar(fields, ask) {
  let question = new URLSearchParams();
  const chips = element("ul", { class: "chips", "aria-label": "Filters" });
  const words = element("input", {
    id: "words",
    type: "search",
    placeholder: "words in any text",
    autocomplete: "off",
    "data-focus": "words",
  });
  const search = element(
    "form",
    { class: "search", role: "search" },
    element("label", { for: "words", class: "unseen" }, "Search"),
    words,
    element("button", { type: "submit" }, "Search"),
  );
  const wrong = element("div");
  search.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(changed(question, { _q: words.value.trim() }));
  });
  words.addEventListener("search", () => {
    if (!words.value && question.has("_q")) ask(changed(question, { _q: null })); // emptied by its own cross
  });
  const adding = adder(fields, (name, value) => ask(changed(question, { [name]: value })));
  const node = element(
    "section",
    { class: "narrow", "aria-label": "Narrow down" },
    element("div", { class: "narrow-row" }, search, adding),
    chips,
    wrong,
  );

  function update(next, errors = []) {
    question = next;
    words.value = question.get("_q") ?? "";
    const shown = filters(question, fields);
    const named = new Set(shown.map(({ param }) => param));
    keepingFocus(chips, () => chips.replaceChildren(...shown.map((one) => chip(one, errors))), words);
    chips.hidden = shown.length === 0;
    wrong.replaceChildren(
      ...errors
        .filter(({ where }) => !named.has(where))
        .map(({ where, what }) => element("p", { class: "mistake", role: "alert" }, where ? [element("code", {}, where), ": "] : "", what)),
    );
  }

  function chip({ param, field, op, value }, errors) {
    const { word, choices } = operators(fields[field] ?? "json").find((one) => one.op === op) ?? { word: op };
    const said = (choices ?? []).find(([key]) => key === value)?.[1] ?? value;
    const wrongHere = errors.filter(({ where }) => where === param);
    return element(
      "li",
      {},
      element(
        "span",
        { class: wrongHere.length ? "chip is-wrong" : "chip" },
        element("span", {}, element("bdi", {}, field), ` ${word} `, element("b", {}, element("bdi", {}, said))),
        element(
          "button",
          {
            type: "button",
            class: "remove",
            "data-focus": param,
            "aria-label": `Remove the filter ${field} ${word} ${said}`,
            onclick: () => ask(changed(question, { [param]: null })),
          },
          "×",
        ),
      ),
      wrongHere.map(({ what }) => element("p", { class: "mistake", role: "alert" }, what)),
    );
  }

  return { node, update };
}

/** The form that adds a filter: a field, an operator of its type, a value. */
function adder(fields, add) {
  const paths = [...new Set([...columns(fields), ...Object.keys(fields)])]; // what is seen first
  const field = element(
    "select",
    { id: "filter-field" },
    paths.map((path) => element("option", { value: path }, path)),
  );
  const op = element("select", { id: "filter-op" });
  const place = element("span", { class: "filter-value" });
  const form = element(
    "form",
    { class: "adder" },
    element("label", { for: "filter-field", class: "unseen" }, "Field"),
    field,
    element("label", { for: "filter-op", class: "unseen" }, "Operator"),
    op,
    place,
    element("button", { type: "submit" }, "Add filter"),
  );
  const typed = () => place.querySelector("input, select");

  function showOperators() {
    const before = op.value;
    const found = operators(fields[field.value]);
    op.replaceChildren(...found.map((one) => element("option", { value: one.op }, one.word)));
    if (found.some((one) => one.op === before)) op.value = before;
    showValue();
  }

  function showValue() {
    const chosen = operators(fields[field.value]).find((one) => one.op === op.value);
    const before = typed()?.tagName === "INPUT" ? typed().value : "";
    place.replaceChildren(element("label", { for: "filter-value", class: "unseen" }, "Value"), valueControl(fields[field.value], chosen));
    if (typed().tagName === "INPUT") typed().value = before;
  }

  field.addEventListener("change", showOperators);
  op.addEventListener("change", showValue);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    add(parameter(field.value, op.value), typed().value);
    if (typed().tagName === "INPUT") typed().value = "";
  });
  if (field.options.length) showOperators();
  return form;
}

const PLACEHOLDERS = { number: "6.2", date: "2026-01 or 2026-01-31" };

function valueControl(type, { choices, hint }) {
  const found = kinds(type);
  const few =
    choices ??
    (found.every((kind) => kind === "boolean" || kind === "null") && found.includes("boolean")
      ? [
          ["true", "true"],
          ["false", "false"],
        ]
      : null);
  if (few)
    return element(
      "select",
      { id: "filter-value" },
      few.map(([value, said]) => element("option", { value }, said)),
    );
  return element("input", {
    id: "filter-value",
    required: true,
    autocomplete: "off",
    placeholder: hint ?? PLACEHOLDERS[found[0]] ?? "value",
    inputmode: found.length === 1 && found[0] === "number" && !hint ? "decimal" : null,
  });
}
