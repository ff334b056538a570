/** A definition in words: what is read, when, and how, for who does not read YAML. Pure but for the elements. */

import { element } from "/lib/dom.js";
import { link, part } from "../router.js";

const KEYS = [
  ["url", "Page", (url) => [url].flat().map((one) => element("div", {}, address(one)))],
  ["every", "Read every", (every) => spoken(every)],
  ["cron", "Read at", (cron, { timezone }) => [element("code", {}, cron), timezone ? ` (${timezone})` : ""]],
  ["records", "Each record is", (records) => element("code", {}, records)],
  ["key", "Known by", (key) => [key].flat().join(", ")],
  ["fields", "Fields", (fields) => Object.keys(fields).join(", ")],
  ["next", "More pages", (next) => element("code", {}, typeof next === "string" ? next : JSON.stringify(next))],
  ["follow", "Follows", ({ url, fields }) => `${url}, for ${Object.keys(fields ?? {}).join(", ")}`],
  ["format", "Format", (format) => format],
];
const UNITS = { m: "minute", h: "hour", d: "day" };

/** The list of what a definition says. */
export function facts({ definition, collection, public: open }) {
  const rows = KEYS.filter(([key]) => definition[key] !== undefined).map(([key, name, tell]) => [
    name,
    tell(definition[key], definition),
  ]);
  rows.push([
    "Collection",
    [element("a", { href: link(`/collections/${part(collection)}`) }, collection), open ? ", public" : ", private"],
  ]);
  return element(
    "dl",
    {},
    rows.map(([name, told]) => [element("dt", {}, name), element("dd", {}, told)]),
  );
}

function address(url) {
  return element("a", { href: url, rel: "noreferrer" }, url);
}

/** 6h as "6 hours", 1d as "day". */
function spoken(every) {
  const [, amount, unit] = /^(\d+)([mhd])$/.exec(every) ?? [];
  if (!unit) return every;
  return amount === "1" ? UNITS[unit] : `${amount} ${UNITS[unit]}s`;
}
