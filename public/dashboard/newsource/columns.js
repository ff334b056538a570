/** The records that a draft gives as a table whose columns are named, typed and removed by clicking on their heads. */

import { element } from "/lib/dom.js";
import { brief } from "../data/value.js";
import { number } from "../format.js";
import { slot } from "../slot.js";
import { looksLike, nameTrouble } from "./draft.js";

const ROWS_SHOWN = 10;

/**
 * The table: `{node, show(draft, found, wrong)}`. `types` are those that a column can have, each with its words, in the
 * order of the choice; `found` is what the preview gave, `wrong` the mistakes by column; `change(id, change)` is called
 * for each change.
 */
export function columnTable(types, change) {
  let chosen = null;
  let latest;
  const form = element("div");
  const table = slot("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Records found" });
  const removed = slot("div");

  function choose(id) {
    chosen = chosen === id ? null : id;
    draw();
    form.querySelector("input")?.focus();
  }

  function draw() {
    const { draft, found, wrong } = latest;
    const kept = draft.columns.filter((one) => !one.removed);
    table.show([kept, found, wrong, chosen], () => grid(kept, found, wrong, { types, chosen, choose }));
    const gone = draft.columns.filter((one) => one.removed);
    removed.show(gone, () => putBack(gone, change));
    const one = kept.find(({ id }) => id === chosen);
    if (form.dataset.column !== (one?.id ?? "")) {
      form.dataset.column = one?.id ?? "";
      form.replaceChildren(
        ...(one
          ? [
              columnForm(
                one,
                types,
                () => latest,
                change,
                () => choose(one.id),
              ),
            ]
          : []),
      );
    }
  }

  return {
    node: element("div", {}, form, table.node, removed.node),
    show(draft, found, wrong = {}) {
      latest = { draft, found, wrong };
      draw();
    },
  };
}

function grid(kept, { records, fields }, wrong, shared) {
  const heads = kept.map((one) =>
    element("th", { scope: "col" }, head(one, fields[one.name], wrong[one.name], { ...shared, records })),
  );
  const rows = records.slice(0, ROWS_SHOWN).map((record) =>
    element(
      "tr",
      {},
      kept.map(({ name }) =>
        element("td", {}, name in record ? brief(record[name]) : element("span", { class: "quiet" }, "—")),
      ),
    ),
  );
  return element(
    "table",
    { class: "columns-table" },
    element("thead", {}, element("tr", {}, heads)),
    element("tbody", {}, rows),
  );
}

function head(one, hits, wrong, { types, chosen, choose, records }) {
  const { id, name, type, required, key } = one;
  const like = looksLike(one, records);
  const what = like ? `${types[type]}, or a ${types[like]}?` : (types[type] ?? type);
  const marks = [what, key ? "key" : "", required ? "required" : ""].filter(Boolean).join(", ");
  return element(
    "button",
    {
      type: "button",
      class: `column${wrong ? " wrong" : ""}`,
      "aria-expanded": String(chosen === id),
      onclick: () => choose(id),
    },
    element("span", { class: "column-name" }, name),
    element("span", { class: "column-about" }, marks),
    element("span", { class: "column-about" }, hits ? `in ${number(hits.hits)} of ${number(records.length)}` : "…"),
    wrong ? element("span", { class: "bad" }, wrong) : null,
  );
}

function columnForm(one, types, latest, change, close) {
  const trouble = element("small", { class: "bad", role: "alert" });
  const name = element("input", { id: "column-name", value: one.name, autocomplete: "off", spellcheck: "false" });
  const type = element(
    "select",
    { id: "column-type" },
    Object.entries(types).map(([value, text]) => element("option", { value, selected: value === one.type }, text)),
  );
  const check = (id, text, checked, doing) => {
    const box = element("input", { type: "checkbox", id, checked });
    box.addEventListener("change", () => doing(box.checked));
    return element("span", {}, box, " ", element("label", { for: id }, text));
  };
  name.addEventListener("input", () => {
    const wanted = name.value.trim();
    trouble.textContent = nameTrouble(latest().draft, one.id, wanted);
    if (!trouble.textContent) change(one.id, { name: wanted });
  });
  const take = (wanted) => {
    type.value = wanted;
    change(one.id, { type: wanted });
  };
  type.addEventListener("change", () => take(type.value));
  const like = looksLike(one, latest().found.records);
  return element(
    "div",
    { class: "panel column-form", role: "group", "aria-label": `Column ${one.name}` },
    element("p", { class: "field" }, element("label", { for: "column-name" }, "Name"), name, trouble),
    element(
      "p",
      { class: "field" },
      element("label", { for: "column-type" }, "Is a"),
      type,
      like
        ? element(
            "small",
            {},
            "All values look like it: ",
            element(
              "button",
              { type: "button", class: "link", onclick: () => take(like) },
              `take it as a ${types[like]}`,
            ),
          )
        : null,
    ),
    element(
      "p",
      { class: "actions" },
      check("column-required", "every record has it", one.required, (required) => change(one.id, { required })),
      check("column-key", "tells records apart", one.key, (key) => change(one.id, { key })),
      element(
        "button",
        { type: "button", class: "danger", onclick: () => (close(), change(one.id, { removed: true })) },
        "Remove",
      ),
      element("button", { type: "button", onclick: close }, "Done"),
    ),
  );
}

function putBack(gone, change) {
  if (!gone.length) return null;
  return element(
    "p",
    {},
    "Removed: ",
    gone.map(({ id, name }) =>
      element(
        "button",
        {
          type: "button",
          class: "chip",
          "aria-label": `Put ${name} back`,
          onclick: () => change(id, { removed: false }),
        },
        name,
        " ↩",
      ),
    ),
  );
}
