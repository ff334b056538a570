/** Every source with its health, and every collection. */

import { element } from "/lib/dom.js";

/** Shows the overview. */
export async function show(main) {
  main.append(element("h1", {}, "Overview"));
}
