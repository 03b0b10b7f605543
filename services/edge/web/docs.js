/**
 * The documentation's beginning: fetches the OpenAPI document and draws all of it.
 */

import { getJson, Trouble } from "./api.js";
import { h } from "./dom.js";
import { Notice } from "./notice.js";
import { Document } from "./openapi.js";
import { operationSection } from "./operation.js";
import { patiently } from "./patience.js";
import { prose } from "./prose.js";

/** @typedef {import("./openapi.js").Group} Group */

const outlet = /** @type {HTMLElement} */ (document.getElementById("main"));
const contents = /** @type {HTMLElement} */ (document.getElementById("contents"));
const notice = new Notice();

async function load() {
  outlet.replaceChildren(notice.element);
  const stages = {
    onPlaceholder: () => {},
    onSlow: () => notice.note("Taking longer than usual…"),
    onWait: (/** @type {Trouble} */ trouble, /** @type {number} */ waitS) => notice.waiting(trouble, waitS),
  };
  try {
    draw(
      new Document(await patiently((signal) => getJson("/openapi.json", signal), new AbortController().signal, stages)),
    );
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    notice.failed(error, load);
  }
}

/** @param {Document} api */
function draw(api) {
  const { title = "API", version = "", description = "" } = api.source.info ?? {};
  const { groups } = api;
  document.title = `${title} API`;
  contents.replaceChildren(...groups.map(contentsOf));
  outlet.replaceChildren(
    h(
      "header",
      { class: "docs__intro" },
      h("h1", {}, `${title} API`),
      h("p", { class: "docs__version" }, `Version ${version} · `, h("a", { href: "/openapi.json" }, "openapi.json")),
      ...prose(description),
    ),
    ...groups.map(({ name, description: about, operations }) =>
      h(
        "section",
        { class: "group" },
        h("h2", {}, name),
        ...prose(about ?? ""),
        ...operations.map((operation) => operationSection(api, operation)),
      ),
    ),
  );
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

/** @param {Group} group */
function contentsOf({ name, operations }) {
  const links = operations.map(({ id, path, method, summary }) =>
    h("li", {}, h("a", { href: `#${id}`, title: `${method} ${path}` }, summary || path)),
  );
  return h("div", {}, h("p", { class: "contents__group" }, name), h("ul", {}, links));
}

load();
