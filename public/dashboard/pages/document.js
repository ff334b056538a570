/** A document: its fields, what became of it over time, the chart of a number, its JSON. */

import { element } from "/lib/dom.js";
import { ask } from "../api.js";
import { when } from "../format.js";
import { go, link, part } from "../router.js";
import { session } from "../session.js";
import { chart } from "../data/chart.js";
import { editor } from "../data/editor.js";
import { joined, nameOf, numbersIn } from "../data/fields.js";
import { history } from "../data/history.js";
import { writeJson } from "/lib/json.js";
import { local, pastNote } from "../data/options.js";
import { kindOf, webAddress, whole } from "../data/value.js";

const PAGES = ["url", "link", "href"]; // the fields that the API's feeds take for a document's own page

/** Shows a document, now or as it was at `_as_of`; of one that is gone, what became of it. */
export async function show(main, { params: { collection: name, id }, query, signal, again }) {
  const path = `/get_data/${part(name)}/${part(id)}`;
  const then = query.get("_as_of");
  const [found, log, listing] = await Promise.all([
    read(`${path}?${new URLSearchParams(then ? { _meta: "1", _as_of: then } : { _meta: "1", _gone: "1" })}`, signal),
    history(name, id, signal),
    ask("/get_data", { signal }),
  ]);
  const collection = listing.data.collections.find((one) => one.name === name);
  if (found.error && log.empty && !then) throw found.error;
  const { _meta: meta, ...document } = found.data ?? {};
  main.append(head(name, id, document, meta, collection, timeBar(name, id, query)), pastNote(query) ?? "");
  if (found.error)
    main.append(
      element("p", { class: "note" }, then ? "At that time it was not there." : "It is not there any more; below is what became of it."),
    );
  else main.append(body(name, id, document, collection?.fields ?? {}, signal));
  main.append(log.node);
  if (found.data) main.append(rawJson(path, document));
  if (collection && session.writes(name) && found.data && !then && !meta?.gone_at)
    main.append(editor(collection, id, { again, leave: () => go(`/collections/${part(name)}`), signal }));
}

/** The document, or that there is none. */
async function read(path, signal) {
  try {
    return await ask(path, { signal });
  } catch (error) {
    if (error.type === "no-document") return { error };
    throw error;
  }
}

/** The fields, and beside them the chart of a number where there is one. */
function body(name, id, document, types, signal) {
  const numbers = numbersIn(document).map(([field]) => field);
  if (!numbers.length) return fieldTable(document, types);
  return element("div", { class: "columns beside" }, fieldTable(document, types), chart(name, id, numbers, signal));
}

function head(name, id, document, meta, collection, time) {
  const address = PAGES.map((field) => document[field]).find((value) => typeof value === "string" && webAddress(value));
  const facts = [
    ["in ", element("a", { href: link(`/collections/${part(name)}`) }, name)],
    meta?.first_seen ? ["first seen ", when(meta.first_seen)] : null,
    meta?.changed_at ? ["changed ", when(meta.changed_at)] : null,
    meta?.gone_at ? ["gone from its page ", when(meta.gone_at)] : null,
    meta && !meta.gone_at && collection?.source ? ["last seen ", meta.last_seen ? when(meta.last_seen) : "at the last run"] : null,
    collection?.source ? ["from ", element("a", { href: link(`/sources/${part(collection.source)}`) }, collection.source)] : null,
  ];
  return element(
    "header",
    { class: "head" },
    element(
      "div",
      {},
      element("h1", {}, element("bdi", {}, nameOf(document, id))),
      element(
        "p",
        { class: "facts" },
        facts.filter(Boolean).map((fact) => element("span", {}, fact)),
      ),
      element("p", { class: "facts" }, element("code", { class: "text" }, id)),
    ),
    element(
      "div",
      { class: "form-row" },
      time,
      address ? element("a", { class: "button", href: address, rel: "noreferrer" }, "Its own page") : null,
    ),
  );
}

function timeBar(name, id, query) {
  const at = element("input", { id: "then", type: "datetime-local", step: "1", value: local(query.get("_as_of")) });
  const turn = (iso) => go(`/collections/${part(name)}/${part(id)}`, iso ? { _as_of: iso } : {});
  at.addEventListener("change", () => turn(Number.isNaN(Date.parse(at.value)) ? null : new Date(at.value).toISOString()));
  return [
    element("p", { class: "field" }, element("label", { for: "then" }, "As it was at"), at),
    query.has("_as_of") ? element("button", { type: "button", onclick: () => turn(null) }, "Back to now") : null,
  ];
}

function fieldTable(document, types) {
  const rows = Object.entries(document).map(([field, value]) =>
    element(
      "tr",
      {},
      element(
        "th",
        { scope: "row" },
        element("bdi", {}, field),
        element("small", {}, (types[joined([field])] ?? kindOf(value)).replaceAll("|", " or ")),
      ),
      element("td", {}, whole(value)),
    ),
  );
  if (!rows.length) return element("p", { class: "quiet" }, "It has no fields.");
  return element(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": "Fields" },
    element("table", { class: "document" }, element("caption", { class: "unseen" }, "Fields"), element("tbody", {}, rows)),
  );
}

function rawJson(path, document) {
  return element(
    "details",
    { class: "panel" },
    element("summary", {}, "As JSON"),
    element("pre", { tabindex: "0", role: "region", "aria-label": "The document as JSON" }, writeJson(document)),
    element("p", {}, element("a", { href: path }, "its address in the API")),
  );
}
