/** What an administrator may set of a collection: who reads it, what it is indexed by, whether it stays. */

import { element } from "/lib/dom.js";
import { ask } from "../api.js";
import { confirm } from "../dialog.js";
import { link, part } from "../router.js";
import { announce, mistake } from "../states.js";
import { columns, filtered } from "./fields.js";

/** The settings of a collection; `again()` shows the page anew after a change, `leave()` where it is gone. */
export function settings(collection, { again, leave }) {
  const wrong = element("div");
  const act = async (said, path, options) => {
    try {
      await ask(path, options);
    } catch (error) {
      wrong.replaceChildren(mistake(error));
      return false;
    }
    announce(said);
    return true;
  };
  const save = async (body, said) => (await act(said, `/save_data/${collection.name}`, { method: "PATCH", body })) && again();

  async function drop() {
    const sure = await confirm({
      title: `Delete ${collection.name}?`,
      text: "All its documents and their whole history go. There is no way back.",
      action: "Delete the collection",
      word: collection.name,
    });
    if (
      sure &&
      (await act(`${collection.name} is deleted`, `/delete_data/${collection.name}?_confirm=${collection.name}`, { method: "DELETE" }))
    )
      leave();
  }

  const fed = collection.source !== null;
  return element(
    "details",
    { class: "panel settings" },
    element("summary", {}, "Settings"),
    fed ? fedBy(collection) : [visibility(collection, save), indexes(collection, save)],
    element("p", {}, element("button", { type: "button", class: "danger", onclick: drop }, "Delete the collection …")),
    wrong,
  );
}

function fedBy(collection) {
  return element(
    "p",
    {},
    `It is ${collection.public ? "public" : "private"}`,
    collection.index.length ? [" and indexed by ", element("bdi", {}, collection.index.join(", "))] : "",
    "; both are said in its source, ",
    element("a", { href: link(`/sources/${part(collection.source)}`) }, collection.source),
    ".",
  );
}

function visibility(collection, save) {
  const [text, action] = collection.public
    ? ["Everybody may read it.", "Make it private"]
    : ["Only administrators may read it; to everybody else it does not exist.", "Make it public"];
  return element(
    "p",
    {},
    text,
    " ",
    element("button", { type: "button", onclick: () => save({ public: !collection.public }, action) }, action),
  );
}

function indexes(collection, save) {
  const field = element(
    "select",
    { id: "index-field" },
    columns(filtered(collection))
      .filter((path) => !collection.index.includes(path))
      .map((path) => element("option", { value: path }, path)),
  );
  const shown = collection.index.map((path) =>
    element(
      "li",
      {},
      element(
        "span",
        { class: "chip" },
        element("bdi", {}, path),
        (collection.building ?? []).includes(path) ? element("span", { class: "quiet" }, "being built") : null,
        element(
          "button",
          {
            type: "button",
            class: "remove",
            "aria-label": `Remove the index on ${path}`,
            onclick: () => save({ index: collection.index.filter((one) => one !== path) }, "The index is gone"),
          },
          "×",
        ),
      ),
    ),
  );
  return [
    element("p", { class: "quiet" }, "A collection of more than 3,000 documents is filtered and sorted by its indexes, at most 8."),
    shown.length ? element("ul", { class: "chips", "aria-label": "Indexes" }, shown) : null,
    field.options.length
      ? element(
          "p",
          { class: "actions" },
          element("label", { for: "index-field" }, "Index by"),
          field,
          element(
            "button",
            { type: "button", onclick: () => save({ index: [...collection.index, field.value] }, "The index is declared") },
            "Declare",
          ),
        )
      : null,
  ];
}

/** What to do about a question that no index serves; `admin` may declare it here. */
export function indexHelp(collection, error, { admin, again }) {
  const [field] = error.body.index ?? [];
  const wrong = element("div");
  async function declare() {
    try {
      await ask(`/save_data/${collection.name}`, { method: "PATCH", body: { index: [...collection.index, field] } });
      again();
    } catch (cause) {
      wrong.replaceChildren(mistake(cause));
    }
  }
  return element(
    "section",
    { class: "panel", role: "alert" },
    element("h2", {}, field ? "This needs an index" : "This is too much to read"),
    element("p", {}, error.message),
    field && admin && !collection.source
      ? element("p", {}, element("button", { type: "button", class: "primary", onclick: declare }, "Index by ", element("bdi", {}, field)))
      : null,
    field && collection.source
      ? element(
          "p",
          {},
          "Its source says what it is indexed by: ",
          element("a", { href: link(`/sources/${part(collection.source)}`) }, collection.source),
          ".",
        )
      : null,
    wrong,
  );
}
