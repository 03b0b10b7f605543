/**
 * Repeatable chance: the same text always throws the same dice.
 */

/**
 * Returns a source of numbers in [0, 1) that depends on the text alone (FNV-1a to seed, mulberry32 to draw).
 * @param {string} text
 * @returns {() => number}
 */
export function chance(text) {
  let state = 0x811c9dc5;
  for (const letter of text) state = Math.imul(state ^ /** @type {number} */ (letter.codePointAt(0)), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Draws one of several things.
 * @template T
 * @param {() => number} draw
 * @param {readonly T[]} things
 * @returns {T}
 */
export function pick(draw, things) {
  return things[Math.floor(draw() * things.length)];
}
