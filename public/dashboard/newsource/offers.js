/** What a page offers, as cards of which one is picked. */

import { element } from "/lib/dom.js";
import { count } from "../format.js";

const KINDS = {
  table: "A table",
  repeated: "A list",
  jsonld: "Data for search engines",
  feed: "A feed",
  json: "A list of the JSON",
  csv: "The table of the CSV",
};
const RECORDS_SHOWN = 2;
const VALUES_SHOWN = 4;

/** The choice among `offers`; `picked(offer)` is called with the one that is chosen, at first the best. */
export function offerChoice(offers, picked) {
  const cards = offers.map((offer, index) => card(offer, index, picked));
  picked(offers[0]);
  return element("fieldset", { class: "offers" }, element("legend", {}, "2. What do you want from it?"), cards);
}

function card(offer, index, picked) {
  const id = `offer-${index}`;
  const input = element("input", { type: "radio", name: "offer", id, checked: index === 0 });
  input.addEventListener("change", () => picked(offer));
  return element(
    "label",
    { class: "offer", for: id },
    element("span", { class: "pick" }, input, " ", element("strong", {}, title(offer))),
    offer.sample.slice(0, RECORDS_SHOWN).map((record) => element("span", { class: "sample quiet" }, inShort(record))),
  );
}

function title({ kind, count: records, definition, sample }) {
  const what = `${KINDS[kind] ?? kind}${kind === "jsonld" && definition.records ? ` (${definition.records})` : ""}`;
  if (records === null) return `${what}: ${definition.url}`;
  return `${what} of ${count(records, "record")}: ${Object.keys(sample[0] ?? {})
    .slice(0, VALUES_SHOWN)
    .join(", ")}`;
}

function inShort(record) {
  return Object.values(record)
    .slice(0, VALUES_SHOWN)
    .map((value) => (typeof value === "string" ? value : JSON.stringify(value)))
    .join(" · ");
}
