/**
 * Says what was searched for where that is not what was typed.
 */

import { h } from "./dom.js";
import { marked, places } from "./marks.js";
import { searchPath } from "./paths.js";

/**
 * Returns a line with the corrected query, as a link to a search for just that.
 * @param {import("./api.js").Correction} correction
 * @param {import("./paths.js").Kind | null} kind the filter that the link keeps
 */
export function correctionLine({ query, changed }, kind) {
  const link = h(
    "a",
    { href: searchPath(query, kind), class: "correction__query", dir: "auto" },
    ...marked(query, places(query, changed)),
  );
  return h("p", { class: "correction" }, "Showing results for ", link);
}
