/** Elements from data. Owns the only way text gets into the page: as text, never as markup. */

/**
 * An element with attributes and children; a string among the children becomes a text node.
 * Attributes that are null, undefined or false are left away.
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value);
  }
  made.append(...children.flat());
  return made;
}

/** A table with a head; a cell is text or an element. */
export function table(head, rows) {
  return element(
    "table",
    {},
    element("thead", {}, element("tr", {}, head.map((text) => element("th", { scope: "col" }, text)))),
    element("tbody", {}, rows.map((row) => element("tr", {}, row.map((cell) => element("td", {}, cell))))),
  );
}
