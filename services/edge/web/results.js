/**
 * Draws one result as a row. The whole row leads to the item (its title's link is stretched over it); artists and album
 * are links of their own above that.
 */

import { artwork } from "./artwork.js";
import { creditNodes } from "./credit.js";
import { h } from "./dom.js";
import { duration, KINDS, nameInWords, popularityInWords } from "./format.js";
import { marked, places } from "./marks.js";
import { albumPath, itemPath } from "./paths.js";

/** @typedef {import("./api.js").Result} Result */

/** Of what is listed without having been looked for. @type {import("./api.js").Match} */
const UNMATCHED = { source: "", title: [], credit: [] };

/**
 * Returns a list item that shows the result, with what was looked for marked in it.
 * @param {Result} result
 * @param {{place?: number, artworkPx?: number}} [options] the place to show in a numbered list, where covers would only
 *   repeat one another; how large the cover is, which decides how much is drawn on it
 */
export function row(result, { place, artworkPx = 52 } = {}) {
  const { title: titleRanges, source } = result.match ?? UNMATCHED;
  const title = h(
    "a",
    { href: itemPath(result.kind, result.id), class: "row__title", "data-stop": true },
    ...marked(result.title, places(result.title, titleRanges)),
  );
  return h(
    "li",
    { class: `row row--${result.kind}` },
    place === undefined
      ? h("div", { class: "row__art" }, h("div", { class: `art art--${result.kind}` }, artwork(result, { bars: barsOf(artworkPx) })))
      : h("span", { class: "row__place", "aria-hidden": "true" }, place),
    h(
      "div",
      { class: "row__body" },
      h("div", { class: "row__heading", dir: "auto" }, title, result.explicit && explicitBadge(), source && sourceBadge(source)),
      underTitle(result),
    ),
    result.album && h("a", { href: albumPath(result.album.id), class: "row__album", dir: "auto" }, result.album.title),
    result.release_year && h("span", { class: "row__year" }, result.release_year),
    result.duration_ms && h("span", { class: "row__duration" }, duration(result.duration_ms)),
  );
}

/** Returns how many bars of a waveform can be told apart. @param {number} artworkPx */
function barsOf(artworkPx) {
  return Math.max(9, Math.round(artworkPx / 14));
}

/** Returns the badge of a track whose words are marked as explicit. */
export function explicitBadge() {
  return h(
    "span",
    { class: "badge", title: "Explicit" },
    h("span", { "aria-hidden": "true" }, "E"),
    h("span", { class: "unseen" }, "Explicit"),
  );
}

/** Returns the badge that says what found a result, for who wants to know. @param {string} source */
function sourceBadge(source) {
  return h("span", { class: "row__source" }, h("span", { class: "unseen" }, "Found by "), nameInWords(source));
}

/**
 * Returns placeholders in the shape of rows.
 * @param {number} amount
 */
export function placeholderRows(amount) {
  return Array.from({ length: amount }, () =>
    h(
      "li",
      { class: "row row--placeholder", "aria-hidden": "true" },
      h("div", { class: "row__art" }),
      h("div", { class: "row__body" }, h("i"), h("i")),
    ),
  );
}

/** @param {Result} result */
function underTitle(result) {
  const printed = result.credit ?? "";
  const credit = creditNodes(printed, result.artists, places(printed, (result.match ?? UNMATCHED).credit));
  const label = h("span", { class: result.kind === "track" ? "unseen" : "row__kind" }, KINDS[result.kind].one);
  const rest = result.kind === "artist" ? [popularityInWords(result.popularity)] : credit;
  return h(
    "p",
    { class: "row__line" },
    label,
    ...(rest.length ? [h("span", { class: "row__credit", dir: "auto" }, ...rest)] : []),
  );
}
