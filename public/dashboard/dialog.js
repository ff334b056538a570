/** Questions that stop a reader: native dialogs, which trap the focus and close with Escape. */

import { element } from "/lib/dom.js";

/** Shows a dialog with a title and content; answers what it was closed with, empty after Escape. */
export function open(title, ...content) {
  const dialog = element(
    "dialog",
    { "aria-labelledby": "dialog-title" },
    element("h2", { id: "dialog-title" }, title),
    content,
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove(); // the browser gives the focus back to what had it
      resolve(dialog.returnValue);
    });
  });
}

/**
 * Asks whether to do what cannot be undone; with `word` that word must be typed. Answers whether to do it.
 * `action` is the button's text: a verb and what it is done to.
 */
export async function confirm({ title, text, action, word = "" }) {
  const typed = element("input", { id: "dialog-word", autocomplete: "off", spellcheck: "false", required: true });
  const doing = element("button", { type: "submit", class: "danger", value: "yes", disabled: Boolean(word) }, action);
  typed.addEventListener("input", () => {
    doing.disabled = typed.value !== word;
  });
  const answer = await open(
    title,
    element(
      "form",
      { method: "dialog" },
      element("p", {}, text),
      word
        ? element(
            "p",
            {},
            element("label", { for: "dialog-word" }, "Type ", element("code", {}, word), " to go on"),
            typed,
          )
        : null,
      element(
        "p",
        { class: "actions" },
        doing,
        element("button", { type: "submit", value: "", formnovalidate: true }, "Cancel"),
      ),
    ),
  );
  return answer === "yes";
}
