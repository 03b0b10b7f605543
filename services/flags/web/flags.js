/**
 * What can be said of a flag, and how it is shown wherever it is.
 */

import { h } from "./dom.js";

/** @typedef {import("./api.js").Flag} Flag */

/** Whether a flag was to be gone by now. @param {Flag} flag @param {string} now */
export function isExpired(flag, now) {
  return flag.expires !== "" && flag.expires < now.slice(0, 10);
}

/** Returns until when the flag is meant to be there. @param {Flag} flag @param {string} now */
export function expiry(flag, now) {
  const expired = isExpired(flag, now);
  const words = flag.expires && `${expired ? "expired" : "expires"} ${flag.expires}`;
  return h("span", { class: expired && "overdue" }, words);
}

/** Returns the address of a flag's own view. @param {string} key */
export function flagHref(key) {
  return `?${new URLSearchParams({ flag: key })}`;
}

/** Returns what shows the state at a glance, and says it. @param {Flag} flag */
export function lamp(flag) {
  if (flag.shared) return h("span", { class: "tag" }, "shared rule");
  if (flag.enabled) return h("span", { class: "lamp lamp--lit" }, h("span", { class: "unseen" }, "enabled"));
  return h("span", { class: "tag tag--trouble" }, "disabled");
}

/** Returns the variants with their values, the default marked. @param {Flag} flag */
export function variantList(flag) {
  const variants = flag.variants.map(({ name, value }) =>
    h(
      "li",
      { class: name === flag.default ? "variant variant--default" : "variant" },
      h("span", {}, name),
      h("code", {}, value),
      name === flag.default && h("span", { class: "variant__note" }, "default"),
    ),
  );
  return h("ul", { class: "variants", "aria-label": "Variants" }, ...variants);
}
