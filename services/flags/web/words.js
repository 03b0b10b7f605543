/**
 * Says numbers the way a person reads them.
 */

const NUMBER = new Intl.NumberFormat("en");
const UNITS = /** @type {const} */ ([
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["s", 1],
]);

/** @param {number} amount */
export function number(amount) {
  return NUMBER.format(amount);
}

/**
 * Returns `1 process`, `1,200 processes`.
 * @param {number} amount
 * @param {string} one
 * @param {string} [many]
 */
export function count(amount, one, many = `${one}s`) {
  return `${number(amount)} ${amount === 1 ? one : many}`;
}

/**
 * Returns a share as `33.3 %`, `< 0.1 %`, `> 99.9 %`: only all and nothing are said as such.
 * @param {number} part
 * @param {number} whole
 */
export function share(part, whole) {
  if (!whole || !part) return "0 %";
  if (part === whole) return "100 %";
  const percent = (100 * part) / whole;
  return percent < 0.1 ? "< 0.1 %" : percent > 99.9 ? "> 99.9 %" : `${Number(percent.toFixed(1))} %`;
}

/**
 * Returns a length of time in its largest unit: `3 min`.
 * @param {number} seconds
 */
export function span(seconds) {
  const [unit, size] = UNITS.find(([, each]) => seconds >= each) ?? UNITS[UNITS.length - 1];
  return `${Math.max(0, Math.floor(seconds / size))} ${unit}`;
}
