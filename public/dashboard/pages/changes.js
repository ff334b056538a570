/** What changed, across all collections or in one: the latest first, with what it was before and what it is now. */

import { element } from "/lib/dom.js";
import { ask } from "../api.js";
import { count, moment } from "../format.js";
import { go } from "../router.js";
import { announce, empty, failed } from "../states.js";
import { local } from "../data/options.js";
import { entry } from "../data/log.js";
import { merged } from "../data/merging.js";
import { changed } from "../data/question.js";

const STEP = 30; // entries that one look shows
const QUESTIONS_MAX = 12; // to the API for one look: a rare field is not hunted through all of history
const OPS = [
  ["", "everything"],
  ["added", "added"],
  ["changed", "changed"],
  ["removed", "removed"],
];

/** Shows the changes that fit the query, a step at a time. */
export async function show(main, { query, signal, again }) {
  const { data } = await ask("/get_data", { signal });
  const wanted = query.get("collection") ?? "";
  const chosen = data.collections.filter(({ name }) => !wanted || name === wanted);
  main.append(
    element(
      "header",
      { class: "head" },
      element(
        "div",
        {},
        element("h1", {}, "Changes"),
        element("p", { class: "quiet" }, "What was added, changed and removed, the latest first."),
      ),
    ),
    filterForm(data.collections, query),
    feedLink(chosen, wanted),
  );
  if (!chosen.length) {
    main.append(
      wanted
        ? empty(`There is no ${wanted}`, "It may have been renamed or deleted, or it is private and only shown to who may read it.")
        : empty("Nothing has changed yet", "Changes appear here when a source has run or something was saved."),
    );
    return;
  }
  const list = element("ul", { class: "feed" });
  const more = element("p", { class: "actions", role: "status" });
  main.append(list, more);
  const log = merged(chosen, signal);
  const fits = filter(query);
  await look();

  async function look() {
    more.replaceChildren(element("span", { class: "quiet" }, "Reading …"));
    try {
      const { entries, seen, over } = await step(log, fits, Date.parse(query.get("since") ?? "") || -Infinity);
      list.append(...entries.map(({ collection, change }) => entry(collection, change, { named: true })));
      announce(`${count(entries.length, "change")} more`);
      more.replaceChildren(...foot(list.childElementCount, seen, over, look));
    } catch (error) {
      if (!signal.aborted) more.replaceChildren(failed(error, { again, heading: "h2" }));
    }
  }
}

/** Reads on until enough fits, the time is reached, the logs end or enough was asked. */
async function step(log, fits, since_ms) {
  const entries = [];
  const before = log.asked();
  let seen = null;
  while (entries.length < STEP && log.asked() - before < QUESTIONS_MAX) {
    const one = await log.next();
    if (!one || Date.parse(one.change.at) < since_ms) return { entries, seen, over: true };
    seen = one.change.at;
    if (fits(one.change)) entries.push(one);
  }
  return { entries, seen, over: false };
}

/** Whether a change is of the kind and about the field that the query names. */
function filter(query) {
  const [op, field] = [query.get("op"), query.get("field")];
  return (change) => (!op || change.op === op) && (!field || Object.hasOwn(change.fields, field));
}

function foot(shown, seen, over, look) {
  if (over) return [element("span", { class: "quiet" }, shown ? "That is all." : "No change is as the filters say.")];
  return [
    element("button", { type: "button", onclick: look }, shown ? "Older changes" : "Look further back"),
    seen ? element("span", { class: "quiet" }, `looked back to ${moment(seen)}`) : "",
  ];
}

function filterForm(collections, query) {
  const select = (id, rows) => {
    const made = element(
      "select",
      { id },
      rows.map(([value, text]) => element("option", { value }, text)),
    );
    made.value = query.get(id) ?? "";
    return made;
  };
  const names = collections.map(({ name }) => [name, name]);
  const collection = select("collection", [["", "all"], ...names]);
  const op = select("op", OPS);
  const field = element("input", { id: "field", value: query.get("field") ?? "", autocomplete: "off", placeholder: "any" });
  const since = element("input", { id: "since", type: "datetime-local", value: local(query.get("since")) });
  const form = element(
    "form",
    { class: "form-row", "aria-label": "Filters" },
    labelled("Collection", collection),
    labelled("What happened", op),
    labelled("Field", field),
    labelled("Since", since),
    element("button", { type: "submit" }, "Show"),
    [...query].length ? element("button", { type: "button", onclick: () => go("/changes") }, "Show everything") : null,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const at = new Date(since.value);
    const from = Number.isNaN(at.getTime()) ? null : at.toISOString();
    go("/changes", changed(new URLSearchParams(), { collection: collection.value, op: op.value, field: field.value.trim(), since: from }));
  });
  for (const one of [collection, op]) one.addEventListener("change", () => form.requestSubmit());
  return form;
}

const labelled = (text, control) => element("p", { class: "field" }, element("label", { for: control.id }, text), control);

function feedLink(chosen, wanted) {
  const open = chosen.filter((one) => one.public);
  if (!open.length) return "";
  const links = open.map(({ name }) => element("a", { href: `/get_changes/${name}.atom` }, wanted ? "Atom feed of these changes" : name));
  if (wanted) return element("p", {}, links);
  return element(
    "details",
    { class: "panel" },
    element("summary", {}, "Follow in a feed reader"),
    element("p", { class: "actions" }, links),
  );
}
