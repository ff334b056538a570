/**
 * Who is signed in, and for how long that is remembered: in this tab only, unless one asks for more.
 *
 * A credential is `{kind: "key", key}` or `{kind: "user", email, apiKey, refresh}`, with `scope` and `collections`, what
 * the API said that it may do before it was kept; the API decides anew each time. The ID token of a user lives in memory
 * alone and is renewed before it ends.
 */

const NAME = "kindling.session";

class Session extends EventTarget {
  #credential = null;
  #token = null; // {text, until_ms} of a user
  #mark = 0;

  constructor() {
    super();
    this.#credential = remembered();
    addEventListener("storage", () => this.#follow()); // another tab signed in or out
  }

  /** Whether the reader may change everything, as the API said when they signed in. */
  get admin() {
    return this.#credential?.scope === "admin";
  }

  /** Whether the reader may change the documents of `collection`. */
  writes(collection) {
    const { scope, collections } = this.#credential ?? {};
    return this.admin || (scope === "write" && (!collections || collections.includes(collection)));
  }

  /** Who is signed in, in words; empty for a stranger. */
  get who() {
    const names = { key: this.admin ? "Administrator" : "Holder of a key", user: this.#credential?.email };
    return names[this.#credential?.kind] ?? "";
  }

  /** Another number after each change of who is signed in: answers to one are not shown to another. */
  get mark() {
    return this.#mark;
  }

  /** The headers that prove who asks. */
  async headers() {
    return this.#credential ? headersOf(this.#credential, await this.#idToken()) : {};
  }

  /** Signs in with a credential that the API accepted; `remember` keeps it on this computer beyond the tab. */
  begin(credential, { remember = false, token = null } = {}) {
    forget();
    (remember ? localStorage : sessionStorage).setItem(NAME, JSON.stringify(credential));
    this.#change(credential, token);
  }

  /** Signs out and forgets, in this tab and on this computer. */
  end() {
    forget();
    this.#change(null, null);
  }

  /** Does what another tab did with what is remembered on this computer. */
  #follow() {
    const credential = remembered();
    if (JSON.stringify(credential) !== JSON.stringify(this.#credential)) this.#change(credential, null);
  }

  #change(credential, token) {
    this.#credential = credential;
    this.#token = token;
    this.#mark += 1;
    this.dispatchEvent(new Event("change"));
  }

  async #idToken() {
    if (this.#credential.kind !== "user") return null;
    if (!this.#token || this.#token.until_ms < Date.now()) {
      const { renewed } = await import("./firebase.js"); // a key's owner never loads it
      this.#token = await renewed(this.#credential);
    }
    return this.#token.text;
  }
}

/** The headers of a credential. */
export function headersOf(credential, token) {
  return credential.kind === "key" ? { "X-API-Key": credential.key } : { Authorization: `Bearer ${token}` };
}

function remembered() {
  try {
    return JSON.parse(sessionStorage.getItem(NAME) ?? localStorage.getItem(NAME));
  } catch {
    return null; // storage that is refused or was meddled with: nobody is signed in
  }
}

function forget() {
  sessionStorage.removeItem(NAME);
  localStorage.removeItem(NAME);
}

/** The one session of this tab. */
export const session = new Session();
