/**
 * A row of completions under the search box. It is a convenience: it never waits, never complains, and an answer that
 * comes late is not shown.
 */

import { suggest } from "./api.js";
import { h, icon } from "./dom.js";
import { fold, highlighted } from "./highlight.js";
import { searchPath } from "./paths.js";

export class Suggestions {
  #flight = new AbortController();

  /** @param {number} limit how many to show; none are asked for where it is 0 */
  constructor(limit) {
    this.limit = limit;
    this.element = h("ul", { class: "suggestions", "aria-label": "Suggestions" });
  }

  /** Shows none, and forgets a question on its way. */
  clear() {
    this.#flight.abort();
    this.element.replaceChildren();
  }

  /**
   * Shows completions of what has been typed.
   * @param {string} query
   * @param {import("./paths.js").Kind | null} kind the filter that a completion keeps
   */
  async show(query, kind) {
    this.#flight.abort();
    if (!this.limit) return;
    this.#flight = new AbortController();
    const { suggestions } = await suggest(query, this.limit, this.#flight.signal).catch(() => ({ suggestions: [] }));
    if (this.#flight.signal.aborted) return;
    const others = suggestions.filter(({ text }) => fold(text) !== fold(query.trim()));
    this.element.replaceChildren(...others.map((suggestion) => completion(suggestion, query, kind)));
  }
}

/**
 * @param {import("./api.js").Suggestion} suggestion
 * @param {string} query
 * @param {import("./paths.js").Kind | null} kind
 */
function completion(suggestion, query, kind) {
  const link = h(
    "a",
    { href: searchPath(suggestion.text, kind), class: "suggestion", dir: "auto" },
    icon(suggestion.kind),
    h("span", {}, ...highlighted(suggestion.text, query)),
  );
  return h("li", {}, link);
}
