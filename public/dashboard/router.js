/**
 * Where the reader is, from the fragment of the URL (`#/collections/movies?year=2013`): Hosting serves one file.
 * Knows addresses only: what a page shows is the page's.
 */

/** The link to a path, each part of which is escaped, with a query: an object, pairs or URLSearchParams. */
export function link(path, query = {}) {
  const text = new URLSearchParams(query).toString();
  return `#${path}${text ? `?${text}` : ""}`;
}

/** One part of a path, such as a name or an id, escaped for `link`. */
export const part = (text) => encodeURIComponent(text);

/** Goes to a path and query, as a click on their link would; the back button leads back. */
export function go(path, query = {}) {
  location.hash = link(path, query);
}

/** The present path and query. */
function here() {
  const text = location.hash.startsWith("#/") ? location.hash.slice(1) : "/";
  const [path, ...rest] = text.split("?");
  return { path, query: new URLSearchParams(rest.join("?")) };
}

/** The values of `pattern`'s `:names` in `path`, or null where it does not fit. */
function match(pattern, path) {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return null;
  const params = {};
  for (const [index, name] of wanted.entries()) {
    const value = decoded(given[index]);
    if (value === null) return null;
    if (name.startsWith(":") && value) params[name.slice(1)] = value;
    else if (name !== value) return null;
  }
  return params;
}

/** Shows the page of the present place, and of every one that follows; `again()` shows the present one anew. */
export function follow(pages, show) {
  let leaving = new AbortController();
  let shown = { path: null, handle: null };

  async function turn(first) {
    const { path, query } = here();
    leaving.abort();
    leaving = new AbortController();
    const { signal } = leaving;
    const found = pages.map((page) => ({ page, params: match(page.path, path) })).find(({ params }) => params);
    shown = { path, handle: null };
    const handle = await show({ page: found?.page, params: found?.params ?? {}, query, signal, first });
    if (!signal.aborted) shown = { path, handle };
  }

  addEventListener("hashchange", () => {
    if (location.hash && !location.hash.startsWith("#/")) return;
    const { path, query } = here();
    if (path === shown.path && shown.handle?.update) shown.handle.update(query);
    else turn(false);
  });
  turn(true);
  return { again: () => turn(true) };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return null; // a fragment that somebody mistyped is no page
  }
}
