/**
 * The change logs of several collections as one, the latest first. A log is asked only when its next entry could be
 * the latest: a collection that has not changed for long costs nothing until the reader comes to that time.
 */

import { ask } from "../api.js";

const PAGE = "50";

/** Reads `collections` (as GET /get_data tells them). Answers `{next(), asked()}`. */
export function merged(collections, signal) {
  const logs = collections.map(({ name, updated_at }) => ({
    name,
    entries: [],
    before_ms: Date.parse(updated_at),
    token: "",
    done: false,
  }));
  let questions = 0;

  const latest_ms = (log) => (log.entries.length ? Date.parse(log.entries[0].at) : log.done ? -Infinity : log.before_ms);

  async function read(log) {
    questions += 1;
    const query = new URLSearchParams({ _sort: "-at", _limit: PAGE, ...(log.token ? { _after: log.token } : {}) });
    const { data } = await ask(`/get_changes/${log.name}?${query}`, { signal });
    log.entries = [...data.items]; // what was answered is kept by api.js and must stay as it is
    log.token = data.next;
    log.done = !data.next;
    if (data.items.length) log.before_ms = Date.parse(data.items.at(-1).at);
  }

  /** The next entry as `{collection, change}`; null at the end of all logs. May ask the API. */
  async function next() {
    for (;;) {
      const log = logs.reduce((best, one) => (best === null || latest_ms(one) > latest_ms(best) ? one : best), null);
      if (log === null || latest_ms(log) === -Infinity) return null;
      if (log.entries.length) return { collection: log.name, change: log.entries.shift() };
      await read(log);
    }
  }

  return { next, asked: () => questions };
}
