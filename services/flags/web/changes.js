/**
 * What was changed, when, by whom, and why.
 */

import { h } from "./dom.js";
import { flagHref } from "./flags.js";
import { timeAgo } from "./time.js";

/** @typedef {import("./api.js").Change} Change */

/** What was done, as people say it. @type {Record<string, string>} */
const DONE = {
  put: "changed",
  kill: "killed",
  restore: "restored",
  remove: "removed",
  adopt: "went on from an older store",
};

/**
 * Returns a change as an item of a list.
 * @param {Change} change
 * @param {string} now
 * @param {boolean} named whether to say which flag it was
 */
export function changeItem(change, now, named) {
  const { action, actor, at, generation, key, made, reason } = change;
  return h(
    "li",
    { class: `change change--${action in DONE ? action : "other"}` },
    h(
      "p",
      { class: "change__what" },
      named && key && h("a", { href: flagHref(key) }, key),
      named && key && " ",
      made ? "made" : (DONE[action] ?? action),
    ),
    h("p", { class: "change__why" }, reason),
    h(
      "p",
      { class: "change__who" },
      actor,
      " · ",
      timeAgo(at, now),
      ` · generation ${generation}`,
    ),
  );
}
