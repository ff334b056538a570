/** A new source without code: an address, what the page offers, columns named by clicking, saved. */

import { element } from "/lib/dom.js";
import { ask } from "../api.js";
import { count } from "../format.js";
import { columnTable } from "../newsource/columns.js";
import { changed, definitionOf, draftOf, meant, withColumns } from "../newsource/draft.js";
import { keeping } from "../newsource/keep.js";
import { offerChoice } from "../newsource/offers.js";
import { session } from "../session.js";
import { PREVIEW_TIMEOUT_MS, preview, rejected } from "../source/preview.js";
import { empty, loading, mistake } from "../states.js";

const QUIET_MS = 500; // without a change, before the page is read again

/** Shows the way to a new source. */
export async function show(main, { query, signal }) {
  if (!session.admin) {
    const title = session.who ? "You may not do this" : "Sign in first";
    main.append(element("h1", {}, "New source"), empty(title, "Only administrators make sources."));
    return;
  }
  const url = element("input", {
    id: "url",
    type: "text",
    inputmode: "url",
    required: true,
    autocomplete: "off",
    spellcheck: "false",
    placeholder: "https://…",
    value: query.get("url"),
  });
  const form = element(
    "form",
    { class: "panel" },
    element(
      "p",
      { class: "field" },
      element("label", { for: "url" }, "1. Which page?"),
      url,
      element("small", {}, "The address of a page with a list or a table, of a feed, or of JSON."),
    ),
    element("p", { class: "actions" }, element("button", { type: "submit", class: "primary" }, "Look at it")),
  );
  const steps = element("div");
  let asking = new AbortController();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    asking.abort();
    asking = new AbortController();
    const either = AbortSignal.any([signal, asking.signal]);
    steps.replaceChildren(loading("Reading the page …"));
    try {
      const address = meant(url.value.trim(), location.origin);
      const { data } = await ask("/preview_source", {
        method: "POST",
        body: { url: address },
        timeout_ms: PREVIEW_TIMEOUT_MS,
        signal: either,
      });
      steps.replaceChildren(...offered(address, data, either));
    } catch (error) {
      if (!either.aborted) steps.replaceChildren(mistake(error));
    }
  });
  main.append(
    element(
      "div",
      { class: "head" },
      element(
        "div",
        {},
        element("h1", {}, "New source"),
        element("p", { class: "quiet" }, "From a web page to an API, without code."),
      ),
    ),
    form,
    steps,
  );
}

function offered(address, { offers, types }, signal) {
  if (!offers.length) {
    return [
      empty(
        "Nothing to take was found",
        "The page has no table, list, feed or data for machines in it. " +
          "Perhaps its content comes by a script; look for the feed or the JSON that it reads.",
      ),
    ];
  }
  const place = element("div");
  let shaping = new AbortController();
  const pick = (offer) => {
    shaping.abort();
    shaping = new AbortController();
    place.replaceChildren(...shape(address, offer, types, AbortSignal.any([signal, shaping.signal])));
  };
  return [offerChoice(offers, pick), place];
}

/** The columns of one offer, read again after each change, and the form that keeps it. */
function shape(address, offer, types, signal) {
  let draft = draftOf(offer);
  let found = { records: offer.sample, fields: {} };
  let timer;
  let reading = new AbortController();
  const status = element("p", { role: "status", class: "quiet" });
  const wrong = element("div");
  const columns = columnTable(types, (id, change) => turn(changed(draft, id, change)));
  const keep = keeping(address, (change) => turn({ ...draft, ...change }), signal);

  function turn(next) {
    draft = next;
    columns.show(draft, found);
    status.textContent = "Reading the page again …";
    keep.show(null, "One moment: the page is being read.");
    clearTimeout(timer);
    timer = setTimeout(read, QUIET_MS);
  }

  async function read() {
    reading.abort();
    reading = new AbortController();
    const either = AbortSignal.any([signal, reading.signal]);
    try {
      found = await preview(definitionOf(draft), either);
      draft = withColumns(draft, Object.keys(found.fields));
      status.textContent = [
        `${count(found.records.length, "record")} on this page.`,
        ...found.warnings,
        keyless(draft),
      ].join(" ");
      wrong.replaceChildren(...[rejected(found.rejects)].filter(Boolean));
      columns.show(draft, found);
      keep.show(found.yaml);
    } catch (error) {
      if (either.aborted) return;
      status.textContent = "";
      wrong.replaceChildren(mistake(error));
      columns.show(draft, found, byColumn(error.errors ?? []));
      keep.show(null, "Mend the columns first.");
    }
  }

  signal.addEventListener("abort", () => clearTimeout(timer));
  columns.show(draft, found);
  status.textContent = "Reading the page …";
  keep.show(null, "One moment: the page is being read.");
  read();
  const help = element("p", { class: "quiet" }, "Click a column's head to name it, say what it is, or remove it.");
  return [
    element(
      "section",
      { "aria-labelledby": "shape" },
      element("h2", { id: "shape" }, "3. Name the columns"),
      help,
      columns.node,
      status,
      wrong,
    ),
    keep.node,
  ];
}

/** What it means that no column tells records apart; empty where one does, and for feeds, whose entries have ids. */
function keyless({ base, columns }) {
  if (base.format === "feed" || columns.some((one) => one.key && !one.removed)) return "";
  return "No column tells records apart: one that changes counts as gone and new.";
}

/** The mistakes that are about one column: `fields.year.type` is about year. */
function byColumn(errors) {
  return Object.fromEntries(
    errors.filter(({ where }) => where?.startsWith("fields.")).map(({ where, what }) => [where.split(".")[1], what]),
  );
}
