/** Files of everything that fits a question: page after page, joined as the format wants it, never more than a bound. */

import { element } from "/lib/dom.js";
import { ask, Problem } from "../api.js";
import { address, changed } from "./question.js";

const PAGE = "1000"; // the most the API gives at once
const PAGES_MAX = 200; // 200,000 documents: more is for a program, with the address that stands beside

/** Every format: its name, its media type, and how the texts of its pages become one file. */
export const FORMATS = {
  csv: { name: "CSV", type: "text/csv", whole: (pages) => pages.map((text, index) => (index ? withoutHead(text) : text)) },
  json: {
    name: "JSON",
    type: "application/json",
    whole: (pages) => [
      "[",
      pages
        .map((text) => text.trim().slice(1, -1))
        .filter(Boolean)
        .join(","),
      "]",
    ],
  },
  ndjson: { name: "NDJSON", type: "application/x-ndjson", whole: (pages) => pages },
};

/** Reads every page and gives the browser a file; `told(rows)` after each page. Answers the number of documents. */
export async function download(collection, question, format, { signal, told }) {
  const pages = [];
  let [rows, token] = [0, null];
  do {
    if (pages.length === PAGES_MAX)
      throw new Problem("refused", `That is more than ${rows} documents; narrow it down, or read it with a program.`);
    const one = changed(question, { _limit: PAGE, _after: token, _shape: format === "json" ? "array" : null });
    const { data, headers } = await ask(address(collection, one, format), { signal, raw: true });
    pages.push(data);
    rows += COUNTED[format](data);
    told(rows);
    token = nextToken(headers.get("Link"));
  } while (token);
  hand(new Blob(FORMATS[format].whole(pages), { type: FORMATS[format].type }), `${collection}.${format}`);
  return rows;
}

const COUNTED = {
  csv: (text) => lineEnds(text).length - 1, // without the line of names
  json: (text) => JSON.parse(text).length,
  ndjson: (text) => text.split("\n").filter(Boolean).length,
};

/** Where the lines of CSV end: a line end inside quotes belongs to a value. */
function lineEnds(text) {
  let quoted = false;
  const ends = [];
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') quoted = !quoted;
    else if (text[at] === "\n" && !quoted) ends.push(at);
  }
  return ends;
}

const withoutHead = (text) => text.slice(lineEnds(text)[0] + 1);

function nextToken(header) {
  const query = /<\?([^>]*)>; rel="next"/.exec(header ?? "");
  return query ? new URLSearchParams(query[1]).get("_after") : null;
}

function hand(blob, name) {
  const url = URL.createObjectURL(blob);
  const anchor = element("a", { download: name });
  anchor.href = url; // made one line above: the only address that is no http
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url)); // after the click has taken it
}
