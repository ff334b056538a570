/** The dialog in which one signs in: with the administrator's key, or as a user of the project's Firebase Auth. */

import { element } from "/lib/dom.js";
import { ask } from "./api.js";
import { open } from "./dialog.js";
import { headersOf, session } from "./session.js";
import { mistake } from "./states.js";

const ADMIN_ONLY = "/get_runs"; // a credential is kept only after an administrator's route took it

/** Asks who the reader is; the session begins if the API takes the answer. */
export async function askWho() {
  const key = element("input", { id: "key", type: "password", autocomplete: "off", required: true, spellcheck: "false" });
  const remember = element("input", { id: "remember", type: "checkbox" });
  const wrong = element("div");
  const form = element(
    "form",
    {},
    element("p", { class: "field" }, element("label", { for: "key" }, "Administrator key"), key, element("small", {}, "On a laptop, dev.py serve prints it: admin key …")),
    element("p", {}, remember, " ", element("label", { for: "remember" }, "Remember on this computer")),
    wrong,
    element("p", { class: "actions" }, element("button", { type: "submit", class: "primary" }, "Sign in")),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const credential = { kind: "key", key: key.value.trim() };
    try {
      await ask(ADMIN_ONLY, { headers: headersOf(credential) });
    } catch (error) {
      wrong.replaceChildren(mistake(error));
      key.select();
      return;
    }
    session.begin(credential, { remember: remember.checked });
    form.closest("dialog").close();
  });
  await open("Sign in", form);
}
