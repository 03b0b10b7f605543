/**
 * What can be said of a flag, and how it is shown wherever it is.
 */

import { h } from "./dom.js";
import { timeAgo } from "./time.js";

/** @typedef {import("./api.js").Flag} Flag */

/** Whether a flag was to be gone by now. @param {Flag} flag @param {string} now */
export function isExpired(flag, now) {
  return flag.expires !== "" && flag.expires < now.slice(0, 10);
}

/** Returns whose the flag is, until when it is meant to be there, and its last change. @param {Flag} flag @param {string} now */
export function factsOf(flag, now) {
  const { owner, expires, changed_at, last } = flag;
  const expired = isExpired(flag, now);
  return h(
    "p",
    { class: "flag__facts" },
    owner && h("span", {}, owner),
    expires && h("span", { class: expired && "overdue" }, `${expired ? "expired" : "expires"} ${expires}`),
    h("span", {}, timeAgo(changed_at, now), last && ` by ${last.actor}: ${last.reason}`),
  );
}

/** Returns the address of a flag's own view. @param {string} key */
export function flagHref(key) {
  return `?${new URLSearchParams({ flag: key })}`;
}

/** Returns what shows the state at a glance, and says it. @param {Flag} flag */
export function lamp(flag) {
  if (flag.shared) return h("span", { class: "tag" }, "shared rule");
  if (flag.enabled) return h("span", { class: "lamp lamp--lit" }, h("span", { class: "unseen" }, "enabled"));
  return h("span", { class: "tag tag--trouble" }, "killed");
}

/** Returns the variants with their values, the default marked; nothing of a shared rule. @param {Flag} flag */
export function variantList(flag) {
  if (!flag.variants.length) return null;
  const variants = flag.variants.map(({ name, value }) =>
    h(
      "li",
      { class: name === flag.default ? "variant variant--default" : "variant" },
      h("span", {}, name),
      value !== JSON.stringify(name) && h("code", {}, value),
      name === flag.default && h("span", { class: "variant__note" }, "default"),
    ),
  );
  return h("ul", { class: "variants", "aria-label": "Variants" }, ...variants);
}
