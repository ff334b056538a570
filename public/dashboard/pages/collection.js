/**
 * A collection: its documents as a table, asked by clicking what the API can be asked. The page's own query is the
 * API's, so that a link to it, the back button and the address to copy all say the same.
 */

import { element } from "/lib/dom.js";
import { ask } from "../api.js";
import { badge } from "../badge.js";
import { count, when } from "../format.js";
import { go, link, part } from "../router.js";
import { session } from "../session.js";
import { announce, empty, failed } from "../states.js";
import { facets } from "../data/facets.js";
import { filtered } from "../data/fields.js";
import { filterBar } from "../data/filters.js";
import { keepingFocus } from "../data/focus.js";
import { grid } from "../data/grid.js";
import { options, pastNote } from "../data/options.js";
import { pager } from "../data/pager.js";
import { address, asked, changed, narrowed } from "../data/question.js";
import { indexHelp, settings } from "../data/settings.js";
import { share } from "../data/share.js";

/** Shows a collection; another question is answered in place. */
export async function show(main, { params, query, signal, again }) {
  const collection = await known(params.collection, signal);
  const path = `/collections/${part(collection.name)}`;
  const turn = (question) => go(path, question);
  const handle = { update: refresh };

  const folds = element("div", { class: "folds" }, session.admin ? settings(collection, { again, leave: () => go("/") }) : null);
  main.append(head(collection));
  if (!Object.keys(collection.fields).length) {
    main.append(folds, empty("Nothing is in it yet", "Documents appear here as soon as its source has run or something was saved."));
    return handle;
  }

  const fields = filtered(collection);
  const bar = filterBar(fields, turn);
  const choices = options(fields, turn);
  const values = facets(collection, turn, signal);
  const taking = share(collection, signal);
  const rows = grid(collection, turn);
  const pages = pager(turn);
  const region = element("div", { class: "results", tabindex: "-1" });
  const past = element("div");
  folds.prepend(values.node, choices.node, taking.node);
  main.append(bar.node, folds, past, region);
  let asking = new AbortController();
  await refresh(query);
  return handle;

  async function refresh(question) {
    asking.abort();
    asking = new AbortController();
    const either = AbortSignal.any([signal, asking.signal]);
    bar.update(question);
    choices.update(question);
    taking.update(question);
    past.replaceChildren(pastNote(question) ?? "");
    region.setAttribute("aria-busy", "true");
    try {
      const { data } = await ask(address(collection.name, asked(question)), { signal: either });
      const total = await totalOf(collection, question, data, either);
      keepingFocus(region, () => region.replaceChildren(...results(question, data)));
      pages.update(question, { found: data.items.length, token: data.next, total });
      values.update(question, data.items);
      announce(data.items.length ? `${count(data.items.length, "document")} shown` : "Nothing fits");
    } catch (error) {
      if (either.aborted) return;
      const wrong = error.status === 400 && error.errors.length > 0;
      if (wrong) bar.update(question, error.errors);
      keepingFocus(region, () =>
        region.replaceChildren(
          wrong ? element("p", { class: "quiet" }, "Nothing is shown until that is put right.") : trouble(error, question),
        ),
      );
    }
    region.removeAttribute("aria-busy");
  }

  function results(question, data) {
    rows.update(question, data.items);
    if (data.items.length) return [rows.node, pages.node];
    const clear = element("button", { type: "button", onclick: () => turn({}) }, "Show everything");
    return [empty("Nothing fits", "No document is as the filters say.", clear), pages.node];
  }

  function trouble(error, question) {
    if (error.type === "needs-index" || error.type === "too-big") return indexHelp(collection, error, { admin: session.admin, again });
    return failed(error, { again: () => refresh(question), heading: "h2" });
  }
}

/** The collection as GET /get_data tells it. Raises the API's own refusal where there is none for this reader. */
async function known(name, signal) {
  const { data } = await ask("/get_data", { signal });
  const found = data.collections.find((one) => one.name === name);
  if (found) return found;
  await ask(address(part(name), new URLSearchParams({ _limit: "1" })), { signal });
  throw new Error(`${name} was made a moment ago; try again.`);
}

/** How many documents fit; null where counting would read too much. */
async function totalOf(collection, question, data, signal) {
  if (!data.next && !question.has("_after")) return data.items.length;
  if (![...narrowed(question)].length) return collection.count;
  try {
    const counting = changed(narrowed(question), { _count: "1", _limit: "1" });
    return (await ask(address(collection.name, counting), { signal })).data.total;
  } catch (error) {
    if (error.status === 422) return null;
    throw error;
  }
}

function head(collection) {
  const { source, freshness } = collection;
  return element(
    "header",
    { class: "head" },
    element(
      "div",
      {},
      element("h1", {}, collection.name),
      element(
        "p",
        { class: "facts" },
        element("span", {}, count(collection.count, "document")),
        element("span", {}, collection.public ? "public" : "private"),
        source
          ? element("span", {}, "from ", element("a", { href: link(`/sources/${part(source)}`) }, source), " ", badge(freshness.status))
          : element("span", {}, "saved by hand"),
        element("span", {}, "last changed ", when(collection.updated_at)),
      ),
    ),
    element(
      "p",
      { class: "actions" },
      element("a", { class: "button", href: link("/changes", { collection: collection.name }) }, "What changed"),
    ),
  );
}
