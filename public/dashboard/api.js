/**
 * Questions to this site's own API. Owns fetch: nothing else in the dashboard asks anything of the network but
 * sign-in with Firebase (firebase.js).
 *
 * An answer that has not changed (304) costs its headers only, and is the very same object as the last time.
 */

import { readJson } from "/lib/json.js";
import { session } from "./session.js";

const TIMEOUT_MS = 30_000; // Hosting gives up after 60; a reader long before
const KEPT_MAX = 50; // answers remembered with their ETag, the least recently asked for dropped first

/** What went wrong: `kind` says how, for people and for code. */
export class Problem extends Error {
  /**
   * `kind`: "refused" (the API said no: `status`, `type`, `errors` and the whole `body` tell more), "offline" (this
   * computer has no network), "unreachable" (no answer came), "timeout", or "garbled" (no answer of this API).
   */
  constructor(kind, message, { status = 0, type = "", errors = [], body = {}, cause } = {}) {
    super(message, { cause });
    Object.assign(this, { kind, status, type, errors, body });
  }
}

const kept = new Map(); // path with credential's mark -> {etag, answer}

/**
 * Asks for `path` and answers `{status, data, headers, unchanged}`; `data` is the JSON, or the text of anything else.
 * `body` is sent as JSON, or as it is if it is text (then give `type`). With `raw` the data is the text as it came, for
 * files and for what must go back unchanged, and nothing is remembered. Raises Problem, or AbortError after `signal`.
 */
export async function ask(
  path,
  { method = "GET", body, type = "application/json", headers = {}, signal, timeout_ms = TIMEOUT_MS, raw = false } = {},
) {
  const key = `${session.mark} ${path}`;
  const known = method === "GET" && !raw ? kept.get(key) : undefined;
  const { response, text } = await sent(path, signal, timeout_ms, {
    method,
    cache: "no-store",
    headers: {
      ...(await session.headers()),
      ...(known ? { "If-None-Match": known.etag } : {}),
      ...(body === undefined ? {} : { "Content-Type": type }),
      ...headers,
    },
    body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
  });
  if (response.status === 304 && known) {
    keep(key, known);
    return { ...known.answer, headers: response.headers, unchanged: true };
  }
  const data = read(response, text, raw && response.ok);
  if (!response.ok) throw refusal(response, data);
  const answer = { status: response.status, data, headers: response.headers, unchanged: false };
  const etag = response.headers.get("ETag");
  if (method === "GET" && !raw && etag) keep(key, { etag, answer });
  return answer;
}

function keep(key, entry) {
  kept.delete(key); // put back at the end: the first is the one least recently asked for
  kept.set(key, entry);
  if (kept.size > KEPT_MAX) kept.delete(kept.keys().next().value);
}

async function sent(path, signal, timeout_ms, options) {
  const timeout = AbortSignal.timeout(timeout_ms);
  const either = signal ? AbortSignal.any([signal, timeout]) : timeout;
  try {
    const response = await fetch(path, { ...options, signal: either });
    return { response, text: await response.text() }; // which can break off, or take too long, as well
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    if (timeout.aborted) {
      throw new Problem("timeout", `No answer within ${Math.round(timeout_ms / 1000)} seconds.`, { cause });
    }
    if (!navigator.onLine) throw new Problem("offline", "This computer is offline.", { cause });
    throw new Problem("unreachable", `${location.host} does not answer.`, { cause });
  }
}

function read(response, text, raw) {
  const type = response.headers.get("Content-Type") ?? "";
  if (raw || !/\bjson\b/.test(type) || /ndjson/.test(type)) return text;
  try {
    return readJson(text);
  } catch (cause) {
    throw new Problem("garbled", "The answer is not what this API sends.", { status: response.status, cause });
  }
}

function refusal(response, data) {
  const told = data && typeof data === "object" ? data : {};
  const message = told.detail ?? `The answer was ${response.status} ${response.statusText}`.trim();
  return new Problem(told.status ? "refused" : "garbled", message, {
    status: response.status,
    type: (told.type ?? "").split(":").at(-1),
    errors: told.errors ?? [],
    body: told,
  });
}
