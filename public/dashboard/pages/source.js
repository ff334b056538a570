/** A source: its health, its runs with charts and rejects, its definition to read and to edit. */

import { element } from "/lib/dom.js";
import { ask } from "../api.js";
import { badge } from "../badge.js";
import { live } from "../live.js";
import { part } from "../router.js";
import { EVERY_S, GOING, GOING_EVERY_S, current, ended, progress, start } from "../runs.js";
import { session } from "../session.js";
import { slot } from "../slot.js";
import { definitionPart } from "../source/definition.js";
import { actions, remove, setPaused, summary, trouble } from "../source/head.js";
import { charts, history } from "../source/history.js";
import { runDetail } from "../source/run_detail.js";
import { mistake } from "../states.js";

/** Shows a source and keeps it right. */
export async function show(main, { params, query, signal }) {
  const name = params.source;
  const path = `/get_sources/${part(name)}`;
  const view = frame(name);
  let chosen = query.get("run");
  let runs = [];
  let source;
  let seenRun = null; // the run that was started here or seen going on, until its end was told
  let definition = null;
  let soon = null;

  const act = async (doing) => {
    view.wrong.replaceChildren();
    try {
      await doing();
      soon?.();
    } catch (error) {
      view.wrong.replaceChildren(mistake(error));
    }
  };
  const acts = {
    run: () => act(() => started(start(name))),
    accept: () => act(() => started(start(name, { accept: true }))),
    pause: (paused) => act(() => setPaused(name, paused)),
    remove: () => act(() => remove(source)),
  };

  async function started(starting) {
    seenRun = await starting; // it may be over before it is looked at
  }

  async function look() {
    ({ data: source } = await ask(path, { signal }));
    const going = session.admin ? await current(source, signal) : null;
    if (going) seenRun = source.queued;
    view.health.show(source.status, badge);
    view.summary.show([source.last_success, source.next_run, source.status === "paused", source.count], () =>
      summary(source),
    );
    view.actions.show([source.status, source.file, Boolean(source.definition)], () => actions(source, acts));
    view.trouble.show([source.status, source.reason], () => trouble(source, acts));
    if (going) view.going.show(going, progress);
    else if (seenRun) view.going.show(seenRun, () => null);
    if (session.admin) await refresh(going);
    return going ? GOING_EVERY_S : EVERY_S;
  }

  async function refresh(going) {
    if (!definition)
      view.definition.append((definition = definitionPart(source, { saved: () => soon?.(), signal })).node);
    definition.show(source);
    const { data, unchanged } = await ask(`/get_runs/${part(name)}`, { signal });
    if (unchanged && runs.length && !seenRun) return;
    runs = data.runs.filter((run) => !GOING.has(run.status));
    const last = runs.find((run) => run.run === seenRun);
    if (last && !going) {
      view.going.show(last, ended);
      seenRun = null;
    }
    showRuns();
    view.charts.show(
      runs.map((run) => run.run),
      () => null,
    );
    if (runs.length > 1) draw();
  }

  async function draw() {
    try {
      view.charts.node.replaceChildren(...(await charts(name, signal)));
    } catch (error) {
      if (!signal.aborted) view.charts.node.replaceChildren(mistake(error));
    }
  }

  function showRuns() {
    const one = runs.find((run) => run.run === chosen) ?? runs[0];
    view.runs.show([one?.run, runs.map((run) => run.run)], () =>
      one ? history(name, runs, one.run) : element("p", { class: "quiet" }, "It has not run yet."),
    );
    view.detail.show(one ?? null, (run) => (run ? runDetail(run) : null));
  }

  main.append(view.node);
  soon = await live(look, signal);
  return {
    update(changed) {
      chosen = changed.get("run");
      showRuns();
      document.getElementById("run")?.scrollIntoView({ block: "nearest" });
    },
  };
}

/** The places of the page, empty. */
function frame(name) {
  const places = { wrong: element("div"), definition: element("div") };
  for (const place of ["health", "summary", "actions", "trouble", "going", "runs", "charts", "detail"]) {
    places[place] = slot("div", { class: place });
  }
  const admin = (title, ...content) =>
    session.admin ? element("section", {}, element("h2", {}, title), content) : null;
  places.node = element(
    "div",
    {},
    element(
      "div",
      { class: "head" },
      element("div", {}, element("h1", {}, name), places.health.node, places.summary.node),
      places.actions.node,
    ),
    places.wrong,
    places.trouble.node,
    places.going.node,
    admin("Runs", places.runs.node, places.detail.node, places.charts.node),
    admin("Definition", places.definition),
    session.admin
      ? null
      : element(
          "p",
          { class: "note" },
          `Its runs and its definition are for administrators.${session.who ? "" : " Sign in to see them."}`,
        ),
  );
  return places;
}
