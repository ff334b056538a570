/** Parts of a page that are written anew only when what they show has changed: no focus is lost, nothing jumps. */

import { element } from "/lib/dom.js";

/** An element whose content `show(value, make)` replaces with what `make(value)` gives, if `value` is another. */
export function slot(name = "div", attributes = {}) {
  const node = element(name, attributes);
  let shown;
  return {
    node,
    show(value, make) {
      const mark = JSON.stringify(value);
      if (mark === shown) return;
      shown = mark;
      node.replaceChildren(
        ...[make(value)].flat().filter((child) => child !== null && child !== undefined && child !== ""),
      );
    },
  };
}

/**
 * Keeps the children of `list` in step with `values`: one row for each key, made once by `make(value)` as
 * `{node, show(value)}`, and told every value that follows.
 */
export function rows(list, make) {
  const kept = new Map();
  return (values, keyOf) => {
    const wanted = new Map(values.map((value) => [keyOf(value), value]));
    for (const [key, row] of kept) {
      if (wanted.has(key)) continue;
      row.node.remove();
      kept.delete(key);
    }
    let before = null;
    for (const [key, value] of wanted) {
      if (!kept.has(key)) kept.set(key, make(value));
      const { node, show } = kept.get(key);
      show(value);
      const place = before ? before.nextSibling : list.firstChild;
      if (node !== place) list.insertBefore(node, place);
      before = node;
    }
  };
}
