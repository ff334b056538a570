/** The health of a source and the outcome of a run, as a shape with a word; the colour is dashboard.css's. */

import { drawing, element } from "/lib/dom.js";

const CIRCLE = "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Z";
const SHAPES = {
  tick: `${CIRCLE}m3.7 4.3 1 1-5.4 5.4-3-3 1-1 2 2Z`,
  triangle: "M8 1 0.5 15h15ZM7 6h2l-.3 4.500H7.300ZM7.100 11.500h1.800v1.800H7.100Z",
  cross:
    "M4.700 0h6.600L16 4.700v6.600L11.300 16H4.700L0 11.300V4.700ZM5 6l2 2-2 2 1 1 2-2 2 2 1-1-2-2 2-2-1-1-2 2-2-2Z",
  clock: `${CIRCLE}M7.200 3.500h1.600v4.200l3 1.800-.8 1.300-3.800-2.300Z`,
  ring: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 2a5 5 0 1 1 0 10A5 5 0 0 1 8 3Z",
  bars: "M3 2h3.500v12H3ZM9.500 2H13v12H9.500Z",
  arrow: "M4 1.500 14 8 4 14.500Z",
  half: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 2v10A5 5 0 0 1 8 3Z",
};

/** Status to shape, word and what it means. */
export const STATUS = {
  ok: ["tick", "ok", "The last run brought what it should."],
  suspect: ["triangle", "suspect", "The last run looked wrong and was not taken; readers see the last good data."],
  failing: ["cross", "failing", "The last runs failed; readers see the last good data."],
  late: ["clock", "late", "It should have run by now."],
  capped: ["bars", "rests today", "It has used up its runs of the day, and goes on at midnight UTC."],
  new: ["ring", "never run", "It has not run yet."],
  paused: ["bars", "paused", "It rests until somebody lets it go on."],
  queued: ["ring", "waiting", "It waits for its turn."],
  running: ["arrow", "running", "It is reading pages now."],
  unchanged: ["tick", "unchanged", "The pages are as they were."],
  partial: ["half", "partial", "A limit ended the run; the next one goes on where it stopped."],
  failed: ["cross", "failed", "The run failed; nothing was changed."],
};

/** The badge of a status. */
export function badge(status) {
  const [shape, word, meaning] = STATUS[status] ?? ["ring", status, ""];
  return element("span", { class: `badge is-${status}`, title: meaning }, icon(shape), word);
}

/** One shape, hidden from readers of the screen: a word stands beside it. */
function icon(shape) {
  return drawing(
    "svg",
    { viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false" },
    drawing("path", { d: SHAPES[shape], fill: "currentColor", "fill-rule": "evenodd" }),
  );
}
