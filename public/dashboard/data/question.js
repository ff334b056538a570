/**
 * The question that a collection's page asks, which is the query of its own URL: the same names as the API's. Pure.
 *
 * A question is a URLSearchParams. Whoever changes one gets another; the place in the pages is then forgotten, because
 * a cursor belongs to its question.
 */

import { OPERATORS } from "./fields.js";

/** The choice of rows a page. */
export const LIMITS = ["25", "50", "100", "250"];
const LIMIT = "50"; // a screen or two: quick to draw, and most collections are one page

/** The question with some parameters changed; null takes one away. */
export function changed(question, values) {
  const made = new URLSearchParams(question);
  if (!("_after" in values)) made.delete("_after");
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === "") made.delete(name);
    else made.set(name, value);
  }
  return made;
}

/** What the API is asked: the question with the page's own size, and whether each record is gone where that matters. */
export function asked(question) {
  const made = new URLSearchParams(question);
  if (!made.has("_limit")) made.set("_limit", LIMIT);
  if (made.get("_gone") === "1") made.set("_meta", "1");
  return made;
}

/** The part of a question that says which documents are meant, not which page or which fields of them. */
export function narrowed(question) {
  const made = new URLSearchParams(question);
  for (const name of ["_after", "_limit", "_sort", "_select", "_omit", "_count", "_meta", "_shape"]) made.delete(name);
  return made;
}

/** The filters of a question: `{param, field, op, value}`. */
export function filters(question, fields) {
  return [...question].filter(([param]) => !param.startsWith("_")).map(([param, value]) => ({ param, value, ...filterOf(param, fields) }));
}

function filterOf(param, fields) {
  const at = param.lastIndexOf("__");
  const [field, op] = [param.slice(0, at), param.slice(at + 2)];
  const known = at > 0 && OPERATORS.some((one) => one.op === op) && (field in fields || !(param in fields));
  return known ? { field, op } : { field: param, op: "eq" };
}

/** The parameter of a filter. "is" is said only where the field's name could be taken for an operator. */
export function parameter(field, op) {
  return op === "eq" && !field.includes("__") ? field : `${field}__${op}`;
}

/** One of several values as it stands in a list: its commas and backslashes escaped. */
export const escaped = (text) => text.replaceAll(/[,\\]/g, "\\$&");

/** A list of names with commas between; in a name `\,` is a comma and `\\` a backslash. */
export function split(text) {
  const parts = [""];
  for (let at = 0; at < text.length; at += 1) {
    if (text.startsWith("\\,", at) || text.startsWith("\\\\", at)) {
      parts[parts.length - 1] += text[at + 1];
      at += 1;
    } else if (text[at] === ",") parts.push("");
    else parts[parts.length - 1] += text[at];
  }
  return text ? parts : [];
}

/** The keys a question is sorted by: `{field, descending}`. */
export function sortKeys(question) {
  return split(question.get("_sort") ?? "").map((text) => ({ field: text.replace(/^-/, ""), descending: text.startsWith("-") }));
}

/**
 * The question sorted by a field: upwards, downwards the second time, not any more the third. With `also` the field joins
 * the others instead of taking their place.
 */
export function sorted(question, field, also) {
  const keys = sortKeys(question);
  const known = keys.find((key) => key.field === field);
  const next = !known ? { field, descending: false } : known.descending ? null : { field, descending: true };
  const kept = also ? keys.map((key) => (key === known ? next : key)).filter(Boolean) : [];
  if (next && !kept.includes(next)) kept.push(next);
  return changed(question, { _sort: kept.map((key) => (key.descending ? "-" : "") + escaped(key.field)).join(",") || null });
}

/** The address of a question to a collection, in a format, as a path of this site. */
export function address(collection, question, format = "") {
  const query = String(question);
  return `/get_data/${collection}${format && `.${format}`}${query && `?${query}`}`;
}
