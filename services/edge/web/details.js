/**
 * The quiet line under the results. Opened, it says how the answer came about, and each result says what found it.
 */

import { h } from "./dom.js";
import { count, milliseconds, nameInWords } from "./format.js";

/** @typedef {import("./api.js").SearchAnswer} SearchAnswer */
/** @typedef {import("./api.js").Result} Result */

const NONE = "none";

export class Details {
  #line = h("summary", { class: "status__line" });
  #facts = h("dl", { class: "facts" });

  constructor() {
    this.element = h("details", { class: "status", hidden: true }, this.#line, this.#facts);
  }

  /** Says nothing. */
  clear() {
    this.element.hidden = true;
  }

  /**
   * Shows how an answer came about; it stays open for the next one.
   * @param {SearchAnswer} answer
   * @param {Result[]} results all that are shown, those of later pages too
   */
  show(answer, results) {
    const found = answer.sources.map(nameInWords).join(" + ");
    this.#line.textContent = [`${count(results.length, "result")} in ${milliseconds(answer.took_ms)}`, found]
      .filter(Boolean)
      .join(" · ");
    this.#facts.replaceChildren(...facts(answer, results).map(([name, value]) => fact(name, value)));
    this.element.hidden = false;
  }
}

/** @param {SearchAnswer} answer @param {Result[]} results @returns {[string, string][]} */
function facts(answer, results) {
  return [
    ["Searched for", answer.correction?.query ?? answer.query],
    ["Sources", amounts(results) || NONE],
    ["Ranker", answer.ranker],
    ["Generation", answer.index_generation],
    ["Delta", answer.index_delta ?? NONE],
    ["Degraded", answer.degraded.map(nameInWords).join(", ") || NONE],
  ];
}

/** Returns `prefix 18, speller 2`. @param {Result[]} results */
function amounts(results) {
  /** @type {Map<string, number>} */
  const bySource = new Map();
  for (const { match } of results) if (match) bySource.set(match.source, (bySource.get(match.source) ?? 0) + 1);
  return [...bySource].map(([source, amount]) => `${nameInWords(source)} ${amount}`).join(", ");
}

/** @param {string} name @param {string} value */
function fact(name, value) {
  return h("div", { class: "facts__row" }, h("dt", {}, name), h("dd", { dir: "auto" }, value));
}
