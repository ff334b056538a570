/** The last step: a name, how often, who reads it; the YAML; and saving. */

import { copyText } from "/lib/copy.js";
import { element } from "/lib/dom.js";
import { ask } from "../api.js";
import { go, link, part } from "../router.js";
import { start } from "../runs.js";
import { announce, mistake } from "../states.js";
import { INTERVALS, freeName, nameFor } from "./draft.js";

/**
 * The form: `{node, show(yaml, why)}`; while `yaml` is null nothing is saved, which `why` explains. `change(change)`
 * is called with `every` or `open`.
 */
export function keeping(url, change, signal) {
  let text = null;
  const name = element("input", {
    id: "name",
    value: nameFor(url),
    required: true,
    pattern: "[a-z][a-z0-9_\\-]{0,62}",
    autocomplete: "off",
    spellcheck: "false",
  });
  const every = element(
    "select",
    { id: "every" },
    Object.entries(INTERVALS).map(([value, said]) => element("option", { value, selected: value === "1d" }, said)),
  );
  const open = element("input", { id: "open", type: "checkbox" });
  const code = element("code");
  const copy = element("button", { type: "button" }, "Copy the YAML");
  const saving = element("button", { type: "submit", class: "primary" }, "Save the source");
  const waiting = element("span", { class: "quiet" });
  const told = element("div", { role: "status" });
  name.addEventListener("input", () => told.replaceChildren());
  every.addEventListener("change", () => change({ every: every.value }));
  open.addEventListener("change", () => change({ open: open.checked }));
  copy.addEventListener("click", () => copyText(text, copy));

  const form = element(
    "form",
    { class: "panel" },
    element("h2", {}, "4. Keep it"),
    element(
      "p",
      { class: "field" },
      element("label", { for: "name" }, "Name"),
      name,
      element("small", {}, "It is the address of the data: /get_data/name. Small letters, figures, - and _."),
    ),
    element("p", { class: "field" }, element("label", { for: "every" }, "Read it"), every),
    element("p", {}, open, " ", element("label", { for: "open" }, "Everybody may read the data")),
    element(
      "details",
      {},
      element("summary", {}, "The definition as YAML"),
      element("pre", { tabindex: "0" }, code),
      copy,
    ),
    element("p", { class: "actions" }, saving, waiting),
    told,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!text) return; // what would be saved is not known yet
    told.replaceChildren();
    try {
      await saveNew(name.value, text, signal);
    } catch (error) {
      if (!signal.aborted) told.replaceChildren(mistake(error));
      return;
    }
    announce(`The source ${name.value} is saved.`);
    form.replaceWith(saved(name.value));
  });
  proposeFree(name, signal);
  return {
    node: form,
    show(yaml, why = "") {
      text = yaml;
      code.textContent = yaml ?? "";
      saving.setAttribute("aria-disabled", String(!yaml));
      waiting.textContent = why;
    },
  };
}

/** Mends the proposed name if it is taken, unless somebody was faster and wrote another. */
async function proposeFree(name, signal) {
  const proposed = name.value;
  try {
    const taken = await names(signal);
    if (name.value === proposed) name.value = freeName(proposed, taken);
  } catch {
    // it stays as it is: whoever saves is told
  }
}

async function names(signal) {
  const { data } = await ask("/get_sources", { signal });
  return data.sources.map((source) => source.name);
}

/** Saves a source that must not be there yet: a name that is taken is not overwritten unseen. */
async function saveNew(name, yaml, signal) {
  if ((await names(signal)).includes(name))
    throw new Error(`There is a source ${name} already; take another name.`);
  await ask(`/save_source/${part(name)}`, { method: "PUT", body: yaml, type: "application/yaml", signal });
}

function saved(name) {
  const wrong = element("div");
  const run = async () => {
    try {
      await start(name);
      go(`/sources/${part(name)}`);
    } catch (error) {
      wrong.replaceChildren(mistake(error));
    }
  };
  const running = element("button", { type: "button", class: "primary", onclick: run }, "Run now");
  queueMicrotask(() => running.focus());
  return element(
    "section",
    { class: "panel" },
    element("h2", {}, "Saved"),
    element("p", {}, `${name} is read on its schedule from now on. Run it now to see the data at once.`),
    element(
      "p",
      { class: "actions" },
      running,
      element("a", { class: "button", href: link(`/sources/${part(name)}`) }, "See the source"),
    ),
    wrong,
  );
}
