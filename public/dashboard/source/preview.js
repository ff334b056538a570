/** What a definition gives on its page now, as a table: nothing of it is stored. */

import { element, table } from "/lib/dom.js";
import { ask } from "../api.js";
import { brief } from "../data/value.js";
import { count, number } from "../format.js";
import { fill } from "./run_detail.js";

/** The API stops reading after 20 s, but a slow site is asked politely. */
export const PREVIEW_TIMEOUT_MS = 55_000;
const ROWS_SHOWN = 10;

/** Asks what `definition` (YAML text, or an object) gives. */
export async function preview(definition, signal) {
  const asYaml = typeof definition === "string";
  const { data } = await ask("/preview_source", {
    method: "POST",
    body: definition,
    type: asYaml ? "application/yaml" : "application/json",
    timeout_ms: PREVIEW_TIMEOUT_MS,
    signal,
  });
  return data;
}

/** The records of a preview as a table, with what was rejected and how often each field was found. */
export function previewed({ records, fields, rejects, pages, warnings }) {
  const names = [...new Set([...Object.keys(fields), ...records.flatMap((record) => Object.keys(record))])].filter(
    (name) => !name.includes(".") || records.some((record) => name in record),
  );
  const shares = Object.fromEntries(Object.entries(fields).map(([name, { fill: share }]) => [name, share]));
  const more = records.length > ROWS_SHOWN ? `, the first ${ROWS_SHOWN} shown` : "";
  return element(
    "div",
    { class: "previewed" },
    element(
      "p",
      { role: "status" },
      `${count(records.length, "record")} on ${count(pages, "page")}${more}. Nothing is stored yet.`,
    ),
    warnings.length
      ? element(
          "ul",
          {},
          warnings.map((text) => element("li", {}, text)),
        )
      : null,
    records.length ? recordsTable(names, records.slice(0, ROWS_SHOWN)) : null,
    rejected(rejects),
    fill(shares),
  );
}

/** What was not taken, with the reason and an example; null if all was. */
export function rejected(rejects) {
  if (!rejects.length) return null;
  return element(
    "div",
    { class: "mistake" },
    element("p", {}, "Not taken:"),
    element(
      "ul",
      {},
      rejects.map(({ reason, count: times, example }) =>
        element(
          "li",
          {},
          `${number(times)} × ${reason}`,
          example ? [": ", element("code", { class: "snippet" }, example)] : "",
        ),
      ),
    ),
  );
}

function recordsTable(names, records) {
  const rows = records.map((record) =>
    names.map((name) => (name in record ? brief(record[name]) : element("span", { class: "quiet" }, "—"))),
  );
  return element(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": "Records found" },
    table(names, rows),
  );
}
