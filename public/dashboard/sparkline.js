/** The last runs of a source as bars: as high as the run had records, in the colour of its outcome. */

import { drawing } from "/lib/dom.js";
import { STATUS } from "./badge.js";
import { count } from "./format.js";

const BAR = 5;
const GAP = 2;
const HEIGHT = 28;
const LOWEST = 6; // a run that found nothing is still a run

/** The picture of `recent`: `[{status, records}]`, oldest first. Null where there is none. */
export function sparkline(recent) {
  if (!recent?.length) return null;
  const most = Math.max(...recent.map(({ records }) => records), 1);
  const width = recent.length * (BAR + GAP) - GAP;
  return drawing(
    "svg",
    {
      class: "sparkline",
      width,
      height: HEIGHT,
      viewBox: `0 0 ${width} ${HEIGHT}`,
      role: "img",
      "aria-label": inWords(recent),
    },
    recent.map(({ status, records }, index) => {
      const height = Math.max(LOWEST, (records / most) * HEIGHT);
      const at = { x: index * (BAR + GAP), y: HEIGHT - height, width: BAR, height };
      return drawing(
        "rect",
        { ...at, class: `is-${status}` },
        drawing("title", {}, `${word(status)}, ${count(records, "record")}`),
      );
    }),
  );
}

function inWords(recent) {
  const told = new Map();
  for (const { status } of recent) told.set(word(status), (told.get(word(status)) ?? 0) + 1);
  const outcomes = [...told].map(([name, n]) => `${n} ${name}`).join(", ");
  return `Last ${count(recent.length, "run")}: ${outcomes}; ${count(recent.at(-1).records, "record")} in the latest`;
}

const word = (status) => STATUS[status]?.[1] ?? status;
