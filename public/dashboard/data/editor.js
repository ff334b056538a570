/** What who may write does to a document: write it anew as JSON, or delete it. Nobody's change is overwritten unseen. */

import { element } from "/lib/dom.js";
import { ask } from "../api.js";
import { confirm } from "../dialog.js";
import { part } from "../router.js";
import { announce, mistake } from "../states.js";
import { readJson, writeJson } from "/lib/json.js";

/** The panel; `again()` shows the page anew after a change, `leave()` where the document is gone. */
export function editor(collection, id, { again, leave, signal }) {
  const path = `${part(collection.name)}/${part(id)}`;
  let etag = null;
  const text = element("textarea", { id: "editor", rows: "14", spellcheck: "false", autocomplete: "off" });
  const wrong = element("div");
  const save = element("button", { type: "submit", class: "primary" }, "Save");
  const form = element(
    "form",
    {},
    element("p", { class: "field" }, element("label", { for: "editor" }, "The document as JSON"), text),
    wrong,
    element("p", { class: "actions" }, save),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(store);
  });

  async function attempt(act) {
    try {
      await act();
    } catch (error) {
      if (!signal.aborted)
        wrong.replaceChildren(
          mistake(error),
          error.status === 412
            ? element("p", {}, element("button", { type: "button", onclick: () => attempt(load) }, "Show what it is now"))
            : "",
        );
    }
  }

  async function load() {
    const { data, headers } = await ask(`/get_data/${path}`, { signal, raw: true });
    etag = headers.get("ETag");
    text.value = writeJson(readJson(data));
    wrong.replaceChildren();
  }

  async function store() {
    readJson(text.value); // a slip is told before anything is sent
    await ask(`/save_data/${path}`, { method: "PUT", body: text.value, headers: { "If-Match": etag } });
    announce("Saved");
    again();
  }

  async function remove(forget) {
    const sure = await confirm({
      title: "Delete this document?",
      text: forget
        ? "It goes from the collection, and its source never takes it from a page again."
        : "It goes from the collection; what became of it stays in the history.",
      action: "Delete the document",
    });
    if (!sure) return;
    await ask(`/delete_data/${path}${forget ? "?_forget=1" : ""}`, { method: "DELETE" });
    announce("Deleted");
    leave();
  }

  const edits = element("details", { class: "panel" }, element("summary", {}, "Edit"), form);
  edits.addEventListener("toggle", () => edits.open && etag === null && attempt(load));
  const deleting = (said, forget) =>
    element("button", { type: "button", class: "danger", onclick: () => attempt(() => remove(forget)) }, said);
  return element(
    "section",
    { "aria-label": "Administration" },
    collection.source ? null : edits,
    element(
      "p",
      { class: "actions" },
      deleting("Delete …", false),
      collection.source ? deleting("Delete and never take again …", true) : null,
    ),
    collection.source ? wrong : null,
  );
}
