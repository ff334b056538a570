/**
 * Elements from data. Owns the only way anything gets into a page: text as text, never as markup.
 *
 * Names of elements and attributes are words of our code; what was scraped or typed is only ever a value. So values
 * are checked where a browser would act on them (`href`, `src`), and the names that would run or style a value are
 * refused as mistakes of ours. The Content-Security-Policy of firebase.json forbids the same once more.
 */

const SVG = "http://www.w3.org/2000/svg";
const NO_ELEMENTS = new Set(["script", "style", "iframe", "object", "embed", "base", "link", "meta"]);
const NO_ATTRIBUTES = new Set(["style", "srcdoc", "srcset", "action", "formaction", "ping"]);
const CHECKED = { href: safeHref, src: safeImage };

/**
 * An element with attributes and children; a string or number among the children becomes a text node.
 * Attributes and children that are null, undefined or false are left away; `true` is an attribute without a value.
 * An attribute `onclick` takes a function and listens; an `href` or `src` that is not safe is left away.
 */
export function element(name, attributes = {}, ...children) {
  if (NO_ELEMENTS.has(name)) throw new TypeError(`dom: <${name}> is never made from data`);
  return filled(document.createElement(name), attributes, children);
}

/** The same for SVG, for what is drawn from numbers. */
export function drawing(name, attributes = {}, ...children) {
  if (NO_ELEMENTS.has(name)) throw new TypeError(`dom: <${name}> is never made from data`);
  return filled(document.createElementNS(SVG, name), attributes, children);
}

/** A table with a head; a cell is text or an element. */
export function table(head, rows) {
  return element(
    "table",
    {},
    element(
      "thead",
      {},
      element(
        "tr",
        {},
        head.map((text) => element("th", { scope: "col" }, text)),
      ),
    ),
    element(
      "tbody",
      {},
      rows.map((row) =>
        element(
          "tr",
          {},
          row.map((cell) => element("td", {}, cell)),
        ),
      ),
    ),
  );
}

/** The address if a link may lead there (http, https, or a path, query or fragment of this site), else null. */
export function safeHref(value) {
  const text = String(value);
  if (/[\u0000-\u0020\u007f\\]/.test(text)) return null; // browsers drop or bend these: "java\nscript:", "/\\host"
  if (/^https?:\/\/[^/]/i.test(text)) return text;
  return /^(\/(?!\/)|[?#])/.test(text) ? text : null;
}

/** The address if an image may come from there: this site's own path, or an image drawn here as a data: URL. */
function safeImage(value) {
  const text = String(value);
  return text.startsWith("data:image/") || /^\/(?![/\\])/.test(text) ? text : null;
}

function filled(made, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) set(made, key, value);
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

function set(made, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key.startsWith("on")) {
    if (typeof value !== "function") throw new TypeError(`dom: ${key} takes a function, never text`);
    made.addEventListener(key.slice(2), value);
    return;
  }
  if (NO_ATTRIBUTES.has(key)) throw new TypeError(`dom: the attribute ${key} is never set from data`);
  const checked = Object.hasOwn(CHECKED, key) ? CHECKED[key](value) : value;
  if (checked !== null) made.setAttribute(key, checked === true ? "" : checked);
}
