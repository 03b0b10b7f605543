/**
 * The large cover beside the results on wide screens, of the row that is looked at. It repeats the row, so assistive
 * technology does not get it.
 */

import { artwork, hue } from "./artwork.js";
import { h } from "./dom.js";
import { KINDS, duration } from "./format.js";

/** @typedef {import("./api.js").Result} Result */

export class Preview {
  /** @type {Result | null} */
  #shown = null;

  constructor() {
    this.element = h("aside", { class: "preview", "aria-hidden": "true" });
  }

  /**
   * Shows a result, whose hue what stands around may be tinted with, or nothing.
   * @param {Result | null} result
   */
  show(result) {
    if (result === this.#shown) return;
    this.#shown = result;
    if (result) this.element.parentElement?.style.setProperty("--hue", String(hue(result)));
    this.element.replaceChildren(...(result ? content(result) : []));
  }
}

/** @param {Result} result */
function content(result) {
  const facts = [
    KINDS[result.kind].one,
    result.release_year,
    result.duration_ms && duration(result.duration_ms),
  ].filter(Boolean);
  return [
    h("div", { class: `art art--${result.kind} art--large` }, artwork(result, { bars: 21 })),
    h("p", { class: "preview__title", dir: "auto" }, result.title),
    result.credit ? h("p", { class: "preview__credit", dir: "auto" }, result.credit) : new Text(),
    h("p", { class: "preview__facts" }, facts.join(" · ")),
  ];
}
