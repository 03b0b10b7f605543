/**
 * Moments, told by how long ago they were, and kept true while the page is open.
 */

import { h } from "./dom.js";
import { span } from "./words.js";

const DATE = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });

/**
 * Returns a moment as `3 min ago`, its date and time in UTC behind it.
 * @param {string} at RFC 3339
 * @param {string} now by the server's clock
 */
export function timeAgo(at, now) {
  return h("time", { datetime: at, title: `${DATE.format(new Date(at))} UTC` }, ago(at, now));
}

/** Says of all moments on the page anew how long ago they were. @param {string} now by the server's clock */
export function retell(now) {
  document.querySelectorAll("time").forEach((each) => {
    const words = ago(each.dateTime, now);
    if (each.textContent !== words) each.textContent = words;
  });
}

/** @param {string} at @param {string} now */
function ago(at, now) {
  const seconds = (Date.parse(now) - Date.parse(at)) / 1000;
  return seconds < 2 ? "just now" : `${span(seconds)} ago`;
}
