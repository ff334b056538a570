/** What a page shows when there is nothing to show: loading, empty, failed. And what is said without being shown. */

import { element } from "/lib/dom.js";
import { session } from "./session.js";

/** What to do about each kind of Problem (api.js), and for refusals about each status. */
const ADVICE = {
  offline: ["You are offline", "Connect to the network, then try again. What was shown before is as old as it says."],
  unreachable: ["Nobody answers", "Is it served? On a laptop: python3 dev.py serve. Else try again in a moment."],
  timeout: ["It takes too long", "The site may be starting or busy. Try again in a moment."],
  garbled: ["That is no answer of this API", "Something between this page and the API answered in its place."],
  401: ["Sign in to see this", ""],
  403: ["You may not do this", "You are known here, but that is for others."],
  404: ["It is not there", "It may have been renamed or deleted, or it is private and only shown to who may read it."],
  409: ["That cannot be done now", ""],
  412: ["Somebody else changed it first", "Read it again, then repeat your change."],
  500: ["Something is broken here", "It is not your doing; the operator finds the reason in the logs."],
  503: ["The database does not answer", "It may be starting. Try again in a moment."],
};

/** The panel of something that is being read. */
export function loading(text = "Reading …") {
  return element("p", { class: "loading quiet", role: "status" }, text);
}

/** The panel of a place where nothing is yet: why, and the ways on. */
export function empty(title, text, ...ways) {
  return element(
    "section",
    { class: "panel empty" },
    element("h2", {}, title),
    element("p", {}, text),
    ways.length ? element("p", { class: "actions" }, ways) : null,
  );
}

/** The title and the mend of an error, in words. */
export function advice(error) {
  return ADVICE[error.kind] ?? ADVICE[error.status] ?? ["That did not work", ""];
}

/**
 * The panel of a page that could not be shown, or with the `heading` of a part of one; `again` tries once more, `signIn`
 * is offered where it would help.
 */
export function failed(error, { again, signIn, heading = "h1" } = {}) {
  const [title, mend] = advice(error);
  const signing = signIn && (error.status === 401 || (error.status === 404 && !session.who));
  return element(
    "section",
    { class: "panel trouble" },
    element(heading, {}, title),
    element("p", {}, error.message),
    mend ? element("p", { class: "quiet" }, mend) : null,
    element(
      "p",
      { class: "actions" },
      signing ? element("button", { type: "button", class: "primary", onclick: signIn }, "Sign in") : null,
      again ? element("button", { type: "button", onclick: again }, "Try again") : null,
      element("a", { href: "#/" }, "To the overview"),
    ),
  );
}

/** An error in a line or two inside a page, such as below a form; what is wrong in particular as a list. */
export function mistake(error) {
  const told = error.errors?.length ? error.errors : [];
  return element(
    "div",
    { class: "mistake", role: "alert" },
    element("p", {}, error.message.split("\n")[0]),
    told.length
      ? element(
          "ul",
          {},
          told.map(({ where, what }) => element("li", {}, where ? [element("code", {}, where), ": "] : "", what)),
        )
      : null,
  );
}

/** Says something to who cannot see it happen. */
export function announce(text) {
  document.getElementById("told").textContent = text;
}

/** The line across the page for trouble that lasts, such as no network; an empty text takes it away. */
export function trouble(text) {
  const line = document.getElementById("trouble");
  if (line.textContent !== text) line.textContent = text; // said once, not at every look
  line.hidden = !text;
}
