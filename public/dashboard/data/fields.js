/**
 * The fields of a collection, as GET /get_data tells them: which are columns, which operators each takes, how a
 * document is reached into. Pure; the words of the API's operators are its own (docs/api.md).
 */

import { isNumber, isObject } from "/lib/json.js";

const TITLES = ["title", "name", "headline", "subject", "label"]; // as the API's feeds choose theirs
const ALL = ["text", "number", "boolean", "date", "list", "object", "null", "json", "price"];

/** Every operator: its word in the URL, what it is called for each kind of field, and how its value is typed. */
export const OPERATORS = [
  { op: "eq", words: { "": "is", list: "has" }, kinds: ALL },
  { op: "ne", words: { "": "is not", list: "has not" }, kinds: ALL },
  { op: "contains", words: { "": "contains", list: "has the element" }, kinds: ["text", "list", "json"] },
  { op: "startswith", words: { "": "begins with" }, kinds: ["text", "json"] },
  { op: "endswith", words: { "": "ends with" }, kinds: ["text", "json"] },
  { op: "gte", words: { "": "is at least", date: "is from", text: "is or comes after" }, kinds: ["number", "date", "text", "json"] },
  { op: "lte", words: { "": "is at most", date: "is until", text: "is or comes before" }, kinds: ["number", "date", "text", "json"] },
  { op: "gt", words: { "": "is more than", date: "is after", text: "comes after" }, kinds: ["number", "date", "text", "json"] },
  { op: "lt", words: { "": "is less than", date: "is before", text: "comes before" }, kinds: ["number", "date", "text", "json"] },
  { op: "in", words: { "": "is one of" }, kinds: ["text", "number", "date", "list", "json"], hint: "several, with commas between" },
  { op: "nin", words: { "": "is none of" }, kinds: ["text", "number", "date", "list", "json"], hint: "several, with commas between" },
  {
    op: "exists",
    words: { "": "is there" },
    kinds: ALL,
    choices: [
      ["1", "yes"],
      ["0", "no"],
    ],
  },
];

/** The fields of a collection with what each is filtered as: its own type where ALL has it, else what the API says. */
export function filtered({ fields, kinds: told }) {
  return { ...fields, ...Object.fromEntries(Object.entries(told).filter(([path]) => !ALL.includes(fields[path]))) };
}

/** The kinds of a field's values, each of ALL; a type that is new here may be anything. */
export function kinds(type) {
  return type.split("|").map((one) => (ALL.includes(one) ? one : "json"));
}

/** The operators that make sense for a field of this type, each with its word for it. */
export function operators(type) {
  const found = kinds(type);
  return OPERATORS.filter((one) => one.kinds.some((kind) => found.includes(kind))).map((one) => ({
    ...one,
    word: one.words[found.find((kind) => one.words[kind])] ?? one.words[""],
  }));
}

/** The names that a dotted path leads through; `\.` is a dot inside a name. */
export function names(path) {
  const parts = [""];
  for (let at = 0; at < path.length; at += 1) {
    if (path[at] === "\\" && at + 1 < path.length) parts[parts.length - 1] += path[(at += 1)];
    else if (path[at] === ".") parts.push("");
    else parts[parts.length - 1] += path[at];
  }
  return parts;
}

/** The dotted path of names; the reverse of `names`. */
export const joined = (parts) => parts.map((name) => name.replaceAll(/[\\.]/g, "\\$&")).join(".");

/** The value at a dotted path in a document; undefined where there is none. */
export function valueAt(document, path) {
  let value = document;
  for (const name of names(path)) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/**
 * The fields that are columns, the one that titles a document first, then the less nested. An object is shown by its fields, not as a whole;
 * what lies inside a list or a price is shown there.
 */
export function columns(fields) {
  const paths = Object.keys(fields);
  const whole = new Set(paths.filter((path) => kinds(fields[path]).some((kind) => kind === "list" || kind === "price")));
  const above = (path) =>
    names(path)
      .slice(0, -1)
      .map((_, index, parts) => joined(parts.slice(0, index + 1)));
  const inside = paths.filter((path) => !above(path).some((one) => whole.has(one)));
  const parents = new Set(inside.flatMap(above));
  const shown = inside.filter((path) => !(parents.has(path) && kinds(fields[path]).every((kind) => kind === "object" || kind === "null")));
  const title = titleOf(shown);
  const depth = (path) => (path === title ? 0 : names(path).length);
  return shown.toSorted((one, other) => depth(one) - depth(other)); // stable: within a depth as the API has them
}

/** The one of `paths` whose value names a document, null where none does. */
export function titleOf(paths) {
  return TITLES.find((name) => paths.includes(name)) ?? null;
}

/** What a document is called: its title, or its id as text. */
export function nameOf(document, id) {
  const title = titleOf(Object.keys(document).filter((name) => typeof document[name] === "string" && document[name].trim()));
  return title ? document[title] : idText(id);
}

/** An id as people wrote it: `~20` is a space. One that is no text of UTF-8 stays as it is. */
export function idText(id) {
  try {
    return decodeURIComponent(id.replaceAll("%", "%25").replaceAll("~", "%"));
  } catch {
    return id;
  }
}

/** Every number in a document, as [path, value], also inside objects but not in lists. */
export function numbersIn(document, above = []) {
  return Object.entries(document).flatMap(([name, value]) => {
    if (isNumber(value)) return [[joined([...above, name]), value]];
    return isObject(value) ? numbersIn(value, [...above, name]) : [];
  });
}
