/** A GET from the page, and its answer shown: status, headers, body. Everything that comes back is text. */

import { element, table } from "/lib/dom.js";
import { readJson, writeJson } from "/lib/json.js";

const SHOWN_CHARACTERS = 200_000; // of a body; more makes a page slow and nobody reads it

/** Asks for `path` with the key where there is one, and shows what comes in `place`. */
export async function ask(path, key, place) {
  place.replaceChildren(element("p", {}, "Asking …"));
  try {
    place.replaceChildren(...(await shown(path, key)));
  } catch (error) {
    place.replaceChildren(element("p", { class: "bad" }, `No answer from ${path}: ${error.message}. Is it served?`));
  }
}

async function shown(path, key) {
  const started = performance.now();
  const answer = await fetch(path, { headers: key ? { "X-API-Key": key } : {}, cache: "no-store" });
  const text = await answer.text();
  const took = Math.round(performance.now() - started);
  const size = new Blob([text]).size;
  return [
    element(
      "p",
      { class: answer.ok ? "good" : "bad" },
      element("strong", { class: "status" }, `${answer.status} ${answer.statusText}`.trim()),
      ` ${took} ms, ${size} bytes`,
    ),
    element("details", {}, element("summary", {}, "Headers"), table(["header", "value"], [...answer.headers])),
    element("pre", { class: "body", tabindex: "0", "aria-label": "The body" }, readable(answer, text)),
  ];
}

function readable(answer, text) {
  const type = answer.headers.get("Content-Type") ?? "";
  const told = /\bjson\b/.test(type) && !/ndjson/.test(type) ? writeJson(readJson(text)) : text;
  const rest = told.length - SHOWN_CHARACTERS;
  return rest > 0 ? `${told.slice(0, SHOWN_CHARACTERS)}\n… and ${rest} characters more` : told;
}
