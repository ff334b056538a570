/**
 * Any JSON value as something to read. What was scraped is text whatever it looks like; a link is made of an address
 * with http or https alone, and says where it leads by being its own text.
 */

import { element, safeHref } from "/lib/dom.js";
import { isNumber, isObject } from "/lib/json.js";

const CLIP = 160; // characters of a text in a table; more is a click away
const LISTED = 6; // elements of a list in a table
const KINDS = { number: "number", boolean: "boolean", string: "text" };

/** The kind of a value, in the API's words. */
export function kindOf(value) {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  if (isNumber(value)) return "number";
  return KINDS[typeof value] ?? "object";
}

/** A value in full. */
export function whole(value) {
  return shown(value, { clip: Infinity, listed: Infinity });
}

/** A value in a table's cell: long texts and lists are cut, with a button that shows the rest. */
export function brief(value) {
  return shown(value, { clip: CLIP, listed: LISTED });
}

/** A value in a few words of plain text, for sentences. */
export function words(value, most = 80) {
  const text = typeof value === "string" ? `“${value}”` : isPrice(value) ? priceText(value) : plain(value);
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

function shown(value, cut) {
  if (isPrice(value)) return element("span", { class: "is-number" }, priceText(value));
  return SHOWN[kindOf(value)](value, cut);
}

const SHOWN = {
  null: () => element("span", { class: "quiet" }, "null"),
  boolean: (value) => String(value),
  number: (value) => element("span", { class: "is-number" }, plain(value)),
  text: (value, cut) => (value.length > cut.clip ? expandable(value, cut.clip) : text(value)),
  list: (value, cut) => (value.every(isScalar) ? scalars(value, cut) : folded(value, cut, `${value.length} items`)),
  object: (value, cut) => (Object.keys(value).length ? folded(value, cut, `${Object.keys(value).length} fields`) : quiet("{ }")),
};

const quiet = (said) => element("span", { class: "quiet" }, said);

/** A text as the address of a link to the web, null where it is none: what was scraped never leads into this site. */
export const webAddress = (value) => (/^https?:/i.test(value) ? safeHref(value) : null);

function text(value) {
  if (!value) return quiet("empty text");
  const href = webAddress(value);
  return href ? element("a", { href, rel: "noreferrer", class: "text", title: value }, value) : element("bdi", { class: "text" }, value);
}

function expandable(value, clip) {
  const cutAt = (value.codePointAt(clip - 1) ?? 0) > 0xffff ? clip + 1 : clip; // never half a character
  const part = element("bdi", { class: "text" }, `${value.slice(0, cutAt)}…`);
  const more = element("button", { type: "button", class: "link", "aria-expanded": "false" }, "more");
  more.addEventListener("click", () => {
    const open = more.getAttribute("aria-expanded") === "false";
    part.textContent = open ? value : `${value.slice(0, cutAt)}…`;
    more.setAttribute("aria-expanded", String(open));
    more.textContent = open ? "less" : "more";
  });
  return element("span", {}, part, " ", more);
}

function scalars(value, cut) {
  if (!value.length) return quiet("[ ]");
  const rest = value.length - cut.listed;
  const items = value.slice(0, cut.listed).map((item, index) => element("li", {}, index ? ", " : "", shown(item, cut)));
  return element("ul", { class: "values" }, items, rest > 0 ? element("li", { class: "quiet" }, ` and ${rest} more`) : null);
}

function folded(value, cut, summary) {
  const entries = Array.isArray(value) ? value.map((item, index) => [String(index + 1), item]) : Object.entries(value);
  const list = () =>
    element(
      "dl",
      {},
      entries.map(([name, item]) => [element("dt", {}, element("bdi", {}, name)), element("dd", {}, shown(item, cut))]),
    );
  if (cut.clip === Infinity) return list();
  const details = element("details", {}, element("summary", {}, summary));
  details.addEventListener("toggle", () => details.append(list()), { once: true }); // built when it is first looked at
  return details;
}

const isScalar = (value) => !Array.isArray(value) && !isObject(value);

/** A value as JSON writes it, a number with all its digits. */
export const plain = (value) => JSON.stringify(value);

function isPrice(value) {
  return (
    isObject(value) &&
    Object.keys(value).sort().join() === "amount,currency" &&
    typeof value.amount === "number" &&
    /^[A-Z]{3}$/.test(value.currency)
  );
}

function priceText({ amount, currency }) {
  return new Intl.NumberFormat(navigator.language, { style: "currency", currency, currencyDisplay: "narrowSymbol" }).format(amount);
}
