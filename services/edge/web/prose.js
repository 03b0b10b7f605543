/**
 * Draws the little Markdown that descriptions are written in: paragraphs, lists, code, bold.
 */

import { h } from "./dom.js";

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*/g;

/**
 * Returns the text's blocks.
 * @param {string} text
 * @returns {HTMLElement[]}
 */
export function prose(text) {
  return text
    .split(/\n\s*\n/)
    .filter((block) => block.trim())
    .map(block);
}

/**
 * Returns a line of text with its code and bold parts.
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function inline(text) {
  /** @type {(Node | string)[]} */
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(text.slice(from, match.index), match[1] ? h("code", {}, match[1]) : h("strong", {}, match[2]));
    from = match.index + match[0].length;
  }
  return [...nodes, text.slice(from)];
}

/** @param {string} text */
function block(text) {
  const lines = text.trim().split("\n");
  if (!lines.every((line) => /^\s*[-*] /.test(line))) return h("p", {}, ...inline(lines.join(" ")));
  return h(
    "ul",
    {},
    lines.map((line) => h("li", {}, ...inline(line.replace(/^\s*[-*] /, "")))),
  );
}
