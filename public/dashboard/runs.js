/** Running a source now, and what is said of a run while it goes on and when it is over. */

import { badge } from "./badge.js";
import { ask } from "./api.js";
import { element } from "/lib/dom.js";
import { count, duration } from "./format.js";
import { announce } from "./states.js";

/** The statuses of a run that is not over. */
export const GOING = new Set(["queued", "running"]);

/** How often a page looks at sources: an answer that has not changed costs its headers. */
export const EVERY_S = 5;

/** And while a run goes, which writes its progress every two seconds. */
export const GOING_EVERY_S = 1;

const LOST_S = 600; // a run that goes on for longer was killed, or is not worth a look a second

/** Starts a run of `source`, or finds the one that goes on; answers its name. `accept` takes a suspect result. */
export async function start(source, { accept = false } = {}) {
  const path = `/scrape_now/${encodeURIComponent(source)}${accept ? "?_accept=1" : ""}`;
  try {
    const { data } = await ask(path, { method: "POST" });
    announce(`${source} is being run.`);
    return data.run;
  } catch (error) {
    if (error.type === "running" && error.body.run) return error.body.run;
    throw error;
  }
}

/** The run as it is now. */
export async function look(source, run, signal) {
  const { data } = await ask(`/get_runs/${encodeURIComponent(source)}/${encodeURIComponent(run)}`, { signal });
  return data;
}

/** The run of a source that goes on, null where none does. */
export async function current({ name, queued }, signal) {
  if (!queued) return null;
  const run = await look(name, queued, signal);
  return GOING.has(run.status) && run.seconds < LOST_S ? run : null;
}

/** What a run that goes on is at, with a moving bar. */
export function progress(run) {
  const done = `${count(run.pages, "page")}, ${count(run.records, "record")}`;
  const text = run.status === "queued" ? "Waiting for its turn …" : `Reading: ${done} in ${duration(run.seconds)}`;
  return element(
    "div",
    { class: "progress" },
    element("progress", { "aria-label": `Run of ${run.source}` }),
    element("span", {}, text),
  );
}

/** What a run that is over brought, in a sentence. */
export function outcome(run) {
  if (run.status === "unchanged") return "The pages are as they were; nothing changed.";
  const moved = [
    [run.added, "added"],
    [run.changed, "changed"],
    [run.removed, "gone"],
  ].filter(([n]) => n);
  const changes = moved.map(([n, what]) => `${n} ${what}`).join(", ") || "nothing changed";
  if (run.error) return run.error.message;
  return `${count(run.records, "record")} on ${count(run.pages, "page")}: ${changes}.`;
}

/** The result of a run that just ended, shown and said. */
export function ended(run) {
  announce(`${run.source}: ${run.status}. ${outcome(run)}`);
  return element("p", { class: "ended" }, badge(run.status), " ", outcome(run));
}
