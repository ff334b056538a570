/** The definition of a source: in words, and as the YAML that says it, to edit where it is not a file. */

import { element } from "/lib/dom.js";
import { ask } from "../api.js";
import { part } from "../router.js";
import { announce, loading, mistake } from "../states.js";
import { editor, mistakesOf } from "./editor.js";
import { facts } from "./facts.js";
import { preview, previewed } from "./preview.js";

/** The part of the page; `saved()` is called after a save. */
export function definitionPart(source, { saved, signal }) {
  const { name, file, yaml } = source;
  const text = editor(yaml ?? "", { label: `Definition of ${name}`, readOnly: file });
  const told = element("div", { role: "status" });
  const result = element("div");

  async function trying(doing) {
    text.mark([]);
    told.replaceChildren();
    try {
      await doing();
    } catch (error) {
      if (signal.aborted) return;
      if (error.type === "bad-definition") text.mark(mistakesOf(error));
      else told.replaceChildren(mistake(error));
    }
  }

  const save = () =>
    trying(async () => {
      await ask(`/save_source/${part(name)}`, { method: "PUT", body: text.value, type: "application/yaml", signal });
      told.replaceChildren(element("p", { class: "good" }, "Saved. The next run uses it."));
      announce("Saved.");
      saved();
    });

  const look = () =>
    trying(async () => {
      result.replaceChildren(loading("Reading the page …"));
      try {
        result.replaceChildren(previewed(await preview(text.value, signal)));
      } catch (error) {
        result.replaceChildren();
        throw error;
      }
    });

  const button = (label, doing, more = {}) => element("button", { type: "button", onclick: doing, ...more }, label);
  return element(
    "div",
    { class: "panel" },
    source.definition ? facts(source) : null,
    file
      ? element("p", { class: "note" }, "This source is a file: edit ", element("code", {}, `functions/sources/${name}.yaml`), " and deploy. On a laptop the change is taken up at once.")
      : null,
    text.node,
    element(
      "p",
      { class: "actions" },
      file ? null : button("Save", save, { class: "primary" }),
      button("Preview", look),
      file ? null : button("Undo my changes", () => text.set(yaml ?? "")),
    ),
    told,
    result,
  );
}
