/** Entries of the change log as sentences: what happened to which document, when, by whom, from what to what. */

import { element } from "/lib/dom.js";
import { when } from "../format.js";
import { link, part } from "../router.js";
import { joined, nameOf } from "./fields.js";
import { isObject } from "/lib/json.js";
import { brief } from "./value.js";

const FIELDS_SHOWN = 6; // of an entry before the rest is folded away

/** One entry of a list. With `named` it says which document of which collection it is about. */
export function entry(collection, change, { named }) {
  const about = element(
    "a",
    { href: link(`/collections/${part(collection)}/${part(change.id)}`) },
    element("bdi", {}, nameOf(sides(change), change.id)),
  );
  return element(
    "li",
    {},
    element(
      named ? "h2" : "p",
      {},
      element("span", { class: `op op-${change.op}` }, change.op),
      named ? [" ", about, " in ", element("a", { href: link(`/collections/${part(collection)}`) }, collection)] : null,
      element("span", { class: "quiet" }, " ", when(change.at), ...by(change)),
    ),
    change.op === "changed" ? lines(differences(change)) : facts(differences(change)),
  );
}

/** The newest known value of every field of an entry. */
function sides(change) {
  return Object.fromEntries(Object.entries(change.fields).map(([name, { old, new: now = old }]) => [name, now]));
}

function by({ by: who }) {
  if (!who) return [];
  if (who.startsWith("source:")) {
    const source = who.slice("source:".length);
    return [", read by ", element("a", { href: link(`/sources/${part(source)}`) }, source)];
  }
  return [`, by ${who === "key" ? "the administrator" : who}`];
}

/** What differs, as [path, old, new]: inside objects only what differs there; a side that was not there is undefined. */
function differences(change) {
  return Object.entries(change.fields).flatMap(([name, { old, new: now }]) => inside([name], old, now));
}

function inside(path, old, now) {
  const names = namesIn(old, now);
  if (!names.length) return [[joined(path), old, now]];
  return names
    .filter((name) => JSON.stringify(old?.[name]) !== JSON.stringify(now?.[name]))
    .flatMap((name) => inside([...path, name], old?.[name], now?.[name]));
}

/** The names inside, where there are objects on the sides there are. */
function namesIn(...sides) {
  const there = sides.filter((side) => side !== undefined);
  return there.every(isObject) ? [...new Set(there.flatMap(Object.keys))] : [];
}

/** What a document was when it came or went, in a line or two. */
const facts = (found) =>
  folded(found, "facts", ([path, old, now]) =>
    element("li", {}, element("bdi", { class: "quiet" }, path), " ", brief(now === undefined ? old : now)),
  );

/** What became what, a line each. */
const lines = (found) => folded(found, "became", line);

function folded(found, look, made) {
  const list = (some) => element("ul", { class: look }, some.map(made));
  const rest = found.slice(FIELDS_SHOWN);
  return [
    list(found.slice(0, FIELDS_SHOWN)),
    rest.length ? element("details", {}, element("summary", {}, `${rest.length} more`), list(rest)) : null,
  ];
}

function line([path, old, now]) {
  const both = old !== undefined && now !== undefined;
  return element(
    "li",
    {},
    element("bdi", { class: "quiet" }, path),
    " ",
    old === undefined ? null : element("del", {}, brief(old)),
    both ? [" ", element("span", { "aria-hidden": "true" }, "→"), element("span", { class: "unseen" }, "became"), " "] : null,
    now === undefined ? null : element("ins", {}, brief(now)),
  );
}
