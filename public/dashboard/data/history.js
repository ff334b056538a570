/** What became of one document: the entries of the change log about it, the latest first. */

import { element } from "/lib/dom.js";
import { ask } from "../api.js";
import { mistake } from "../states.js";
import { entry } from "./log.js";

const PAGE = "20";

/** Reads the first page. Answers `{node, empty}`; a button in the node reads on. */
export async function history(collection, id, signal) {
  let token = "";
  const list = element("ul", { class: "feed" });
  const more = element(
    "button",
    { type: "button", onclick: () => read().catch((error) => signal.aborted || wrong.replaceChildren(mistake(error))) },
    "Older changes",
  );
  const wrong = element("div");

  async function read() {
    const query = new URLSearchParams({ _id: id, _sort: "-at", _limit: PAGE, ...(token ? { _after: token } : {}) });
    const { data } = await ask(`/get_changes/${encodeURIComponent(collection)}?${query}`, { signal });
    list.append(...data.items.map((change) => entry(collection, change, { named: false })));
    token = data.next;
    more.hidden = !token;
  }

  await read();
  const empty = list.childElementCount === 0;
  const none = element("p", { class: "quiet" }, "Nothing is remembered: it is older than the history that is kept.");
  return { node: element("section", {}, element("h2", {}, "History"), empty ? none : list, more, wrong), empty };
}
