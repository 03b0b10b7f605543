/**
 * What the page says when a search finds nothing: which part of it to let go of.
 */

import { h } from "./dom.js";
import { searchPath } from "./paths.js";

/** How much of a long word to try instead of all of it: most slips come later than that. */
const STEM_LETTERS = 3;

/**
 * Returns an explanation with ways out.
 * @param {string} query
 * @param {import("./filters.js").Filters} filters
 */
export function nothingFound(query, filters) {
  const shorter = shorterQueries(query).map((text) =>
    h("li", {}, h("a", { href: searchPath(text, filters.kind), class: "chip", "data-stop": true, dir: "auto" }, text)),
  );
  return h(
    "div",
    { class: "nothing" },
    h("h2", { class: "nothing__title", dir: "auto" }, `Nothing found for “${query.trim()}”`),
    h("p", {}, "No title, name or credit here has these words, nor words that are spelt much like them."),
    filters.active &&
      h(
        "p",
        {},
        "Filters leave something out. ",
        h("button", { type: "button", class: "button", onclick: () => filters.clear() }, "Search without filters"),
      ),
    shorter.length > 0 &&
      h("div", {}, h("p", {}, "Less may find more:"), h("ul", { class: "nothing__shorter" }, shorter)),
  );
}

/**
 * Returns the query with one word left out, each in turn; of a single word, its beginning.
 * @param {string} query
 * @returns {string[]}
 */
function shorterQueries(query) {
  const words = query.trim().split(/\s+/);
  if (words.length > 1)
    return words.map((_, left) => words.filter((__, place) => place !== left).join(" ")).slice(0, 5);
  const letters = [...words[0]];
  return letters.length > STEM_LETTERS ? [letters.slice(0, STEM_LETTERS).join("")] : [];
}
