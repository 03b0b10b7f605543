/**
 * Says numbers and times the way a person reads them.
 */

const NUMBER = new Intl.NumberFormat("en");
const DATE = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
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
 * Returns a share as `33 %`, `< 1 %`, `> 99 %`: only all and nothing are said as such.
 * @param {number} part
 * @param {number} whole
 */
export function share(part, whole) {
  if (!whole || !part) return "0 %";
  if (part === whole) return "100 %";
  const percent = Math.round((100 * part) / whole);
  return percent < 1 ? "< 1 %" : percent > 99 ? "> 99 %" : `${percent} %`;
}

/**
 * Returns a length of time in its largest unit: `3 min`.
 * @param {number} seconds
 */
export function span(seconds) {
  const [unit, size] = UNITS.find(([, each]) => seconds >= each) ?? UNITS[UNITS.length - 1];
  return `${Math.max(0, Math.floor(seconds / size))} ${unit}`;
}

/**
 * Returns how long ago a moment was: `3 min ago`, `just now`.
 * @param {string} at RFC 3339
 * @param {string} now by the server's clock
 */
export function ago(at, now) {
  const seconds = (Date.parse(now) - Date.parse(at)) / 1000;
  return seconds < 2 ? "just now" : `${span(seconds)} ago`;
}

/**
 * Returns a moment in full, in UTC: what a log has, too.
 * @param {string} at RFC 3339
 */
export function moment(at) {
  return `${DATE.format(new Date(at))} UTC`;
}
