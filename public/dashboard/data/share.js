/** The very question that a page shows, to take elsewhere: its address, programs that ask it, files, feeds. */

import { KEY, LANGUAGES } from "/lib/snippets.js";
import { element } from "/lib/dom.js";
import { count } from "../format.js";
import { announce, mistake } from "../states.js";
import { FORMATS, download } from "./download.js";
import { address, asked, changed, narrowed } from "./question.js";

const MOST = "1000"; // documents that the API gives at once

/** How each program asks a question: `({url, csv, needs})` to text; `needs` is a key's scope, "" where none is needed. */
const WAYS = {
  URL: ({ url }) => url,
  curl: ({ url, needs }) => LANGUAGES.curl({ method: "GET", needs }, url),
  Python: ({ url, needs }) => LANGUAGES.Python({ method: "GET", needs }, url),
  pandas: ({ csv, needs }) => {
    const key = needs ? `,\n    storage_options={"X-API-Key": "${KEY}"},\n` : "";
    return `import pandas\n\ntable = pandas.read_csv(${key ? "\n    " : ""}${JSON.stringify(csv)}${key})\nprint(table)`;
  },
  JavaScript: ({ url, needs }) => LANGUAGES.JavaScript({ method: "GET", needs }, url),
  Spreadsheet: ({ csv, needs }) =>
    needs ? "A spreadsheet sends no key: it can read public collections only." : `=IMPORTDATA("${csv.replaceAll('"', '""')}")`,
};

/** Shows the ways to take a question along. Answers `{node, update(question)}`. */
export function share(collection, signal) {
  let question = new URLSearchParams();
  let way = "URL";
  const text = element("pre", { tabindex: "0", role: "region", "aria-label": "The query as code" });
  const buttons = Object.keys(WAYS).map((name) =>
    element("button", { type: "button", "aria-pressed": "false", onclick: () => choose(name) }, name),
  );
  const copy = element("button", { type: "button", class: "primary", onclick: copied }, "Copy");
  const files = element(
    "p",
    { class: "actions" },
    Object.entries(FORMATS).map(([format, { name }]) => element("button", { type: "button", onclick: () => save(format) }, name)),
  );
  const state = element("div", { role: "status" });
  const feeds = element("p", { class: "actions" });
  const node = element(
    "details",
    { class: "panel share" },
    element("summary", {}, "Use this data"),
    element("h2", {}, "Ask the same from elsewhere"),
    element("div", { class: "actions", role: "group", "aria-label": "As" }, buttons),
    text,
    collection.count > Number(MOST)
      ? element("p", { class: "quiet" }, `One answer holds at most ${MOST} documents; its header Link leads to the next ones.`)
      : null,
    element("p", {}, copy),
    element("h2", {}, "Download all that fits the filters"),
    files,
    state,
    collection.public ? [element("h2", {}, "Follow in a feed reader"), feeds] : null,
  );

  const origin = (path) => location.origin + path;

  function choose(name) {
    way = name;
    copy.textContent = "Copy";
    const one = asked(question);
    const csv = changed(one, { _limit: MOST, _meta: null });
    text.textContent = WAYS[way]({
      url: origin(address(collection.name, one)),
      csv: origin(address(collection.name, csv, "csv")),
      needs: collection.public ? "" : "read",
    });
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.textContent === way));
  }

  async function copied() {
    try {
      await navigator.clipboard.writeText(text.textContent);
      copy.textContent = "Copied";
      announce("Copied");
    } catch {
      getSelection().selectAllChildren(text); // no leave for the clipboard: it is selected, to be copied by hand
      announce("Selected; copy it with the keyboard");
    }
  }

  async function save(format) {
    try {
      const told = (rows) => state.replaceChildren(`${count(rows, "document")} read …`);
      const rows = await download(collection.name, question, format, { signal, told });
      state.replaceChildren(`${count(rows, "document")} saved.`);
    } catch (error) {
      if (!signal.aborted) state.replaceChildren(mistake(error));
    }
  }

  function update(next) {
    question = next;
    choose(way);
    const asFeed = changed(narrowed(question), { _as_of: null, _gone: null });
    feeds.replaceChildren(
      ...Object.entries(collection.feeds).map(([format, name]) => element("a", { href: address(collection.name, asFeed, format) }, name)),
      element("a", { href: `/get_changes/${collection.name}.atom` }, "Atom of the changes"),
    );
  }

  return { node, update };
}
