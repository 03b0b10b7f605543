/**
 * Marks parts of a text.
 */

import { h } from "./dom.js";

/** Begin and end of a part, the end after its last character. @typedef {[number, number]} Range */

/**
 * Returns ranges as places in a string. The service counts code points, of which a string has some as pairs: an emoji,
 * a rare Chinese character.
 * @param {string} text
 * @param {Range[]} codePoints
 * @returns {Range[]}
 */
export function places(text, codePoints) {
  const starts = [0];
  for (const { length } of text) starts.push(starts[starts.length - 1] + length);
  return codePoints.map(([start, end]) => [starts[start], starts[end]]);
}

/**
 * Returns what ranges cover of the part of a text between two places, counted from the first of them.
 * @param {Range[]} ranges
 * @param {number} from
 * @param {number} to
 * @returns {Range[]}
 */
export function overlap(ranges, from, to) {
  return ranges
    .map(([start, end]) => /** @type {Range} */ ([Math.max(start, from) - from, Math.min(end, to) - from]))
    .filter(([start, end]) => start < end);
}

/**
 * Returns the text with the ranges inside `<mark>`.
 * @param {string} text
 * @param {Range[]} ranges in order, none over another
 * @returns {(Node | string)[]}
 */
export function marked(text, ranges) {
  /** @type {(Node | string)[]} */
  const nodes = [];
  let from = 0;
  for (const [start, end] of ranges) {
    nodes.push(text.slice(from, start), h("mark", {}, text.slice(start, end)));
    from = end;
  }
  nodes.push(text.slice(from));
  return nodes.filter((node) => node !== "");
}
