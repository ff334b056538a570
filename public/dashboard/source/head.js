/** The top of a source's page: what may be done with it, and what is wrong with it. */

import { element } from "/lib/dom.js";
import { ask } from "../api.js";
import { STATUS } from "../badge.js";
import { confirm } from "../dialog.js";
import { count, when } from "../format.js";
import { go, link, part } from "../router.js";
import { session } from "../session.js";
import { announce } from "../states.js";

/** The line below the name. */
export function summary({ collection, count: records, last_success, next_run, status }) {
  if (!collection) return null;
  const next = status === "paused" ? null : next_run ? [" · next run ", when(next_run)] : " · its first run is due";
  return element(
    "p",
    { class: "quiet" },
    records
      ? element("a", { href: link(`/collections/${part(collection)}`) }, `${count(records, "record")} in ${collection}`)
      : "No record yet",
    last_success ? [" · last success ", when(last_success)] : " · no success yet",
    next,
  );
}

/** The buttons; a source from a file is deleted with its file. */
export function actions({ name, status, file, definition }, acts) {
  if (!session.admin) return null;
  const button = (text, doing, more = {}) => element("button", { type: "button", onclick: doing, ...more }, text);
  const off = definition?.enabled === false; // said by the definition: only an edit turns it on
  return element(
    "div",
    { class: "actions" },
    definition ? button("Run now", acts.run, { class: "primary" }) : null,
    definition && !off
      ? status === "paused"
        ? button("Let it go on", () => acts.pause(false))
        : button("Pause", () => acts.pause(true))
      : null,
    file ? null : button("Delete", acts.remove, { class: "danger", "aria-label": `Delete the source ${name}` }),
  );
}

/** What is wrong and what to do about it; nothing where all is well. */
export function trouble({ name, status, reason, definition, file, last_success }, acts) {
  if (!["failing", "suspect", "late"].includes(status)) return null;
  const what = last_success ? STATUS[status][2] : "It has brought nothing yet.";
  if (!session.admin) return element("p", { class: "note" }, what);
  if (!definition)
    return note(
      "Its definition has mistakes, so it does not run.",
      reason,
      file ? `Mend functions/sources/${name}.yaml.` : "Mend it below.",
    );
  if (status === "suspect") return doubt(reason, acts);
  const mend =
    status === "late"
      ? "Run it now. If that helps, the schedule is not running."
      : "It is tried again by itself, less and less often. If the page changed, mend the definition below.";
  return note(what, reason, mend);
}

function note(what, reason, mend) {
  return element(
    "div",
    { class: "note" },
    element("p", {}, what),
    reason ? element("p", { class: "reason" }, reason) : null,
    element("p", { class: "quiet" }, mend),
  );
}

function doubt(reason, acts) {
  return element(
    "div",
    { class: "note doubt" },
    element(
      "p",
      {},
      element("strong", {}, "The last run looked wrong, so its result was not taken."),
      " Readers still see the last good data.",
    ),
    element("p", { class: "reason" }, reason),
    element(
      "p",
      { class: "actions" },
      element("button", { type: "button", class: "primary", onclick: acts.accept }, "Accept what the page has now"),
      element("button", { type: "button", onclick: () => acts.pause(true) }, "Keep the data, pause the source"),
    ),
    element(
      "p",
      { class: "quiet" },
      "Preview, below, shows what the page gives now. Accepting runs it again and takes what it finds. ",
      "If the page has a new layout, mend the definition instead. ",
      "Do nothing, and the old data stays until a run looks right.",
    ),
  );
}

/** Pauses a source, or lets it go on. */
export async function setPaused(name, paused) {
  await ask(`/save_source/${part(name)}`, { method: "PATCH", body: { paused } });
  announce(paused ? `${name} is paused.` : `${name} goes on.`);
}

/** Forgets a source after its name was typed, and leads to the overview. */
export async function remove({ name, collection }) {
  const where = collection ? ` in ${collection}` : "";
  const sure = await confirm({
    title: `Delete the source ${name}?`,
    text: `Its definition and its runs go. What it gathered stays${where} and is no longer brought up to date.`,
    action: "Delete the source",
    word: name,
  });
  if (!sure) return;
  await ask(`/delete_source/${part(name)}`, { method: "DELETE" });
  announce(`The source ${name} is deleted.`);
  go("/");
}
