/** A number of a document over time, drawn by the API (get_series), with its values as a table for who sees no picture. */

import { element, table } from "/lib/dom.js";
import { ask } from "../api.js";
import { moment, when } from "../format.js";
import { part } from "../router.js";
import { mistake } from "../states.js";
import { isNumber } from "/lib/json.js";
import { plain } from "./value.js";

/** The section with the chart of one of `fields`, which the reader may choose. */
export function chart(collection, id, fields, signal) {
  const choice = element(
    "select",
    { id: "chart-field" },
    fields.map((field) => element("option", { value: field }, field)),
  );
  const place = element("div");
  const node = element(
    "section",
    { class: "panel" },
    element("h2", {}, "Over time"),
    element("p", {}, element("label", { for: "chart-field" }, "Number"), " ", choice),
    place,
  );
  choice.addEventListener("change", draw);
  draw();
  return node;

  async function draw() {
    const field = choice.value;
    try {
      const path = `/get_series/${part(collection)}/${part(id)}/${part(field)}`;
      const [drawn, values] = await Promise.all([ask(`${path}?_format=svg`, { signal, raw: true }), ask(path, { signal })]);
      const points = values.data.items;
      if (choice.value === field) place.replaceChildren(points.length > 1 ? figure(field, drawn.data, points) : still(points));
    } catch (error) {
      if (!signal.aborted) place.replaceChildren(mistake(error));
    }
  }
}

const still = ([{ at, value }]) => element("p", {}, "It has been ", element("b", {}, plain(value)), " since ", when(at), ".");

function figure(field, svg, points) {
  const numbers = points.filter(({ value }) => isNumber(value)).map(({ value }) => Number(plain(value)));
  const said = `${field} over time: from ${numbers[0]} to ${numbers.at(-1)}, lowest ${Math.min(...numbers)}, highest ${Math.max(...numbers)}.`;
  const rows = points.map(({ at, value }) => [moment(at), value === null ? "none" : plain(value)]);
  return element(
    "figure",
    {},
    element("img", { class: "chart", alt: said, src: `data:image/svg+xml,${encodeURIComponent(svg)}` }),
    element("figcaption", {}, said),
    element("details", {}, element("summary", {}, "The values"), table(["From", field], rows)),
  );
}
