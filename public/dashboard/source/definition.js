/** The definition of a source: in words, and as the YAML that says it, to edit where it is not a file. */

import { element } from "/lib/dom.js";
import { ask } from "../api.js";
import { part } from "../router.js";
import { slot } from "../slot.js";
import { announce, loading, mistake } from "../states.js";
import { editor, mistakesOf } from "./editor.js";
import { facts } from "./facts.js";
import { preview, previewed } from "./preview.js";

/** The part of the page: `{node, show(source)}`, which leaves alone what is being edited. `saved()` follows a save. */
export function definitionPart({ name, file, yaml }, { saved, signal }) {
  let known = yaml ?? "";
  const text = editor(known, { label: `Definition of ${name}`, readOnly: file });
  const words = slot();
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
  const node = element(
    "div",
    { class: "panel" },
    words.node,
    file
      ? element(
          "p",
          { class: "note" },
          "This source is a file: edit ",
          element("code", {}, `functions/sources/${name}.yaml`),
          " and deploy. On a laptop the change is taken up at once.",
        )
      : null,
    text.node,
    element(
      "p",
      { class: "actions" },
      file ? null : button("Save", save, { class: "primary" }),
      button("Preview", look),
      file ? null : button("Undo my changes", () => text.set(known)),
    ),
    told,
    result,
  );
  return {
    node,
    show(source) {
      words.show([source.definition, source.public], () => (source.definition ? facts(source) : null));
      const written = source.yaml ?? "";
      if (written === known) return;
      if (text.value === known) text.set(written);
      else if (text.value !== written)
        told.replaceChildren(
          element(
            "p",
            { class: "note" },
            "Somebody else changed it meanwhile. Undo your changes to see theirs, or save over them.",
          ),
        );
      known = written;
    },
  };
}
