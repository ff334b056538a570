/**
 * A source in the making: what was picked of a page's offers, and what was changed by clicking. Pure: values in, a
 * definition out, which the API writes as YAML.
 */

/** How often to read, in words. */
export const INTERVALS = {
  "15m": "every 15 minutes",
  "1h": "every hour",
  "6h": "every 6 hours",
  "1d": "every day",
  "7d": "every week",
};

/** What a text looks like, the narrowest first. */
const LOOKS = [
  ["integer", /^-?\d{1,15}$/],
  ["number", /^-?\d{1,15}\.\d+$/],
  ["price", /^(?:[£€]\s?\d+(?:\.\d\d)?|\d+(?:\.\d\d)?\s?[£€])$/], // a dollar is of several countries
  ["date", /^\d{4}-\d\d-\d\d$/],
  ["datetime", /^\d{4}-\d\d-\d\dT\d\d:\d\d/],
  ["url", /^https?:\/\//],
];

const SCHEME = /^[a-z][a-z0-9+.-]*:(?!\d+(?:[/?#]|$))/i; // `shop.example:8080/` begins with a host and its port
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?=[:/?#]|$)/i;
const IDENTIFIER = /^[A-Za-z_]\w*$/;

/**
 * An address as it was meant: where no scheme was said https, or http on this computer, where nobody has a certificate;
 * of the site at `origin` only the path, which is right wherever that site is.
 */
export function meant(text, origin) {
  if (text.startsWith("/")) return text;
  const whole = SCHEME.test(text) ? text : `${LOOPBACK.test(text) ? "http" : "https"}://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : null;
  return url?.origin === origin && !url.username ? url.pathname + url.search : whole;
}

/** The draft of an offer: its definition, with a column for each field that it names. */
export function draftOf({ definition, typed }) {
  const columns = Object.entries(definition.fields ?? {}).map(([name, spec]) => column(name, spec));
  return marked({
    base: definition,
    typed,
    columns,
    declared: columns.length > 0,
    every: definition.every ?? "1d",
    open: false,
  });
}

/** The draft with columns for `names`, where the definition takes what there is without naming it. */
export function withColumns(draft, names) {
  if (draft.columns.length) return draft;
  const select = (name) => (draft.typed && !IDENTIFIER.test(name) ? JSON.stringify(name) : name);
  return {
    ...draft,
    columns: names.map((name) => column(name, { select: select(name) }, draft.typed ? "json" : "text")),
  };
}

/** The draft with one column changed; `id` is the name that it had at first. From now on the columns are named. */
export function changed(draft, id, change) {
  const columns = draft.columns.map((one) => (one.id === id ? { ...one, ...change } : one));
  return { ...draft, declared: true, columns };
}

/** The definition that a draft stands for. */
export function definitionOf({ base, columns, declared, every, open }) {
  const { fields: _fields, key: _key, every: _every, ...rest } = base;
  const kept = columns.filter((one) => !one.removed);
  const key = kept.filter((one) => one.key).map((one) => one.name);
  return {
    ...rest,
    every,
    ...(key.length ? { key: key.length === 1 ? key[0] : key } : {}),
    ...(declared ? { fields: Object.fromEntries(kept.map((one) => [one.name, specOf(one)])) } : {}),
    ...(open ? { public: true } : {}),
  };
}

/** What is wrong with a new name for the column `id`, in words; empty if nothing is. */
export function nameTrouble(draft, id, name) {
  if (!name) return "A column needs a name; to leave it away, remove it.";
  if (draft.columns.some((one) => one.id !== id && !one.removed && one.name === name))
    return `There is a column ${name} already.`;
  return "";
}

/** The type that all values of a text column look like; null where they look like text. */
export function looksLike({ type, name }, records) {
  const values = records.map((record) => record[name]).filter((value) => value !== undefined);
  if (type !== "text" || !values.length) return null;
  return LOOKS.find(([, look]) => values.every((value) => typeof value === "string" && look.test(value)))?.[0] ?? null;
}

/** A name for the source of `url`: its host without www and ending, and the last word of its path. */
export function nameFor(url) {
  const { hostname, pathname } = new URL(url, location.href);
  const host = hostname === location.hostname ? "" : hostname.replace(/^www\./, "").replace(/\.[a-z]+$/i, "");
  const last =
    pathname
      .split("/")
      .filter(Boolean)
      .at(-1)
      ?.replace(/\.\w+$/, "") ?? "";
  const words = `${host}-${last}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "");
  return words.slice(0, 63) || "source";
}

/** `name`, or with a number behind it where it is `taken`. */
export function freeName(name, taken) {
  for (let number = 2, free = name; ; number += 1) {
    if (!taken.includes(free)) return free;
    free = `${name.slice(0, 63 - `-${number}`.length)}-${number}`;
  }
}

function column(name, spec, usual = "text") {
  const full = typeof spec === "object" && spec !== null ? spec : { select: spec };
  return {
    id: name,
    name,
    spec: full,
    usual,
    type: full.type ?? usual,
    required: full.required === true,
    key: false,
    removed: false,
  };
}

function marked(draft) {
  const key = [draft.base.key ?? []].flat();
  return { ...draft, columns: draft.columns.map((one) => ({ ...one, key: key.includes(one.name) })) };
}

function specOf({ spec, type, usual, required }) {
  const { type: _type, required: _required, ...rest } = spec;
  return { ...rest, ...(type === usual ? {} : { type }), ...(required ? { required: true } : {}) };
}
