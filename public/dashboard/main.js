/**
 * The dashboard's frame: the table of pages, the navigation, who is signed in.
 *
 * Conventions of a page, `pages/NAME.js`:
 * - It exports `async show(main, {params, query, signal, again})` and fills `main`, an empty element that is its own.
 *   Its first heading is the only `h1`; it gets the focus after a change of page. `again()` shows it anew.
 * - `signal` aborts when the reader leaves: give it to every `ask` and every listener outside `main`.
 * - State that the back button should know is in the query: change it with `go(path, query)` of router.js. If only
 *   the query changed and `show` answered an object with `update(query)`, that is called instead of a new `show`:
 *   nothing flickers, the focus stays.
 * - An error that `show` throws becomes a panel with a way to try again (states.js); so a page catches only what it
 *   can explain better, such as a mistake beside the field that has it.
 * - Elements are made by /lib/dom.js and by nothing else. Everything scraped is text. Looks are classes of
 *   dashboard.css, never a style attribute: the Content-Security-Policy refuses those.
 * - What happens without moving the focus is said with `announce` (states.js).
 */

import { element } from "/lib/dom.js";
import { refreshTimes } from "./format.js";
import { follow, link } from "./router.js";
import { session } from "./session.js";
import { announce, failed, loading } from "./states.js";

const LOADING_AFTER_MS = 150; // a page that is there sooner shows no "Reading …" first
const TIMES_EVERY_MS = 10_000; // how often "3 minutes ago" is looked at again

/** Every page. The first whose path fits is shown; `nav` puts it in the navigation, for all or for administrators. */
const PAGES = [
  { path: "/", title: "Overview", nav: "all", load: () => import("./pages/overview.js") },
  { path: "/new", title: "New source", nav: "admin", load: () => import("./pages/new_source.js") },
  { path: "/sources/:source", title: "Source", load: () => import("./pages/source.js") },
  { path: "/collections/:collection", title: "Collection", load: () => import("./pages/collection.js") },
  { path: "/collections/:collection/:id", title: "Document", load: () => import("./pages/document.js") },
  { path: "/changes", title: "Changes", nav: "all", load: () => import("./pages/changes.js") },
];
const ELSEWHERE = [{ href: "/docs/", title: "API" }];

const at = (id) => document.getElementById(id);

function showFrame(current) {
  const shown = PAGES.filter((page) => page.nav === "all" || (page.nav === "admin" && session.admin));
  const links = shown.map((page) =>
    element("a", { href: link(page.path), "aria-current": page.path === current ? "page" : null }, page.title),
  );
  at("nav").replaceChildren(...links, ...ELSEWHERE.map(({ href, title }) => element("a", { href }, title)));
  at("who").replaceChildren(
    session.who ? element("span", { class: "quiet" }, session.who) : "",
    session.who
      ? element("button", { type: "button", onclick: () => session.end() }, "Sign out")
      : element("button", { type: "button", onclick: signIn }, "Sign in"),
  );
}

/** Opens the dialog in which one signs in. */
async function signIn() {
  const { askWho } = await import("./sign_in.js");
  await askWho();
}

function title(page, params) {
  const subject = Object.values(params).at(-1);
  return `${subject ? `${subject} · ` : ""}${page?.title ?? "No such page"} · Kindling`;
}

/** Shows the page of a place; answers what the page gave, for `update`. */
async function show({ page, params, query, signal, first }) {
  const place = element("div", { class: "page" });
  document.title = title(page, params);
  showFrame(page?.path);
  const slow = setTimeout(() => place.append(loading()), LOADING_AFTER_MS);
  at("main").replaceChildren(place);
  let handle = null;
  try {
    if (!page) throw new Error("There is no such page; the navigation above leads to those there are.");
    const { show: fill } = await page.load();
    const made = element("div");
    handle = await fill(made, { params, query, signal, again: () => router.again() });
    if (signal.aborted) return null;
    place.replaceChildren(made);
  } catch (error) {
    if (signal.aborted) return null;
    place.replaceChildren(failed(error, { again: () => router.again(), signIn }));
  } finally {
    clearTimeout(slow);
  }
  if (!first) {
    const heading = at("main").querySelector("h1");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus({ preventScroll: true });
    scrollTo(0, 0);
    announce(document.title);
  }
  return handle;
}

at("skip").addEventListener("click", (event) => {
  event.preventDefault(); // the fragment is the router's
  at("main").focus();
});
setInterval(() => refreshTimes(document), TIMES_EVERY_MS);
const router = follow(PAGES, show);
session.addEventListener("change", () => router.again());
