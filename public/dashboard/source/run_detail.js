/** One run in full: what it brought, what was rejected and why, how often each field was found. */

import { element } from "/lib/dom.js";
import { badge } from "../badge.js";
import { bytes, count, duration, moment, number, percent } from "../format.js";
import { outcome } from "../runs.js";

/** The panel of a run as `get_runs` tells it. */
export function runDetail(run) {
  return element(
    "section",
    { class: "panel run", "aria-labelledby": "run" },
    element("h3", { id: "run" }, `Run of ${moment(run.started_at)} `, badge(run.status)),
    element("p", {}, outcome(run)),
    element("p", { class: "quiet" }, `${count(run.pages, "page")}, ${bytes(run.bytes)} in ${duration(run.seconds)}.`),
    run.warnings?.length
      ? element(
          "ul",
          { class: "warnings" },
          run.warnings.map((text) => element("li", {}, text)),
        )
      : null,
    rejects(run.rejects ?? []),
    fill(run.fill ?? {}),
  );
}

function rejects(found) {
  if (!found.length) return element("p", { class: "quiet" }, "Nothing was rejected.");
  const rows = found.map(({ reason, count: times, example }) =>
    element(
      "tr",
      {},
      element("td", { class: "number" }, number(times)),
      element("td", {}, reason),
      element(
        "td",
        {},
        example ? element("code", { class: "snippet" }, example) : element("span", { class: "quiet" }, "nothing there"),
      ),
    ),
  );
  return [
    element("h4", {}, "Rejected"),
    element(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": "What was rejected" },
      element(
        "table",
        {},
        element(
          "thead",
          {},
          element(
            "tr",
            {},
            [
              ["number", "Times"],
              [null, "Why"],
              [null, "What the page has"],
            ].map(([kind, text]) => element("th", { scope: "col", class: kind }, text)),
          ),
        ),
        element("tbody", {}, rows),
      ),
    ),
  ];
}

/** How many of the records have each field, as bars; the emptiest first, since that is where a selector broke. */
export function fill(shares) {
  const found = Object.entries(shares).sort(([, one], [, other]) => one - other);
  if (!found.length) return null;
  return [
    element("h4", {}, "Records that have a field"),
    element(
      "ul",
      { class: "fills" },
      found.map(([name, share]) =>
        element(
          "li",
          {},
          element("span", {}, name),
          element("meter", { min: 0, max: 1, low: 0.5, optimum: 1, value: share, "aria-label": name }, percent(share)),
          element("span", { class: "number" }, percent(share)),
        ),
      ),
    ),
  ];
}
