/** Every source with its health, live, and every collection. */

import { element } from "/lib/dom.js";
import { ask } from "../api.js";
import { STATUS, badge } from "../badge.js";
import { count, when } from "../format.js";
import { live } from "../live.js";
import { collectionList, inBrief } from "../overview/collections.js";
import { link, part } from "../router.js";
import { EVERY_S, GOING_EVERY_S, current, ended, look as lookAtRun, progress, start } from "../runs.js";
import { session } from "../session.js";
import { rows, slot } from "../slot.js";
import { sparkline } from "../sparkline.js";
import { announce, empty, mistake } from "../states.js";

const FIND_FROM = 13; // sources that no longer fit on one screen

/** What an administrator does about each kind of trouble. */
const MENDS = {
  suspect: "See what it found, then accept it or mend the definition.",
  failing: "See its runs and its definition.",
  late: "Run it now; if that helps, the schedule is not running.",
};

/** Shows the overview and keeps it right. */
export async function show(main, { signal }) {
  const summary = slot("p", { class: "quiet" });
  const sources = element("ul", { class: "rows", "aria-label": "Sources" });
  const none = slot();
  const find = finder(sources);
  const collections = slot("div");
  const watched = new Set(); // runs that were started here or seen going on, whose end is to be told
  let soon; // there before anybody can click
  const showSources = rows(sources, (source) => sourceRow(source, (run) => soon(watched.add(run))));

  async function look() {
    const [{ data }, listed] = await Promise.all([ask("/get_sources", { signal }), ask("/get_data", { signal })]);
    const told = await Promise.all(data.sources.map((source) => withRun(source, watched, signal)));
    find.node.hidden = told.length < FIND_FROM;
    sources.hidden = told.length === 0;
    showSources(told, (source) => source.name);
    find.apply();
    none.show([told.length === 0, session.admin], ([nothing, admin]) => (nothing ? noSource(admin) : null));
    summary.show(tally(told, listed.data.collections), (text) => text);
    collections.show(listed.data.collections.map(inBrief), collectionList);
    return told.some(({ going }) => going) ? GOING_EVERY_S : EVERY_S;
  }

  main.append(
    element(
      "div",
      { class: "head" },
      element("div", {}, element("h1", {}, "Overview"), summary.node),
      session.admin ? element("a", { class: "button primary", href: link("/new") }, "New source") : null,
    ),
    element(
      "section",
      { "aria-labelledby": "sources" },
      element("h2", { id: "sources" }, "Sources"),
      find.node,
      sources,
      none.node,
    ),
    element(
      "section",
      { "aria-labelledby": "collections" },
      element("h2", { id: "collections" }, "Collections"),
      collections.node,
    ),
  );
  soon = await live(look, signal);
}

/** The source with `going`, its run while that goes on, and `over`, the run once when it ended. */
async function withRun(source, watched, signal) {
  const { name, queued } = source;
  if (queued) {
    const going = await current(source, signal);
    if (going) watched.add(`${name}/${queued}`);
    return { ...source, going };
  }
  if (source.run && watched.delete(`${name}/${source.run}`)) {
    return { ...source, over: await lookAtRun(name, source.run, signal) };
  }
  return source;
}

function sourceRow({ name }, started) {
  const health = slot("p", { class: "health" });
  const why = slot("div", { class: "why" });
  const records = slot("p", { class: "records" });
  const times = slot("dl", { class: "times" });
  const going = slot("div", { class: "going" });
  const failed = slot();
  const run = element("button", { type: "button", "aria-label": `Run now: ${name}` }, "Run now");
  run.addEventListener("click", async () => {
    failed.show(null, () => null);
    try {
      started(`${name}/${await start(name)}`);
    } catch (error) {
      failed.show(error.message, () => mistake(error));
    }
  });
  const node = element(
    "li",
    { class: "row" },
    element("h3", {}, element("a", { href: link(`/sources/${part(name)}`) }, name)),
    health.node,
    records.node,
    times.node,
    session.admin ? element("p", { class: "act" }, run) : null,
    element("div", { class: "more" }, why.node, going.node, failed.node),
  );
  return {
    node,
    show(source) {
      health.show(source.status, badge);
      why.show([source.status, source.reason, source.last_success === null], () => trouble(source));
      records.show([source.collection, source.count, source.recent], () => kept(source));
      times.show([source.last_success, source.next_run, source.status === "paused", isDue(source)], () =>
        dates(source),
      );
      if (source.going) going.show(source.going, progress);
      else if (source.over) going.show(source.over, ended);
      run.setAttribute("aria-disabled", String(Boolean(source.going)));
    },
  };
}

function kept({ collection, count: records, recent }) {
  if (!collection) return null;
  const told = count(records, "record");
  return [
    sparkline(recent),
    records ? element("a", { href: link(`/collections/${part(collection)}`) }, told) : element("span", {}, told),
  ];
}

const isDue = ({ next_run }) => !next_run || Date.parse(next_run) < Date.now();

function dates(source) {
  const { last_success, next_run, status } = source;
  const next = status === "paused" ? "paused" : isDue(source) ? "due" : when(next_run);
  return [
    element("dt", {}, "Last success"),
    element("dd", {}, last_success ? when(last_success) : "never"),
    element("dt", {}, "Next run"),
    element("dd", {}, next),
  ];
}

/** What is wrong, in a sentence, and what to do; strangers are told what it means for them. */
function trouble({ name, status, reason, last_success }) {
  if (!(status in MENDS)) return null;
  if (!session.admin)
    return element("p", { class: "quiet" }, last_success ? STATUS[status][2] : "It has brought nothing yet.");
  return element(
    "p",
    {},
    reason ? `${sentence(reason)} ` : `${STATUS[status][2]} `,
    element("a", { href: link(`/sources/${part(name)}`) }, MENDS[status]),
  );
}

/** The first line of a reason, with a full stop. */
function sentence(text) {
  const line = text.split("\n")[0];
  return /[.!?]$/.test(line) ? line : `${line}.`;
}

function tally(sources, collections) {
  const told = new Map();
  for (const { status } of sources) told.set(status, (told.get(status) ?? 0) + 1);
  const health = Object.keys(STATUS)
    .filter((status) => told.has(status))
    .map((status) => `${told.get(status)} ${STATUS[status][1]}`);
  const records = collections.reduce((sum, collection) => sum + collection.count, 0);
  const parts = [
    sources.length ? `${count(sources.length, "source")}: ${health.join(", ")}` : "No source yet",
    `${count(records, "record")} in ${count(collections.length, "collection")}`,
  ];
  return parts.join(" · ");
}

function noSource(admin) {
  if (!admin)
    return empty("No source to see", "None gathers public data yet. An administrator sees all after signing in.");
  return empty(
    "No source yet",
    "A source is a web page that is read on a schedule. Paste an address, pick what you need, and it is an API.",
    element("a", { class: "button primary", href: link("/new") }, "Make the first source"),
  );
}

/** A field that narrows the list of sources by name. */
function finder(list) {
  const input = element("input", { id: "find", type: "search", autocomplete: "off", placeholder: "Find a source" });
  const node = element(
    "p",
    { class: "find", hidden: true },
    element("label", { for: "find", class: "unseen" }, "Find a source"),
    input,
  );
  const apply = () => {
    const wanted = input.value.trim().toLowerCase();
    for (const row of list.children) row.hidden = !row.querySelector("h3").textContent.toLowerCase().includes(wanted);
  };
  input.addEventListener("input", () => {
    apply();
    announce(`${count([...list.children].filter((row) => !row.hidden).length, "source")} found`);
  });
  return { node, apply };
}
