/** The collections as cards. */

import { element } from "/lib/dom.js";
import { count, when } from "../format.js";
import { link, part } from "../router.js";
import { session } from "../session.js";
import { empty } from "../states.js";

/** What is shown of a collection, without its sample. */
export function inBrief({ name, count: records, public: open, source, updated_at }) {
  return { name, records, open, source, updated_at };
}

/** The cards of all collections, or why there is none. */
export function collectionList(found) {
  if (!found.length) {
    const why = session.admin
      ? "One appears with the first run of a source, or with the first document that is saved through the API."
      : "None is public yet. Sign in to see private ones.";
    return empty("No collection yet", why);
  }
  return element("ul", { class: "grid cards" }, found.map(collectionCard));
}

function collectionCard({ name, records, open, source, updated_at }) {
  return element(
    "li",
    { class: "panel card" },
    element("h3", {}, element("a", { href: link(`/collections/${part(name)}`) }, name)),
    element("p", {}, count(records, "record"), open ? "" : element("span", { class: "chip" }, "private")),
    element(
      "p",
      { class: "quiet" },
      source ? `From the source ${source}, changed ` : "Saved by hand, changed ",
      when(updated_at),
    ),
  );
}
