/**
 * Signing in as a user of the project's Firebase Auth, by e-mail and password over its REST API.
 *
 * The one place that asks anything of another origin, and only where Hosting says that the project has a web app: the
 * two addresses below, which the Content-Security-Policy of /dashboard names. No SDK: two requests are all there is.
 */

import { Problem } from "./api.js";

const SIGN_IN = "https://identitytoolkit.googleapis.com/v1/accounts:signInWithPassword";
const RENEW = "https://securetoken.googleapis.com/v1/token";
const INIT = "/__/firebase/init.json"; // reserved by Hosting
const EARLY_S = 60; // a token is renewed before it ends on its way
const TIMEOUT_MS = 20_000;

/** What Identity Toolkit says, in words with the mend; its codes may have a detail behind " : ". */
const TOLD = {
  EMAIL_NOT_FOUND: "The e-mail or the password is wrong.",
  INVALID_PASSWORD: "The e-mail or the password is wrong.",
  INVALID_LOGIN_CREDENTIALS: "The e-mail or the password is wrong.",
  INVALID_EMAIL: "That is no e-mail address.",
  USER_DISABLED: "This user is disabled; an owner of the project can enable it in the Firebase console.",
  TOO_MANY_ATTEMPTS_TRY_LATER: "Too many tries; wait some minutes.",
  OPERATION_NOT_ALLOWED:
    "This project has no sign-in by e-mail: turn it on in the Firebase console, Authentication, Sign-in method.",
  PASSWORD_LOGIN_DISABLED:
    "This project has no sign-in by e-mail: turn it on in the Firebase console, Authentication, Sign-in method.",
};
const OVER = "Your sign-in is over. Sign out, then sign in again.";

/** The project's web app `{apiKey, projectId}` as Hosting tells it; null where there is none to sign in to. */
export async function webApp() {
  try {
    const answer = await fetch(INIT, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const told = answer.ok ? await answer.json() : {};
    return told.apiKey && !told.projectId.startsWith("demo-") ? told : null; // demo projects exist on no server
  } catch {
    return null; // Hosting says nothing of it: the key is the way in
  }
}

/** Signs in: `{credential, token}`, of which the credential may be kept. Raises Problem. */
export async function signedIn({ apiKey }, email, password) {
  const body = JSON.stringify({ email, password, returnSecureToken: true });
  const told = await post(`${SIGN_IN}?key=${encodeURIComponent(apiKey)}`, "application/json", body);
  return {
    credential: { kind: "user", email: told.email ?? email, apiKey, refresh: told.refreshToken },
    token: tokenOf(told.idToken, told.expiresIn),
  };
}

/** A new ID token for a kept credential: `{text, until_ms}`. Raises Problem, of status 401 when the sign-in is over. */
export async function renewed({ apiKey, refresh }) {
  const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token: refresh }).toString();
  const told = await post(`${RENEW}?key=${encodeURIComponent(apiKey)}`, "application/x-www-form-urlencoded", body);
  return tokenOf(told.id_token, told.expires_in);
}

function tokenOf(text, seconds) {
  return { text, until_ms: Date.now() + (Number(seconds) - EARLY_S) * 1000 };
}

async function post(url, type, body) {
  let answer;
  try {
    answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": type },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (cause) {
    throw new Problem("unreachable", "Firebase Auth does not answer.", { cause });
  }
  const told = await answer.json();
  if (answer.ok) return told;
  const code = String(told.error?.message ?? "").split(" ")[0];
  throw new Problem("refused", TOLD[code] ?? (url.startsWith(RENEW) ? OVER : `Firebase Auth refused it: ${code}.`), {
    status: 401,
  });
}
