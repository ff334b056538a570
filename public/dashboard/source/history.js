/** The latest runs of a source as charts and as a table from which one is chosen. */

import { element } from "/lib/dom.js";
import { ask } from "../api.js";
import { badge } from "../badge.js";
import { bytes, duration, number, when } from "../format.js";
import { link, part } from "../router.js";

/** Chart to what its picture says, to who does not see it. */
const CHARTS = {
  records: "Records of each run, and how many were added, changed and gone",
  fill: "Share of the records that have each field, run by run",
  seconds: "Seconds that each run took",
  bytes: "Bytes that each run read",
};
const COLUMNS = [
  ["Started", null],
  ["Outcome", null],
  ["Records", "number"],
  ["Added", "number"],
  ["Changed", "number"],
  ["Gone", "number"],
  ["Rejects", "number"],
  ["Pages", "number"],
  ["Bytes", "number"],
  ["Took", "number"],
];

/** The charts of a source's runs, drawn by the API: pictures. */
export async function charts(name, signal) {
  return Promise.all(
    Object.entries(CHARTS).map(async ([chart, alt]) => {
      const { data } = await ask(`/get_runs/${part(name)}?_format=svg&_chart=${chart}`, { signal });
      return element("img", { src: `data:image/svg+xml,${encodeURIComponent(data)}`, alt, width: 600, height: 280 });
    }),
  );
}

/** The table of runs; the one called `chosen` is marked. */
export function history(name, runs, chosen) {
  return element(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": "Runs, the latest first" },
    element(
      "table",
      { class: "runs" },
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          COLUMNS.map(([text, kind]) => element("th", { scope: "col", class: kind }, text)),
        ),
      ),
      element(
        "tbody",
        {},
        runs.map((run) => row(name, run, run.run === chosen)),
      ),
    ),
  );
}

function row(name, run, chosen) {
  const rejects = run.rejects.reduce((sum, reject) => sum + reject.count, 0);
  const figures = [
    number(run.records),
    ...[run.added, run.changed, run.removed, rejects].map(quietZero),
    number(run.pages),
    bytes(run.bytes),
    duration(run.seconds),
  ];
  const to = link(`/sources/${part(name)}`, { run: run.run });
  return element(
    "tr",
    { "aria-current": chosen ? "true" : null },
    element("td", {}, element("a", { href: to }, when(run.started_at))),
    element("td", {}, badge(run.status)),
    figures.map((figure) => element("td", { class: "number" }, figure)),
  );
}

const quietZero = (value) => (value ? number(value) : element("span", { class: "quiet" }, "0"));
