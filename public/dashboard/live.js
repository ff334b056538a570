/**
 * Looking again and again while the page is seen, so that it is right without a reload. Knows time, not what is shown.
 *
 * A look that fails is told once across the page and tried again, less often each time; what was shown stays.
 */

import { advice, trouble } from "./states.js";

const SLOWEST_S = 60; // between two tries while nobody answers
const FACTOR = 2;

/** What has the next look made at once; rung during a look, which may not have seen why, it stays rung until the next. */
class Bell extends EventTarget {
  rung = false;

  ring() {
    this.rung = true;
    this.dispatchEvent(new Event("ring"));
  }
}

/**
 * Calls `look` now and then ever again until `signal` aborts, `look()` saying in how many seconds. The first look's
 * error is the caller's. Looks stop while the page is hidden, and one is made at once when it is seen again.
 * Answers a function that has the next look made at once.
 */
export async function live(look, signal) {
  const bell = new Bell();
  const first_s = await look();
  if (!signal.aborted) again(look, signal, bell, first_s);
  return () => bell.ring();
}

async function again(look, signal, bell, first_s) {
  let wait_s = first_s;
  let usual_s = first_s;
  while (await seen(wait_s * 1000, signal, bell)) {
    bell.rung = false;
    try {
      wait_s = usual_s = await look();
      trouble("");
    } catch (error) {
      if (signal.aborted) return;
      wait_s = Math.min(Math.max(wait_s, usual_s) * FACTOR, SLOWEST_S);
      trouble(`${advice(error)[0]}. ${error.message} What you see may be old.`);
    }
  }
}

/** Waits for the time to pass, and for the page to be seen; false once the reader left. */
function seen(milliseconds, signal, bell) {
  return new Promise((resolve) => {
    const done = new AbortController();
    const end = (answer) => {
      clearTimeout(timer);
      done.abort();
      resolve(answer);
    };
    const timer = setTimeout(() => (document.hidden ? null : end(true)), milliseconds);
    const options = { signal: done.signal };
    document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : end(true)), options);
    addEventListener("online", () => end(true), options);
    bell.addEventListener("ring", () => end(true), options);
    signal.addEventListener(
      "abort",
      () => {
        trouble("");
        end(false);
      },
      options,
    );
    if (signal.aborted) end(false);
    else if (bell.rung) end(true);
  });
}
