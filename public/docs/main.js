/** The reference: reads /openapi.json of the site it is on, and shows every route of it. */

import { element } from "/lib/dom.js";
import { byTag, operations } from "./operations.js";
import { route } from "./route.js";

const SPECIFICATION = "/openapi.json";

const at = (id) => document.getElementById(id);

function show(specification) {
  at("title").textContent = `${specification.info.title}: API reference`;
  at("lead").textContent = specification.info.description ?? "";
  const key = () => at("key").value;
  const found = operations(specification);
  for (const [tag, group] of byTag(found)) {
    at("routes").append(
      element("section", { "aria-label": tag }, element("h2", {}, tag), group.map((one) => route(one, key))),
    );
  }
  at("state").textContent = `${found.length} routes`;
}

function filter() {
  const wanted = at("find").value.trim().toLowerCase();
  for (const section of at("routes").children) {
    const parts = [...section.querySelectorAll(".route")];
    for (const part of parts) part.hidden = !part.firstChild.textContent.toLowerCase().includes(wanted);
    section.hidden = parts.every((part) => part.hidden);
  }
}

function openNamed() {
  const part = at(location.hash.slice(1));
  if (part?.matches(".route")) {
    part.open = true;
    part.scrollIntoView();
  }
}

async function start() {
  try {
    const answer = await fetch(SPECIFICATION);
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    show(await answer.json());
    openNamed();
  } catch (error) {
    at("state").textContent = `${SPECIFICATION} cannot be read: ${error.message}. Start it with: python3 dev.py serve`;
  }
}

at("tools").addEventListener("submit", (event) => event.preventDefault());
at("find").addEventListener("input", filter);
addEventListener("hashchange", openNamed);
start();
