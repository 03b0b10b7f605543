/**
 * What the edge gives a client like this one, and the page fitted to it: the layout is an attribute that style sheets
 * go by, everything else a number or a preference. No script knows a type of client by name.
 */

import { context } from "./api.js";

/** @typedef {import("./api.js").View} View */
/** @typedef {{type: string, view: View}} Client */

/** Longer than this nobody waits for the page to begin. */
const PATIENCE_MS = 2_000;
/** @type {Client} */
const ANYONE = {
  type: "unknown",
  view: { layout: "rows", results: 20, tracks: 50, suggestions: 6, examples: 6, explicit: true, artwork_px: 52 },
};

/** Asks the edge what it gives, and fits the page to it; without an answer the page is as for anyone. */
export async function meet() {
  const { client_type: type, view } = await context(AbortSignal.timeout(PATIENCE_MS)).catch(() => ({
    client_type: ANYONE.type,
    view: ANYONE.view,
  }));
  fit(view);
  return /** @type {Client} */ ({ type, view });
}

/** @param {View} view */
function fit({ layout, artwork_px }) {
  document.documentElement.dataset.layout = layout;
  document.documentElement.style.setProperty("--artwork", `${artwork_px / 16}rem`);
}
