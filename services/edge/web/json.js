/**
 * Shows JSON with its parts told apart.
 */

import { h } from "./dom.js";

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*|true|false|null)/g;

/**
 * Returns the value as indented text, keys, texts and other values in spans of their own.
 * @param {unknown} value
 * @returns {(Node | string)[]}
 */
export function printed(value) {
  const text = JSON.stringify(value, null, 2);
  /** @type {(Node | string)[]} */
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [whole, string, colon] = match;
    const shown = string ?? whole;
    nodes.push(
      text.slice(from, match.index),
      h("span", { class: colon ? "json__key" : string ? "json__text" : "json__value" }, shown),
    );
    from = match.index + shown.length;
  }
  return [...nodes, text.slice(from)];
}
