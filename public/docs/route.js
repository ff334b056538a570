/** One route as a part of the page: what it takes, what it answers, a form to try it, snippets to copy. */

import { copyText } from "/lib/copy.js";
import { element, table } from "/lib/dom.js";
import { LANGUAGES } from "/lib/snippets.js";
import { ask } from "./answer.js";
import { missing, target, typeOf } from "./operations.js";

/** The closed part of one operation; `key` gives the admin key that is typed in. Its inside is made when it opens. */
export function route(operation, key) {
  const details = element(
    "details",
    { id: operation.id, class: "route" },
    element(
      "summary",
      {},
      element("span", { class: `method ${operation.method.toLowerCase()}` }, operation.method),
      " ",
      element("code", {}, operation.path),
      " ",
      element("span", { class: "about" }, operation.summary),
      operation.needs ? element("span", { class: "needs" }, operation.needs) : "",
    ),
  );
  details.addEventListener("toggle", () => details.append(...inside(operation, key)), { once: true });
  return details;
}

function inside(operation, key) {
  const form = inputs(operation);
  const place = element("div", { class: "answer", role: "status" });
  const snippets = snippetsOf(operation, form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(pathOf(operation, form), key(), place);
  });
  return [form, place, snippets, answers(operation)];
}

function inputs(operation) {
  const controls = operation.parameters.filter((parameter) => parameter.name.startsWith("_"));
  const named = operation.parameters.filter((parameter) => !controls.includes(parameter));
  const tries = operation.method === "GET";
  return element(
    "form",
    { class: "try" },
    named.map((parameter) => field(operation, parameter)),
    tries && operation.tag === "get_data" && controls.length ? moreField(operation) : "",
    controls.map((parameter) => field(operation, parameter)),
    operation.body ? element("p", {}, `Body: ${operation.body.help}`) : "",
    tries ? element("button", { type: "submit" }, `Try GET ${operation.path}`) : "",
  );
}

function field(operation, parameter) {
  const id = `${operation.id}.${parameter.in}.${parameter.name}`;
  const required = parameter.in === "path";
  const hint = parameter.example ?? parameter.schema?.example;
  return element(
    "p",
    {},
    element("label", { for: id }, element("code", {}, parameter.name), required ? " (required)" : ""),
    element("input", {
      id,
      name: parameter.name,
      required,
      placeholder: hint === undefined ? null : `e.g. ${hint}`,
      autocomplete: "off",
      spellcheck: "false",
    }),
    element("small", {}, [parameter.description, typeOf(parameter.schema)].filter(Boolean).join(" · ")),
  );
}

function moreField(operation) {
  const id = `${operation.id}.more`;
  return element(
    "p",
    {},
    element("label", { for: id }, "more"),
    element("input", { id, name: "(more)", placeholder: "e.g. info.rating__gte=6&year=2013", autocomplete: "off", spellcheck: "false" }),
    element("small", {}, "any other parameters, as they stand in a URL"),
  );
}

function pathOf(operation, form) {
  const { "(more)": more = "", ...values } = Object.fromEntries(new FormData(form));
  return target(operation, values, more);
}

function snippetsOf(operation, form) {
  const code = element("code");
  const copy = element("button", { type: "button", class: "copy" }, "Copy");
  const languages = element("div", { class: "languages", role: "group", "aria-label": "Language" });
  let chosen = Object.keys(LANGUAGES)[0];
  const write = () => {
    code.textContent = LANGUAGES[chosen](operation, location.origin + pathOf(operation, form));
    for (const button of languages.children) button.setAttribute("aria-pressed", String(button.textContent === chosen));
    const left = missing(operation, Object.fromEntries(new FormData(form)));
    copy.title = left.length ? `Fill in ${left.join(", ")} first` : "";
  };
  for (const language of Object.keys(LANGUAGES)) {
    const button = element("button", { type: "button" }, language);
    button.addEventListener("click", () => {
      chosen = language;
      write();
    });
    languages.append(button);
  }
  copy.addEventListener("click", () => copyText(code.textContent, copy));
  form.addEventListener("input", write);
  write();
  return element("div", { class: "snippets" }, languages, copy, element("pre", { tabindex: "0" }, code));
}

function answers(operation) {
  const rows = operation.answers.map(({ status, text, types }) => [status, text, types.join(", ")]);
  return element(
    "details",
    {},
    element("summary", {}, "Answers"),
    table(["status", "meaning", "content"], rows),
  );
}
