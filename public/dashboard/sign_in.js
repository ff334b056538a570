/**
 * The dialog in which one signs in: with a key, or as a user of the project's Firebase Auth where Hosting says that
 * there is one. A credential is kept only after the API took it.
 */

import { element } from "/lib/dom.js";
import { Problem, ask } from "./api.js";
import { open } from "./dialog.js";
import { signedIn, webApp } from "./firebase.js";
import { headersOf, session } from "./session.js";
import { announce, mistake } from "./states.js";

const ADMIN_ONLY = "/get_runs";
const REMEMBER = "Remember on this computer";

/** What each scope may do, for who has just signed in. */
const MAY = {
  admin: "You may change everything.",
  write: "You may change documents, not sources.",
  read: "You may read, not change.",
};

/** Asks who the reader is; the session begins if the API takes the answer. */
export async function askWho() {
  const remember = element("input", { id: "remember", type: "checkbox" });
  const users = element("div");
  const shown = open(
    "Sign in",
    keyForm(() => remember.checked),
    users,
    element(
      "p",
      { class: "remember" },
      remember,
      " ",
      element("label", { for: "remember" }, REMEMBER),
      element("br"),
      element("small", {}, "Else it is forgotten with this tab. Signing out forgets it everywhere here."),
    ),
    element("form", { method: "dialog" }, element("button", {}, "Cancel")),
  );
  const app = await webApp();
  if (app) users.replaceChildren(userForm(app, () => remember.checked));
  await shown;
}

function keyForm(remember) {
  const key = element("input", {
    id: "key",
    type: "password",
    autocomplete: "off",
    required: true,
    spellcheck: "false",
  });
  return entrance(
    [
      element(
        "p",
        { class: "field" },
        element("label", { for: "key" }, "A key of this project"),
        key,
        element(
          "small",
          {},
          "The admin key, which on a laptop ",
          element("code", {}, "python3 dev.py serve"),
          " prints, or a key that was made for you.",
        ),
      ),
    ],
    "Sign in with the key",
    key,
    async () => {
      try {
        await admitted({ kind: "key", key: key.value.trim() }, null, remember());
      } catch (error) {
        throw error.status === 401
          ? new Problem("refused", "This key is not known here, or no longer. Is it copied whole?")
          : error;
      }
    },
  );
}

function userForm(app, remember) {
  const email = element("input", { id: "email", type: "email", autocomplete: "username", required: true });
  const password = element("input", {
    id: "password",
    type: "password",
    autocomplete: "current-password",
    required: true,
  });
  return entrance(
    [
      element("p", { class: "field" }, element("label", { for: "email" }, "E-mail"), email),
      element("p", { class: "field" }, element("label", { for: "password" }, "Password"), password),
    ],
    "Sign in as a user",
    password,
    async () => {
      const { credential, token } = await signedIn(app, email.value.trim(), password.value);
      await admitted(credential, token, remember());
    },
  );
}

/** A form that tells what is wrong below its fields, and closes the dialog when `enter` went well. */
function entrance(fields, action, first, enter) {
  const wrong = element("div");
  const form = element(
    "form",
    { class: "entrance" },
    fields,
    wrong,
    element("p", { class: "actions" }, element("button", { type: "submit", class: "primary" }, action)),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    wrong.replaceChildren();
    try {
      await enter();
    } catch (error) {
      wrong.replaceChildren(mistake(error));
      first.select();
      return;
    }
    form.closest("dialog").close();
  });
  return form;
}

/** Begins the session of a credential that the API knows; one that is no administrator's may do what it may do. */
async function admitted(credential, token, remember) {
  const may = await rights(headersOf(credential, token?.text));
  session.begin({ ...credential, ...may }, { remember, token });
  announce(`You are signed in. ${MAY[may.scope] ?? MAY.read}`);
}

/** What a credential may do, `{scope, collections}`: the API says it where it refuses what only administrators may. */
async function rights(headers) {
  try {
    await ask(ADMIN_ONLY, { headers });
    return { scope: "admin", collections: null };
  } catch (error) {
    if (error.status !== 403) throw error;
    const { scope, collections } = error.body;
    return { scope, collections };
  }
}
